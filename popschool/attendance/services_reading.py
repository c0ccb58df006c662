"""How people stand on the lists of half-days, worked out from their entries, in a few queries whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from popschool.attendance.models import Entry, Expected, HalfDay, HalfDayTrainer
from popschool.attendance.rules import (
    Absence,
    Expectation,
    Fact,
    Kind,
    Mark,
    Method,
    Standing,
    Why,
    holding,
    standing,
)
from popschool.attendance.services_half_days import half_days_among, unfinished
from popschool.db import db
from popschool.schools.models import Person
from popschool.schools.rules import Place

Key = tuple[int, int]
ON_LIST = ("half_day_id", "person_id", "enrolment_id", "expectation", "has_more_time")
SIGNATURE = str(Kind.SIGNATURE)
SAID = ("mark", "absence", "late_minutes", "early_minutes")
USUAL_ALERT = 3
UNSAID = frozenset({Why.NOTHING_SAID, Why.SIGNATURE_MISSING, Why.SIGNED_BUT_ABSENT})


@dataclass(slots=True)
class Line:
    """One person on the list of a half-day: their entries, oldest first, and how they stand.

    `signature` and `mark` are those that hold.
    """

    expected: Expected
    person: Person
    standing: Standing
    entries: list[Entry] = field(default_factory=list)
    signature: Entry | None = None
    mark: Entry | None = None

    def place_in(self, half_day: HalfDay) -> Place:
        """Return where this line stands: it is the person's own, whatever their cohort is today."""
        return Place.of(half_day.school_id, half_day.cohort_id, [self.expected.person_id])


@dataclass
class List:
    """A half-day with everybody on its list, and who has countersigned."""

    half_day: HalfDay
    lines: list[Line]
    countersignatures: dict[int, Entry]

    @property
    def waiting(self) -> list[Line]:
        """Return the people of whom nothing is said yet, or not enough."""
        return [line for line in self.lines if line.standing.why in UNSAID]

    @property
    def noted(self) -> list[Line]:
        """Return the people of whom enough is said."""
        return [line for line in self.lines if line.standing.why not in UNSAID]

    @property
    def signed(self) -> list[Line]:
        return [line for line in self.lines if line.standing.is_signed]

    @property
    def expected(self) -> list[Line]:
        """Return the people who should be in the room: not those in a company."""
        return [line for line in self.lines if line.expected.expectation != Expectation.COMPANY]

    @property
    def unsigned_leaders(self) -> list[HalfDayTrainer]:
        return [leader for leader in self.half_day.leaders if leader.person_id not in self.countersignatures]


@dataclass(frozen=True)
class Tally:
    """How many people should be in the room of a half-day, and how many of them signed."""

    expected: int = 0
    signed: int = 0


def tallies_of(half_days: Collection[int]) -> dict[int, Tally]:
    """Return how many people signed these half-days, without reading their lists. One query."""
    if not half_days:
        return {}
    rows = db.session.execute(_tallies(), {"half_days": list(half_days)})
    return {row.half_day_id: Tally(row.expected, row.signed) for row in rows}


@cache
def _tallies() -> Select:
    """Each half-day by itself: asked of all together, PostgreSQL starts other processes for a few hundred lines."""
    half_day, listed = HalfDay.__table__.c, Expected.__table__.c
    entry, later = Entry.__table__.c, Entry.__table__.alias().c
    is_listed = (listed.half_day_id == half_day.id) & (listed.expectation != str(Expectation.COMPANY))
    is_signed = (entry.half_day_id == half_day.id) & (entry.kind == SIGNATURE)
    holds = ~exists(select(later.id).where(later.corrects_id == entry.id))
    expected = select(func.count()).where(is_listed)
    signed = select(func.count(listed.person_id.distinct())).where(
        is_listed, is_signed, entry.person_id == listed.person_id, holds
    )
    return select(
        half_day.id.label("half_day_id"),
        expected.correlate(HalfDay.__table__).scalar_subquery().label("expected"),
        signed.correlate(HalfDay.__table__).scalar_subquery().label("signed"),
    ).where(half_day.id.in_(bindparam("half_days", expanding=True)))


