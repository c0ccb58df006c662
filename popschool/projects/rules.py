"""When work is taken, what it still lacks, which files are safe to keep, and how teams are made by chance."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from random import Random

from popschool.errors import RuleBroken

MEGABYTE = 1_000_000
LARGEST_FILE, MOST_FILES, LARGEST_WHOLE = 10 * MEGABYTE, 10, 30 * MEGABYTE
LONGEST_TEXT, LONGEST_NOTE = 100_000, 5_000
TEXT, LINK, FILES, REPOSITORY = "text", "link", "files", "repository"
RECEIPT_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
EXECUTABLE = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
EXECUTABLE_NAMES = (
    ".exe",
    ".msi",
    ".scr",
    ".com",
    ".bat",
    ".cmd",
    ".dll",
    ".apk",
    ".jar",
    ".vbs",
    ".ps1",
    ".dmg",
    ".app",
)
SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
    ".pdf": (b"%PDF-",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".odt": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".odp": (b"PK\x03\x04",),
}
TYPES: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".txt": "text/plain",
    ".md": "text/plain",
    ".css": "text/plain",
    ".js": "text/plain",
    ".py": "text/plain",
    ".json": "text/plain",
    ".sql": "text/plain",
    ".csv": "text/plain",
    ".html": "text/plain",
    ".htm": "text/plain",
    ".svg": "text/plain",
    ".xml": "text/plain",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Timing(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"


@dataclass
class DeliverableClosed(RuleBroken):
    """The closing time is past; `closed_at` is the person's own."""

    closed_at: datetime


@dataclass
class NotOpenYet(RuleBroken):
    """The assignment opens later."""

    opens_at: datetime


@dataclass
class NothingToSend(RuleBroken):
    """The draft lacks what the deliverable asks for: `missing` names text, link, files or repository."""

    missing: tuple[str, ...]
    either: bool


@dataclass
class FileTooHeavy(RuleBroken):
    """One file, or all of them together, weigh too much; in bytes."""

    name: str
    size: int
    most: int


@dataclass
class TooManyFiles(RuleBroken):
    """More files than one deliverable takes."""

    most: int


@dataclass
class FileRefused(RuleBroken):
    """A file that could harm, or that is not what its name says: `reason` is executable, content, empty or name."""

    name: str
    reason: str


@dataclass
class TextTooLong(RuleBroken):
    """A text of more characters than one deliverable takes."""

    length: int
    most: int


@dataclass
class NotInTeam(RuleBroken):
    """Work in pairs or teams is sent by a team, and this person is in none yet."""


@dataclass
class TeamFull(RuleBroken):
    """The team has all of its members."""

    size: int


@dataclass
class WindowInverted(RuleBroken):
    """The opening, due and closing times are not in this order."""


@dataclass
class AlreadySet(RuleBroken):
    """This project is set to the cohort already."""


@dataclass
class WorkWasSent(RuleBroken):
    """Something was handed in: the assignment can no longer be withdrawn."""


@dataclass(frozen=True)
class Window:
    """When an assignment takes its deliverables; UTC, opens_at <= due_at <= closes_at."""

    opens_at: datetime
    due_at: datetime
    closes_at: datetime


def check_window(window: Window) -> None:
    """Raises WindowInverted."""
    if not window.opens_at <= window.due_at <= window.closes_at:
        raise WindowInverted


def timing(window: Window, now: datetime) -> Timing:
    """Say whether work handed in `now` is on time or late. Raises NotOpenYet or DeliverableClosed."""
    if now < window.opens_at:
        raise NotOpenYet(window.opens_at)
    if now >= window.closes_at:
        raise DeliverableClosed(window.closes_at)
    return Timing.ON_TIME if now <= window.due_at else Timing.LATE


def own_window(window: Window, more_days: int, extension: tuple[datetime, datetime] | None) -> Window:
    """Return a person's own window: an accommodation's days are added, an extension replaces; the later one holds."""
    due_at, closes_at = window.due_at + timedelta(days=more_days), window.closes_at + timedelta(days=more_days)
    if extension is not None:
        due_at, closes_at = max(due_at, extension[0]), max(closes_at, extension[1])
    return Window(window.opens_at, due_at, closes_at)


