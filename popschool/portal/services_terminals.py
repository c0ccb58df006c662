"""Attendance that comes from a terminal of the school: the services of the pages, and the same rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select

from popschool.attendance import pins, rules, services, services_half_days, services_marks, services_own
from popschool.attendance.models import Entry, HalfDay, PresenceDay, SigningPin
from popschool.attendance.rules import Half, Kind, Method
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.attendance.summaries import FIGURES
from popschool.db import db
from popschool.errors import RuleBroken
from popschool.schools.models import Enrolment, Person


@dataclass
class KeyUsed(RuleBroken):
    """The key of an act names another act already."""


@dataclass
class StatementChanged(RuleBroken):
    """The sentence that was read is not the one of this half-day as it is now."""


def mark(half_day: HalfDay, person_id: int, said: Said, by: Person, now: datetime) -> Entry:
    """Say how a half-day went for somebody. Raises what `services_marks.mark` does, or KeyUsed."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise rules.NotExpected(half_day.on, Half(half_day.half))
    return _its_own(services_marks.mark(half_day, person, said, by, now), half_day, person_id, Kind.MARK)


def sign(half_day: HalfDay, person_id: int, given: Act, read: str, pin: str, now: datetime) -> Entry:
    """Let somebody sign on a terminal, with their PIN when they have one; sent again, it is once.

    `given` holds the sentence as it is now; `read` is the one that the terminal showed. Raises what `services.sign`
    does, PinWrong, PinBlocked, StatementChanged or KeyUsed.
    """
    known = services.known_act(given.key)
    if known is not None:
        return _its_own(known, half_day, person_id, Kind.SIGNATURE)
    if half_day.opened_at is None:
        at, delays = services.moment_of(given.signed_at, now), services_half_days.delays_of(half_day.school_id)
        rules.check_signing(Half(half_day.half), half_day.span, delays, None, at)
        services.open_half_day(half_day, None, now)
    line = services_own.line_of(half_day, person_id)
    if line is None:
        raise rules.NotExpected(half_day.on, Half(half_day.half))
    if read != given.statement:
        raise StatementChanged
    if given.method is Method.PIN:
        pins.check(person_id, pin)
    return services.sign(half_day, line.person, given, now)


def _its_own(entry: Entry, half_day: HalfDay, person_id: int, kind: Kind) -> Entry:
    if (entry.half_day_id, entry.person_id, entry.kind) != (half_day.id, person_id, kind):
        raise KeyUsed
    return entry


def those_with_pin(people: Collection[int]) -> frozenset[int]:
    """Return those of these people who sign with their PIN. One query."""
    asked = select(SigningPin.person_id).where(SigningPin.person_id.in_(people))
    return frozenset(db.session.scalars(asked)) if people else frozenset()


def presence_of(cohort_id: int, first: date | None, last: date | None) -> Sequence[Row[Any]]:
    """Return the minutes of each place of a cohort, from a day to another, from the daily summaries. One query."""
    sums = [func.sum(getattr(PresenceDay, name)).label(name) for name in FIGURES]
    asked = (
        select(PresenceDay.enrolment_id, Enrolment.person_id, *sums)
        .join(Enrolment, Enrolment.id == PresenceDay.enrolment_id)
        .where(PresenceDay.cohort_id == cohort_id)
        .group_by(PresenceDay.enrolment_id, Enrolment.person_id)
        .order_by(PresenceDay.enrolment_id)
    )
    if first is not None:
        asked = asked.where(PresenceDay.on >= first)
    if last is not None:
        asked = asked.where(PresenceDay.on <= last)
    return db.session.execute(asked).all()
