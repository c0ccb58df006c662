"""The attendance of a demonstration cohort: half-days since it began, signed, countersigned and chained, in bulk."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import func, inspect, select, text

from popschool import clock, parts
from popschool.attendance import rules_calendar
from popschool.attendance.ledger import ENTRY_FIELDS, half_day_hash
from popschool.attendance.models import Entry, EntryContent, Expected, HalfDay, HalfDayTrainer, PresenceDay
from popschool.attendance.models_planning import Room
from popschool.attendance.rules import Absence, Expectation, Fact, Kind, Mark, Method, Standing, standing
from popschool.attendance.rules_holidays import public_holidays
from popschool.attendance.rules_ledger import START, content_hash, entry_hash
from popschool.db import db
from popschool.portal import demo_bulk as bulk
from popschool.portal import demo_plan as plan
from popschool.schools.models import Cohort, Enrolment, Person, Posting
from popschool.web import filters

WEEKS_AHEAD = 3
METHODS = (Method.BUTTON, Method.BUTTON, Method.BUTTON, Method.CODE, Method.CODE, Method.QR, Method.LINK, Method.TABLET)
STATEMENT = "Je suis {name}. Je participe à la séance de {half}, {day}. Elle va de {starts} à {ends}."
# Where the name of each person goes, once the rest is written.
NAME = "{name}"


@dataclass
class Attendance:
    """What is made of attendance: rows gathered for every cohort, then written together."""

    demo: Any
    random: Random
    next_id: int = 1
    names: dict[int, str] = field(default_factory=dict)
    entries: list[dict] = field(default_factory=list)
    contents: list[dict] = field(default_factory=list)
    expected: list[dict] = field(default_factory=list)
    days: list[dict] = field(default_factory=list)
    half_days: list[HalfDay] = field(default_factory=list)

    def expect(self, half_days: int) -> None:
        """Make room for so many half-days of people: a tenth more lines, with absences and countersignatures."""
        parts.expect(db.session.connection(), Entry.__tablename__, half_days * 11 // 10)

    def cohort(self, cohort: Cohort) -> None:
        """Lay a cohort's half-days, and let its people have signed those that are past."""
        enrolled = list(
            db.session.execute(
                select(Enrolment.id, Person)
                .join(Person, Person.id == Enrolment.person_id)
                .where(Enrolment.cohort_id == cohort.id)
                .order_by(Person.id)
            )
        )
        half_days = self._half_days(cohort)
        chain = _Chain(cohort.id)
        for half_day in half_days:
            if half_day.span.starts_at - timedelta(minutes=15) > self.demo.now:
                break
            self._opened(half_day, enrolled, chain)

    def _half_days(self, cohort: Cohort) -> list[HalfDay]:
        last = min(cohort.ends_on, plan.monday_of(self.demo.day) + timedelta(weeks=WEEKS_AHEAD, days=4))
        closed = public_holidays(cohort.starts_on, last)
        trainers = db.session.execute(
            select(Person.id, Person.first_name, Person.last_name)
            .join(Posting, Posting.person_id == Person.id)
            .where(Posting.cohort_id == cohort.id)
            .order_by(Posting.id)
        ).all()
        self.names |= {one.id: f"{one.first_name} {one.last_name}" for one in trainers}
        room = db.session.scalars(select(Room).where(Room.school_id == cohort.school_id).order_by(Room.id)).first()
        if room is None:
            room = Room(school_id=cohort.school_id, name="Salle 1", capacity=26)
            db.session.add(room)
            db.session.flush()
        made = []
        planned_days = rules_calendar.planned(rules_calendar.USUAL_WEEK, cohort.starts_on, last, set(closed))
        number = int(cohort.code.rpartition("-")[2])
        turn = (number - 1) % 2  # two cohorts of a pair are not led by the same person at once
        for planned in planned_days:
            half_day = HalfDay(
                school_id=cohort.school_id,
                cohort_id=cohort.id,
                on=planned.on,
                half=str(planned.line.half),
                starts=planned.line.starts,
                ends=planned.line.ends,
                pause_minutes=0,
                time_zone=cohort.school.time_zone,
                place_text="" if number == 1 else f"Salle {number}",
                room_id=room.id if number == 1 else None,
                secret=f"{self.random.getrandbits(128):032x}",
                created_at=self.demo.now,
            )
            half_day.room = room if half_day.room_id else None
            half_day.trainers = [HalfDayTrainer(person_id=trainers[(planned.on.toordinal() + turn) % len(trainers)].id)]
            made.append(half_day)
        for half_day, half_day_id in zip(made, bulk.take_ids(HalfDay, len(made)), strict=True):
            half_day.id = half_day_id
        self.half_days += made
        return made

    def _opened(self, half_day: HalfDay, enrolled: Sequence[Any], chain: "_Chain") -> None:
        now, span = self.demo.now, half_day.span
        half_day.opened_at = span.starts_at - timedelta(minutes=10)
        half_day.opened_by_id = half_day.trainers[0].person_id
        is_over, is_today = span.ends_at <= now, half_day.on == self.demo.day
        seen, statement = half_day_hash(half_day), _statement(half_day)
        minutes, is_signed = half_day.minutes, is_over and not is_today
        standings: list[tuple[int, Standing]] = []
        for enrolment_id, person in enrolled:
            self.expected.append(
                {
                    "half_day_id": half_day.id,
                    "person_id": person.id,
                    "enrolment_id": enrolment_id,
                    "expectation": str(Expectation.EXPECTED),
                    "has_more_time": False,
                    "added_by_id": None,
                    "added_at": half_day.opened_at,
                }
            )
            said = self._person(half_day, span.starts_at, person, chain, seen, statement, is_over)
            standings.append((enrolment_id, _standing(minutes, said, is_signed)))
        if is_signed:
            self._countersigned(half_day, len(enrolled), chain, seen)
        self._summary(half_day, standings)

    def _person(
        self, half_day: HalfDay, starts_at: datetime, person: Person, chain: "_Chain", seen: str, statement: str,
        is_over: bool,
    ) -> "_Said":  # fmt: skip
        """Let one person have signed, been late or away; in a half-day under way, one in four has not signed yet."""
        chance, start = self.random.random(), half_day.opened_at
        if not is_over and chance > 0.74:
            return _Said(is_signed=False)
        is_away = is_over and chance > 0.93
        if not is_away:
            at = min(start + timedelta(minutes=self.random.randrange(2, 25)), self.demo.now - timedelta(minutes=1))
            method = self.random.choice(METHODS)
            self._add(
                half_day, chain, seen, Kind.SIGNATURE, person.id, person.id, "learner", at, {},
                {"name": person.name, "statement": statement.replace(NAME, person.name)}, method,
            )  # fmt: skip
        if is_away or (is_over and chance > 0.89):
            at = starts_at + timedelta(minutes=30)
            is_excused = chance > 0.96
            said: dict[str, Any] = {"mark": str(Mark.ABSENT if is_away else Mark.PARTIAL)}
            said["absence"] = "justified" if is_excused else "unjustified"
            if not is_away:
                said["late_minutes"] = self.random.choice((10, 15, 20, 30))
            leader = half_day.trainers[0].person_id
            content = {"name": person.name} | ({"code": "AJ-CVN"} if is_excused else {})
            self._add(half_day, chain, seen, Kind.MARK, person.id, leader, "trainer", at, said, content)
            return _Said(not is_away, said["mark"], said["absence"], said.get("late_minutes", 0))
        return _Said(is_signed=True)

    def _countersigned(self, half_day: HalfDay, expected: int, chain: "_Chain", seen: str) -> None:
        at, leader = half_day.span.ends_at + timedelta(minutes=5), half_day.trainers[0].person_id
        content = {"name": self.names[leader]}
        facts = {"signed": expected, "expected": expected}
        self._add(
            half_day, chain, seen, Kind.COUNTERSIGNATURE, leader, leader, "trainer", at, facts, content, Method.BUTTON
        )
        half_day.countersigned_at = at

    def _add(
        self, half_day: HalfDay, chain: "_Chain", seen: str, kind: Kind, person_id: int, by_id: int, role: str,
        at: datetime, facts: dict, content: dict, method: Method | None = None,
    ) -> None:  # fmt: skip
        salt = f"{self.random.getrandbits(128):032x}"
        row = {
            "id": self.next_id,
            "school_id": half_day.school_id,
            "cohort_id": half_day.cohort_id,
            "sequence": chain.length + 1,
            "half_day_id": half_day.id,
            "half_day_hash": seen,
            "kind": str(kind),
            "person_id": person_id,
            "by_id": by_id,
            "role": role,
            "method": str(method or ""),
            "statement_version": "1-fr" if method else "",
            "facts": facts,
            "at": at,
            "received_at": at,
            "device_sequence": None,
            "corrects_id": None,
            "key": None,
            "content_hash": content_hash(salt, content),
            "previous_hash": chain.last,
        }
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")  # as the chain writes it, once for both
        row["hash"] = entry_hash(
            chain.last, {name: row[name] for name in ENTRY_FIELDS} | {"at": moment, "received_at": moment}
        )
        chain.length, chain.last, self.next_id = chain.length + 1, row["hash"], self.next_id + 1
        self.entries.append(row)
        self.contents.append({"entry_id": row["id"], "salt": salt, "content": content})

    def _summary(self, half_day: HalfDay, standings: list[tuple[int, Standing]]) -> None:
        for enrolment_id, one in standings:
            self.days.append(
                {
                    "enrolment_id": enrolment_id,
                    "on": half_day.on,
                    "school_id": half_day.school_id,
                    "cohort_id": half_day.cohort_id,
                    "planned": one.planned,
                    "attended": one.attended,
                    "justified": one.justified,
                    "unjustified": one.unjustified,
                    "missing": one.missing,
                }
            )

    def write(self) -> None:
        """Write what was gathered, and start over."""
        names = [one.key for one in inspect(HalfDay).column_attrs]
        led = [{"half_day_id": one.id, "person_id": one.trainers[0].person_id} for one in self.half_days]
        for model, rows in (
            (HalfDay, [_row_of(one, names) for one in self.half_days]),
            (HalfDayTrainer, led),
            (Expected, self.expected),
            (Entry, self.entries),
            (EntryContent, self.contents),
            (PresenceDay, _whole_days(self.days)),
        ):
            bulk.add(model, rows)
        self.entries, self.contents, self.expected, self.days, self.half_days = [], [], [], [], []

    def finish(self) -> None:
        """Let PostgreSQL number the next entry after ours."""
        if db.engine.dialect.name == "postgresql":
            last = db.session.scalar(select(func.max(Entry.id)))
            if last:
                db.session.execute(
                    text("SELECT setval(pg_get_serial_sequence('attendance_entry', 'id'), :last)"), {"last": last}
                )


