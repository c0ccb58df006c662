"""What people do with a half-day: open it, sign it, mark somebody, correct, countersign.

Each act adds entries to the cohort's chain and brings the daily summaries up to date, in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from sqlalchemy import Date, Select, and_, bindparam, func, insert, or_, select
from sqlalchemy.orm import aliased

from popschool import jobs
from popschool.attendance import (
    ledger,
    rules,
    rules_codes,
    services_distance,
    services_half_days,
    services_reading,
    summaries,
)
from popschool.attendance.models import CompanyPeriod, Entry, Expected, HalfDay, HalfDayTrainer
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import Expectation, Half, Kind, Method
from popschool.db import db, transaction
from popschool.schools.models import Accommodation, Enrolment, Person

log = structlog.get_logger(__name__)
OWN_PHONE = (Method.BUTTON, Method.CODE, Method.QR)


@dataclass(frozen=True)
class Act:
    """How somebody signs: the sentence that they read, its version, and where it comes from.

    `signed_at` is when it was done, if that was with no network. `key` names the act: sent twice, it is once.
    `second_id` confirmed what came after the delay, for its `reason`.
    """

    method: Method
    statement: str
    statement_version: str
    role: str = "learner"
    by_id: int | None = None
    helped_by: str = ""
    device: str = ""
    address: str = ""
    signed_at: datetime | None = None
    device_sequence: int | None = None
    key: str | None = None
    scan: str = ""
    second_id: int | None = None
    second_name: str = ""
    reason: str = ""


@dataclass
class NeedsSecondPerson(rules.RuleBroken):
    """After the delay, somebody who does not lead the half-day makes the correction; a signature is confirmed."""


def open_half_day(half_day: HalfDay, by_id: int | None, now: datetime) -> None:
    """Open a half-day and freeze its list, from the enrolments of that day. Again, it does nothing.

    A trainer who opens one that nobody leads leads it. Raises TooEarly or HalfDayCancelled.
    """
    with transaction(lock=f"half-day/{half_day.id}"):
        db.session.refresh(half_day)
        if half_day.cancelled_at is not None:
            raise rules.HalfDayCancelled(half_day.cancel_reason)
        if half_day.opened_at is not None:
            return
        rules.check_opening(half_day.span, services_half_days.delays_of(half_day.school_id), now)
        if by_id is not None and not half_day.leaders:
            half_day.trainers.append(HalfDayTrainer(person_id=by_id))
        half_day.opened_at, half_day.opened_by_id = now, by_id
        rows = _expected_rows(half_day, now)
        if rows:
            db.session.execute(insert(Expected), rows)
        db.session.flush()
        summaries.refresh([half_day])


def _expected_rows(half_day: HalfDay, now: datetime) -> list[dict[str, Any]]:
    """Return the list of a half-day from the dated places of that day: two queries, whatever the size of the cohort."""
    away = aliased(CompanyPeriod)
    in_company = (
        select(func.count())
        .select_from(away)
        .where(
            away.cohort_id == half_day.cohort_id,
            away.starts_on <= half_day.on,
            away.ends_on >= half_day.on,
            or_(away.person_id.is_(None), away.person_id == Enrolment.person_id),
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )
    more_time = (
        select(func.max(Accommodation.extra_time_percent))
        .where(
            Accommodation.person_id == Enrolment.person_id,
            or_(Accommodation.school_id == half_day.school_id, Accommodation.follows),
            Accommodation.starts_on <= half_day.on,
            or_(Accommodation.ends_on.is_(None), Accommodation.ends_on >= half_day.on),
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )
    places = db.session.execute(
        select(Enrolment.id, Enrolment.person_id, in_company.label("away"), more_time.label("more_time"))
        .where(
            Enrolment.cohort_id == half_day.cohort_id,
            Enrolment.starts_on <= half_day.on,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= half_day.on,
        )
        .order_by(Enrolment.id)
    )
    rows: dict[int, dict[str, Any]] = {}
    for place in places:
        rows[place.person_id] = {
            "half_day_id": half_day.id,
            "person_id": place.person_id,
            "enrolment_id": place.id,
            "expectation": str(Expectation.COMPANY if place.away else Expectation.EXPECTED),
            "has_more_time": bool(place.more_time),
            "added_by_id": None,
            "added_at": now,
        }
    return list(rows.values())


def sign(half_day: HalfDay, person: Person, act: Act, now: datetime, code: str | None = None) -> Entry:
    """Record that somebody signed this half-day. Sent again under the same key, it returns the first entry.

    Raises TooEarly, SigningClosed, HalfDayCancelled, NotExpected, InCompany, DoneByWork, AlreadySigned, CodeWrong,
    CodeTooOld or WeekClosed. After the delay a second person has confirmed it: else SigningClosed, or NeedsSecondPerson
    for a sheet of paper. What is confirmed enters a closed week too, as a correction.
    """
    at = moment_of(act.signed_at, now)
    with transaction(lock=ledger.chain_name(half_day.cohort_id)):
        known = known_act(act.key)
        if known is not None:
            return known
        check_taking_place(half_day)
        if half_day.activity is not None:
            raise rules.DoneByWork
        _check_moment(half_day, person.id, act, at, now)
        if half_day.opened_at is None:
            open_half_day(half_day, None, now)
        expected = expected_on(half_day, person.id)
        if act.second_id is None:
            check_week_open(half_day)
        if code is not None:
            rules_codes.check_code(half_day.secret, code, at, has_more_time=expected.has_more_time)
        first = holding_signature(half_day.id, person.id)
        if first is not None:
            raise rules.AlreadySigned(first.at)
        entry = ledger.append(half_day, _line_of(half_day, person, act, at, now))
        summaries.refresh([half_day], [person.id])
    return entry


def _check_moment(half_day: HalfDay, person_id: int, act: Act, at: datetime, now: datetime) -> None:
    """Refuse a signature that is too early or too late, unless a second person has confirmed it."""
    delays = services_half_days.delays_of(half_day.school_id)
    if act.second_id is not None:
        _check_second(act, person_id)
    elif act.method is Method.PAPER and at >= rules.closing_moment(half_day.span, delays):
        raise NeedsSecondPerson
    else:
        # What one's own phone says of the hour opens nothing that would not be open now.
        for moment in (at, now) if act.method in OWN_PHONE else (at,):
            rules.check_signing(Half(half_day.half), half_day.span, delays, half_day.opened_at, moment)


def _line_of(half_day: HalfDay, person: Person, act: Act, at: datetime, now: datetime) -> ledger.Line:
    """Return what the ledger keeps of a signature."""
    is_confirmed = act.second_id is not None
    return ledger.Line(
        kind=Kind.SIGNATURE,
        person_id=person.id,
        by_id=act.by_id or person.id,
        role=act.role,
        at=at,
        received_at=now,
        facts={"second": act.second_id} if is_confirmed else {},
        content=filled(
            name=person.name,
            statement=act.statement,
            device=act.device[:200],
            address=act.address,
            helped_by=act.helped_by,
            scan=act.scan,
            second=act.second_name,
            reason=act.reason,
        ),
        method=act.method,
        statement_version=act.statement_version,
        device_sequence=act.device_sequence,
        key=act.key,
        corrects_id=_absence_undone(half_day.id, person.id) if is_confirmed else None,
    )


def _absence_undone(half_day_id: int, person_id: int) -> int | None:
    """Return the absence that was marked while nobody had signed: what is confirmed later corrects it."""
    marked = holding_mark(half_day_id, person_id)
    return marked.id if marked is not None and marked.facts.get("mark") == rules.Mark.ABSENT else None


def _check_second(act: Act, person_id: int) -> None:
    """Raises NeedsSecondPerson when whoever confirms is whoever signs, or brings the paper in."""
    if act.second_id in (person_id, act.by_id):
        raise NeedsSecondPerson


def countersign(half_day: HalfDay, trainer: Person, act: Act, now: datetime) -> Entry:
    """Let a trainer sign the half-day that they led. With the last one's, its minutes count.

    Raises NotTheirHalfDay, NotOverYet, StatesMissing, AlreadySigned, HalfDaysOverlap or HalfDayCancelled.
    """
    at = moment_of(act.signed_at, now)
    with transaction(lock=ledger.chain_name(half_day.cohort_id)):
        known = known_act(act.key)
        if known is not None:
            return known
        check_taking_place(half_day)
        if trainer.id not in {leader.person_id for leader in half_day.leaders}:
            raise rules.NotTheirHalfDay
        if at < half_day.span.ends_at:
            raise rules.NotOverYet(half_day.span.ends_at)
        services_distance.count_work(half_day, now)
        [found] = services_reading.lists_of([half_day])
        if trainer.id in found.countersignatures:
            raise rules.AlreadySigned(found.countersignatures[trainer.id].at)
        if found.waiting:
            raise rules.StatesMissing(tuple(line.person.name for line in found.waiting))
        _check_one_place(half_day, trainer)
        entry = ledger.append(
            half_day,
            ledger.Line(
                kind=Kind.COUNTERSIGNATURE,
                person_id=trainer.id,
                by_id=trainer.id,
                role="trainer",
                at=at,
                received_at=now,
                facts={"signed": len(found.signed), "expected": len(found.expected)},
                content=filled(
                    name=trainer.name, statement=act.statement, device=act.device[:200], address=act.address
                ),
                method=act.method,
                statement_version=act.statement_version,
                device_sequence=act.device_sequence,
                key=act.key,
            ),
        )
        if {leader.person_id for leader in found.unsigned_leaders} <= {trainer.id}:
            half_day.countersigned_at = now
            db.session.flush()
            summaries.refresh([half_day])
    return entry


def _check_one_place(half_day: HalfDay, trainer: Person) -> None:
    """Raises HalfDaysOverlap when the trainer signed another half-day at the same hours."""
    signed = select(Entry.half_day_id).where(
        Entry.kind == str(Kind.COUNTERSIGNATURE), Entry.person_id == trainer.id, Entry.half_day_id != half_day.id
    )
    same_day = db.session.scalars(select(HalfDay).where(HalfDay.on == half_day.on, HalfDay.id.in_(signed)))
    if any(rules.overlaps(one.span, half_day.span) for one in same_day):
        raise rules.HalfDaysOverlap(trainer.name, half_day.on, Half(half_day.half))


def open_those_due(now: datetime) -> int:
    """Open by themselves the half-days whose hour has come. Returns how many; one that fails stops no other."""
    opened = 0
    for half_day_id in jobs.stoppable(services_half_days.due_to_open(now)):
        try:
            open_half_day(db.session.get_one(HalfDay, half_day_id), None, now)
        except Exception:
            db.session.rollback()
            log.error("half-day not opened", half_day=half_day_id, exc_info=True)
        else:
            opened += 1
    return opened


def moment_of(signed_at: datetime | None, now: datetime) -> datetime:
    """Return the device's moment for what was done with no network; never one that has not come yet."""
    return now if signed_at is None else min(signed_at, now)


