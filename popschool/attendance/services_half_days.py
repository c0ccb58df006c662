"""Half-days themselves, and who and what is around them: one, a period, those of a school; each in one query."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Select, bindparam, cast, func, or_, select
from sqlalchemy.orm import joinedload

from popschool.attendance.models import HalfDay, HalfDayTrainer
from popschool.attendance.models_planning import AttendanceSettings
from popschool.attendance.rules import Delays
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person

FEW = 6  # of what a telephone shows before the next heading
STATES = ("open", "later", "done")


def delays_of(school_id: int) -> Delays:
    """Return how early half-days open and how long one may sign, in this school."""
    return delays_in(db.session.get(AttendanceSettings, school_id))


def delays_in(settings: AttendanceSettings | None) -> Delays:
    """Return the delays that a school decided; the usual ones when it decided nothing."""
    if settings is None:
        return Delays()
    return Delays(timedelta(minutes=settings.opens_before_minutes), timedelta(hours=settings.delay_hours))


def read_half_day(half_day_id: int) -> HalfDay | None:
    """Return a half-day with its cohort, room, trainers and sheets of paper, and what its school decided. One query."""
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
            joinedload(HalfDay.settings),
            joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person),
            joinedload(HalfDay.scans),
        )
    )


def half_days_of(
    cohorts: Collection[int], first: date, last: date, *, with_cancelled: bool = False, with_rooms: bool = True
) -> Sequence[HalfDay]:
    """Return the half-days of these cohorts from a day to another, in order, and who leads them. One query.

    `with_rooms` reads their cohort too, and what is done at a distance.
    """
    given = {"cohorts": list(cohorts), "first": first, "last": last}
    return db.session.execute(_half_days(with_cancelled, with_rooms), given).unique().scalars().all()


@cache
def _half_days(with_cancelled: bool, with_rooms: bool) -> Select:
    asked = select(HalfDay).where(
        HalfDay.cohort_id.in_(bindparam("cohorts", expanding=True)),
        HalfDay.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
    )
    if not with_cancelled:
        asked = asked.where(HalfDay.cancelled_at.is_(None))
    if with_rooms:
        asked = asked.options(joinedload(HalfDay.cohort), joinedload(HalfDay.room), joinedload(HalfDay.activity))
    return asked.order_by(HalfDay.on, HalfDay.starts, HalfDay.id).options(
        joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person)
    )


def running(first: date, last: date) -> Sequence[int]:
    """Return the half-days from a day to another that are open and not countersigned. One query."""
    return db.session.scalars(
        select(HalfDay.id)
        .where(
            HalfDay.on.between(first, last),
            HalfDay.cancelled_at.is_(None),
            HalfDay.opened_at.is_not(None),
            HalfDay.countersigned_at.is_(None),
        )
        .order_by(HalfDay.on, HalfDay.starts, HalfDay.id)
    ).all()


def half_days_among(ids: Collection[int]) -> Sequence[HalfDay]:
    """Return these half-days in the order of time, with their cohorts and who leads them. One query."""
    asked = select(HalfDay).where(HalfDay.id.in_(ids)).order_by(HalfDay.on, HalfDay.starts, HalfDay.id)
    around = joinedload(HalfDay.cohort), joinedload(HalfDay.activity)
    leaders = joinedload(HalfDay.trainers).joinedload(HalfDayTrainer.person)
    return db.session.scalars(asked.options(*around, leaders)).unique().all()


def shown_first(half_days: Sequence[HalfDay]) -> tuple[Sequence[HalfDay], dict[str, list[HalfDay]]]:
    """Return the half-days of a day that a page shows, and the others by what they are: open, later, done.

    Few are all shown. Of many, some of those that go on are, or of those to come when none does.
    """
    if len(half_days) <= FEW:
        return half_days, {}
    states = [
        "done" if one.countersigned_at is not None else "open" if one.opened_at is not None else "later"
        for one in half_days
    ]
    groups = {name: [one for one, state in zip(half_days, states, strict=True) if state == name] for name in STATES}
    first = "open" if groups["open"] else "later"
    shown, groups[first] = groups[first][:FEW], groups[first][FEW:]
    return shown, {name: group for name, group in groups.items() if group}


def next_for(trainer_id: int, half_days: Sequence[HalfDay], now: datetime) -> HalfDay | None:
    """Return the half-day to look at next: the first that is not over, of several at one hour the trainer's own."""
    coming = [one for one in half_days if now < one.span.ends_at]
    return min(
        coming,
        key=lambda one: (one.span.starts_at, trainer_id not in {leader.person_id for leader in one.leaders}),
        default=None,
    )


