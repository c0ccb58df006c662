"""Two people who should not read each other: one says so, before a round begins or during it, and nobody asks why."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, or_, select

from popschool import clock
from popschool.db import db, transaction
from popschool.review import rules
from popschool.review.models import Conflict, Review, Round, RoundGuest
from popschool.review.rules_states import TAKES_REVIEWS, ReviewAct, RoundState
from popschool.review.services_moves import move_review, note
from popschool.review.services_plan import mend, reviewer_in
from popschool.schools.models import Enrolment, Person


def declare_conflict(review: Review, person: Person, now: datetime) -> None:
    """Somebody should not read this work: they get another, and nobody asks why. Raises ReviewNotThere."""
    found = review.round
    with transaction(lock=found):
        db.session.refresh(review)
        if not move_review(review, ReviewAct.GIVE_BACK):
            return
        note(found, str(ReviewAct.GIVE_BACK), now, "conflict", work_id=review.work_id, reviewer_id=review.reviewer_id)
        _keep(found, person, sorted(review.work.authors - kept_apart(found.id, person.id)), now)
        mend(found, now, but=[person.id])


def keep_apart(found: Round, person: Person, other_id: int, now: datetime) -> None:
    """Somebody names a person whom they should not read, and who should not read them: nobody asks why.

    Before the round begins, the plan will be made so. Afterwards what was opened stays; nothing says whether the plan
    had put them together. Said twice, it is said once. Raises NothingToReview or TooManyApart.
    """
    with transaction(lock=found):
        db.session.refresh(found)
        if found.state == RoundState.OPEN:
            is_there = found.id in {one.id for one, _cohort_id in coming_for(person.id, now)}
        else:
            is_there = found.state in TAKES_REVIEWS and reviewer_in(found.id, person.id) is not None
        if not is_there:
            raise rules.NothingToReview
        known = kept_apart(found.id, person.id)
        if other_id in known:
            return
        if len(known) >= rules.MOST_APART:
            raise rules.TooManyApart(rules.MOST_APART)
        _keep(found, person, [other_id], now)
        note(found, "apart", now, by_id=person.id)
        db.session.flush()
        mend(found, now, but=[person.id])


def _keep(found: Round, person: Person, others: Iterable[int], now: datetime) -> None:
    for other_id in others:
        db.session.add(Conflict(round_id=found.id, person_id=person.id, other_id=other_id, said_at=now))
    db.session.flush()


def kept_apart(round_id: int, person_id: int) -> set[int]:
    """Return whom somebody has asked to be kept apart from. One query."""
    said = select(Conflict.other_id).where(Conflict.round_id == round_id, Conflict.person_id == person_id)
    return set(db.session.scalars(said))


def coming_for(person_id: int, now: datetime) -> list[tuple[Round, int]]:
    """Return the written rounds that have not begun in somebody's cohorts, each with their cohort there. One query."""
    today = clock.local_day(now)
    invited = select(RoundGuest.cohort_id).where(RoundGuest.round_id == Round.id, RoundGuest.agreed).correlate(Round)
    rows = db.session.execute(
        select(Round, Enrolment.cohort_id)
        .join(Enrolment, or_(Enrolment.cohort_id == Round.cohort_id, Enrolment.cohort_id.in_(invited)))
        .where(
            Enrolment.person_id == person_id,
            Enrolment.starts_on <= today,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
            Round.state == RoundState.OPEN,
            Round.is_oral.is_(False),
        )
        .order_by(Round.starts_at, Round.id, Enrolment.id)
    )
    return list({found.id: (found, cohort_id) for found, cohort_id in rows}.values())
