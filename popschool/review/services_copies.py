"""Copies of works for their reviewers, made by a job: files that say nothing of their author, and lines of code."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import git, jobs, outbound, storage
from popschool.db import db, transaction
from popschool.projects.models import Submission, SubmissionFile, SubmissionOwner
from popschool.projects.rules_files import PLAIN
from popschool.review import rules_code
from popschool.review.anonymous import Hidden, NotCleaned, cleaned, masked
from popschool.review.models_copies import ReviewCopy

TASK = "popschool.review.tasks:make_copies"
FILE, CODE, REPOSITORY = "file", "code", "repository"
log = structlog.get_logger(__name__)


def ask(submission: Submission) -> None:
    """Let copies of a work be made, if it has anything to copy. In a transaction."""
    if submission.repository or any(needs_cleaning(file) for file in submission.files):
        jobs.enqueue(TASK, key=f"review-copies/{submission.id}", submission_id=submission.id)


def needs_cleaning(file: SubmissionFile) -> bool:
    """Say whether a file is cleaned beforehand; a text is masked as it is read."""
    return file.media_type != PLAIN


def authors_of(submission: Submission) -> Hidden:
    """Return who made a work, alone or as a team."""
    return Hidden([owner.person for owner in submission.owners], [submission.team_name] if submission.team_name else [])


def copies_of(submission_id: int) -> dict[tuple[str, int], ReviewCopy]:
    """Return what is ready of a work, by kind and rank. One query."""
    rows = db.session.scalars(
        select(ReviewCopy).where(ReviewCopy.submission_id == submission_id).order_by(ReviewCopy.kind, ReviewCopy.rank)
    )
    return {(row.kind, row.rank): row for row in rows}


def make(submission_id: int, now: datetime, remote: git.Remote | None = None) -> None:
    """Make what is missing of the copies of a work. Again, it does nothing.

    `remote` is where its code is fetched, by default its own repository.
    """
    submission = db.session.scalars(
        select(Submission)
        .where(Submission.id == submission_id)
        .options(
            joinedload(Submission.files),
            joinedload(Submission.owners).joinedload(SubmissionOwner.person),
        )
    ).unique().one_or_none()  # fmt: skip
    if submission is None:
        return
    known = copies_of(submission_id)
    hidden = authors_of(submission)
    for rank, file in enumerate(submission.files, 1):
        if needs_cleaning(file) and (FILE, rank) not in known:
            _add([_clean(submission_id, rank, file, hidden, now)])
    if submission.repository and (REPOSITORY, 0) not in known:
        _add(_code(submission, remote or git.Remote(submission.repository), now))


def _add(rows: Sequence[ReviewCopy]) -> None:
    """Keep rows that are whole; what another process has kept meanwhile stays."""
    with transaction(lock=f"review-copies/{rows[0].submission_id}"):
        known = copies_of(rows[0].submission_id)
        db.session.add_all(row for row in rows if (row.kind, row.rank) not in known)


def _clean(submission_id: int, rank: int, file: SubmissionFile, hidden: Hidden, now: datetime) -> ReviewCopy:
    row = ReviewCopy(submission_id=submission_id, kind=FILE, rank=rank, made_at=now, hash="", size=0, lines=0, path="")
    try:
        with storage.open(file.hash) as content:
            kept = storage.put(cleaned(content.read(), file.name, file.media_type, hidden))
    except (NotCleaned, storage.FileMissing):
        return row
    row.hash, row.size = kept.hash, kept.size
    return row


def _code(submission: Submission, remote: git.Remote, now: datetime) -> list[ReviewCopy]:
    """Return the code of a repository as it was when it was sent, and a row that says that it was looked for."""
    found: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="popschool-code-") as folder:
        try:
            found = list(_texts(git.Mirror(Path(folder)), remote, submission.repository_commit))
        except (outbound.OutboundRefused, git.GitFailed) as refused:
            # A private repository, or one that is gone: its reviewers are given its address, as it was sent.
            log.info("code not copied", submission=submission.id, reason=type(refused).__name__)
            found = []
    rows = []
    for rank, (path, text) in enumerate(found, 1):
        kept = storage.put(text.encode())
        rows.append(
            ReviewCopy(
                submission_id=submission.id,
                kind=CODE,
                rank=rank,
                path=path,
                hash=kept.hash,
                size=kept.size,
                lines=len(split(text)),
                made_at=now,
            )
        )
    whole = ReviewCopy(
        submission_id=submission.id, kind=REPOSITORY, rank=0, lines=len(rows), made_at=now, hash="", size=0, path=""
    )
    return [*rows, whole]


def _texts(mirror: git.Mirror, remote: git.Remote, commit: str) -> Iterator[tuple[str, str]]:
    commit = mirror.fetch_commit(remote, commit)
    blobs = {one.path: one for one in mirror.entries(commit) if one.kind == git.BLOB}
    paths = rules_code.chosen((path, one.size) for path, one in blobs.items())
    count = 0
    for path, (_blob, content) in zip(paths, mirror.read(blobs[path].blob for path in paths), strict=True):
        text = rules_code.text_of(content)
        if text is not None and text.strip():
            yield path, text
            count += 1
        if count == rules_code.MOST_FILES:
            return


def split(text: str) -> tuple[str, ...]:
    """Return the lines of a text, as they are numbered on a page."""
    return tuple(text.replace("\r", "").rstrip().split("\n"))


class CodeLines(Sequence[str]):
    """The lines of a file of code: counted beforehand, read from storage when they are looked at."""

    def __init__(self, row: ReviewCopy, hidden: Hidden):
        self.row, self.hidden = row, hidden

    def __len__(self) -> int:
        return self.row.lines

    def __getitem__(self, place):
        return self._read[place]

    @cached_property
    def _read(self) -> tuple[str, ...]:
        try:
            with storage.open(self.row.hash) as kept:
                text = kept.read().decode("utf-8", "replace")
        except storage.FileMissing:
            return ("",) * self.row.lines
        return split(masked(text, self.hidden))
