"""The figures that somebody looks at: those of the network, its yearly reports, and each door that is open."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from popschool import jobs, kept
from popschool.completion import services_report_kept
from popschool.completion.services_figures import period_of as period_of_report
from popschool.completion.services_figures import years_held
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
    for one in jobs.stoppable(found.values()):
        kept.whole(one)
    return len(found)


def usual(today: date) -> Iterator[Counting]:
    """Yield how each of them is counted. One query."""
    yield network.learning_on(today)
    first, last, _is_period = period_of(None, None, today)
    yield services_network.counting_of(Selection(first, last, today))
    for year in years_held(today - timedelta(days=365), today):
        yield services_report_kept.counting_of(*period_of_report(year), today)
    doors = db.session.scalars(select(Door).where(Door.closed_at.is_(None))).all()
    for door in doors:
        if is_open(door, today):
            yield services_seen.counting_of(selection_of(door, today))
