"""A cohort too small to review alone asks another, of any school, to join; it does once a trainer there agrees."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from popschool import audit, clock
from popschool.db import db, transaction
from popschool.projects.models import Assignment, Deliverable
from popschool.review import rules, services_notices
from popschool.review.models import Round, RoundGuest
from popschool.review.rules_states import RoundState
from popschool.review.services_moves import learners_there, note
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place

# Work of another month is not read in the same days.
NEAR = timedelta(days=45)
MOST_OFFERED = 30


def may_invite(found: Round) -> bool:
    """Say whether another cohort may still be asked: before the start, and where nobody learns a name."""
    return found.state == RoundState.OPEN and not found.is_named


def candidates(found: Round) -> Sequence[Deliverable]:
    """Return the same deliverable in other cohorts at about the same time, not asked yet. One query."""
    own = found.assignment
    return db.session.scalars(
        select(Deliverable)
        .join(Deliverable.assignment)
        .join(Assignment.cohort)
        .where(
            Assignment.project_id == own.project_id,
            Assignment.cohort_id != own.cohort_id,
            Assignment.withdrawn_at.is_(None),
            Assignment.due_at.between(own.due_at - NEAR, own.due_at + NEAR),
            Deliverable.key == found.deliverable.key,
            Deliverable.retired_at.is_(None),
            Cohort.archived_at.is_(None),
            Cohort.id.not_in(select(RoundGuest.cohort_id).where(RoundGuest.round_id == found.id)),
        )
        .options(joinedload(Deliverable.assignment).joinedload(Assignment.cohort).joinedload(Cohort.school))
        .order_by(Cohort.code)
        .limit(MOST_OFFERED)
    ).all()


def sizes_of(cohorts: Iterable[int], now: datetime) -> dict[int, int]:
    """Return how many people learn in each of these cohorts today. One query."""
    today = clock.local_day(now)
    rows = db.session.execute(
        select(Enrolment.cohort_id, func.count())
        .where(
            Enrolment.cohort_id.in_(sorted(cohorts)),
            Enrolment.starts_on <= today,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
        )
        .group_by(Enrolment.cohort_id)
    )
    return {cohort_id: count for cohort_id, count in rows}


def guests_of(round_id: int) -> Sequence[RoundGuest]:
    """Return the cohorts that were asked to join a round, whatever they answered. One query."""
    return db.session.scalars(
        select(RoundGuest)
        .where(RoundGuest.round_id == round_id)
        .options(joinedload(RoundGuest.cohort).joinedload(Cohort.school))
        .order_by(RoundGuest.id)
    ).all()


def place_of(found: Round) -> Place:
    """Return where a round stands: its own cohort, and those that agreed to join. One query."""
    guests = [guest for guest in guests_of(found.id) if guest.agreed]
    return Place(
        schools=frozenset([found.school_id, *(guest.school_id for guest in guests)]),
        cohorts=frozenset([found.cohort_id, *(guest.cohort_id for guest in guests)]),
    )


def invitations_to(cohort_id: int) -> Sequence[RoundGuest]:
    """Return the rounds of others that a cohort was asked to join. One query."""
    return db.session.scalars(
        select(RoundGuest)
        .where(RoundGuest.cohort_id == cohort_id)
        .options(joinedload(RoundGuest.round))
        .order_by(RoundGuest.id.desc())
    ).all()


def invite(found: Round, deliverable: Deliverable, by: Person, now: datetime) -> RoundGuest:
    """Ask another cohort to join; its trainers are told. Asked twice, it is asked once. Raises InvitationClosed."""
    cohort = deliverable.assignment.cohort
    with transaction(lock=found):
        db.session.refresh(found)
        known = db.session.scalars(
            select(RoundGuest).where(RoundGuest.round_id == found.id, RoundGuest.cohort_id == cohort.id)
        ).first()
        if known is not None:
            return known
        if not may_invite(found):
            raise rules.InvitationClosed
        guest = RoundGuest(
            round=found,
            school_id=cohort.school_id,
            cohort=cohort,
            deliverable=deliverable,
            asked_by_id=by.id,
            asked_at=now,
        )
        db.session.add(guest)
        db.session.flush()
        audit.record("invite_cohort", found, actor_id=by.id, now=now, cohort_id=cohort.id)
        services_notices.tell_invited(guest, now)
    return guest


def answer(guest: RoundGuest, agrees: bool, by: Person, now: datetime) -> None:
    """Join a round or not, once. Those of the cohort are told before they send. Raises InvitationClosed."""
    found = guest.round
    with transaction(lock=found):
        db.session.refresh(guest)
        if guest.answered_at is not None:
            return
        if agrees and not may_invite(found):
            raise rules.InvitationClosed
        guest.agreed, guest.answered_at, guest.answered_by_id = agrees, now, by.id
        audit.record("answer_invitation", found, actor_id=by.id, now=now, cohort_id=guest.cohort_id, agreed=agrees)
        services_notices.tell_joined(guest, now)
        if agrees:
            note(found, "guests", now, by_id=by.id)
            assignment = guest.deliverable.assignment
            services_notices.tell_opened(found, assignment.id, learners_there(assignment, now), now)