def missing(asks: Sequence[str], either: bool, given: Collection[str]) -> tuple[str, ...]:
    """Return what is still to be given: everything asked, or, with `either`, all of it as long as nothing is."""
    lacking = tuple(one for one in asks if one not in given)
    if either:
        return lacking if len(lacking) == len(asks) else ()
    return lacking


def clean_name(name: str) -> str:
    """Return a file name without folders, control or reserved characters, at most 120 long, its ending kept.

    >>> clean_name("../../photo de l'écran.png")
    "photo de l'écran.png"
    """
    bare = re.split(r"[\\/]", name)[-1]
    bare = re.sub(r'[\x00-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]', "", bare).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if not dot:
        return bare[:120] or "fichier"
    return f"{stem[: 119 - len(ending)]}.{ending[:20]}" if stem else bare[:120]


def ending_of(name: str) -> str:
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return found[0].lower() if found else ""


def check_file(name: str, head: bytes, size: int) -> str:
    """Return the type under which a file is kept; `head` is its first bytes. Raises FileRefused or FileTooHeavy."""
    if size > LARGEST_FILE:
        raise FileTooHeavy(name, size, LARGEST_FILE)
    if size == 0:
        raise FileRefused(name, "empty")
    ending = ending_of(name)
    if ending in EXECUTABLE_NAMES or head.startswith(EXECUTABLE):
        raise FileRefused(name, "executable")
    expected = SIGNATURES.get(ending)
    if expected is not None and not head.startswith(expected):
        raise FileRefused(name, "content")
    if ending == ".webp" and head[8:12] != b"WEBP":
        raise FileRefused(name, "content")
    return TYPES.get(ending, "application/octet-stream")


def check_files(sizes: Sequence[int]) -> None:
    """Raises TooManyFiles or FileTooHeavy for all of a deliverable's files together."""
    if len(sizes) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    if sum(sizes) > LARGEST_WHOLE:
        raise FileTooHeavy("", sum(sizes), LARGEST_WHOLE)


def check_text(text: str, most: int = LONGEST_TEXT) -> None:
    """Raises TextTooLong."""
    if len(text) > most:
        raise TextTooLong(len(text), most)


def team_sizes(people: int, size: int) -> list[int]:
    """Return how many people each team has: as many full teams as possible, nobody alone when that can be avoided.

    >>> team_sizes(7, 2)
    [3, 2, 2]
    """
    if people == 0:
        return []
    teams = max(1, people // size)
    base, rest = divmod(people, teams)
    return [base + 1] * rest + [base] * (teams - rest)


def draw_teams(
    people: Sequence[int], size: int, past_pairs: Iterable[tuple[int, int]], random: Random, tries: int = 60
) -> list[list[int]]:
    """Make teams by chance, with as few pairs that have worked together as could be found in `tries` drawings."""
    worked = {frozenset(pair) for pair in past_pairs}
    best: list[list[int]] = []
    fewest = None
    for _ in range(max(1, tries)):
        drawn = _draw_once(people, size, worked, random)
        repeated = sum(frozenset(pair) in worked for team in drawn for pair in combinations(team, 2))
        if fewest is None or repeated < fewest:
            best, fewest = drawn, repeated
        if fewest == 0:
            break
    return best


def _draw_once(people: Sequence[int], size: int, worked: set[frozenset[int]], random: Random) -> list[list[int]]:
    left = list(people)
    random.shuffle(left)
    teams = []
    for wanted in team_sizes(len(left), size):
        team = [left.pop()]
        while len(team) < wanted:
            fresh = [one for one in left if all(frozenset((one, mate)) not in worked for mate in team)]
            chosen = fresh[0] if fresh else left[0]
            left.remove(chosen)
            team.append(chosen)
        teams.append(team)
    return teams


def receipt_code(random_number: int) -> str:
    """Return a code of ten letters that is easy to read aloud, from a large random number."""
    letters = []
    for _ in range(10):
        random_number, place = divmod(random_number, len(RECEIPT_LETTERS))
        letters.append(RECEIPT_LETTERS[place])
    return "".join(letters)
