"""Where half-days stand, worked out from their entries: one half-day, a week, a person, each in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from popschool.attendance.models import AttendanceSettings, Entry, Expected, HalfDay, HalfDayTrainer
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
    closing_moment,
    holding,
    is_open,
    standing,
)
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place

Key = tuple[int, int]
USUAL_ALERT = 3


@dataclass
class Line:
    """One person on the list of a half-day: their entries, oldest first, and how they stand."""

    expected: Expected
    person: Person
    standing: Standing
    entries: list[Entry] = field(default_factory=list)

    def place_in(self, half_day: HalfDay) -> Place:
        """Return where this line stands: it is the person's own, whatever their cohort is today."""
        return Place.of(half_day.school_id, half_day.cohort_id, [self.expected.person_id])

    @property
    def signature(self) -> Entry | None:
        """Return the signature that holds."""
        return _last(self.entries, Kind.SIGNATURE)

    @property
    def mark(self) -> Entry | None:
        """Return the mark that holds."""
        return _last(self.entries, Kind.MARK)


@dataclass
class List:
    """A half-day with everybody on its list, and who has countersigned."""

    half_day: HalfDay
    lines: list[Line]
    countersignatures: dict[int, Entry]

    @property
    def waiting(self) -> list[Line]:
        """Return the people of whom nothing is said yet, or not enough."""
        unsaid = (Why.NOTHING_SAID, Why.SIGNATURE_MISSING, Why.SIGNED_BUT_ABSENT)
        return [line for line in self.lines if line.standing.why in unsaid]

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
    return (
        db.session.execute(
            select(HalfDay)
            .where(HalfDay.id == half_day_id)
            .options(
                joinedload(HalfDay.cohort),
                joinedload(HalfDay.school),
                joinedload(HalfDay.room),
                joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person),
            )
        )
        .unique()
        .scalars()
        .first()
    )


def half_days_of(
    cohorts: Collection[int], first: date, last: date, *, with_cancelled: bool = False
) -> Sequence[HalfDay]:
    """Return the half-days of these cohorts from a day to another, in order. One query."""
    asked = select(HalfDay).where(HalfDay.cohort_id.in_(cohorts), HalfDay.on.between(first, last))
    if not with_cancelled:
        asked = asked.where(HalfDay.cancelled_at.is_(None))
    return (
        db.session.execute(
            asked.order_by(HalfDay.on, HalfDay.starts, HalfDay.id).options(
                joinedload(HalfDay.cohort),
                joinedload(HalfDay.room),
                joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person),
            )
        )
        .unique()
        .scalars()
        .all()
    )


def lists_of(half_days: Iterable[HalfDay], *, with_content: bool = False) -> list[List]:
    """Return the list of each half-day, with the personal content of its entries if asked. Two queries in all."""
    half_days = list(half_days)
    ids = [half_day.id for half_day in half_days]
    people: dict[int, list[Expected]] = defaultdict(list)
    for expected in db.session.scalars(
        select(Expected)
        .join(Person, Person.id == Expected.person_id)
        .where(Expected.half_day_id.in_(ids))
        .order_by(Person.last_name, Person.first_name, Person.id)
        .options(joinedload(Expected.person))
    ):
        people[expected.half_day_id].append(expected)
    entries: dict[Key, list[Entry]] = defaultdict(list)
    countersignatures: dict[int, dict[int, Entry]] = defaultdict(dict)
    asked = select(Entry).where(Entry.half_day_id.in_(ids)).order_by(Entry.id)
    if with_content:
        asked = asked.options(joinedload(Entry.content))
    for entry in db.session.scalars(asked):
        if entry.kind == Kind.COUNTERSIGNATURE:
            countersignatures[entry.half_day_id][entry.person_id] = entry
        else:
            entries[entry.half_day_id, entry.person_id].append(entry)
    return [
        List(
            half_day,
            [_line(half_day, one, entries[half_day.id, one.person_id]) for one in people[half_day.id]],
            countersignatures[half_day.id],
        )
        for half_day in half_days
    ]


def _line(half_day: HalfDay, expected: Expected, entries: list[Entry]) -> Line:
    return Line(expected, expected.person, standing_of(half_day, expected.expectation, entries), entries)


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
    said = entry.facts
    return Fact(
        entry.id,
        Kind(entry.kind),
        Mark(said["mark"]) if said.get("mark") else None,
        Absence(said["absence"]) if said.get("absence") else None,
        said.get("late_minutes", 0),
        said.get("early_minutes", 0),
        entry.corrects_id,
    )


def _last(entries: Sequence[Entry], kind: Kind) -> Entry | None:
    held = {fact.id for fact in holding(fact_of(entry) for entry in entries)}
    return next((entry for entry in reversed(entries) if entry.kind == kind and entry.id in held), None)


