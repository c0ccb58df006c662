"""What courses said at the revision that a cohort or a piece of work was read at, and which awards hold."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from popschool.grading.models import Award
from popschool.projects.models import SubmissionState
from popschool.projects.services_assignments import last_version_at


def holds_at(version: Any, number: Any) -> ColumnElement[bool]:
    """Say, in SQL, that a version's row holds at a revision's number."""
    return (version.since <= number) & or_(version.until.is_(None), version.until >= number)


def project_at(project_id: Any, number: Any) -> ColumnElement[bool]:
    """Say, in SQL, that a row of ProjectVersion is this project at a revision's number, or the last one before it."""
    return last_version_at(project_id, number)


def award_holds() -> ColumnElement[bool]:
    """Say, in SQL, that an award stands: its feedback is the one that holds for its submission, not undone or replaced.

    On the primary key of SubmissionState, and without a join.
    """
    return Award.feedback_id == (
        select(SubmissionState.feedback_id)
        .where(SubmissionState.submission_id == Award.submission_id)
        .correlate(Award)
        .scalar_subquery()
    )
