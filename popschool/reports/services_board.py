"""Boards: where a network, a school or a cohort stands in a period, in figures that open to their rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    literal,
    literal_column,
    select,
)
from sqlalchemy import union as distinct_union
from sqlalchemy.orm import contains_eager

from popschool.completion.models import Funder, Funding
from popschool.completion.rules import Exit
from popschool.completion.rules_hours import Hours
from popschool.completion.services_completion import USUAL
from popschool.completion.services_rules import Plan, plan_from, with_plan
from popschool.courses.models import ProgrammeVersion
from popschool.db import db
from popschool.reports.counting import BY_PLACE, count
from popschool.reports.places import Narrowed, places
from popschool.reports.rules_board import (
    Counted,
    Selection,
    Sums,
    Wanted,
    competence_lines,
    gather,
    hours_from,
    total_of,
)
from popschool.schools.models import Cohort, Enrolment, Person, School
from popschool.schools.rules import order_key


@dataclass(frozen=True)
class Line:
    """A school, a cohort or a person of a board, with what is known of it."""

    of: School | Cohort | Enrolment
    name: str
    sums: Sums


@dataclass(frozen=True)
class Board:
    """What a board says: the whole, line by line, month by month, and, of one cohort, by competence.

    The board of a network has some of its lines, of `line_count`. `disagreeing` are those whose hours do not add up:
    nothing is printed of them.
    """

    selection: Selection
    total: Sums
    lines: list[Line]
    months: list[tuple[date, Hours]]
    wanted: Mapping[int, Wanted]
    cohorts: int
    competences: list[tuple[str, int, int]] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)
    line_count: int = 0


def cohort_board(selection: Selection, plan: Plan) -> Board:
    """Return where the people of a cohort stand, by name. Two queries."""
    rows = count(selection, BY_PLACE)
    people = db.session.scalars(_people(selection.narrowed), selection.values).all()
    wanted = {selection.cohort_id: _wanted(plan)}
    found = gather(_measured(rows), wanted, {one.id: one.cohort_id for one in people}, USUAL)
    lines = [Line(one, one.person.name, found.get(one.id, Sums())) for one in people]
    board = _board(selection, rows, lines, wanted, shared=found.get(0))
    learning = sum(line.sums.exits[Exit.MOVED] == 0 for line in lines)
    return replace(board, competences=competence_lines(rows, wanted[selection.cohort_id], learning))


def _board(
    selection: Selection, rows: Sequence[Counted], lines: list[Line], wanted: Mapping[int, Wanted],
    shared: Sums | None = None,
) -> Board:  # fmt: skip
    """Return a board with its whole; `shared` is what no line has alone, such as the half-days of a cohort."""
    months = sorted((row.word, hours_from(row.numbers)) for row in rows if row.what == "month")
    return Board(
        selection,
        total_of([*(line.sums for line in lines), *([shared] if shared else [])]),
        lines,
        [(date.fromisoformat(f"{month}-01"), hours) for month, hours in months],
        wanted,
        len(wanted),
        disagreeing=[line.name for line in lines if not line.sums.hours.adds_up],
        line_count=len(lines),
    )


def wanted_by(plans: Sequence[tuple[Cohort, Plan]]) -> dict[int, Wanted]:
    """Return what the programme of each cohort asks."""
    return {cohort.id: _wanted(plan) for cohort, plan in plans}


def wanted_of(cohorts: Iterable[int]) -> dict[int, Wanted]:
    """Return what the programmes of some cohorts ask. One query."""
    rows = db.session.execute(with_plan(select(Cohort).where(Cohort.id.in_(set(cohorts)))))
    return {row.Cohort.id: _wanted(plan_from(row)) for row in rows}


def gathered(rows: Sequence[Counted], wanted: Mapping[int, Wanted]) -> dict[int, Sums]:
    return gather(_measured(rows), wanted, {}, USUAL)


def _measured(rows: Sequence[Counted]) -> Iterator[Counted]:
    return (row for row in rows if row.what != "month")


def _wanted(plan: Plan) -> Wanted:
    asked = {
        one["id"]: one.get("plain") or one["title"] for block in plan.blocks for one in block.get("competences") or ()
    }
    return Wanted(asked if plan.asked.competences_percent else {}, plan.asked.level)


def plans_of(selection: Selection) -> list[tuple[Cohort, Plan]]:
    rows = db.session.execute(_cohorts(selection.narrowed), selection.values).all()
    return [(row.Cohort, plan_from(row)) for row in rows]


@cache
def _cohorts(narrowed: Narrowed) -> Select:
    """Built once for each way to choose: the cohorts of the places, with their school and their plan."""
    theirs = select(places(narrowed).c.cohort_id)
    asked = select(Cohort).join(School, School.id == Cohort.school_id).where(Cohort.id.in_(theirs))
    return with_plan(asked).options(contains_eager(Cohort.school)).order_by(Cohort.id)


@cache
def _people(narrowed: Narrowed) -> Select:
    return (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.id.in_(select(places(narrowed).c.id)))
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on)
        .options(contains_eager(Enrolment.person))
    )


@dataclass(frozen=True)
class Choices:
    """What a board can be narrowed to: regions, funders by name, programmes by title."""

    regions: list[str]
    funders: list[str]
    programmes: list[tuple[int, str]]


def choices(school_id: int | None = None) -> Choices:
    """Return what a board of the network, or of a school, can be narrowed to. One query."""
    given = {} if school_id is None else {"school": school_id}
    rows = db.session.execute(_choices(school_id is not None), given).all()
    return Choices(
        [] if school_id else sorted({row.word for row in rows if row.what == "region"}, key=order_key),
        sorted({row.word for row in rows if row.what == "funder"}, key=order_key),
        sorted({(row.key, row.word) for row in rows if row.what == "programme"}, key=lambda one: order_key(one[1])),
    )


@cache
def _choices(is_of_a_school: bool) -> CompoundSelect:
    def named(what: str, key, word) -> Select:
        return select(cast(literal(what), String).label("what"), key.label("key"), word.label("word"))

    nothing = literal_column("0", Integer)
    regions = named("region", nothing, School.region)
    pays, teaches = Funding.funder_id == Funder.id, Cohort.programme_id == ProgrammeVersion.programme_id
    if is_of_a_school:
        here = bindparam("school")
        regions = regions.where(School.id == here)
        pays, teaches = and_(pays, Funding.school_id == here), and_(teaches, Cohort.school_id == here)
    funders = named("funder", nothing, Funder.name).where(exists(select(Funding.id).where(pays)))
    programmes = named("programme", ProgrammeVersion.programme_id, ProgrammeVersion.title).where(
        ProgrammeVersion.until.is_(None), exists(select(Cohort.id).where(teaches))
    )
    return distinct_union(regions, funders, programmes)
