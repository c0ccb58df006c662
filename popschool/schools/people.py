"""People: made, changed, found by name, mail, phone or number without accents."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.sql import Select

from popschool import audit
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.schools.models import Accommodation, Cohort, Enrolment, Person
from popschool.schools.rules import check_dates, normalise_mail, normalise_number, normalise_phone, search_key


@dataclass
class HandleTaken(RuleBroken):
    """This mail, phone or number belongs to somebody else."""

    field: str
    value: str


@dataclass
class Unreachable(RuleBroken):
    """A person needs a mail, a phone number or a learner's number."""


def key_of(person: Person) -> str:
    """Return what a search looks in."""
    national = f"0{person.phone[3:]}" if person.phone and person.phone.startswith("+33") else None
    return search_key(
        person.first_name,
        person.last_name,
        person.mail,
        person.phone,
        national,
        person.learner_number,
        f"{person.last_name} {person.first_name}",
    )[:500]


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
    """Add a person inside the caller's transaction. Raises Unreachable, HandleTaken or PhoneUnreadable."""
    person = Person(
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        home_school_id=home_school_id,
        created_at=now,
        search_key="",
        preferences={},
        language="fr",
    )
    _give_handles(person, mail, phone, learner_number)
    db.session.add(person)
    db.session.flush()
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
    """Correct a person's identity; what they signed and sent stays as it was."""
    with transaction(lock=person):
        person.first_name, person.last_name = first_name.strip(), last_name.strip()
        _give_handles(person, mail, phone, learner_number)
        audit.record("edit_person", person, actor_id=actor_id, now=now, school_id=person.home_school_id)


def _give_handles(person: Person, mail: str | None, phone: str | None, number: str | None) -> None:
    mail = normalise_mail(mail) if mail and mail.strip() else None
    number = normalise_number(number) if number and number.strip() else None
    cleaned = normalise_phone(phone) if phone and phone.strip() else None
    if not (mail or cleaned or number):
        raise Unreachable
    with db.session.no_autoflush:
        for field, column, value in (
            ("mail", Person.mail, mail),
            ("phone", Person.phone, cleaned),
            ("learner_number", Person.learner_number, number),
        ):
            if value is None:
                continue
            other = db.session.scalar(select(Person.id).where(column == value, Person.id != (person.id or 0)))
            if other is not None:
                raise HandleTaken(field, value)
    person.mail, person.phone, person.learner_number = mail, cleaned, number
    person.search_key = key_of(person)


def create_person(
    first_name: str,
    last_name: str,
    mail: str | None,
    phone: str | None,
    number: str | None,
    school_id: int,
    actor_id: int,
    now: datetime,
) -> Person:
    """Add a person to a school."""
    with transaction(lock=f"people/{school_id}"):
        person = new_person(
            first_name, last_name, now=now, mail=mail, phone=phone, learner_number=number, home_school_id=school_id
        )
        audit.record("create_person", person, actor_id=actor_id, now=now, school_id=school_id)
    return person


def visible_people(schools: frozenset[int] | None, cohorts: frozenset[int]) -> Select:
    """Return the query of the people somebody may see: of their schools, or of the cohorts they train. None is all."""
    query = select(Person)
    if schools is None:
        return query
    enrolled = select(Enrolment.person_id).where(
        or_(Enrolment.school_id.in_(schools), Enrolment.cohort_id.in_(cohorts))
    )
    return query.where(or_(Person.home_school_id.in_(schools), Person.id.in_(enrolled)))


def find_people(
    text: str, schools: frozenset[int] | None, cohorts: frozenset[int], offset: int, limit: int
) -> tuple[list[Person], int]:
    """Return a page of people whose name, mail, phone or number holds every word of `text`."""
    query = visible_people(schools, cohorts)
    for word in search_key(text).split()[:6]:
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(Person.search_key.like(f"%{escaped}%", escape="\\"))
    total = db.session.scalar(select(func.count()).select_from(query.subquery()))
    lines = db.session.scalars(
        query.order_by(Person.last_name, Person.first_name, Person.id).offset(offset).limit(limit)
    ).all()
    return list(lines), total


def enrolments_of(person_id: int) -> list[Enrolment]:
    """Return a person's enrolments with their cohorts, the latest first."""
    return list(
        db.session.scalars(
            select(Enrolment)
            .join(Enrolment.cohort)
            .where(Enrolment.person_id == person_id)
            .order_by(Enrolment.starts_on.desc(), Enrolment.id.desc())
        )
    )


def places_of(person: Person) -> tuple[set[int], set[int]]:
    """Return the schools and cohorts through which a person is known."""
    rows = db.session.execute(
        select(Enrolment.school_id, Enrolment.cohort_id).where(Enrolment.person_id == person.id)
    ).all()
    schools = {row.school_id for row in rows} | ({person.home_school_id} if person.home_school_id else set())
    return schools, {row.cohort_id for row in rows}


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
) -> Accommodation:
    """Arrange something for a person: what, from when, by whom; never why."""
    check_dates(starts_on, ends_on)
    with transaction(lock=person):
        arranged = Accommodation(
            person_id=person.id,
            school_id=school_id,
            deadline_days=deadline_days,
            extra_time_percent=extra_time_percent,
            format=format,
            breaks=breaks,
            starts_on=starts_on,
            ends_on=ends_on,
            decided_by_id=actor_id,
            created_at=now,
        )
        db.session.add(arranged)
        audit.record("arrange", arranged, actor_id=actor_id, now=now, person_id=person.id)
    return arranged


def end_accommodation(arranged: Accommodation, on: date, actor_id: int, now: datetime) -> None:
    """End what was arranged after this day."""
    with transaction():
        arranged.ends_on = max(on, arranged.starts_on)
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
