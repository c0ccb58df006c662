"""A half-day cancelled alone in its day counts nowhere in the daily summaries; put back, it counts again."""

from datetime import timedelta

from popschool.attendance import services, services_timetable, summaries
from popschool.attendance.models import PresenceDay
from popschool.db import db
from tests.attendance.weeks import make_week
from tests.factories import save


def planned_on(day) -> set[int]:
    return {row.planned for row in db.session.query(PresenceDay).filter_by(on=day)}


def test_a_cancelled_half_day_alone_in_its_day_is_no_longer_planned(app):
    week = make_week(half_days=3)
    save()
    alone = week.half_days[2]
    begins, leader = alone.span.starts_at, week.trainer.id
    services.open_half_day(alone, leader, begins)
    services_timetable.cancel_half_day(alone, "Neige", leader, begins + timedelta(minutes=5))

    assert planned_on(alone.on) == {0}
    assert list(summaries.differences()) == []

    services_timetable.restore_half_day(alone, leader, begins + timedelta(minutes=9))

    assert planned_on(alone.on) == {alone.minutes}
    assert list(summaries.differences()) == []
