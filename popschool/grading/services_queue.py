"""What a trainer reads next: the work that waits in their cohorts, and what was answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from popschool.courses.models import ProjectVersion, Revision
from popschool.db import UtcMoment, db
from popschool.grading import rules
from popschool.grading.models import FeedbackDraft
from popschool.grading.services_reading import project_at
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionState
from popschool.projects.rules import Timing
from popschool.schools.models import Cohort, Person

WAITING = "waiting"
TIMINGS = (Timing.LATE, Timing.ON_TIME)
STATES = (WAITING, rules.Decision.TO_COMPLETE, rules.Decision.VALIDATED)


@dataclass(frozen=True)
class Shape:
    """Which filters there are, whatever they ask for: the statements are the same."""

    is_waiting: bool
    has_timing: bool
    has_project: bool


@dataclass(frozen=True)
class Filters:
    """What the queue shows: one cohort or all, one project or all, one state, and late or on time only or both."""

    cohort: int | None = None
    project: int | None = None
    state: str = WAITING
    timing: str = ""

    @property
    def shape(self) -> Shape:
        return Shape(self.state == WAITING, bool(self.timing), self.project is not None)


@dataclass(frozen=True)
class Choice:
    """A cohort that a trainer reads, with the projects set to it as (id, title)."""

    id: int
    code: str
    projects: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Line:
    """One submission of the queue."""

    id: int
    cohort_id: int
    cohort: str
    who: str
    position: int
    project: str
    deliverable: str
    version: int
    submitted_at: datetime
    decided_at: datetime | None
    is_late: bool
    open_by: str | None


@dataclass(frozen=True)
class Totals:
    """How many there are, how many of them were late, and since when the oldest waits."""

    count: int
    late: int
    oldest_at: datetime | None


def cohorts_read(trains_in: Collection[int], manages: Collection[int]) -> list[Choice]:
    """Return the cohorts that somebody reads, not archived: trained in, or of the schools managed. One query."""
    rows = db.session.execute(_choices(), {"trains_in": list(trains_in), "manages": list(manages)})
    found: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for cohort_id, code, project_id, position, title in rows:
        projects = found.setdefault((cohort_id, code), [])
        if title is not None:
            projects.append((project_id, f"{position}. {title}"))
    return [Choice(cohort_id, code, tuple(projects)) for (cohort_id, code), projects in found.items()]


@cache
def _choices() -> Select:
    mine = or_(
        Cohort.id.in_(bindparam("trains_in", expanding=True)),
        Cohort.school_id.in_(bindparam("manages", expanding=True)),
    )
    return (
        select(Cohort.id, Cohort.code, Assignment.project_id, ProjectVersion.position, ProjectVersion.title)
        .join(Revision, Revision.id == Cohort.revision_id)
        .outerjoin(Assignment, and_(Assignment.cohort_id == Cohort.id, Assignment.withdrawn_at.is_(None)))
        .outerjoin(ProjectVersion, project_at(Assignment.project_id, Revision.number))
        .where(mine, Cohort.archived_at.is_(None))
        .order_by(Cohort.code, ProjectVersion.position)
    )


def totals(cohorts: Collection[int], filters: Filters) -> Totals:
    """Count what the filters show, on the index of what waits."""
    return Totals(*db.session.execute(_totals(filters.shape), _given(cohorts, filters)).one())


@lru_cache(maxsize=32)
def _totals(shape: Shape) -> Select:
    late = func.count(case((Submission.timing == "late", 1)))
    return (
        select(func.count(), late, func.min(SubmissionState.submitted_at))
        .select_from(SubmissionState)
        .join(Submission, Submission.id == SubmissionState.submission_id)
        .where(*_shown(shape))
    )


def lines(
    cohorts: Collection[int], filters: Filters, trainer_id: int, now: datetime, offset: int, limit: int
) -> list[Line]:
    """Return one page: what waits oldest first, what was answered latest first. One query, whatever the size."""
    given = _given(cohorts, filters) | {
        "trainer": trainer_id,
        "since": now - rules.OPEN_BESIDE,
        "offset": offset,
        "limit": limit,
    }
    rows = db.session.execute(_lines(filters.shape), given)
    return [
        Line(
            id=row[0],
            cohort_id=row[1],
            cohort=row[2],
            who=row[3] or f"{row[4]} {row[5]}".strip(),
            position=row[6] or 0,
            project=row[7] or "",
            deliverable=row[8],
            version=row[9],
            submitted_at=row[10],
            decided_at=row[11],
            is_late=row[12] == "late",
            open_by=row[13],
        )
        for row in rows
    ]


@lru_cache(maxsize=32)
def _lines(shape: Shape) -> Select:
    """Built once for each shape of the filters: making it costs several times what running it does."""
    page = _page(shape).subquery()
    open_by = (
        select(Person.first_name + " " + Person.last_name)
        .join(FeedbackDraft, FeedbackDraft.trainer_id == Person.id)
        .where(
            FeedbackDraft.submission_id == page.c.submission_id,
            FeedbackDraft.trainer_id != bindparam("trainer", type_=Integer),
            FeedbackDraft.opened_at > bindparam("since", type_=UtcMoment()),
        )
        .order_by(FeedbackDraft.opened_at.desc())
        .limit(1)
        .correlate(page)
        .scalar_subquery()
    )
    return (
        select(
            Submission.id,
            Submission.cohort_id,
            Cohort.code,
            Submission.team_name,
            Person.first_name,
            Person.last_name,
            ProjectVersion.position,
            ProjectVersion.title,
            Deliverable.title,
            Submission.version,
            Submission.submitted_at,
            page.c.decided_at,
            Submission.timing,
            open_by,
        )
        .select_from(page)
        .join(Submission, Submission.id == page.c.submission_id)
        .join(Person, Person.id == Submission.submitted_by_id)
        .join(Cohort, Cohort.id == Submission.cohort_id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Deliverable, Deliverable.id == Submission.deliverable_id)
        .join(Revision, Revision.id == Submission.revision_id)
        .outerjoin(ProjectVersion, project_at(Assignment.project_id, Revision.number))
        .order_by(*_order(page.c, shape))
    )


def _page(shape: Shape) -> Select:
    return (
        select(SubmissionState.submission_id, SubmissionState.submitted_at, SubmissionState.decided_at)
        .where(*_shown(shape))
        .order_by(*_order(SubmissionState, shape))
        .offset(bindparam("offset", type_=Integer))
        .limit(bindparam("limit", type_=Integer))
    )


def _given(cohorts: Collection[int], filters: Filters) -> dict[str, Any]:
    """Return what the filters ask for, by the names of `_shown`."""
    given: dict[str, Any] = {"chosen": [cohort for cohort in cohorts if filters.cohort in (None, cohort)]}
    if not filters.shape.is_waiting:
        given["state"] = str(filters.state)
    if filters.timing:
        given["timing"] = filters.timing
    if filters.project is not None:
        given["project"] = filters.project
    return given


def _shown(shape: Shape) -> list[ColumnElement[bool]]:
    chosen = bindparam("chosen", expanding=True)
    conditions: list[ColumnElement[bool]] = [SubmissionState.cohort_id.in_(chosen)]
    if shape.is_waiting:
        conditions.append(SubmissionState.is_waiting)
    else:
        conditions.append(SubmissionState.decision == bindparam("state"))
    if shape.has_timing:
        this = aliased(Submission)
        conditions.append(
            select(this.id)
            .where(this.id == SubmissionState.submission_id, this.timing == bindparam("timing"))
            .correlate(SubmissionState)
            .exists()
        )
    if shape.has_project:
        of_project = select(Assignment.id).where(
            Assignment.project_id == bindparam("project"), Assignment.cohort_id.in_(chosen)
        )
        conditions.append(SubmissionState.assignment_id.in_(of_project))
    return conditions


def _order(columns, shape: Shape) -> Sequence:
    if shape.is_waiting:
        return columns.submitted_at, columns.submission_id
    return columns.decided_at.desc(), columns.submission_id.desc()


def in_cohorts_open(cohorts: Collection[int]) -> ColumnElement[bool]:
    """Say, in SQL, that work is of one of these cohorts, and that it is not archived."""
    return SubmissionState.cohort_id.in_(select(Cohort.id).where(Cohort.id.in_(cohorts), Cohort.archived_at.is_(None)))


def next_waiting(cohorts: Collection[int], submission_id: int, submitted_at: datetime) -> Select:
    """Return a query for the id of what to read after this one: the next in the queue, else the first of it."""
    after = or_(
        SubmissionState.submitted_at > submitted_at,
        and_(SubmissionState.submitted_at == submitted_at, SubmissionState.submission_id > submission_id),
    )
    return (
        select(SubmissionState.submission_id)
        .where(
            in_cohorts_open(cohorts),
            SubmissionState.is_waiting,
            SubmissionState.submission_id != submission_id,
        )
        .order_by(case((after, 0), else_=1), SubmissionState.submitted_at, SubmissionState.submission_id)
        .limit(1)
    )
