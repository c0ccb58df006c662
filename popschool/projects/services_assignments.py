"""What trainers do: set a project to a cohort, change its dates, give a person more time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import aliased

from popschool import audit, clock
from popschool.courses.models import ProjectVersion, Revision
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.projects import rules
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Extension,
    Submission,
    SubmissionOwner,
)
from popschool.projects.services_windows import own_windows
from popschool.schools.cohorts import check_open
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.web import languages


def number_of(cohort: Cohort) -> int:
    """Return the number of the revision that a cohort is pinned to."""
    return db.session.scalar(select(number_asked(cohort)))


def number_asked(cohort: Cohort) -> ScalarSelect[int]:
    """Return that number as a part of another query."""
    return select(Revision.number).where(Revision.id == cohort.revision_id).scalar_subquery()


def holds(version: type, number: int):
    """Return the condition that a version row holds at a revision number."""
    return (version.since <= number) & or_(version.until.is_(None), version.until >= number)


def last_version_at(project_id: Any, number: Any) -> ColumnElement[bool]:
    """Return the condition that a row of ProjectVersion is this project's at a revision number, or the last before it.

    A project that the course no longer has keeps serving those who have work on it.
    """
    other = aliased(ProjectVersion)
    newest = (
        select(func.max(other.since))
        .where(other.project_id == project_id, other.since <= number)
        .correlate_except(other)
        .scalar_subquery()
    )
    return (ProjectVersion.project_id == project_id) & (ProjectVersion.since == newest)


def projects_of(cohort: Cohort, number: int | None = None) -> list[ProjectVersion]:
    """Return the projects of a cohort's programme, at its revision or at another."""
    number = number if number is not None else number_of(cohort)
    return list(
        db.session.scalars(
            select(ProjectVersion)
            .where(ProjectVersion.programme_id == cohort.programme_id, holds(ProjectVersion, number))
            .order_by(ProjectVersion.position)
        )
    )


def learners_of(cohort_id: int, now: datetime) -> list[Person]:
    """Return who has a place in a cohort today, by name."""
    today = clock.local_day(now)
    return list(
        db.session.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(
                Enrolment.cohort_id == cohort_id,
                Enrolment.starts_on <= today,
                func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
            )
            .order_by(Person.last_name, Person.first_name)
        )
    )


def set_assignment(
    cohort: Cohort,
    version: ProjectVersion,
    window: rules.Window,
    work: str,
    team_size: int,
    teams_by: str,
    trainer_id: int,
    now: datetime,
) -> Assignment:
    """Set a project to a cohort; learners are told. The same one set twice in the same way is set once.

    Raises WindowInverted, AlreadySet or CohortArchived.
    """
    rules.check_window(window)
    check_open(cohort)
    with transaction(lock=f"assignments/{cohort.id}"):
        known = db.session.scalars(
            select(Assignment).where(Assignment.cohort_id == cohort.id, Assignment.project_id == version.project_id)
        ).first()
        if known is not None and known.withdrawn_at is None:
            if (_window_of(known), known.work, known.team_size, known.teams_by) == (window, work, team_size, teams_by):
                return known
            raise rules.AlreadySet
        assignment = known or Assignment(school_id=cohort.school_id, cohort_id=cohort.id, project_id=version.project_id)
        assignment.work, assignment.team_size, assignment.teams_by = work, team_size, teams_by
        assignment.opens_at, assignment.due_at, assignment.closes_at = window.opens_at, window.due_at, window.closes_at
        assignment.set_by_id, assignment.set_at, assignment.withdrawn_at = trainer_id, now, None
        db.session.add(assignment)
        db.session.flush()
        match_deliverables(assignment, version, now)
        audit.record("set_assignment", assignment, actor_id=trainer_id, now=now, cohort_id=cohort.id)
        _tell_all(learners_of(cohort.id, now), "assignment", version.title, assignment, now)
    return assignment


def _window_of(assignment: Assignment) -> rules.Window:
    return rules.Window(assignment.opens_at, assignment.due_at, assignment.closes_at)


def _tell_all(people: Sequence[Person], kind: str, title: str, assignment: Assignment, now: datetime) -> None:
    """Tell each of these people their own date."""
    windows = own_windows(assignment, [person.id for person in people])
    for person in people:
        with force_locale(person.language):
            words = (
                _("Nouveau projet : %(title)s", title=title)
                if kind == "assignment"
                else _("Les dates ont changé : %(title)s", title=title)
            )
            body = _("À envoyer avant le %(when)s.", when=languages.moment(windows[person.id].due_at))
        tell(person, kind=kind, title=words, body=body, url=f"/assignments/{assignment.id}", now=now)


