"""Daily summaries of the ledger per enrolment: written with the facts, rebuilt and checked by a command."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, joinedload

from popschool.attendance.models import Entry, Expected, HalfDay, PresenceDay
from popschool.attendance.rules import Kind, tally
from popschool.attendance.services_reading import standing_of
from popschool.db import db, transaction
from popschool.schools.models import Enrolment

BATCH = 1000
FIGURES = ("planned", "attended", "justified", "unjustified", "missing")


@dataclass(frozen=True)
class Difference:
    """A day of an enrolment whose summary is not what its facts add up to."""

    enrolment_id: int
    on: date
    kept: tuple[int, ...]
    counted: tuple[int, ...]


def refresh(half_days: Collection[HalfDay], people: Collection[int] | None = None) -> None:
    """Write again the days of these half-days, for these people or for all on the list. In the caller's transaction."""
    rows = [row for half_day in half_days for row in _rows_of_day(half_day, people)]
    for start in range(0, len(rows), BATCH):
        db.session.execute(_upsert(rows[start : start + BATCH]))


def _upsert(rows: Sequence[dict]) -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(PresenceDay).values(list(rows))
    return statement.on_conflict_do_update(
        index_elements=[PresenceDay.enrolment_id, PresenceDay.on],
        set_={name: statement.excluded[name] for name in FIGURES},
    )


def _rows_of_day(half_day: HalfDay, people: Collection[int] | None) -> list[dict]:
    """Return the summary of a half-day's day, for each enrolment of its list: the day's other half-day counts too.

    A walk-in who was enrolled afterwards, for that day, counts from then on.
    """
    place = aliased(Enrolment)
    asked = (
        select(Expected, HalfDay, func.coalesce(Expected.enrolment_id, place.id).label("enrolment_id"))
        .join(HalfDay, HalfDay.id == Expected.half_day_id)
        .outerjoin(
            place,
            and_(
                Expected.enrolment_id.is_(None),
                place.person_id == Expected.person_id,
                place.cohort_id == HalfDay.cohort_id,
                place.starts_on <= HalfDay.on,
                func.coalesce(place.left_on, place.ends_on) >= HalfDay.on,
            ),
        )
        .where(
            HalfDay.cohort_id == half_day.cohort_id,
            HalfDay.on == half_day.on,
            HalfDay.cancelled_at.is_(None),
            or_(Expected.enrolment_id.is_not(None), place.id.is_not(None)),
        )
    )
    entries_asked = (
        select(Entry)
        .join(HalfDay, HalfDay.id == Entry.half_day_id)
        .where(
            HalfDay.cohort_id == half_day.cohort_id,
            HalfDay.on == half_day.on,
            Entry.kind != str(Kind.COUNTERSIGNATURE),
        )
        .order_by(Entry.id)
    )
    if people is not None:
        asked = asked.where(Expected.person_id.in_(people))
        entries_asked = entries_asked.where(Entry.person_id.in_(people))
    entries: dict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in db.session.scalars(entries_asked):
        entries[entry.half_day_id, entry.person_id].append(entry)
    standings: dict[int, list] = defaultdict(list)
    for expected, one, enrolment_id in db.session.execute(asked):
        standings[enrolment_id].append(standing_of(one, expected.expectation, entries[one.id, expected.person_id]))
    return [_row(half_day, enrolment_id, found) for enrolment_id, found in standings.items()]


def _row(half_day: HalfDay, enrolment_id: int, standings: Iterable) -> dict:
    total = tally(standings)
    return {
        "enrolment_id": enrolment_id,
        "on": half_day.on,
        "school_id": half_day.school_id,
        "cohort_id": half_day.cohort_id,
        "planned": total.planned,
        "attended": total.attended,
        "justified": total.justified,
        "unjustified": total.unjustified,
        "missing": total.missing,
    }


def counted() -> Iterator[dict]:
    """Yield each summary row as the facts add up today, cohort by cohort and day by day."""
    days = db.session.execute(
        select(HalfDay.cohort_id, HalfDay.on)
        .where(HalfDay.opened_at.is_not(None), HalfDay.cancelled_at.is_(None))
        .group_by(HalfDay.cohort_id, HalfDay.on)
        .order_by(HalfDay.cohort_id, HalfDay.on)
    ).all()
    for cohort_id, on in days:
        first = db.session.scalars(
            select(HalfDay)
            .where(HalfDay.cohort_id == cohort_id, HalfDay.on == on, HalfDay.cancelled_at.is_(None))
            .options(joinedload(HalfDay.trainers))
            .limit(1)
        ).first()
        if first is not None:
            yield from _rows_of_day(first, None)


def differences() -> list[Difference]:
    """Compare the summaries kept with what the facts add up to."""
    kept = {
        (row.enrolment_id, row.on): tuple(getattr(row, name) for name in FIGURES)
        for row in db.session.scalars(select(PresenceDay))
    }
    found = []
    for row in counted():
        key, figures = (row["enrolment_id"], row["on"]), tuple(row[name] for name in FIGURES)
        before = kept.pop(key, ())
        if before != figures:
            found.append(Difference(*key, before, figures))
    nothing = (0,) * len(FIGURES)
    found += [Difference(*key, before, ()) for key, before in kept.items() if before != nothing]
    return found


def rebuild() -> int:
    """Write every summary again from the facts. Returns how many rows there are."""
    with transaction():
        rows = list(counted())
        db.session.execute(delete(PresenceDay))
        for start in range(0, len(rows), BATCH):
            db.session.execute(insert(PresenceDay), rows[start : start + BATCH])
    return len(rows)
