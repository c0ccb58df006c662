"""Jobs of courses: a source read again, and asked whether it has something new."""

from datetime import timedelta

import structlog

from popschool import clock, jobs
from popschool.courses import services_sources
from popschool.courses.models import Source
from popschool.courses.rules import SyncUnderWay
from popschool.db import db, transaction

ONCE_MORE_IN = timedelta(seconds=5)
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
