"""Daily summaries of presence: written with each fact, rebuilt and checked by a command."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, case, delete, func, insert, or_, select, union, update
from sqlalchemy.orm import aliased

from popschool import pace
from popschool.attendance.ledger import chain_name
from popschool.attendance.models import Entry, Expected, HalfDay, PresenceDay
from popschool.attendance.rules import Kind
from popschool.attendance.rules_totals import tally
from popschool.attendance.services_reading import standing_from
from popschool.db import db, transaction, upsert
from popschool.schools.models import Enrolment

BATCH = 1000
DAYS_READ = 60
FIGURES = ("planned", "attended", "distance", "justified", "unjustified", "missing")


@dataclass(frozen=True)
class Difference:
    """A day of an enrolment whose summary is not what its facts add up to."""

    enrolment_id: int
    on: date
    kept: tuple[int, ...]
    counted: tuple[int, ...]


def refresh(half_days: Collection[HalfDay], people: Collection[int] | None = None) -> None:
    """Write again the days of these half-days, for these people or for all on the list. In the caller's transaction."""
    days = sorted({(half_day.cohort_id, half_day.on) for half_day in half_days})
    rows = [row for cohort_id, on in days for row in _rows_between(cohort_id, on, on, people)]
    for start in range(0, len(rows), BATCH):
        db.session.execute(_write_again(db.engine.dialect.name), rows[start : start + BATCH])


def clear(half_day: HalfDay) -> None:
    """Count nothing on this day until it is written again: alone in it, a cancelled half-day leaves no row to write."""
    of_day = PresenceDay.cohort_id == half_day.cohort_id, PresenceDay.on == half_day.on
    db.session.execute(update(PresenceDay).where(*of_day).values(dict.fromkeys(FIGURES, 0)))


@cache
def _write_again(_dialect_name: str) -> Any:
    """Return the statement that writes days again, one row at a time: it is compiled once, whatever their number."""
    statement = upsert(PresenceDay.__table__)
    return statement.on_conflict_do_update(
        index_elements=[PresenceDay.enrolment_id, PresenceDay.on],
        set_={name: statement.excluded[name] for name in FIGURES},
    )


def _rows_between(cohort_id: int, first: date, last: date, people: Collection[int] | None = None) -> list[dict]:
    """Return the summary of each day of each enrolment of a cohort, from a day to another. Three queries.

    Both half-days of a day count. A walk-in who was enrolled afterwards, for that day, counts from then on.
    """
    given = {"cohort": cohort_id, "first": first, "last": last}
    found = db.session.scalars(_half_days(), given).all()
    half_days = {one.id: (one.on, one.minutes, one.countersigned_at is not None) for one in found}
    given |= {} if people is None else {"people": list(people)}
    entries: dict[tuple[int, int], list] = defaultdict(list)
    for entry in db.session.execute(_entries(people is not None), given):
        entries[entry.half_day_id, entry.person_id].append(entry)
    standings: dict[tuple[int, date], list] = defaultdict(list)
    for row in db.session.execute(_lists(people is not None), given):
        on, planned, is_countersigned = half_days[row.half_day_id]
        said = entries.get((row.half_day_id, row.person_id), ())
        stands = standing_from(planned, is_countersigned, row.expectation, said)
        standings[row.enrolment_id, on].append(stands)
    school_id = found[0].school_id if found else 0
    return [_row(school_id, cohort_id, enrolment_id, on, own) for (enrolment_id, on), own in sorted(standings.items())]


# Built once: a room signs in the same seconds, and making a statement costs several times what it takes to run.
COHORT, FIRST, LAST = bindparam("cohort"), bindparam("first", type_=Date), bindparam("last", type_=Date)
PEOPLE = bindparam("people", expanding=True)


@cache
def _half_days() -> Select:
    return select(HalfDay).where(
        HalfDay.cohort_id == COHORT, HalfDay.on.between(FIRST, LAST), HalfDay.cancelled_at.is_(None)
    )


