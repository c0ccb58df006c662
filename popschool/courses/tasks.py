"""Jobs of courses: a source read again."""

import structlog

from popschool import clock
from popschool.courses.models import Source
from popschool.courses.rules import SyncUnderWay
from popschool.db import db

log = structlog.get_logger("popschool.courses")


def sync_source(source_id: int, asked_by_id: int | None = None) -> None:
    """Read one source again. A sync under way already reads the same commit."""
    from popschool.courses.sync import synchronise  # pages load this file, and nothing of what a sync needs

    source = db.session.get(Source, source_id)
    if source is not None:
        try:
            synchronise(source, clock.now(), asked_by_id=asked_by_id)
        except SyncUnderWay:
            log.info("sync under way", source=source.name)
