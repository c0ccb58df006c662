"""What trainers do: set a project to a cohort, change its dates, give a person more time, move to another revision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from popschool import audit, clock
from popschool.courses.models import Page, PageVersion, Programme, ProjectVersion, Revision
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.projects import rules
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Extension,
    RevisionMove,
    Submission,
    SubmissionOwner,
)
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.web import languages


def number_of(cohort: Cohort) -> int:
    """Return the number of the revision that a cohort is pinned to."""
    return db.session.scalar(select(Revision.number).where(Revision.id == cohort.revision_id))


def holds(version: type, number: int):
    """Return the condition that a version row holds at a revision number."""
    return (version.since <= number) & or_(version.until.is_(None), version.until >= number)


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
    today = now.astimezone(clock.PARIS).date()
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
    """Set a project to a cohort; learners are told. Raises WindowInverted or AlreadySet."""
    rules.check_window(window)
    with transaction(lock=f"assignments/{cohort.id}"):
        known = db.session.scalars(
            select(Assignment).where(Assignment.cohort_id == cohort.id, Assignment.project_id == version.project_id)
        ).first()
        if known is not None and known.withdrawn_at is None:
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


def _tell_all(people: Iterable[Person], kind: str, title: str, assignment: Assignment, now: datetime) -> None:
    for person in people:
        with force_locale(person.language):
            words = (
                _("Nouveau projet : %(title)s", title=title)
                if kind == "assignment"
                else _("Les dates ont changé : %(title)s", title=title)
            )
            body = _("À envoyer avant le %(when)s.", when=languages.moment(assignment.due_at))
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


def change_dates(assignment: Assignment, window: rules.Window, title: str, trainer_id: int, now: datetime) -> None:
    """Change the dates; work already sent keeps its timing. Raises WindowInverted."""
    rules.check_window(window)
    with transaction(lock=assignment):
        before = [str(assignment.opens_at), str(assignment.due_at), str(assignment.closes_at)]
        assignment.opens_at, assignment.due_at, assignment.closes_at = window.opens_at, window.due_at, window.closes_at
        audit.record("change_dates", assignment, actor_id=trainer_id, now=now, before=before)
        _tell_all(learners_of(assignment.cohort_id, now), "dates", title, assignment, now)


def withdraw(assignment: Assignment, trainer_id: int, now: datetime) -> None:
    """Take an assignment back. Raises WorkWasSent."""
    with transaction(lock=assignment):
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
    """Give a person more time, and tell them. The closing follows when it would come first."""
    closes_at = max(assignment.closes_at, due_at + timedelta(days=1))
    with transaction(lock=assignment):
        extension = Extension(
            school_id=assignment.school_id,
            assignment_id=assignment.id,
            person_id=person.id,
            due_at=due_at,
            closes_at=closes_at,
            reason=reason.strip(),
            granted_by_id=trainer_id,
            granted_at=now,
        )
        db.session.add(extension)
        audit.record("grant_extension", extension, actor_id=trainer_id, now=now, person_id=person.id)
        _tell_extension(person, extension, now)
    return extension


def _tell_extension(person: Person, extension: Extension, now: datetime) -> None:
    with force_locale(person.language):
        title = _("Vous avez plus de temps")
        body = _("Votre nouvelle date limite : %(when)s.", when=languages.moment(extension.due_at))
    tell(person, kind="extension", title=title, body=body, url=f"/assignments/{extension.assignment_id}", now=now)


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
    titles = (
        select(ProjectVersion.project_id, ProjectVersion.title, ProjectVersion.until, ProjectVersion.since)
        .where(ProjectVersion.since <= number)
        .subquery()
    )
    newest = (
        select(titles.c.project_id, func.max(titles.c.since).label("since")).group_by(titles.c.project_id).subquery()
    )
    rows = db.session.execute(
        select(Assignment, titles.c.title, func.coalesce(senders.c.people, 0))
        .join(newest, newest.c.project_id == Assignment.project_id)
        .join(titles, (titles.c.project_id == newest.c.project_id) & (titles.c.since == newest.c.since))
        .outerjoin(senders, senders.c.assignment_id == Assignment.id)
        .where(Assignment.cohort_id == cohort.id, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.due_at, Assignment.id)
    )
    return [AssignmentLine(*row) for row in rows]


def version_for(project_id: int, number: int) -> ProjectVersion | None:
    """Return a project at a revision; the last one before, when the course no longer has it."""
    return db.session.scalars(
        select(ProjectVersion)
        .where(ProjectVersion.project_id == project_id, ProjectVersion.since <= number)
        .order_by(ProjectVersion.since.desc())
        .limit(1)
    ).first()


def revisions_of(cohort: Cohort) -> list[Revision]:
    """Return the revisions that a cohort can be moved to, the newest first."""
    source_id = db.session.scalar(select(Programme.source_id).where(Programme.id == cohort.programme_id))
    return list(
        db.session.scalars(
            select(Revision).where(Revision.source_id == source_id).order_by(Revision.number.desc()).limit(20)
        )
    )


@dataclass(frozen=True)
class Impact:
    """What a move to another revision would change, for whom: {"projects" and "pages"} as (title, what happens)."""

    projects: list[tuple[str, str]]
    pages: list[tuple[str, str]]
    learners: int
    drafts: int
    competences: int

    @property
    def is_empty(self) -> bool:
        return not self.projects and not self.pages


ADDED, CHANGED, REMOVED = "added", "changed", "removed"


def impact(cohort: Cohort, goal: Revision, now: datetime) -> Impact:
    """Say what the cohort would see change."""
    here = number_of(cohort)
    before = {one.project_id: one for one in projects_of(cohort, here)}
    after = {one.project_id: one for one in projects_of(cohort, goal.number)}
    projects = _differences(before, after, lambda one: (one.title, one.data, one.hours, one.work))
    touched = [pid for pid in before.keys() | after.keys() if _state(before, after, pid, lambda one: one.data)]
    competences = {
        target["id"]
        for pid in touched
        for one in (before.get(pid), after.get(pid))
        if one
        for target in one.data["competences"]
    }
    first, second = _pages(before.keys() | after.keys(), here), _pages(before.keys() | after.keys(), goal.number)
    pages = _differences(first, second, lambda one: one.rendered_hash)
    drafts = db.session.scalar(
        select(func.count())
        .select_from(Draft)
        .join(Deliverable, Deliverable.id == Draft.deliverable_id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Assignment.cohort_id == cohort.id)
    )
    return Impact(projects, pages, len(learners_of(cohort.id, now)), drafts, len(competences))


def _pages(projects: Iterable[int], number: int) -> dict:
    rows = db.session.execute(
        select(PageVersion)
        .join(Page, Page.id == PageVersion.page_id)
        .where(Page.project_id.in_(list(projects)), holds(PageVersion, number))
    ).scalars()
    return {(one.page_id, one.variant): one for one in rows}


def _state(before: dict, after: dict, key, content) -> str:
    if key not in before:
        return ADDED
    if key not in after:
        return REMOVED
    return CHANGED if content(before[key]) != content(after[key]) else ""


def _differences(before: dict, after: dict, content) -> list[tuple[str, str]]:
    found = []
    for key in before.keys() | after.keys():
        state = _state(before, after, key, content)
        if state:
            found.append(((after.get(key) or before[key]).title, state))
    return sorted(found)


def move_revision(cohort: Cohort, goal: Revision, trainer_id: int, now: datetime) -> RevisionMove:
    """Pin a cohort to another revision. Going back is the same act; what was sent keeps the page it was read at."""
    with transaction(lock=cohort):
        moved = RevisionMove(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            from_revision_id=cohort.revision_id,
            to_revision_id=goal.id,
            moved_by_id=trainer_id,
            moved_at=now,
        )
        cohort.revision_id = goal.id
        db.session.add(moved)
        for assignment in db.session.scalars(select(Assignment).where(Assignment.cohort_id == cohort.id)):
            version = db.session.scalars(
                select(ProjectVersion).where(
                    ProjectVersion.project_id == assignment.project_id, holds(ProjectVersion, goal.number)
                )
            ).first()
            if version is not None:
                match_deliverables(assignment, version, now)
        audit.record("move_revision", cohort, actor_id=trainer_id, now=now, to=goal.number)
    return moved
