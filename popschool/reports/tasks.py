"""Jobs of reports: making the whole file of somebody, forgetting it a month later; evidence for Qualiopi."""

from datetime import time, timedelta

import structlog
from flask import current_app

from popschool import clock, jobs
from popschool.db import db
from popschool.reports import evidence_pack, services_due, services_retention, services_usual  # noqa: F401  it says what it removes
from popschool.reports import services_files as services
from popschool.reports.models import WholeFile
from popschool.reports.models_evidence import EvidencePack

log = structlog.get_logger(__name__)


def make_whole_file(file_id: int) -> None:
    """Make a whole file. Again, it does nothing."""
    made = db.session.get(WholeFile, file_id)
    if made is not None:
        services.run(made, clock.now())
        log.info("whole file made", file=made.id, bytes=made.archive_size)


def make_evidence(pack_id: int) -> None:
    """Make the evidence of a school and year. Again, it does nothing."""
    pack = db.session.get(EvidencePack, pack_id)
    if pack is not None:
        evidence_pack.run(pack, current_app.config["POPSCHOOL"].base_url, clock.now(), clock.today())
        log.info("evidence made", pack=pack.id, bytes=pack.archive_size)


def forget_whole_files() -> None:
    """Remove the archives that are a month old."""
    log.info("whole files forgotten", count=services.forget_old(clock.now()))


def prepare_list(due_id: int) -> None:
    """Make a list that waits for a manager. Again, it says what the facts say then."""
    due = services_due.read_due(due_id)
    if due is not None:
        services_due.prepare(due, clock.now(), clock.today())
        log.info("list prepared", due=due.id, listed=due.listed, is_ready=not due.blocks)


def prepare_lists() -> None:
    """Ask for the lists whose day has come."""
    log.info("lists asked for", count=services_due.prepare_those_due(clock.now(), clock.today()))


def keep_figures() -> None:
    """Count again what changed of the figures of the network and of open doors, so that few pages have to."""
    log.info("figures kept", count=services_usual.keep(clock.today()))


jobs.recur("keep figures", "popschool.reports.tasks:keep_figures", every=timedelta(minutes=5))
jobs.recur("prepare lists", "popschool.reports.tasks:prepare_lists", at=time(5, 30))
jobs.recur("forget whole files", "popschool.reports.tasks:forget_whole_files", at=time(2, 50))
