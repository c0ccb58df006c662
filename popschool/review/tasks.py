"""Jobs of rounds: they begin, repair themselves, remind kindly, share what is missing, and end."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from popschool import clock, jobs
from popschool.db import db, transaction
from popschool.review import services_copies, services_notices, services_pieces, services_plan, services_release
from popschool.review.models import Reviewer, Round
from popschool.review.rules import NotEnoughPeople, is_stalled
from popschool.review.rules_repair import is_absent, may_remind, milestones
from popschool.review.rules_states import OPENED, TAKES_REVIEWS, ReviewState, RoundState
from popschool.review.services_moves import note
from popschool.review.services_world import ABSENT, ACTIVE, World, read_world

LAST_CALL = timedelta(hours=12)
BETWEEN_REMINDERS = timedelta(hours=6)
WAITING = OPENED | {ReviewState.PLANNED}
log = structlog.get_logger(__name__)


def run_rounds() -> None:
    """Let every round follow the clock. A round that fails does not stop the others."""
    now = clock.now()
    moving = [*TAKES_REVIEWS, RoundState.OPEN, RoundState.RESPONDING]
    rounds = db.session.scalars(select(Round).where(Round.state.in_(moving)).order_by(Round.id)).all()
    for found in jobs.stoppable(rounds):
        try:
            run_round(found, now)
        except Exception:
            db.session.rollback()
            log.error("round stopped", round=found.id, exc_info=True)


def make_copies(submission_id: int) -> None:
    """Make what reviewers are given of a work: files without their author, lines of code."""
    services_copies.make(submission_id, clock.now())


def run_round(found: Round, now: datetime) -> None:
    """Do what is due in one round. Again, it does nothing."""
    if found.state == RoundState.OPEN and found.starts_at <= now:
        try:
            services_plan.start(found, now)
        except NotEnoughPeople:
            with transaction(lock=found):
                services_notices.tell_team(found, "stuck", now)
    elif found.state in TAKES_REVIEWS and found.ends_at <= now:
        services_release.moderate(found, now)
    elif found.state in TAKES_REVIEWS:
        _look_after(found, now)
    services_release.close_if_over(found, now)


def _look_after(found: Round, now: datetime) -> None:
    moments = milestones(found.starts_at, found.ends_at)
    with transaction(lock=found):
        db.session.refresh(found)
        world, pieces = read_world(found), services_pieces.touched_at(found)
        for reviewer in world.reviewers:
            if reviewer.state == ACTIVE and _lefts(world, reviewer):
                _notice(world, reviewer, moments, now, pieces.get(reviewer.id))
        db.session.flush()
    services_plan.mend(found, now)
    if now >= moments.top_up_at and found.state == RoundState.REVIEWING:
        services_release.top_up(found, now)


def _lefts(world: World, reviewer: Reviewer) -> int:
    return sum(review.state in WAITING for review in world.reviews_by(reviewer))


def _notice(world: World, reviewer: Reviewer, moments, now: datetime, read_piece_at: datetime | None) -> None:
    """Remind somebody with reviews left, three times at most; see that they are away. In a transaction."""
    found, own = world.round, world.reviews_by(reviewer)
    acts = [one for one in (services_release.last_act(own), read_piece_at) if one is not None]
    last = max(acts, default=None)
    was_reminded = reviewer.reminders > 0
    has_stopped = was_reminded and is_stalled(last or found.starts_at, found.starts_at, found.ends_at, now)
    if has_stopped or is_absent(last, found.starts_at, found.ends_at, was_reminded, now):
        reviewer.state = ABSENT
        note(found, ABSENT, now, reviewer_id=reviewer.id)
        return
    half_at = found.starts_at + (found.ends_at - found.starts_at) / 2
    due = [half_at, moments.top_up_at, found.ends_at - LAST_CALL]
    reached = sum(moment <= now for moment in sorted(due))
    rested = reviewer.reminded_at is None or reviewer.reminded_at + BETWEEN_REMINDERS <= now
    if reviewer.reminders < reached and rested and may_remind(reviewer.reminders):
        reviewer.reminders += 1
        reviewer.reminded_at = now
        services_notices.tell_reminder(found, reviewer, _lefts(world, reviewer), now)
        note(found, "reminded", now, reviewer_id=reviewer.id)


jobs.recur("review rounds", "popschool.review.tasks:run_rounds", every=timedelta(minutes=10))
