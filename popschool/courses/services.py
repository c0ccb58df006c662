"""What pages ask of courses: programmes, projects and pages as one revision has them. One query each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, defer, joinedload

from popschool.courses import rules
from popschool.courses.models import (
    Asset,
    Competence,
    Page,
    PageVersion,
    Programme,
    ProgrammeVersion,
    Project,
    ProjectVersion,
    Rendered,
    Revision,
    Source,
    SyncRun,
)
from popschool.db import db


@dataclass(frozen=True)
class ProjectPage:
    """A project with its brief in one variant. `variants` are those there are, the page itself first, as "".

    `brief` holds the sections by slot: contexte, etapes, travail, evaluation, aide, suite; empty without a brief.
    """

    project: Project
    version: ProjectVersion
    variant: str
    variants: tuple[str, ...]
    sections: list[dict]
    page_id: int | None = None
    weight: int = 0
    rows: tuple[tuple, ...] = ()

    def pages(self, with_team: bool = False) -> list["PageLine"]:
        """Return the other pages of the project, in order; trainers' pages only on demand."""
        return _gathered((row for row in self.rows if row[4] != rules.BRIEF), with_team)

    @property
    def brief(self) -> dict[str, list[Mapping]]:
        return rules.brief_order(self.sections)


@dataclass(frozen=True)
class PageLine:
    """A page in a list."""

    id: int
    key: str
    title: str
    role: str
    position: int
    weight: int
    variants: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The page's own part of its address."""
        return self.key.partition("/")[2]


@dataclass(frozen=True)
class PageShown:
    """A page in one variant, ready to show."""

    page: Page
    version: PageVersion
    sections: list[dict]
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What differs between two revisions: lists of {id, key, title} for each, newest words."""

    projects_added: list[dict] = field(default_factory=list)
    projects_changed: list[dict] = field(default_factory=list)
    projects_removed: list[dict] = field(default_factory=list)
    pages_added: list[dict] = field(default_factory=list)
    pages_changed: list[dict] = field(default_factory=list)
    pages_removed: list[dict] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def holds(version: Any, number: int) -> Any:
    """The condition that a version's row holds at a revision."""
    return and_(version.since <= number, or_(version.until.is_(None), version.until >= number))


def programme_at(programme_id: int, number: int) -> ProgrammeVersion | None:
    """Return a programme as a revision has it."""
    return db.session.scalar(
        select(ProgrammeVersion).where(ProgrammeVersion.programme_id == programme_id, holds(ProgrammeVersion, number))
    )


def programmes_of(source_id: int, number: int) -> list[ProgrammeVersion]:
    """Return the programmes that a revision of a source holds, in order."""
    query = (
        select(ProgrammeVersion)
        .join(Programme)
        .where(Programme.source_id == source_id, holds(ProgrammeVersion, number))
        .order_by(ProgrammeVersion.position)
    )
    return list(db.session.scalars(query))


def live_programmes() -> list[tuple[ProgrammeVersion, Revision]]:
    """Return every programme that can be taught now, with the revision that serves it."""
    query = (
        select(ProgrammeVersion, Revision)
        .join(Programme, Programme.id == ProgrammeVersion.programme_id)
        .join(Source, Source.id == Programme.source_id)
        .join(Revision, Revision.id == Source.live_revision_id)
        .where(ProgrammeVersion.since <= Revision.number)
        .where(or_(ProgrammeVersion.until.is_(None), ProgrammeVersion.until >= Revision.number))
        .order_by(Source.id, ProgrammeVersion.position)
    )
    return [(version, revision) for version, revision in db.session.execute(query)]


def projects_of(programme_id: int, number: int) -> list[ProjectVersion]:
    """Return a programme's projects as a revision has them, in order."""
    query = (
        select(ProjectVersion)
        .where(ProjectVersion.programme_id == programme_id, holds(ProjectVersion, number))
        .order_by(ProjectVersion.position)
    )
    return list(db.session.scalars(query))


def contents_of(
    programmes: Collection[int], number: int
) -> tuple[dict[int, list[ProjectVersion]], dict[int, list[PageLine]]]:
    """Return the projects of some programmes as a revision has them, and their own pages. Two queries in all."""
    projects: dict[int, list[ProjectVersion]] = {programme_id: [] for programme_id in programmes}
    query = (
        select(ProjectVersion)
        .where(ProjectVersion.programme_id.in_(programmes), holds(ProjectVersion, number))
        .order_by(ProjectVersion.position)
        .options(joinedload(ProjectVersion.project))
    )
    for version in db.session.scalars(query):
        projects[version.programme_id].append(version)
    listed = _page_lines(number).add_columns(Page.programme_id).where(Page.programme_id.in_(programmes))
    rows: dict[int, list] = {programme_id: [] for programme_id in programmes}
    for *row, programme_id in db.session.execute(listed):
        rows[programme_id].append(row)
    return projects, {programme_id: _gathered(found, False) for programme_id, found in rows.items()}