def known_act(key: str | None) -> Entry | None:
    return db.session.scalars(_known(), {"key": key}).first() if key else None


@cache
def _known() -> Select:
    return select(Entry).where(Entry.key == bindparam("key"))


def check_taking_place(half_day: HalfDay) -> None:
    if half_day.cancelled_at is not None:
        raise rules.HalfDayCancelled(half_day.cancel_reason)


def is_week_closed(half_day: HalfDay) -> bool:
    monday = rules.monday_of(half_day.on)
    return db.session.scalar(_closed(), {"cohort": half_day.cohort_id, "monday": monday}) is not None


@cache
def _closed() -> Select:
    return (
        select(Sheet.id)
        .where(Sheet.cohort_id == bindparam("cohort"), Sheet.monday == bindparam("monday", type_=Date))
        .limit(1)
    )


def check_week_open(half_day: HalfDay) -> None:
    if is_week_closed(half_day):
        raise rules.WeekClosed(rules.monday_of(half_day.on))


def on_list(half_day_id: int, person_id: int) -> Any:
    return select(Expected).where(Expected.half_day_id == half_day_id, Expected.person_id == person_id)


def expected_on(half_day: HalfDay, person_id: int) -> Expected:
    """Return a person's line of the list. Raises NotExpected or InCompany."""
    expected = db.session.scalars(on_list(half_day.id, person_id)).first()
    if expected is None:
        raise rules.NotExpected(half_day.on, Half(half_day.half))
    if expected.expectation == Expectation.COMPANY:
        raise rules.InCompany(half_day.on)
    return expected


def _held(half_day_id: int, person_id: int, kind: Kind) -> Entry | None:
    """Return the entry of a kind that holds: the last one that nothing corrects."""
    given = {"half_day": half_day_id, "person": person_id, "kind": str(kind)}
    return db.session.scalars(_holding(), given).first()


@cache
def _holding() -> Select:
    """Built once: a room signs in the same seconds, and making a statement costs several times what it takes to run."""
    later = aliased(Entry)
    return (
        select(Entry)
        .outerjoin(later, and_(later.corrects_id == Entry.id))
        .where(
            Entry.half_day_id == bindparam("half_day"),
            Entry.person_id == bindparam("person"),
            Entry.kind == bindparam("kind"),
            later.id.is_(None),
        )
        .order_by(Entry.id.desc())
        .limit(1)
    )


def holding_signature(half_day_id: int, person_id: int) -> Entry | None:
    return _held(half_day_id, person_id, Kind.SIGNATURE)


def holding_mark(half_day_id: int, person_id: int) -> Entry | None:
    return _held(half_day_id, person_id, Kind.MARK)


def filled(**content: str) -> dict[str, str]:
    return {name: value for name, value in content.items() if value}