def lists_of(half_days: Iterable[HalfDay], *, with_content: bool = False) -> list[List]:
    """Return the list of each half-day. Two queries in all, whatever their number.

    Entries come as plain rows, which is several times faster; with their personal content, as objects. `facts` of a
    plain signature, which has none, is None.
    """
    half_days = list(half_days)
    ids = {"half_days": [half_day.id for half_day in half_days]}
    expected: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(_on_lists(), ids).all():
        expected[row.half_day_id].append(row)
    asked = _whole_entries() if with_content else _plain_entries()
    entries, countersignatures = _sorted_out(
        (db.session.scalars(asked, ids) if with_content else db.session.execute(asked, ids)).all()
    )
    lists = []
    for half_day, key in zip(half_days, ids["half_days"], strict=True):
        planned, is_countersigned = half_day.minutes, half_day.countersigned_at is not None
        lines = [
            line_from(planned, is_countersigned, one, entries.get((key, one.person_id), []), one.Person)
            for one in expected[key]
        ]
        lists.append(List(half_day, lines, countersignatures[key]))
    return lists


def _sorted_out(found: Iterable[Any]) -> tuple[dict[Key, list[Any]], dict[int, dict[int, Any]]]:
    """Return the entries of each person of each half-day, and the countersignatures of each half-day."""
    entries: dict[Key, list[Any]] = defaultdict(list)
    countersignatures: dict[int, dict[int, Any]] = defaultdict(dict)
    for entry in found:
        if entry.kind == Kind.COUNTERSIGNATURE:
            countersignatures[entry.half_day_id][entry.person_id] = entry
        else:
            entries[entry.half_day_id, entry.person_id].append(entry)
    return entries, countersignatures


@cache
def _on_lists() -> Select:
    listed, people = Expected.__table__.c, Person.__table__.c
    return (
        select(*(listed[name] for name in ON_LIST), Person)
        .join(Person.__table__, people.id == listed.person_id)
        .where(listed.half_day_id.in_(bindparam("half_days", expanding=True)))
        .order_by(people.last_name, people.first_name, people.id)
    )


@cache
def _plain_entries() -> Select:
    return _of_half_days(select(*plain_entry()))


def plain_entry() -> list[ColumnElement]:
    """Return what is read of an entry when it comes as a plain row; only marks have `facts` that matter."""
    entry = Entry.__table__.c
    names = ("id", "half_day_id", "person_id", "by_id", "kind", "method", "at", "corrects_id", "sequence")
    return [*(entry[name] for name in names), case((entry.kind == str(Kind.MARK), entry.facts)).label("facts")]


@cache
def _whole_entries() -> Select:
    return _of_half_days(select(Entry).options(joinedload(Entry.content)))


def _of_half_days(asked: Select) -> Select:
    entry = Entry.__table__.c
    return asked.where(entry.half_day_id.in_(bindparam("half_days", expanding=True))).order_by(entry.id)


def line(half_day: HalfDay, expected: Expected, entries: list[Entry], person: Person | None = None) -> Line:
    """Return one person's line of a half-day, from their entries, oldest first."""
    return line_from(half_day.minutes, half_day.countersigned_at is not None, expected, entries, person)


def line_from(
    planned: int, is_countersigned: bool, expected: Expected, entries: list[Entry], person: Person | None
) -> Line:
    """Return one person's line of a half-day of `planned` minutes, whose expectation is the one of `expected`."""
    held = _holding(entries)
    made = Line(expected, person, standing_from(planned, is_countersigned, expected.expectation, held), entries)
    for one in held:
        if one.kind == SIGNATURE:
            made.signature = one
        else:
            made.mark = one
    return made


