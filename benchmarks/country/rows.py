"""Whom a day of the country asks for, and what was kept of it; each called in a process of its own by `__main__`."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select, text

from benchmarks.country import plan
from benchmarks.country.acts import content_of
from benchmarks.meter import postmaster_of
from popschool import clock, storage
from popschool.attendance import signing_links
from popschool.attendance.models import Entry, HalfDay, HalfDayTrainer
from popschool.auth.guards import PROVED_AT
from popschool.auth.models import Account, RoleGrant
from popschool.auth.rules import Role
from popschool.completion.models_papers import Document, DocumentSource, holds
from popschool.completion.services_facts import FUNDER
from popschool.db import db
from popschool.grading.models import Feedback
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionFile, SubmissionState
from popschool.projects.models_help import HelpRequest
from popschool.schools.models import Cohort, Enrolment, School

TYPED = {"text", "files"}
IN_ONE_STATEMENT = 5_000


def next_day(after: date) -> date:
    """Return the first day after one of which no morning was opened yet, nor any later one."""
    mornings = HalfDay.half == "am"
    opened = select(func.max(HalfDay.on)).where(mornings, HalfDay.opened_at.is_not(None))
    last = db.session.scalar(opened) or after
    found = db.session.scalar(select(func.min(HalfDay.on)).where(mornings, HalfDay.on > max(after, last)))
    if found is None:
        raise SystemExit("every day of this database was lived: make another with `popschool demo`")
    return found


def schools_of(day: date, share: float) -> list[plan.School]:
    """Return the schools of a share of the country, with what their cohorts have to do on that day."""
    managers = _managers()
    asked = select(Cohort.school_id).where(Cohort.starts_on <= day, Cohort.ends_on >= day).distinct()
    ids = plan.shared(sorted(set(db.session.scalars(asked)) & managers.keys()), share, day.toordinal())
    cohorts = list(
        db.session.execute(
            select(Cohort.id, Cohort.school_id, HalfDay.id, func.min(HalfDayTrainer.person_id))
            .join(HalfDay, HalfDay.cohort_id == Cohort.id)
            .join(HalfDayTrainer, HalfDayTrainer.half_day_id == HalfDay.id)
            .where(Cohort.school_id.in_(ids), HalfDay.on == day, HalfDay.half == "am", HalfDay.opened_at.is_(None))
            .group_by(Cohort.id, Cohort.school_id, HalfDay.id)
            .order_by(Cohort.id)
        )
    )
    groups = [one[0] for one in cohorts]
    learners, works, waiting = _learners(groups, day), _works(groups, day), _waiting(groups)
    found: dict[int, list[plan.Group]] = {}
    for cohort_id, school_id, half_day, trainer in cohorts:
        work = works.get(cohort_id, {})
        group = plan.Group(
            cohort_id, half_day, trainer, learners.get(cohort_id, ()), **work, waiting=waiting.get(cohort_id, ())
        )
        found.setdefault(school_id, []).append(group)
    return [plan.School(school_id, managers[school_id], tuple(groups)) for school_id, groups in found.items()]


def _managers() -> dict[int, int]:
    asked = select(RoleGrant.school_id, func.min(RoleGrant.person_id)).where(
        RoleGrant.role == Role.SCHOOL_MANAGER, RoleGrant.ended_at.is_(None), RoleGrant.school_id.is_not(None)
    )
    return {school: person for school, person in db.session.execute(asked.group_by(RoleGrant.school_id))}


def _learners(cohorts: list[int], day: date) -> dict[int, tuple[int, ...]]:
    asked = select(Enrolment.cohort_id, Enrolment.person_id).where(
        Enrolment.cohort_id.in_(cohorts), Enrolment.starts_on <= day, Enrolment.ends_on >= day
    )
    return _gathered(asked.where(Enrolment.left_on.is_(None)).order_by(Enrolment.person_id))


def _waiting(cohorts: list[int]) -> dict[int, tuple[int, ...]]:
    asked = select(SubmissionState.cohort_id, SubmissionState.submission_id).where(
        SubmissionState.cohort_id.in_(cohorts), SubmissionState.is_waiting
    )
    return _gathered(asked.order_by(SubmissionState.submitted_at, SubmissionState.submission_id))


def _gathered(asked: Any) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for key, value in db.session.execute(asked):
        found[key] = (*found.get(key, ()), value)
    return found


def _works(cohorts: list[int], day: date) -> dict[int, dict[str, Any]]:
    """Return an assignment of each cohort with a deliverable that is typed or chosen on a page.

    Those done alone come first, then those that are due first: a team may not be formed yet.
    """
    evening = datetime.combine(day, time(16, 30), clock.PARIS)
    asked = (
        select(Assignment, Deliverable)
        .join(Deliverable, Deliverable.assignment_id == Assignment.id)
        .where(Assignment.cohort_id.in_(cohorts), Assignment.opens_at < evening, Assignment.closes_at > evening)
        .order_by(Assignment.work != "alone", Assignment.due_at < evening, Assignment.due_at, Deliverable.position)
    )
    found: dict[int, dict[str, Any]] = {}
    for assignment, deliverable in db.session.execute(asked):
        if assignment.cohort_id in found or not _is_typed(deliverable):
            continue
        asks = tuple(one for one in deliverable.asks if one in TYPED)
        found[assignment.cohort_id] = {"assignment": assignment.id, "deliverable": deliverable.id, "asks": asks}
    return found


def _is_typed(deliverable: Deliverable) -> bool:
    asks = set(deliverable.asks)
    return bool(asks & TYPED) if deliverable.either else asks <= TYPED


def network_manager() -> int | None:
    asked = select(func.min(RoleGrant.person_id)).where(RoleGrant.role == Role.NETWORK_MANAGER)
    return db.session.scalar(asked.where(RoleGrant.ended_at.is_(None)))


def people_of(schools: Iterable[plan.School], network: int | None) -> set[int]:
    """Return everybody who does something on that day."""
    found = {network} if network is not None else set()
    for school in schools:
        found |= {school.manager}
        for group in school.groups:
            found |= {group.trainer, *group.learners}
    return found


def sessions(app: Any, people: Iterable[int], proved_at: datetime) -> dict[int, tuple[str, str]]:
    """Return a session that begins now for each person, as the name and value of its cookie: no password is asked.

    `proved_at` is when they last proved who they are, for the exports of the evening.
    """
    signer, name = app.session_interface.get_signing_serializer(app), app.config["SESSION_COOKIE_NAME"]
    began, proved = int(clock.now().timestamp()), int(proved_at.timestamp())
    found, ids = {}, sorted(people)
    for start in range(0, len(ids), IN_ONE_STATEMENT):
        asked = select(Account.person_id, Account.session_token)
        asked = asked.where(Account.person_id.in_(ids[start : start + IN_ONE_STATEMENT]))
        for person_id, token in db.session.execute(asked):
            kept = {"_user_id": f"{person_id}:{token}", "_fresh": True, "began": began, PROVED_AT: proved}
            found[person_id] = (name, signer.dumps(kept))
    return found


def links(schools: Iterable[plan.School]) -> dict[int, str]:
    """Return the link by which each learner signs the half-day of their cohort."""
    return {
        person: signing_links.path_of(group.half_day, person)
        for school in schools
        for group in school.groups
        for person in group.learners
    }


def found(day: date, name: str) -> dict[str, dict[str, int]]:
    """Return what was kept of a run: how often each thing is there, by kind; `name` is in all that was written."""
    like = f"%{name} %"
    signed = select(HalfDay.id, Entry.person_id).join(Entry, Entry.half_day_id == HalfDay.id)
    signed = signed.where(HalfDay.on == day, HalfDay.half == "am", Entry.kind == "signature")
    opened = select(HalfDay.id).where(HalfDay.on == day, HalfDay.half == "am", HalfDay.opened_at.is_not(None))
    works = list(db.session.execute(select(Submission.id, Submission.note).where(Submission.note.like(like))))
    said = dict(works)  # the words, by work
    files = select(SubmissionFile.submission_id, SubmissionFile.hash).where(SubmissionFile.submission_id.in_(said))
    answers = select(Feedback.comment).where(Feedback.comment.like(like), Feedback.undone_at.is_(None))
    kept = {
        "opened": [str(one) for one in db.session.scalars(opened)],
        "signature": [f"{half_day}/{person}" for half_day, person in db.session.execute(signed)],
        "work": list(said.values()),
        "file": [said[one] for one, file in db.session.execute(files) if _is_whole(file, said[one])],
        "answer": list(db.session.scalars(answers)),
        "request": list(db.session.scalars(select(HelpRequest.words).where(HelpRequest.words.like(like)))),
        "statement": _statements(datetime.combine(day, time(0), clock.PARIS)),
    }
    return {kind: dict(Counter(names)) for kind, names in kept.items()}


def _statements(since: datetime) -> list[str]:
    """Return the monthly statements issued since then; twice when another of that cohort, month and funder holds."""
    of_funder = (DocumentSource.document_id == Document.id) & (DocumentSource.subject == FUNDER)
    asked = select(Document.id, Document.cohort_id, Document.starts_on, DocumentSource.subject_id)
    asked = asked.outerjoin(DocumentSource, of_funder).where(Document.kind == "month", holds())
    found: dict[tuple, list[int]] = {}
    for number, *of in db.session.execute(asked):
        found.setdefault(tuple(of), []).append(number)
    new = set(db.session.scalars(select(Document.id).where(Document.issued_at >= since)))
    return [str(one) for numbers in found.values() for one in numbers if one in new for _time in numbers]


def _is_whole(file: str, words: str) -> bool:
    content = content_of(words)
    return file == hashlib.sha256(content).hexdigest() and storage.read(file) == content


def size() -> dict[str, Any]:
    """Return how large the country is, and the process that its database started from, when it is of this machine."""
    counted = {
        "schools": db.session.scalar(select(func.count()).select_from(School)),
        "learners": db.session.scalar(select(func.count(Enrolment.person_id.distinct()))),
    }
    if db.engine.dialect.name == "postgresql":
        counted["gigabytes"] = round(db.session.scalar(text("SELECT pg_database_size(current_database())")) / 1e9, 1)
        counted["postmaster"] = postmaster_of(db.session.scalar(text("SELECT pg_backend_pid()")))
    return counted
