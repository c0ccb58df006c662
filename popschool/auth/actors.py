"""What the table of permissions asks about people: one query each, for every request."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Row,
    Select,
    String,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from popschool.auth.models import RoleGrant
from popschool.auth.rules import Actor, Role
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person, Posting
from popschool.schools.rules import Place

ROLE, LEARNS, LEARNT, WILL_LEARN, TRAINS = "role", "learns", "learnt", "will_learn", "trains"


def read_actor(person_id: int, today: date) -> Actor:
    """Read roles, enrolments and postings together. One SQL query, however many there are."""
    return read_actors([person_id], today)[person_id]


def read_actors(people: Collection[int], today: date) -> dict[int, Actor]:
    """Read several people as the table sees them. One SQL query, however many there are."""
    found: dict[int, list[Row]] = {person: [] for person in people}
    for row in db.session.execute(_everyones(), {"people": list(people)}):
        found[row.person_id].append(row)
    return {person: actor_from(person, rows, today) for person, rows in found.items()}


def actor_from(person_id: int, rows: Iterable[Row], today: date) -> Actor:
    """Return a person as the table sees them on a day, from their rows of `facts`.

    A place that has not begun yet opens nothing, and in an archived cohort learners only read.
    """
    held: dict[int | None, set[Role]] = {}
    cohorts: dict[str, set[int]] = {kind: set() for kind in (LEARNS, LEARNT, WILL_LEARN, TRAINS)}
    schools: dict[str, set[int]] = {kind: set() for kind in cohorts}
    for row in rows:
        if row.kind == ROLE:
            held.setdefault(row.school_id, set()).add(Role(row.name))
        elif kind := _holds(row, today):
            cohorts[kind].add(row.cohort_id)
            schools[kind].add(row.school_id)
    return Actor(
        person_id=person_id,
        roles={school_id: frozenset(names) for school_id, names in held.items()},
        learns_in=frozenset(cohorts[LEARNS]),
        learnt_in=frozenset(cohorts[LEARNT]),
        trains_in=frozenset(cohorts[TRAINS]),
        schools_learnt=frozenset(schools[LEARNS] | schools[LEARNT]),
        learns_at=frozenset(schools[LEARNS] | schools[WILL_LEARN]),
    )


def _holds(row: Row, today: date) -> str:
    """Say what a place or a posting is on a day; nothing for one that never began, or a posting outside its days."""
    first, last = row.first_on, row.last_on
    if row.kind == TRAINS:
        return TRAINS if first <= today and (last is None or last >= today) else ""
    if last < first:
        return ""
    if first > today:
        return WILL_LEARN
    return LEARNS if last >= today and row.is_open else LEARNT


def facts(whose: Callable[[ColumnElement[int]], ColumnElement[bool]]) -> CompoundSelect:
    """Return the query of the roles, places and postings of those whom `whose` chooses.

    A posting counts while its person trains at the school; without an end, until the cohort is archived: the last work
    is answered afterwards.
    """
    is_open = Cohort.archived_at.is_(None)
    roles = select(
        RoleGrant.person_id,
        literal(ROLE).label("kind"),
        RoleGrant.role.label("name"),
        RoleGrant.school_id,
        null().cast(Integer).label("cohort_id"),
        null().cast(Date).label("first_on"),
        null().cast(Date).label("last_on"),
        true().label("is_open"),
    ).where(whose(RoleGrant.person_id), RoleGrant.ended_at.is_(None))
    nameless = literal("").cast(String)
    enrolments = (
        select(
            Enrolment.person_id,
            literal(LEARNS),
            nameless,
            Enrolment.school_id,
            Enrolment.cohort_id,
            Enrolment.starts_on,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on),
            is_open,
        )
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(whose(Enrolment.person_id))
    )
    postings = (
        select(
            Posting.person_id,
            literal(TRAINS),
            nameless,
            Posting.school_id,
            Posting.cohort_id,
            Posting.starts_on,
            case((Posting.ends_on.is_not(None), Posting.ends_on), (is_open, null()), else_=Cohort.ends_on),
            is_open,
        )
        .join(Cohort, Cohort.id == Posting.cohort_id)
        .join(RoleGrant, (RoleGrant.person_id == Posting.person_id) & (RoleGrant.school_id == Posting.school_id))
        .where(whose(Posting.person_id), RoleGrant.role == Role.TRAINER, RoleGrant.ended_at.is_(None))
    )
    return union_all(roles, enrolments, postings)


@cache
def _everyones() -> CompoundSelect:
    """Built once: making it costs several times what running it does."""
    return facts(lambda person_id: person_id.in_(bindparam("people", expanding=True)))


def place_of(person: Person) -> Place:
    """Return where a person stands: their school, the cohorts they learn or learnt in, the schools of their roles.

    One query.
    """
    learning = select(Enrolment.school_id, Enrolment.cohort_id).where(Enrolment.person_id == person.id)
    holding = select(RoleGrant.school_id, null().cast(Integer)).where(
        RoleGrant.person_id == person.id, RoleGrant.ended_at.is_(None)
    )
    rows = db.session.execute(union_all(learning, holding)).all()
    schools = {person.home_school_id} | {school_id for school_id, _ in rows}
    cohorts = {cohort_id for _, cohort_id in rows}
    return Place(frozenset(schools - {None}), frozenset(cohorts - {None}), frozenset({person.id}))


def staff_of(schools: Collection[int]) -> Select:
    """Return the query of the ids of those who work at these schools now."""
    return select(RoleGrant.person_id).where(RoleGrant.school_id.in_(schools), RoleGrant.ended_at.is_(None))
