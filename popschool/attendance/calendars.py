"""iCalendar feeds: the half-days of a person, a cohort or a school, at a secret address that can be revoked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select, union
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.attendance.models import HalfDay, HalfDayTrainer
from popschool.attendance.models_planning import CalendarFeed
from popschool.auth import codes
from popschool.db import db, transaction
from popschool.schools.models import Enrolment

PURPOSE = "calendar"
DAYS_BEFORE, DAYS_AFTER = 60, 400


def make_feed(
    owner_id: int,
    now: datetime,
    *,
    person_id: int | None = None,
    cohort_id: int | None = None,
    school_id: int | None = None,
) -> str:
    """Make an address for a calendar, and return its secret, shown once. The one before is revoked."""
    secret = codes.token()
    with transaction(lock=f"feeds/{owner_id}"):
        for feed in _same(owner_id, person_id, cohort_id, school_id):
            feed.revoked_at = now
        feed = CalendarFeed(
            token_hash=codes.fingerprint(PURPOSE, secret),
            owner_id=owner_id,
            person_id=person_id,
            cohort_id=cohort_id,
            school_id=school_id,
            made_at=now,
        )
        db.session.add(feed)
        audit.record("make_calendar", feed, actor_id=owner_id, now=now, school_id=school_id)
    return secret


def _same(owner_id: int, person_id: int | None, cohort_id: int | None, school_id: int | None) -> Sequence[CalendarFeed]:
    return db.session.scalars(
        select(CalendarFeed).where(
            CalendarFeed.owner_id == owner_id,
            CalendarFeed.revoked_at.is_(None),
            CalendarFeed.person_id.is_not_distinct_from(person_id),
            CalendarFeed.cohort_id.is_not_distinct_from(cohort_id),
            CalendarFeed.school_id.is_not_distinct_from(school_id),
        )
    ).all()


def feeds_of(owner_id: int) -> Sequence[CalendarFeed]:
    """Return the addresses that a person made and did not revoke, the newest first."""
    return db.session.scalars(
        select(CalendarFeed)
        .where(CalendarFeed.owner_id == owner_id, CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.id.desc())
    ).all()


def revoke(feed: CalendarFeed, now: datetime) -> None:
    """Stop an address for good."""
    with transaction():
        feed.revoked_at = now
        audit.record("revoke_calendar", feed, actor_id=feed.owner_id, now=now, school_id=feed.school_id)


def feed_at(secret: str) -> CalendarFeed | None:
    """Return the calendar at a secret address; None when there is none, or it was revoked."""
    return db.session.scalars(
        select(CalendarFeed).where(
            CalendarFeed.token_hash == codes.fingerprint(PURPOSE, secret), CalendarFeed.revoked_at.is_(None)
        )
    ).first()


def half_days_in(feed: CalendarFeed, today: date) -> Sequence[HalfDay]:
    """Return the half-days of a calendar, cancelled ones too, from two months ago. One query."""
    is_near = HalfDay.on.between(today - timedelta(days=DAYS_BEFORE), today + timedelta(days=DAYS_AFTER))
    asked = select(HalfDay).where(is_near)
    if feed.cohort_id is not None:
        asked = asked.where(HalfDay.cohort_id == feed.cohort_id)
    elif feed.school_id is not None:
        asked = asked.where(HalfDay.school_id == feed.school_id)
    else:
        learns = (
            select(HalfDay.id)
            .join(Enrolment, Enrolment.cohort_id == HalfDay.cohort_id)
            .where(
                is_near,
                Enrolment.person_id == feed.person_id,
                Enrolment.starts_on <= HalfDay.on,
                or_(Enrolment.left_on.is_(None), Enrolment.left_on >= HalfDay.on),
            )
        )
        leads = select(HalfDayTrainer.half_day_id).where(
            HalfDayTrainer.person_id == feed.person_id, HalfDayTrainer.replaced_at.is_(None)
        )
        asked = asked.where(HalfDay.id.in_(union(learns, leads)))
    options = (joinedload(HalfDay.cohort), joinedload(HalfDay.room))
    return db.session.scalars(asked.order_by(HalfDay.on, HalfDay.starts).options(*options)).all()


def write(name: str, half_days: Sequence[HalfDay], base_url: str) -> bytes:
    """Write a calendar: stable ids, a sequence that grows with each change, cancelled half-days marked as such."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Pop School//Popschool//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for half_day in half_days:
        event = Event()
        span = half_day.span
        event.add("uid", f"half-day-{half_day.id}@popschool")
        event.add("dtstamp", half_day.created_at)
        event.add("dtstart", span.starts_at.astimezone(span.zone))
        event.add("dtend", span.ends_at.astimezone(span.zone))
        event.add("sequence", half_day.sequence)
        event.add("summary", " ".join(part for part in (half_day.cohort.code, half_day.module) if part))
        if half_day.where or half_day.link:
            event.add("location", half_day.where or half_day.link)
        event.add("url", f"{base_url}/half-days/{half_day.id}/sign")
        event.add("status", "CANCELLED" if half_day.cancelled_at is not None else "CONFIRMED")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()