def match_deliverables(assignment: Assignment, version: ProjectVersion, now: datetime) -> None:
    """Let the deliverables be those of the course: added, said anew, retired; what was sent stays. In a transaction."""
    known = {
        one.key: one
        for one in db.session.scalars(select(Deliverable).where(Deliverable.assignment_id == assignment.id))
    }
    for position, asked in enumerate(version.data["deliverables"], 1):
        one = known.pop(asked["id"], None)
        if one is None:
            one = Deliverable(school_id=assignment.school_id, assignment_id=assignment.id, key=asked["id"])
            db.session.add(one)
        one.position, one.title, one.hint = position, asked["title"], asked.get("hint", "")
        one.asks, one.either, one.retired_at = asked["asks"], bool(asked.get("either")), None
    for one in known.values():
        one.retired_at = one.retired_at or now
    db.session.flush()
    db.session.expire(assignment, ["deliverables"])


def change_dates(assignment: Assignment, window: rules.Window, title: str, trainer_id: int, now: datetime) -> bool:
    """Change the dates; work already sent keeps its timing. Dates that are the same say nothing to anybody.

    Returns whether something changed. Raises WindowInverted or CohortArchived.
    """
    rules.check_window(window)
    check_open(assignment.cohort)
    with transaction(lock=assignment):
        db.session.refresh(assignment)
        if _window_of(assignment) == window:
            return False
        before = [str(assignment.opens_at), str(assignment.due_at), str(assignment.closes_at)]
        assignment.opens_at, assignment.due_at, assignment.closes_at = window.opens_at, window.due_at, window.closes_at
        audit.record("change_dates", assignment, actor_id=trainer_id, now=now, before=before)
        _tell_all(learners_of(assignment.cohort_id, now), "dates", title, assignment, now)
    return True


def withdraw(assignment: Assignment, trainer_id: int, now: datetime) -> None:
    """Take an assignment back, once; what was being prepared stays. Raises WorkWasSent."""
    with transaction(lock=assignment):
        db.session.refresh(assignment)
        if assignment.withdrawn_at is not None:
            return
        if (
            db.session.scalar(select(Submission.id).where(Submission.assignment_id == assignment.id).limit(1))
            is not None
        ):
            raise rules.WorkWasSent
        assignment.withdrawn_at = now
        audit.record("withdraw_assignment", assignment, actor_id=trainer_id, now=now)


def grant_extension(
    assignment: Assignment, person: Person, due_at: datetime, reason: str, trainer_id: int, now: datetime
) -> Extension:
    """Give a person more time, and tell them; the last one granted holds. The closing follows when it comes first.

    The same time given twice is given once. Raises ExtensionTooShort or CohortArchived.
    """
    rules.check_extension(_window_of(assignment), due_at, now)
    check_open(assignment.cohort)
    with transaction(lock=assignment):
        held = last_extension(assignment.id, person.id)
        if held is not None and (held.due_at, held.reason) == (due_at, reason.strip()):
            return held
        extension = Extension(
            school_id=assignment.school_id,
            assignment_id=assignment.id,
            person_id=person.id,
            due_at=due_at,
            closes_at=max(assignment.closes_at, due_at + timedelta(days=1)),
            reason=reason.strip(),
            granted_by_id=trainer_id,
            granted_at=now,
        )
        db.session.add(extension)
        audit.record("grant_extension", extension, actor_id=trainer_id, now=now, person_id=person.id)
        _tell_extension(person, assignment, now)
    return extension


def last_extension(assignment_id: int, person_id: int) -> Extension | None:
    return db.session.scalars(
        select(Extension)
        .where(Extension.assignment_id == assignment_id, Extension.person_id == person_id)
        .order_by(Extension.id.desc())
        .limit(1)
    ).first()


def _tell_extension(person: Person, assignment: Assignment, now: datetime) -> None:
    due_at = own_windows(assignment, [person.id])[person.id].due_at
    with force_locale(person.language):
        title = _("Vous avez plus de temps")
        body = _("Votre nouvelle date limite : %(when)s.", when=languages.moment(due_at))
    tell(person, kind="extension", title=title, body=body, url=f"/assignments/{assignment.id}", now=now)


@dataclass(frozen=True)
class AssignmentLine:
    """An assignment of a cohort: its project, and how many people have sent something."""

    assignment: Assignment
    title: str
    senders: int


def assignments_of(cohort: Cohort) -> list[AssignmentLine]:
    """Return what is set to a cohort, by due date. Two queries."""
    number = number_of(cohort)
    senders = (
        select(Submission.assignment_id, func.count(func.distinct(SubmissionOwner.person_id)).label("people"))
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(Submission.cohort_id == cohort.id)
        .group_by(Submission.assignment_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Assignment, ProjectVersion.title, func.coalesce(senders.c.people, 0))
        .select_from(Assignment)
        .join(ProjectVersion, last_version_at(Assignment.project_id, number))
        .outerjoin(senders, senders.c.assignment_id == Assignment.id)
        .where(Assignment.cohort_id == cohort.id, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.due_at, Assignment.id)
    )
    return [AssignmentLine(*row) for row in rows]


def version_for(project_id: int, number: Any) -> ProjectVersion | None:
    """Return a project at a revision; the last one before, when the course no longer has it."""
    return db.session.scalars(select(ProjectVersion).where(last_version_at(project_id, number))).first()
