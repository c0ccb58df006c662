"""What one person prepares before sending: kept at each step, whatever is refused of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import git, outbound, storage
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.projects import rules, rules_files, services_checked
from popschool.projects.models import Assignment, Deliverable, Draft, Submission, SubmissionOwner, new_key
from popschool.projects.services_states import answers_to

HELD = ("text", "link", "repository", "note", "files")
FILE = ("hash", "name", "size", "media_type")


@dataclass(frozen=True)
class Upload:
    """A file as it came in. `data` may stop where it is too heavy anyway; then `size` is the real one."""

    name: str
    data: bytes
    size: int = 0

    @property
    def real_size(self) -> int:
        return max(self.size, len(self.data))


def draft_of(deliverable_id: int, person_id: int) -> Draft | None:
    """Return what a person prepares for a deliverable, as it is in the database now."""
    return db.session.scalars(
        select(Draft)
        .where(Draft.deliverable_id == deliverable_id, Draft.person_id == person_id)
        .execution_options(populate_existing=True)
    ).first()


def last_version(deliverable: Deliverable, person_id: int) -> Submission | None:
    """Return what a person, or their team, sent last for a deliverable, in any cohort, with its files. One query."""
    return (
        db.session.scalars(
            select(Submission)
            .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
            .where(
                SubmissionOwner.person_id == person_id, answers_to(deliverable.assignment.project_id, deliverable.key)
            )
            .order_by(Submission.id.desc())
            .options(joinedload(Submission.files))
        )
        .unique()
        .first()
    )


def asked_by_now(submission: Submission, cohorts: Collection[int]) -> int | None:
    """Return the deliverable that asks for the same work where its owner learns now; None when nothing does."""
    if submission.cohort_id in cohorts or not cohorts:
        return submission.deliverable_id if cohorts else None
    return db.session.scalar(
        select(Deliverable.id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(
            Assignment.cohort_id.in_(cohorts),
            Assignment.project_id == submission.assignment.project_id,
            Assignment.withdrawn_at.is_(None),
            Deliverable.key == submission.deliverable.key,
            Deliverable.retired_at.is_(None),
        )
        .order_by(Deliverable.id.desc())
    )


def files_of(submission: Submission) -> list[dict]:
    """Return the files of a submission as a draft holds them."""
    return [{name: getattr(file, name) for name in FILE} for file in submission.files]


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
    basis: Submission | None = None,
) -> tuple[Draft, list[RuleBroken]]:
    """Keep what was typed and the files that can be kept; return the draft, and what was refused of it.

    Whatever is refused, the rest stays. What the deliverable does not ask for is not kept. Files are stored before the
    transaction. A first draft begins with the files of `basis`, an earlier version.
    """
    refused: list[RuleBroken] = []
    is_asked = {one: one in deliverable.asks for one in (rules.TEXT, rules.LINK, rules.FILES, rules.REPOSITORY)}
    kept = [one for one in (_keep(upload, refused) for upload in uploads if is_asked[rules.FILES]) if one is not None]
    for value, most in ((text, rules.LONGEST_TEXT), (note, rules.LONGEST_NOTE)):
        try:
            rules.check_text(value, most)
        except rules.TextTooLong as error:
            refused.append(error)
    with transaction(lock=_lock(deliverable.id, person_id)):
        draft = draft_of(deliverable.id, person_id)
        if draft is None:
            draft = Draft(
                school_id=deliverable.school_id, deliverable_id=deliverable.id, person_id=person_id, key=new_key()
            )
            draft.text = draft.link = draft.repository = draft.note = draft.repository_commit = ""
            draft.files = files_of(basis) if basis is not None and is_asked[rules.FILES] else []
            db.session.add(draft)
        before = [getattr(draft, name) for name in HELD]
        draft.text = text if is_asked[rules.TEXT] else ""
        draft.link = link[: rules.LONGEST_ADDRESS].strip() if is_asked[rules.LINK] else ""
        repository = repository[: rules.LONGEST_ADDRESS].strip() if is_asked[rules.REPOSITORY] else ""
        if repository != draft.repository:
            draft.repository, draft.repository_commit, draft.commit_found_at = repository, "", None
        draft.note, draft.updated_at = note, now
        draft.files = _with(draft.files, kept, frozenset(removed), refused)
        if before != [getattr(draft, name) for name in HELD]:
            draft.key = new_key()
    return draft, refused


def _lock(deliverable_id: int, person_id: int) -> str:
    return f"draft/{deliverable_id}/{person_id}"


def _keep(upload: Upload, refused: list[RuleBroken]) -> dict | None:
    name = rules_files.clean_name(upload.name)
    try:
        media_type = services_checked.check_file(name, upload.data, upload.real_size)
    except (rules_files.FileRefused, rules_files.FileTooHeavy) as error:
        refused.append(error)
        return None
    kept = storage.put(upload.data)
    return {"hash": kept.hash, "name": name, "size": kept.size, "media_type": media_type}


def _with(files: list[dict], kept: list[dict], removed: frozenset[str], refused: list[RuleBroken]) -> list[dict]:
    """Return a draft's files without those removed and with the new ones: the same content once, each its own name."""
    found = [file for file in files if file["hash"] not in removed]
    for one in kept:
        if any(file["hash"] == one["hash"] for file in found):
            continue
        try:
            rules_files.check_files([*(file["size"] for file in found), one["size"]])
        except (rules_files.TooManyFiles, rules_files.FileTooHeavy) as error:
            if error not in refused:
                refused.append(error)
            continue
        found.append(one | {"name": rules_files.free_name(one["name"], {file["name"] for file in found})})
    return found


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
    for address in (draft.link, draft.repository):
        if address:
            outbound.check_written(address)


def refusal_of(address: str) -> outbound.OutboundRefused | None:
    """Return why a link may not be sent, None when it may."""
    try:
        outbound.check_written(address)
    except outbound.OutboundRefused as refused:
        return refused
    return None


def find_commit(draft: Draft, now: datetime) -> None:
    """Note on a draft where its repository stands now, unless that was found within the last minute.

    A repository that has moved since makes another draft of it: what is sent is what was checked. Calls the network,
    so outside of any transaction. Raises GitFailed, or what `outbound` refuses.
    """
    if not draft.repository:
        return
    if draft.commit_found_at is not None and now - draft.commit_found_at < rules.COMMIT_HOLDS:
        return
    address = draft.repository
    db.session.commit()  # nothing is held of the database while a forge answers
    commit = git.find_commit(git.Remote(address))
    with transaction(lock=_lock(draft.deliverable_id, draft.person_id)):
        fresh = draft_of(draft.deliverable_id, draft.person_id)
        if fresh is None or fresh.repository != address:
            return
        if fresh.repository_commit != commit:
            fresh.repository_commit, fresh.key = commit, new_key()
        fresh.commit_found_at = now
