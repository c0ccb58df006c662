"""A cohort's timetable: half-days from its week, moved, cancelled, added; rooms, closures, periods in a company."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.attendance import rules, rules_calendar
from popschool.attendance.models import HalfDay, HalfDayChange, HalfDayTrainer
from popschool.attendance.models_planning import Closure, WeekPattern
from popschool.attendance.rules import Half
from popschool.attendance.rules_calendar import PatternLine, Period
from popschool.attendance.rules_holidays import Holiday
from popschool.attendance.services_planning import closed_days, company_periods
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Posting, School
from popschool.schools.rules import check_dates


@dataclass(frozen=True)
class Wanted:
    """What a half-day should be."""

    on: date
    half: Half
    starts: time
    ends: time
    pause_minutes: int = 0
    room_id: int | None = None
    place_text: str = ""
    link: str = ""
    module: str = ""
    trainers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What making a timetable would do: half-days to add, those there already, days left out with their reason."""

    fresh: list[Wanted]
    kept: int
    left_out: list[tuple[date, str | Holiday]]


@dataclass
class RoomTaken(rules.RuleBroken):
    """Another cohort is in this room at those hours."""

    room: str
    cohort: str


@dataclass
class OutsideTheCohort(rules.RuleBroken):
    """The half-day is before the cohort begins or after it ends."""

    starts_on: date
    ends_on: date


def pattern_of(cohort_id: int) -> list[PatternLine]:
    """Return a cohort's week, the usual one until it has its own."""
    rows = db.session.scalars(
        select(WeekPattern).where(WeekPattern.cohort_id == cohort_id).order_by(WeekPattern.weekday, WeekPattern.starts)
    ).all()
    return [row.line for row in rows] or list(rules_calendar.USUAL_WEEK)


def set_pattern(cohort: Cohort, lines: Sequence[PatternLine], actor_id: int, now: datetime) -> None:
    """Keep a cohort's week. Half-days already planned stay as they are. Raises PatternTwice or HoursInverted."""
    rules_calendar.check_pattern(lines)
    with transaction(lock=cohort):
        db.session.execute(delete(WeekPattern).where(WeekPattern.cohort_id == cohort.id))
        for line in lines:
            db.session.add(
                WeekPattern(
                    school_id=cohort.school_id,
                    cohort_id=cohort.id,
                    weekday=line.weekday,
                    half=line.half,
                    starts=line.starts,
                    ends=line.ends,
                    pause_minutes=line.pause_minutes,
                )
            )
        audit.record("set_week", cohort, actor_id=actor_id, now=now, half_days=len(lines))


def propose(cohort: Cohort, first: date, last: date) -> Proposal:
    """Say which half-days the cohort's week would add in a period, and which days are left out. Writes nothing."""
    first, last = max(first, cohort.starts_on), min(last, cohort.ends_on)
    shut = dict(closed_days(cohort.school_id, first, last))
    away = [Period(one.starts_on, one.ends_on) for one in company_periods(cohort.id) if one.person_id is None]
    taken = select(HalfDay.on, HalfDay.half).where(
        HalfDay.cohort_id == cohort.id, HalfDay.on.between(first, last), HalfDay.cancelled_at.is_(None)
    )
    there = {(row.on, row.half) for row in db.session.execute(taken)}
    planned = rules_calendar.planned(pattern_of(cohort.id), first, last, set(shut), away)
    trainers = _postings(cohort.id, first, last)
    fresh = [
        Wanted(
            one.on,
            one.line.half,
            one.line.starts,
            one.line.ends,
            one.line.pause_minutes,
            trainers=tuple(person for person, period in trainers if one.on in period)[:1],
        )
        for one in planned
        if (one.on, str(one.line.half)) not in there
    ]
    left_out = sorted((day, label) for day, label in shut.items() if first <= day <= last and day.weekday() < 5)
    return Proposal(fresh, len(planned) - len(fresh), left_out)


def make_timetable(cohort: Cohort, first: date, last: date, actor_id: int, now: datetime) -> int:
    """Add the half-days that the cohort's week proposes; those there stay. Again, it adds nothing. Returns how many."""
    with transaction(lock=cohort):
        fresh = propose(cohort, first, last).fresh
        if not fresh:
            return 0
        ids = db.session.scalars(
            insert(HalfDay).returning(HalfDay.id, sort_by_parameter_order=True),
            [_row(cohort, wanted, now) for wanted in fresh],
        ).all()
        leaders = [
            {"half_day_id": half_day_id, "person_id": person_id}
            for half_day_id, wanted in zip(ids, fresh, strict=True)
            for person_id in wanted.trainers
        ]
        if leaders:
            db.session.execute(insert(HalfDayTrainer), leaders)
        audit.record("make_timetable", cohort, actor_id=actor_id, now=now, half_days=len(fresh))
    return len(fresh)