def own_half_days(person_id: int, first: date, last: date) -> list[tuple[HalfDay, Line]]:
    """Return a person's own half-days that have opened, from a day to another, in order. Two queries."""
    rows = db.session.execute(
        select(HalfDay, Expected)
        .join(Expected, Expected.half_day_id == HalfDay.id)
        .where(Expected.person_id == person_id, HalfDay.on.between(first, last), HalfDay.cancelled_at.is_(None))
        .order_by(HalfDay.on, HalfDay.starts)
        .options(
            joinedload(HalfDay.cohort),
            joinedload(HalfDay.room),
            joinedload(HalfDay.trainers),
            joinedload(Expected.person),
        )
    ).unique()
    found = list(rows)
    entries: dict[int, list[Entry]] = defaultdict(list)
    for entry in db.session.scalars(
        select(Entry)
        .where(
            Entry.half_day_id.in_([half_day.id for half_day, _ in found]),
            Entry.person_id == person_id,
            Entry.kind != Kind.COUNTERSIGNATURE,
        )
        .order_by(Entry.id)
        .options(joinedload(Entry.content))
    ):
        entries[entry.half_day_id].append(entry)
    return [(half_day, _line(half_day, expected, entries[half_day.id])) for half_day, expected in found]


def line_of(half_day: HalfDay, person_id: int) -> Line | None:
    """Return one person's line on the list of a half-day; None when they are not on it. Two queries."""
    expected = db.session.scalars(
        select(Expected)
        .where(Expected.half_day_id == half_day.id, Expected.person_id == person_id)
        .options(joinedload(Expected.person))
    ).first()
    if expected is None:
        return None
    entries = db.session.scalars(
        select(Entry)
        .where(Entry.half_day_id == half_day.id, Entry.person_id == person_id, Entry.kind != Kind.COUNTERSIGNATURE)
        .order_by(Entry.id)
        .options(joinedload(Entry.content))
    ).all()
    return _line(half_day, expected, list(entries))


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


@dataclass
class OwnDay:
    """A person's half-days around today, with their line on each list once it has opened, and what is to sign now."""

    today: list[HalfDay]
    to_sign: list[HalfDay]
    lines: dict[int, Line]


def own_day(person_id: int, cohorts: Collection[int], day: date, now: datetime) -> OwnDay:
    """Return what one person has to sign today or still has from the day before. One query."""
    rows = db.session.execute(
        select(HalfDay, Expected, Entry, AttendanceSettings)
        .outerjoin(Expected, and_(Expected.half_day_id == HalfDay.id, Expected.person_id == person_id))
        .outerjoin(Entry, and_(Entry.half_day_id == HalfDay.id, Entry.person_id == person_id))
        .outerjoin(AttendanceSettings, AttendanceSettings.school_id == HalfDay.school_id)
        .where(
            or_(HalfDay.cohort_id.in_(cohorts), Expected.id.is_not(None)),
            HalfDay.on.between(day - timedelta(days=1), day),
            HalfDay.cancelled_at.is_(None),
        )
        .order_by(HalfDay.on, HalfDay.starts, Entry.id)
        .options(joinedload(HalfDay.room))
    )
    half_days: dict[int, HalfDay] = {}
    expected: dict[int, Expected] = {}
    entries: dict[int, list[Entry]] = defaultdict(list)
    delays: dict[int, Delays] = {}
    for half_day, on_list, entry, settings in rows:
        half_days[half_day.id] = half_day
        delays[half_day.id] = delays_in(settings)
        if on_list is not None:
            expected[half_day.id] = on_list
        if entry is not None and entry.kind != Kind.COUNTERSIGNATURE:
            entries[half_day.id].append(entry)
    lines = {
        key: Line(one, None, standing_of(half_days[key], one.expectation, entries[key]), entries[key])
        for key, one in expected.items()
    }
    to_sign = [half_day for key, half_day in half_days.items() if may_sign(half_day, lines.get(key), delays[key], now)]
    return OwnDay([one for one in half_days.values() if one.on == day], to_sign, lines)


def may_sign(half_day: HalfDay, line: Line | None, delays: Delays, now: datetime) -> bool:
    """Say whether somebody has this half-day to sign, now: open, not over for long, not signed, not in a company.

    Once the list is frozen, only those who are on it sign.
    """
    if half_day.opened_at is not None and line is None:
        return False
    if line is not None and (line.standing.is_signed or line.expected.expectation == Expectation.COMPANY):
        return False
    if line is not None and line.standing.why is None:
        return False
    return is_open(half_day.span, half_day.opened_at, now) and now < closing_moment(half_day.span, delays)


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
