"""Where half-days stand, worked out from their entries: one half-day, a week, a person, each in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Date, Select, bindparam, case, or_, select
from sqlalchemy.orm import aliased, joinedload

from popschool.attendance.models import Entry, Expected, HalfDay, HalfDayTrainer
from popschool.attendance.models_planning import AttendanceSettings
from popschool.attendance.rules import (
    Absence,
    Delays,
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
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place

Key = tuple[int, int]
USUAL_ALERT = 3
UNSAID = frozenset({Why.NOTHING_SAID, Why.SIGNATURE_MISSING, Why.SIGNED_BUT_ABSENT})


@dataclass
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


def delays_of(school_id: int) -> Delays:
    """Return how early half-days open and how long one may sign, in this school."""
    return delays_in(db.session.get(AttendanceSettings, school_id))


def delays_in(settings: AttendanceSettings | None) -> Delays:
    """Return the delays that a school decided; the usual ones when it decided nothing."""
    if settings is None:
        return Delays()
    return Delays(timedelta(minutes=settings.opens_before_minutes), timedelta(hours=settings.delay_hours))


def read_half_day(half_day_id: int) -> HalfDay | None:
    """Return a half-day with its cohort, room and trainers. One query."""
    return db.session.execute(_half_day(), {"half_day": half_day_id}).unique().scalars().first()


@cache
def _half_day() -> Select:
    return (
        select(HalfDay)
        .where(HalfDay.id == bindparam("half_day"))
        .options(
            joinedload(HalfDay.cohort),
            joinedload(HalfDay.school),
            joinedload(HalfDay.room),
            joinedload(HalfDay.activity),
            joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person),
        )
    )


def half_days_of(
    cohorts: Collection[int], first: date, last: date, *, with_cancelled: bool = False
) -> Sequence[HalfDay]:
    """Return the half-days of these cohorts from a day to another, in order. One query."""
    given = {"cohorts": list(cohorts), "first": first, "last": last}
    return db.session.execute(_half_days(with_cancelled), given).unique().scalars().all()


@cache
def _half_days(with_cancelled: bool) -> Select:
    asked = select(HalfDay).where(
        HalfDay.cohort_id.in_(bindparam("cohorts", expanding=True)),
        HalfDay.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
    )
    if not with_cancelled:
        asked = asked.where(HalfDay.cancelled_at.is_(None))
    return asked.order_by(HalfDay.on, HalfDay.starts, HalfDay.id).options(
        joinedload(HalfDay.cohort),
        joinedload(HalfDay.room),
        joinedload(HalfDay.activity),
        joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person),
    )


def lists_of(half_days: Iterable[HalfDay], *, with_content: bool = False, of_the_same: bool = False) -> list[List]:
    """Return the list of each half-day. Two queries in all, whatever their number.

    When the half-days are `of_the_same` people, such as those of a week, a third one reads each of them once.
    Entries come as plain rows, which is several times faster; with their personal content, as objects. `facts` of a
    plain signature, which has none, is None.
    """
    half_days = list(half_days)
    ids = {"half_days": [half_day.id for half_day in half_days]}
    expected: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(_on_lists(with_people=not of_the_same), ids):
        expected[row.half_day_id].append(row)
    people = {one.id: one for one in db.session.scalars(_people_on_lists(), ids)} if of_the_same else None
    found = db.session.scalars(_whole_entries(), ids) if with_content else db.session.execute(_plain_entries(), ids)
    entries: dict[Key, list[Entry]] = defaultdict(list)
    countersignatures: dict[int, dict[int, Entry]] = defaultdict(dict)
    for entry in found:
        if entry.kind == Kind.COUNTERSIGNATURE:
            countersignatures[entry.half_day_id][entry.person_id] = entry
        else:
            entries[entry.half_day_id, entry.person_id].append(entry)
    lists = []
    for half_day in half_days:
        planned = half_day.minutes
        lines = [
            _line(
                half_day,
                planned,
                one,
                entries[half_day.id, one.person_id],
                one.Person if people is None else people[one.person_id],
            )
            for one in expected[half_day.id]
        ]
        lists.append(List(half_day, lines, countersignatures[half_day.id]))
    return lists


@cache
def _on_lists(*, with_people: bool) -> Select:
    listed, people = Expected.__table__.c, Person.__table__.c
    columns = (listed.half_day_id, listed.person_id, listed.enrolment_id, listed.expectation, listed.has_more_time)
    asked = select(*columns, *((Person,) if with_people else ()))
    return (
        asked.join(Person.__table__, people.id == listed.person_id)
        .where(listed.half_day_id.in_(bindparam("half_days", expanding=True)))
        .order_by(people.last_name, people.first_name, people.id)
    )


@cache
def _people_on_lists() -> Select:
    on_lists = select(Expected.person_id).where(Expected.half_day_id.in_(bindparam("half_days", expanding=True)))
    return select(Person).where(Person.id.in_(on_lists))


@cache
def _plain_entries() -> Select:
    entry = Entry.__table__.c
    names = ("id", "half_day_id", "person_id", "by_id", "kind", "method", "at", "corrects_id", "sequence")
    facts = case((entry.kind == str(Kind.MARK), entry.facts)).label("facts")
    return _of_half_days(select(*(entry[name] for name in names), facts))


@cache
def _whole_entries() -> Select:
    return _of_half_days(select(Entry).options(joinedload(Entry.content)))


def _of_half_days(asked: Select) -> Select:
    entry = Entry.__table__.c
    return asked.where(entry.half_day_id.in_(bindparam("half_days", expanding=True))).order_by(entry.id)


def line(half_day: HalfDay, expected: Expected, entries: list[Entry], person: Person | None = None) -> Line:
    """Return one person's line of a half-day, from their entries, oldest first."""
    return _line(half_day, half_day.minutes, expected, entries, person)


