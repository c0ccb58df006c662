"""What was kept for previews that have ended, removed: their lists, the files that they alone show, their commits.

Pages themselves stay, as text under the hash of what made them: a branch that is merged finds them ready. For jobs.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Text, cast, delete, or_, select

from popschool import storage
from popschool.courses.mirrors import mirror_of
from popschool.courses.models import Asset, PageVersion, Quiz, Rendered, Source, SyncRun
from popschool.courses.models_authoring import Preview
from popschool.courses.services_previews import WAITING
from popschool.courses.sync import RUNNING
from popschool.db import db, transaction
from popschool.git import GitFailed
from popschool.stored_names import named_in_rows, names_inside

REFS = "refs/popschool/previews/"
AT_ONCE = 50
ALIVE_FOR = timedelta(hours=1)
log = structlog.get_logger("popschool.courses")


def forget(now: datetime) -> int:
    """Remove what only previews that have ended needed, and return how many files that was.

    While a repository is being read, nothing is removed: it may be about to show one of them.
    """
    with transaction(lock="asset"):
        if _is_reading(now):
            return 0
        ended = list(db.session.scalars(select(Preview).where(_has_ended(now), Preview.manifest_hash != "")))
        lists = {preview.manifest_hash for preview in ended}
        shown = _files_of(ended)
        for preview in ended:
            preview.manifest_hash = ""
        db.session.flush()
        gone = lists - named_in_rows(lists)
        gone |= _shown_nowhere(shown, now)
        db.session.execute(delete(Asset).where(Asset.hash.in_(gone)))
        for name in gone:
            storage.delete(name)
    _forget_commits(now)
    return len(gone)


def _has_ended(now: datetime) -> ColumnElement[bool]:
    return or_(Preview.revoked_at.is_not(None), Preview.expires_at <= now)


def _is_reading(now: datetime) -> bool:
    """Say whether a sync runs, or a preview is waiting to be made."""
    beat = SyncRun.beat_at > now - ALIVE_FOR
    running = select(SyncRun.id).where(SyncRun.outcome == RUNNING, beat).limit(1)
    waiting = select(Preview.id).where(Preview.outcome == WAITING, ~_has_ended(now)).limit(1)
    return db.session.scalar(running) is not None or db.session.scalar(waiting) is not None


def _files_of(previews: Iterable[Preview]) -> set[str]:
    """Return the names of the files that these previews show."""
    found: set[str] = set()
    for preview in previews:
        with suppress(storage.FileMissing), storage.open(preview.manifest_hash) as file:
            found.update(json.loads(file.read()).get("files", ()))
    return found


def _shown_nowhere(names: set[str], now: datetime) -> set[str]:
    """Return those of these files that no revision, no open preview and no other feature has a use for."""
    kept = _files_of(db.session.scalars(select(Preview).where(~_has_ended(now), Preview.manifest_hash != "")))
    left = names - kept
    columns = Rendered.__table__.c, Quiz.__table__.c
    left -= named_in_rows(left, besides=(Asset.__table__.c.hash, columns[0].sections, columns[1].questions))
    in_use = select(PageVersion.rendered_hash)
    for column, name in ((Rendered.sections, Rendered.hash), (Quiz.questions, Quiz.hash)):
        if left:
            texts = select(cast(column, Text)).where(name.in_(in_use)).execution_options(yield_per=AT_ONCE)
            left -= names_inside(db.session.scalars(texts), left)
    return left


def _forget_commits(now: datetime) -> None:
    """Let git go of the commits that were fetched for previews that have ended."""
    open_ones = set(db.session.scalars(select(Preview.id).where(~_has_ended(now))))
    for source in list(db.session.scalars(select(Source))):
        mirror = mirror_of(source)
        if not (mirror.path / "HEAD").exists():
            continue
        try:
            for ref in mirror.refs(REFS):
                if ref.removeprefix(REFS) not in map(str, open_ones):
                    mirror.forget(ref)
        except GitFailed as failed:
            log.warning("commits of previews kept", source=source.name, reason=failed.reason)
