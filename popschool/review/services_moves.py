"""What moves a round or a review, written down each time; and who is there, with what they have sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from popschool import clock
from popschool.db import db
from popschool.projects.models import Assignment, Deliverable, SubmissionOwner
from popschool.projects.services_assignments import learners_of
from popschool.projects.services_states import counting
from popschool.review.models import Review, Round, RoundEvent, RoundGuest
from popschool.review.rules_states import ReviewAct, ReviewState, RoundAct, RoundState, review_after, round_after
from popschool.schools.models import Person, Posting


def note(found: Round, what: str, now: datetime, cause: str = "", **about: object) -> None:
    """Write down that something moved. In a transaction."""
    db.session.add(RoundEvent(round_id=found.id, what=what, cause=cause, at=now, **about))


def move(found: Round, act: RoundAct, now: datetime, by_id: int | None = None) -> bool:
    """Bring a round on; say whether it was not there yet. Raises RoundNotThere. In a transaction."""
    then = round_after(RoundState(found.state), act)
    if found.state == then:
        return False
    found.state = str(then)
    note(found, str(act), now, by_id=by_id)
    return True


def move_review(review: Review, act: ReviewAct) -> bool:
    """Bring a review on; say whether it was not there yet. Raises ReviewNotThere. In a transaction."""
    then = review_after(ReviewState(review.state), act)
    changed = review.state != then
    review.state = str(then)
    return changed


def learners_there(found: Assignment, now: datetime) -> list[Person]:
    """Return who learns in the cohort today and does not train it: a trainer sees both sides, and reads as one."""
    day = clock.local_day(now)
    training = set(
        db.session.scalars(
            select(Posting.person_id).where(
                Posting.cohort_id == found.cohort_id,
                Posting.starts_on <= day,
                or_(Posting.ends_on.is_(None), Posting.ends_on >= day),
            )
        )
    )
    return [person for person in learners_of(found.cohort_id, now) if person.id not in training]


def circles_of(found: Round) -> list[tuple[Assignment, int]]:
    """Return the assignments whose learners read each other in a round, with the deliverable of each. One query."""
    guests = db.session.scalars(
        select(RoundGuest)
        .where(RoundGuest.round_id == found.id, RoundGuest.agreed)
        .options(joinedload(RoundGuest.deliverable).joinedload(Deliverable.assignment))
        .order_by(RoundGuest.id)
    )
    own = (found.assignment, found.deliverable_id)
    return [own, *((guest.deliverable.assignment, guest.deliverable_id) for guest in guests)]


@dataclass
class Gathered:
    """Who is there, with the cohort of each, and the versions that count, each with its owners among them."""

    cohort_of: dict[int, int] = field(default_factory=dict)
    sent: dict[int, frozenset[int]] = field(default_factory=dict)


def gather(found: Round, now: datetime) -> Gathered:
    """Return who is there for a round, of its own cohort and of those that agreed to join, and what they sent."""
    all_there = Gathered()
    for assignment, deliverable_id in circles_of(found):
        people = [one.id for one in learners_there(assignment, now) if one.id not in all_there.cohort_of]
        all_there.cohort_of |= dict.fromkeys(people, assignment.cohort_id)
        all_there.sent |= sent_by(deliverable_id, people)
    return all_there


def sent_by(deliverable_id: int, people: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the versions that count for these people, each with its owners among them. One query."""
    people = list(people)
    counts = counting(SubmissionOwner.person_id.in_(people) & (SubmissionOwner.deliverable_id == deliverable_id))
    found: dict[int, set[int]] = {}
    for person_id, submission_id in db.session.execute(select(counts.c.person_id, counts.c.submission_id)):
        found.setdefault(submission_id, set()).add(person_id)
    return {submission_id: frozenset(owners) for submission_id, owners in found.items()}
