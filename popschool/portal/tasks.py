"""Jobs of the ways out: programs are told what happened, one address at a time."""

from datetime import time

import structlog
from flask import current_app

from popschool import clock, http_out, jobs, storage
from popschool.db import db
from popschool.portal import (
    removing,
    services_anchor,
    services_data,
    services_erasures,
    services_hearing,
    services_retention,
    services_webhooks,
)
from popschool.portal.models import DataCopy
from popschool.portal.rules_webhooks import Event

log = structlog.get_logger(__name__)


def spread(event: str, subject_id: int) -> None:
    """Write one fact down for each address that is told of it."""
    told = services_hearing.told_of(Event(event), subject_id)
    if told is not None:
        services_webhooks.spread(told.school_id, Event(event), subject_id, told.at, told.data, clock.now())


def deliver(webhook_id: int) -> None:
    """Send what waits for one address."""
    services_webhooks.deliver(webhook_id, http_out.post, clock.now)


def tell_enrolments() -> None:
    """Tell of the places that begin today or ended yesterday."""
    now = clock.now()
    for event, subject_id, told in services_hearing.enrolments_of_the_day(now):
        services_webhooks.spread(told.school_id, event, subject_id, now, told.data, now)


def forget_bodies() -> None:
    services_webhooks.forget_bodies(clock.now())


def make_data_copy(copy_id: int) -> None:
    services_data.make(db.session.get_one(DataCopy, copy_id), current_app.config["POPSCHOOL"].base_url, clock.now())


def forget_copies() -> None:
    services_data.forget_copies(clock.now())


def keep_no_longer() -> None:
    """Remove what is past its time, of everybody, and see that each erasure is remembered outside the database."""
    services_erasures.keep()
    counts = services_retention.run(clock.now(), clock.today())
    log.info("removed by retention", **counts)


def keep_erasures() -> None:
    """Remember outside the database, at once, an erasure that was agreed."""
    services_erasures.keep()


def delete_files(names: list[str]) -> None:
    """Delete the files of rows that are gone, but those that another row names. Again, it does nothing."""
    for name in sorted(set(names) - removing.still_named(names)):
        storage.delete(name)


def anchor_record() -> None:
    """Keep the heads of the record outside, when the settings say where."""
    to = current_app.config["POPSCHOOL"].anchor
    if to:
        services_anchor.keep(to, clock.now())


jobs.recur("remove what is past its time", "popschool.portal.tasks:keep_no_longer", at=time(2, 40))
jobs.recur("portal.anchor_record", "popschool.portal.tasks:anchor_record", at=time(4, 20))
jobs.recur("portal.forget_copies", "popschool.portal.tasks:forget_copies", at=time(4, 10))
jobs.recur("portal.tell_enrolments", "popschool.portal.tasks:tell_enrolments", at=time(5, 20))
jobs.recur("portal.forget_bodies", "popschool.portal.tasks:forget_bodies", at=time(3, 50))