def _holding(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Leave out the entries that a later one corrects."""
    if not any([one.corrects_id for one in entries]):
        return entries
    ids = {fact.id for fact in holding([fact_of(one) for one in entries])}
    return [one for one in entries if one.id in ids]


def standing_from(planned: int, is_countersigned: bool, expectation: str, entries: Sequence[Entry]) -> Standing:
    """Return how somebody stands on a half-day of `planned` minutes, from their entries, oldest first."""
    return _stands(planned, expectation, is_countersigned, tuple([_told(one) for one in _holding(entries)]))


def _told(entry: Entry) -> tuple[Any, ...]:
    facts = entry.facts
    return (entry.kind, *[facts.get(name) for name in SAID]) if facts else (entry.kind,)


@lru_cache(maxsize=4096)
def _stands(planned: int, expectation: str, is_countersigned: bool, told: tuple[tuple[Any, ...], ...]) -> Standing:
    """Return a standing from what holds: almost everybody's is the same as somebody else's."""
    facts = [_fact(0, kind, dict(zip(SAID, said, strict=False))) for kind, *said in told]
    return standing(planned, facts, expectation=Expectation(expectation), is_countersigned=is_countersigned)


def standing_of(half_day: HalfDay, expectation: str, entries: Sequence[Entry]) -> Standing:
    """Return how one person's half-day stands."""
    return standing_from(half_day.minutes, half_day.countersigned_at is not None, expectation, entries)


def fact_of(entry: Entry) -> Fact:
    """Return an entry as the rules read it."""
    return _fact(entry.id, entry.kind, entry.facts or {}, entry.corrects_id)


def _fact(number: int, kind: str, said: Mapping[str, Any], corrects: int | None = None) -> Fact:
    return Fact(
        number,
        Kind(kind),
        Mark(said["mark"]) if said.get("mark") else None,
        Absence(said["absence"]) if said.get("absence") else None,
        said.get("late_minutes") or 0,
        said.get("early_minutes") or 0,
        corrects,
    )


def marks_between(school_id: int, first: date, last: date) -> Iterator[Row]:
    """Yield (person_id, cohort_id, half_day_id, facts) of the marks that hold at a school in a period. One query."""
    later = aliased(Entry)
    asked = (
        select(Entry.person_id, HalfDay.cohort_id, HalfDay.id, Entry.facts)
        .join(Entry, Entry.half_day_id == HalfDay.id)
        .outerjoin(later, later.corrects_id == Entry.id)
        .where(
            HalfDay.school_id == school_id,
            HalfDay.on.between(first, last),
            HalfDay.cancelled_at.is_(None),
            Entry.kind == str(Kind.MARK),
            later.id.is_(None),
        )
    )
    yield from db.session.execute(asked.execution_options(yield_per=5_000))


def not_finished(
    cohorts: Collection[int], first: date, now: datetime, offset: int = 0, limit: int | None = None
) -> tuple[list[List], int]:
    """Return the half-days that are over since a day and not countersigned, with their lists, the oldest first.

    Some of them, and how many there are in all. Four queries.
    """
    over = unfinished(cohorts, first, now)
    shown = over[offset : None if limit is None else offset + limit]
    return (lists_of(half_days_among(shown)) if shown else []), len(over)


def same_device(entries: Iterable[Entry], seconds: int = 60) -> list[list[Entry]]:
    """Group signatures that came from one device within `seconds` of each other: shown to the school, not accused.

    A tablet that is passed round and help from a person are left out: one device is what they are.
    """
    by_device: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.at):
        device = (entry.content.content.get("device") if entry.content else "") or ""
        shared = entry.method in (Method.TABLET, Method.HELP, Method.PAPER, Method.PIN)
        if entry.kind == Kind.SIGNATURE and device and not shared:
            by_device.setdefault(device, []).append(entry)
    groups = []
    for signed in by_device.values():
        near = [signed[0]]
        for entry in signed[1:]:
            if (entry.at - near[-1].at).total_seconds() <= seconds:
                near.append(entry)
                continue
            groups.append(near)
            near = [entry]
        groups.append(near)
    return [group for group in groups if len({entry.person_id for entry in group}) > 1]
