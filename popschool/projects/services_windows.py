"""Each person's own dates: their cohort's, with what is arranged for them and for those they work with."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, ColumnElement, Row, Subquery, and_, or_, select, union
from sqlalchemy.orm import aliased

from popschool import clock
from popschool.db import db
from popschool.projects import rules
from popschool.projects.models import Assignment, Extension, TeamMember
from popschool.schools.models import Accommodation, Person, School


def more_time(people: Collection[int] | BindParameter[int], given: ColumnElement[bool]) -> Subquery:
    """Return what changes the dates of these people, in the assignments that `given` says, as rows to join.

    `people` are known already, or one person whom a statement names each time.
    A row for each assignment, `whose` dates they are, the team mate or the person `who` brings more time, the
    `time_zone` of its school, each accommodation of theirs (days, starts_on, ends_on) and each extension
    (extension_id, due_at, closes_at).
    """
    mine, other = aliased(TeamMember), aliased(TeamMember)
    oneself = (
        select(
            Assignment.id.label("assignment_id"), Assignment.school_id, Person.id.label("whose"), Person.id.label("who")
        )
        .join(Person, _is_of(Person.id, people))
        .where(given)
    )
    mates = (
        select(mine.assignment_id, Assignment.school_id, mine.person_id, other.person_id)
        .join(other, and_(other.team_id == mine.team_id, other.left_at.is_(None)))
        .join(Assignment, Assignment.id == mine.assignment_id)
        .where(_is_of(mine.person_id, people), mine.left_at.is_(None), Assignment.work != "alone", given)
    )
    together = union(oneself, mates).subquery()
    return (
        select(
            together.c.assignment_id,
            together.c.whose,
            together.c.who,
            School.time_zone,
            Accommodation.deadline_days.label("days"),
            Accommodation.starts_on,
            Accommodation.ends_on,
            Extension.id.label("extension_id"),
            Extension.due_at,
            Extension.closes_at,
        )
        .join(School, School.id == together.c.school_id)
        .outerjoin(
            Accommodation,
            and_(
                Accommodation.person_id == together.c.who,
                Accommodation.deadline_days > 0,
                or_(Accommodation.school_id == together.c.school_id, Accommodation.follows),
            ),
        )
        .outerjoin(
            Extension,
            and_(Extension.person_id == together.c.who, Extension.assignment_id == together.c.assignment_id),
        )
        .subquery()
    )


def _is_of(person_id: Any, people: Collection[int] | BindParameter[int]) -> ColumnElement[bool]:
    return person_id == people if isinstance(people, BindParameter) else person_id.in_(people)


def window_from(assignment: Assignment, rows: Iterable[Row[Any]]) -> rules.Window:
    """Return one person's own window from their rows of `more_time`: the most generous of their team's holds.

    Days begin, and hours stay the same hours, where the school is, wherever it is looked at from.
    """
    rows = list(rows)
    window = rules.Window(assignment.opens_at, assignment.due_at, assignment.closes_at)
    if not any(row.days or row.extension_id for row in rows):
        return window
    zone = ZoneInfo(rows[0].time_zone)
    first, last = (clock.local_day(moment, zone) for moment in (window.opens_at, window.due_at))
    days: dict[int, list[rules.MoreDays]] = {}
    extensions: dict[int, tuple[int, tuple[datetime, datetime]]] = {}
    for row in rows:
        held = days.setdefault(row.who, [])
        if row.days:
            held.append(rules.MoreDays(row.days, row.starts_on, row.ends_on))
        if row.extension_id is not None:
            granted = (row.extension_id, (row.due_at, row.closes_at))
            extensions[row.who] = max(granted, extensions.get(row.who, granted))
    windows = [
        rules.own_window(
            window, rules.days_more(held, first, last), extensions[who][1] if who in extensions else None, zone
        )
        for who, held in days.items()
    ]
    return rules.widest(windows or [window])


def own_windows(assignment: Assignment, people: Sequence[int]) -> dict[int, rules.Window]:
    """Return the window of each of these people for an assignment. One query."""
    found: dict[int, list[Row[Any]]] = {person_id: [] for person_id in people}
    if people:
        rows = more_time(people, Assignment.id == assignment.id)
        for row in db.session.execute(select(rows)):
            found[row.whose].append(row)
    return {person_id: window_from(assignment, rows) for person_id, rows in found.items()}


def own_window(assignment: Assignment, person_id: int) -> rules.Window:
    """Return a person's own dates for an assignment, with what is arranged for them and for their team. One query."""
    return own_windows(assignment, [person_id])[person_id]
