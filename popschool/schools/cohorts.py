"""Cohorts: opened, changed, archived, listed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from popschool import audit
from popschool.db import db, transaction
from popschool.schools import rules
from popschool.schools.models import Cohort, Enrolment, School


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
    """Open a cohort on a programme, pinned to a revision. The same one asked for twice is opened once.

    Raises DatesInverted, CodeTaken or SchoolClosed.
    """
    rules.check_dates(starts_on, ends_on)
    code, name = code.strip().upper(), name.strip()
    if school.closed_on is not None and ends_on >= school.closed_on:
        raise rules.SchoolClosed(school.name, school.closed_on)
    with transaction(lock=f"cohort/{code}"):
        known = db.session.scalars(select(Cohort).where(Cohort.code == code)).first()
        if known is not None:
            same = (known.school_id, known.programme_id, known.name, known.starts_on, known.ends_on)
            if same == (school.id, programme_id, name, starts_on, ends_on):
                return known
            raise rules.CodeTaken(code)
        cohort = Cohort(
            school_id=school.id,
            programme_id=programme_id,
            revision_id=revision_id,
            code=code,
            name=name,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        db.session.add(cohort)
        audit.record("open_cohort", cohort, actor_id=actor_id, now=now, code=code)
    return cohort


def edit_cohort(cohort: Cohort, name: str, starts_on: date, ends_on: date, actor_id: int, now: datetime) -> None:
    """Change the name or the dates. Places with the cohort's own dates follow it; the others must still fit.

    Raises DatesInverted, CohortArchived or PlacesOutside.
    """
    rules.check_dates(starts_on, ends_on)
    with transaction(lock=cohort):
        db.session.refresh(cohort)
        check_open(cohort)
        _carry_places(cohort, starts_on, ends_on)
        before = [cohort.name, str(cohort.starts_on), str(cohort.ends_on)]
        cohort.name, cohort.starts_on, cohort.ends_on = name.strip(), starts_on, ends_on
        audit.record("edit_cohort", cohort, actor_id=actor_id, now=now, before=before)


def _carry_places(cohort: Cohort, starts_on: date, ends_on: date) -> None:
    places = db.session.scalars(
        select(Enrolment).where(Enrolment.cohort_id == cohort.id).execution_options(populate_existing=True)
    ).all()
    outside = set()
    for place in places:
        if place.starts_on == cohort.starts_on and place.left_on is None:
            place.starts_on = starts_on
        if place.ends_on == cohort.ends_on and place.left_on is None:
            place.ends_on = ends_on
        is_empty = place.last_day < place.starts_on and place.left_on is not None
        if not is_empty and not starts_on <= place.starts_on <= place.last_day <= ends_on:
            outside.add(place.person_id)
    if outside:
        raise rules.PlacesOutside(cohort.code, len(outside))


def archive(cohort: Cohort, actor_id: int, now: datetime) -> None:
    """Put a cohort away: it can be read, not changed. Archived twice, it was the first time."""
    with transaction(lock=cohort):
        db.session.refresh(cohort)
        if cohort.archived_at is None:
            cohort.archived_at = now
            audit.record("archive_cohort", cohort, actor_id=actor_id, now=now)


def reopen(cohort: Cohort, actor_id: int, now: datetime) -> None:
    """Take an archived cohort out again."""
    with transaction(lock=cohort):
        db.session.refresh(cohort)
        if cohort.archived_at is not None:
            cohort.archived_at = None
            audit.record("reopen_cohort", cohort, actor_id=actor_id, now=now)


def check_open(cohort: Cohort) -> None:
    """Raises CohortArchived."""
    if cohort.archived_at is not None:
        raise rules.CohortArchived(cohort.code)


@dataclass(frozen=True)
class CohortLine:
    """A cohort in a list, with how many people have a place today."""

    cohort: Cohort
    school: School
    people: int


@dataclass(frozen=True)
class Reach:
    """Whose cohorts are listed: of these schools (None: of the whole network), and these cohorts wherever they are.

    `at` keeps one school's alone.
    """

    schools: frozenset[int] | None
    cohorts: frozenset[int] = frozenset()
    at: int | None = None

    def holds(self) -> list[ColumnElement[bool]]:
        wanted = [] if self.at is None else [Cohort.school_id == self.at]
        if self.schools is not None:
            wanted.append(or_(Cohort.school_id.in_(self.schools), Cohort.id.in_(self.cohorts)))
        return wanted


def list_cohorts(reach: Reach, today: date, offset: int = 0, limit: int = 25) -> list[CohortLine]:
    """Return a page of cohorts: those open first, then by school, the latest first. One query.

    People are counted for that page alone.
    """
    order = (Cohort.archived_at.is_not(None), School.name, Cohort.starts_on.desc(), Cohort.code)
    page = (
        select(Cohort.id)
        .join(School, School.id == Cohort.school_id)
        .where(*reach.holds())
        .order_by(*order)
        .offset(offset)
        .limit(limit)
        .subquery()
    )
    people = (
        select(func.count(func.distinct(Enrolment.person_id)))
        .where(Enrolment.cohort_id == Cohort.id, _learns_on(today))
        .correlate(Cohort)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Cohort, School, people)
        .join(page, page.c.id == Cohort.id)
        .join(School, School.id == Cohort.school_id)
        .order_by(*order)
    )
    return [CohortLine(*row) for row in rows]


def tally(reach: Reach, today: date) -> tuple[int, int, int]:
    """Return how many cohorts there are, how many are not archived, and how many people learn in these today.

    Places that are over are not read, nor those of archived cohorts.
    """
    is_open = Cohort.archived_at.is_(None)
    people = (
        select(func.count(func.distinct(Enrolment.person_id)))
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(*reach.holds(), is_open, _learns_on(today))
        .correlate(None)
        .scalar_subquery()
    )
    counted = select(func.count(Cohort.id), func.count(Cohort.id).filter(is_open), people).where(*reach.holds())
    row = db.session.execute(counted).one()
    return row[0], row[1], row[2]


def list_goals(reach: Reach, today: date, besides: int | None = None) -> list[CohortLine]:
    """Return the cohorts where somebody may still be given a place, by code. One query."""
    rows = db.session.execute(
        select(Cohort, School)
        .join(School, School.id == Cohort.school_id)
        .where(*reach.holds(), Cohort.archived_at.is_(None), Cohort.ends_on >= today, Cohort.id != (besides or 0))
        .order_by(Cohort.code)
    )
    return [CohortLine(cohort, school, 0) for cohort, school in rows]


def _learns_on(day: date) -> ColumnElement[bool]:
    return (Enrolment.starts_on <= day) & (func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= day)
