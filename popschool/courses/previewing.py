"""A branch or a commit fetched, built and kept to be looked at. Nothing of it is published. For jobs."""

import json
from dataclasses import asdict
from datetime import datetime

import structlog

from popschool import storage
from popschool.courses.build import Build, build
from popschool.courses.mirrors import mirror_of, remote_of
from popschool.courses.models import Source
from popschool.courses.models_authoring import Preview
from popschool.courses.services_previews import FAILED, READY, REFUSED, WAITING
from popschool.courses.shelf import DatabaseShelf
from popschool.courses.sync import in_words, kept_problems, known_files
from popschool.courses.trees import CommitTree
from popschool.db import db, transaction
from popschool.git import GitFailed
from popschool.outbound import OutboundRefused

log = structlog.get_logger("popschool.courses")


def make(preview_id: int, now: datetime) -> None:
    """Make a preview ready, once."""
    preview = db.session.get(Preview, preview_id)
    if preview is None or preview.outcome != WAITING:
        return
    source = db.session.get(Source, preview.source_id)
    values = {"outcome": FAILED, "made_at": now}
    try:
        values |= _made(source, preview)
    except (GitFailed, OutboundRefused) as error:
        db.session.rollback()
        values["problems"] = [in_words(error)]
        log.info("preview failed", source=source.name, reason=getattr(error, "reason", type(error).__name__))
    with transaction(lock=preview):
        for name, value in values.items():
            setattr(preview, name, value)


def _made(source: Source, preview: Preview) -> dict:
    mirror, known = mirror_of(source), known_files(source)
    db.session.commit()  # ends the read: fetching and rendering take their time
    if not (mirror.path / "HEAD").exists():
        mirror.fetch(remote_of(source), source.branch)
    commit = mirror.describe(mirror.fetch_ref(remote_of(source), preview.ref, f"refs/popschool/previews/{preview.id}"))
    tree = CommitTree(mirror, commit.hash, source.folder)
    made = build(tree, source.name, source.title, known, DatabaseShelf(source.id))
    found = {"commit": commit.hash, "message": commit.message, "problems": kept_problems(made.facts())}
    found["outcome"] = REFUSED if made.course.has_errors else READY
    written = json.dumps({"files": made.file_names()} | _manifest(source, made), ensure_ascii=False).encode()
    return found | {"manifest_hash": storage.put(written).hash}


def _manifest(source: Source, made: Build) -> dict:
    """Return what a preview shows: nothing when it was refused, and then only its files are named, to be removed."""
    if made.course.has_errors:
        return {}
    course, hashes, pages = made.course, made.hashes, []
    for page in course.pages:
        facts = asdict(page)
        del facts["links"], facts["images"]
        pages.append(facts | {"hash": hashes[page.path]})
    return {
        "source": source.name,
        "programmes": [asdict(programme) for programme in course.programmes],
        "projects": [asdict(project) for project in course.projects],
        "pages": pages,
    }
