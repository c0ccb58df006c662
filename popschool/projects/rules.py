"""When work is taken, what it still lacks, and where it stands. Files and teams have rules of their own."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from popschool.errors import RuleBroken

LONGEST_TEXT, LONGEST_NOTE, LONGEST_ADDRESS = 100_000, 5_000, 2_000
TEXT, LINK, FILES, REPOSITORY = "text", "link", "files", "repository"
RECEIPT_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
COMMIT_HOLDS = timedelta(minutes=1)


class Timing(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"


class Progress(StrEnum):
    """Where one person stands with what an assignment asks."""

    TO_COME = "to_come"
    TO_DO = "to_do"
    DRAFT = "draft"
    SENT = "sent"
    TO_COMPLETE = "to_complete"
    VALIDATED = "validated"
    CLOSED = "closed"


# What needs the person most comes first; a project is validated once nothing else is left to say of it.
PRESSING = (
    Progress.TO_COMPLETE,
    Progress.DRAFT,
    Progress.TO_DO,
    Progress.SENT,
    Progress.TO_COME,
    Progress.CLOSED,
    Progress.VALIDATED,
)
OPEN = frozenset({Progress.TO_COMPLETE, Progress.DRAFT, Progress.TO_DO})


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
class TextTooLong(RuleBroken):
    """A text of more characters than one deliverable takes."""

    length: int
    most: int


@dataclass
class DraftChanged(RuleBroken):
    """What was checked is not what the draft holds now: it was changed on another page, or its repository moved."""


@dataclass
class WindowInverted(RuleBroken):
    """The opening, due and closing times are not in this order."""


@dataclass
class ExtensionTooShort(RuleBroken):
    """More time is a date to come, and later than everybody's."""

    due_at: datetime


@dataclass
class AlreadySet(RuleBroken):
    """This project is set to the cohort already."""


@dataclass
class WorkWasSent(RuleBroken):
    """Something was handed in: the assignment can no longer be withdrawn."""


@dataclass
class AssignmentWithdrawn(RuleBroken):
    """The trainer has taken the assignment back."""


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


@dataclass(frozen=True)
class MoreDays:
    """Days that an accommodation adds for a person, arranged from one day to another; without an end, for good."""

    days: int
    starts_on: date
    ends_on: date | None = None


def days_more(arranged: Iterable[MoreDays], first: date, last: date) -> int:
    """Return the days that a person has more for an assignment given from `first` to `last`, its due day.

    The most generous arrangement that holds on one of these days; one that ends later takes nothing back.
    """
    return max(
        (one.days for one in arranged if one.starts_on <= last and (one.ends_on is None or one.ends_on >= first)),
        default=0,
    )


def own_window(window: Window, more_days: int, extension: tuple[datetime, datetime] | None, zone: ZoneInfo) -> Window:
    """Return a person's own window: an accommodation's days are added, an extension gives dates; the later ones hold.

    Days are added where the school is: an hour stays the same hour when clocks change.
    """
    due_at, closes_at = (_days_after(moment, more_days, zone) for moment in (window.due_at, window.closes_at))
    if extension is not None:
        due_at, closes_at = max(due_at, extension[0]), max(closes_at, extension[1])
    return Window(window.opens_at, due_at, closes_at)


def _days_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    return (moment.astimezone(zone) + timedelta(days=days)).astimezone(UTC) if days else moment


def widest(windows: Sequence[Window]) -> Window:
    """Return the window of people who work together: the latest dates of any of them hold for all."""
    return Window(
        min(window.opens_at for window in windows),
        max(window.due_at for window in windows),
        max(window.closes_at for window in windows),
    )


def check_extension(window: Window, due_at: datetime, now: datetime) -> None:
    """Raises ExtensionTooShort for a date that gives nobody any time."""
    if due_at <= max(window.due_at, now):
        raise ExtensionTooShort(window.due_at)


def missing(asks: Sequence[str], either: bool, given: Collection[str]) -> tuple[str, ...]:
    """Return what is still to be given: everything asked, or, with `either`, all of it as long as nothing is."""
    lacking = tuple(one for one in asks if one not in given)
    if either:
        return lacking if len(lacking) == len(asks) else ()
    return lacking


def check_text(text: str, most: int = LONGEST_TEXT) -> None:
    """Raises TextTooLong."""
    if len(text) > most:
        raise TextTooLong(len(text), most)


def progress(window: Window, now: datetime, *, is_sent: bool, decision: str, has_draft: bool) -> Progress:
    """Say where a person stands with one deliverable, from the version that counts and from their draft.

    Nothing is proposed that would be refused: before the opening and after the closing there is nothing to send.
    """
    is_open = window.opens_at <= now < window.closes_at
    if decision == Progress.VALIDATED:
        return Progress.VALIDATED
    if is_open and has_draft:
        return Progress.DRAFT
    if is_sent and decision != Progress.TO_COMPLETE:
        return Progress.SENT
    if now < window.opens_at:
        return Progress.TO_COME
    if not is_open:
        return Progress.CLOSED
    return Progress.TO_COMPLETE if is_sent else Progress.TO_DO


def most_pressing(found: Iterable[Progress]) -> Progress:
    """Return where the whole of an assignment stands; one that asks nothing is to come."""
    return min(found, key=PRESSING.index, default=Progress.TO_COME)


def receipt_code(random_number: int) -> str:
    """Return a code of ten letters that is easy to read aloud, from a large random number."""
    letters = []
    for _ in range(10):
        random_number, place = divmod(random_number, len(RECEIPT_LETTERS))
        letters.append(RECEIPT_LETTERS[place])
    return "".join(letters)
