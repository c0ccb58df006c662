"""People: made, changed, found by name, mail, phone or number without accents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Date, Integer, bindparam, func, or_, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql import Select

from popschool import audit
from popschool.db import count_up_to, db, transaction
from popschool.errors import RuleBroken
from popschool.schools.models import Accommodation, Cohort, Enrolment, Person, PersonMerge, Posting
from popschool.schools.rules import (
    check_dates,
    name_key,
    normalise_mail,
    normalise_phone,
    person_key,
    read_number,
    search_key,
)


@dataclass
class HandleTaken(RuleBroken):
    """This mail, phone or number belongs to somebody else."""

    field: str
    value: str


@dataclass
class Unreachable(RuleBroken):
    """A person needs a mail, a phone number or a learner's number."""


def new_person(
    first_name: str,
    last_name: str,
    *,
    now: datetime,
    mail: str | None = None,
    phone: str | None = None,
    learner_number: str | None = None,
    home_school_id: int | None = None,
) -> Person:
    """Add a person inside the caller's transaction.

    Raises Unreachable, HandleTaken, PhoneUnreadable or NumberUnreadable.
    """
    person = Person(
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        home_school_id=home_school_id,
        created_at=now,
        search_key="",
        preferences={},
        language="fr",
    )
    _give_handles(person, Handles.read(mail, phone, learner_number))
    db.session.add(person)
    _flush(person)
    return person


def edit_person(
    person: Person,
    first_name: str,
    last_name: str,
    mail: str | None,
    phone: str | None,
    learner_number: str | None,
    actor_id: int,
    now: datetime,
) -> None:
    """Correct a person's identity; what they signed and sent stays as it was. Raises what `new_person` does."""
    with transaction(lock=person):
        db.session.refresh(person)
        names = ("first_name", "last_name", "mail", "phone", "learner_number")
        before = [getattr(person, name) for name in names]
        person.first_name, person.last_name = first_name.strip(), last_name.strip()
        _give_handles(person, Handles.read(mail, phone, learner_number))
        _flush(person)
        changed = [name for name, old in zip(names, before, strict=True) if getattr(person, name) != old]
        audit.record(
            "edit_person", person, actor_id=actor_id, now=now, school_id=person.home_school_id, changed=changed
        )


@dataclass(frozen=True)
class Handles:
    """The ways to reach and to name a person, as they are kept; None where there is none."""

    mail: str | None
    phone: str | None
    learner_number: str | None

    @classmethod
    def read(cls, mail: str | None, phone: str | None, number: str | None) -> "Handles":
        """Read what was written. Raises PhoneUnreadable, NumberUnreadable or Unreachable."""
        found = cls(
            normalise_mail(mail) if mail and mail.strip() else None,
            normalise_phone(phone) if phone and phone.strip() else None,
            read_number(number) if number and number.strip() else None,
        )
        if not found.given():
            raise Unreachable
        return found

    def given(self) -> dict[str, str]:
        """Return those that are known, by the name of their column."""
        return {name: value for name, value in vars(self).items() if value is not None}


def _give_handles(person: Person, handles: Handles) -> None:
    with db.session.no_autoflush:
        for name, value in handles.given().items():
            taken = select(Person.id).where(getattr(Person, name) == value, Person.id != (person.id or 0))
            if db.session.scalar(taken) is not None:
                raise HandleTaken(name, value)
    person.mail, person.phone, person.learner_number = handles.mail, handles.phone, handles.learner_number
    person.search_key = person_key(
        person.first_name, person.last_name, handles.mail, handles.phone, handles.learner_number
    )


def _flush(person: Person) -> None:
    """Write a person down. Raises HandleTaken when somebody else was given a handle at the same moment."""
    handles = Handles(person.mail, person.phone, person.learner_number)
    try:
        db.session.flush()
    except IntegrityError as error:
        for name, value in handles.given().items():
            if f"person_{name}" in str(error.orig) or f"person.{name}" in str(error.orig):
                raise HandleTaken(name, value) from error
        raise


