"""When a round may be opened and joined, what a review must say, and where in a work a word may be put."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from hashlib import sha256

from popschool.errors import RuleBroken

FEWEST, MOST, USUAL = 2, 4, 3
MOST_PIECES = 2
MOST_APART = 3
LONGEST_PIECE = 20_000
LONGEST_WORDS = 2000
LONGEST_QUOTE = 300
# A text this near to another is a newer version of it.
SAME_TEXT = 0.6
SHORTEST_WINDOW = timedelta(hours=2)
USUAL_WINDOW = timedelta(days=3)
CLOSES_AFTER = timedelta(days=7)


@dataclass
class RoundExists(RuleBroken):
    """A round on this deliverable is already under way."""


@dataclass
class NothingToJudge(RuleBroken):
    """The project has no criterion for this deliverable."""


@dataclass
class WindowTooShort(RuleBroken):
    """A round lasts two hours at least, and ends after now."""


@dataclass
class NotEnoughPeople(RuleBroken):
    """The round cannot give each work its reviews. `reason` is that of the rules of allocation."""

    reason: str
    people: int
    wanted: int


@dataclass
class InvitationClosed(RuleBroken):
    """A cohort joins a round before it starts, and only where names are hidden."""


@dataclass
class TooManyPieces(RuleBroken):
    """A round begins with two pieces at most, of those that were made for its deliverable; a spoken one with none."""


@dataclass
class PieceFirst(RuleBroken):
    """A piece that everybody reads first is still to be read."""


@dataclass
class TooManyApart(RuleBroken):
    """Somebody may be kept apart from `most` people in a round; more is for the team to arrange."""

    most: int


@dataclass
class NothingToReview(RuleBroken):
    """Nobody needs a review from this person now."""


@dataclass
class ReviewIncomplete(RuleBroken):
    """Some criteria have no answer yet, by their sentences."""

    criteria: tuple[str, ...]


@dataclass
class NoPlaceNamed(RuleBroken):
    """Not one word of the review points at a place in the work."""


@dataclass
class AlreadySent(RuleBroken):
    """A review that was sent changes no more."""


@dataclass
class PlaceUnknown(RuleBroken):
    """The work has no such line; `lines` is how many it has there, 0 when nothing has lines."""

    lines: int


@dataclass
class ReactFirst(RuleBroken):
    """The author says first what they make of each review; then the number is shown."""


@dataclass
class ReviewOpened(RuleBroken):
    """A review that was begun is not given to somebody else."""


@dataclass(frozen=True)
class Said:
    """What is written of one criterion so far."""

    mark: int | None = None
    good: str = ""
    good_place: str = ""
    good_line: int | None = None
    idea: str = ""
    idea_place: str = ""
    idea_line: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.mark is not None and bool(self.good.strip()) and bool(self.idea.strip())

    @property
    def has_place(self) -> bool:
        return bool(self.good_place or self.idea_place)

    @property
    def stamp(self) -> str:
        """Return what a form says it was filled in from."""
        return sha256(repr(self).encode()).hexdigest()[:16]

    def as_kept(self) -> dict:
        """Return it as a draft keeps it."""
        return asdict(self)


def joined(kept: Said, said: Said, seen: str) -> Said:
    """Return what to keep of a form that was filled in from `seen`.

    When something else was written meanwhile, on another device or another page, both texts stay, one after the other.
    """
    if not seen or seen == kept.stamp:
        return said
    both = replace(said, good=_both(said.good, kept.good), idea=_both(said.idea, kept.idea))
    if both.mark is None:
        both = replace(both, mark=kept.mark)
    if not both.good_place:
        both = replace(both, good_place=kept.good_place, good_line=kept.good_line)
    if not both.idea_place:
        both = replace(both, idea_place=kept.idea_place, idea_line=kept.idea_line)
    return both


def _both(new: str, old: str) -> str:
    if not new or not old:
        return new or old
    is_newer = old in new or SequenceMatcher(None, old, new, autojunk=False).ratio() > SAME_TEXT
    return new if is_newer else f"{new}\n\n{old}"


@dataclass(frozen=True)
class Part:
    """A part of a work that a word may point at: its name in an address, and its lines when it has some."""

    name: str
    lines: Sequence[str] = field(default_factory=tuple)

    def quote(self, line: int | None) -> str:
        return self.lines[line - 1].strip()[:LONGEST_QUOTE] if line and line <= len(self.lines) else ""


def check_place(parts: Mapping[str, Part], place: str, line: int | None) -> None:
    """Raises PlaceUnknown when a work has no such part, or no such line in it."""
    if not place and line is None:
        return
    part = parts.get(place)
    if part is None:
        raise PlaceUnknown(0)
    if line is not None and not 1 <= line <= len(part.lines):
        raise PlaceUnknown(len(part.lines))


def check_whole(criteria: Sequence[Mapping], said: Mapping[str, Said], has_places: bool) -> None:
    """Raises ReviewIncomplete, or NoPlaceNamed when the work has places and no word points at one."""
    missing = tuple(one["text"] for one in criteria if not said.get(one["id"], Said()).is_whole)
    if missing:
        raise ReviewIncomplete(missing)
    if has_places and not any(one.has_place for one in said.values()):
        raise NoPlaceNamed


def is_stalled(touched_at: datetime, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Say whether an opened review is to be made up for: untouched for a quarter of the window, in its last quarter."""
    quarter = (ends_at - starts_at) / 4
    return now >= ends_at - quarter and now - touched_at >= quarter


def check_window(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises WindowTooShort."""
    if ends_at - max(starts_at, now) < SHORTEST_WINDOW:
        raise WindowTooShort