@dataclass
class _Chain:
    """Where a cohort's chain has come to."""

    cohort_id: int
    length: int = 0
    last: str = START


class _Said(NamedTuple):
    """What the lines of one person's half-day say, without their numbers: many say the same."""

    is_signed: bool
    mark: str = ""
    absence: str = ""
    late_minutes: int = 0


@cache
def _standing(minutes: int, said: _Said, is_countersigned: bool) -> Standing:
    """Return what the rules make of it. Each kind is worked out once."""
    facts = [Fact(1, Kind.SIGNATURE)] if said.is_signed else []
    if said.mark:
        facts.append(Fact(2, Kind.MARK, Mark(said.mark), Absence(said.absence), said.late_minutes))
    return standing(minutes, facts, is_countersigned=is_countersigned)


def _row_of(half_day: HalfDay, names: list[str]) -> dict[str, Any]:
    """Return a half-day as it is written: what nothing was said of has its usual value."""
    usual = {"link": "", "module": "", "sequence": 0, "cancel_reason": ""}
    row = {name: getattr(half_day, name) for name in names}
    return row | {name: value for name, value in usual.items() if row[name] is None}


def _statement(half_day: HalfDay) -> str:
    """Return what is signed, with a place for the name."""
    half = "ce matin" if half_day.half == "am" else "cet après-midi"
    return STATEMENT.format(
        name=NAME,
        half=half,
        day=filters.day(half_day.on, filters.FRENCH, clock.PARIS, half_day.on),
        starts=filters.hour(half_day.starts, filters.FRENCH, clock.PARIS),
        ends=filters.hour(half_day.ends, filters.FRENCH, clock.PARIS),
    )


def _whole_days(rows: list[dict]) -> list[dict]:
    """Add up the two halves of each day of an enrolment."""
    days: dict[tuple[int, date], dict] = {}
    figures = ("planned", "attended", "justified", "unjustified", "missing")
    totals: dict[tuple[int, date], dict[str, int]] = defaultdict(lambda: dict.fromkeys(figures, 0))
    for row in rows:
        key = row["enrolment_id"], row["on"]
        days.setdefault(key, row)
        for name in figures:
            totals[key][name] += row[name]
    return [row | totals[key] for key, row in days.items()]
