"""The end of a round: what the trainer settles, what authors read and answer, what they ask the trainer to look at."""

from datetime import datetime

from sqlalchemy import select

from popschool import audit
from popschool.db import db, transaction
from popschool.review import rules, services_estimates, services_notices
from popschool.review.anonymous import masked
from popschool.review.models import Flag, Reaction, Review, Round, Work
from popschool.review.rules_states import (
    FINISHED,
    OVER,
    TAKES_REVIEWS,
    ReviewAct,
    ReviewState,
    RoundAct,
    RoundState,
)
from popschool.review.services_moves import move, move_review, note
from popschool.review.services_parts import hidden_in
from popschool.review.services_plan import mend
from popschool.review.services_world import World, conflicts_of, read_world, reviewers_of
from popschool.schools.models import Person

REPORT, APPEAL = "report", "appeal"


def moderate(found: Round, now: datetime, by_id: int | None = None) -> None:
    """End the reviewing: what was never begun goes back, what was begun may still be finished. Raises RoundNotThere."""
    with transaction(lock=found):
        db.session.refresh(found)
        if not move(found, RoundAct.MODERATE, now, by_id):
            return
        world = read_world(found)
        for review in world.reviews:
            if review.state in (ReviewState.PLANNED, ReviewState.REVEALED):
                move_review(review, ReviewAct.GIVE_BACK)
            elif review.state == ReviewState.IN_PROGRESS:
                move_review(review, ReviewAct.EXPIRE)
        db.session.flush()
        services_estimates.keep(world, now)
        services_notices.tell_team(found, "moderating", now)


def extend(found: Round, ends_at: datetime, by: Person, now: datetime) -> None:
    """Give more time: reviewing goes on until then. Raises WindowTooShort or RoundNotThere."""
    rules.check_window(now, ends_at, now)
    with transaction(lock=found):
        db.session.refresh(found)
        if found.state != RoundState.REVIEWING:
            move(found, RoundAct.EXTEND, now, by.id)
        found.ends_at = ends_at
        note(found, "extended", now, by_id=by.id)
        audit.record("extend_round", found, actor_id=by.id, now=now, ends_at=str(ends_at))
        db.session.flush()
        world, conflicts = read_world(found), set(conflicts_of(found.id))
        for review in list(world.reviews):
            if review.state == ReviewState.EXPIRED:
                review.state = str(ReviewState.IN_PROGRESS)
            elif review.state == ReviewState.RETURNED:
                _take_up_again(review, world, conflicts)
        for reviewer in world.reviewers:
            reviewer.reminders = 0
        db.session.flush()
        mend(found, now, but=None)
        waiting = [one for one in world.reviewers if any(r.state not in FINISHED for r in world.reviews_by(one))]
        services_notices.tell_more_time(found, waiting, now)


def _take_up_again(review: Review, world: World, conflicts: set[tuple[int, int]]) -> None:
    """Give back what the end took: opened, to whoever had opened it; else to the plan. In a transaction."""
    if review.revealed_at is None:
        world.reviews.remove(review)
        db.session.delete(review)
    elif not any((review.reviewer.person_id, author) in conflicts for author in review.work.authors):
        review.state = str(ReviewState.REVEALED)


def top_up(found: Round, now: datetime, by_id: int | None = None) -> None:
    """Share what is missing between those who are there. Again, it does nothing. Raises RoundNotThere."""
    with transaction(lock=found):
        db.session.refresh(found)
        move(found, RoundAct.TOP_UP, now, by_id)
        db.session.flush()
        mend(found, now)


def release(found: Round, by: Person, now: datetime) -> None:
    """Show each author the reviews of their work, and learn from them. Again, it does nothing. Raises RoundNotThere."""
    with transaction(lock=found):
        db.session.refresh(found)
        if found.state in OVER:
            return
        if found.state in TAKES_REVIEWS:
            moderate(found, now, by.id)
        move(found, RoundAct.RELEASE, now, by.id)
        found.released_at = now
        world = read_world(found)
        for review in world.reviews:
            if review.state == ReviewState.SUBMITTED:
                move_review(review, ReviewAct.RELEASE)
        audit.record("release_round", found, actor_id=by.id, now=now)
        db.session.flush()
        services_estimates.keep(world, now)
        services_estimates.learn(world, now)
        move(found, RoundAct.RESPOND, now)
        read = {review.work_id for review in world.reviews if review.state in FINISHED}
        authors = {
            owner.person_id: owner.person for work in world.works if work.id in read for owner in work.submission.owners
        }
        services_notices.tell_released(found, authors.values(), now)


