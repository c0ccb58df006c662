"""The hours of some places in a cohort, from the daily summaries, the timetable and the weeks signed in a company."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, reduce
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Date,
    Integer,
    ScalarSelect,
    Select,
    String,
    Time,
    and_,
    bindparam,
    func,
    literal,
    null,
    select,
)

from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay, PresenceDay
from popschool.attendance.rules import Span
from popschool.attendance.rules_holidays import public_holidays
from popschool.completion.rules_hours import Hours
from popschool.db import UtcMoment, db
from popschool.schools.models import Enrolment


class Figures(NamedTuple):
    """Minutes of a stretch of days, by what became of them."""

    planned: int = 0
    attended: int = 0
    distance: int = 0
    justified: int = 0
    unjustified: int = 0
    missing: int = 0


FIGURES = Figures._fields


@dataclass
class Counted:
    """What was counted for one place: its hours, and the rows that say so.

    `minutes_refused` were justified by the school, and are not for the funder: they are unjustified here.
    """

    hours: Hours = field(default_factory=Hours)
    not_opened: list[date] = field(default_factory=list)
    days_missing: list[date] = field(default_factory=list)
    months: list[tuple[date, Hours]] = field(default_factory=list)
    company_weeks: list[CompanyWeek] = field(default_factory=list)
    weeks_unsigned: int = 0
    periods: list[CompanyPeriod] = field(default_factory=list)
    minutes_refused: int = 0


@dataclass(frozen=True)
class Stretch:
    """A place and the days of it that are counted, the last one included."""

    enrolment: Enrolment
    first: date
    last: date

    @classmethod
    def of(cls, enrolment: Enrolment, first: date, last: date) -> "Stretch":
        return cls(enrolment, max(first, enrolment.starts_on), min(last, enrolment.last_day))

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Planned:
    """A half-day of a cohort; `is_held` once its list is frozen: its minutes are then in the summaries, and 0 here."""

    on: date
    is_held: bool
    minutes: int


@dataclass(frozen=True)
class Calendar:
    """What was planned and counted in a cohort: summaries by place, half-days, periods and weeks in companies.

    The summaries are one for each day, or, `in_total`, one for each whole place.
    """

    days: Mapping[int, Sequence[Any]]
    half_days: Sequence[Planned]
    periods: Sequence[CompanyPeriod]
    weeks: Mapping[int, Sequence[CompanyWeek]]
    in_total: bool = False


def calendar_of(
    cohort_id: int,
    first: date,
    last: date,
    sums: Mapping[int, Figures] | None = None,
    *,
    has_periods: bool = True,
) -> Calendar:
    """Read the calendar of a cohort between two days. Two queries; one for whoever knows that it `has_periods` nowhere.

    `sums` is what `totals` adds up by place, for whoever counts whole places: no day is then read apart.
    """
    given = {"cohort": cohort_id, "first": first, "last": last}
    days: dict[int, list] = defaultdict(list)
    half_days = []
    for row in db.session.execute(_not_held() if sums is not None else _days(), given).all():
        if row.enrolment_id is not None:
            days[row.enrolment_id].append(row)
        elif row.opened_at is not None:
            half_days.append(Planned(row.on, True, 0))
        else:
            span = Span(row.on, row.starts, row.ends, row.pause_minutes, ZoneInfo(row.time_zone))
            half_days.append(Planned(row.on, False, span.minutes))
    if sums is not None:
        days = {key: [row] for key, row in sums.items()}
    away = _in_companies(cohort_id) if has_periods else ([], {})
    return Calendar(days, half_days, *away, in_total=sums is not None)


def hours_of(cohort_id: int, stretches: Sequence[Stretch], today: date) -> list[Counted]:
    """Return what is counted for each stretch, in the same order. Two queries, whatever their number."""
    if not stretches:
        return []
    first, last = min(one.first for one in stretches), max(one.last for one in stretches)
    return hours_in(calendar_of(cohort_id, first, last), stretches, today)


def hours_in(calendar: Calendar, stretches: Sequence[Stretch], today: date) -> list[Counted]:
    """Return what a calendar counts for each stretch, in the same order."""
    if not stretches:
        return []
    free = set(public_holidays(min(one.first for one in stretches), max(one.last for one in stretches)))
    not_held = [one for one in calendar.half_days if not one.is_held]
    return [_counted(one, calendar, not_held, free, today) for one in stretches]


@cache
def _not_held() -> Select:
    """Built once: making it costs several times what running it does."""
    return _half_days().where(HalfDay.opened_at.is_(None))


def _half_days() -> Select:
    """Return the query of half-days in the form of `_days`: whoever reads both asks for both at once."""
    half_day = HalfDay.__table__.c
    return (
        select(
            null().cast(Integer).label("enrolment_id"),
            half_day.on,
            *(literal(0).label(name) for name in FIGURES),
            half_day.starts,
            half_day.ends,
            half_day.pause_minutes,
            half_day.time_zone,
            half_day.opened_at,
        )
        .where(
            half_day.cohort_id == bindparam("cohort"),
            half_day.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
            half_day.cancelled_at.is_(None),
        )
        .order_by(half_day.on)
    )


@cache
def _days() -> Select:
    """Return the query of the summaries of each place and day, then of the half-days, by day."""
    day = PresenceDay.__table__.c
    summaries = select(
        day.enrolment_id,
        day.on,
        *(day[name] for name in FIGURES),
        null().cast(Time).label("starts"),
        null().cast(Time).label("ends"),
        null().cast(Integer).label("pause_minutes"),
        null().cast(String).label("time_zone"),
        null().cast(UtcMoment()).label("opened_at"),
    ).where(
        day.cohort_id == bindparam("cohort"),
        day.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
    )
    both = summaries.union_all(_half_days().order_by(None)).subquery()
    return select(both).order_by(both.c.on)


def totals() -> ScalarSelect[str]:
    """Return the sums of the own days of a place, as one text for `figures_in`: six values, and one search for them."""
    day = PresenceDay.__table__.c
    texts = [func.sum(day[name]).cast(String) for name in FIGURES]
    joined = reduce(lambda before, one: before + " " + one, texts)
    last = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    return (
        select(joined)
        .where(day.enrolment_id == Enrolment.id, day.on.between(Enrolment.starts_on, last))
        .correlate(Enrolment)
        .scalar_subquery()
    )


def figures_in(text: str | None) -> Figures:
    """Return what `totals` added up; nothing for a place of which no day is counted yet."""
    return Figures(*map(int, text.split())) if text else Figures()


def _in_companies(cohort_id: int) -> tuple[list[CompanyPeriod], dict[int, list[CompanyWeek]]]:
    """Return the periods of a cohort in companies, and the last version of each week there, by person. One query."""
    periods: dict[int, CompanyPeriod] = {}
    found: dict[int, list[CompanyWeek]] = defaultdict(list)
    for period, week in db.session.execute(_periods(), {"cohort": cohort_id}).all():
        periods[period.id] = period
        if week is not None:
            found[week.person_id].append(week)
    for weeks in found.values():
        weeks.sort(key=lambda week: week.monday)
    return list(periods.values()), found


@cache
def _periods() -> Select:
    cohort = bindparam("cohort")
    newest = (
        select(
            CompanyWeek.period_id,
            CompanyWeek.person_id,
            CompanyWeek.monday,
            func.max(CompanyWeek.version).label("version"),
        )
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .where(CompanyPeriod.cohort_id == cohort)
        .group_by(CompanyWeek.period_id, CompanyWeek.person_id, CompanyWeek.monday)
        .subquery()
    )
    names = ("period_id", "person_id", "monday", "version")
    return (
        select(CompanyPeriod, CompanyWeek)
        .outerjoin(newest, newest.c.period_id == CompanyPeriod.id)
        .outerjoin(CompanyWeek, and_(*(getattr(CompanyWeek, name) == newest.c[name] for name in names)))
        .where(CompanyPeriod.cohort_id == cohort)
        .order_by(CompanyPeriod.starts_on, CompanyPeriod.id, CompanyWeek.id)
    )


def _counted(
    stretch: Stretch, calendar: Calendar, not_held: Iterable[Planned], free: set[date], today: date
) -> Counted:
    enrolment = stretch.enrolment
    own_days = calendar.days.get(enrolment.id, ())
    by_day = not calendar.in_total
    if by_day:
        own_days = [row for row in own_days if stretch.holds(row.on)]
    own_periods = [
        one
        for one in calendar.periods
        if one.person_id in (None, enrolment.person_id)
        and one.starts_on <= stretch.last
        and one.ends_on >= stretch.first
    ]
    away = {day for one in own_periods for day in _days_between(one.starts_on, one.ends_on)}
    coming = [one for one in not_held if stretch.holds(one.on) and one.on not in away]
    late = [one for one in coming if one.on < today]
    sums = Figures(*[sum(getattr(row, name) for row in own_days) for name in FIGURES]) if by_day else own_days[0]
    minutes_late = sum(one.minutes for one in late)
    signed, unsigned = [], 0
    for week in calendar.weeks.get(enrolment.person_id, ()):
        if any(stretch.holds(date.fromisoformat(day)) for day in week.days):
            if week.tutor_signed_at is None:
                unsigned += 1
            else:
                signed.append(week)
    return Counted(
        months=_months(own_days if by_day else (), late),
        hours=Hours(
            planned=sums.planned + sum(one.minutes for one in coming),
            due=sums.planned + minutes_late,
            attended=sums.attended,
            distance=sums.distance,
            justified=sums.justified,
            unjustified=sums.unjustified,
            missing=sums.missing + minutes_late,
            company=sum(
                minutes
                for week in signed
                for day, minutes in week.days.items()
                if stretch.holds(date.fromisoformat(day))
            ),
            company_planned=sum(_planned_in(one, stretch, free) for one in own_periods),
        ),
        not_opened=[one.on for one in late],
        days_missing=[row.on for row in own_days if row.missing] if by_day else [],
        company_weeks=signed,
        weeks_unsigned=unsigned,
        periods=own_periods,
    )


def _months(days: Iterable, late: Iterable[Planned]) -> list[tuple[date, Hours]]:
    """Return the centre's hours of each month, in order. They add up to those of the whole stretch."""
    found: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for row in days:
        for name in FIGURES:
            found[row.on.replace(day=1)][name] += getattr(row, name)
    for one in late:
        for name in ("planned", "missing"):
            found[one.on.replace(day=1)][name] += one.minutes
    return [
        (
            first,
            Hours(
                planned=sums["planned"],
                due=sums["planned"],
                attended=sums["attended"],
                distance=sums["distance"],
                justified=sums["justified"],
                unjustified=sums["unjustified"],
                missing=sums["missing"],
            ),
        )
        for first, sums in sorted(found.items())
    ]


def _days_between(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _planned_in(period: CompanyPeriod, stretch: Stretch, free: set[date]) -> int:
    """Return the minutes planned in a company: each day of the week that is no holiday, Monday to Friday."""
    first, last = max(period.starts_on, stretch.first), min(period.ends_on, stretch.last)
    return period.minutes_a_day * sum(1 for day in _days_between(first, last) if day.weekday() < 5 and day not in free)
