"""The half-days that people missed in part or whole, with their motives: for those who say what each funder counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from popschool.attendance.models import Entry, EntryContent, Expected, HalfDay
from popschool.attendance.rules import Expectation, Kind, Standing
from popschool.attendance.services_reading import standing_of
from popschool.db import db


@dataclass(frozen=True)
class Missed:
    """A half-day that somebody missed, as the school counts it. `code` is the motive: empty when nobody gave one,
    or once retention removed it."""

    half_day: HalfDay
    person_id: int
    standing: Standing
    code: str


def missed(cohorts: Collection[int], first: date, last: date) -> list[Missed]:
    """Return what was missed in these cohorts, from a day to another, in order. Two queries.

    Half-days count as on their sheets: once countersigned.
    """
    half_days = {
        one.id: one
        for one in db.session.scalars(
            select(HalfDay)
            .where(
                HalfDay.cohort_id.in_(cohorts),
                HalfDay.on.between(first, last),
                HalfDay.cancelled_at.is_(None),
                HalfDay.countersigned_at.is_not(None),
            )
            .order_by(HalfDay.on, HalfDay.half)
        )
    }
    said: dict[int, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in db.session.execute(_entries(cohorts, first, last)):
        said[row.half_day_id][row.person_id].append(row)
    found = []
    for half_day in half_days.values():
        for person_id, rows in said[half_day.id].items():
            standing = standing_of(half_day, rows[0].expectation, rows)
            if standing.justified or standing.unjustified:
                found.append(Missed(half_day, person_id, standing, _code(rows)))
    return found


def _entries(cohorts: Collection[int], first: date, last: date) -> Any:
    return (
        select(
            Entry.id, Entry.half_day_id, Entry.person_id, Entry.kind, Entry.facts, Entry.corrects_id,
            Expected.expectation, EntryContent.content,
        )
        .join(HalfDay, HalfDay.id == Entry.half_day_id)
        .join(Expected, (Expected.half_day_id == Entry.half_day_id) & (Expected.person_id == Entry.person_id))
        .outerjoin(EntryContent, (EntryContent.entry_id == Entry.id) & (Entry.kind == str(Kind.MARK)))
        .where(
            HalfDay.cohort_id.in_(cohorts),
            HalfDay.on.between(first, last),
            Entry.kind != str(Kind.COUNTERSIGNATURE),
            Expected.expectation != str(Expectation.COMPANY),
        )
        .order_by(Entry.id)
    )  # fmt: skip


def _code(rows: Iterable[Any]) -> str:
    """Return the motive of the last mark: those before it are corrected."""
    last = max((row for row in rows if row.kind == Kind.MARK), key=lambda row: row.id, default=None)
    return ((last.content if last is not None else None) or {}).get("code", "")