def find_again(first_name: str, last_name: str, handles: Handles) -> Person | None:
    """Return who has this name and one of these handles; None when nobody has any of them.

    Raises HandleTaken when one belongs to somebody of another name, or whose other handles differ.
    """
    given = handles.given()
    found = db.session.scalars(
        select(Person).where(or_(*(getattr(Person, name) == value for name, value in given.items())))
    ).all()
    for person in found:
        shared = next(name for name, value in given.items() if getattr(person, name) == value)
        differs = any(getattr(person, name) not in (None, value) for name, value in given.items())
        is_other = name_key(person.first_name, person.last_name) != name_key(first_name, last_name)
        if differs or is_other or len(found) > 1:
            raise HandleTaken(shared, given[shared])
    return found[0] if found else None


def visible_people(schools: frozenset[int] | None, cohorts: frozenset[int], staff: Select | None = None) -> Select:
    """Return the query of the people somebody may see: of their schools, or of the cohorts they train. None is all.

    `staff` gives the ids of those who work at these schools. A record that was merged into another is left out.
    """
    query = select(Person).where(Person.id.not_in(select(PersonMerge.merged_id)))
    if schools is None:
        return query
    # A union of ids, where each way has its index: with OR the whole table of people would be read.
    ways = [
        select(Person.id).where(Person.home_school_id.in_(schools)),
        select(Enrolment.person_id).where(Enrolment.school_id.in_(schools)),
        select(Enrolment.person_id).where(Enrolment.cohort_id.in_(cohorts)),
        select(Posting.person_id).where(Posting.school_id.in_(schools)),
    ]
    if staff is not None:
        ways.append(staff)
    return query.where(Person.id.in_(union(*ways)))


def find_people(
    text: str,
    schools: frozenset[int] | None,
    cohorts: frozenset[int],
    offset: int,
    limit: int,
    staff: Select | None = None,
    most: int | None = None,
) -> tuple[list[Person], int]:
    """Return a page of people whose name, mail, phone or number holds every word of `text`, and how many there are.

    They are counted up to `most`, when it is given, and one more stands for the rest.
    """
    query = visible_people(schools, cohorts, staff)
    for word in search_key(text).split()[:6]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(Person.search_key.like(f"%{escaped}%", escape="\\"))
    total = count_up_to(query.with_only_columns(Person.id), most)
    lines = db.session.scalars(
        query.order_by(Person.last_name, Person.first_name, Person.id).offset(offset).limit(limit)
    ).all()
    return list(lines), total


def enrolments_of(person_id: int) -> list[Enrolment]:
    """Return a person's enrolments with their cohorts, the latest first. One query."""
    return list(
        db.session.scalars(
            select(Enrolment)
            .join(Enrolment.cohort)
            .where(Enrolment.person_id == person_id)
            .order_by(Enrolment.starts_on.desc(), Enrolment.id.desc())
            .options(contains_eager(Enrolment.cohort), joinedload(Enrolment.person))
        )
    )


def merges_about(person_id: int) -> list[PersonMerge]:
    """Return the merges of which a record is part, the last first. One query."""
    asked = select(PersonMerge).where((PersonMerge.merged_id == person_id) | (PersonMerge.kept_id == person_id))
    return list(db.session.scalars(asked.order_by(PersonMerge.merged_at.desc())))


def next_place_of(person_id: int, today: date) -> Enrolment | None:
    """Return the first place of a person that is still to come, with its cohort."""
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.cohort)
        .options(contains_eager(Enrolment.cohort))
        .where(Enrolment.person_id == person_id, Enrolment.starts_on > today, Enrolment.left_on.is_(None))
        .order_by(Enrolment.starts_on)
        .limit(1)
    ).first()


def accommodations_of(person_id: int, on: date | None = None) -> list[Accommodation]:
    """Return what is arranged for a person; with a day, what holds on it."""
    query = select(Accommodation).where(Accommodation.person_id == person_id).order_by(Accommodation.starts_on)
    if on is not None:
        query = query.where(
            Accommodation.starts_on <= on, or_(Accommodation.ends_on.is_(None), Accommodation.ends_on >= on)
        )
    return list(db.session.scalars(query))


