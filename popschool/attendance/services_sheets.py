"""Closing a week: its sheet is written once, chained to the one before, and stays. An amendment is another sheet."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Date, Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs
from popschool.attendance import ledger, rules
from popschool.attendance.models import Entry, HalfDay
from popschool.attendance.models_sheets import Sheet, SheetContent
from popschool.attendance.rules import Why
from popschool.attendance.rules_ledger import START, content_hash, entry_hash
from popschool.attendance.services_half_days import half_days_of, monday_of
from popschool.attendance.services_reading import List, lists_of
from popschool.attendance.sheet_content import Amends, content_of
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Enrolment, Person

PAPER_TASK = "popschool.attendance.tasks:make_paper"
SALT_BYTES = 16


@dataclass(frozen=True)
class Left:
    """One thing to do before a week can be closed."""

    half_day: HalfDay
    why: Why | None
    names: tuple[str, ...]


@dataclass
class SamePerson(rules.RuleBroken):
    """An amendment is closed by somebody who did not make its corrections."""


@dataclass
class NothingToAmend(rules.RuleBroken):
    """Nothing was corrected since this week was closed."""


def week_of(cohort_id: int, monday: date) -> list[List]:
    """Return the half-days of a cohort's week with their lists. Three queries."""
    return lists_of(half_days_of([cohort_id], monday, monday + timedelta(days=6)))


def left_to_do(week: Sequence[List], now: datetime) -> list[Left]:
    """Name what is missing before a week can be closed; empty when it may be."""
    found = []
    for one in week:
        if now < one.half_day.span.ends_at:
            found.append(Left(one.half_day, None, ()))
            continue
        waiting = tuple(line.person.name for line in one.waiting)
        if waiting:
            found.append(Left(one.half_day, Why.NOTHING_SAID, waiting))
        if one.half_day.countersigned_at is None:
            names = tuple(leader.person.name for leader in one.unsigned_leaders)
            found.append(Left(one.half_day, Why.COUNTERSIGNATURE_MISSING, names))
    return found


def sheets_of(cohort_id: int, monday: date) -> Sequence[Sheet]:
    """Return the sheet of a week and its amendments, the last first."""
    return db.session.scalars(_sheets(), {"cohort": cohort_id, "monday": monday}).all()


@cache
def _sheets() -> Select:
    return (
        select(Sheet)
        .where(Sheet.cohort_id == bindparam("cohort"), Sheet.monday == bindparam("monday", type_=Date))
        .order_by(Sheet.version.desc())
        .options(joinedload(Sheet.paper))
    )


def last_sheet_of(cohort_id: int, monday: date) -> Row | None:
    """Return the id, the number and the moment of the sheet that holds for a week, None while it is open."""
    return db.session.execute(_last_sheet(), {"cohort": cohort_id, "monday": monday}).first()


@cache
def _last_sheet() -> Select:
    sheet = Sheet.__table__.c
    return (
        select(sheet.id, sheet.number, sheet.closed_at)
        .where(sheet.cohort_id == bindparam("cohort"), sheet.monday == bindparam("monday", type_=Date))
        .order_by(sheet.version.desc())
        .limit(1)
    )


def list_sheets(cohort_id: int, skipped: int, most: int) -> tuple[Sequence[Sheet], int]:
    """Return some sheets of a cohort, those closed last first, and how many there are in all. Two queries."""
    total = db.session.scalar(select(func.count()).select_from(Sheet).where(Sheet.cohort_id == cohort_id))
    asked = select(Sheet).where(Sheet.cohort_id == cohort_id).order_by(Sheet.monday.desc(), Sheet.version.desc())
    return db.session.scalars(asked.offset(skipped).limit(most).options(joinedload(Sheet.paper))).all(), total or 0


def close_week(cohort: Cohort, monday: date, by: Person, now: datetime) -> Sheet:
    """Close a week: write its sheet at the end of the cohort's chain of sheets, and have its paper made.

    Raises WeekClosed when somebody did already, WeekNotReady while something is missing.
    """
    with transaction(lock=ledger.chain_name(cohort.id)):
        if sheets_of(cohort.id, monday):
            raise rules.WeekClosed(monday)
        week = week_of(cohort.id, monday)
        left = left_to_do(week, now)
        if left or not week:
            raise rules.WeekNotReady(len(left))
        return _write(cohort, monday, week, by, now, version=1)


