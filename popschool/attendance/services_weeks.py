"""A week of a cohort as a grid: the same people on several half-days, in one query."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Integer, Text, and_, bindparam, case, literal, null, select

from popschool.attendance.models import Entry, Expected, HalfDay
from popschool.attendance.rules import Kind
from popschool.attendance.services_reading import Line, List, line_from
from popschool.db import db
from popschool.schools.models import Person
from popschool.schools.rules import Named

COUNTERSIGNATURE = str(Kind.COUNTERSIGNATURE)
NOWHERE = None, ()


@dataclass
class Grid:
    """The list of each half-day, and each person, by name, with their line on each list, or None."""

    lists: list[List]
    rows: list[tuple[Named, list[Line | None]]]


class Told(NamedTuple):
    """A mark as a line reads it."""

    id: int
    kind: str
    corrects_id: int | None
    facts: dict[str, Any]


def grid_of(half_days: Sequence[HalfDay]) -> Grid:
    """Return the lists of half-days of the same people, such as those of a week. One query, of plain rows."""
    people: dict[int, Named] = {}
    found: dict[tuple[int, int], tuple[Any, list[Any]]] = {}
    countersignatures: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in db.session.execute(_lines(), {"half_days": [half_day.id for half_day in half_days]}).all():
        half_day_id, person_id, kind, number, corrects_id, facts = row[:6]
        if kind == COUNTERSIGNATURE:
            countersignatures[half_day_id][person_id] = row
            continue
        said = Told(number, kind, corrects_id, json.loads(facts)) if facts else row
        if (half_day_id, person_id) in found:
            found[half_day_id, person_id][1].append(said)
            continue
        found[half_day_id, person_id] = row, [said] if kind else []
        if person_id not in people:
            people[person_id] = Named(row.last_name, row.first_name, person_id)
    named = sorted(people.values(), key=lambda one: (one.last_name, one.first_name, one.id))
    columns = [_column(half_day, named, found) for half_day in half_days]
    lists = [
        List(half_day, [one for one in lines if one is not None], countersignatures[half_day.id])
        for half_day, lines in zip(half_days, columns, strict=True)
    ]
    return Grid(lists, [(person, [lines[rank] for lines in columns]) for rank, person in enumerate(named)])


def _column(
    half_day: HalfDay, named: list[Named], found: dict[tuple[int, int], tuple[Any, list[Any]]]
) -> list[Line | None]:
    """Return the line of each person on a half-day."""
    key, planned, is_countersigned = half_day.id, half_day.minutes, half_day.countersigned_at is not None
    lines: list[Line | None] = []
    for person in named:
        row, said = found.get((key, person.id), NOWHERE)
        if len(said) > 1:
            said.sort(key=lambda entry: entry.id)
        lines.append(line_from(planned, is_countersigned, row, said, person) if row is not None else None)
    return lines


@cache
def _lines() -> CompoundSelect:
    """Return the query of who is on these lists, once for each of their entries, and of the countersignatures.

    Facts come as text: most entries have none, and each would be given to the reader of JSON.
    """
    listed, entry, person = Expected.__table__.c, Entry.__table__.c, Person.__table__.c
    asked, last = bindparam("half_days", expanding=True), str(Kind.COUNTERSIGNATURE)
    is_theirs = and_(
        entry.half_day_id == listed.half_day_id,
        entry.half_day_id.in_(asked),  # said again, so that PostgreSQL reads a half-day at once, not person by person
        entry.person_id == listed.person_id,
        entry.kind != last,
    )
    lines = (
        select(
            listed.half_day_id,
            listed.person_id,
            entry.kind,
            entry.id,
            entry.corrects_id,
            case((entry.kind == str(Kind.MARK), entry.facts.cast(Text))).label("facts"),
            listed.expectation,
            person.last_name,
            person.first_name,
        )
        .select_from(Expected.__table__.join(Person.__table__, person.id == listed.person_id))
        .outerjoin(Entry.__table__, is_theirs)
        .where(listed.half_day_id.in_(asked))
    )
    countersignatures = select(
        entry.half_day_id,
        entry.person_id,
        entry.kind,
        entry.id,
        null().cast(Integer),
        null().cast(Text),
        literal(""),
        literal(""),
        literal(""),
    ).where(entry.half_day_id.in_(asked), entry.kind == COUNTERSIGNATURE)
    return lines.union_all(countersignatures)