def arrange(
    person: Person,
    school_id: int,
    *,
    deadline_days: int,
    extra_time_percent: int,
    format: str,
    breaks: str,
    starts_on: date,
    ends_on: date | None,
    actor_id: int,
    now: datetime,
    quiet_place: bool = False,
    sign_language: bool = False,
    fewer_reviews: int = 0,
) -> Accommodation:
    """Arrange something for a person: what, from when, by whom; never why. The same asked for twice is arranged once.

    Raises DatesInverted.
    """
    check_dates(starts_on, ends_on)
    what = {"deadline_days": deadline_days, "extra_time_percent": extra_time_percent, "format": format.strip()}
    what |= {"breaks": breaks.strip(), "starts_on": starts_on, "ends_on": ends_on}
    what |= {"quiet_place": quiet_place, "sign_language": sign_language, "fewer_reviews": fewer_reviews}
    with transaction(lock=person):
        for known in accommodations_of(person.id):
            if all(getattr(known, name) == value for name, value in what.items()):
                return known
        arranged = Accommodation(
            person_id=person.id, school_id=school_id, decided_by_id=actor_id, created_at=now, **what
        )
        db.session.add(arranged)
        audit.record("arrange", arranged, actor_id=actor_id, now=now, person_id=person.id)
    return arranged


def arranged_at(school_id: int, on: date, offset: int, limit: int) -> tuple[list[tuple[Accommodation, Person]], int]:
    """Return a page of what holds at a school on a day or will, with whom it is for, and how many there are."""
    holds = (_holds_at(school_id), or_(Accommodation.ends_on.is_(None), Accommodation.ends_on >= on))
    learning = select(Enrolment.person_id).where(Enrolment.school_id == school_id, Enrolment.left_on.is_(None))
    holds = (*holds, or_(Accommodation.school_id == school_id, Accommodation.person_id.in_(learning)))
    lines = db.session.execute(
        select(Accommodation, Person)
        .join(Person, Person.id == Accommodation.person_id)
        .where(*holds)
        .order_by(Person.search_key, Accommodation.id)
        .offset(offset)
        .limit(limit)
    ).all()
    total = db.session.scalar(select(func.count()).select_from(Accommodation).where(*holds)) or 0
    return [(one, person) for one, person in lines], total


def arranged_for(people: Iterable[int], school_id: int, on: date) -> dict[int, list[Accommodation]]:
    """Return what holds for each of these people at a school on a day: what its team has to do. One query."""
    found: dict[int, list[Accommodation]] = {}
    for one in db.session.scalars(_arranged(), {"people": list(people), "school": school_id, "on": on}):
        found.setdefault(one.person_id, []).append(one)
    return found


@cache
def _arranged() -> Select:
    on = bindparam("on", type_=Date)
    return (
        select(Accommodation)
        .where(
            Accommodation.person_id.in_(bindparam("people", expanding=True)),
            _holds_at(bindparam("school", type_=Integer)),
            Accommodation.starts_on <= on,
            or_(Accommodation.ends_on.is_(None), Accommodation.ends_on >= on),
        )
        .order_by(Accommodation.id)
    )


def _holds_at(school_id: int | BindParameter[int]) -> ColumnElement[bool]:
    return or_(Accommodation.school_id == school_id, Accommodation.follows)


def let_follow(person: Person, follows: bool, now: datetime) -> None:
    """Note whether a person agrees that what is arranged for them holds, and is seen, at their other schools."""
    with transaction(lock=person):
        for one in accommodations_of(person.id):
            if one.follows != follows:
                one.follows = follows
                audit.record("follow_accommodation", one, actor_id=person.id, now=now, person_id=person.id,
                             follows=follows)  # fmt: skip


def end_accommodation(arranged: Accommodation, on: date, actor_id: int, now: datetime) -> None:
    """End what was arranged after this day; what had not begun by then never does."""
    with transaction(lock=arranged):
        db.session.refresh(arranged)
        arranged.ends_on = max(on, arranged.starts_on - timedelta(days=1))
        audit.record("end_accommodation", arranged, actor_id=actor_id, now=now, person_id=arranged.person_id)


def cohort_of(person_id: int, cohort_id: int, on: date) -> Enrolment | None:
    """Return the place this person has in a cohort on a day."""
    return db.session.scalars(
        select(Enrolment)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.cohort_id == cohort_id,
            Enrolment.starts_on <= on,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= on,
        )
    ).first()
