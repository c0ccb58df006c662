"""Where the people of a cohort stand, explained line by line; a bounded number of queries, whatever their number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import contains_eager

from popschool.attendance.models import CompanyPeriod
from popschool.completion import rules
from popschool.completion.models_rules import ExamSession
from popschool.completion.rules import Asked, Completion, Exit
from popschool.completion.rules_hours import Hours
from popschool.completion.services_exams import Obtained, exams_and_obtained
from popschool.completion.services_hours import Calendar, Figures, Stretch, calendar_of, figures_in, hours_in, totals
from popschool.completion.services_levels import Reached, levels_of, validated, wanted
from popschool.completion.services_rules import Plan, plan_from, plan_of, with_plan
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person

COHORT, PLACE, PERSON = "cohort_id", "id", "person_id"
USUAL = "employment_training"


@dataclass(frozen=True)
class Standing:
    """One place: its hours, the levels reached, what is done and left, how it ended, and what the jury decided."""

    enrolment: Enrolment
    person: Person
    hours: Hours
    levels: Mapping[str, Reached]
    completion: Completion
    exit: Exit
    obtained: Obtained | None


@dataclass(frozen=True)
class Standings:
    """A cohort: what its programme asks, where each place stands, and its exams."""

    asked: Asked
    title: str
    lines: list[Standing]
    exams: Sequence[ExamSession]


def standings_of(cohort: Cohort, today: date, plan: Plan | None = None, positive: str = USUAL) -> Standings:
    """Return where each place of a cohort stands, by name. Six queries at most; five for whoever has read its `plan`.

    `positive` is which exits before the end the school counts as no failure.
    """
    rows = db.session.execute(_places(COHORT), {"it": cohort.id}).all()
    return _standings(cohort.id, plan or plan_of(cohort), rows, today, positive=positive)


def standing_at(enrolment_id: int, today: date) -> Standings | None:
    """Return where one place stands, None when there is none. Five queries."""
    return _one_standing(PLACE, enrolment_id, today)


def last_standing_of(person_id: int, today: date, *, with_exams: bool = True) -> Standings | None:
    """Return where the last place of a person stands, None when they have none. Five queries, or four."""
    return _one_standing(PERSON, person_id, today, with_exams)


def _one_standing(which: str, number: int, today: date, with_exams: bool = True) -> Standings | None:
    row = db.session.execute(_one_place(which), {"it": number}).first()
    if row is None:
        return None
    return _standings(row.Enrolment.cohort_id, plan_from(row), [row], today, with_exams)


def _standings(
    cohort_id: int, plan: Plan, rows: Sequence[Row], today: date, with_exams: bool = True, positive: str = USUAL
) -> Standings:
    enrolments = [row.Enrolment for row in rows]
    sums = {row.Enrolment.id: figures_in(row.minutes) for row in rows}
    has_periods = any(row.has_periods for row in rows)
    whole = [_whole(one) for one in enrolments]
    counted = hours_in(_calendar(cohort_id, whole, sums, has_periods), whole, today)
    levels = levels_of([one.person_id for one in enrolments])
    has_exams = not rows or any(row.has_exams for row in rows)
    exams, obtained = exams_and_obtained(cohort_id) if with_exams and has_exams else ([], {})
    lines = []
    for row, enrolment, one in zip(rows, enrolments, counted, strict=True):
        reached = levels.get(enrolment.person_id, {})
        own = {key: level.level for key, level in reached.items()}
        lines.append(
            Standing(
                enrolment,
                enrolment.person,
                one.hours,
                reached,
                rules.completion(plan.asked, one.hours, own, plan.blocks, (row.validated or 0, row.wanted)),
                rules.exit_of(
                    enrolment.exit_reason, enrolment.left_on is not None, enrolment.ends_on < today, positive
                ),
                obtained.get(enrolment.id),
            )
        )
    return Standings(plan.asked, plan.title, lines, exams)


@cache
def _places(which: str) -> Select:
    """Return the query of places, with what is added up for each. Built once for each way to choose them."""
    chosen = getattr(Enrolment, which) == bindparam("it")
    work = validated(chosen)
    has_periods = select(CompanyPeriod.id).where(CompanyPeriod.cohort_id == Enrolment.cohort_id).exists()
    has_exams = select(ExamSession.id).where(ExamSession.cohort_id == Enrolment.cohort_id).exists()
    is_theirs = and_(work.c.person_id == Enrolment.person_id, work.c.cohort_id == Enrolment.cohort_id)
    return (
        select(
            Enrolment,
            totals().label("minutes"),
            work.c.validated,
            wanted().label("wanted"),
            has_periods.label("has_periods"),
            has_exams.label("has_exams"),
        )
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(work, is_theirs)
        .where(chosen)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on)
        .options(contains_eager(Enrolment.person))
    )


@cache
def _one_place(which: str) -> Select:
    """Return the query of one place, the last when there are several, with its cohort and its plan."""
    asked = _places(which).join(Cohort, Cohort.id == Enrolment.cohort_id).options(contains_eager(Enrolment.cohort))
    return with_plan(asked).order_by(None).order_by(Enrolment.starts_on.desc(), Enrolment.id.desc()).limit(1)


def _calendar(cohort_id: int, whole: Sequence[Stretch], sums: Mapping[int, Figures], has_periods: bool) -> Calendar:
    if not whole:
        return Calendar({}, (), (), {})
    first, last = min(one.first for one in whole), max(one.last for one in whole)
    return calendar_of(cohort_id, first, last, sums, has_periods=has_periods)


def _whole(enrolment: Enrolment) -> Stretch:
    return Stretch(enrolment, enrolment.starts_on, max(enrolment.last_day, enrolment.starts_on))


def people_in(cohort_id: int) -> Sequence[Enrolment]:
    """Return the places of a cohort, by name. One query."""
    return db.session.scalars(
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on)
        .options(contains_eager(Enrolment.person))
    ).all()
