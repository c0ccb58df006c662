"""What the sheet of a week says, as it is written when the week is closed: header, people, signatures, corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from popschool.attendance.models import Entry, EntryContent
from popschool.attendance.models_sheets import SheetHeading
from popschool.attendance.rules import Expectation, Kind, State
from popschool.attendance.rules_papers import prefect_region
from popschool.attendance.rules_totals import tally
from popschool.attendance.services_reading import Line, List
from popschool.courses import services as courses
from popschool.db import db
from popschool.schools.models import Cohort, Network, Person


@dataclass(frozen=True)
class Amends:
    """Which sheet an amendment amends, why, and who made the corrections."""

    number: str
    reason: str
    corrected_by: tuple[str, ...]


def content_of(
    cohort: Cohort,
    monday: date,
    week: Sequence[List],
    by: Person,
    number: str,
    now: datetime,
    amends: Amends | None = None,
) -> dict[str, Any]:
    """Return all that the paper of a sheet says: header, people × half-days, signatures, corrections. No motive."""
    contents = _contents([entry for one in week for line in one.lines for entry in line.entries])
    people = sorted(
        {line.person.id: line.person for one in week for line in one.lines}.values(),
        key=lambda person: (person.last_name, person.first_name, person.id),
    )
    lines = {(one.half_day.id, line.person.id): line for one in week for line in one.lines}
    return {
        "number": number,
        "amends": {"number": amends.number, "reason": amends.reason, "corrected_by": list(amends.corrected_by)}
        if amends
        else None,
        **_header(cohort),
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
                ).followed,
            }
            for person in people
        ],
        "corrections": _corrections(week, contents),
        "closed_by": by.name,
        "closed_at": now.isoformat(timespec="seconds"),
    }


def _header(cohort: Cohort) -> dict[str, Any]:
    """Return who trains, for what, paid by whom: as it stands on the day of closing."""
    school, network = cohort.school, db.session.get_one(Network, cohort.school.network_id)
    revision = courses.revision_at(cohort.revision_id)
    programme = courses.programme_at(cohort.programme_id, revision.number) if revision else None
    certification = (programme.data.get("certification") or {}) if programme else {}
    heading = db.session.get(SheetHeading, cohort.id)
    activity_number = school.activity_number or network.activity_number
    return {
        "network": {
            "name": network.legal_name or network.name,
            "address": network.address,
            "siret": network.siret,
            "activity_number": activity_number,
            "region": prefect_region(activity_number) or school.region,
        },
        "school": {
            "name": school.name,
            "address": school.address,
            "siret": school.siret,
            "time_zone": school.time_zone,
        },
        "action": {
            "title": programme.title if programme else "",
            "certification": certification.get("id", ""),
            "session": heading.session_number if heading and heading.session_number else cohort.code,
        },
        "funding": {
            "funders": heading.funders if heading else [],
            "is_funded_by_union": bool(heading and heading.is_funded_by_union),
            "logo": heading.logo_hash if heading else "",
        },
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
        "activity": half_day.activity.title if half_day.activity is not None else "",
        "present": sum(1 for line in one.lines if line.standing.attended or line.standing.distance),
        "minutes_attended": tally(line.standing for line in one.lines).followed,
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
        second = contents.get(signature.id, {}).get("second")
        if second:
            cell["second"] = second
    if standing.distance and line.mark is not None:
        cell["done_at"] = line.mark.at.isoformat(timespec="seconds")
    if line.expected.expectation == Expectation.WALK_IN:
        cell["walk_in"] = True
    return cell


def _corrections(week: Sequence[List], contents: dict[int, dict]) -> list[dict[str, Any]]:
    """Return what was corrected, with the line before, the line after and the reason, in order.

    An entry that names another corrects it; so does any that comes once the trainers have signed the half-day.
    """
    found = []
    for one in week:
        signed = max((entry.id for entry in one.countersignatures.values()), default=None)
        is_signed = one.half_day.countersigned_at is not None
        for line in one.lines:
            by_id = {entry.id: entry for entry in line.entries}
            for before, entry in zip([None, *line.entries], line.entries, strict=False):
                if entry.corrects_id in by_id or (is_signed and signed is not None and entry.id > signed):
                    corrected = by_id.get(entry.corrects_id, before)
                    found.append(_correction(one, line, corrected, entry, contents.get(entry.id, {})))
    return sorted(found, key=lambda one: (one["on"], one["half"], one["at"]))


def _correction(one: List, line: Line, before: Entry | None, after: Entry, said: dict) -> dict[str, Any]:
    return {
        "on": one.half_day.on.isoformat(),
        "half": one.half_day.half,
        "person": line.person.name,
        "before": _short(before) if before is not None else str(State.NOT_ENTERED),
        "after": _short(after),
        "by": said.get("by") or said.get("second", ""),
        "at": after.at.isoformat(timespec="seconds"),
        "reason": said.get("reason", ""),
    }


def _short(entry: Entry) -> str:
    """Return an entry as the printed letters say it."""
    if entry.kind == Kind.SIGNATURE:
        return str(State.PRESENT)
    mark = entry.facts.get("mark")
    letters = {"present": State.PRESENT, "partial": State.PARTIAL, "dispensed": State.DISPENSED, "done": State.PRESENT}
    absence = State.JUSTIFIED if entry.facts.get("absence") == "justified" else State.UNJUSTIFIED
    missed = entry.facts.get("late_minutes", 0) + entry.facts.get("early_minutes", 0)
    if mark == "partial":
        return f"{State.PARTIAL} {missed} min {absence}"
    return str(letters.get(mark, absence))


def _contents(entries: Sequence[Entry]) -> dict[int, dict]:
    """Return the personal content of these entries that is still kept. One query."""
    rows = db.session.execute(
        select(EntryContent.entry_id, EntryContent.content).where(
            EntryContent.entry_id.in_([entry.id for entry in entries])
        )
    )
    return {row.entry_id: row.content for row in rows}
