"""A new revision written as the difference with the one before: what changed is closed and opened, nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from popschool.courses.build import Build
from popschool.courses.models import (
    Competence,
    Page,
    PageVersion,
    Programme,
    ProgrammeVersion,
    Project,
    ProjectVersion,
    Revision,
    Source,
)
from popschool.courses.parts import Course
from popschool.courses.rules import ADVICE, BRIEF
from popschool.db import Base, db
from popschool.errors import Problem
from popschool.git import Commit

AT_ONCE = 500


@dataclass(frozen=True)
class Written:
    """The revision made, and how many pages it changed."""

    revision: Revision
    changed: int


def write_revision(source: Source, commit: Commit, made: Build, now: datetime) -> Written:
    """Write what changed since the last revision, inside the caller's transaction."""
    last = db.session.scalar(
        select(Revision.number).where(Revision.source_id == source.id).order_by(Revision.number.desc()).limit(1)
    )
    number = (last or 0) + 1
    course = made.course
    programmes = _identities(Programme, source, (part.key for part in course.programmes))
    projects = _identities(Project, source, (part.key for part in course.projects))
    pages = _page_identities(source, course, programmes, projects)
    _write(number, ProgrammeVersion, _open_programmes(source), _programme_values(course, programmes), "programme_id")
    _write(number, ProjectVersion, _open_projects(source), _project_values(course, projects, programmes), "project_id")
    page_values = _page_values(made, pages)
    changed = _write(number, PageVersion, _open_pages(source), page_values, "page_id", "variant")
    _write_competences(course)
    revision = Revision(
        source_id=source.id,
        number=number,
        commit=commit.hash,
        author=commit.author,
        message=commit.message,
        committed_at=commit.at,
        made_at=now,
        pages=len(page_values),
    )
    db.session.add(revision)
    db.session.flush()
    source.live_revision_id = revision.id
    return Written(revision, len({key[0] for key in changed}))


def ids_that_changed(source: Source, course: Course) -> list[Problem]:
    """Say which projects and pages take another id in the same file: for the school they are other things."""
    found = []
    before = _keys_by_path(source, Project, ProjectVersion)
    present = {project.key for project in course.projects}
    for part in course.projects:
        old = before.get(part.path, part.key)
        if old != part.key and old not in present:
            words = f"Ce projet change d'identifiant : « {old} » devient « {part.key} ». C'est un autre projet."
            mend = f"Les travaux faits restent sur « {old} ». Remettez-le, sauf si c'est voulu."
            found.append(Problem(part.path, 1, 1, ADVICE, words, mend))
    before = _keys_by_path(source, Page, PageVersion)
    present = {page.key for page in course.pages}
    for page in course.pages:
        old = before.get(page.path, page.key)
        if old != page.key and old not in present and page.role != BRIEF:
            words = f"Cette page change d'adresse : « {old} » devient « {page.key} »."
            found.append(Problem(page.path, 1, 1, ADVICE, words, "Les promos en cours gardent l'ancienne."))
    return found


def _keys_by_path(source: Source, model: type[Base], version: type[Base]) -> dict[str, str]:
    """Return the id that each file gives in the revision that serves."""
    identity = version.project_id if model is Project else version.page_id
    query = select(version.path, model.key).join(model, model.id == identity)
    return dict(db.session.execute(query.where(model.source_id == source.id, version.until.is_(None))).all())


def _identities(model: type[Base], source: Source, keys: Iterable[str]) -> dict[str, int]:
    """Return the id of each key, making those that are new. A key that comes back finds its id again."""
    known = dict(db.session.execute(select(model.key, model.id).where(model.source_id == source.id)).all())
    for key in keys:
        if key not in known:
            thing = model(source_id=source.id, key=key)
            db.session.add(thing)
            db.session.flush()
            known[key] = thing.id
    return known


def _page_identities(source: Source, course: Course, programmes: Mapping, projects: Mapping) -> dict[str, int]:
    query = select(Page.key, Page.id).where(Page.source_id == source.id)
    known = dict(db.session.execute(query).all())
    new = {}
    for part in course.pages:
        if part.key not in known and part.key not in new:
            new[part.key] = {
                "source_id": source.id,
                "key": part.key,
                "project_id": projects[part.project] if part.project else None,
                "programme_id": programmes[part.programme] if part.programme else None,
            }
    rows = list(new.values())
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(Page), rows[start : start + AT_ONCE])
    if rows:
        known = dict(db.session.execute(query).all())
    return known


