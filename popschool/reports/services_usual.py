"""The figures that somebody looks at every day: those of the network, and those of each door that is open."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from popschool import kept
from popschool.db import db
from popschool.kept import Counting
from popschool.reports import services_network, services_seen
from popschool.reports.models import Door
from popschool.reports.rules_board import Selection, period_of
from popschool.reports.services_doors import is_open
from popschool.reports.visible import selection_of
from popschool.schools import network


def keep(today: date) -> int:
    """Count what changed of them, and forget what was counted before today. Returns how many they are."""
    kept.forget_before(today)
    found = {one.what: one for one in usual(today)}
    for one in found.values():
        kept.whole(one)
    return len(found)


def usual(today: date) -> Iterator[Counting]:
    """Yield how each of them is counted. One query."""
    yield network.learning_on(today)
    first, last, _is_period = period_of(None, None, today)
    yield services_network.counting_of(Selection(first, last, today))
    doors = db.session.scalars(select(Door).where(Door.closed_at.is_(None))).all()
    for door in doors:
        if is_open(door, today):
            yield services_seen.counting_of(selection_of(door, today))
