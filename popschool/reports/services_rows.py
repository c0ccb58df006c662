"""The rows that a figure is made of, some at a time, each with the documents that it went into."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import aliased, contains_eager, selectinload

from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay, HalfDayTrainer, PresenceDay
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.completion.models import EnrolmentFunding, Funder, Funding
from popschool.completion.models_afterwards import Questionnaire
from popschool.completion.models_papers import Document, holds
from popschool.completion.rules import POSITIVE_EXITS, Exit, exit_of
from popschool.completion.rules_hours import Hours
from popschool.completion.services_completion import USUAL
from popschool.completion.services_hours import FIGURES
from popschool.completion.services_levels import levels_of, validated, wanted
from popschool.db import db
from popschool.reports import counting
from popschool.reports.places import Narrowed, days, places
from popschool.reports.rules_board import Figure, Gap, Selection, Wanted, hours_from
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import ExitReason

Asked = Figure | Gap
GAPS_OF_PLACES = frozenset({Gap.UNSAID, Gap.UNPAID, Gap.POSITIONING, Gap.HOUSE_RULES})
OF_PLACES = frozenset({*Figure, *GAPS_OF_PLACES})


@dataclass
class PlaceRow:
    """A place behind a figure: its hours in the period, how it ended, the documents that say so.

    Its work is read behind the figure of works alone, its levels behind that of competences.
    """

    enrolment: Enrolment
    hours: Hours
    validated: int
    works_asked: int
    exit: Exit
    levels: dict[str, int] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)

    def reached(self, wanted: Wanted) -> int:
        """Return how many competences of the programme are at the level that it asks."""
        return sum(level >= wanted.level for key, level in self.levels.items() if key in wanted.competences)


@dataclass
class ThingRow:
    """Another thing behind a figure: a half-day, a week to close, a funding whose paper is due, a question unanswered.

    `on` is the day that it is about; `documents` are those of the place, when it is somebody's.
    """

    thing: Any
    cohort: Cohort
    person: Person | None
    on: date
    until: date | None = None
    enrolment_id: int | None = None
    documents: list[Document] = field(default_factory=list)


def rows_of(
    asked: Asked, selection: Selection, offset: int, limit: int, total: int | None = None
) -> tuple[list[PlaceRow] | list[ThingRow], int]:
    """Return some rows of a figure, and how many there are in all; none when the offset goes too far.

    `total` is how many places there are, when it is known: they are not counted again. Two queries, three for those of
    competences and of half-days.
    """
    if asked in OF_PLACES:
        lines, total = place_rows(asked, selection, offset, limit, total)
    else:
        found = _some(asked, selection, offset, limit)
        lines, total = [_thing_row(row) for row in found], _total(found)
    _add_documents(lines, selection)
    if asked is Figure.COMPETENCES:
        levels = levels_of([line.enrolment.person_id for line in lines])
        for line in lines:
            own = levels.get(line.enrolment.person_id, {})
            line.levels = {key: one.level for key, one in own.items()}
    return lines, total


def place_rows(
    asked: Asked, selection: Selection, offset: int, limit: int, total: int | None = None
) -> tuple[list[PlaceRow], int]:
    """Return some places behind a figure, without their documents, and how many there are. One query.

    Without their number, which `total` may say, only the places that are shown are read.
    """
    statement = _places(asked, selection.narrowed, total is None)
    found = db.session.execute(statement, selection.values | {"offset": offset, "limit": limit}).all()
    return [_place_row(row, selection) for row in found], _total(found) if total is None else total


def _total(found: Sequence[Row]) -> int:
    return found[0].total if found else 0


def _some(asked: Asked, selection: Selection, offset: int, limit: int) -> Sequence[Row]:
    statement = _things(asked, selection.narrowed, db.engine.dialect.name)
    return db.session.execute(statement.limit(limit).offset(offset), selection.values).all()


@cache
def _things(asked: Asked, narrowed: Narrowed, dialect: str) -> Select:
    """Built once for each figure and way to choose."""
    return THINGS[asked](places(narrowed), narrowed, dialect)


@cache
def _places(asked: Asked, narrowed: Narrowed, is_counted: bool) -> Select:
    """Built once for each figure and way to choose. The places of a page are found first, in the order of an index."""
    chosen = places(narrowed)
    total = func.count().over() if is_counted else literal(0)
    page = (
        select(chosen.c.id, total.label("total"))
        .join(Person, Person.id == chosen.c.person_id)
        .where(_of_figure(asked, chosen, narrowed))
        .order_by(Person.last_name, Person.first_name, chosen.c.starts_on, chosen.c.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .cte("page")
    )
    sums = (
        select(PresenceDay.enrolment_id, *(func.sum(getattr(PresenceDay, name)).label(name) for name in FIGURES))
        .where(PresenceDay.enrolment_id.in_(select(page.c.id)), days(narrowed))
        .group_by(PresenceDay.enrolment_id)
        .subquery()
    )
    found = (
        select(Enrolment, *(func.coalesce(getattr(sums.c, name), 0).label(name) for name in FIGURES), page.c.total)
        .join(page, page.c.id == Enrolment.id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(sums, sums.c.enrolment_id == Enrolment.id)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on, Enrolment.id)
        .options(contains_eager(Enrolment.person), contains_eager(Enrolment.cohort))
    )
    return _with_work(found, page) if asked is Figure.WORKS else found


def _with_work(found: Select, page: CTE) -> Select:
    """Add what each place has validated. It takes eight tables, and PostgreSQL long to think about them."""
    work = validated(Enrolment.id.in_(select(page.c.id)))
    is_theirs = and_(work.c.person_id == Enrolment.person_id, work.c.cohort_id == Enrolment.cohort_id)
    return found.add_columns(
        func.coalesce(work.c.validated, 0).label("validated"), wanted().label("works_asked")
    ).outerjoin(work, is_theirs)


def _of_figure(asked: Asked, chosen: Any, narrowed: Narrowed) -> ColumnElement[bool]:
    """Say which places are behind a figure: those that it counts."""
    reason, left, over = chosen.c.exit_reason, chosen.c.left_on.is_not(None), chosen.c.ends_on < counting.TODAY
    positive = reason.in_(sorted(POSITIVE_EXITS[USUAL]))
    moved = reason == ExitReason.MOVED_COHORT
    if asked in GAPS_OF_PLACES:
        return counting.gaps_of_places(chosen, narrowed)[Gap(asked)]
    if asked is Figure.COMPLETED:
        return or_(and_(left, reason == ExitReason.COMPLETED), and_(~left, over))
    if asked is Figure.POSITIVE:
        return and_(left, positive)
    if asked is Figure.DROPPED:
        return and_(left, ~positive, ~moved, reason != ExitReason.COMPLETED)
    return ~moved if asked in (Figure.PEOPLE, Figure.WORKS, Figure.COMPETENCES) else literal(value=True)


def _place_row(row: Row, selection: Selection) -> PlaceRow:
    own = row.Enrolment
    return PlaceRow(
        own,
        hours_from([getattr(row, name) for name in FIGURES]),
        getattr(row, "validated", 0),
        getattr(row, "works_asked", 0),
        exit_of(own.exit_reason, own.left_on is not None, own.ends_on < selection.today, USUAL),
    )


def _half_days(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    return (
        select(HalfDay, Cohort, HalfDay.on.label("on"), func.count().over().label("total"))
        .join(Cohort, Cohort.id == HalfDay.cohort_id)
        .where(counting.unsigned(select(chosen.c.cohort_id)))
        .order_by(HalfDay.on, HalfDay.half, HalfDay.id)
        .options(selectinload(HalfDay.trainers).joinedload(HalfDayTrainer.person))
    )


def _weeks(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    monday = counting.monday_of(HalfDay.on, dialect)
    weeks = (
        select(HalfDay.cohort_id, monday.label("on"))
        .where(counting.open_weeks(select(chosen.c.cohort_id), monday))
        .distinct()
        .subquery()
    )
    return (
        select(Cohort, weeks.c.on, func.count().over().label("total"))
        .join(weeks, weeks.c.cohort_id == Cohort.id)
        .order_by(weeks.c.on, Cohort.code)
    )


def _disputes(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    return (
        select(
            Dispute, Cohort, Person, HalfDay.on.label("on"), chosen.c.id.label("enrolment_id"),
            func.count().over().label("total"),
        )
        .join(HalfDay, HalfDay.id == Dispute.half_day_id)
        .join(chosen, and_(chosen.c.cohort_id == HalfDay.cohort_id, chosen.c.person_id == Dispute.person_id))
        .join(Cohort, Cohort.id == HalfDay.cohort_id)
        .join(Person, Person.id == Dispute.person_id)
        .where(counting.disputed())
        .order_by(HalfDay.on, Dispute.id)
    )  # fmt: skip


def _excuses(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    return (
        select(
            Excuse, Cohort, Person, Excuse.starts_on.label("on"), Excuse.ends_on.label("until"),
            chosen.c.id.label("enrolment_id"), func.count().over().label("total"),
        )
        .join(chosen, and_(chosen.c.cohort_id == Excuse.cohort_id, chosen.c.person_id == Excuse.person_id))
        .join(Cohort, Cohort.id == Excuse.cohort_id)
        .join(Person, Person.id == Excuse.person_id)
        .where(counting.undecided())
        .order_by(Excuse.starts_on, Excuse.id)
    )  # fmt: skip


def _company_weeks(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    mine = and_(chosen.c.cohort_id == CompanyPeriod.cohort_id, chosen.c.person_id == CompanyWeek.person_id)
    return (
        select(
            CompanyWeek, Cohort, Person, CompanyWeek.monday.label("on"), chosen.c.id.label("enrolment_id"),
            func.count().over().label("total"),
        )
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .join(chosen, mine)
        .join(Cohort, Cohort.id == CompanyPeriod.cohort_id)
        .join(Person, Person.id == CompanyWeek.person_id)
        .where(counting.unsigned_weeks())
        .order_by(CompanyWeek.monday, Person.last_name, CompanyWeek.id)
        .options(contains_eager(CompanyWeek.period))
    )  # fmt: skip


def _papers(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    own = aliased(EnrolmentFunding)
    return (
        select(
            own, Cohort, Person, own.starts_on.label("on"), counting.end_of(own, chosen.c.last_day).label("until"),
            chosen.c.id.label("enrolment_id"), func.count().over().label("total"),
        )
        .join(chosen, chosen.c.id == own.enrolment_id)
        .join(Cohort, Cohort.id == chosen.c.cohort_id)
        .join(Person, Person.id == chosen.c.person_id)
        .join(Funding, Funding.id == own.funding_id)
        .join(Funder, Funder.id == Funding.funder_id)
        .where(counting.uncertified(own, chosen.c.last_day, narrowed))
        .order_by(Person.last_name, Person.first_name, own.starts_on, own.id)
        .options(contains_eager(own.funding).contains_eager(Funding.funder))
    )  # fmt: skip


def _questionnaires(chosen: Any, narrowed: Narrowed, dialect: str) -> Select:
    return (
        select(
            Questionnaire, Cohort, Person, Questionnaire.due_on.label("on"), chosen.c.id.label("enrolment_id"),
            func.count().over().label("total"),
        )
        .join(chosen, chosen.c.id == Questionnaire.enrolment_id)
        .join(Cohort, Cohort.id == Questionnaire.cohort_id)
        .join(Person, Person.id == Questionnaire.person_id)
        .where(counting.unanswered())
        .order_by(Questionnaire.due_on, Questionnaire.id)
    )  # fmt: skip


THINGS = {
    Gap.UNSIGNED: _half_days,
    Gap.WEEKS: _weeks,
    Gap.DISPUTES: _disputes,
    Gap.EXCUSES: _excuses,
    Gap.COMPANY: _company_weeks,
    Gap.PAPERS: _papers,
    Gap.QUESTIONNAIRES: _questionnaires,
}


def _thing_row(row: Row) -> ThingRow:
    given = row._mapping
    on = row.on if isinstance(row.on, date) else date.fromisoformat(row.on)
    until = given.get("until")
    return ThingRow(
        row[0],
        row.Cohort,
        given.get("Person"),
        on,
        date.fromisoformat(until) if isinstance(until, str) else until,
        given.get("enrolment_id"),
    )


def _add_documents(lines: Sequence[PlaceRow | ThingRow], selection: Selection) -> None:
    """Give each row the documents that hold and that it went into, in the period. One query."""
    ids = {_place_of(line) for line in lines} - {None}
    cohorts = {_cohort_of(line) for line in lines}
    own: dict[int, list[Document]] = defaultdict(list)
    shared: dict[int, list[Document]] = defaultdict(list)
    for one in documents_over(ids, cohorts, selection.first, selection.last) if lines else ():
        (own[one.enrolment_id] if one.enrolment_id else shared[one.cohort_id]).append(one)
    for line in lines:
        line.documents = own.get(_place_of(line), []) + shared.get(_cohort_of(line), [])


def _place_of(line: PlaceRow | ThingRow) -> int | None:
    return line.enrolment.id if isinstance(line, PlaceRow) else line.enrolment_id


def _cohort_of(line: PlaceRow | ThingRow) -> int:
    return line.enrolment.cohort_id if isinstance(line, PlaceRow) else line.cohort.id


def documents_over(ids: Any, cohorts: Any, first: date, last: date) -> Sequence[Document]:
    """Return the documents that hold, of some places or of whole cohorts, that say something of a period."""
    theirs = or_(Document.enrolment_id.in_(ids), and_(Document.enrolment_id.is_(None), Document.cohort_id.in_(cohorts)))
    return db.session.scalars(
        select(Document)
        .where(theirs, Document.starts_on <= last, Document.ends_on >= first, holds())
        .order_by(Document.number)
    ).all()
