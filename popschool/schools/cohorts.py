"""Cohorts: opened, changed, archived; people enrolled, moved, leaving; trainers posted. All of it dated."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from popschool import audit
from popschool.db import db, transaction
from popschool.schools import rules
from popschool.schools.models import Cohort, Enrolment, Person, Posting, School


def open_cohort(
    school: School,
    *,
    programme_id: int,
    revision_id: int,
    code: str,
    name: str,
    starts_on: date,
    ends_on: date,
    actor_id: int,
    now: datetime,
) -> Cohort:
    """Open a cohort on a programme, pinned to a revision. Raises DatesInverted or CodeTaken."""
    rules.check_dates(starts_on, ends_on)
    code = code.strip().upper()
    with transaction(lock=f"cohort/{code}"):
        _check_code(code, None)
        cohort = Cohort(
            school_id=school.id,
            programme_id=programme_id,
            revision_id=revision_id,
            code=code,
            name=name.strip(),
            starts_on=starts_on,
            ends_on=ends_on,
        )
        db.session.add(cohort)
        audit.record("open_cohort", cohort, actor_id=actor_id, now=now, code=code)
    return cohort


def _check_code(code: str, cohort_id: int | None) -> None:
    taken = db.session.scalar(select(Cohort.id).where(Cohort.code == code, Cohort.id != (cohort_id or 0)))
    if taken is not None:
        raise rules.CodeTaken(code)


def edit_cohort(cohort: Cohort, name: str, starts_on: date, ends_on: date, actor_id: int, now: datetime) -> None:
    """Change the name or the dates; people's own places keep theirs. Raises DatesInverted or CohortArchived."""
    rules.check_dates(starts_on, ends_on)
    check_open(cohort)
    with transaction(lock=cohort):
        before = [cohort.name, str(cohort.starts_on), str(cohort.ends_on)]
        cohort.name, cohort.starts_on, cohort.ends_on = name.strip(), starts_on, ends_on
        audit.record("edit_cohort", cohort, actor_id=actor_id, now=now, before=before)


def archive(cohort: Cohort, actor_id: int, now: datetime) -> None:
    """Put a cohort away: it can be read, not changed."""
    with transaction(lock=cohort):
        cohort.archived_at = cohort.archived_at or now
        audit.record("archive_cohort", cohort, actor_id=actor_id, now=now)


def reopen(cohort: Cohort, actor_id: int, now: datetime) -> None:
    with transaction(lock=cohort):
        cohort.archived_at = None
        audit.record("reopen_cohort", cohort, actor_id=actor_id, now=now)


def check_open(cohort: Cohort) -> None:
    """Raises CohortArchived."""
    if cohort.archived_at is not None:
        raise rules.CohortArchived(cohort.code)


def enrol(
    person: Person,
    cohort: Cohort,
    starts_on: date,
    ends_on: date,
    actor_id: int | None,
    now: datetime,
    follows: Enrolment | None = None,
) -> Enrolment:
    """Give a person a dated place. Raises OutsideCohort, AlreadyEnrolled or CohortArchived."""
    check_open(cohort)
    rules.check_within(starts_on, ends_on, cohort.code, cohort.starts_on, cohort.ends_on)
    with transaction(lock=(person, cohort)):
        held = db.session.scalars(
            select(Enrolment).where(Enrolment.person_id == person.id, Enrolment.cohort_id == cohort.id)
        )
        rules.check_free(cohort.code, (starts_on, ends_on), [(one.starts_on, one.last_day) for one in held])
        enrolment = Enrolment(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            person_id=person.id,
            starts_on=starts_on,
            ends_on=ends_on,
            follows_id=follows.id if follows else None,
            created_at=now,
        )
        db.session.add(enrolment)
        if person.home_school_id is None:
            person.home_school_id = cohort.school_id
        audit.record("enrol", enrolment, actor_id=actor_id, now=now, person_id=person.id, cohort_id=cohort.id)
    return enrolment


def end_enrolment(
    enrolment: Enrolment, left_on: date, reason: rules.ExitReason, note: str, actor_id: int, now: datetime
) -> None:
    """Record the last day and its reason; said again, it corrects. Raises DatesInverted or OutsideCohort."""
    rules.check_dates(enrolment.starts_on, left_on)
    if left_on > enrolment.ends_on:
        raise rules.OutsideCohort(enrolment.cohort.code, enrolment.starts_on, enrolment.ends_on)
    with transaction(lock=enrolment):
        before = [str(enrolment.left_on), enrolment.exit_reason]
        enrolment.left_on, enrolment.exit_reason, enrolment.exit_note = left_on, str(reason), note.strip()
        audit.record(
            "end_enrolment",
            enrolment,
            actor_id=actor_id,
            now=now,
            before=before,
            left_on=str(left_on),
            reason=str(reason),
        )


