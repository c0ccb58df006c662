"""A timetable from a weekly pattern: which half-days a period holds, and which days are closed."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta

from popschool.attendance.rules import Half, check_hours
from popschool.errors import RuleBroken

LONGEST_PERIOD = timedelta(days=3 * 366)


@dataclass(frozen=True)
class PatternLine:
    """One half-day of the week, as it comes back: weekday 0 is Monday."""

    weekday: int
    half: Half
    starts: time
    ends: time
    pause_minutes: int = 0


@dataclass(frozen=True)
class Planned:
    """A half-day that a pattern puts on a date."""

    on: date
    line: PatternLine


@dataclass(frozen=True)
class Period:
    """Days that follow one another, the last one included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass
class PatternTwice(RuleBroken):
    """A pattern has each half of a weekday once."""

    weekday: int
    half: Half


@dataclass
class PeriodTooLong(RuleBroken):
    """A timetable is made for three years at most."""


USUAL_WEEK = tuple(
    PatternLine(weekday, half, starts, ends)
    for weekday in range(5)
    for half, starts, ends in (
        (Half.MORNING, time(9, 0), time(12, 30)),
        (Half.AFTERNOON, time(13, 30), time(17, 0)),
    )
)


def check_pattern(lines: Iterable[PatternLine]) -> None:
    """Raises PatternTwice or HoursInverted."""
    seen = set()
    for line in lines:
        check_hours(line.starts, line.ends, line.pause_minutes)
        if (line.weekday, line.half) in seen:
            raise PatternTwice(line.weekday, line.half)
        seen.add((line.weekday, line.half))


def planned(
    lines: Collection[PatternLine], first: date, last: date, closed: Collection[date], away: Collection[Period] = ()
) -> list[Planned]:
    """Return the half-days of a period, in order, without the days that are closed or spent in a company.

    Raises PatternTwice, HoursInverted or PeriodTooLong.
    """
    check_pattern(lines)
    if last - first > LONGEST_PERIOD:
        raise PeriodTooLong
    by_day: dict[int, list[PatternLine]] = {}
    for line in sorted(lines, key=lambda one: one.starts):
        by_day.setdefault(line.weekday, []).append(line)
    return [
        Planned(day, line)
        for day in days(first, last)
        if day not in closed and not any(day in period for period in away)
        for line in by_day.get(day.weekday(), [])
    ]


def days(first: date, last: date) -> Iterator[date]:
    """Yield each day of a period, the last one included."""
    for count in range((last - first).days + 1):
        yield first + timedelta(days=count)
