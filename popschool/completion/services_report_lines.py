"""The rows that each line of the yearly report opens to: who led what, which agreements, what was typed and by whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, extract, func, select
from sqlalchemy.orm import joinedload

from popschool.attendance.models import HalfDay, HalfDayTrainer
from popschool.completion.models import Funding, ReportFigures
from popschool.completion.rules_figures import EUROS, keys_of
from popschool.completion.rules_report import Count
from popschool.completion.services_report import led_in
from popschool.db import db
from popschool.schools.models import Person


@dataclass(frozen=True)
class Led:
    """What one person led in one school in a year: how many half-days, and their minutes."""

    person_id: int
    name: str
    school_id: int
    half_days: int
    minutes: int


def led_in_year(school_id: int, first: date, last: date) -> list[Led]:
    """Return what each trainer led in a school, by name: the rows of frame E. One query."""
    rows = db.session.execute(
        select(Person, func.count().label("half_days"), func.sum(_minutes()).label("minutes"))
        .join(HalfDayTrainer, HalfDayTrainer.person_id == Person.id)
        .join(HalfDay, HalfDay.id == HalfDayTrainer.half_day_id)
        .where(led_in([school_id], first, last))
        .group_by(Person.id)
        .order_by(Person.last_name, Person.first_name, Person.id)
    )
    return [Led(row.Person.id, row.Person.name, school_id, row.half_days, int(row.minutes)) for row in rows]


def _minutes() -> Any:
    """Return the planned minutes of a half-day, in SQL."""
    hours = extract("hour", HalfDay.ends) - extract("hour", HalfDay.starts)
    return 60 * hours + extract("minute", HalfDay.ends) - extract("minute", HalfDay.starts) - HalfDay.pause_minutes


def half_days_led(
    person_id: int, school_id: int, first: date, last: date, offset: int, limit: int
) -> tuple[Sequence[HalfDay], Count]:
    """Return some of the half-days that a trainer led in a school in a year, with their cohort; and the whole."""
    theirs = and_(led_in([school_id], first, last), HalfDayTrainer.person_id == person_id)
    asked = select(HalfDay).join(HalfDayTrainer, HalfDayTrainer.half_day_id == HalfDay.id).where(theirs)
    count, minutes = db.session.execute(asked.with_only_columns(func.count(), func.sum(_minutes()))).one()
    lines = asked.order_by(HalfDay.on, HalfDay.half, HalfDay.id).options(joinedload(HalfDay.cohort))
    return db.session.scalars(lines.offset(offset).limit(limit)).all(), Count(count, int(minutes or 0))


def agreements_of(school_id: int, lines: Iterable[str], first: date, last: date) -> Sequence[Funding]:
    """Return the agreements of some lines of frame C that hold on a day of a year, with their funder. One query."""
    return db.session.scalars(
        select(Funding)
        .where(
            Funding.school_id == school_id, Funding.report_line.in_(list(lines)),
            Funding.starts_on <= last, Funding.ends_on >= first,
        )
        .order_by(Funding.report_line, Funding.agreement, Funding.id)
        .options(joinedload(Funding.funder))
    ).all()  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """What somebody wrote on a line on a day; `values` are None where they left it empty."""

    values: tuple[int | None, ...]
    said_at: datetime
    said_by: str


def typed_of(versions: Sequence[ReportFigures], keys: Sequence[str]) -> list[Typed]:
    """Return what was written on some lines, the last first, without the versions that left them as they were."""
    found: list[Typed] = []
    for one in reversed(versions):
        values = tuple(one.figures.get(key) for key in keys)
        if values != (found[-1].values if found else (None,) * len(keys)):
            found.append(Typed(values, one.said_at, one.said_by.name))
    return found[::-1]


def value_of(figures: Mapping[str, Any], frame: str, line: str) -> tuple[int | None, ...]:
    """Return what a line holds of what was typed; its sum when the line is a total of frame C. None: not written."""
    keys = keys_of(frame, line)
    if frame != "C" or keys == (f"C{line}",):
        return tuple(figures.get(key) for key in keys)
    return (sum(figures.get(key) or 0 for key in keys) if figures else None,)


def parts_of(figures: Mapping[str, Any], line: str) -> list[tuple[str, str, int]]:
    """Return the lines that a total of frame C adds up, those with a value: line, name and euros."""
    return [(key[1:], EUROS[key], figures[key]) for key in keys_of("C", line) if figures.get(key) is not None]


def typed_by_school(schools: Sequence[int], year: int, frame: str, line: str) -> dict[int, tuple[int | None, ...]]:
    """Return what each school wrote on a line for a year: the last that it said, None when nothing. One query."""
    rows = db.session.scalars(
        select(ReportFigures)
        .where(ReportFigures.school_id.is_not(None), ReportFigures.year == year)
        .order_by(ReportFigures.id)
    )
    figures: dict[int, dict[str, Any]] = {one.school_id: one.figures for one in rows if one.school_id is not None}
    return {school_id: value_of(figures.get(school_id, {}), frame, line) for school_id in schools}