def _line(half_day: HalfDay, planned: int, expected: Expected, entries: list[Entry], person: Person | None) -> Line:
    is_countersigned = half_day.countersigned_at is not None
    if not entries or (len(entries) == 1 and entries[0].kind == Kind.SIGNATURE):
        found = _usual(planned, expected.expectation, is_countersigned, bool(entries))
        return Line(expected, person, found, entries, signature=entries[0] if entries else None)
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


@lru_cache(maxsize=256)
def _usual(planned: int, expectation: str, is_countersigned: bool, is_signed: bool) -> Standing:
    """Return the standing of almost everybody: a signature and nothing else, or nothing at all."""
    facts = [Fact(0, Kind.SIGNATURE)] if is_signed else []
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
    said = entry.facts or {}
    return Fact(
        entry.id,
        Kind(entry.kind),
        Mark(said["mark"]) if said.get("mark") else None,
        Absence(said["absence"]) if said.get("absence") else None,
        said.get("late_minutes", 0),
        said.get("early_minutes", 0),
        entry.corrects_id,
    )


def due_to_open(now: datetime) -> Sequence[HalfDay]:
    """Return the half-days whose hour has come and that nobody opened, of the last days. One query."""
    today = now.date()
    rows = db.session.scalars(
        select(HalfDay).where(
            HalfDay.opened_at.is_(None),
            HalfDay.cancelled_at.is_(None),
            HalfDay.on.between(today - timedelta(days=7), today + timedelta(days=1)),
        )
    )
    return [half_day for half_day in rows if half_day.span.starts_at <= now]


def led_by(person_id: int, first: date, last: date) -> Sequence[HalfDay]:
    """Return the half-days that a trainer leads, from a day to another, in order. One query."""
    leads = select(HalfDayTrainer.half_day_id).where(
        HalfDayTrainer.person_id == person_id, HalfDayTrainer.replaced_at.is_(None)
    )
    return (
        db.session.execute(
            select(HalfDay)
            .where(or_(HalfDay.id.in_(leads)), HalfDay.on.between(first, last), HalfDay.cancelled_at.is_(None))
            .order_by(HalfDay.on, HalfDay.starts)
            .options(joinedload(HalfDay.cohort), joinedload(HalfDay.room), joinedload(HalfDay.trainers))
        )
        .unique()
        .scalars()
        .all()
    )


def cohorts_with_half_days(schools: frozenset[int] | None, cohorts: frozenset[int], since: date) -> list[Cohort]:
    """Return these cohorts, and those of these schools (None: all), that are not over since a day. One query."""
    asked = select(Cohort).where(Cohort.archived_at.is_(None), Cohort.ends_on >= since)
    if schools is not None:
        asked = asked.where(or_(Cohort.id.in_(cohorts), Cohort.school_id.in_(schools)))
    return list(db.session.scalars(asked.order_by(Cohort.code)))


def people_of(cohort_id: int) -> Sequence[Person]:
    """Return the people who have or had a place in a cohort, by name."""
    places = select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id)
    return db.session.scalars(
        select(Person).where(Person.id.in_(places)).order_by(Person.last_name, Person.first_name, Person.id)
    ).all()


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
