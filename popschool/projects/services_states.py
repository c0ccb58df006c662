"""Where each submission stands: waiting for an answer, validated or to complete. One row each, beside the facts."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, case, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from popschool.db import db, transaction
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Submission,
    SubmissionOwner,
    SubmissionState,
    VersionChoice,
)


def mark_sent(submission: Submission) -> SubmissionState:
    """Put a new submission, its owners already there, in the queue, in the place of the versions that it replaces."""
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
        refresh_waiting(submission)
    return state


def mark_answered(submission: Submission, decision: str, now: datetime, feedback_id: int) -> None:
    """Say that this feedback is the one that holds for the submission."""
    with transaction():
        state = db.session.get_one(SubmissionState, submission.id)
        state.decision, state.decided_at, state.feedback_id = decision, now, feedback_id
        state.is_waiting = False


def mark_unanswered(submission: Submission) -> None:
    """Say that no feedback holds any more: back in the queue, when somebody still counts on this version."""
    with transaction():
        state = db.session.get_one(SubmissionState, submission.id)
        state.decision, state.decided_at, state.feedback_id = "", None, None
        db.session.flush()
        refresh_waiting(submission)


def refresh_waiting(submission: Submission) -> None:
    """Let what waits be the versions without an answer that count for one of their owners. In a transaction.

    A version stays in the queue as long as one of its owners has sent nothing since, here or in a cohort that they
    moved to: somebody waits for it. It leaves when they choose another one, and comes back when they choose it.
    """
    key, project_id = db.session.execute(
        select(Deliverable.key, Assignment.project_id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Deliverable.id == submission.deliverable_id)
    ).one()
    # Few people and versions, read first: in one statement PostgreSQL takes every cohort that the project is set to.
    is_same = answers_to(project_id, key)
    mine = _ids(SubmissionOwner.person_id, SubmissionOwner.submission_id == submission.id)
    touched = _ids(SubmissionOwner.submission_id, SubmissionOwner.person_id.in_(mine) & is_same)
    concerned = _ids(SubmissionOwner.person_id, SubmissionOwner.submission_id.in_(touched))
    counts = counting(SubmissionOwner.person_id.in_(concerned) & is_same)
    later = counts.alias()
    is_passed = exists().where(later.c.person_id == counts.c.person_id, later.c.last_sent_at > counts.c.last_sent_at)
    is_counted = SubmissionState.submission_id.in_(select(counts.c.submission_id).where(~is_passed))
    db.session.execute(
        update(SubmissionState)
        .where(SubmissionState.submission_id.in_(touched), SubmissionState.decision == "")
        .values(is_waiting=case((is_counted, True), else_=False))
        .execution_options(synchronize_session="fetch")
    )


def _ids(column: InstrumentedAttribute[int], given: ColumnElement[bool]) -> list[int]:
    return sorted(db.session.scalars(select(column).where(given).distinct()))


def counting(given: ColumnElement[bool]) -> Subquery:
    """Return the version that counts for each person and deliverable: the one chosen last, unless a newer was sent.

    Columns: person_id, deliverable_id, submission_id, versions (how many there are), last_sent_at. `given` says which
    owners and submissions.
    """
    last = (
        select(
            SubmissionOwner.person_id,
            SubmissionOwner.deliverable_id,
            func.max(SubmissionOwner.submission_id).label("submission_id"),
            func.count().label("versions"),
        )
        .join(Submission, Submission.id == SubmissionOwner.submission_id)
        .where(given)
        .group_by(SubmissionOwner.person_id, SubmissionOwner.deliverable_id)
        .subquery()
    )
    sent = aliased(Submission)
    choice, other = aliased(VersionChoice), aliased(VersionChoice)
    newest = (
        select(func.max(other.id))
        .where(other.person_id == last.c.person_id, other.deliverable_id == last.c.deliverable_id)
        .correlate(last)
        .scalar_subquery()
    )
    counted = case((choice.chosen_at >= sent.submitted_at, choice.submission_id), else_=last.c.submission_id)
    return (
        select(
            last.c.person_id,
            last.c.deliverable_id,
            counted.label("submission_id"),
            last.c.versions,
            sent.submitted_at.label("last_sent_at"),
        )
        .join(sent, sent.id == last.c.submission_id)
        .outerjoin(choice, choice.id == newest)
        .subquery()
    )


def sent_elsewhere(is_read: Callable[[type[Assignment]], ColumnElement[bool]]) -> Select:
    """Return a query for what people sent in another cohort, for the same deliverable of the same project.

    The version that counted there follows them, validated, to complete or still waiting for its answer: it counts
    wherever the project is set to them again, until they send something there. Columns: person_id, assignment_id and
    deliverable_id (those of here), submission_id (the last one there). It asks for `people`; `is_read` says which
    assignments are those of here.
    """
    counted = counting(SubmissionOwner.person_id.in_(bindparam("people", expanding=True)))
    there, here = aliased(Deliverable), aliased(Deliverable)
    was_set, is_set = aliased(Assignment), aliased(Assignment)
    return (
        select(
            counted.c.person_id,
            here.assignment_id,
            here.id.label("deliverable_id"),
            func.max(counted.c.submission_id).label("submission_id"),
        )
        .select_from(counted)
        .join(there, there.id == counted.c.deliverable_id)
        .join(was_set, was_set.id == there.assignment_id)
        .join(is_set, (is_set.project_id == was_set.project_id) & (is_set.id != was_set.id))
        .join(here, (here.assignment_id == is_set.id) & (here.key == there.key))
        .where(is_read(is_set), is_set.withdrawn_at.is_(None), here.retired_at.is_(None))
        .group_by(counted.c.person_id, here.assignment_id, here.id)
    )


def answers_to(project_id: ColumnElement[int] | int, key: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Say, in SQL, that a submission's owner answers what a project asks under this key, in any cohort."""
    return (
        select(Deliverable.id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(
            Deliverable.id == SubmissionOwner.deliverable_id,
            Deliverable.key == key,
            Assignment.project_id == project_id,
        )
        .correlate(SubmissionOwner)
        .exists()
    )


def version_that_counts(deliverable_id: int, person_id: int) -> int | None:
    """Return the submission that counts for a person, None when they have sent nothing. One query."""
    found = counting((SubmissionOwner.person_id == person_id) & (SubmissionOwner.deliverable_id == deliverable_id))
    return db.session.scalar(select(found.c.submission_id))
