"""Moving a cohort to another revision of its course: what would change, for whom, then the move itself."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Integer, null, or_, select, union_all
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.courses.models import Page, PageVersion, Programme, ProjectVersion, Revision
from popschool.db import db, transaction
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    RevisionMove,
    SubmissionOwner,
    SubmissionState,
)
from popschool.projects.services_assignments import holds, learners_of, match_deliverables
from popschool.schools.cohorts import check_open
from popschool.schools.models import Cohort, Person

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
TEAM = "team"


@dataclass(frozen=True)
class ProjectChange:
    """A project that would change, itself or only its pages, and who has begun it or waits for an answer to it."""

    project_id: int
    title: str
    what: str
    is_set: bool
    people: list[str]
    is_only_pages: bool = False


@dataclass(frozen=True)
class PageChange:
    """A page that would change; `is_for_team` when only trainers read it."""

    page_id: int
    title: str
    what: str
    is_for_team: bool


@dataclass(frozen=True)
class Impact:
    """What a move to another revision would change: for how many learners, and how many pieces of work under way."""

    projects: list[ProjectChange] = field(default_factory=list)
    pages: list[PageChange] = field(default_factory=list)
    learners: int = 0
    under_way: int = 0
    competences: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.projects and not self.pages


def revisions_of(cohort: Cohort) -> list[Revision]:
    """Return the revisions that a cohort can be moved to, the newest first."""
    source_id = select(Programme.source_id).where(Programme.id == cohort.programme_id).scalar_subquery()
    query = select(Revision).where(Revision.source_id == source_id).options(joinedload(Revision.source))
    return list(db.session.scalars(query.order_by(Revision.number.desc()).limit(20)))


def impact(cohort: Cohort, goal: Revision, now: datetime) -> Impact:
    """Say what the cohort would see change. A bounded number of queries."""
    here = db.session.get_one(Revision, cohort.revision_id).number
    before, after = _projects(cohort, here, goal.number)
    pages, touched = _pages(cohort, before.keys() | after.keys(), here, goal.number)
    kinds = {key: _what(key, before, after, _content) for key in before.keys() | after.keys()}
    touched |= {key for key, what in kinds.items() if what}
    shown = {key: after.get(key) or before[key] for key in touched}
    set_here, under_way = _under_way(cohort, touched)
    people: dict[int, list[str]] = {}
    for project_id, name in under_way:
        people.setdefault(project_id, [])
        if name not in people[project_id]:
            people[project_id].append(name)
    is_seen = bool(touched) or any(not page.is_for_team for page in pages)
    return Impact(
        projects=[
            ProjectChange(key, one.title, kinds[key] or CHANGED, key in set_here, people.get(key, []), not kinds[key])
            for key, one in sorted(shown.items(), key=lambda pair: (pair[1].position, pair[0]))
        ],
        pages=pages,
        learners=len(learners_of(cohort.id, now)) if is_seen else 0,
        under_way=len(under_way),
        competences=len(
            {aim["id"] for key in touched for one in (before.get(key), after.get(key)) if one for aim in _aims(one)}
        ),
    )


def _projects(cohort: Cohort, here: int, there: int) -> tuple[dict[int, ProjectVersion], dict[int, ProjectVersion]]:
    """Return the projects of a cohort's programme at two revisions. One query."""
    either = holds(ProjectVersion, here) | holds(ProjectVersion, there)
    query = select(ProjectVersion).where(ProjectVersion.programme_id == cohort.programme_id, either)
    found = db.session.scalars(query).all()
    return tuple({one.project_id: one for one in found if _held(one, number)} for number in (here, there))


def _held(version: ProjectVersion | PageVersion, number: int) -> bool:
    return version.since <= number and (version.until is None or version.until >= number)


def _aims(version: ProjectVersion) -> list[dict]:
    return version.data["competences"]


def _content(version: ProjectVersion) -> tuple:
    """Return what a learner reads of a project; its place in the list is not part of it."""
    return version.title, version.summary, version.hours, version.work, version.team_size, version.data