def unfinished(cohorts: Collection[int], first: date, now: datetime) -> list[int]:
    """Return the half-days of these cohorts that are over since a day and not countersigned, the oldest first."""
    rows = db.session.execute(
        select(HalfDay.id, HalfDay.on, HalfDay.ends, HalfDay.time_zone)
        .where(
            HalfDay.cohort_id.in_(cohorts),
            HalfDay.on.between(first, now.date() + timedelta(days=1)),
            HalfDay.cancelled_at.is_(None),
            HalfDay.countersigned_at.is_(None),
        )
        .order_by(HalfDay.on, HalfDay.starts, HalfDay.id)
    )
    return [one.id for one in rows if datetime.combine(one.on, one.ends, ZoneInfo(one.time_zone)) <= now]


def due_to_open(now: datetime) -> list[int]:
    """Return the half-days whose hour has come and that nobody opened, of the last days. One query."""
    today = now.date()
    rows = db.session.execute(
        select(HalfDay.id, HalfDay.on, HalfDay.starts, HalfDay.time_zone)
        .where(
            HalfDay.opened_at.is_(None),
            HalfDay.cancelled_at.is_(None),
            HalfDay.on.between(today - timedelta(days=7), today + timedelta(days=1)),
        )
        .order_by(HalfDay.on, HalfDay.starts, HalfDay.id)
    )
    return [one.id for one in rows if datetime.combine(one.on, one.starts, ZoneInfo(one.time_zone)) <= now]


def cohorts_with_half_days(schools: frozenset[int] | None, cohorts: frozenset[int], since: date) -> list[Cohort]:
    """Return these cohorts, and those of these schools (None: all), that are not over since a day. One query."""
    return list(db.session.scalars(_with_half_days(schools, cohorts, since).order_by(Cohort.code)))


def page_of_cohorts(
    schools: frozenset[int] | None, cohorts: frozenset[int], since: date, text: str, offset: int, limit: int
) -> tuple[list[Cohort], int]:
    """Return some of the same, by code, and how many there are; `text` is looked for in their codes. Two queries."""
    asked = _with_half_days(schools, cohorts, since)
    if text:
        asked = asked.where(Cohort.code.icontains(text, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(asked.with_only_columns(Cohort.id).subquery()))
    return list(db.session.scalars(asked.order_by(Cohort.code).offset(offset).limit(limit))), total or 0


def _with_half_days(schools: frozenset[int] | None, cohorts: frozenset[int], since: date) -> Select:
    asked = select(Cohort).where(Cohort.archived_at.is_(None), Cohort.ends_on >= since)
    if schools is None:
        return asked
    return asked.where(or_(Cohort.id.in_(cohorts), Cohort.school_id.in_(schools)))


def monday_of(day: ColumnElement, dialect: str) -> ColumnElement[date]:
    """Return the Monday of a day, in SQL."""
    if dialect == "postgresql":
        return cast(func.date_trunc("week", day), Date)
    return func.date(day, "weekday 0", "-6 days", type_=Date)


def people_of(cohort_id: int) -> Sequence[Person]:
    """Return the people who have or had a place in a cohort, by name."""
    places = select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id)
    return db.session.scalars(
        select(Person).where(Person.id.in_(places)).order_by(Person.last_name, Person.first_name, Person.id)
    ).all()
