"""A source read again: fetch, build, and one transaction that makes the whole revision available.

Any error leaves the last good revision serving. Used by commands and jobs, never by a web request.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import delete, insert, select, update

from popschool.courses import vault
from popschool.courses.build import Build, build
from popschool.courses.models import Revision, Source, SourceFile, SyncRun
from popschool.courses.retouch import retouch
from popschool.courses.revisions import write_revision
from popschool.courses.rules import ERROR, SourceUnknown, SyncUnderWay
from popschool.courses.shelf import DatabaseShelf
from popschool.courses.trees import CommitTree
from popschool.db import db, transaction
from popschool.errors import Problem
from popschool.git import Commit, GitFailed, Mirror, Remote
from popschool.outbound import AddressInside, HostUnknown, OutboundRefused

LEASE = timedelta(minutes=15)
AT_ONCE = 300
RUNNING, PUBLISHED, UNCHANGED, REFUSED, FAILED = "running", "published", "unchanged", "refused", "failed"
REASONS = {
    "unreachable": ("Le dépôt ne répond pas.", "Vérifiez l'adresse, puis relancez."),
    "refused": ("Le dépôt refuse l'entrée.", "Vérifiez le jeton, ou collez la clé de déploiement chez la forge."),
    "unknown_branch": ("Cette branche n'existe pas dans le dépôt.", "Vérifiez le nom de la branche."),
    "unknown_folder": ("Ce dossier n'existe pas dans le dépôt.", "Vérifiez le nom du dossier."),
    "slow": ("Le dépôt met trop de temps à répondre.", "Relancez dans quelques minutes."),
    "heavy": ("Le dépôt est trop lourd. Le maximum est 500 Mo.", "Mettez les cours dans un dépôt à part."),
    "broken": ("Le dépôt ne se lit pas.", "Poussez de nouveau, puis relancez."),
}
log = structlog.get_logger("popschool.courses")


@dataclass
class Outcome:
    """What a sync gave, as the command line says it. `blobs_read` counts files asked of git."""

    source: str
    outcome: str
    commit: str
    pages: int
    changed: int
    problems: list[dict]
    seconds: float
    blobs_read: int = 0
    steps: list[dict] = field(default_factory=list)


def synchronise(source: Source, now: datetime, *, asked_by_id: int | None = None) -> Outcome:
    """Read one source again, and say how it went. Raises SyncUnderWay."""
    started = time.perf_counter()
    run = _begin(source, asked_by_id, now)
    found = _Found()
    try:
        _try(source, found, now)
    except (GitFailed, OutboundRefused) as error:
        found.outcome, found.problems = FAILED, [_words(error)]
        log.warning("sync failed", source=source.name, reason=getattr(error, "reason", type(error).__name__))
    except Exception:
        db.session.rollback()
        found.outcome = FAILED
        words = "La mise à jour s'est arrêtée à cause d'une erreur de Popschool."
        found.problems = [_problem(words, "Prévenez l'équipe du réseau. La version en ligne n'a pas changé.")]
        log.exception("sync broke", source=source.name)
    seconds = time.perf_counter() - started
    _end(run, found, now + timedelta(seconds=seconds))
    return Outcome(
        source=source.name,
        outcome=found.outcome,
        commit=found.commit,
        pages=found.pages,
        changed=found.changed,
        problems=found.problems,
        seconds=round(seconds, 3),
        blobs_read=found.blobs_read,
        steps=found.steps,
    )


def find_source(name: str) -> Source:
    """Return the source of this name. Raises SourceUnknown."""
    source = db.session.scalar(select(Source).where(Source.name == name))
    if source is None:
        raise SourceUnknown(name)
    return source


def mirror_of(source: Source) -> Mirror:
    """Return where a source is copied."""
    return Mirror(Path(current_app.config["POPSCHOOL"].data_dir) / "git" / f"{source.id}-{source.name}.git")


@dataclass
class _Found:
    outcome: str = FAILED
    commit: str = ""
    author: str = ""
    pages: int = 0
    changed: int = 0
    blobs_read: int = 0
    problems: list[dict] = field(default_factory=list)
    steps: list[dict] = field(default_factory=list)


def _try(source: Source, found: _Found, now: datetime) -> None:
    started = time.perf_counter()
    mirror = mirror_of(source)
    db.session.commit()  # ends the read: fetching takes its time
    commit = mirror.describe(mirror.fetch(_remote(source), source.branch))
    found.commit, found.author = commit.hash, commit.author
    found.steps.append({"name": "fetch", "seconds": round(time.perf_counter() - started, 3), "count": 1})
    live = db.session.get(Revision, source.live_revision_id) if source.live_revision_id else None
    if live is not None and live.commit == commit.hash:
        found.outcome, found.pages = UNCHANGED, live.pages
        found.problems = _standing_advice(source, commit.hash)
        return
    if live is not None and _retouch(source, live, mirror, commit, found, now):
        return
    tree = CommitTree(mirror, commit.hash, source.folder)
    known = _known(source)
    db.session.commit()  # ends the read: so does rendering
    made = build(tree, source.name, source.title, known, DatabaseShelf(source.id))
    found.steps.extend(made.steps)
    found.blobs_read, found.pages, found.problems = tree.blobs_read, len(made.course.pages), made.facts()
    if made.course.has_errors:
        found.outcome = REFUSED
        with transaction():
            _keep_files(source, known, made)
        return
    _publish(source, commit, made, known, found, now)


def _retouch(source: Source, live: Revision, mirror: Mirror, commit: Commit, found: _Found, now: datetime) -> bool:
    """Take the short way when it is open; say whether it was."""
    started = time.perf_counter()
    done = retouch(source, live, mirror, commit, _standing_advice(source, live.commit), now)
    if done is None:
        return False
    found.outcome, found.pages, found.changed = PUBLISHED, live.pages, done.changed
    found.problems, found.blobs_read = done.problems, done.blobs_read
    found.steps.append({"name": "render", "seconds": round(time.perf_counter() - started, 3), "count": done.changed})
    return True


def _publish(source: Source, commit: Commit, made: Build, known: dict, found: _Found, now: datetime) -> None:
    started = time.perf_counter()
    with transaction(lock=f"source/{source.id}"):
        written = write_revision(source, commit, made, now)
        _keep_files(source, known, made)
    found.outcome, found.changed, found.pages = PUBLISHED, written.changed, written.revision.pages
    found.steps.append(
        {"name": "publish", "seconds": round(time.perf_counter() - started, 3), "count": written.changed}
    )


def _begin(source: Source, asked_by_id: int | None, now: datetime) -> SyncRun:
    with transaction(lock=f"source/{source.id}"):
        running = db.session.scalar(
            select(SyncRun.id).where(
                SyncRun.source_id == source.id, SyncRun.outcome == RUNNING, SyncRun.started_at > now - LEASE
            )
        )
        if running is not None:
            raise SyncUnderWay(source.name)
        db.session.execute(
            update(SyncRun).where(SyncRun.source_id == source.id, SyncRun.outcome == RUNNING).values(outcome=FAILED)
        )
        run = SyncRun(source_id=source.id, asked_by_id=asked_by_id, started_at=now, problems=[], steps=[])
        db.session.add(run)
    return run


def _end(run: SyncRun, found: _Found, now: datetime) -> None:
    with transaction():
        run.outcome, run.finished_at, run.commit, run.author = found.outcome, now, found.commit, found.author
        run.problems, run.steps, run.pages, run.changed = found.problems, found.steps, found.pages, found.changed
        db.session.add(run)


def _remote(source: Source) -> Remote:
    return Remote(
        url=source.url,
        token=vault.open_secret(source.token_encrypted),
        deploy_key=vault.open_secret(source.deploy_key_encrypted),
        is_local=source.is_local,
    )


def _standing_advice(source: Source, commit: str) -> list[dict]:
    """Return what was said of this commit when it was published."""
    query = select(SyncRun.problems).where(
        SyncRun.source_id == source.id, SyncRun.commit == commit, SyncRun.outcome.in_((PUBLISHED, UNCHANGED))
    )
    return db.session.scalar(query.order_by(SyncRun.id.desc()).limit(1)) or []


def _known(source: Source) -> dict[str, tuple[str, dict]]:
    rows = db.session.execute(
        select(SourceFile.path, SourceFile.blob, SourceFile.facts).where(SourceFile.source_id == source.id)
    )
    return {path: (blob, facts) for path, blob, facts in rows}


def _keep_files(source: Source, known: dict, made: Build) -> None:
    """Remember what was learnt from each file, so that it is not read again."""
    gone = [path for path in known if path not in made.files]
    changed = [path for path, (blob, facts) in made.files.items() if known.get(path) != (blob, facts)]
    stale = [*gone, *(path for path in changed if path in known)]
    for start in range(0, len(stale), AT_ONCE):
        part = stale[start : start + AT_ONCE]
        db.session.execute(delete(SourceFile).where(SourceFile.source_id == source.id, SourceFile.path.in_(part)))
    rows = [
        {"source_id": source.id, "path": path, "blob": made.files[path][0], "facts": made.files[path][1]}
        for path in changed
    ]
    if rows:
        db.session.execute(insert(SourceFile), rows)


def _words(error: GitFailed | OutboundRefused) -> dict:
    if isinstance(error, GitFailed):
        return _problem(*REASONS.get(error.reason, REASONS["broken"]))
    if isinstance(error, AddressInside):
        return _problem("Cette adresse mène à l'intérieur de notre réseau.", "Donnez une adresse publique.")
    if isinstance(error, HostUnknown):
        return _problem(f"Aucune machine ne répond au nom « {error.host} ».", "Vérifiez l'adresse.")
    return _problem("Cette adresse ne peut pas servir.", "Donnez une adresse https ou ssh, sans mot de passe dedans.")


def _problem(message: str, mend: str) -> dict:
    return Problem("", 0, 0, ERROR, message, mend).as_dict() | {"excerpt": ""}
