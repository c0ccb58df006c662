"""What people do with work: keep a draft, hand it in, choose the version that counts."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from popschool import git, outbound, storage
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.projects import rules
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Draft,
    Extension,
    Submission,
    SubmissionFile,
    SubmissionOwner,
    Team,
    TeamMember,
    VersionChoice,
)
from popschool.projects.services_states import mark_answered, mark_sent, mark_unanswered
from popschool.schools.models import Accommodation, Cohort, Person

__all__ = ["mark_answered", "mark_unanswered"]
DOUBLE_CLICK = timedelta(seconds=30)


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    data: bytes


def own_window(assignment: Assignment, person_id: int, now: datetime) -> rules.Window:
    """Return a person's own dates for an assignment, with their accommodation and their extension. Two queries."""
    window = rules.Window(assignment.opens_at, assignment.due_at, assignment.closes_at)
    today = now.date()
    more_days = db.session.scalar(
        select(func.max(Accommodation.deadline_days)).where(
            Accommodation.person_id == person_id,
            Accommodation.starts_on <= today,
            (Accommodation.ends_on.is_(None)) | (Accommodation.ends_on >= today),
        )
    )
    extension = db.session.execute(
        select(Extension.due_at, Extension.closes_at)
        .where(Extension.assignment_id == assignment.id, Extension.person_id == person_id)
        .order_by(Extension.id.desc())
        .limit(1)
    ).first()
    return rules.own_window(window, more_days or 0, (extension.due_at, extension.closes_at) if extension else None)


def draft_of(deliverable_id: int, person_id: int) -> Draft | None:
    return db.session.scalars(
        select(Draft).where(Draft.deliverable_id == deliverable_id, Draft.person_id == person_id)
    ).first()


def save_draft(
    deliverable: Deliverable,
    person_id: int,
    now: datetime,
    *,
    text: str = "",
    link: str = "",
    repository: str = "",
    note: str = "",
    uploads: Iterable[Upload] = (),
    removed: Iterable[str] = (),
) -> tuple[Draft, list[rules.RuleBroken]]:
    """Keep what was typed and the files that can be kept; return the draft, and what was refused of it.

    Whatever is refused, the rest stays. Files are stored before the transaction.
    """
    refused: list[rules.RuleBroken] = []
    kept = [one for one in (_keep(upload, refused) for upload in uploads) if one is not None]
    for value, most in ((text, rules.LONGEST_TEXT), (note, rules.LONGEST_NOTE)):
        try:
            rules.check_text(value, most)
        except rules.TextTooLong as error:
            refused.append(error)
    with transaction(lock=f"draft/{deliverable.id}/{person_id}"):
        draft = draft_of(deliverable.id, person_id)
        if draft is None:
            draft = Draft(school_id=deliverable.school_id, deliverable_id=deliverable.id, person_id=person_id, files=[])
            db.session.add(draft)
        gone = set(removed)
        files = [file for file in draft.files if file["hash"] not in gone]
        for one in kept:
            files = [file for file in files if file["name"] != one["name"]]
            try:
                rules.check_files([*(file["size"] for file in files), one["size"]])
            except (rules.TooManyFiles, rules.FileTooHeavy) as error:
                refused.append(error)
                continue
            files.append(one)
        draft.text, draft.link, draft.repository, draft.note = (
            text,
            link[:2000].strip(),
            repository[:2000].strip(),
            note,
        )
        draft.files, draft.updated_at = files, now
    return draft, refused


def _keep(upload: Upload, refused: list) -> dict | None:
    name = rules.clean_name(upload.name)
    try:
        media_type = rules.check_file(name, upload.data[:64], len(upload.data))
    except (rules.FileRefused, rules.FileTooHeavy) as error:
        refused.append(error)
        return None
    kept = storage.put(upload.data)
    return {"hash": kept.hash, "name": name, "size": kept.size, "media_type": media_type}


def given(draft: Draft) -> set[str]:
    """Return what a draft holds, of text, link, files and repository."""
    values = {
        rules.TEXT: draft.text.strip(),
        rules.LINK: draft.link,
        rules.FILES: draft.files,
        rules.REPOSITORY: draft.repository,
    }
    return {name for name, value in values.items() if value}


def check_draft(deliverable: Deliverable, draft: Draft | None) -> None:
    """Raises NothingToSend, TextTooLong, or what is wrong with the link or the repository's address."""
    held = given(draft) if draft else set()
    lacking = rules.missing(deliverable.asks, deliverable.either, held)
    if lacking or draft is None:
        raise rules.NothingToSend(lacking or tuple(deliverable.asks), deliverable.either)
    rules.check_text(draft.text)
    rules.check_text(draft.note, rules.LONGEST_NOTE)
    if draft.link and rules.LINK in deliverable.asks:
        outbound.check_written(draft.link)


