"""Half-days followed at a distance, each at their own time: the work that was sent says that they were.

Connection times prove nothing: what counts is the estimated time of an activity that is done. Source: the reference of
funders' documents, 2.1 and 3.4.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from popschool import audit
from popschool.attendance import ledger, rules, services_reading, summaries
from popschool.attendance.models import DistanceActivity, HalfDay
from popschool.attendance.rules import Half, Kind, Mark
from popschool.courses.models import ProjectVersion, Revision
from popschool.db import db, transaction
from popschool.projects.models import Assignment, Submission, SubmissionOwner
from popschool.projects.services_assignments import last_version_at
from popschool.schools.models import Cohort


def activities_for(half_day: HalfDay) -> list[tuple[int, str]]:
    """Return the projects set to the cohort of a half-day: (assignment, title), in order. One query."""
    rows = db.session.execute(
        select(Assignment.id, ProjectVersion.title)
        .select_from(Assignment)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .join(ProjectVersion, last_version_at(Assignment.project_id, Revision.number))
        .where(Assignment.cohort_id == half_day.cohort_id, Assignment.withdrawn_at.is_(None))
        .order_by(ProjectVersion.position, Assignment.id)
    )
    return [(assignment_id, title) for assignment_id, title in rows]


def set_activity(half_day: HalfDay, activity: tuple[int, str] | None, actor_id: int, now: datetime) -> None:
    """Say by which work a half-day is followed at a distance; None: it is held live again.

    Raises HalfDayOpened or HalfDayCancelled: its list is frozen, and people may have signed.
    """
    with transaction(lock=f"half-day/{half_day.id}"):
        db.session.refresh(half_day)
        if half_day.cancelled_at is not None:
            raise rules.HalfDayCancelled(half_day.cancel_reason)
        if half_day.opened_at is not None:
            raise rules.HalfDayOpened(half_day.on, Half(half_day.half))
        kept = db.session.get(DistanceActivity, half_day.id)
        if kept is not None:
            db.session.delete(kept)
            db.session.flush()
        if activity is not None:
            assignment_id, title = activity
            db.session.add(
                DistanceActivity(
                    half_day_id=half_day.id, assignment_id=assignment_id, title=title, set_by_id=actor_id, set_at=now
                )
            )
        facts: dict[str, Any] = {"assignment": activity[0] if activity else None}
        audit.record("set_activity", half_day, actor_id=actor_id, now=now, **facts)
    db.session.expire(half_day, ["activity"])


def count_work(half_day: HalfDay, now: datetime) -> int:
    """Enter in the ledger the work that people sent for a half-day at a distance; again, nothing. Returns how many.

    The act is the person's own, at the moment at which they sent it: the entry names the version sent.
    """
    if half_day.activity is None or half_day.opened_at is None:
        return 0
    with transaction(lock=ledger.chain_name(half_day.cohort_id)):
        [listed] = services_reading.lists_of([half_day])
        waiting = {line.person.id: line.person for line in listed.waiting if line.mark is None}
        sent = _first_sent(half_day.activity.assignment_id, list(waiting))
        for person_id, (submission_id, at) in sent.items():
            ledger.append(
                half_day,
                ledger.Line(
                    kind=Kind.MARK,
                    person_id=person_id,
                    by_id=person_id,
                    role="learner",
                    at=at,
                    received_at=now,
                    facts={"mark": str(Mark.DONE), "submission": submission_id},
                    content={"name": waiting[person_id].name},
                ),
            )
        if sent:
            summaries.refresh([half_day], list(sent))
    return len(sent)


def _first_sent(assignment_id: int, people: list[int]) -> dict[int, tuple[int, datetime]]:
    """Return the first version that each of these people sent of a project, and when."""
    first = (
        select(SubmissionOwner.person_id, func.min(Submission.id).label("submission_id"))
        .join(Submission, Submission.id == SubmissionOwner.submission_id)
        .where(Submission.assignment_id == assignment_id, SubmissionOwner.person_id.in_(people))
        .group_by(SubmissionOwner.person_id)
        .subquery()
    )
    rows = db.session.execute(
        select(first.c.person_id, Submission.id, Submission.submitted_at)
        .join(first, first.c.submission_id == Submission.id)
        .order_by(Submission.id)
    )
    return {person_id: (submission_id, at) for person_id, submission_id, at in rows}
