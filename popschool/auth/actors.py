"""One query that turns a person into an Actor, for every request."""

from datetime import date

from sqlalchemy import Integer, String, case, func, literal, null, select, union_all

from popschool.auth.models import RoleGrant
from popschool.auth.rules import Actor, Role
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Posting

ROLE, LEARNS, LEARNT, TRAINS = "role", "learns", "learnt", "trains"


def read_actor(person_id: int, today: date) -> Actor:
    """Read roles, enrolments and postings together. One SQL query, however many there are."""
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    is_current = (Enrolment.starts_on <= today) & (last_day >= today)
    roles = select(
        literal(ROLE).label("kind"),
        RoleGrant.role.label("name"),
        RoleGrant.school_id,
        null().cast(Integer).label("cohort"),
    ).where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
    enrolments = select(
        case((is_current, LEARNS), else_=LEARNT), literal("").cast(String), Enrolment.school_id, Enrolment.cohort_id
    ).where(Enrolment.person_id == person_id)
    postings = (
        select(literal(TRAINS), literal("").cast(String), Posting.school_id, Posting.cohort_id)
        .join(Cohort, Cohort.id == Posting.cohort_id)
        .where(
            Posting.person_id == person_id,
            Posting.starts_on <= today,
            func.coalesce(Posting.ends_on, Cohort.ends_on) >= today,
        )
    )
    held: dict[int | None, set[Role]] = {}
    cohorts: dict[str, set[int]] = {LEARNS: set(), LEARNT: set(), TRAINS: set()}
    schools: dict[str, set[int]] = {LEARNS: set(), LEARNT: set(), TRAINS: set()}
    for kind, name, school_id, cohort_id in db.session.execute(union_all(roles, enrolments, postings)):
        if kind == ROLE:
            held.setdefault(school_id, set()).add(Role(name))
        else:
            cohorts[kind].add(cohort_id)
            schools[kind].add(school_id)
    return Actor(
        person_id=person_id,
        roles={school_id: frozenset(names) for school_id, names in held.items()},
        learns_in=frozenset(cohorts[LEARNS]),
        learnt_in=frozenset(cohorts[LEARNT]),
        trains_in=frozenset(cohorts[TRAINS]),
        schools_learnt=frozenset(schools[LEARNS] | schools[LEARNT]),
        learns_at=frozenset(schools[LEARNS]),
    )