def find_commit(draft: Draft) -> str:
    """Return the commit at which the draft's repository stands now; "" without one. Calls the network: no transaction.

    Raises GitFailed, or what `outbound` refuses.
    """
    if not draft.repository:
        return ""
    db.session.commit()
    return git.find_commit(git.Remote(draft.repository))


def team_of(assignment: Assignment, person_id: int) -> Team | None:
    """Return the team this person is in, for an assignment."""
    return db.session.scalars(
        select(Team)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(
            TeamMember.assignment_id == assignment.id, TeamMember.person_id == person_id, TeamMember.left_at.is_(None)
        )
    ).first()


def owners_now(assignment: Assignment, person_id: int) -> tuple[list[int], str]:
    """Return who owns what this person sends now, and their team's name. Raises NotInTeam."""
    if assignment.work == "alone":
        return [person_id], ""
    team = team_of(assignment, person_id)
    if team is None:
        raise rules.NotInTeam
    return sorted(member.person_id for member in team.members if member.left_at is None), team.name


def submit_work(deliverable: Deliverable, learner: Person, now: datetime, commit: str = "") -> Submission:
    """Send the draft as a new version; earlier versions stay. A second click finds the first one's submission.

    Raises NothingToSend, NotOpenYet, DeliverableClosed or NotInTeam.
    """
    assignment = deliverable.assignment
    with transaction(lock=f"deliverable/{deliverable.id}"):
        draft = draft_of(deliverable.id, learner.id)
        if draft is None:
            recent = _sent_just_now(deliverable, learner, now)
            if recent is not None:
                return recent
        check_draft(deliverable, draft)
        own = own_window(assignment, learner.id, now)
        moment = rules.timing(own, now)
        owners, team_name = owners_now(assignment, learner.id)
        submission = Submission(
            school_id=assignment.school_id,
            cohort_id=assignment.cohort_id,
            assignment_id=assignment.id,
            deliverable_id=deliverable.id,
            revision_id=db.session.get(Cohort, assignment.cohort_id).revision_id,
            submitted_by_id=learner.id,
            team_name=team_name,
            version=_next_version(deliverable, owners),
            submitted_at=now,
            timing=str(moment),
            text=draft.text,
            link=draft.link,
            repository=draft.repository,
            repository_commit=commit,
            note=draft.note,
            receipt=rules.receipt_code(secrets.randbits(64)),
        )
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
    return submission


def _sent_just_now(deliverable: Deliverable, learner: Person, now: datetime) -> Submission | None:
    return db.session.scalars(
        select(Submission)
        .where(
            Submission.deliverable_id == deliverable.id,
            Submission.submitted_by_id == learner.id,
            Submission.submitted_at >= now - DOUBLE_CLICK,
        )
        .order_by(Submission.id.desc())
        .limit(1)
    ).first()


def _next_version(deliverable: Deliverable, owners: list[int]) -> int:
    last = db.session.scalar(
        select(func.max(Submission.version))
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(SubmissionOwner.deliverable_id == deliverable.id, SubmissionOwner.person_id.in_(owners))
    )
    return (last or 0) + 1


def _give_receipts(submission: Submission, deliverable: Deliverable, owners: list[int], now: datetime) -> None:
    for person in db.session.scalars(select(Person).where(Person.id.in_(owners))):
        with force_locale(person.language):
            title = _("Travail reçu : %(title)s", title=deliverable.title)
            body = _("Version %(version)d. Reçu %(code)s.", version=submission.version, code=submission.receipt)
        tell(person, kind="receipt", title=title, body=body, url=f"/submissions/{submission.id}/receipt", now=now)


def choose_version(submission: Submission, person_id: int, now: datetime) -> VersionChoice:
    """Say that this version is the one that counts for this person."""
    with transaction(lock=f"choice/{submission.deliverable_id}/{person_id}"):
        choice = VersionChoice(
            person_id=person_id, deliverable_id=submission.deliverable_id, submission_id=submission.id, chosen_at=now
        )
        db.session.add(choice)
    return choice


def chosen_version(deliverable_id: int, person_id: int) -> int | None:
    """Return the submission that this person chose, None while the last one counts."""
    return db.session.scalar(
        select(VersionChoice.submission_id)
        .where(VersionChoice.person_id == person_id, VersionChoice.deliverable_id == deliverable_id)
        .order_by(VersionChoice.id.desc())
        .limit(1)
    )
