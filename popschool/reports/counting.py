"""One statement that counts all that a board says, by cohort or by place: its cost is that of the days it looks at."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay, PresenceDay
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.services_half_days import monday_of
from popschool.completion.models import EnrolmentFunding, Funder, Funding
from popschool.completion.models_afterwards import Answer, Questionnaire
from popschool.completion.models_papers import Document, holds
from popschool.completion.rules_papers import PaperKind
from popschool.completion.services_hours import FIGURES
from popschool.completion.services_levels import validated
from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading.models import Award
from popschool.grading.services_reading import award_holds
from popschool.projects.models import Assignment, Deliverable
from popschool.registers.services_missing import unplaced
from popschool.registers.services_missing import unsigned as unsigned_rules
from popschool.reports.places import FIRST, LAST, TODAY, Narrowed, days, pays, places
from popschool.reports.rules_board import Counted, Gap, Selection
from popschool.schools.models import Enrolment
from popschool.schools.rules import ExitReason

NUMBERS = 6
BY_COHORT, BY_PLACE = "cohort", "place"


def count(selection: Selection, by: str) -> list[Counted]:
    """Return what the database counts for a board. One query."""
    return _counted(_statement(selection.narrowed, by, db.engine.dialect.name), selection)


def count_paid(selection: Selection) -> list[Counted]:
    """Return the hours, and how places ended, by school: what those who pay are shown. One query."""
    return _counted(_paid(selection.narrowed), selection)


def count_place(selection: Selection) -> list[Counted]:
    """Return the hours of a place, whole and by month, and how it ended: what those who pay are shown. One query.

    A board asks five times as many tables, and PostgreSQL plans longer than it reads.
    """
    return _counted(_of_place(selection.narrowed), selection)


def _counted(statement: CompoundSelect, selection: Selection) -> list[Counted]:
    return [
        Counted(row[0], row[1], row[2], tuple(int(number or 0) for number in row[3:]))
        for row in db.session.execute(statement, selection.values)
    ]


@cache
def _paid(narrowed: Narrowed) -> CompoundSelect:
    chosen = places(narrowed)
    return union_all(_hours(chosen, chosen.c.school_id, narrowed), _ends(chosen, chosen.c.school_id))


@cache
def _of_place(narrowed: Narrowed) -> CompoundSelect:
    chosen = places(narrowed)
    key = chosen.c.id
    return union_all(_hours(chosen, key, narrowed), _months(chosen, BY_PLACE, narrowed), _ends(chosen, key))


@cache
def _statement(narrowed: Narrowed, by: str, dialect: str) -> CompoundSelect:
    """Built once for each way to choose: making it costs several times what running it does."""
    chosen = places(narrowed)
    key = chosen.c.cohort_id if by == BY_COHORT else chosen.c.id
    return union_all(*_measures(chosen, key, by, narrowed), *_gaps(chosen, key, by, narrowed, dialect))


def _row(what: str, key: ColumnElement[int], word: Any, *numbers: Any) -> Select:
    """Return one branch of the statement: every one has the same columns."""
    padded = [*numbers, *(literal_column("0", Integer) for _ in range(NUMBERS - len(numbers)))]
    said = literal(word, String) if isinstance(word, str) else word
    columns = [number.label(f"n{place}") for place, number in enumerate(padded)]
    return select(literal(str(what), String).label("what"), key.label("key"), said.label("word"), *columns)


def _yes(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal_column("1", Integer)), else_=literal_column("0", Integer))


def _measures(chosen: CTE, key: ColumnElement[int], by: str, narrowed: Narrowed) -> Iterator[Select]:
    """Hours by key, and month by month: of each school when the keys are cohorts, of all the places otherwise."""
    yield _hours(chosen, key, narrowed)
    yield _months(chosen, by, narrowed)
    yield _ends(chosen, key)
    yield _works(chosen, key)
    yield _levels(chosen, key)


def _hours(chosen: CTE, key: ColumnElement[int], narrowed: Narrowed) -> Select:
    return _summed("hours", key, "", chosen, narrowed).group_by(key)


def _months(chosen: CTE, by: str, narrowed: Narrowed) -> Select:
    month = func.substr(cast(PresenceDay.on, String), 1, 7)
    whose = chosen.c.school_id if by == BY_COHORT else literal_column("0", Integer)
    together = [whose, month] if by == BY_COHORT else [month]
    return _summed("month", whose, month, chosen, narrowed).group_by(*together)


def _summed(what: str, key: ColumnElement[int], word: Any, chosen: CTE, narrowed: Narrowed) -> Select:
    sums = [func.sum(getattr(PresenceDay, name)) for name in FIGURES]
    counted = and_(PresenceDay.enrolment_id == chosen.c.id, days(narrowed))
    return _row(what, key, word, *sums).select_from(chosen).join(PresenceDay, counted)


def _ends(chosen: CTE, key: ColumnElement[int]) -> Select:
    left, over = _yes(chosen.c.left_on.is_not(None)), _yes(chosen.c.ends_on < TODAY)
    return (
        _row("places", key, chosen.c.exit_reason, func.count(), left, over)
        .select_from(chosen)
        .group_by(key, chosen.c.exit_reason, left, over)
    )


def _works(chosen: CTE, key: ColumnElement[int]) -> Select:
    """Deliverables validated, of all those that the cohort of each place was asked for."""
    done = validated(Enrolment.id.in_(select(chosen.c.id)))
    asked = (
        select(Assignment.cohort_id, func.count().label("asked"))
        .select_from(Deliverable)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Assignment.withdrawn_at.is_(None), Deliverable.retired_at.is_(None))
        .where(Assignment.cohort_id.in_(select(chosen.c.cohort_id)))
        .group_by(Assignment.cohort_id)
        .subquery()
    )
    is_theirs = and_(done.c.person_id == chosen.c.person_id, done.c.cohort_id == chosen.c.cohort_id)
    return (
        _row("works", key, "", func.sum(func.coalesce(done.c.validated, 0)), func.sum(asked.c.asked))
        .select_from(chosen)
        .join(asked, asked.c.cohort_id == chosen.c.cohort_id)
        .outerjoin(done, is_theirs)
        .where(chosen.c.exit_reason != ExitReason.MOVED_COHORT)
        .group_by(key)
    )


def _levels(chosen: CTE, key: ColumnElement[int]) -> Select:
    """How many people have each level of each competence: the highest that one of their proofs gives."""
    rank = func.row_number().over(
        partition_by=(Award.person_id, Award.competence_id, Award.submission_id),
        order_by=(Award.awarded_at.desc(), Award.id.desc()),
    )
    said = (
        select(Award.person_id, Award.competence_id, Award.level, rank.label("rank"))
        .where(Award.person_id.in_(select(chosen.c.person_id)), award_holds())
        .subquery()
    )
    best = (
        select(said.c.person_id, said.c.competence_id, func.max(said.c.level).label("level"))
        .where(said.c.rank == 1)
        .group_by(said.c.person_id, said.c.competence_id)
        .subquery()
    )
    return (
        _row("levels", key, Competence.key, best.c.level, func.count())
        .select_from(chosen)
        .join(best, best.c.person_id == chosen.c.person_id)
        .join(Competence, Competence.id == best.c.competence_id)
        .where(chosen.c.exit_reason != ExitReason.MOVED_COHORT, best.c.level > 0)
        .group_by(key, Competence.key, best.c.level)
    )


def _gaps(chosen: CTE, key: ColumnElement[int], by: str, narrowed: Narrowed, dialect: str) -> Iterator[Select]:
    conditions = gaps_of_places(chosen, narrowed)
    for gap, condition in conditions.items():
        yield _row(gap, key, "", func.count()).select_from(chosen).where(condition).group_by(key)
    share = aliased(EnrolmentFunding)
    yield (
        _row(Gap.PAPERS, key, "", func.count())
        .select_from(chosen)
        .join(share, share.enrolment_id == chosen.c.id)
        .where(uncertified(share, chosen.c.last_day, narrowed))
        .group_by(key)
    )
    theirs = select(chosen.c.cohort_id)
    half_day = HalfDay.cohort_id if by == BY_COHORT else literal_column("0", Integer)
    grouped = (lambda asked: asked.group_by(half_day)) if by == BY_COHORT else (lambda asked: asked)
    yield grouped(_row(Gap.UNSIGNED, half_day, "", func.count()).where(unsigned(theirs)))
    monday = monday_of(HalfDay.on, dialect)
    yield grouped(_row(Gap.WEEKS, half_day, "", func.count(monday.distinct())).where(open_weeks(theirs, monday)))
    yield (
        _row(Gap.DISPUTES, key, "", func.count())
        .select_from(Dispute)
        .join(HalfDay, HalfDay.id == Dispute.half_day_id)
        .join(chosen, and_(chosen.c.cohort_id == HalfDay.cohort_id, chosen.c.person_id == Dispute.person_id))
        .where(disputed())
        .group_by(key)
    )
    yield (
        _row(Gap.EXCUSES, key, "", func.count())
        .select_from(Excuse)
        .join(chosen, and_(chosen.c.cohort_id == Excuse.cohort_id, chosen.c.person_id == Excuse.person_id))
        .where(undecided())
        .group_by(key)
    )
    yield (
        _row(Gap.COMPANY, key, "", func.count())
        .select_from(CompanyWeek)
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .join(chosen, and_(chosen.c.cohort_id == CompanyPeriod.cohort_id, chosen.c.person_id == CompanyWeek.person_id))
        .where(unsigned_weeks())
        .group_by(key)
    )
    yield (
        _row(Gap.QUESTIONNAIRES, key, "", func.count())
        .select_from(Questionnaire)
        .join(chosen, chosen.c.id == Questionnaire.enrolment_id)
        .where(unanswered())
        .group_by(key)
    )


def gaps_of_places(chosen: Any, narrowed: Narrowed) -> dict[Gap, ColumnElement[bool]]:
    """Say, in SQL, what is missing of a place itself."""
    unsaid = exists(
        select(PresenceDay.enrolment_id)
        .where(PresenceDay.enrolment_id == chosen.c.id, days(narrowed), PresenceDay.missing > 0)
        .correlate(chosen)
    )
    paid = exists(
        select(EnrolmentFunding.id)
        .where(
            EnrolmentFunding.enrolment_id == chosen.c.id,
            EnrolmentFunding.starts_on <= chosen.c.last_day,
            or_(EnrolmentFunding.ends_on.is_(None), EnrolmentFunding.ends_on >= chosen.c.starts_on),
        )
        .correlate(chosen)
    )
    learns = and_(chosen.c.starts_on <= TODAY, chosen.c.last_day >= TODAY)
    return {
        Gap.UNSAID: unsaid,
        Gap.UNPAID: ~paid,
        Gap.POSITIONING: and_(learns, unplaced(chosen)),
        Gap.HOUSE_RULES: and_(learns, unsigned_rules(chosen)),
    }


def uncertified(own: Any, last_day: ColumnElement, narrowed: Narrowed) -> ColumnElement[bool]:
    """Say that a funding of a place is over, that its person was there, and that no certificate reaches its end.

    A funding that ends on the way ends its own days: the certificate of each is waited for.
    """
    document = aliased(Document)
    end = end_of(own, last_day)
    certified = exists(
        select(document.id)
        .where(
            document.enrolment_id == own.enrolment_id,
            document.kind == str(PaperKind.CERTIFICATE),
            or_(document.share_id == own.id, document.share_id.is_(None)),
            document.ends_on >= end,
            holds(document),
        )
        .correlate_except(document)
    )
    followed = exists(
        select(PresenceDay.enrolment_id)
        .where(
            PresenceDay.enrolment_id == own.enrolment_id,
            PresenceDay.on.between(own.starts_on, end),
            PresenceDay.attended + PresenceDay.distance > 0,
        )
        .correlate_except(PresenceDay)
    )
    asked = and_(own.starts_on <= end, end < TODAY, end.between(FIRST, LAST), followed, ~certified)
    payer = pays(narrowed)
    if payer is None:
        return asked
    theirs = select(Funding.id).join(Funder, Funder.id == Funding.funder_id).where(payer)
    return and_(asked, own.funding_id.in_(theirs))


def end_of(own: Any, last_day: ColumnElement) -> ColumnElement:
    """Return the last day that a funding pays for: its own end, or that of the place when it comes first."""
    return case((or_(own.ends_on.is_(None), own.ends_on > last_day), last_day), else_=own.ends_on)


def unsigned(cohorts: Any) -> ColumnElement[bool]:
    """Say that a half-day is over and has no countersignature. A day that goes on has time left."""
    return and_(
        HalfDay.cohort_id.in_(cohorts),
        HalfDay.on.between(FIRST, LAST),
        HalfDay.on < TODAY,
        HalfDay.cancelled_at.is_(None),
        HalfDay.countersigned_at.is_(None),
    )


def open_weeks(cohorts: Any, monday: ColumnElement) -> ColumnElement[bool]:
    """Say that the week of a half-day is over and was never closed."""
    closed = exists(select(Sheet.id).where(Sheet.cohort_id == HalfDay.cohort_id, Sheet.monday == monday))
    return and_(
        HalfDay.cohort_id.in_(cohorts),
        HalfDay.on.between(FIRST, LAST),
        monday < monday_of(TODAY, db.engine.dialect.name),
        HalfDay.cancelled_at.is_(None),
        ~closed,
    )


def disputed() -> ColumnElement[bool]:
    return and_(Dispute.answered_at.is_(None), HalfDay.on.between(FIRST, LAST))


def undecided() -> ColumnElement[bool]:
    return and_(Excuse.decided_at.is_(None), Excuse.starts_on <= LAST, Excuse.ends_on >= FIRST)


def unsigned_weeks() -> ColumnElement[bool]:
    """Say that a week in a company is written and its tutor has not signed it; the last version of each counts."""
    later = aliased(CompanyWeek)
    return and_(
        CompanyWeek.tutor_signed_at.is_(None),
        CompanyWeek.monday.between(FIRST, LAST),
        ~exists(
            select(later.id).where(
                later.period_id == CompanyWeek.period_id,
                later.person_id == CompanyWeek.person_id,
                later.monday == CompanyWeek.monday,
                later.version > CompanyWeek.version,
            )
        ),
    )


def unanswered() -> ColumnElement[bool]:
    return and_(
        Questionnaire.due_on.between(FIRST, LAST),
        Questionnaire.due_on <= TODAY,
        ~exists(select(Answer.id).where(Answer.questionnaire_id == Questionnaire.id)),
    )