def project_at(project_id: int, number: int) -> ProjectVersion | None:
    """Return a project as a revision has it."""
    return db.session.scalar(
        select(ProjectVersion).where(ProjectVersion.project_id == project_id, holds(ProjectVersion, number))
    )


def last_number_of(project_id: int, number: int) -> int | None:
    """Return the last revision, up to this one, that still had a project which has left the course since."""
    query = select(ProjectVersion.until).where(ProjectVersion.project_id == project_id, ProjectVersion.until < number)
    return db.session.scalar(query.order_by(ProjectVersion.until.desc()).limit(1))


def last_number_of_page(page_id: int, number: int) -> int | None:
    """Return the last revision, up to this one, that still had a page which has left the course since."""
    query = select(PageVersion.until).where(PageVersion.page_id == page_id, PageVersion.until < number)
    return db.session.scalar(query.order_by(PageVersion.until.desc()).limit(1))


def project_page(project_id: int, number: int, variant: str = "") -> ProjectPage | None:
    """Return a project with its brief, in the variant asked for or else the page itself, and its pages. One query."""
    at = aliased(PageVersion)
    is_read = and_(Rendered.hash == at.rendered_hash, at.role == rules.BRIEF, at.variant.in_(("", variant)))
    rows = db.session.execute(
        select(
            Project,
            ProjectVersion,
            Rendered.sections,
            Page.id,
            Page.key,
            at.variant,
            at.title,
            at.role,
            at.position,
            at.weight,
        )
        .join(ProjectVersion, ProjectVersion.project_id == Project.id)
        .outerjoin(Page, Page.project_id == Project.id)
        .outerjoin(at, and_(at.page_id == Page.id, holds(at, number)))
        .outerjoin(Rendered, is_read)
        .where(Project.id == project_id, holds(ProjectVersion, number))
        .order_by(at.position, at.variant)
    ).all()
    if not rows:
        return None
    project, version = rows[0][:2]
    found = {row.variant: row for row in rows if row.role == rules.BRIEF}
    shown = found.get(variant) or found.get("")
    rest = tuple(tuple(row[3:]) for row in rows if row.role is not None)
    if shown is None:
        return ProjectPage(project, version, "", (), [], rows=rest)
    variants = ordered_variants(found)
    brief = {"sections": shown.sections or [], "page_id": shown.id, "weight": shown.weight or 0}
    return ProjectPage(project, version, shown.variant, variants, rows=rest, **brief)


def ordered_variants(found: Iterable[str]) -> tuple[str, ...]:
    """Order variants: the page itself, the simple version, then languages."""
    return tuple(sorted(set(found), key=lambda variant: (variant != "", variant != rules.SIMPLE, variant)))


def pages_of(project_id: int, number: int, with_team: bool = False) -> list[PageLine]:
    """Return a project's pages as a revision has them, in order, the brief left out; trainers' pages only on demand."""
    return _lines(Page.project_id == project_id, number, with_team)


def pages_of_programme(programme_id: int, number: int) -> list[PageLine]:
    """Return the pages of a programme that belong to none of its projects."""
    return _lines(Page.programme_id == programme_id, number, False)


def _lines(condition: Any, number: int, with_team: bool) -> list[PageLine]:
    return _gathered(db.session.execute(_page_lines(number).where(condition)), with_team)


def _page_lines(number: int) -> Select:
    return (
        select(
            Page.id,
            Page.key,
            PageVersion.variant,
            PageVersion.title,
            PageVersion.role,
            PageVersion.position,
            PageVersion.weight,
        )
        .join(PageVersion)
        .where(holds(PageVersion, number), PageVersion.role != rules.BRIEF)
        .order_by(PageVersion.position, PageVersion.variant)
    )


def _gathered(rows: Iterable, with_team: bool) -> list[PageLine]:
    """Return one line for each page, whatever its variants; trainers' pages only on demand."""
    lines: dict[int, PageLine] = {}
    for page_id, key, variant, title, role, position, weight in rows:
        if role == rules.TEAM and not with_team:
            continue
        before = lines.get(page_id)
        if before is None:
            lines[page_id] = PageLine(page_id, key, title, role, position, weight, (variant,))
        else:
            shown = {"title": before.title, "weight": before.weight}
            variants = ordered_variants((*before.variants, variant))
            lines[page_id] = PageLine(page_id, key, role=role, position=position, variants=variants, **shown)
    return list(lines.values())


def page_at(page_id: int, number: int, variant: str = "") -> PageShown | None:
    """Return a page in the variant asked for, or else the page itself. One query."""
    rows = db.session.execute(
        select(Page, PageVersion, Rendered.sections)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .outerjoin(Rendered, and_(Rendered.hash == PageVersion.rendered_hash, PageVersion.variant.in_(("", variant))))
        .where(Page.id == page_id, holds(PageVersion, number))
    ).all()
    found = {version.variant: (page, version, sections) for page, version, sections in rows}
    shown = found.get(variant) or found.get("")
    if shown is None:
        return None
    return PageShown(shown[0], shown[1], shown[2] or [], ordered_variants(found))