@cache
def _lists(is_of_some: bool) -> Select:
    place = aliased(Enrolment)
    asked = (
        select(
            Expected.half_day_id,
            Expected.person_id,
            Expected.expectation,
            func.coalesce(Expected.enrolment_id, place.id).label("enrolment_id"),
        )
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
            HalfDay.cohort_id == COHORT,
            HalfDay.on.between(FIRST, LAST),
            HalfDay.cancelled_at.is_(None),
            or_(Expected.enrolment_id.is_not(None), place.id.is_not(None)),
        )
    )
    return asked.where(Expected.person_id.in_(PEOPLE)) if is_of_some else asked


@cache
def _entries(is_of_some: bool) -> Select:
    """The entries of each half-day and person, oldest first, without hashes or contents; only marks have facts."""
    facts = case((Entry.kind == str(Kind.MARK), Entry.facts)).label("facts")
    asked = (
        select(Entry.id, Entry.half_day_id, Entry.person_id, Entry.kind, facts, Entry.corrects_id)
        .join(HalfDay, HalfDay.id == Entry.half_day_id)
        .where(
            HalfDay.cohort_id == COHORT,
            HalfDay.on.between(FIRST, LAST),
            Entry.kind != str(Kind.COUNTERSIGNATURE),
        )
        .order_by(Entry.id)
    )
    return asked.where(Entry.person_id.in_(PEOPLE)) if is_of_some else asked


def _row(school_id: int, cohort_id: int, enrolment_id: int, on: date, standings: Iterable) -> dict:
    total = tally(standings)
    return {
        "enrolment_id": enrolment_id,
        "on": on,
        "school_id": school_id,
        "cohort_id": cohort_id,
        "planned": total.planned,
        "attended": total.attended,
        "distance": total.distance,
        "justified": total.justified,
        "unjustified": total.unjustified,
        "missing": total.missing,
    }


def counted(cohort_id: int) -> Iterator[dict]:
    """Yield each summary row of a cohort as the facts add up today. Three queries for sixty days."""
    first, last = db.session.execute(
        select(func.min(HalfDay.on), func.max(HalfDay.on)).where(
            HalfDay.cohort_id == cohort_id, HalfDay.opened_at.is_not(None), HalfDay.cancelled_at.is_(None)
        )
    ).one()
    while first is not None and first <= last:
        yield from _rows_between(cohort_id, first, min(last, first + timedelta(days=DAYS_READ - 1)))
        first += timedelta(days=DAYS_READ)


def _each_cohort() -> Iterator[int]:
    """Yield the cohorts that have half-days or summaries, and say how far one has come."""
    either = union(select(HalfDay.cohort_id), select(PresenceDay.cohort_id)).subquery()
    found = db.session.scalars(select(either.c.cohort_id).order_by(either.c.cohort_id)).all()
    return pace.each(found, len(found), "cohorts")


def differences() -> Iterator[Difference]:
    """Compare the summaries kept with what the facts add up to, cohort by cohort."""
    nothing = (0,) * len(FIGURES)
    for cohort_id in _each_cohort():
        asked = select(PresenceDay.enrolment_id, PresenceDay.on, *(getattr(PresenceDay, name) for name in FIGURES))
        rows = db.session.execute(asked.where(PresenceDay.cohort_id == cohort_id))
        kept = {(row.enrolment_id, row.on): tuple(row[2:]) for row in rows}
        for row in counted(cohort_id):
            key, figures = (row["enrolment_id"], row["on"]), tuple(row[name] for name in FIGURES)
            before = kept.pop(key, ())
            if before != figures:
                yield Difference(*key, before, figures)
        yield from (Difference(*key, before, ()) for key, before in sorted(kept.items()) if before != nothing)


def rebuild() -> int:
    """Write every summary again from the facts, a cohort at a time. Returns how many rows there are."""
    total = 0
    for cohort_id in _each_cohort():
        with transaction(lock=chain_name(cohort_id)):
            db.session.execute(delete(PresenceDay).where(PresenceDay.cohort_id == cohort_id))
            rows = list(counted(cohort_id))
            for start in range(0, len(rows), BATCH):
                db.session.execute(insert(PresenceDay), rows[start : start + BATCH])
        total += len(rows)
    return total
