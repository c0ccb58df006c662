"""One person's own half-days: what is to sign today, one's line on a list, a record over weeks."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, bindparam, select
from sqlalchemy.orm import Bundle, joinedload

from popschool.attendance.models import Entry, Expected, HalfDay
from popschool.attendance.models_planning import AttendanceSettings
from popschool.attendance.rules import Delays, Expectation, Kind, closing_moment, is_open
from popschool.attendance.services_half_days import delays_in
from popschool.attendance.services_reading import ON_LIST, Line, line, plain_entry
from popschool.db import db


def own_half_days(person_id: int, first: date, last: date) -> list[tuple[HalfDay, Line]]:
    """Return a person's own half-days that have opened, from a day to another, in order. Two queries."""
    rows = db.session.execute(
        select(HalfDay, Expected)
        .join(Expected, Expected.half_day_id == HalfDay.id)
        .where(Expected.person_id == person_id, HalfDay.on.between(first, last), HalfDay.cancelled_at.is_(None))
        .order_by(HalfDay.on, HalfDay.starts)
        .options(
            joinedload(HalfDay.cohort),
            joinedload(HalfDay.room),
            joinedload(HalfDay.trainers),
            joinedload(Expected.person),
        )
    ).unique()
    found = list(rows)
    entries: dict[int, list[Entry]] = defaultdict(list)
    for entry in db.session.scalars(
        select(Entry)
        .where(
            Entry.half_day_id.in_([half_day.id for half_day, _ in found]),
            Entry.person_id == person_id,
            Entry.kind != Kind.COUNTERSIGNATURE,
        )
        .order_by(Entry.id)
        .options(joinedload(Entry.content))
    ):
        entries[entry.half_day_id].append(entry)
    return [(half_day, line(half_day, on_list, entries[half_day.id], on_list.person)) for half_day, on_list in found]


def line_of(half_day: HalfDay, person_id: int) -> Line | None:
    """Return one person's line on the list of a half-day; None when they are not on it. Two queries."""
    given = {"half_day": half_day.id, "person": person_id}
    expected = db.session.scalars(_one_expected(), given).first()
    if expected is None:
        return None
    return line(half_day, expected, list(db.session.scalars(_one_person_entries(), given)), expected.person)


@cache
def _one_expected() -> Select:
    return (
        select(Expected)
        .where(Expected.half_day_id == bindparam("half_day"), Expected.person_id == bindparam("person"))
        .options(joinedload(Expected.person))
    )


@cache
def _one_person_entries() -> Select:
    return (
        select(Entry)
        .where(
            Entry.half_day_id == bindparam("half_day"),
            Entry.person_id == bindparam("person"),
            Entry.kind != str(Kind.COUNTERSIGNATURE),
        )
        .order_by(Entry.id)
        .options(joinedload(Entry.content))
    )


@dataclass
class OwnDay:
    """A person's half-days around today, with their line on each list once it has opened, and what is to sign now."""

    today: list[HalfDay]
    to_sign: list[HalfDay]
    lines: dict[int, Line]


def own_day(person_id: int, cohorts: Collection[int], day: date, now: datetime) -> OwnDay:
    """Return what one person has to sign today or still has from the day before. One query."""
    given = {"person": person_id, "cohorts": list(cohorts), "first": day - timedelta(days=1), "last": day}
    half_days: dict[int, HalfDay] = {}
    expected: dict[int, Any] = {}
    entries: dict[int, list[Any]] = defaultdict(list)
    delays: dict[int, Delays] = {}
    for half_day, on_list, entry, settings in db.session.execute(_own_day(), given):
        half_days[half_day.id] = half_day
        delays[half_day.id] = delays_in(settings if settings.delay_hours is not None else None)
        if on_list.person_id is not None:
            expected[half_day.id] = on_list
        if entry.id is not None and entry.kind != Kind.COUNTERSIGNATURE:
            entries[half_day.id].append(entry)
    lines = {key: line(half_days[key], one, entries[key]) for key, one in expected.items()}
    to_sign = [half_day for key, half_day in half_days.items() if may_sign(half_day, lines.get(key), delays[key], now)]
    return OwnDay([one for one in half_days.values() if one.on == day], to_sign, lines)


@cache
def _own_day() -> Select:
    """Built once. The days are looked for twice, by cohort and by person: each way has its index, both at once none."""
    person = bindparam("person", type_=Integer)
    between = HalfDay.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date))
    of_cohorts = select(HalfDay.id).where(HalfDay.cohort_id.in_(bindparam("cohorts", expanding=True)), between)
    on_lists = select(Expected.half_day_id).join(HalfDay, HalfDay.id == Expected.half_day_id)
    own = of_cohorts.union_all(on_lists.where(Expected.person_id == person, between))
    return (
        select(
            HalfDay,
            Bundle("on_list", *(getattr(Expected, name) for name in ON_LIST)),
            Bundle("entry", *plain_entry()),
            Bundle("settings", AttendanceSettings.opens_before_minutes, AttendanceSettings.delay_hours),
        )
        .outerjoin(Expected, and_(Expected.half_day_id == HalfDay.id, Expected.person_id == person))
        .outerjoin(Entry, and_(Entry.half_day_id == HalfDay.id, Entry.person_id == person))
        .outerjoin(AttendanceSettings, AttendanceSettings.school_id == HalfDay.school_id)
        .where(HalfDay.id.in_(own), HalfDay.cancelled_at.is_(None))
        .order_by(HalfDay.on, HalfDay.starts, Entry.id)
        .options(joinedload(HalfDay.room), joinedload(HalfDay.activity))
    )


def may_sign(half_day: HalfDay, own: Line | None, delays: Delays, now: datetime) -> bool:
    """Say whether somebody has this half-day to sign, now: open, not over for long, not signed, not in a company.

    Once the list is frozen, only those who are on it sign.
    """
    if half_day.activity is not None or (half_day.opened_at is not None and own is None):
        return False
    if own is not None and (own.standing.is_signed or own.expected.expectation == Expectation.COMPANY):
        return False
    if own is not None and own.standing.why is None:
        return False
    return is_open(half_day.span, half_day.opened_at, now) and now < closing_moment(half_day.span, delays)
