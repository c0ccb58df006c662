"""The board of the network: what is kept of each school, and of all of them together; its lines, some at a time."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import kept
from popschool.completion.rules import Exit
from popschool.completion.rules_hours import Hours
from popschool.db import db
from popschool.kept import Counting
from popschool.reports.counting import BY_COHORT, count
from popschool.reports.rules_board import Gap, Selection, Sums, hours_from, total_of
from popschool.reports.services_board import Board, Line, gathered, plans_of, wanted_by
from popschool.schools.models import Cohort, School
from popschool.schools.rules import order_key

BOARD = "boards"
COUNTS = ("validated", "works_asked", "reached", "competences_asked")
CHOSEN: dict[str, Callable[[str], Any]] = {
    "first": date.fromisoformat, "last": date.fromisoformat, "region": str, "funder": str, "programme_id": int,
    "school_id": int, "funder_id": int,
}  # fmt: skip


def network_board(selection: Selection, offset: int = 0, limit: int | None = None) -> Board:
    """Return where the schools stand, by name: all of them, or some. Two queries while nothing changed."""
    counting = counting_of(selection)
    whole = kept.whole(counting)
    shown = whole["order"][offset : None if limit is None else offset + limit]
    found = kept.each(counting, shown)
    named = {one.id: one for one in db.session.scalars(select(School).where(School.id.in_(shown)))} if shown else {}
    return Board(
        selection,
        sums_from(whole["sums"]),
        [Line(named[one], named[one].name, sums_from(found[one]["sums"])) for one in shown if one in found],
        months_from(whole["months"]),
        {},
        whole["cohorts"],
        disagreeing=whole["disagreeing"],
        line_count=len(whole["order"]),
    )


def school_board(selection: Selection, offset: int = 0, limit: int | None = None) -> Board:
    """Return where the cohorts of a school stand, the last begun first: all of them, or some.

    Two queries while nothing changed there.
    """
    school = selection.school_id
    said = kept.each(counting_of(replace(selection, school_id=None)), [school])[school]
    sums = {int(cohort): sums_from(one) for cohort, one in said["lines"].items()}
    cohorts = db.session.scalars(select(Cohort).where(Cohort.id.in_(sums)).options(joinedload(Cohort.school))).all()
    order = sorted(cohorts, key=lambda one: (one.starts_on, one.code), reverse=True)
    shown = order[offset : None if limit is None else offset + limit]
    return Board(
        selection,
        sums_from(said["sums"]),
        [Line(one, one.code, sums[one.id]) for one in shown],
        months_from(said["months"]),
        {},
        said["cohorts"],
        disagreeing=[one.code for one in order if not sums[one.id].hours.adds_up],
        line_count=len(order),
    )


def months_from(said: Mapping[str, Sequence[int]]) -> list[tuple[date, Hours]]:
    """Return the hours of each month, in order."""
    return [(date.fromisoformat(f"{month}-01"), hours_from(numbers)) for month, numbers in sorted(said.items())]


def counting_of(selection: Selection) -> Counting:
    """Return how a board of the network is counted."""
    return Counting(
        named(BOARD, selection),
        selection.today,
        lambda: schools_of(selection),
        lambda schools: _count(selection, schools),
        _together,
    )


def named(kind: str, selection: Selection) -> str:
    """Return the name of what is kept: its kind, and all that is chosen."""
    given = {name: getattr(selection, name) for name in CHOSEN if getattr(selection, name)}
    return f"{kind}?{urlencode(given)}"


def chosen_from(what: str, today: date) -> Selection:
    """Return what `named` was given."""
    given = {name: CHOSEN[name](text) for name, text in parse_qsl(what.partition("?")[2])}
    return Selection(**given, today=today)


def schools_of(selection: Selection) -> Sequence[int]:
    """Return the schools that are looked at. One query."""
    asked = select(School.id).order_by(School.id)
    if selection.school_id:
        asked = asked.where(School.id == selection.school_id)
    return db.session.scalars(asked.where(School.region == selection.region) if selection.region else asked).all()


def _count(selection: Selection, schools: Sequence[int]) -> dict[int, Any]:
    """Return what is kept of some schools. Two queries."""
    chosen = replace(selection, schools=tuple(schools))
    rows, plans = count(chosen, BY_COHORT), plans_of(chosen)
    found = gathered(rows, wanted_by(plans))
    by_school: dict[int, dict[int, Sums]] = {school: {} for school in schools}
    for cohort, _plan in plans:
        by_school[cohort.school_id][cohort.id] = found.get(cohort.id, Sums())
    months: dict[int, dict[str, list[int]]] = {school: {} for school in schools}
    for row in rows:
        if row.what == "month":
            months[row.key][row.word] = list(row.numbers)
    return {
        school: {
            "cohorts": len(own),
            "sums": sums_kept(total_of(own.values())),
            "months": months[school],
            "lines": {str(cohort): sums_kept(sums) for cohort, sums in own.items()},
        }
        for school, own in by_school.items()
    }


def _together(found: Mapping[int, Any]) -> dict[str, Any]:
    """Return what is kept of all the schools: their sum, and in which order they are shown. One query."""
    own = {school: one for school, one in found.items() if one["cohorts"]}
    sums = {school: sums_from(one["sums"]) for school, one in own.items()}
    months: dict[str, list[int]] = {}
    for one in own.values():
        for month, numbers in one["months"].items():
            before = months.get(month, [0] * len(numbers))
            months[month] = [before + more for before, more in zip(before, numbers, strict=True)]
    names = dict(db.session.execute(select(School.id, School.name)).all())
    order = sorted(own, key=lambda school: (order_key(names[school]), school))
    return {
        "cohorts": sum(one["cohorts"] for one in own.values()),
        "sums": sums_kept(total_of(sums.values())),
        "months": months,
        "order": order,
        "disagreeing": [names[school] for school in order if not sums[school].hours.adds_up],
    }


def sums_kept(sums: Sums) -> dict[str, Any]:
    """Return sums as JSON; what is nothing is left out."""
    said: dict[str, Any] = {name: getattr(sums, name) for name in COUNTS if getattr(sums, name)}
    hours = {one.name: getattr(sums.hours, one.name) for one in fields(Hours) if getattr(sums.hours, one.name)}
    counts = {"exits": sums.exits, "gaps": sums.gaps}
    said |= {name: {str(key): number for key, number in counter.items() if number} for name, counter in counts.items()}
    return said | {"hours": hours}


def sums_from(said: Mapping[str, Any]) -> Sums:
    """Return what `sums_kept` was given."""
    return Sums(
        hours=Hours(**said["hours"]),
        exits=Counter({Exit(key): number for key, number in said["exits"].items()}),
        gaps=Counter({Gap(key): number for key, number in said["gaps"].items()}),
        **{name: said.get(name, 0) for name in COUNTS},
    )


kept.HOW[BOARD] = lambda what, today: counting_of(chosen_from(what, today))
