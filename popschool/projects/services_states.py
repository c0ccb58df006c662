"""Where each submission stands: waiting for an answer, validated or to complete. One row each, beside the facts."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from popschool.db import db, transaction
from popschool.projects.models import Submission, SubmissionOwner, SubmissionState


def mark_sent(submission: Submission) -> SubmissionState:
    """Put a new submission, its owners already there, in the queue, in the place of the versions that it replaces.

    An earlier version stays in the queue as long as one of its owners has sent nothing since: somebody waits for it.
    """
    with transaction():
        state = SubmissionState(
            submission_id=submission.id,
            school_id=submission.school_id,
            cohort_id=submission.cohort_id,
            assignment_id=submission.assignment_id,
            submitted_at=submission.submitted_at,
            is_waiting=True,
        )
        db.session.add(state)
        db.session.flush()
        replaced = [number for number in _waiting_beside(submission) if is_replaced(number)]
        if replaced:
            db.session.execute(
                update(SubmissionState).where(SubmissionState.submission_id.in_(replaced)).values(is_waiting=False)
            )
    return state


def mark_answered(submission: Submission, decision: str, now: datetime, feedback_id: int) -> None:
    """Say that this feedback is the one that holds for the submission."""
    with transaction():
        state = db.session.get_one(SubmissionState, submission.id)
        state.decision, state.decided_at, state.feedback_id = decision, now, feedback_id
        state.is_waiting = False


def mark_unanswered(submission: Submission, now: datetime) -> None:
    """Say that no feedback holds any more: back in the queue, unless its owners have all sent something since."""
    with transaction():
        state = db.session.get_one(SubmissionState, submission.id)
        state.decision, state.decided_at, state.feedback_id = "", None, None
        state.is_waiting = not is_replaced(submission.id)


def is_replaced(submission_id: int) -> bool:
    """Say whether each of its owners has sent a later version of the same deliverable."""
    mine, later = aliased(SubmissionOwner), aliased(SubmissionOwner)
    has_later = (
        select(later.person_id)
        .where(
            later.person_id == mine.person_id,
            later.deliverable_id == mine.deliverable_id,
            later.submission_id > mine.submission_id,
        )
        .exists()
    )
    still_last = select(mine.person_id).where(mine.submission_id == submission_id, ~has_later).limit(1)
    return db.session.scalar(still_last) is None


def _waiting_beside(submission: Submission) -> list[int]:
    """Return the other submissions in the queue that share an owner and the deliverable with this one."""
    mine, theirs = aliased(SubmissionOwner), aliased(SubmissionOwner)
    found = (
        select(theirs.submission_id)
        .distinct()
        .join(mine, (mine.person_id == theirs.person_id) & (mine.deliverable_id == theirs.deliverable_id))
        .join(SubmissionState, SubmissionState.submission_id == theirs.submission_id)
        .where(
            mine.submission_id == submission.id,
            theirs.submission_id != submission.id,
            SubmissionState.is_waiting,
        )
    )
    return list(db.session.scalars(found))
