"""The sheet of the network's yearly report: what each school brings is kept, and counted again where it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select

from popschool import kept
from popschool.completion import rules_report
from popschool.completion.rules_report import Agreement, Count, Part, Sheet
from popschool.completion.services_report import parts_of_year
from popschool.db import db
from popschool.kept import Counting
from popschool.schools.models import Enrolment, Person, School

REPORT = "reports"
# As many places as are named beside a control, and one more that says that there are others.
MOST_NAMED = 7


def network_sheet(first: date, last: date, today: date) -> Sheet:
    """Return the copy sheet of the whole network for a financial year. Two queries while nothing changed."""
    said = kept.whole(counting_of(first, last, today))
    part = part_from(said["part"])
    sheet = rules_report.sheet_of(part, _names(part.named))
    sheet.trainers = Count(**said["trainers"])
    return sheet


def school_sheet(school_id: int, first: date, last: date, today: date) -> Sheet:
    """Return the copy sheet of a school for a financial year. Two queries while nothing changed there."""
    found = kept.each(counting_of(first, last, today), [school_id])
    part = part_from(found[school_id])
    return rules_report.sheet_of(part, _names(part.named))


def line_by_school(first: date, last: date, today: date, frame: str, line: str) -> tuple[dict[int, Count], Count]:
    """Return what each school brings to a line of the network's report, those that bring something; and the whole.

    A trainer who led in two schools is one in the whole. Two queries while nothing changed.
    """
    counting = counting_of(first, last, today)
    said = kept.whole(counting)
    whole = part_from(said["part"])
    shown = rules_report.codes_of(whole)
    parts = kept.each(counting, said["schools"])
    counts = {one: rules_report.count_of(part_from(part), frame, line, shown) for one, part in parts.items()}
    total = Count(**said["trainers"]) if frame == "E" else rules_report.count_of(whole, frame, line, shown)
    return {one: count for one, count in counts.items() if count.people}, total


def codes_of_network(first: date, last: date, today: date) -> list[str]:
    """Return the specialities that have a line of their own in the network's report. One query, mostly."""
    return rules_report.codes_of(part_from(kept.whole(counting_of(first, last, today))["part"]))


def codes_of_school(school_id: int, first: date, last: date, today: date) -> list[str]:
    """Return the specialities that have a line of their own in a school's report. One query, mostly."""
    return rules_report.codes_of(part_from(kept.each(counting_of(first, last, today), [school_id])[school_id]))


def counting_of(first: date, last: date, today: date) -> Counting:
    """Return how the sheet of a year is counted. What is written today counts in a year that goes on."""
    return Counting(
        f"{REPORT}?{urlencode({'first': first, 'last': last})}",
        today + timedelta(days=1) if last >= today else today,
        lambda: db.session.scalars(select(School.id).order_by(School.id)).all(),
        lambda schools: _count(schools, first, last),
        network_part,
    )


def _count(schools: Sequence[int], first: date, last: date) -> dict[int, Any]:
    """Return what is kept of some schools. Five queries."""
    parts, _places = parts_of_year(schools, first, last)
    return {school: part_kept(part) for school, part in parts.items()}


def network_part(found: Mapping[int, Any]) -> dict[str, Any]:
    """Return what is kept of all the schools: their sum, with few of the places and payers that are named."""
    part = rules_report.added(part_from(found[school]) for school in sorted(found))
    trainers = Count(len(part.trainers), sum(part.trainers.values()))
    part.trainers = {}
    part.agreements, part.others = rules_report.named_few(part.agreements, part.others)
    part.unsorted = {frame: some[:MOST_NAMED] for frame, some in part.unsorted.items()}
    part.disagreeing = part.disagreeing[:MOST_NAMED]
    return {"part": part_kept(part), "trainers": asdict(trainers), "schools": sorted(found)}


def part_kept(part: Part) -> dict[str, Any]:
    """Return a part as JSON says it."""
    return asdict(part) | {"trainers": {str(person): minutes for person, minutes in part.trainers.items()}}


def part_from(said: Mapping[str, Any]) -> Part:
    """Return what `part_kept` was given."""
    counts = {
        name: {line: Count(**count) for line, count in said[name].items()}
        for name in ("people", "goals", "specialities")
    }
    return Part(
        trainers={int(person): minutes for person, minutes in said["trainers"].items()},
        is_distant=said["is_distant"],
        agreements=[Agreement(**one) for one in said["agreements"]],
        others=said.get("others", {}),  # what an earlier version kept has none
        entrusted=Count(**said["entrusted"]),
        total=Count(**said["total"]),
        unsorted={frame: list(some) for frame, some in said["unsorted"].items()},
        disagreeing=list(said["disagreeing"]),
        **counts,
    )


def _names(places: set[int]) -> dict[int, str]:
    """Return the names of some places, in their order. One query, or none."""
    if not places:
        return {}
    rows = db.session.execute(
        select(Enrolment.id, Person.first_name, Person.last_name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.id.in_(sorted(places)))
        .order_by(Person.last_name, Person.first_name, Enrolment.id)
    )
    return {number: f"{first_name} {last_name}".strip() for number, first_name, last_name in rows}


def _named(what: str, on: date) -> Counting:
    """Return how something kept was counted: a year that went on has, on its last days, the day after today."""
    given = {name: date.fromisoformat(text) for name, text in parse_qsl(what.partition("?")[2])}
    is_over = given["last"] < on - timedelta(days=1)
    return counting_of(given["first"], given["last"], on if is_over else on - timedelta(days=1))


kept.HOW[REPORT] = _named
