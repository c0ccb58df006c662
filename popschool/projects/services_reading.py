"""What project pages show, each in a few queries whatever the size of the school."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from popschool.courses.models import ProjectVersion, Revision
from popschool.db import db
from popschool.projects import rules
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Submission,
    SubmissionOwner,
    SubmissionState,
    Team,
    TeamMember,
)
from popschool.projects.services_assignments import last_version_at
from popschool.projects.services_states import answers_to, counting, sent_elsewhere
from popschool.projects.services_windows import more_time, window_from
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place

READ = ("lesson", "quiz")
PERSON = bindparam("person", type_=Integer)


@dataclass(frozen=True)
class Sent:
    """The version that counts, as lists of work name it."""

    id: int
    version: int
    submitted_at: datetime


@dataclass
class Asked:
    """One deliverable for one person: the version that counts of it, its draft, and where it stands."""

    deliverable: Deliverable
    sent: Sent | None = None
    decision: str = ""
    decided_at: datetime | None = None
    has_draft: bool = False
    versions: int = 0

    def state(self, window: rules.Window, now: datetime) -> rules.Progress:
        return rules.progress(
            window, now, is_sent=self.sent is not None, decision=self.decision, has_draft=self.has_draft
        )


@dataclass(frozen=True)
class Together:
    """With whom somebody works: the team's name, its other members, and how many of them have begun to send."""

    name: str = ""
    mates: tuple[Person, ...] = ()
    drafting: int = 0


@dataclass
class Work:
    """An assignment for one person: its project, their own dates, and each deliverable."""

    assignment: Assignment
    title: str
    position: int
    window: rules.Window
    asked: list[Asked] = field(default_factory=list)
    together: Together = field(default_factory=Together)

    def state(self, now: datetime) -> rules.Progress:
        """Return where the whole assignment stands: what needs the person most."""
        return rules.most_pressing(one.state(self.window, now) for one in self.asked)

    @property
    def own_sent(self) -> list[Asked]:
        """What was sent for this assignment itself, not what was brought from another cohort."""
        return [one for one in self.asked if one.versions]

    def next_asked(self, now: datetime) -> Asked | None:
        """Return the deliverable to work on next."""
        waiting = [one for one in self.asked if one.state(self.window, now) in rules.OPEN]
        return min(waiting, key=lambda one: rules.PRESSING.index(one.state(self.window, now)), default=None)


def work_of(person_id: int, cohorts: frozenset[int], now: datetime, *, has_moved: bool = False) -> list[Work]:
    """Return everything set to a person in these cohorts, by due date. One query, whatever their number.

    For whoever `has_moved`, what they sent in another cohort counts here too.
    """
    if not cohorts:
        return []
    return works_in(db.session.execute(works_asked(has_moved), asked_for(person_id, cohorts)))


def asked_for(person_id: int, cohorts: frozenset[int]) -> dict[str, Any]:
    """Return what `works_asked` is given for a person in these cohorts."""
    return _who(person_id) | {"cohorts": list(cohorts)}


def works_in(rows: Iterable[Row]) -> list[Work]:
    """Return the assignments that `works_asked` found, in order."""
    by_assignment: dict[int, list] = {}
    for row in rows:
        by_assignment.setdefault(row.Assignment.id, []).append(row)
    return [
        Work(found[0].Assignment, found[0].title, found[0].position, _own(found), _asked(found))
        for found in by_assignment.values()
    ]


@cache
def works_asked(has_moved: bool) -> Select:
    """Return the query for everything set to a person: a row for each deliverable, with what was sent for it.

    Built once: making a statement costs several times what it takes to run.
    """
    cohorts = bindparam("cohorts", expanding=True)
    more = more_time(PERSON, Assignment.cohort_id.in_(cohorts))
    asked = (
        select(Assignment, ProjectVersion.title, ProjectVersion.position, more, Deliverable)
        .select_from(Assignment)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .join(ProjectVersion, last_version_at(Assignment.project_id, Revision.number))
        .join(more, more.c.assignment_id == Assignment.id)
        .outerjoin(Deliverable, Deliverable.assignment_id == Assignment.id)
        .where(Assignment.cohort_id.in_(cohorts), Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.due_at, Assignment.id, Deliverable.position)
    )
    return _with_what_is_sent(asked, has_moved, lambda one: one.cohort_id.in_(cohorts))