def react(review: Review, person: Person, helps: str, reason: str, change: str, thanks: bool, now: datetime) -> None:
    """Say what one makes of a review of one's own work. Said once: it stays. Raises ReviewNotThere."""
    with transaction(lock=review):
        db.session.refresh(review)
        known = select(Reaction.id).where(Reaction.review_id == review.id, Reaction.person_id == person.id)
        if db.session.scalar(known) is not None:
            return
        move_review(review, ReviewAct.REACT)
        db.session.add(
            Reaction(
                review_id=review.id,
                person_id=person.id,
                helps=helps,
                reason=reason.strip(),
                change=change.strip(),
                thanks=thanks,
                reacted_at=now,
            )
        )


def report(review: Review, person: Person, words: str, now: datetime) -> Flag:
    """Ask the trainer to look at a review; its text is hidden from its author at once. Reported twice, it is once."""
    with transaction(lock=review):
        known = db.session.scalars(select(Flag).where(Flag.review_id == review.id, Flag.kind == REPORT)).first()
        if known is not None:
            return known
        return _raise(review.work, REPORT, person, words, now, review.id)


def appeal(work: Work, person: Person, words: str, now: datetime) -> Flag:
    """Ask for the trainer's own mark, with one sentence. Asked twice, it is asked once."""
    with transaction(lock=work):
        known = db.session.scalars(select(Flag).where(Flag.work_id == work.id, Flag.kind == APPEAL)).first()
        if known is not None:
            return known
        return _raise(work, APPEAL, person, words, now)


def _raise(work: Work, kind: str, person: Person, words: str, now: datetime, review_id: int | None = None) -> Flag:
    flag = Flag(
        round_id=work.round_id,
        work_id=work.id,
        review_id=review_id,
        kind=kind,
        person_id=person.id,
        words=words.strip(),
        raised_at=now,
    )
    db.session.add(flag)
    services_notices.tell_team(work.round, kind, now)
    return flag


def answer_flag(flag: Flag, answer: str, upheld: bool, by: Person, now: datetime) -> None:
    """Settle a report or an appeal, once. A report that is upheld sets the review aside; its reviewer is told why.

    A trainer knows both sides: the author reads the answer without the names of those who reviewed their work.
    """
    with transaction(lock=flag.round):
        db.session.refresh(flag)
        if flag.answered_at is not None:
            return
        said = masked(answer.strip(), reviewers_of(flag.work))
        flag.answered_at, flag.answered_by_id, flag.answer, flag.upheld = now, by.id, said, upheld
        if flag.kind == REPORT and upheld and flag.review is not None:
            set_aside(flag.review, answer, by, now)
        services_notices.tell_answered(flag.round, db.session.get_one(Person, flag.person_id), flag.answer, now)


def set_aside(review: Review, reason: str, by: Person, now: datetime) -> None:
    """Leave a review out: it weighs nothing, and is not read. Raises ReviewNotThere.

    Its reviewer reads why, without a name of the other side, and so does the trainer of a guest.
    """
    found = review.round
    with transaction(lock=found):
        db.session.refresh(review)
        if not move_review(review, ReviewAct.SET_ASIDE):
            return
        about = {"work_id": review.work_id, "reviewer_id": review.reviewer_id}
        said = masked(reason.strip(), reviewers_of(review.work) + hidden_in(review.work.submission, found.is_named))
        note(found, str(ReviewAct.SET_ASIDE), now, "trainer", by_id=by.id, words=said[:300], **about)
        audit.record("set_review_aside", review, actor_id=by.id, now=now)
        services_notices.tell_set_aside(found, review.reviewer, said, now)
        db.session.flush()
        mend(found, now)
        services_estimates.keep(read_world(found), now)


def close_if_over(found: Round, now: datetime) -> None:
    """Close a round a week after its release: what was said stays readable."""
    if found.state == RoundState.RESPONDING and found.released_at + rules.CLOSES_AFTER <= now:
        with transaction(lock=found):
            db.session.refresh(found)
            move(found, RoundAct.CLOSE, now)


def last_act(review_rows: list[Review]) -> datetime | None:
    """Return when somebody last did something in a round."""
    moments = [one for row in review_rows for one in (row.revealed_at, row.saved_at, row.submitted_at) if one]
    return max(moments, default=None)
