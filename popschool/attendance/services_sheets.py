"""Closing a week: its sheet is written once, chained to the one before, and stays. An amendment is another sheet."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs
from popschool.attendance import ledger, rules
from popschool.attendance.models import Entry, EntryContent, HalfDay, Sheet, SheetContent
from popschool.attendance.rules import Expectation, Kind, State, Why, tally
from popschool.attendance.rules_ledger import START, content_hash, entry_hash
from popschool.attendance.services_reading import Line, List, half_days_of, lists_of
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Network, Person

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
    return db.session.scalars(
        select(Sheet)
        .where(Sheet.cohort_id == cohort_id, Sheet.monday == monday)
        .order_by(Sheet.version.desc())
        .options(joinedload(Sheet.paper))
    ).all()


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
        sheets = sheets_of(cohort.id, monday)
        if not sheets:
            raise rules.WeekNotReady(1)
        since = corrections_since(sheets[0])
        if not since:
            raise NothingToAmend
        makers = {entry.by_id for entry in since}
        if by.id in makers:
            raise SamePerson
        week = week_of(cohort.id, monday)
        left = left_to_do(week, now)
        if left:
            raise rules.WeekNotReady(len(left))
        return _write(cohort, monday, week, by, now, version=sheets[0].version + 1, reason=reason, second=min(makers))


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
    reason: str = "",
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
    salt, content = secrets.token_hex(SALT_BYTES), content_of(cohort, monday, week, by, name, reason, now)
    sheet = Sheet(
        school_id=cohort.school_id,
        cohort_id=cohort.id,
        monday=monday,
        version=version,
        sequence=before.sequence + 1 if before else 1,
        number=name,
        reason=reason.strip(),
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


def content_of(
    cohort: Cohort, monday: date, week: Sequence[List], by: Person, number: str, reason: str, now: datetime
) -> dict[str, Any]:
    """Return all that the paper of a sheet says: header, people × half-days, signatures, corrections. No motive."""
    network = db.session.get(Network, cohort.school.network_id)
    contents = _contents([entry for one in week for line in one.lines for entry in line.entries])
    people = sorted(
        {line.person.id: line.person for one in week for line in one.lines}.values(),
        key=lambda person: (person.last_name, person.first_name, person.id),
    )
    lines = {(one.half_day.id, line.person.id): line for one in week for line in one.lines}
    return {
        "number": number,
        "reason": reason,
        "network": {
            "name": network.legal_name or network.name,
            "address": network.address,
            "siret": network.siret,
            "activity_number": network.activity_number,
        },
        "school": {
            "name": cohort.school.name,
            "address": cohort.school.address,
            "siret": cohort.school.siret,
            "region": cohort.school.region,
            "time_zone": cohort.school.time_zone,
        },
        "cohort": {"code": cohort.code, "name": cohort.name},
        "monday": monday.isoformat(),
        "half_days": [_half_day(one) for one in week],
        "people": [
            {
                "last_name": person.last_name,
                "first_name": person.first_name,
                "cells": [_cell(lines.get((one.half_day.id, person.id)), contents) for one in week],
                "minutes": tally(
                    lines[one.half_day.id, person.id].standing for one in week if (one.half_day.id, person.id) in lines
                ).attended,
            }
            for person in people
        ],
        "corrections": _corrections(week, contents),
        "closed_by": by.name,
        "closed_at": now.isoformat(timespec="seconds"),
    }


def _half_day(one: List) -> dict[str, Any]:
    half_day = one.half_day
    return {
        "on": half_day.on.isoformat(),
        "half": half_day.half,
        "starts": half_day.starts.strftime("%H:%M"),
        "ends": half_day.ends.strftime("%H:%M"),
        "minutes": half_day.minutes,
        "where": half_day.where,
        "link": half_day.link,
        "module": half_day.module,
        "is_distant": bool(half_day.link),
        "present": sum(1 for line in one.lines if line.standing.attended),
        "minutes_attended": tally(line.standing for line in one.lines).attended,
        "trainers": [
            {
                "name": leader.person.name,
                "signed_at": one.countersignatures[leader.person_id].at.isoformat(timespec="seconds")
                if leader.person_id in one.countersignatures
                else "",
            }
            for leader in half_day.leaders
        ],
    }


def _cell(line: Line | None, contents: dict[int, dict]) -> dict[str, Any]:
    """Return what the paper says of one person's half-day: a letter, minutes missed, and how it was signed."""
    if line is None:
        return {"state": ""}
    standing, signature = line.standing, line.signature
    cell: dict[str, Any] = {"state": str(standing.state)}
    missed = standing.justified + standing.unjustified
    if standing.state is State.PARTIAL:
        cell["missed"] = missed
        cell["missed_as"] = "AJ" if standing.justified else "AI"
    if signature is not None and standing.state in (State.PRESENT, State.PARTIAL):
        cell["signed_at"] = signature.at.isoformat(timespec="seconds")
        cell["method"] = signature.method
        helper = contents.get(signature.id, {}).get("helped_by")
        if helper:
            cell["helped_by"] = helper
    if line.expected.expectation == Expectation.WALK_IN:
        cell["walk_in"] = True
    return cell