def work_at(assignment_id: int, person_id: int, *, has_moved: bool = False) -> tuple[Work, ProjectVersion, int] | None:
    """Return one assignment for a person, its project, and its cohort's revision. One query. None when there is none.

    One that was taken back is returned too: whoever shows it says so. For whoever `has_moved`, see `work_of`.
    """
    rows = db.session.execute(_work(has_moved), _who(person_id) | {"assignment": assignment_id}).all()
    if not rows:
        return None
    first = rows[0]
    together = Together()
    if first.Assignment.work != "alone":
        mates = {row.Person.id: row for row in rows if row.Person.id != person_id}
        together = Together(
            first.team_name or "",
            tuple(row.Person for row in mates.values()),
            sum(row.has_draft for row in mates.values()),
        )
    version = first.ProjectVersion
    work = Work(first.Assignment, version.title, version.position, _own(rows), _asked(rows), together)
    return work, version, first.number


@cache
def _work(has_moved: bool) -> Select:
    """Built once. A row for each of those who work together, for each deliverable."""
    assignment = bindparam("assignment", type_=Integer)
    more = more_time(PERSON, Assignment.id == assignment)
    team_name = (
        select(Team.name)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.assignment_id == assignment, TeamMember.person_id == PERSON, TeamMember.left_at.is_(None))
        .scalar_subquery()
    )
    has_draft = (
        select(Draft.id)
        .join(Deliverable, Deliverable.id == Draft.deliverable_id)
        .where(Draft.person_id == more.c.who, Deliverable.assignment_id == assignment)
        .correlate(more)
        .exists()
    )
    asked = (
        select(
            Assignment,
            ProjectVersion,
            Revision.number.label("number"),
            Person,
            team_name.label("team_name"),
            has_draft.label("has_draft"),
            more,
            Deliverable,
        )
        .select_from(Assignment)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .join(ProjectVersion, last_version_at(Assignment.project_id, Revision.number))
        .join(more, more.c.assignment_id == Assignment.id)
        .join(Person, Person.id == more.c.who)
        .outerjoin(Deliverable, Deliverable.assignment_id == Assignment.id)
        .where(Assignment.id == assignment)
        .order_by(Person.last_name, Person.first_name, Person.id, Deliverable.position)
    )
    return _with_what_is_sent(asked, has_moved, lambda one: one.id == assignment)


def _who(person_id: int) -> dict[str, Any]:
    """Name one person as these statements ask for them, and as `sent_elsewhere` asks for several."""
    return {"person": person_id, "people": [person_id]}


def _own(rows: list) -> rules.Window:
    return window_from(rows[0].Assignment, rows)


def _asked(rows: Iterable[Row]) -> list[Asked]:
    """Return the deliverables of an assignment, in order, each once.

    One that the course no longer asks for stays for whoever has begun it.
    """
    found: dict[int, Asked] = {}
    for row in rows:
        deliverable = row.Deliverable
        if deliverable is None or deliverable.id in found:
            continue
        if deliverable.retired_at is None or row.sent_id is not None or row.draft_id is not None:
            sent = Sent(row.sent_id, row.version, row.submitted_at) if row.sent_id is not None else None
            found[deliverable.id] = Asked(
                deliverable, sent, row.decision or "", row.decided_at, row.draft_id is not None, row.versions or 0
            )
    return list(found.values())


