"""Jobs of courses: a source read again, and asked whether it has something new."""

from datetime import timedelta

import structlog

from popschool import clock, jobs
from popschool.courses import services_sources, services_webhooks, services_writing
from popschool.courses.mirrors import last_commit
from popschool.courses.models import Source
from popschool.courses.rules import SyncUnderWay
from popschool.db import db, transaction

ONCE_MORE_IN = timedelta(seconds=5)
LOOK_TASK = "popschool.courses.tasks:look_at_source"
log = structlog.get_logger("popschool.courses")


def sync_source(source_id: int, asked_by_id: int | None = None, reason: str = "button") -> None:
    """Read one source again. One under way may have begun before this push: it is read once more after it."""
    from popschool.courses.sync import synchronise  # pages load this file, and nothing of what a sync needs

    source = db.session.get(Source, source_id)
    if source is None:
        return
    try:
        synchronise(source, clock.now(), asked_by_id=asked_by_id, reason=reason)
    except SyncUnderWay:
        log.info("sync under way", source=source.name)
        with transaction():
            asked = {"source_id": source_id, "asked_by_id": asked_by_id, "reason": reason}
            task, key = services_sources.SYNC_TASK, services_sources.sync_key(source_id)
            jobs.enqueue(task, key=key, run_at=clock.now() + ONCE_MORE_IN, **asked)


def look_at_sources() -> None:
    """Have each source whose time has come asked for its last commit. One job each: a slow forge holds no other."""
    with transaction():
        for source_id in services_sources.due_to_look(clock.now()):
            jobs.enqueue(LOOK_TASK, key=f"look/{source_id}", source_id=source_id)


def look_at_source(source_id: int) -> None:
    """Ask a source for its last commit, which costs little, and read it when that is new."""
    source = db.session.get(Source, source_id)
    if source is not None:
        services_sources.note_look(source, last_commit(source), clock.now())


def push_page(save_id: int) -> None:
    """Send what was written in the browser to its repository."""
    services_writing.push(save_id, clock.now())


def make_preview(preview_id: int) -> None:
    """Make a branch or a commit ready to be looked at."""
    from popschool.courses import previewing

    previewing.make(preview_id, clock.now())


def forget_previews() -> None:
    """Remove what was kept for previews that have ended."""
    from popschool.courses import ended_previews

    ended_previews.forget(clock.now())


def forget_deliveries() -> None:
    services_webhooks.forget_deliveries(clock.now())


jobs.recur("courses.look_at_sources", "popschool.courses.tasks:look_at_sources", every=timedelta(minutes=5))
jobs.recur("courses.forget_previews", "popschool.courses.tasks:forget_previews", every=timedelta(days=1))
jobs.recur("courses.forget_deliveries", "popschool.courses.tasks:forget_deliveries", every=timedelta(days=1))