def _corrections(week: Sequence[List], contents: dict[int, dict]) -> list[dict[str, Any]]:
    """Return the entries that correct another, with both lines and the reason, in order."""
    found = []
    for one in week:
        for line in one.lines:
            by_id = {entry.id: entry for entry in line.entries}
            for entry in line.entries:
                if entry.corrects_id in by_id:
                    said = contents.get(entry.id, {})
                    found.append(
                        {
                            "on": one.half_day.on.isoformat(),
                            "half": one.half_day.half,
                            "person": line.person.name,
                            "before": _short(by_id[entry.corrects_id]),
                            "after": _short(entry),
                            "by": said.get("by", ""),
                            "at": entry.at.isoformat(timespec="seconds"),
                            "reason": said.get("reason", ""),
                        }
                    )
    return sorted(found, key=lambda one: (one["on"], one["half"], one["at"]))


def _short(entry: Entry) -> str:
    """Return an entry as the printed letters say it."""
    if entry.kind == Kind.SIGNATURE:
        return str(State.PRESENT)
    mark, absence = entry.facts.get("mark"), entry.facts.get("absence")
    letters = {"present": State.PRESENT, "partial": State.PARTIAL, "dispensed": State.DISPENSED}
    if mark in letters:
        return str(letters[mark])
    return str(State.JUSTIFIED if absence == "justified" else State.UNJUSTIFIED)


def _contents(entries: Sequence[Entry]) -> dict[int, dict]:
    """Return the personal content of these entries that is still kept. One query."""
    rows = db.session.execute(
        select(EntryContent.entry_id, EntryContent.content).where(
            EntryContent.entry_id.in_([entry.id for entry in entries])
        )
    )
    return {row.entry_id: row.content for row in rows}


def weeks_to_close(cohort_ids: Sequence[int], before: date) -> Sequence[tuple[int, date]]:
    """Return the (cohort, Monday) of past weeks with half-days and no sheet, the oldest first."""
    days = db.session.execute(
        select(HalfDay.cohort_id, HalfDay.on)
        .where(HalfDay.cohort_id.in_(cohort_ids), HalfDay.on < before, HalfDay.cancelled_at.is_(None))
        .group_by(HalfDay.cohort_id, HalfDay.on)
    )
    weeks = {(row.cohort_id, rules.monday_of(row.on)) for row in days}
    sealed = db.session.execute(select(Sheet.cohort_id, Sheet.monday).where(Sheet.cohort_id.in_(cohort_ids)))
    closed = {(row.cohort_id, row.monday) for row in sealed}
    return sorted(weeks - closed, key=lambda week: (week[1], week[0]))
