"""What people do in a spoken round: offer a moment, book one, call it off, say that it took place."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import aliased, joinedload

from popschool.db import db, transaction
from popschool.projects.models import TeamMember
from popschool.review import rules, rules_oral, services_notices
from popschool.review.models import Conflict, Review, Round, Work
from popschool.review.models_oral import OralSlot
from popschool.review.rules_oral import Meeting
from popschool.review.rules_states import TAKES_REVIEWS, ReviewState
from popschool.review.services_moves import note
from popschool.review.services_world import World, group_of, read_world
from popschool.schools.models import Person


def slots_of(found: Round) -> Sequence[OralSlot]:
    """Return the moments of a round that stand, the earliest first. One query."""
    return db.session.scalars(
        select(OralSlot)
        .where(OralSlot.round_id == found.id, OralSlot.called_off_at.is_(None))
        .options(joinedload(OralSlot.offered_by), joinedload(OralSlot.booked_by), joinedload(OralSlot.review))
        .order_by(OralSlot.starts_at, OralSlot.id)
    ).all()


def slot_at(key: str) -> OralSlot | None:
    """Return a moment by its address, with its round. One query."""
    return db.session.scalars(select(OralSlot).where(OralSlot.key == key).options(joinedload(OralSlot.round))).first()


def meeting_of(slot: OralSlot) -> Meeting:
    return Meeting(slot.work_id, slot.offered_by_id, slot.starts_at, slot.minutes, slot.booked_by_id)


def offer(found: Round, person: Person, starts_at: datetime, minutes: int, spot: str, now: datetime) -> OralSlot:
    """Offer a moment to speak of one's work. Sent twice, it is offered once.

    Raises NothingToReview, MeetingOutside, OffersTooMany or MeetingsClash.
    """
    with transaction(lock=found):
        db.session.refresh(found)
        work = _own_work(found, person)
        slots = slots_of(found)
        for slot in slots:
            if (slot.offered_by_id, slot.starts_at, slot.minutes) == (person.id, starts_at, minutes):
                return slot
        new = Meeting(work.id, person.id, starts_at, minutes)
        rules_oral.check_offer(new, map(meeting_of, slots), found.ends_at, now)
        slot = OralSlot(
            round_id=found.id,
            work_id=work.id,
            offered_by_id=person.id,
            starts_at=starts_at,
            minutes=minutes,
            spot=spot,
            offered_at=now,
        )
        db.session.add(slot)
    return slot


def _own_work(found: Round, person: Person) -> Work:
    """Return the work of somebody in a round that is under way. Raises NothingToReview."""
    world = read_world(found)
    work = next((one for one in world.standing_works if person.id in one.authors), None)
    if work is None or not found.is_oral or found.state not in TAKES_REVIEWS:
        raise rules.NothingToReview
    return work


def book(slot: OralSlot, person: Person, now: datetime) -> None:
    """Book a moment. Pressed twice, it is booked once.

    Raises MeetingTaken, MeetingNotYours, WorkHasEnough, ReviewerHasEnough or MeetingsClash.
    """
    found = slot.round
    with transaction(lock=found):
        db.session.refresh(slot)
        db.session.refresh(found)
        if slot.booked_by_id == person.id and slot.called_off_at is None:
            return
        if slot.called_off_at is not None or found.state not in TAKES_REVIEWS:
            raise rules_oral.MeetingTaken
        world = read_world(found)
        others = [meeting_of(one) for one in slots_of(found) if one.id != slot.id]
        rules_oral.check_booking(meeting_of(slot), person.id, group_of(world), _read(world), others, now)
        slot.booked_by, slot.booked_at = person, now
        note(found, "booked", now, work_id=slot.work_id, reviewer_id=_reviewer(world, person.id), by_id=person.id)
        services_notices.tell_booked(found, slot.offered_by, slot.starts_at, now)


def _read(world: World) -> set[tuple[int, int]]:
    """Return who reviews what already, in any way."""
    person_of = {reviewer.id: reviewer.person_id for reviewer in world.reviewers}
    return {(person_of[review.reviewer_id], review.work_id) for review in world.reviews}


def _reviewer(world: World, person_id: int | None) -> int | None:
    reviewer = world.reviewer_of.get(person_id)
    return reviewer.id if reviewer else None


def call_off(slot: OralSlot, person: Person, now: datetime) -> None:
    """Call a moment off. The author takes it back; who had booked it leaves it free again, if it is still to come.

    Raises MeetingTaken once both have said that they met.
    """
    found = slot.round
    with transaction(lock=found):
        db.session.refresh(slot)
        if slot.called_off_at is not None or not meeting_of(slot).is_of(person.id):
            return
        if slot.review_id is not None:
            raise rules_oral.MeetingTaken
        other = slot.booked_by if person.id == slot.offered_by_id else slot.offered_by
        note(found, "called_off", now, work_id=slot.work_id, by_id=person.id)
        if person.id == slot.booked_by_id and slot.starts_at > now:
            slot.booked_by = slot.booked_at = None
        else:
            slot.called_off_at, slot.called_off_by_id = now, person.id
        if other is not None:
            services_notices.tell_called_off(found, other, slot.starts_at, now)


def confirm(slot: OralSlot, person: Person, now: datetime) -> None:
    """Say that the meeting took place. Once both have, the reviewer has a review to write.

    Raises MeetingTaken or NotMetYet.
    """
    found = slot.round
    with transaction(lock=found):
        db.session.refresh(slot)
        if slot.review_id is not None:
            return
        if slot.called_off_at is not None or slot.booked_by_id is None or not meeting_of(slot).is_of(person.id):
            raise rules_oral.MeetingTaken
        rules_oral.check_confirmation(meeting_of(slot), now)
        if person.id == slot.offered_by_id:
            slot.author_said_at = slot.author_said_at or now
        else:
            slot.reviewer_said_at = slot.reviewer_said_at or now
        if slot.author_said_at is not None and slot.reviewer_said_at is not None:
            _make_review(slot, now)


def _make_review(slot: OralSlot, now: datetime) -> None:
    """Put the review of a meeting in its reviewer's hands. In a transaction."""
    world = read_world(slot.round)
    reviewer_id = _reviewer(world, slot.booked_by_id)
    review = Review(
        round_id=slot.round_id,
        work_id=slot.work_id,
        reviewer_id=reviewer_id,
        state=str(ReviewState.REVEALED),
        draft={},
        planned_at=now,
        revealed_at=now,
    )
    db.session.add(review)
    slot.review = review
    db.session.flush()
    note(slot.round, "met", now, work_id=slot.work_id, reviewer_id=reviewer_id)


def free_for(found: Round, person_id: int, slots: Sequence[OralSlot], now: datetime) -> list[OralSlot]:
    """Return the moments that somebody may book: of works that they may read and have not. One query."""
    met = {slot.work_id for slot in slots if person_id in (slot.booked_by_id, slot.offered_by_id)}
    coming = [slot for slot in slots if slot.booked_by_id is None and slot.starts_at > now and slot.work_id not in met]
    if not coming:
        return []
    mate = aliased(TeamMember)
    team = (
        select(mate.person_id)
        .join(TeamMember, TeamMember.team_id == mate.team_id)
        .where(TeamMember.assignment_id == found.assignment_id, TeamMember.person_id == person_id)
        .where(TeamMember.left_at.is_(None), mate.left_at.is_(None))
    )
    told = select(Conflict.other_id).where(Conflict.round_id == found.id, Conflict.person_id == person_id)
    heard = select(Conflict.person_id).where(Conflict.round_id == found.id, Conflict.other_id == person_id)
    apart = set(db.session.scalars(union_all(team, told, heard)))
    return [slot for slot in coming if slot.offered_by_id not in apart]