def _row(cohort: Cohort, wanted: Wanted, now: datetime) -> dict[str, Any]:
    return {
        "school_id": cohort.school_id,
        "cohort_id": cohort.id,
        "on": wanted.on,
        "half": str(wanted.half),
        "starts": wanted.starts,
        "ends": wanted.ends,
        "pause_minutes": wanted.pause_minutes,
        "time_zone": cohort.school.time_zone,
        "room_id": wanted.room_id,
        "place_text": wanted.place_text,
        "link": wanted.link,
        "module": wanted.module,
        "secret": secrets.token_hex(16),
        "created_at": now,
    }


def add_half_day(cohort: Cohort, wanted: Wanted, actor_id: int, now: datetime) -> HalfDay:
    """Plan one half-day. Raises HoursInverted, OutsideTheCohort, HalfDaysOverlap or RoomTaken."""
    with transaction(lock=(cohort, f"planning/{cohort.school_id}")):
        _check(cohort, wanted, None)
        half_day = HalfDay(**_row(cohort, wanted, now))
        half_day.trainers = [HalfDayTrainer(person_id=person_id) for person_id in wanted.trainers]
        db.session.add(half_day)
        audit.record("add_half_day", half_day, actor_id=actor_id, now=now, on=wanted.on.isoformat(), half=wanted.half)
    return half_day


def change_half_day(half_day: HalfDay, wanted: Wanted, reason: str, actor_id: int, now: datetime) -> None:
    """Move a half-day, or change its room, link, module or trainers, before it opens; with the reason, kept.

    Raises ReasonMissing, HalfDayOpened, HalfDayCancelled, HoursInverted, OutsideTheCohort, HalfDaysOverlap, RoomTaken.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    with transaction(lock=(half_day.cohort, f"planning/{half_day.school_id}", f"half-day/{half_day.id}")):
        db.session.refresh(half_day)
        _check_may_change(half_day)
        _check(half_day.cohort, wanted, half_day.id)
        before = _shown(half_day)
        half_day.on, half_day.half = wanted.on, str(wanted.half)
        half_day.starts, half_day.ends, half_day.pause_minutes = wanted.starts, wanted.ends, wanted.pause_minutes
        half_day.room_id, half_day.place_text = wanted.room_id, wanted.place_text
        half_day.link, half_day.module = wanted.link, wanted.module
        half_day.sequence += 1
        leading = {leader.person_id for leader in half_day.leaders}
        for leader in half_day.leaders:
            if leader.person_id not in wanted.trainers:
                leader.replaced_at, leader.reason = now, reason
        half_day.trainers += [
            HalfDayTrainer(person_id=person_id) for person_id in wanted.trainers if person_id not in leading
        ]
        db.session.flush()
        _keep_change(half_day, "changed", before, reason, actor_id, now)


def cancel_half_day(half_day: HalfDay, reason: str, actor_id: int, now: datetime) -> None:
    """Say that a half-day does not take place; it leaves the hours planned. Raises ReasonMissing or HalfDayOpened.

    One that nobody has signed may still be cancelled after it opened: a snowy morning opened by itself.
    """
    from popschool.attendance import summaries

    if not reason.strip():
        raise rules.ReasonMissing
    with transaction(lock=(f"half-day/{half_day.id}", f"chain/{half_day.cohort_id}")):
        db.session.refresh(half_day)
        if half_day.cancelled_at is not None:
            return
        if half_day.opened_at is not None and _has_entries(half_day.id):
            raise rules.HalfDayOpened(half_day.on, Half(half_day.half))
        before = _shown(half_day)
        half_day.cancelled_at, half_day.cancel_reason = now, reason.strip()
        half_day.sequence += 1
        db.session.flush()
        if half_day.opened_at is not None:
            summaries.clear(half_day)
            summaries.refresh([half_day])
        _keep_change(half_day, "cancelled", before, reason, actor_id, now)


def restore_half_day(half_day: HalfDay, actor_id: int, now: datetime) -> None:
    """Undo a cancellation. Raises HalfDaysOverlap when something else was planned meanwhile."""
    from popschool.attendance import summaries

    with transaction(lock=(half_day.cohort, f"half-day/{half_day.id}")):
        db.session.refresh(half_day)
        if half_day.cancelled_at is None:
            return
        taken = select(HalfDay.id).where(
            HalfDay.cohort_id == half_day.cohort_id,
            HalfDay.on == half_day.on,
            HalfDay.half == half_day.half,
            HalfDay.cancelled_at.is_(None),
        )
        if db.session.scalar(taken) is not None:
            raise rules.HalfDaysOverlap(half_day.cohort.code, half_day.on, Half(half_day.half))
        before = _shown(half_day)
        half_day.cancelled_at, half_day.cancel_reason = None, ""
        half_day.sequence += 1
        db.session.flush()
        if half_day.opened_at is not None:
            summaries.refresh([half_day])
        _keep_change(half_day, "restored", before, "", actor_id, now)


def _has_entries(half_day_id: int) -> bool:
    from popschool.attendance.models import Entry

    return db.session.scalar(select(Entry.id).where(Entry.half_day_id == half_day_id).limit(1)) is not None


def _check_may_change(half_day: HalfDay) -> None:
    if half_day.cancelled_at is not None:
        raise rules.HalfDayCancelled(half_day.cancel_reason)
    if half_day.opened_at is not None:
        raise rules.HalfDayOpened(half_day.on, Half(half_day.half))


def _check(cohort: Cohort, wanted: Wanted, own_id: int | None) -> None:
    rules.check_hours(wanted.starts, wanted.ends, wanted.pause_minutes)
    if not cohort.starts_on <= wanted.on <= cohort.ends_on:
        raise OutsideTheCohort(cohort.starts_on, cohort.ends_on)
    span = rules.Span(wanted.on, wanted.starts, wanted.ends, wanted.pause_minutes, cohort.school.zone)
    for other in _same_day(cohort, wanted, own_id):
        if other.cohort_id == cohort.id and (other.half == wanted.half or rules.overlaps(span, other.span)):
            raise rules.HalfDaysOverlap(cohort.code, wanted.on, wanted.half)
        if not rules.overlaps(span, other.span):
            continue
        busy = [leader for leader in other.leaders if leader.person_id in wanted.trainers]
        if busy:
            raise rules.HalfDaysOverlap(busy[0].person.name, wanted.on, wanted.half)
        if wanted.room_id is not None and other.room_id == wanted.room_id:
            raise RoomTaken(other.room.name, other.cohort.code)


def _same_day(cohort: Cohort, wanted: Wanted, own_id: int | None) -> Sequence[HalfDay]:
    leads = select(HalfDayTrainer.half_day_id).where(
        HalfDayTrainer.person_id.in_(wanted.trainers), HalfDayTrainer.replaced_at.is_(None)
    )
    asked = (
        select(HalfDay)
        .where(
            HalfDay.on == wanted.on,
            HalfDay.cancelled_at.is_(None),
            or_(HalfDay.school_id == cohort.school_id, HalfDay.id.in_(leads)),
        )
        .options(
            joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person),
            joinedload(HalfDay.room),
            joinedload(HalfDay.cohort),
        )
    )
    if own_id is not None:
        asked = asked.where(HalfDay.id != own_id)
    return db.session.execute(asked).unique().scalars().all()


def _shown(half_day: HalfDay) -> dict[str, Any]:
    return {
        "on": half_day.on.isoformat(),
        "half": half_day.half,
        "starts": half_day.starts.strftime("%H:%M"),
        "ends": half_day.ends.strftime("%H:%M"),
        "pause_minutes": half_day.pause_minutes,
        "room": half_day.room_id,
        "place": half_day.place_text,
        "link": half_day.link,
        "module": half_day.module,
        "trainers": sorted(leader.person_id for leader in half_day.leaders),
    }


def _keep_change(half_day: HalfDay, what: str, before: dict, reason: str, actor_id: int, now: datetime) -> None:
    db.session.add(
        HalfDayChange(
            half_day_id=half_day.id,
            what=what,
            before=before,
            after=_shown(half_day),
            reason=reason.strip(),
            changed_by_id=actor_id,
            changed_at=now,
        )
    )
    audit.record(f"half_day_{what}", half_day, actor_id=actor_id, now=now)


def changes_of(half_day_id: int) -> Sequence[HalfDayChange]:
    """Return what happened to a half-day's plan, the last first."""
    return db.session.scalars(
        select(HalfDayChange).where(HalfDayChange.half_day_id == half_day_id).order_by(HalfDayChange.id.desc())
    ).all()


