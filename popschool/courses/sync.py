"""A source read again: fetch, build, and one transaction that makes the whole revision available.

Any error leaves the last good revision serving. Used by commands and jobs, never by a web request.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, insert, select, update

from popschool.courses.build import Build, build
from popschool.courses.learnt import Learnt
from popschool.courses.mirrors import mirror_of, remote_of
from popschool.courses.models import Revision, Source, SourceFile, SyncRun
from popschool.courses.progress import Progress
from popschool.courses.retouch import retouch
from popschool.courses.revisions import ids_that_changed, write_revision
from popschool.courses.rules import ADVICE, ERROR, SourceUnknown, SyncUnderWay
from popschool.courses.shelf import DatabaseShelf
from popschool.courses.trees import CommitTree
from popschool.db import db, transaction
from popschool.errors import Problem
from popschool.git import Commit, GitFailed, Mirror
from popschool.outbound import AddressInside, HostUnknown, OutboundRefused

DEAD_AFTER = timedelta(minutes=4)  # no step is silent for that long
MOST_PROBLEMS = 1000
RUNS_KEPT = 200
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


def synchronise(source: Source, now: datetime, *, asked_by_id: int | None = None, reason: str = "command") -> Outcome:
    """Read one source again, and say how it went. Raises SyncUnderWay."""
    run = _begin(source, asked_by_id, reason, now)
    progress, found = Progress(run), _Found()
    try:
        _try(source, run, found, progress, now)
    except (GitFailed, OutboundRefused) as error:
        db.session.rollback()
        found.outcome, found.problems = FAILED, [in_words(error)]
        log.warning("sync failed", source=source.name, reason=getattr(error, "reason", type(error).__name__))
    except RunTakenOver:
        found.outcome = FAILED
        found.problems = [_problem("Cette lecture s'est arrêtée trop longtemps.", "Une autre a pris la suite.")]
    except Exception:
        db.session.rollback()
        found.outcome = FAILED
        words = "La mise à jour s'est arrêtée à cause d'une erreur de Popschool."
        found.problems = [_problem(words, "Prévenez l'équipe du réseau. La version en ligne n'a pas changé.")]
        log.exception("sync broke", source=source.name)
    progress.end()
    progress.say(_last_words(found))
    found.problems = kept_problems(found.problems)
    _end(run, found, progress, now + timedelta(seconds=progress.seconds))
    return Outcome(
        source=source.name,
        outcome=found.outcome,
        commit=found.commit,
        pages=found.pages,
        changed=found.changed,
        problems=found.problems,
        seconds=progress.seconds,
        blobs_read=found.blobs_read,
        steps=progress.steps,
    )


def find_source(name: str) -> Source:
    """Return the source of this name. Raises SourceUnknown."""
    source = db.session.scalar(select(Source).where(Source.name == name))
    if source is None:
        raise SourceUnknown(name)
    return source


@dataclass
class _Found:
    outcome: str = FAILED
    commit: str = ""
    author: str = ""
    message: str = ""
    number: int = 0
    revision_id: int | None = None
    pages: int = 0
    changed: int = 0
    blobs_read: int = 0
    problems: list[dict] = field(default_factory=list)


class RunTakenOver(Exception):
    """Another run took this one for dead, and works instead of it."""


def _try(source: Source, run: SyncRun, found: _Found, progress: Progress, now: datetime) -> None:
    progress.begin("fetch")
    mirror = mirror_of(source)
    db.session.commit()  # ends the read: fetching takes its time
    commit = mirror.describe(mirror.fetch(remote_of(source), source.branch))
    found.commit, found.author, found.message = commit.hash, commit.author, commit.message
    progress.count(1)
    progress.say(f"Commit {commit.hash[:7]}, de {commit.author} : {commit.message}")
    live = db.session.get(Revision, source.live_revision_id) if source.live_revision_id else None
    if live is not None and live.commit == commit.hash:
        found.outcome, found.pages, found.number, found.revision_id = UNCHANGED, live.pages, live.number, live.id
        found.problems = _standing_advice(source, commit.hash)
        return
    if live is not None and _retouch(source, live, mirror, commit, found, progress, now):
        return
    tree = CommitTree(mirror, commit.hash, source.folder)
    known = known_files(source)
    db.session.commit()  # ends the read: so does rendering
    made = build(tree, source.name, source.title, known, DatabaseShelf(source.id), progress)
    found.blobs_read, found.pages = tree.blobs_read, len(made.course.pages)
    found.problems = made.facts() + [_once(problem) for problem in ids_that_changed(source, made.course)]
    if made.course.has_errors:
        found.outcome = REFUSED
        with transaction():
            _keep_files(source, known, made)
        return
    progress.begin("publish")
    _publish(source, run, commit, made, known, found, now)
    progress.count(found.changed)


def _retouch(
    source: Source, live: Revision, mirror: Mirror, commit: Commit, found: _Found, progress: Progress, now: datetime
) -> bool:
    """Take the short way when it is open; say whether it was."""
    done = retouch(source, live, mirror, commit, _standing_advice(source, live.commit), now, progress)
    if done is None:
        return False
    found.outcome, found.pages, found.changed = PUBLISHED, live.pages, done.changed
    found.number, found.revision_id = live.number + 1, source.live_revision_id
    found.problems, found.blobs_read = done.problems, done.blobs_read
    return True


def _publish(
    source: Source, run: SyncRun, commit: Commit, made: Build, known: Learnt, found: _Found, now: datetime
) -> None:
    with transaction(lock=f"source/{source.id}"):
        if db.session.scalar(select(SyncRun.outcome).where(SyncRun.id == run.id)) != RUNNING:
            raise RunTakenOver
        written = write_revision(source, commit, made, now)
        _keep_files(source, known, made)
    found.outcome, found.changed, found.pages = PUBLISHED, written.changed, written.revision.pages
    found.number, found.revision_id = written.revision.number, written.revision.id


def _begin(source: Source, asked_by_id: int | None, reason: str, now: datetime) -> SyncRun:
    with transaction(lock=f"source/{source.id}"):
        running = (SyncRun.source_id == source.id) & (SyncRun.outcome == RUNNING)
        beat = func.coalesce(SyncRun.beat_at, SyncRun.started_at)
        if db.session.scalar(select(SyncRun.id).where(running, beat > now - DEAD_AFTER)) is not None:
            raise SyncUnderWay(source.name)
        ended = _problem("La lecture s'est arrêtée en route.", "Relancez-la. La version en ligne n'a pas changé.")
        db.session.execute(update(SyncRun).where(running).values(outcome=FAILED, finished_at=now, problems=[ended]))
        run = SyncRun(source_id=source.id, asked_by_id=asked_by_id, reason=reason, started_at=now, beat_at=now)
        db.session.add(run)
    return run


def _end(run: SyncRun, found: _Found, progress: Progress, now: datetime) -> None:
    values = {name: getattr(found, name) for name in ("outcome", "commit", "author", "message", "revision_id")}
    values |= {name: getattr(found, name) for name in ("problems", "pages", "changed")}
    values |= {"steps": progress.steps, "log": progress.log, "finished_at": now}
    older = select(SyncRun.id).where(SyncRun.source_id == run.source_id).order_by(SyncRun.id.desc()).offset(RUNS_KEPT)
    with transaction():
        # A run that another took for dead has ended already, and its words stay.
        db.session.execute(update(SyncRun).where(SyncRun.id == run.id, SyncRun.outcome == RUNNING).values(**values))
        db.session.execute(delete(SyncRun).where(SyncRun.id.in_(list(db.session.scalars(older)))))
    db.session.expire(run)


def _last_words(found: _Found) -> str:
    errors = sum(problem["level"] == ERROR for problem in found.problems)
    if found.outcome == PUBLISHED:
        return f"Version {found.number} en ligne. Pages changées : {found.changed}."
    if found.outcome == UNCHANGED:
        return f"Rien de nouveau : la version {found.number} est en ligne."
    if found.outcome == REFUSED:
        return f"Rien n'a été publié. Problèmes qui bloquent : {errors}."
    return f"La lecture n'a pas abouti. {found.problems[0]['message'] if found.problems else ''}".strip()


def kept_problems(problems: list[dict]) -> list[dict]:
    """Keep all of what a person can read; of a flood, the errors first, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    kept = sorted(problems, key=lambda problem: problem["level"] != ERROR)[:MOST_PROBLEMS]
    words = f"Il y a {len(problems) - MOST_PROBLEMS} autres problèmes ou conseils."
    mend = "Corrigez d'abord ceux-ci, ou lisez-les tous avec « popschool courses check »."
    return [*kept, Problem("", 0, 0, ADVICE, words, mend).as_dict() | {"excerpt": ""}]


