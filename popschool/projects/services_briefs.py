"""A project as a page: what its brief says at a revision, its other pages, and the competences it aims at."""

from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import Integer, Select, and_, bindparam, func, literal, or_, select

from popschool.courses.models import Competence, Page, PageVersion, ProjectVersion, Rendered
from popschool.db import db
from popschool.projects.models_help import Checklist, HelpRequest
from popschool.projects.services_assignments import holds, last_version_at
from popschool.projects.services_margins import Margin, is_open, margin_in

READ = ("lesson", "quiz")


@dataclass
class Brief:
    """A project as a page: its version, the sections of its brief, its other pages and the competences it aims at.

    `number` is the revision that it is read at: an older one than asked, when the course no longer has it. `margin` is
    what its reader has in the margin of the brief.
    """

    version: ProjectVersion
    number: int
    sections: list[dict]
    variant: str
    variants: list[str]
    pages: list[tuple[int, str]]
    competences: list[tuple[str, int]]
    page_id: int | None = None
    margin: Margin = field(default_factory=Margin)


def brief_at(project_id: int, number: int, variant: str) -> Brief | None:
    """Return a project at a revision, or at the last that had it, in a variant when it has it. Two queries."""
    version = db.session.scalars(select(ProjectVersion).where(last_version_at(project_id, number))).first()
    return brief_of(version, number, variant) if version is not None else None


def brief_of(version: ProjectVersion, number: int, variant: str, reader_id: int | None = None) -> Brief:
    """Return a project as a page, at a revision or at the last that had it, in a variant when it has it. One query."""
    project_id = version.project_id
    if version.until is not None and version.until < number:
        number = version.until
    keys = [target["id"] for target in version.data["competences"]]
    given = {"project": project_id, "number": number, "keys": keys, "variant": variant, "reader": reader_id}
    rows = db.session.execute(_brief_rows(), given).all()
    return _brief(version, rows, variant, number)


@cache
def _brief_rows() -> Select:
    pages = (
        select(
            literal("page").label("kind"),
            PageVersion.page_id,
            PageVersion.variant,
            PageVersion.role,
            PageVersion.title,
            PageVersion.position,
            PageVersion.rendered_hash,
        )
        .join(Page, Page.id == PageVersion.page_id)
        .where(Page.project_id == bindparam("project"), holds(PageVersion, bindparam("number", type_=Integer)))
    )
    competences = select(
        literal("competence"),
        Competence.id,
        Competence.key,
        literal(""),
        func.coalesce(func.nullif(Competence.plain, ""), Competence.title),
        Competence.position,
        literal(""),
    ).where(Competence.key.in_(bindparam("keys", expanding=True)))
    listed, reader = pages.union_all(competences).subquery(), bindparam("reader", type_=Integer)
    is_brief = listed.c.role == "brief"
    return (
        select(listed, Rendered.sections, Checklist.done, HelpRequest)
        .outerjoin(
            Rendered,
            and_(
                Rendered.hash == listed.c.rendered_hash,
                is_brief,
                or_(listed.c.variant == "", listed.c.variant == bindparam("variant")),
            ),
        )
        .outerjoin(Checklist, and_(Checklist.person_id == reader, Checklist.page_id == listed.c.page_id, is_brief))
        .outerjoin(HelpRequest, and_(is_open(reader, listed.c.page_id), is_brief))
        .order_by(listed.c.position)
    )


def _brief(version: ProjectVersion, rows, variant: str, number: int) -> Brief:
    of_brief = [row for row in rows if row.kind == "page" and row.role == "brief"]
    briefs = {row.variant: row.sections for row in of_brief}
    shown = variant if variant in briefs else ""
    names = {row.variant: row.title for row in rows if row.kind == "competence"}
    return Brief(
        version=version,
        number=number,
        sections=briefs.get(shown) or [],
        variant=shown,
        variants=sorted(briefs),
        page_id=next((row.page_id for row in of_brief), None),
        margin=margin_in((row.done, row.HelpRequest) for row in of_brief),
        pages=[(row.page_id, row.title) for row in rows if row.kind == "page" and row.role in READ and not row.variant],
        competences=[
            (names.get(target["id"], target["id"]), target["level"]) for target in version.data["competences"]
        ],
    )