def close_school(
    school: School, first: date, last: date, label: str, actor_id: int, now: datetime
) -> tuple[Closure, int]:
    """Close a school for some days: half-days planned then and not opened are cancelled, with the label as the reason.

    Returns the closure and how many half-days it cancelled. Raises DatesInverted.
    """
    check_dates(first, last)
    with transaction(lock=f"planning/{school.id}"):
        closure = Closure(
            school_id=school.id, starts_on=first, ends_on=last, label=label, made_by_id=actor_id, created_at=now
        )
        db.session.add(closure)
        planned = db.session.scalars(
            select(HalfDay).where(
                HalfDay.school_id == school.id,
                HalfDay.on.between(first, last),
                HalfDay.cancelled_at.is_(None),
                HalfDay.opened_at.is_(None),
            )
        ).all()
        for half_day in planned:
            cancel_half_day(half_day, label, actor_id, now)
        audit.record("close_school", closure, actor_id=actor_id, now=now, half_days=len(planned))
    return closure, len(planned)


def _postings(cohort_id: int, first: date, last: date) -> list[tuple[int, Period]]:
    rows: Collection[Posting] = db.session.scalars(
        select(Posting)
        .where(
            Posting.cohort_id == cohort_id,
            Posting.starts_on <= last,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= first),
        )
        .order_by(Posting.id)
    ).all()
    return [(row.person_id, Period(row.starts_on, row.ends_on or date.max)) for row in rows]