def _once(problem: Problem) -> dict:
    """Return a problem that is said of this change alone, and not again of the revisions that follow."""
    return problem.as_dict() | {"excerpt": "", "once": True}


def _standing_advice(source: Source, commit: str) -> list[dict]:
    """Return what was said of this commit when it was published."""
    query = select(SyncRun.problems).where(
        SyncRun.source_id == source.id, SyncRun.commit == commit, SyncRun.outcome.in_((PUBLISHED, UNCHANGED))
    )
    told = db.session.scalar(query.order_by(SyncRun.id.desc()).limit(1)) or []
    return [problem for problem in told if not problem.get("once")]


def known_files(source: Source) -> Learnt:
    """Return what was learnt from each file of a source, with the blob that it was learnt from."""
    query = select(SourceFile.path, SourceFile.blob, SourceFile.facts).where(SourceFile.source_id == source.id)
    known = Learnt()
    for path, blob, facts in db.session.execute(query.execution_options(yield_per=AT_ONCE)):
        known[path] = (blob, facts)
    return known


def _keep_files(source: Source, known: Learnt, made: Build) -> None:
    """Remember what was learnt from each file, so that it is not read again."""
    gone = [path for path in known if path not in made.files]
    changed = [path for path, learnt in made.files.items() if known.get(path) != learnt]
    stale = [*gone, *(path for path in changed if path in known)]
    for start in range(0, len(stale), AT_ONCE):
        part = stale[start : start + AT_ONCE]
        db.session.execute(delete(SourceFile).where(SourceFile.source_id == source.id, SourceFile.path.in_(part)))
    for start in range(0, len(changed), AT_ONCE):
        part = ((path, *made.files[path]) for path in changed[start : start + AT_ONCE])
        rows = [{"source_id": source.id, "path": path, "blob": blob, "facts": facts} for path, blob, facts in part]
        db.session.execute(insert(SourceFile), rows)


def in_words(error: GitFailed | OutboundRefused) -> dict:
    """Return why a repository could not be read, as a problem that its author reads."""
    if isinstance(error, GitFailed):
        return _problem(*REASONS.get(error.reason, REASONS["broken"]))
    if isinstance(error, AddressInside):
        return _problem("Cette adresse mène à l'intérieur de notre réseau.", "Donnez une adresse publique.")
    if isinstance(error, HostUnknown):
        return _problem(f"Aucune machine ne répond au nom « {error.host} ».", "Vérifiez l'adresse.")
    return _problem("Cette adresse ne peut pas servir.", "Donnez une adresse https ou ssh, sans mot de passe dedans.")


def _problem(message: str, mend: str) -> dict:
    return Problem("", 0, 0, ERROR, message, mend).as_dict() | {"excerpt": ""}
