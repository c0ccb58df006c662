"""What the table of permissions asks about people: one query each, for every request."""

from collections.abc import Collection
from datetime import date
from functools import cache

from sqlalchemy import Date, Integer, Select, String, bindparam, case, func, literal, null, or_, select, union_all

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
    """Read several people as the table sees them. One SQL query, however many there are.

    A place that has not begun yet opens nothing, and in an archived cohort learners only read. A posting counts while
    its person trains at the school; without an end, until the cohort is archived: the last work is answered afterwards.
    """
    held: dict[int, dict[int | None, set[Role]]] = {person: {} for person in people}
    cohorts: dict[int, dict[str, set[int]]] = {person: {} for person in people}
    schools: dict[int, dict[str, set[int]]] = {person: {} for person in people}
    rows = db.session.execute(_facts(), {"people": list(people), "today": today})
    for person, kind, name, school_id, cohort_id in rows:
        if kind == ROLE:
            held[person].setdefault(school_id, set()).add(Role(name))
        else:
            cohorts[person].setdefault(kind, set()).add(cohort_id)
            schools[person].setdefault(kind, set()).add(school_id)

    def of(person: int, *kinds: str, found: dict[int, dict[str, set[int]]] = schools) -> frozenset[int]:
        return frozenset().union(*(found[person].get(kind, ()) for kind in kinds))

    return {
        person: Actor(
            person_id=person,
            roles={school_id: frozenset(names) for school_id, names in held[person].items()},
            learns_in=of(person, LEARNS, found=cohorts),
            learnt_in=of(person, LEARNT, found=cohorts),
            trains_in=of(person, TRAINS, found=cohorts),
            schools_learnt=of(person, LEARNS, LEARNT),
            learns_at=of(person, LEARNS, WILL_LEARN),
        )
        for person in people
    }


@cache
def _facts() -> Select:
    """Built once, for every request; it asks about `people`, on the day `today`."""
    people, today = bindparam("people", expanding=True), bindparam("today", type_=Date)
    roles = select(
        RoleGrant.person_id,
        literal(ROLE).label("kind"),
        RoleGrant.role.label("name"),
        RoleGrant.school_id,
        null().cast(Integer).label("cohort"),
    ).where(RoleGrant.person_id.in_(people), RoleGrant.ended_at.is_(None))
    is_open = Cohort.archived_at.is_(None)
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    kind = case(
        (last_day < Enrolment.starts_on, ""),
        (Enrolment.starts_on > today, WILL_LEARN),
        ((last_day >= today) & is_open, LEARNS),
        else_=LEARNT,
    )
    enrolments = (
        select(Enrolment.person_id, kind, literal("").cast(String), Enrolment.school_id, Enrolment.cohort_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.person_id.in_(people))
    )
    postings = (
        select(Posting.person_id, literal(TRAINS), literal("").cast(String), Posting.school_id, Posting.cohort_id)
        .join(Cohort, Cohort.id == Posting.cohort_id)
        .join(RoleGrant, (RoleGrant.person_id == Posting.person_id) & (RoleGrant.school_id == Posting.school_id))
        .where(
            Posting.person_id.in_(people),
            RoleGrant.role == Role.TRAINER,
            RoleGrant.ended_at.is_(None),
            Posting.starts_on <= today,
            or_(Posting.ends_on >= today, Posting.ends_on.is_(None) & (is_open | (Cohort.ends_on >= today))),
        )
    )
    return union_all(roles, enrolments, postings)


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
