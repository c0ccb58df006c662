"""A whole cohort at a glance: people by projects, people by competences. The same few queries whatever its size."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from popschool.courses.models import Competence, ProgrammeVersion, ProjectVersion, Revision
from popschool.db import db
from popschool.grading.models import Award, Feedback
from popschool.grading.services_reading import holds_at
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Submission,
    SubmissionOwner,
    SubmissionState,
)
from popschool.schools.models import Cohort, Enrolment, Person

SILENT = timedelta(days=10)
VALIDATED, TO_COMPLETE, WAITING, DRAFT, NOTHING = "validated", "to_complete", "waiting", "draft", "nothing"


@dataclass(frozen=True)
class Column:
    """A project or a competence at the head of the board."""

    key: int | str
    title: str
    short: str


@dataclass
class Row:
    """One person: a cell by column, and what the rows are sorted by."""

    person: Person
    cells: dict = field(default_factory=dict)
    done: int = 0
    last_sent_at: datetime | None = None


@dataclass
class Board:
    columns: list[Column]
    rows: list[Row]
    silent: list[Person] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(cell[0] == state for row in self.rows for cell in row.cells.values())


def _people(cohort_id: int, now: datetime) -> dict[int, Row]:
    today = now.date()
    people = db.session.scalars(
        select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(
            Enrolment.cohort_id == cohort_id,
            Enrolment.starts_on <= today,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
        )
        .order_by(Person.last_name, Person.first_name)
    )
    return {person.id: Row(person) for person in people}


def projects_board(cohort_id: int, now: datetime) -> Board:
    """Return people by projects: the state of each, with its last submission. Four queries."""
    rows = _people(cohort_id, now)
    columns = [
        Column(assignment_id, f"{position}. {title}", str(position))
        for assignment_id, position, title in db.session.execute(
            select(Assignment.id, ProjectVersion.position, ProjectVersion.title)
            .join(Cohort, Cohort.id == Assignment.cohort_id)
            .join(Revision, Revision.id == Cohort.revision_id)
            .join(
                ProjectVersion,
                (ProjectVersion.project_id == Assignment.project_id) & holds_at(ProjectVersion, Revision.number),
            )
            .where(Assignment.cohort_id == cohort_id, Assignment.withdrawn_at.is_(None))
            .order_by(ProjectVersion.position)
        )
    ]
    asked = dict(
        db.session.execute(
            select(Deliverable.assignment_id, func.count())
            .join(Assignment, Assignment.id == Deliverable.assignment_id)
            .where(Assignment.cohort_id == cohort_id, Deliverable.retired_at.is_(None))
            .group_by(Deliverable.assignment_id)
        ).all()
    )
    _put_work(rows, cohort_id, asked)
    silent = [
        row.person for row in rows.values() if columns and (row.last_sent_at is None or now - row.last_sent_at > SILENT)
    ]
    return Board(columns, list(rows.values()), silent)


def _put_work(rows: dict[int, Row], cohort_id: int, asked: dict[int, int]) -> None:
    """Put each person's state by assignment: what waits for a trainer shows before what is done."""
    last = (
        select(
            SubmissionOwner.person_id,
            SubmissionOwner.deliverable_id,
            func.max(SubmissionOwner.submission_id).label("submission_id"),
        )
        .join(Submission, Submission.id == SubmissionOwner.submission_id)
        .where(Submission.cohort_id == cohort_id)
        .group_by(SubmissionOwner.person_id, SubmissionOwner.deliverable_id)
        .subquery()
    )
    seen: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for person_id, assignment_id, submission_id, sent_at, decision in db.session.execute(
        select(
            last.c.person_id, Submission.assignment_id, Submission.id, Submission.submitted_at, SubmissionState.decision
        )
        .join(Submission, Submission.id == last.c.submission_id)
        .outerjoin(SubmissionState, SubmissionState.submission_id == Submission.id)
    ):
        row = rows.get(person_id)
        if row is not None:
            row.last_sent_at = max(filter(None, (row.last_sent_at, sent_at)))
            seen.setdefault((person_id, assignment_id), []).append((decision or WAITING, submission_id))
    for (person_id, assignment_id), states in seen.items():
        rows[person_id].cells[assignment_id] = _cell(states, asked.get(assignment_id, 1))
    drafts = db.session.execute(
        select(Draft.person_id, Deliverable.assignment_id)
        .join(Deliverable, Deliverable.id == Draft.deliverable_id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Assignment.cohort_id == cohort_id)
    )
    for person_id, assignment_id in drafts:
        if person_id in rows:
            rows[person_id].cells.setdefault(assignment_id, (DRAFT, None))
    for row in rows.values():
        row.done = sum(state == VALIDATED for state, _ in row.cells.values())


def _cell(states: list[tuple[str, int]], asked: int) -> tuple[str, int]:
    for wanted in (WAITING, TO_COMPLETE):
        for state, submission_id in states:
            if state == wanted:
                return state, submission_id
    return (VALIDATED if len(states) >= asked else WAITING), states[-1][1]


def competences_board(cohort_id: int, now: datetime) -> Board:
    """Return people by competences: the level of each. Three queries."""
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
    awards = db.session.execute(
        select(Award.person_id, Competence.key, Award.level, Award.submission_id)
        .join(Competence, Competence.id == Award.competence_id)
        .join(Feedback, Feedback.id == Award.feedback_id)
        .where(Award.person_id.in_(rows), Feedback.undone_at.is_(None))
        .order_by(Award.awarded_at, Award.id)
    )
    for person_id, key, level, submission_id in awards:
        rows[person_id].cells[key] = (level, submission_id)
    for row in rows.values():
        row.done = sum(level for level, _ in row.cells.values())
    return Board(columns, list(rows.values()))


def sort(board: Board, by: str) -> None:
    """Sort the rows: by name, by what is done, or by who has sent nothing for longest."""
    if by == "done":
        board.rows.sort(key=lambda row: (row.done, row.person.last_name))
    elif by == "sent":
        board.rows.sort(key=lambda row: (row.last_sent_at is not None, row.last_sent_at or 0, row.person.last_name))