def take_back_end(enrolment: Enrolment, actor_id: int, now: datetime) -> None:
    """The person did not leave after all."""
    with transaction(lock=enrolment):
        audit.record("take_back_end", enrolment, actor_id=actor_id, now=now, before=str(enrolment.left_on))
        enrolment.left_on, enrolment.exit_reason, enrolment.exit_note = None, None, ""


def move(enrolment: Enrolment, cohort: Cohort, on: date, actor_id: int, now: datetime) -> Enrolment:
    """Move a learner to another cohort from this day on: one place ends the day before, the next one names it."""
    with transaction(lock=enrolment):
        if enrolment.left_on is not None:
            raise rules.AlreadyLeft(enrolment.left_on)
        person = enrolment.person
        end_enrolment(enrolment, on - timedelta(days=1), rules.ExitReason.MOVED_COHORT, cohort.code, actor_id, now)
        moved = enrol(person, cohort, on, cohort.ends_on, actor_id, now, follows=enrolment)
        if person.home_school_id == enrolment.school_id:
            person.home_school_id = cohort.school_id
    return moved


def post(
    person: Person, cohort: Cohort, starts_on: date, ends_on: date | None, actor_id: int, now: datetime
) -> Posting:
    """Post a trainer to a cohort. Raises DatesInverted, AlreadyEnrolled or CohortArchived."""
    check_open(cohort)
    rules.check_dates(starts_on, ends_on)
    with transaction(lock=(person, cohort)):
        held = db.session.scalars(select(Posting).where(Posting.person_id == person.id, Posting.cohort_id == cohort.id))
        last = ends_on or cohort.ends_on
        rules.check_free(
            cohort.code, (starts_on, last), [(one.starts_on, one.ends_on or cohort.ends_on) for one in held]
        )
        posting = Posting(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            person_id=person.id,
            starts_on=starts_on,
            ends_on=ends_on,
            created_at=now,
        )
        db.session.add(posting)
        audit.record("post", posting, actor_id=actor_id, now=now, person_id=person.id, cohort_id=cohort.id)
    return posting


def end_posting(posting: Posting, on: date, actor_id: int, now: datetime) -> None:
    """End a posting after this day."""
    with transaction(lock=posting):
        posting.ends_on = max(on, posting.starts_on)
        audit.record("end_posting", posting, actor_id=actor_id, now=now, on=str(on))


@dataclass(frozen=True)
class CohortLine:
    """A cohort in a list, with how many people have a place today."""

    cohort: Cohort
    school: School
    people: int


def list_cohorts(schools: frozenset[int] | None, cohorts: frozenset[int], today: date) -> list[CohortLine]:
    """Return the cohorts of these schools, and these cohorts; None is the whole network. One query."""
    current = func.count(Enrolment.id).filter(
        Enrolment.starts_on <= today, func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today
    )
    query = (
        select(Cohort, School, current)
        .join(School, School.id == Cohort.school_id)
        .outerjoin(Enrolment, Enrolment.cohort_id == Cohort.id)
        .group_by(Cohort.id, School.id)
        .order_by(Cohort.archived_at.is_not(None), School.name, Cohort.starts_on.desc(), Cohort.code)
    )
    if schools is not None:
        query = query.where(Cohort.school_id.in_(schools) | Cohort.id.in_(cohorts))
    return [CohortLine(*row) for row in db.session.execute(query)]


def places_in(cohort: Cohort) -> list[tuple[Enrolment, Person]]:
    """Return everybody's places in a cohort, by name."""
    rows = db.session.execute(
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on)
    )
    return [tuple(row) for row in rows]


def postings_in(cohort: Cohort) -> list[tuple[Posting, Person]]:
    """Return the trainers posted to a cohort, now and before."""
    rows = db.session.execute(
        select(Posting, Person)
        .join(Person, Person.id == Posting.person_id)
        .where(Posting.cohort_id == cohort.id)
        .order_by(Posting.starts_on, Person.last_name)
    )
    return [tuple(row) for row in rows]
