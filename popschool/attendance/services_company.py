"""Weeks in a company: the learner writes each day's hours and signs; the tutor signs by a link, with no account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from popschool import audit, mail
from popschool.attendance import rules
from popschool.attendance.models import CompanyPeriod, CompanyWeek
from popschool.attendance.rules_calendar import days
from popschool.auth import codes
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.messages.services import polite_moment
from popschool.schools.models import Enrolment, Person

PURPOSE = "company week"
LONGEST_DAY = 600


@dataclass
class WeekToCome(RuleBroken):
    """A week is signed once it has begun."""


@dataclass
class DayTooLong(RuleBroken):
    """More hours than a day has."""

    on: date


@dataclass
class AlreadySignedByTutor(RuleBroken):
    """The tutor has signed this week: another version says what changes."""

    at: datetime


def periods_of(person_id: int) -> Sequence[CompanyPeriod]:
    """Return the periods in a company of a person: their own, and those of their cohorts. One query."""
    cohorts = select(Enrolment.cohort_id).where(
        Enrolment.person_id == person_id,
        Enrolment.starts_on <= CompanyPeriod.ends_on,
        or_(Enrolment.left_on.is_(None), Enrolment.left_on >= CompanyPeriod.starts_on),
    )
    return db.session.scalars(
        select(CompanyPeriod)
        .where(
            or_(
                CompanyPeriod.person_id == person_id,
                CompanyPeriod.person_id.is_(None) & CompanyPeriod.cohort_id.in_(cohorts),
            )
        )
        .order_by(CompanyPeriod.starts_on)
    ).all()


def mondays_of(period: CompanyPeriod, until: date) -> list[date]:
    """Return the Mondays of a period's weeks that have begun, the last first."""
    found, monday = [], rules.monday_of(period.starts_on)
    while monday <= min(period.ends_on, until):
        found.append(monday)
        monday += timedelta(days=7)
    return found[::-1]


def days_of(period: CompanyPeriod, monday: date) -> list[date]:
    """Return the days of a week that are within the period, Monday to Saturday."""
    return [day for day in days(monday, monday + timedelta(days=5)) if period.starts_on <= day <= period.ends_on]


def weeks_of(person_id: int) -> dict[tuple[int, date], CompanyWeek]:
    """Return the last version of each week of a person, by period and Monday. One query."""
    rows = db.session.scalars(
        select(CompanyWeek).where(CompanyWeek.person_id == person_id).order_by(CompanyWeek.version)
    )
    return {(row.period_id, row.monday): row for row in rows}


def sign_week(
    period: CompanyPeriod,
    person: Person,
    monday: date,
    minutes: Mapping[date, int],
    now: datetime,
    today: date,
) -> tuple[CompanyWeek, str]:
    """Keep the hours of a week with the learner's signature; return it with the secret of the tutor's link.

    Written again, it makes a new version that the tutor signs in turn; the one before stays.
    Raises WeekToCome or DayTooLong.
    """
    if monday > today:
        raise WeekToCome
    for day, spent in minutes.items():
        if not 0 <= spent <= LONGEST_DAY:
            raise DayTooLong(day)
    secret = codes.token()
    with transaction(lock=f"company-week/{period.id}/{person.id}/{monday}"):
        before = weeks_of(person.id).get((period.id, monday))
        week = CompanyWeek(
            school_id=period.school_id,
            period_id=period.id,
            person_id=person.id,
            monday=monday,
            version=before.version + 1 if before is not None else 1,
            days={day.isoformat(): spent for day, spent in sorted(minutes.items())},
            learner_signed_at=now,
            tutor_name=period.tutor_name,
            token_hash=codes.fingerprint(PURPOSE, secret),
            created_at=now,
        )
        db.session.add(week)
        audit.record("sign_company_week", week, actor_id=person.id, now=now, monday=monday.isoformat())
    return week, secret


def send_link(week: CompanyWeek, subject: str, text: str, now: datetime) -> bool:
    """Send the tutor their link by mail, at an hour when people work. Says whether there was an address."""
    address = week.period.tutor_mail
    if not address:
        return False
    with transaction():
        mail.send(address, subject, text, school_id=week.school_id, run_at=polite_moment(now))
    return True


def week_at(secret: str) -> CompanyWeek | None:
    """Return the week of a tutor's link; None when it is not ours, or another version has taken its place."""
    week = db.session.scalars(
        select(CompanyWeek)
        .where(CompanyWeek.token_hash == codes.fingerprint(PURPOSE, secret))
        .options(joinedload(CompanyWeek.period), joinedload(CompanyWeek.person))
    ).first()
    if week is None:
        return None
    newest = weeks_of(week.person_id).get((week.period_id, week.monday))
    return week if newest is not None and newest.id == week.id else None


def sign_as_tutor(week: CompanyWeek, name: str, now: datetime) -> None:
    """Let the tutor sign a week. Raises AlreadySignedByTutor."""
    with transaction(lock=f"company-week/{week.id}"):
        db.session.refresh(week)
        if week.tutor_signed_at is not None:
            raise AlreadySignedByTutor(week.tutor_signed_at)
        week.tutor_signed_at, week.tutor_name = now, name.strip()
        audit.record("sign_company_week_as_tutor", week, actor_id=None, now=now, monday=week.monday.isoformat())


def weeks_in(cohort_id: int) -> Sequence[CompanyWeek]:
    """Return the weeks signed in a cohort, the last version of each, by person and Monday. One query."""
    rows = db.session.scalars(
        select(CompanyWeek)
        .join(CompanyWeek.period)
        .where(CompanyPeriod.cohort_id == cohort_id)
        .order_by(CompanyWeek.version)
        .options(joinedload(CompanyWeek.person))
    )
    newest = {(row.period_id, row.person_id, row.monday): row for row in rows}
    return sorted(newest.values(), key=lambda week: (week.person.last_name, week.person.first_name, week.monday))