def amend_week(cohort: Cohort, monday: date, by: Person, reason: str, now: datetime) -> Sheet:
    """Write an amendment to a closed week, from the corrections made since; the sheet before stays as it was.

    Raises ReasonMissing, NothingToAmend, SamePerson or WeekNotReady.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    with transaction(lock=ledger.chain_name(cohort.id)):
        sheet = check_amendable(cohort.id, monday, now)
        makers = makers_of(corrections_since(sheet))
        if by.id in makers:
            raise SamePerson
        week = week_of(cohort.id, monday)
        names = db.session.scalars(select(Person).where(Person.id.in_(makers)).order_by(Person.id)).all()
        amends = Amends(sheet.number, reason.strip(), tuple(person.name for person in names))
        return _write(cohort, monday, week, by, now, version=sheet.version + 1, amends=amends, second=min(makers))


def check_amendable(cohort_id: int, monday: date, now: datetime) -> Sheet:
    """Return the sheet that an amendment would follow. Raises WeekNotReady or NothingToAmend."""
    sheets = sheets_of(cohort_id, monday)
    if not sheets:
        raise rules.WeekNotReady(1)
    if not corrections_since(sheets[0]):
        raise NothingToAmend
    left = left_to_do(week_of(cohort_id, monday), now)
    if left:
        raise rules.WeekNotReady(len(left))
    return sheets[0]


def makers_of(entries: Sequence[Entry]) -> set[int]:
    """Return those who made some corrections, and those who confirmed a late signature among them."""
    return {entry.by_id for entry in entries} | {entry.facts["second"] for entry in entries if "second" in entry.facts}


def people_of(sheet: Sheet) -> set[int]:
    """Return those who had a place in the cohort during the week of a sheet. One query."""
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    held = select(Enrolment.person_id).where(
        Enrolment.cohort_id == sheet.cohort_id,
        Enrolment.starts_on <= sheet.monday + timedelta(days=6),
        last_day >= sheet.monday,
    )
    return set(db.session.scalars(held))


def corrections_since(sheet: Sheet) -> Sequence[Entry]:
    """Return the entries about a sheet's week that are newer than it, the oldest first."""
    week = select(HalfDay.id).where(
        HalfDay.cohort_id == sheet.cohort_id, HalfDay.on.between(sheet.monday, sheet.monday + timedelta(days=6))
    )
    return db.session.scalars(
        select(Entry)
        .where(Entry.cohort_id == sheet.cohort_id, Entry.sequence > sheet.last_entry, Entry.half_day_id.in_(week))
        .order_by(Entry.sequence)
    ).all()


def _write(
    cohort: Cohort,
    monday: date,
    week: Sequence[List],
    by: Person,
    now: datetime,
    *,
    version: int,
    amends: Amends | None = None,
    second: int | None = None,
) -> Sheet:
    before = db.session.execute(
        select(Sheet.sequence, Sheet.hash).where(Sheet.cohort_id == cohort.id).order_by(Sheet.sequence.desc()).limit(1)
    ).first()
    end = db.session.execute(
        select(Entry.sequence, Entry.hash).where(Entry.cohort_id == cohort.id).order_by(Entry.sequence.desc()).limit(1)
    ).first()
    year, number, _ = monday.isocalendar()
    name = f"{cohort.code}-{year}-S{number:02}" + (f"-A{version - 1}" if version > 1 else "")
    salt, content = secrets.token_hex(SALT_BYTES), content_of(cohort, monday, week, by, name, now, amends)
    sheet = Sheet(
        school_id=cohort.school_id,
        cohort_id=cohort.id,
        monday=monday,
        version=version,
        sequence=before.sequence + 1 if before else 1,
        number=name,
        reason=amends.reason if amends else "",
        last_entry=end.sequence if end else 0,
        last_entry_hash=end.hash if end else "",
        closed_by_id=by.id,
        second_person_id=second,
        closed_at=now,
        content_hash=content_hash(salt, content),
        previous_hash=before.hash if before else START,
    )
    sheet.hash = entry_hash(sheet.previous_hash, {field: getattr(sheet, field) for field in ledger.SHEET_FIELDS})
    db.session.add(sheet)
    db.session.flush()
    db.session.add(SheetContent(sheet_id=sheet.id, salt=salt, content=content))
    jobs.enqueue(PAPER_TASK, key=f"paper/{sheet.id}", sheet_id=sheet.id)
    audit.record("close_week", sheet, actor_id=by.id, now=now, monday=monday.isoformat(), version=version)
    return sheet


def weeks_to_close(
    cohort_ids: Collection[int], before: date, limit: int | None = None, offset: int = 0
) -> tuple[list[tuple[int, date]], int]:
    """Return the (cohort, Monday) of past weeks with half-days and no sheet, the oldest first: some of them, or all.

    And how many there are in all. One query.
    """
    rows = db.session.execute(
        _weeks_to_close(db.engine.dialect.name).offset(offset).limit(limit),
        {"cohorts": list(cohort_ids), "before": before},
    ).all()
    return [(row.cohort_id, row.monday) for row in rows], rows[0].total if rows else 0


@cache
def _weeks_to_close(dialect: str) -> Select:
    monday = monday_of(HalfDay.on, dialect)
    weeks = (
        select(HalfDay.cohort_id, monday.label("monday"))
        .where(
            HalfDay.cohort_id.in_(bindparam("cohorts", expanding=True)),
            HalfDay.on < bindparam("before", type_=Date),
            HalfDay.cancelled_at.is_(None),
        )
        .distinct()
        .subquery()
    )
    closed = exists(select(Sheet.id).where(Sheet.cohort_id == weeks.c.cohort_id, Sheet.monday == weeks.c.monday))
    return (
        select(weeks.c.cohort_id, weeks.c.monday, func.count().over().label("total"))
        .where(~closed)
        .order_by(weeks.c.monday, weeks.c.cohort_id)
    )
