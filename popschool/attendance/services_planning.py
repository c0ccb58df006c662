"""What timetables stand on: rooms, closures and public holidays, periods in a company, a school's settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.attendance import rules, rules_calendar
from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay
from popschool.attendance.models_planning import AttendanceSettings, Closure, Room
from popschool.attendance.rules import Half
from popschool.attendance.rules_holidays import Holiday, public_holidays
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Person, School
from popschool.schools.rules import check_dates


@dataclass
class NameTaken(rules.RuleBroken):
    """The school has a room of this name."""

    name: str


def rooms_of(school_id: int) -> Sequence[Room]:
    """Return a school's rooms in use, by name."""
    return db.session.scalars(
        select(Room).where(Room.school_id == school_id, Room.retired_at.is_(None)).order_by(Room.name)
    ).all()


def add_room(school: School, name: str, capacity: int, actor_id: int, now: datetime) -> Room:
    """Add a room, or take one back into use. Raises NameTaken."""
    with transaction(lock=f"planning/{school.id}"):
        room = db.session.scalars(select(Room).where(Room.school_id == school.id, Room.name == name.strip())).first()
        if room is not None and room.retired_at is None:
            raise NameTaken(name)
        if room is None:
            room = Room(school_id=school.id, name=name.strip(), capacity=capacity)
            db.session.add(room)
        room.capacity, room.retired_at = capacity, None
        audit.record("add_room", room, actor_id=actor_id, now=now, capacity=capacity)
    return room


def retire_room(room: Room, actor_id: int, now: datetime) -> None:
    """Take a room out of use; half-days planned there keep it."""
    with transaction():
        room.retired_at = now
        audit.record("retire_room", room, actor_id=actor_id, now=now)


def closures_between(school_id: int, first: date, last: date) -> Sequence[Closure]:
    return db.session.scalars(
        select(Closure)
        .where(Closure.school_id == school_id, Closure.starts_on <= last, Closure.ends_on >= first)
        .order_by(Closure.starts_on)
    ).all()


def closures_of(school_id: int, first: date) -> Sequence[Closure]:
    """Return a school's closures that are not over, in order."""
    return closures_between(school_id, first, date.max)


def days_of(closure: Closure) -> Iterable[tuple[date, str]]:
    return ((day, closure.label) for day in rules_calendar.days(closure.starts_on, closure.ends_on))


def remove_closure(closure: Closure, actor_id: int, now: datetime) -> None:
    """Take a closure back; half-days that it cancelled are restored one by one."""
    with transaction():
        audit.record("remove_closure", closure, actor_id=actor_id, now=now, label=closure.label)
        db.session.delete(closure)


def company_periods(cohort_id: int) -> Sequence[CompanyPeriod]:
    """Return the periods in a company of a cohort and of its people, in order."""
    return db.session.scalars(
        select(CompanyPeriod)
        .where(CompanyPeriod.cohort_id == cohort_id)
        .order_by(CompanyPeriod.starts_on, CompanyPeriod.id)
        .options(joinedload(CompanyPeriod.person))
    ).all()


def add_company_period(
    cohort: Cohort, person: Person | None, first: date, last: date, actor_id: int, now: datetime, **about: Any
) -> CompanyPeriod:
    """Plan a period in a company, for one person or the whole cohort. Raises DatesInverted or HalfDaysOverlap.

    `about` holds company, siret, tutor_name, tutor_mail and minutes_a_day.
    """
    check_dates(first, last)
    with transaction(lock=cohort):
        for other in company_periods(cohort.id):
            same = other.person_id == (person.id if person else None)
            if same and other.starts_on <= last and first <= other.ends_on:
                raise rules.HalfDaysOverlap(person.name if person else cohort.code, other.starts_on, Half.MORNING)
        period = CompanyPeriod(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            person_id=person.id if person else None,
            starts_on=first,
            ends_on=last,
            created_at=now,
            **about,
        )
        db.session.add(period)
        audit.record("add_company_period", period, actor_id=actor_id, now=now)
    return period


@dataclass
class PeriodBegun(rules.RuleBroken):
    """The period in a company has begun: half-days were opened with it."""


def remove_company_period(period: CompanyPeriod, actor_id: int, now: datetime) -> None:
    """Take back a period in a company. Raises PeriodBegun when a half-day was opened with it, or a week signed."""
    with transaction(lock=f"cohort/{period.cohort_id}"):
        opened = select(HalfDay.id).where(
            HalfDay.cohort_id == period.cohort_id,
            HalfDay.on.between(period.starts_on, period.ends_on),
            HalfDay.opened_at.is_not(None),
        )
        signed = select(CompanyWeek.id).where(CompanyWeek.period_id == period.id)
        if db.session.scalar(opened.limit(1)) is not None or db.session.scalar(signed.limit(1)) is not None:
            raise PeriodBegun
        audit.record("remove_company_period", period, actor_id=actor_id, now=now)
        db.session.delete(period)


def closed_days(school_id: int, first: date, last: date) -> list[tuple[date, str | Holiday]]:
    """Return the public holidays and closures of a period, in order."""
    shut = {day: label for closure in closures_between(school_id, first, last) for day, label in days_of(closure)}
    found = shut | public_holidays(first, last)
    return sorted((day, label) for day, label in found.items() if first <= day <= last)


def set_settings(school: School, values: dict[str, Any], actor_id: int, now: datetime) -> None:
    """Keep what a school decides of its attendance."""
    with transaction(lock=f"planning/{school.id}"):
        kept = db.session.get(AttendanceSettings, school.id) or AttendanceSettings(school_id=school.id)
        for name, value in values.items():
            setattr(kept, name, value)
        db.session.add(kept)
        audit.record("set_attendance", school, actor_id=actor_id, now=now, school_id=school.id, **values)
