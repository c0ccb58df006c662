"""What two revisions of a course have different, page by page, in the words that readers read."""

from dataclasses import dataclass

from sqlalchemy import select

from popschool.courses import differences
from popschool.courses.differences import Difference
from popschool.courses.models import Page, PageVersion, Project, ProjectVersion, Rendered
from popschool.courses.services import holds
from popschool.db import db

ADDED, CHANGED, REMOVED = "added", "changed", "removed"


@dataclass(frozen=True)
class PageChange:
    """One variant of a page at two revisions; a title is empty where the page is not there."""

    page: Page
    variant: str
    before: str
    after: str
    difference: Difference

    @property
    def title(self) -> str:
        return self.after or self.before

    @property
    def what(self) -> str:
        return CHANGED if self.before and self.after else ADDED if self.after else REMOVED


def page_changes(source_id: int, page_id: int, before: int, after: int) -> list[PageChange]:
    """Return what changes in each variant of a page of this source. One query."""
    rows = db.session.execute(
        select(Page, PageVersion, Rendered.sections)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .join(Rendered, Rendered.hash == PageVersion.rendered_hash)
        .where(Page.id == page_id, Page.source_id == source_id)
        .where(holds(PageVersion, before) | holds(PageVersion, after))
        .order_by(PageVersion.variant)
    ).all()
    old = {version.variant: (page, version, sections) for page, version, sections in rows if _at(version, before)}
    new = {version.variant: (page, version, sections) for page, version, sections in rows if _at(version, after)}
    return [_page_change(old.get(name), new.get(name), name) for name in dict.fromkeys([*old, *new])]


def _at(version: PageVersion | ProjectVersion, number: int) -> bool:
    return version.since <= number and (version.until is None or version.until >= number)


def _page_change(old: tuple | None, new: tuple | None, variant: str) -> PageChange:
    first, second = (differences.blocks_of(one[2]) if one else [] for one in (old, new))
    titles = [one[1].title if one else "" for one in (old, new)]
    shown = [([title] if title else []) + blocks for title, blocks in zip(titles, (first, second), strict=True)]
    return PageChange((new or old)[0], variant, *titles, differences.compare(*shown))


@dataclass(frozen=True)
class ProjectChange:
    """What a project's own file says at two revisions: its title, what it asks for, its criteria."""

    project: Project
    title: str
    difference: Difference


def project_change(source_id: int, project_id: int, before: int, after: int) -> ProjectChange | None:
    """Return what changes in a project's own file, its page left aside. One query."""
    rows = db.session.execute(
        select(Project, ProjectVersion)
        .join(ProjectVersion, ProjectVersion.project_id == Project.id)
        .where(Project.id == project_id, Project.source_id == source_id)
        .where(holds(ProjectVersion, before) | holds(ProjectVersion, after))
    ).all()
    if not rows:
        return None
    lines = [
        next((differences.lines_of(v.title, v.summary, v.hours, v.data) for _, v in rows if _at(v, number)), [])
        for number in (before, after)
    ]
    title = next((v.title for _, v in rows if _at(v, after)), rows[0][1].title)
    return ProjectChange(rows[0][0], title, differences.compare(*lines))