def _what(key, before: dict, after: dict, content) -> str:
    if key not in before:
        return ADDED
    if key not in after:
        return REMOVED
    return CHANGED if content(before[key]) != content(after[key]) else ""


def _pages(cohort: Cohort, projects: Collection[int], here: int, there: int) -> tuple[list[PageChange], set[int]]:
    """Return the pages that change, each once whatever its variants, and the projects that they belong to."""
    belongs = Page.project_id.in_(list(projects)) | (Page.programme_id == cohort.programme_id)
    before, after = _by_page(belongs, here, there)
    changes, touched = [], set()
    for page_id in before.keys() | after.keys():
        what = _what(page_id, before, after, lambda one: one[1])
        if not what:
            continue
        versions, _hashes, project_id = after.get(page_id) or before[page_id]
        shown = versions.get("") or next(iter(versions.values()))
        changes.append(PageChange(page_id, shown.title, what, shown.role == TEAM))
        if project_id is not None and shown.role != TEAM:
            touched.add(project_id)
    return sorted(changes, key=lambda one: (one.is_for_team, one.title, one.page_id)), touched


PageFound = tuple[dict[str, PageVersion], dict[str, str], int | None]


def _by_page(belongs, *numbers: int) -> list[dict[int, PageFound]]:
    """Return, at each revision, for each page its variants, the hash of each, and its project. One query."""
    either = or_(*(holds(PageVersion, number) for number in numbers))
    query = select(PageVersion, Page.project_id).join(Page, Page.id == PageVersion.page_id).where(belongs, either)
    rows = db.session.execute(query).all()
    each = []
    for number in numbers:
        found: dict[int, PageFound] = {}
        for version, project_id in rows:
            if _held(version, number):
                versions, hashes, _project = found.setdefault(version.page_id, ({}, {}, project_id))
                versions[version.variant], hashes[version.variant] = version, version.rendered_hash
        each.append(found)
    return each


def _is_set(cohort: Cohort):
    return (Assignment.cohort_id == cohort.id) & Assignment.withdrawn_at.is_(None)


def _under_way(cohort: Cohort, projects: Iterable[int]) -> tuple[set[int], list[tuple[int, str]]]:
    """Return the projects that are set, and (project, person) for each draft and each version that waits. One query."""
    given = _is_set(cohort) & Assignment.project_id.in_(list(projects))
    every = select(Assignment.project_id, null().cast(Integer).label("person_id")).where(_is_set(cohort))
    drafts = (
        select(Assignment.project_id, Draft.person_id)
        .join(Deliverable, Deliverable.assignment_id == Assignment.id)
        .join(Draft, Draft.deliverable_id == Deliverable.id)
        .where(given)
    )
    waiting = (
        select(Assignment.project_id, SubmissionOwner.person_id)
        .join(SubmissionState, SubmissionState.assignment_id == Assignment.id)
        .join(SubmissionOwner, SubmissionOwner.submission_id == SubmissionState.submission_id)
        .where(given, SubmissionState.is_waiting)
    )
    found = union_all(every, drafts, waiting).subquery()
    rows = db.session.execute(
        select(found.c.project_id, Person)
        .outerjoin(Person, Person.id == found.c.person_id)
        .order_by(Person.last_name, Person.first_name, Person.id)
    ).all()
    is_set = {project_id for project_id, person in rows if person is None}
    return is_set, [(project_id, person.name) for project_id, person in rows if person is not None]


def move_revision(cohort: Cohort, goal: Revision, trainer_id: int, now: datetime) -> RevisionMove | None:
    """Pin a cohort to another revision; None when it is there already.

    Going back is the same act; what was sent keeps the page it was read at. Raises CohortArchived.
    """
    check_open(cohort)
    with transaction(lock=cohort):
        db.session.refresh(cohort)
        if cohort.revision_id == goal.id:
            return None
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
