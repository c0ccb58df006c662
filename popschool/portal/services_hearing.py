"""What happens, heard where it is written: when a fact that programs may be told is added, they are told after it.

A fact is heard in its own transaction, and costs one question more when nobody wants to know. What is told is read
later, by a job: a slow or absent program never makes anybody wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event as listening
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from popschool import jobs
from popschool.attendance.models import HalfDay
from popschool.attendance.models_sheets import Sheet
from popschool.completion.models_papers import Document, DocumentAct
from popschool.db import db
from popschool.grading.models import Award, Feedback
from popschool.grading.rules import UNDO
from popschool.portal import services_webhooks
from popschool.portal.api_fields import plain
from popschool.portal.api_resources import AWARDS, DOCUMENTS, ENROLMENTS, HALF_DAYS, SUBMISSIONS, Resource, read_one
from popschool.portal.models import Hook
from popschool.portal.rules_webhooks import Event
from popschool.projects.models import Submission
from popschool.schools.models import Enrolment

SPREAD, HEARD = "popschool.portal.tasks:spread", "facts_heard"
DAYS_LOOKED_BACK = 7


@dataclass(frozen=True)
class Told:
    """What is told of a fact: where, when it happened, and its content."""

    school_id: int
    at: datetime
    data: dict[str, Any]


def heard_in(fact: Any) -> Event | None:
    """Return what was just added, when programs may be told of it."""
    if isinstance(fact, DocumentAct):
        return Event.REVOKED if fact.what == "revoked" else None
    kinds = {
        Submission: Event.SUBMISSION, Feedback: Event.FEEDBACK, Award: Event.AWARD, Sheet: Event.WEEK,
        Document: Event.DOCUMENT,
    }  # fmt: skip
    return kinds.get(type(fact))


@listening.listens_for(db.session, "after_flush")
def _hear(session: Session, _context: Any) -> None:
    """Note what this flush writes; `_tell` asks for the rest."""
    noted = session.info.setdefault(HEARD, [])
    for fact in session.new:
        if (heard := heard_in(fact)) is not None:
            noted.append((heard, fact))
    for fact in session.dirty:
        if isinstance(fact, HalfDay) and inspect(fact).attrs.countersigned_at.history.added:
            noted.append((Event.HALF_DAY, fact))


@listening.listens_for(db.session, "before_commit")
def _tell(session: Session) -> None:
    """Ask for what was heard to be told, in the transaction of the fact itself."""
    if session.new or session.dirty:
        session.flush()
    wanted: dict[tuple[int, Event], bool] = {}
    for heard, fact in session.info.pop(HEARD, ()):
        school_id = fact.school_id if heard is not Event.REVOKED else _school_of(fact)
        key = (school_id, heard)
        if key not in wanted:
            wanted[key] = services_webhooks.is_heard(school_id, heard)
        if wanted[key]:
            jobs.enqueue(SPREAD, run_at=_when(heard, fact), event=str(heard), subject_id=fact.id)


@listening.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(HEARD, None)


def _school_of(act: DocumentAct) -> int:
    return db.session.scalar(select(Document.school_id).where(Document.id == act.document_id))


def _when(heard: Event, fact: Any) -> datetime | None:
    """Return when to tell: an answer can be undone for ten minutes, and is told once it holds."""
    if heard is Event.FEEDBACK:
        return fact.sent_at + UNDO
    return fact.awarded_at + UNDO if heard is Event.AWARD else None


def told_of(event: Event, subject_id: int) -> Told | None:
    """Return what is told of a fact; None when it does not hold any more."""
    if event is Event.FEEDBACK:
        return _feedback(subject_id)
    if event is Event.WEEK:
        return _week(subject_id)
    if event is Event.REVOKED:
        act = db.session.get_one(DocumentAct, subject_id)
        return _told(DOCUMENTS, act.document_id, act.at)
    moments = {
        Event.SUBMISSION: (SUBMISSIONS, Submission.submitted_at),
        Event.AWARD: (AWARDS, Award.awarded_at),
        Event.HALF_DAY: (HALF_DAYS, HalfDay.countersigned_at),
        Event.DOCUMENT: (DOCUMENTS, Document.issued_at),
    }
    resource, moment = moments[event]
    return _told(resource, subject_id, db.session.scalar(select(moment).where(moment.class_.id == subject_id)))


def _told(resource: Resource, subject_id: int, at: datetime | None) -> Told | None:
    """Return one thing as the API has it. An award whose feedback was undone is not there."""
    found = read_one(resource, subject_id)
    if found is None or at is None:
        return None
    line, place = found
    return Told(min(place.schools), at, line)


def _feedback(subject_id: int) -> Told | None:
    feedback = db.session.get_one(Feedback, subject_id)
    if feedback.undone_at is not None:
        return None
    found = _told(SUBMISSIONS, feedback.submission_id, feedback.sent_at)
    said = {"feedback_id": feedback.id, "decision": feedback.decision, "sent_at": plain(feedback.sent_at)}
    return Told(feedback.school_id, feedback.sent_at, said | {"submission": found.data}) if found else None


def _week(subject_id: int) -> Told:
    sheet = db.session.get_one(Sheet, subject_id)
    names = ("id", "school_id", "cohort_id", "number", "monday", "version", "hash", "closed_at")
    return Told(sheet.school_id, sheet.closed_at, {name: plain(getattr(sheet, name)) for name in names})


def enrolments_of_the_day(now: datetime) -> list[tuple[Event, int, Told]]:
    """Return the places that began or ended in the last days, in the schools where somebody is told of it.

    A place begins and ends with the days, without anything being written: they are looked for each morning.
    """
    hooks = db.session.scalars(select(Hook).where(Hook.ended_at.is_(None), Hook.stopped_at.is_(None))).all()
    schools = {hook.school_id for hook in hooks if {Event.BEGUN, Event.ENDED} & set(hook.events)}
    today, found = now.date(), []
    first = today - timedelta(days=DAYS_LOOKED_BACK)
    last_day = db.func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    rows = db.session.scalars(
        select(Enrolment).where(
            Enrolment.school_id.in_(schools),
            last_day >= Enrolment.starts_on,
            Enrolment.starts_on.between(first, today) | last_day.between(first, today - timedelta(days=1)),
        )
    )
    for enrolment in rows:
        line, place = read_one(ENROLMENTS, enrolment.id)
        told = Told(min(place.schools), now, line)
        if first <= enrolment.starts_on <= today:
            found.append((Event.BEGUN, enrolment.id, told))
        if first <= enrolment.last_day < today:
            found.append((Event.ENDED, enrolment.id, told))
    return found
