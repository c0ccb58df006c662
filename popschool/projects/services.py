"""What people do with work: hand it in, and choose the version that counts."""

import secrets
from collections.abc import Callable
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from popschool import clock
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.projects import rules, rules_teams
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Submission,
    SubmissionFile,
    SubmissionOwner,
    Team,
    TeamMember,
    VersionChoice,
)
from popschool.projects.services_drafts import Upload, check_draft, draft_of, save_draft
from popschool.projects.services_states import answers_to, mark_sent, refresh_waiting, version_that_counts
from popschool.projects.services_windows import own_window
from popschool.schools.cohorts import check_open
from popschool.schools.models import Cohort, Enrolment, Person

# What features below do once work is sent, in the same transaction. They add themselves.
AFTER_SENT: list[Callable[[Submission, datetime], None]] = []

__all__ = [
    "AFTER_SENT",
    "Upload",
    "check_taken",
    "choose_version",
    "owners_now",
    "save_draft",
    "submit_work",
    "team_of",
]


def team_of(assignment: Assignment, person_id: int) -> Team | None:
    """Return the team this person is in, for an assignment."""
    return db.session.scalars(
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(
            TeamMember.assignment_id == assignment.id, TeamMember.person_id == person_id, TeamMember.left_at.is_(None)
        )
    ).first()


def owners_now(assignment: Assignment, person_id: int, now: datetime) -> tuple[list[int], str]:
    """Return who owns what this person sends now, and their team's name. Raises NotInTeam.

    A team is those of its members who are in the cohort today: whoever has left it owns no new work.
    """
    if assignment.work == "alone":
        return [person_id], ""
    today = clock.local_day(now)
    mine = select(TeamMember.team_id).where(
        TeamMember.assignment_id == assignment.id, TeamMember.person_id == person_id, TeamMember.left_at.is_(None)
    )
    is_here = (
        select(Enrolment.id)
        .where(
            Enrolment.person_id == TeamMember.person_id,
            Enrolment.cohort_id == assignment.cohort_id,
            Enrolment.starts_on <= today,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
        )
        .exists()
    )
    rows = db.session.execute(
        select(TeamMember.person_id, Team.name)
        .join(Team, Team.id == TeamMember.team_id)
        .where(Team.id.in_(mine), TeamMember.left_at.is_(None), or_(TeamMember.person_id == person_id, is_here))
        .order_by(TeamMember.person_id)
    ).all()
    if not rows:
        raise rules_teams.NotInTeam
    return [row.person_id for row in rows], rows[0].name


def check_taken(assignment: Assignment, person_id: int, now: datetime) -> tuple[rules.Timing, list[int], str]:
    """Return how work that a person sends now is timed, whose it is, and their team's name.

    Raises CohortArchived, AssignmentWithdrawn, NotOpenYet, DeliverableClosed or NotInTeam.
    """
    check_open(assignment.cohort)
    if assignment.withdrawn_at is not None:
        raise rules.AssignmentWithdrawn
    timing = rules.timing(own_window(assignment, person_id), now)
    return timing, *owners_now(assignment, person_id, now)


def submit_work(deliverable: Deliverable, learner: Person, now: datetime, key: str | None = None) -> Submission:
    """Send a draft as a new version; earlier versions stay. `key` names what was checked, None takes it as it is.

    Sent again, by a second click or from another page, it is the version that it already made. Raises DraftChanged,
    NothingToSend, NotOpenYet, DeliverableClosed, AssignmentWithdrawn, CohortArchived or NotInTeam.
    """
    assignment = deliverable.assignment
    with transaction(lock=assignment):
        sent = _made_from(key, deliverable, learner) if key is not None else None
        if sent is not None:
            return sent
        db.session.refresh(assignment)
        draft = draft_of(deliverable.id, learner.id)
        check_draft(deliverable, draft)
        if key is not None and draft.key != key:
            raise rules.DraftChanged
        timing, owners, team_name = check_taken(assignment, learner.id, now)
        submission = _version(deliverable, draft, owners)
        submission.submitted_by_id, submission.team_name = learner.id, team_name
        submission.submitted_at, submission.timing = now, str(timing)
        db.session.add(submission)
        db.session.flush()
        db.session.add_all(
            SubmissionOwner(submission_id=submission.id, person_id=one, deliverable_id=deliverable.id) for one in owners
        )
        db.session.add_all(
            SubmissionFile(submission_id=submission.id, position=position, **file)
            for position, file in enumerate(draft.files, 1)
        )
        db.session.delete(draft)
        db.session.flush()
        mark_sent(submission)
        _give_receipts(submission, deliverable, owners, now)
        for act in AFTER_SENT:
            act(submission, now)
    return submission


def _made_from(key: str, deliverable: Deliverable, learner: Person) -> Submission | None:
    return db.session.scalars(
        select(Submission).where(
            Submission.key == key,
            Submission.deliverable_id == deliverable.id,
            Submission.submitted_by_id == learner.id,
        )
    ).first()


def _version(deliverable: Deliverable, draft: Draft, owners: list[int]) -> Submission:
    """Return the next version of these people, holding what the draft holds; what they sent elsewhere is counted."""
    assignment = deliverable.assignment
    last = db.session.scalar(
        select(func.max(Submission.version))
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(SubmissionOwner.person_id.in_(owners), answers_to(assignment.project_id, deliverable.key))
    )
    return Submission(
        school_id=assignment.school_id,
        cohort_id=assignment.cohort_id,
        assignment_id=assignment.id,
        deliverable_id=deliverable.id,
        revision_id=db.session.scalar(select(Cohort.revision_id).where(Cohort.id == assignment.cohort_id)),
        version=(last or 0) + 1,
        text=draft.text,
        link=draft.link,
        repository=draft.repository,
        repository_commit=draft.repository_commit,
        note=draft.note,
        key=draft.key,
        receipt=rules.receipt_code(secrets.randbits(64)),
    )


def _give_receipts(submission: Submission, deliverable: Deliverable, owners: list[int], now: datetime) -> None:
    for person in db.session.scalars(select(Person).where(Person.id.in_(owners)).order_by(Person.id)):
        with force_locale(person.language):
            title = _("Travail reçu : %(title)s", title=deliverable.title)
            body = on_page = _(
                "Version %(version)d. Reçu %(code)s.", version=submission.version, code=submission.receipt
            )
            if submission.timing == rules.Timing.LATE:
                on_page = f"{body} {_('Il est noté « en retard ».')}"
        url = f"/submissions/{submission.id}/receipt"
        tell(person, kind="receipt", title=title, body=on_page, in_mail=body, url=url, now=now)


def choose_version(submission: Submission, person_id: int, now: datetime) -> None:
    """Say that this version is the one that counts for this person, until another choice or a newer version."""
    with transaction(lock=submission.assignment):
        if version_that_counts(submission.deliverable_id, person_id) == submission.id:
            return
        db.session.add(
            VersionChoice(
                person_id=person_id,
                deliverable_id=submission.deliverable_id,
                submission_id=submission.id,
                chosen_at=now,
            )
        )
        db.session.flush()
        refresh_waiting(submission)
