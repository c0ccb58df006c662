"""The hours of some places in a cohort, from the daily summaries, the timetable and the weeks signed in a company."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import and_, func, null, select

from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay, PresenceDay
from popschool.attendance.rules_holidays import public_holidays
from popschool.completion.rules_hours import Hours
from popschool.db import db
from popschool.schools.models import Enrolment

FIGURES = ("planned", "attended", "distance", "justified", "unjustified", "missing")


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


def hours_of(cohort_id: int, stretches: Sequence[Stretch], today: date, *, in_total: bool = False) -> list[Counted]:
    """Return what is counted for each stretch, in the same order. Five queries, whatever their number.

    `in_total`, for stretches that are whole places: the database adds the days up, and no month is told apart.
    """
    if not stretches:
        return []
    first, last = min(one.first for one in stretches), max(one.last for one in stretches)
    days = _totals(cohort_id) if in_total else _days(cohort_id, first, last)
    not_opened = _not_opened(cohort_id, first, last)
    periods = _periods(cohort_id)
    weeks = _weeks(cohort_id)
    free = set(public_holidays(first, last))
    return [_counted(one, days, not_opened, periods, weeks, free, today) for one in stretches]


def _days(cohort_id: int, first: date, last: date) -> dict[int, list]:
    found: dict[int, list] = defaultdict(list)
    asked = select(PresenceDay.enrolment_id, PresenceDay.on, *(getattr(PresenceDay, name) for name in FIGURES))
    for row in db.session.execute(
        asked.where(PresenceDay.cohort_id == cohort_id, PresenceDay.on.between(first, last)).order_by(PresenceDay.on)
    ):
        found[row.enrolment_id].append(row)
    return found


def _totals(cohort_id: int) -> dict[int, list]:
    """Return the sums of each place of a cohort, over its own days."""
    sums = [func.sum(getattr(PresenceDay, name)).label(name) for name in FIGURES]
    rows = db.session.execute(
        select(PresenceDay.enrolment_id, null().label("on"), *sums)
        .join(Enrolment, Enrolment.id == PresenceDay.enrolment_id)
        .where(
            PresenceDay.cohort_id == cohort_id,
            PresenceDay.on.between(Enrolment.starts_on, func.coalesce(Enrolment.left_on, Enrolment.ends_on)),
        )
        .group_by(PresenceDay.enrolment_id)
    )
    return {row.enrolment_id: [row] for row in rows}


def _not_opened(cohort_id: int, first: date, last: date) -> Sequence[HalfDay]:
    """Return the half-days of which no list was frozen: those to come, and those that nobody held."""
    return db.session.scalars(
        select(HalfDay)
        .where(
            HalfDay.cohort_id == cohort_id,
            HalfDay.on.between(first, last),
            HalfDay.opened_at.is_(None),
            HalfDay.cancelled_at.is_(None),
        )
        .order_by(HalfDay.on)
    ).all()


def _periods(cohort_id: int) -> Sequence[CompanyPeriod]:
    return db.session.scalars(
        select(CompanyPeriod).where(CompanyPeriod.cohort_id == cohort_id).order_by(CompanyPeriod.starts_on)
    ).all()


def _weeks(cohort_id: int) -> dict[int, list[CompanyWeek]]:
    """Return the last version of each week in a company, by person. One query."""
    newest = (
        select(
            CompanyWeek.period_id,
            CompanyWeek.person_id,
            CompanyWeek.monday,
            func.max(CompanyWeek.version).label("version"),
        )
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .where(CompanyPeriod.cohort_id == cohort_id)
        .group_by(CompanyWeek.period_id, CompanyWeek.person_id, CompanyWeek.monday)
        .subquery()
    )
    rows = db.session.scalars(
        select(CompanyWeek)
        .join(
            newest,
            and_(
                CompanyWeek.period_id == newest.c.period_id,
                CompanyWeek.person_id == newest.c.person_id,
                CompanyWeek.monday == newest.c.monday,
                CompanyWeek.version == newest.c.version,
            ),
        )
        .order_by(CompanyWeek.monday)
    )
    found: dict[int, list[CompanyWeek]] = defaultdict(list)
    for week in rows:
        found[week.person_id].append(week)
    return found


def _counted(
    stretch: Stretch,
    days: dict[int, list],
    not_opened: Iterable[HalfDay],
    periods: Iterable[CompanyPeriod],
    weeks: dict[int, list[CompanyWeek]],
    free: set[date],
    today: date,
) -> Counted:
    enrolment = stretch.enrolment
    own_days = [row for row in days.get(enrolment.id, ()) if row.on is None or stretch.holds(row.on)]
    own_periods = [
        one
        for one in periods
        if one.person_id in (None, enrolment.person_id)
        and one.starts_on <= stretch.last
        and one.ends_on >= stretch.first
    ]
    away = {day for one in own_periods for day in _days_between(one.starts_on, one.ends_on)}
    coming = [one for one in not_opened if stretch.holds(one.on) and one.on not in away]
    late = [one for one in coming if one.on < today]
    sums = {name: sum(getattr(row, name) for row in own_days) for name in FIGURES}
    not_held = sum(one.minutes for one in late)
    signed, unsigned = [], 0
    for week in weeks.get(enrolment.person_id, ()):
        if any(stretch.holds(date.fromisoformat(day)) for day in week.days):
            if week.tutor_signed_at is None:
                unsigned += 1
            else:
                signed.append(week)
    return Counted(
        months=_months([row for row in own_days if row.on is not None], late),
        hours=Hours(
            planned=sums["planned"] + sum(one.minutes for one in coming),
            due=sums["planned"] + not_held,
            attended=sums["attended"],
            distance=sums["distance"],
            justified=sums["justified"],
            unjustified=sums["unjustified"],
            missing=sums["missing"] + not_held,
            company=sum(
                minutes
                for week in signed
                for day, minutes in week.days.items()
                if stretch.holds(date.fromisoformat(day))
            ),
            company_planned=sum(_planned_in(one, stretch, free) for one in own_periods),
        ),
        not_opened=[one.on for one in late],
        days_missing=[row.on for row in own_days if row.missing and row.on is not None],
        company_weeks=signed,
        weeks_unsigned=unsigned,
        periods=own_periods,
    )


def _months(days: Iterable, late: Iterable[HalfDay]) -> list[tuple[date, Hours]]:
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