def competences_of(version: ProgrammeVersion) -> list[Competence]:
    """Return what a programme prepares for, block by block."""
    keys = [item["id"] for block in version.data["blocks"] for item in block["competences"]]
    ranks = {key: rank for rank, key in enumerate(keys)}
    found = db.session.scalars(select(Competence).where(Competence.key.in_(keys)))
    return sorted(found, key=lambda competence: ranks[competence.key])


def competences_by_key(keys: Iterable[str]) -> dict[str, Competence]:
    """Return competences by their key."""
    return {row.key: row for row in db.session.scalars(select(Competence).where(Competence.key.in_(list(keys))))}


def source_named(name: str) -> Source | None:
    return db.session.scalar(select(Source).where(Source.name == name))


def project_named(source_id: int, key: str) -> Project | None:
    return db.session.scalar(select(Project).where(Project.source_id == source_id, Project.key == key))


def page_named(source_id: int, key: str) -> Page | None:
    return db.session.scalar(select(Page).where(Page.source_id == source_id, Page.key == key))


def revision_numbered(source_id: int, number: int) -> Revision | None:
    return db.session.scalar(select(Revision).where(Revision.source_id == source_id, Revision.number == number))


def asset_of(name: str) -> Asset | None:
    return db.session.get(Asset, name)


def changes_between(source_id: int, before: int, after: int, programme_id: int | None = None) -> Changes:
    """Return what differs between two revisions of a source, for one programme or for all."""
    shown = ProjectVersion
    projects = _versions(
        select(Project.id, Project.key, shown.title, shown.id, shown.since, shown.until)
        .join(ProjectVersion, ProjectVersion.project_id == Project.id)
        .where(Project.source_id == source_id, _around(ProjectVersion, before, after))
        .where(ProjectVersion.programme_id == programme_id if programme_id else True),
        before,
        after,
    )
    pages = _versions(
        select(Page.id, Page.key, PageVersion.title, PageVersion.rendered_hash, PageVersion.since, PageVersion.until)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .where(Page.source_id == source_id, PageVersion.variant == "", _around(PageVersion, before, after))
        .where(_in_programme(programme_id, before, after) if programme_id else True),
        before,
        after,
    )
    return Changes(*projects, *pages)


def _around(version: Any, before: int, after: int) -> Any:
    """Versions that hold at one of two revisions and not at both."""
    return holds(version, before) != holds(version, after)


def _in_programme(programme_id: int, before: int, after: int) -> Any:
    projects = select(ProjectVersion.project_id).where(
        ProjectVersion.programme_id == programme_id, or_(holds(ProjectVersion, before), holds(ProjectVersion, after))
    )
    return or_(Page.programme_id == programme_id, Page.project_id.in_(projects))


def _versions(query: Any, before: int, after: int) -> tuple[list[dict], list[dict], list[dict]]:
    """Sort versions in added, changed and removed. A page that only moved in a list has not changed."""
    old, new, marks = {}, {}, {}
    for thing_id, key, title, mark, since, until in db.session.execute(query):
        fact = {"id": thing_id, "key": key, "title": title}
        is_new = since <= after and (until is None or until >= after)
        (new if is_new else old)[thing_id] = fact
        marks.setdefault(thing_id, set()).add(mark)
    added = [fact for thing_id, fact in new.items() if thing_id not in old]
    changed = [fact for thing_id, fact in new.items() if thing_id in old and len(marks[thing_id]) > 1]
    removed = [fact for thing_id, fact in old.items() if thing_id not in new]
    return added, changed, removed


def last_sync(source_id: int) -> SyncRun | None:
    """Return the last sync of a source, under way or ended. They begin one after the other, whatever clocks say."""
    return db.session.scalar(select(SyncRun).where(SyncRun.source_id == source_id).order_by(SyncRun.id.desc()).limit(1))


def count_syncs(source_id: int) -> int:
    """Return how many syncs of a source are kept."""
    return db.session.scalar(select(func.count()).select_from(SyncRun).where(SyncRun.source_id == source_id)) or 0


def syncs_of(source_id: int, start: int, many: int) -> list[SyncRun]:
    """Return some syncs of a source, the last one first, without what each of them found."""
    heavy = (SyncRun.problems, SyncRun.steps, SyncRun.log)
    query = select(SyncRun).where(SyncRun.source_id == source_id).order_by(SyncRun.id.desc())
    return list(db.session.scalars(query.offset(start).limit(many).options(*map(defer, heavy))))


def sync_of(source_id: int, run_id: int) -> SyncRun | None:
    """Return one sync of this source."""
    return db.session.scalar(select(SyncRun).where(SyncRun.source_id == source_id, SyncRun.id == run_id))


def problems_of_last_sync(source_id: int) -> list[dict]:
    """Return what the last sync found wrong, errors first."""
    run = last_sync(source_id)
    return sorted(run.problems, key=lambda problem: problem["level"] != rules.ERROR) if run else []


def revision_at(revision_id: int | None) -> Revision | None:
    """Return a revision by its id; nothing for nothing."""
    return db.session.get(Revision, revision_id) if revision_id else None
