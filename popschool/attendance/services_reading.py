"""How people stand on the lists of half-days, worked out from their entries, in a few queries whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
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
from popschool.attendance.services_half_days import half_days_of
from popschool.db import db
from popschool.schools.models import Person
from popschool.schools.rules import Place

Key = tuple[int, int]
ON_LIST = ("half_day_id", "person_id", "enrolment_id", "expectation", "has_more_time")
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
            _line(planned, is_countersigned, one, entries.get((key, one.person_id), []), one.Person)
            for one in expected[key]
        ]
        lists.append(List(half_day, lines, countersignatures[key]))
    return lists


def lists_of_the_same(half_days: Sequence[HalfDay]) -> list[List]:
    """Return the list of each half-day of the same people, such as those of a week. Three queries.

    Each person is read once, and a signature alone, which is what almost every line holds, is counted and not read:
    such a line has its standing, and no entry.
    """
    ids = {"half_days": [half_day.id for half_day in half_days]}
    people = {one.id: one for one in db.session.scalars(_people_on_lists(), ids)}
    expected: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in db.session.execute(_counted(), ids).all():
        expected[row[0]][row[1]] = row
    entries, countersignatures = _sorted_out(db.session.execute(_telling_entries(), ids).all())
    lists = []
    for half_day, key in zip(half_days, ids["half_days"], strict=True):
        planned, is_countersigned, on_list = half_day.minutes, half_day.countersigned_at is not None, expected[key]
        lines = []
        for person_id, person in people.items():
            one = on_list.get(person_id)
            if one is None:
                continue
            said = entries.get((key, person_id))
            if said:
                lines.append(_line(planned, is_countersigned, one, said, person))
            else:
                found = _usual(planned, one.expectation, is_countersigned, one.kind or "")
                lines.append(Line(one, person, found, []))
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
def _people_on_lists() -> Select:
    on_lists = select(Expected.person_id).where(Expected.half_day_id.in_(bindparam("half_days", expanding=True)))
    return select(Person).where(Person.id.in_(on_lists)).order_by(Person.last_name, Person.first_name, Person.id)


@cache
def _counted() -> Select:
    """Return the query of who is on these lists, with the kind of the one entry of those who have but one."""
    listed, entry = Expected.__table__.c, Entry.__table__.c
    asked = bindparam("half_days", expanding=True)
    kinds = (
        select(entry.half_day_id, entry.person_id, func.min(entry.kind).label("kind"))
        .where(entry.half_day_id.in_(asked), entry.kind != str(Kind.COUNTERSIGNATURE))
        .group_by(entry.half_day_id, entry.person_id)
        .subquery()
    )
    is_theirs = and_(kinds.c.half_day_id == listed.half_day_id, kinds.c.person_id == listed.person_id)
    return (
        select(*(listed[name] for name in ON_LIST), kinds.c.kind)
        .select_from(Expected.__table__.outerjoin(kinds, is_theirs))
        .where(listed.half_day_id.in_(asked))
    )


@cache
def _telling_entries() -> Select:
    """Return the query of all entries but the signatures that are alone on their line."""
    entry, other = Entry.__table__.c, Entry.__table__.alias().c
    has_another = (
        select(other.id)
        .where(other.half_day_id == entry.half_day_id, other.person_id == entry.person_id, other.id != entry.id)
        .exists()
    )
    return _of_half_days(select(*plain_entry()).where(or_(entry.kind != str(Kind.SIGNATURE), has_another)))


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
    return _line(half_day.minutes, half_day.countersigned_at is not None, expected, entries, person)


def _line(
    planned: int, is_countersigned: bool, expected: Expected, entries: list[Entry], person: Person | None
) -> Line:
    if not entries:
        return Line(expected, person, _usual(planned, expected.expectation, is_countersigned), entries)
    if len(entries) == 1:
        only = entries[0]
        is_mark = only.kind == Kind.MARK
        said = tuple(only.facts.get(name) for name in SAID) if is_mark else ()
        found = _usual(planned, expected.expectation, is_countersigned, only.kind, said)
        return Line(expected, person, found, entries, None if is_mark else only, only if is_mark else None)
    facts = [fact_of(entry) for entry in entries]
    expectation = Expectation(expected.expectation)
    found = standing(planned, facts, expectation=expectation, is_countersigned=is_countersigned)
    made = Line(expected, person, found, entries)
    held = {fact.id for fact in holding(facts)}
    for entry in entries:
        if entry.id not in held:
            continue
        if entry.kind == Kind.SIGNATURE:
            made.signature = entry
        else:
            made.mark = entry
    return made


@lru_cache(maxsize=1024)
def _usual(
    planned: int, expectation: str, is_countersigned: bool, kind: str = "", said: tuple[Any, ...] = ()
) -> Standing:
    """Return the standing of almost everybody: of whom nothing is said, or one thing."""
    facts = [_fact(0, kind, dict(zip(SAID, said, strict=False)))] if kind else []
    return standing(planned, facts, expectation=Expectation(expectation), is_countersigned=is_countersigned)


def standing_of(half_day: HalfDay, expectation: str, entries: Iterable[Entry]) -> Standing:
    """Return how one person's half-day stands."""
    return standing(
        half_day.minutes,
        [fact_of(entry) for entry in entries],
        expectation=Expectation(expectation),
        is_countersigned=half_day.countersigned_at is not None,
    )


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


def marks_between(first: date, last: date) -> list[tuple[HalfDay, Entry]]:
    """Return the marks that hold of every half-day of a period. One query."""
    later = aliased(Entry)
    rows = db.session.execute(
        select(HalfDay, Entry)
        .join(Entry, Entry.half_day_id == HalfDay.id)
        .outerjoin(later, later.corrects_id == Entry.id)
        .where(
            HalfDay.on.between(first, last),
            HalfDay.cancelled_at.is_(None),
            Entry.kind == str(Kind.MARK),
            later.id.is_(None),
        )
        .order_by(Entry.id)
    )
    return [(half_day, entry) for half_day, entry in rows]


def not_finished(cohorts: Collection[int], first: date, now: datetime) -> list[List]:
    """Return the half-days that are over since a day and not countersigned, with their lists, the oldest first."""
    half_days = half_days_of(cohorts, first, now.date() + timedelta(days=1))
    return lists_of(one for one in half_days if one.span.ends_at <= now and one.countersigned_at is None)


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