def _write(number: int, model: type[Base], current: dict, wanted: dict, *identity: str) -> set[tuple]:
    """Close the versions that no longer hold, open those that begin; return the identities of both."""
    closing, opening, touched = [], [], set()
    for key, (version_id, values) in current.items():
        if wanted.get(key) != values:
            closing.append(version_id)
            touched.add(key)
    for key, values in wanted.items():
        if key not in current or current[key][1] != values:
            opening.append(dict(zip(identity, key, strict=True)) | values | {"since": number, "until": None})
            touched.add(key)
    for start in range(0, len(closing), AT_ONCE):
        part = closing[start : start + AT_ONCE]
        db.session.execute(
            update(model).where(model.id.in_(part)).values(until=number - 1),
            execution_options={"synchronize_session": False},
        )
    for start in range(0, len(opening), AT_ONCE):
        db.session.execute(insert(model), opening[start : start + AT_ONCE])
    return touched


PROGRAMME_FIELDS = ("position", "title", "kind", "summary", "hours", "language", "data")
PROJECT_FIELDS = (*("programme_id", "position", "title", "summary", "hours", "work", "team_size", "path", "data"),)
PAGE_FIELDS = ("position", "title", "path", "role", "rendered_hash", "weight")


def _current(model: type[Base], parent: type[Base], source: Source, fields: tuple, *identity: str) -> dict:
    columns = [model.id, *(getattr(model, name) for name in (*identity, *fields))]
    query = (
        select(*columns)
        .join(parent, parent.id == getattr(model, identity[0]))
        .where(parent.source_id == source.id, model.until.is_(None))
    )
    width = 1 + len(identity)
    return {
        tuple(row[1:width]): (row[0], dict(zip(fields, row[width:], strict=True))) for row in db.session.execute(query)
    }


def _open_programmes(source: Source) -> dict:
    return _current(ProgrammeVersion, Programme, source, PROGRAMME_FIELDS, "programme_id")


def _open_projects(source: Source) -> dict:
    return _current(ProjectVersion, Project, source, PROJECT_FIELDS, "project_id")


def _open_pages(source: Source) -> dict:
    return _current(PageVersion, Page, source, PAGE_FIELDS, "page_id", "variant")


def _programme_values(course: Course, ids: Mapping[str, int]) -> dict:
    return {(ids[part.key],): {name: getattr(part, name) for name in PROGRAMME_FIELDS} for part in course.programmes}


def _project_values(course: Course, ids: Mapping[str, int], programmes: Mapping[str, int]) -> dict:
    return {
        (ids[part.key],): {
            "programme_id": programmes[part.programme],
            **{name: getattr(part, name) for name in PROJECT_FIELDS[1:]},
        }
        for part in course.projects
    }


def _page_values(made: Build, ids: Mapping[str, int]) -> dict:
    return {
        (ids[part.key], part.variant): {
            "position": part.position,
            "title": part.title,
            "path": part.path,
            "role": part.role,
            "rendered_hash": made.hashes[part.path],
            "weight": made.weights[part.path],
        }
        for part in made.course.pages
    }


def _write_competences(course: Course) -> None:
    """Keep each competence under its certification's own id: the last words written for it are the ones shown."""
    wanted = {}
    for programme in course.programmes:
        for rank, block in enumerate(programme.data["blocks"], 1):
            for number, item in enumerate(block["competences"], 1):
                wanted[item["id"]] = {
                    "title": item["title"],
                    "plain": item["plain"] or item["title"],
                    "block_title": block["title"],
                    "block_position": rank,
                    "position": number,
                }
    known = {row.key: row for row in db.session.scalars(select(Competence).where(Competence.key.in_(wanted)))}
    for key, values in wanted.items():
        if key in known:
            for name, value in values.items():
                setattr(known[key], name, value)
        else:
            db.session.add(Competence(key=key, **values))
