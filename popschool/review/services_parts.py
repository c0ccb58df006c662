"""A piece of work as its reviewers see it: its parts with their lines, and its files, without its author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from popschool import storage
from popschool.projects.models import Submission, SubmissionFile
from popschool.projects.rules_files import PICTURES, PLAIN, ending_of
from popschool.review import services_copies
from popschool.review.anonymous import Hidden, NotCleaned, cleaned, masked
from popschool.review.models_copies import ReviewCopy
from popschool.review.rules import Part

MOST_SHOWN = 60_000
TEXT, NOTE, LINK, REPOSITORY, FILE, CODE = "text", "note", "link", "repository", "file-", "code-"
CODE_KIND = "code"
Copies = Mapping[tuple[str, int], ReviewCopy]


@dataclass(frozen=True)
class Shown:
    """A part of a work on a page: what it is called there, its lines or its picture, how heavy its file is.

    `is_waiting` while its copy is being made; `is_withheld` when what says who made it could not be taken out.
    """

    part: Part
    kind: str
    rank: int = 0
    size: int = 0
    url: str = ""
    path: str = ""
    is_picture: bool = False
    is_cut: bool = False
    is_waiting: bool = False
    is_withheld: bool = False

    @property
    def name(self) -> str:
        return self.part.name


def hidden_in(submission: Submission, is_named: bool) -> Hidden:
    """Return whose names are masked: the authors' and their team's, unless the round shows them."""
    return Hidden() if is_named else services_copies.authors_of(submission)


def shown_parts(submission: Submission, is_named: bool, *, is_own: bool = False) -> list[Shown]:
    """Return what a reviewer reads of a work, in order; `is_own` for its author. Code and what is cleaned are copies.

    Text is read from storage, up to what a page can hold. One query for files or code.
    """
    hidden = hidden_in(submission, is_named or is_own)
    copies = services_copies.copies_of(submission.id) if submission.repository or submission.files else {}
    found = [
        Shown(Part(name, services_copies.split(masked(text, hidden))), name)
        for name, text in ((TEXT, submission.text), (NOTE, submission.note))
        if text.strip()
    ]
    if submission.link:
        found.append(Shown(Part(LINK), LINK, url=submission.link))
    found += [*_repository(submission, hidden, copies), *_code(hidden, copies)]
    is_bare = is_named or is_own
    return found + [_file(file, rank, hidden, copies, is_bare) for rank, file in enumerate(submission.files, 1)]


def _repository(submission: Submission, hidden: Hidden, copies: Copies) -> list[Shown]:
    """Return where the code of a work is: its address often names somebody, and is left out when there is a copy."""
    if not submission.repository:
        return []
    whole = copies.get((services_copies.REPOSITORY, 0))
    url = "" if hidden and (whole is None or whole.lines) else submission.repository
    return [Shown(Part(REPOSITORY), REPOSITORY, url=url, is_waiting=whole is None)]


def _code(hidden: Hidden, copies: Copies) -> list[Shown]:
    """Return the files of code of a work, whose lines are read when they are looked at."""
    return [
        Shown(
            Part(f"{CODE}{rank}", services_copies.CodeLines(row, hidden)),
            CODE_KIND,
            rank,
            path=masked(row.path, hidden),
        )
        for (kind, rank), row in copies.items()
        if kind == services_copies.CODE
    ]


def _file(file: SubmissionFile, rank: int, hidden: Hidden, copies: Copies, is_bare: bool) -> Shown:
    name = f"{FILE}{rank}"
    if file.media_type != PLAIN:
        copy = copies.get((services_copies.FILE, rank))
        return Shown(
            Part(name),
            "file",
            rank,
            file.size if is_bare or copy is None else copy.size,
            is_picture=file.media_type in PICTURES,
            is_waiting=not is_bare and copy is None,
            is_withheld=not is_bare and copy is not None and not copy.hash,
        )
    content = _content(file)
    text = masked(content[:MOST_SHOWN].decode("utf-8", "replace"), hidden)
    return Shown(Part(name, services_copies.split(text)), "file", rank, file.size, is_cut=len(content) > MOST_SHOWN)


def _content(file: SubmissionFile) -> bytes:
    try:
        with storage.open(file.hash) as kept:
            return kept.read()
    except storage.FileMissing:
        return b""


def parts_by_name(parts: Sequence[Shown]) -> dict[str, Part]:
    return {one.name: one.part for one in parts}


class FileNotReady(LookupError):
    """The copy of a file is still being made."""


def file_for_reviewer(submission: Submission, rank: int, is_named: bool) -> tuple[BinaryIO, SubmissionFile, str] | None:
    """Return a file of a work, cleaned, with its row and the name that it is given. None when there is none.

    Raises NotCleaned, or FileNotReady.
    """
    if not 1 <= rank <= len(submission.files):
        return None
    file = submission.files[rank - 1]
    if is_named:
        return BytesIO(_content(file)), file, file.name
    name = f"fichier-{rank}{ending_of(file.name)}"
    if not services_copies.needs_cleaning(file):
        return (
            BytesIO(cleaned(_content(file), file.name, file.media_type, hidden_in(submission, False))),
            file,
            name,
        )
    copy = services_copies.copies_of(submission.id).get((services_copies.FILE, rank))
    if copy is None:
        raise FileNotReady
    if not copy.hash:
        raise NotCleaned
    return storage.open(copy.hash), file, name
