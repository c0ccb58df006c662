"""Jobs of reports: making the whole file of somebody."""

import structlog

from popschool import clock
from popschool.db import db
from popschool.reports import services_files as services
from popschool.reports.models import WholeFile

log = structlog.get_logger(__name__)


def make_whole_file(file_id: int) -> None:
    """Make a whole file. Again, it does nothing."""
    made = db.session.get(WholeFile, file_id)
    if made is not None:
        services.run(made, clock.now())
        log.info("whole file made", file=made.id, bytes=made.archive_size)
