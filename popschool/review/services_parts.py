"""A piece of work as its reviewers see it: its parts with their lines, and its files, without its author."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from popschool import storage
from popschool.projects.models import Submission, SubmissionFile
from popschool.projects.rules_files import PICTURES, PLAIN, ending_of
from popschool.review.anonymous import cleaned, masked
from popschool.review.rules import Part
from popschool.schools.models import Person

MOST_SHOWN = 60_000
TEXT, NOTE, LINK, REPOSITORY, FILE = "text", "note", "link", "repository", "file-"


@dataclass(frozen=True)
class Shown:
    """A part of a work on a page: what it is called there, its lines or its picture, how heavy its file is."""

    part: Part
    kind: str
    rank: int = 0
    size: int = 0
    url: str = ""
    is_picture: bool = False
    is_cut: bool = False

    @property
    def name(self) -> str:
        return self.part.name


def hidden_people(submission: Submission, is_named: bool) -> Sequence[Person]:
    """Return whose names are masked: the authors', unless the round shows them."""
    return () if is_named else [owner.person for owner in submission.owners]


def shown_parts(submission: Submission, is_named: bool) -> list[Shown]:
    """Return what a reviewer reads of a work, in order. Text is read from storage, up to what a page can hold."""
    people = hidden_people(submission, is_named)
    found = [
        Shown(Part(name, _lines(masked(text, people))), name)
        for name, text in ((TEXT, submission.text), (NOTE, submission.note))
        if text.strip()
    ]
    if submission.link:
        found.append(Shown(Part(LINK), LINK, url=submission.link))
    if submission.repository:
        found.append(Shown(Part(REPOSITORY), REPOSITORY, url=submission.repository))
    return found + [_file(file, rank, people) for rank, file in enumerate(submission.files, 1)]


def _file(file: SubmissionFile, rank: int, people: Sequence[Person]) -> Shown:
    name = f"{FILE}{rank}"
    if file.media_type != PLAIN:
        return Shown(Part(name), "file", rank, file.size, is_picture=file.media_type in PICTURES)
    content = _content(file)
    text = masked(content[:MOST_SHOWN].decode("utf-8", "replace"), people)
    return Shown(Part(name, _lines(text)), "file", rank, file.size, is_cut=len(content) > MOST_SHOWN)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.replace("\r", "").rstrip().split("\n"))


def _content(file: SubmissionFile) -> bytes:
    try:
        with storage.open(file.hash) as kept:
            return kept.read()
    except storage.FileMissing:
        return b""


def parts_by_name(parts: Sequence[Shown]) -> dict[str, Part]:
    return {one.name: one.part for one in parts}


def file_for_reviewer(submission: Submission, rank: int, is_named: bool) -> tuple[BytesIO, SubmissionFile, str] | None:
    """Return a file of a work, cleaned, with its row and the name that it is given. None when there is none.

    Raises NotCleaned.
    """
    if not 1 <= rank <= len(submission.files):
        return None
    file = submission.files[rank - 1]
    content = _content(file)
    if is_named:
        return BytesIO(content), file, file.name
    people = hidden_people(submission, is_named)
    return BytesIO(cleaned(content, file.name, file.media_type, people)), file, f"fichier-{rank}{ending_of(file.name)}"
