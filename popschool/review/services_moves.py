"""What moves a round or a review, written down each time; and who is there, with what they have sent."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select

from popschool import clock
from popschool.db import db
from popschool.projects.models import Assignment, SubmissionOwner
from popschool.projects.services_assignments import learners_of
from popschool.projects.services_states import counting
from popschool.review.models import Review, Round, RoundEvent
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


def sent_by(deliverable_id: int, people: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return the versions that count for these people, each with its owners among them. One query."""
    people = list(people)
    counts = counting(SubmissionOwner.person_id.in_(people) & (SubmissionOwner.deliverable_id == deliverable_id))
    found: dict[int, set[int]] = {}
    for person_id, submission_id in db.session.execute(select(counts.c.person_id, counts.c.submission_id)):
        found.setdefault(submission_id, set()).add(person_id)
    return {submission_id: frozenset(owners) for submission_id, owners in found.items()}