def _with_what_is_sent(
    asked: Select, has_moved: bool, is_read: Callable[[type[Assignment]], ColumnElement[bool]]
) -> Select:
    """Add to each deliverable that a query reads the version that counts for PERSON, its state and their draft.

    `is_read` says which assignments those are; it is only asked for whoever `has_moved`.
    """
    counts = counting(SubmissionOwner.person_id == PERSON)
    asked, sent = asked.outerjoin(counts, counts.c.deliverable_id == Deliverable.id), counts.c.submission_id
    if has_moved:
        brought = sent_elsewhere(is_read).subquery()
        asked = asked.outerjoin(brought, brought.c.deliverable_id == Deliverable.id)
        sent = func.coalesce(sent, brought.c.submission_id)
    return (
        asked.add_columns(
            Submission.id.label("sent_id"),
            Submission.version,
            Submission.submitted_at,
            SubmissionState.decision,
            SubmissionState.decided_at,
            Draft.id.label("draft_id"),
            counts.c.versions,
        )
        .outerjoin(Submission, Submission.id == sent)
        .outerjoin(SubmissionState, SubmissionState.submission_id == sent)
        .outerjoin(Draft, (Draft.deliverable_id == Deliverable.id) & (Draft.person_id == PERSON))
    )


def mates_of(assignment: Assignment, person_id: int) -> tuple[str, list[Person], list[int]]:
    """Return the team's name, its other members, and those of them who have a draft. One query."""
    mine = (
        select(TeamMember.team_id)
        .where(
            TeamMember.assignment_id == assignment.id, TeamMember.person_id == person_id, TeamMember.left_at.is_(None)
        )
        .scalar_subquery()
    )
    has_draft = (
        select(Draft.id)
        .join(Deliverable, Deliverable.id == Draft.deliverable_id)
        .where(Draft.person_id == TeamMember.person_id, Deliverable.assignment_id == assignment.id)
        .exists()
    )
    rows = db.session.execute(
        select(Team.name, Person, has_draft)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .join(Person, Person.id == TeamMember.person_id)
        .where(Team.id == mine, TeamMember.left_at.is_(None))
        .order_by(Person.last_name)
    ).all()
    name = rows[0][0] if rows else ""
    others = [(person, drafts) for _name, person, drafts in rows if person.id != person_id]
    return name, [person for person, _ in others], [person.id for person, drafts in others if drafts]


def place_of(submission: Submission) -> Place:
    """Return where a piece of work stands for those who read it: its cohort, and those its people have been in since.

    A learner's history follows them: whoever trains them now reads what they did before. One query.
    """
    own = submission.place
    places = db.session.execute(
        select(Enrolment.school_id, Enrolment.cohort_id).where(Enrolment.person_id.in_(own.people))
    ).all()
    return Place(
        own.schools | {school_id for school_id, _ in places},
        own.cohorts | {cohort_id for _, cohort_id in places},
        own.people,
    )


def submission_at(submission_id: int) -> Submission | None:
    """Return a version with its people, its files and what it was asked by. One query."""
    return (
        db.session.scalars(
            select(Submission)
            .where(Submission.id == submission_id)
            .options(
                joinedload(Submission.owners).joinedload(SubmissionOwner.person),
                joinedload(Submission.files),
                joinedload(Submission.deliverable),
                joinedload(Submission.assignment),
            )
        )
        .unique()
        .first()
    )


def versions_of(deliverable: Deliverable, person_id: int) -> list[tuple[Submission, str, datetime | None]]:
    """Return a person's versions of a deliverable, in any cohort, the last first, with what was decided."""
    rows = db.session.execute(
        select(Submission, SubmissionState.decision, SubmissionState.decided_at)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .outerjoin(SubmissionState, SubmissionState.submission_id == Submission.id)
        .where(SubmissionOwner.person_id == person_id, answers_to(deliverable.assignment.project_id, deliverable.key))
        .order_by(Submission.id.desc())
    )
    return [(submission, decision or "", decided_at) for submission, decision, decided_at in rows]
