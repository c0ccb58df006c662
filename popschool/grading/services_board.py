"""A whole cohort at a glance: people by projects, people by competences. The same few queries whatever its size."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cache

from sqlalchemy import CompoundSelect, Date, Select, bindparam, func, literal, null, select

from popschool import clock
from popschool.courses.models import Competence, ProgrammeVersion, ProjectVersion, Revision
from popschool.db import db
from popschool.grading import rules
from popschool.grading.models import Award
from popschool.grading.rules import WorkState
from popschool.grading.services_reading import award_holds, holds_at, project_at
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Submission,
    SubmissionState,
)
from popschool.projects.services_states import counting, sent_elsewhere
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Named, search_key


@dataclass(frozen=True)
class Column:
    """A project or a competence at the head of the board."""

    key: int | str
    title: str
    short: str


@dataclass
class Row:
    """One person: a cell by column, and what the rows are sorted by.

    A cell is (where the work stands, its submission) for a project, (level, its proof) for a competence.
    """

    person: Named
    enrolled_at: datetime
    cells: dict = field(default_factory=dict)
    done: int = 0
    last_sent_at: datetime | None = None

    @property
    def name_key(self) -> str:
        """The name as it is sorted: last name first, without accents or capitals."""
        return search_key(self.person.last_name, self.person.first_name)


@dataclass
class Board:
    columns: list[Column]
    rows: list[Row]
    silent: list[Named] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(cell[0] == state for row in self.rows for cell in row.cells.values())


def _people(cohort_id: int, now: datetime) -> dict[int, Row]:
    places = db.session.execute(_places(), {"cohort": cohort_id, "today": clock.local_day(now)})
    return {
        person_id: Row(Named(last, first, person_id), datetime.combine(on, time(0), clock.here()).astimezone(UTC))
        for person_id, last, first, on in places
    }


@cache
def _places() -> Select:
    today = bindparam("today", type_=Date)
    return (
        select(Person.id, Person.last_name, Person.first_name, Enrolment.starts_on)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(
            Enrolment.cohort_id == bindparam("cohort"),
            Enrolment.starts_on <= today,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
        )
        .order_by(Person.id)
    )


def projects_board(cohort_id: int, now: datetime) -> Board:
    """Return people by projects: where the work of each stands, with the version that counts. Five queries."""
    rows = _people(cohort_id, now)
    columns = [
        Column(assignment_id, f"{position}. {title}", str(position))
        for assignment_id, position, title in db.session.execute(_projects(), {"cohort": cohort_id})
    ]
    _put_work(rows, cohort_id)
    silent = [
        row.person for row in rows.values() if columns and rules.is_silent(row.last_sent_at, row.enrolled_at, now)
    ]
    return Board(columns, list(rows.values()), silent)


@cache
def _projects() -> Select:
    return (
        select(Assignment.id, ProjectVersion.position, ProjectVersion.title)
        .select_from(Assignment)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .join(ProjectVersion, project_at(Assignment.project_id, Revision.number))
        .where(Assignment.cohort_id == bindparam("cohort"), Assignment.withdrawn_at.is_(None))
        .order_by(ProjectVersion.position, Assignment.id)
    )


def _put_work(rows: dict[int, Row], cohort_id: int) -> None:
    """Put where each person stands by assignment, from the versions that count."""
    asked: dict[int, set[int]] = {}
    given = {"cohort": cohort_id}
    for assignment_id, deliverable_id in db.session.execute(_deliverables(), given):
        asked.setdefault(assignment_id, set()).add(deliverable_id)
    sent: dict[tuple[int, int], list] = {}
    for found in db.session.execute(_versions_that_count(), given | {"people": list(rows)}):
        row = rows.get(found.person_id)
        if row is None:
            continue
        beside = sent.setdefault((found.person_id, found.assignment_id), [])
        if not found.is_brought:
            row.last_sent_at = max(filter(None, (row.last_sent_at, found.last_sent_at)))
            beside.append(found)
        elif found.deliverable_id not in {one.deliverable_id for one in beside}:
            beside.append(found)
    drafts = {(person_id, assignment_id) for person_id, assignment_id in db.session.execute(_drafts(), given)}
    for person_id, assignment_id in sent.keys() | drafts:
        if person_id in rows:
            key = (person_id, assignment_id)
            cell = _cell(sent.get(key, []), asked.get(assignment_id, set()), key in drafts)
            rows[person_id].cells[assignment_id] = cell
    for row in rows.values():
        row.done = sum(state == WorkState.VALIDATED for state, _ in row.cells.values())


@cache
def _deliverables() -> Select:
    return (
        select(Deliverable.assignment_id, Deliverable.id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Assignment.cohort_id == bindparam("cohort"), Deliverable.retired_at.is_(None))
    )


@cache
def _versions_that_count() -> CompoundSelect:
    """Return those of the cohort, then those that its people bring from another one, validated or waiting."""
    counts = counting(Submission.cohort_id == bindparam("cohort"))
    own = (
        select(
            counts.c.person_id,
            counts.c.deliverable_id,
            Submission.assignment_id,
            Submission.id,
            counts.c.last_sent_at,
            SubmissionState.decision,
            literal(0).label("is_brought"),
        )
        .join(Submission, Submission.id == counts.c.submission_id)
        .join(SubmissionState, SubmissionState.submission_id == Submission.id)
    )
    brought = sent_elsewhere(lambda one: one.cohort_id == bindparam("cohort")).subquery()
    found = select(
        brought.c.person_id,
        brought.c.deliverable_id,
        brought.c.assignment_id,
        brought.c.submission_id,
        null(),
        SubmissionState.decision,
        literal(1),
    ).join(SubmissionState, SubmissionState.submission_id == brought.c.submission_id)
    return own.union_all(found).order_by("is_brought", "id")


@cache
def _drafts() -> Select:
    return (
        select(Draft.person_id, Deliverable.assignment_id)
        .join(Deliverable, Deliverable.id == Draft.deliverable_id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Assignment.cohort_id == bindparam("cohort"))
    )


def _cell(found: list, asked: set[int], has_draft: bool) -> tuple[WorkState, int | None]:
    """Return where an assignment stands for somebody, and the version that shows it."""
    decisions = {one.deliverable_id: one.decision for one in found}
    state = rules.work_state(asked | decisions.keys(), decisions, has_draft)
    shows = {WorkState.WAITING: "", WorkState.TO_COMPLETE: rules.Decision.TO_COMPLETE}
    shown = [one.id for one in found if one.decision == shows.get(state, one.decision)]
    return state, shown[-1] if shown else None


def competences_board(cohort_id: int, now: datetime) -> Board:
    """Return people by competences: the level of each, with the proof that gives it. Three queries."""
    rows = _people(cohort_id, now)
    version = db.session.scalars(
        select(ProgrammeVersion)
        .join(Cohort, Cohort.programme_id == ProgrammeVersion.programme_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .where(Cohort.id == cohort_id, holds_at(ProgrammeVersion, Revision.number))
    ).first()
    columns = [
        Column(one["id"], one.get("plain") or one["title"], one["id"].rpartition("/")[2])
        for block in (version.data["blocks"] if version else [])
        for one in block["competences"]
    ]
    keys: dict[int, str] = {}
    awards: dict[int, list[rules.Awarded]] = {}
    for person_id, key, *award in db.session.execute(
        select(
            Award.person_id,
            Competence.key,
            Award.id,
            Award.competence_id,
            Award.level,
            Award.awarded_at,
            Award.submission_id,
        )
        .join(Competence, Competence.id == Award.competence_id)
        .where(Award.person_id.in_(rows), award_holds())
        .order_by(Award.awarded_at, Award.id)
    ):
        given = rules.Awarded(*award)
        keys[given.competence] = key
        awards.setdefault(person_id, []).append(given)
    for person_id, given in awards.items():
        for competence, best in rules.best_proofs(given).items():
            rows[person_id].cells[keys[competence]] = (best.level, best.proof)
    shown = {column.key for column in columns}
    for row in rows.values():
        row.done = sum(level for key, (level, _) in row.cells.items() if key in shown)
    return Board(columns, list(rows.values()))


def sort(board: Board, by: str) -> None:
    """Sort the rows: by name, by what is done (the least first), or by who has sent nothing for longest."""
    board.rows.sort(key=lambda row: row.name_key)
    if by == "done":
        board.rows.sort(key=lambda row: row.done)
    elif by == "sent":
        board.rows.sort(key=lambda row: (row.last_sent_at is not None, row.last_sent_at or row.enrolled_at))
