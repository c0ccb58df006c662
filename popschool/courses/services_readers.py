"""Who reads which revision: a learner the one their cohort is pinned to, the staff the one that serves."""

from dataclasses import dataclass

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased

from popschool.courses.models import Page, Programme, Project, ProjectVersion, Revision, Source
from popschool.db import db
from popschool.schools.models import Cohort


@dataclass(frozen=True)
class Reading:
    """A project or a page as it was asked for: its source, the live revision, and the reader's cohorts on it."""

    source: Source
    project: Project | None
    page: Page | None
    live: int | None
    cohorts: dict[int, int]

    def number(self, asked: int | None, is_staff: bool) -> int | None:
        """Return the revision to show. Learners may look back, never ahead of their cohort."""
        pinned = max(self.cohorts.values(), default=None)
        own = self.live if is_staff and pinned is None else pinned
        if asked is None or own is None:
            return own
        most = max(filter(None, (self.live, own))) if is_staff else own
        return asked if 1 <= asked <= most else own


def project_reading(source_name: str, key: str, cohorts: frozenset[int]) -> Reading | None:
    """Find a project by its address, with what decides which revision is read. One query."""
    query = _joined(select(Project, Page, Source, Revision.number), cohorts).outerjoin(Page, Page.id == -1)
    return _reading(query.where(Source.name == source_name, Project.key == key))


def project_reading_by_id(project_id: int, cohorts: frozenset[int]) -> Reading | None:
    """Find a project by its id. One query."""
    query = _joined(select(Project, Page, Source, Revision.number), cohorts).outerjoin(Page, Page.id == -1)
    return _reading(query.where(Project.id == project_id))


def page_reading(
    cohorts: frozenset[int], *, page_id: int | None = None, source: str = "", key: str = ""
) -> Reading | None:
    """Find a project's page by its id or its address. One query."""
    query = _joined(select(Project, Page, Source, Revision.number), cohorts).join(Page, Page.project_id == Project.id)
    if page_id is not None:
        return _reading(query.where(Page.id == page_id))
    return _reading(query.where(Source.name == source, Page.key == key))


def programme_page_reading(
    cohorts: frozenset[int], *, page_id: int | None = None, source: str = "", key: str = ""
) -> Reading | None:
    """Find a page that belongs to a programme and to none of its projects. One query."""
    pinned = aliased(Revision)
    query = (
        select(Page, Source, Revision.number, Cohort.id, pinned.number)
        .join(Programme, Programme.id == Page.programme_id)
        .join(Source, Source.id == Page.source_id)
        .outerjoin(Revision, Revision.id == Source.live_revision_id)
        .outerjoin(Cohort, and_(Cohort.programme_id == Programme.id, Cohort.id.in_(cohorts)))
        .outerjoin(pinned, pinned.id == Cohort.revision_id)
    )
    query = (
        query.where(Page.id == page_id) if page_id is not None else query.where(Source.name == source, Page.key == key)
    )
    rows = db.session.execute(query).all()
    if not rows:
        return None
    page, source_found, live = rows[0][:3]
    return Reading(source_found, None, page, live, {row[3]: row[4] for row in rows if row[3] is not None})


def _joined(query: Select, cohorts: frozenset[int]) -> Select:
    pinned = aliased(Revision)
    return (
        query.add_columns(Cohort.id, pinned.number)
        .select_from(Project)
        .join(Source, Source.id == Project.source_id)
        .outerjoin(Revision, Revision.id == Source.live_revision_id)
        .outerjoin(ProjectVersion, ProjectVersion.project_id == Project.id)
        .outerjoin(Cohort, and_(Cohort.programme_id == ProjectVersion.programme_id, Cohort.id.in_(cohorts)))
        .outerjoin(pinned, pinned.id == Cohort.revision_id)
    )


def _reading(query: Select) -> Reading | None:
    rows = db.session.execute(query).all()
    if not rows:
        return None
    project, page, source, live = rows[0][:4]
    return Reading(source, project, page, live, {row[4]: row[5] for row in rows if row[4] is not None})
