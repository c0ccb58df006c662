"""What goes back to people: what authors thought of reviews, a reviewer's own leniency, and fairness between groups."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from random import Random

from popschool.review.rules_estimate import NINETY_PERCENT, Leniency
from popschool.review.rules_group import Id

ENOUGH_REACTIONS = 3
SHORT_TEXT = 40
COACHED_BEYOND, EXAMPLES = 2.0, 2
SMALLEST_GROUP, WORTH_A_WARNING = 5, 3.0


class Reaction(StrEnum):
    """What an author says of a review, before seeing any number."""

    HELPFUL = "helpful"
    PARTLY = "partly"
    NOT = "not"


@dataclass(frozen=True)
class Summary:
    """What authors thought of somebody's reviews, all together: never one by one, never by whom."""

    helpful: int
    partly: int
    not_helpful: int

    @property
    def count(self) -> int:
        return self.helpful + self.partly + self.not_helpful


def summary(reactions: Iterable[Reaction]) -> Summary | None:
    """Return the reactions all together; None under three, when one could tell who said what."""
    counts = Counter(reactions)
    found = Summary(counts[Reaction.HELPFUL], counts[Reaction.PARTLY], counts[Reaction.NOT])
    return found if found.count >= ENOUGH_REACTIONS else None


class Nudge(StrEnum):
    """What a reviewer is asked to look at again before sending. It never holds anything back."""

    SHORT = "short"
    NO_NEXT_STEP = "no_next_step"
    NO_PLACE = "no_place"


def nudges(works: str, next_step: str, places: int) -> list[Nudge]:
    """Return what could make a review more useful: more words, an idea to go on, a place in the work."""
    found = []
    if len(works.strip()) < SHORT_TEXT:
        found.append(Nudge.SHORT)
    if not next_step.strip():
        found.append(Nudge.NO_NEXT_STEP)
    if places == 0:
        found.append(Nudge.NO_PLACE)
    return found


@dataclass(frozen=True)
class Difference:
    """One criterion that a reviewer and the trainer marked differently."""

    work: Id
    criterion: Id
    own: int
    trainer: int


@dataclass(frozen=True)
class Coaching:
    """What a reviewer sees in private: how much higher or lower they score, its interval, and where it showed."""

    mean: float
    low: float
    high: float
    examples: tuple[Difference, ...]


def coaching(own: Leniency, differences: Iterable[Difference] = ()) -> Coaching | None:
    """Return a reviewer's own leniency, with two examples that lean the same way; None when it is nothing sure."""
    if abs(own.mean) <= COACHED_BEYOND * own.sd:
        return None
    leaning = [one for one in differences if (one.own - one.trainer) * own.mean > 0]
    leaning.sort(key=lambda one: (-abs(one.own - one.trainer), one.work, one.criterion))
    width = NINETY_PERCENT * own.sd
    return Coaching(own.mean, own.mean - width, own.mean + width, tuple(leaning[:EXAMPLES]))


@dataclass(frozen=True)
class GroupFigure:
    """How far peers' estimates are from trainers' grades in one group of people, with a 90 % interval."""

    group: Id
    count: int
    mean: float
    low: float
    high: float

    @property
    def warns(self) -> bool:
        """Say whether peers score this group higher or lower than trainers, beyond chance and enough to matter."""
        return (self.low > 0 or self.high < 0) and abs(self.mean) > WORTH_A_WARNING


def fairness(rows: Iterable[tuple[Id, float, float]]) -> list[GroupFigure]:
    """Return the figure of each group of at least five; rows are (group, estimate before, grade)."""
    apart: dict[Id, list[float]] = {}
    for group, estimate, grade in rows:
        apart.setdefault(group, []).append(estimate - grade)
    figures = []
    for group in sorted(apart):
        some = apart[group]
        count = len(some)
        if count < SMALLEST_GROUP:
            continue
        mean = sum(some) / count
        spread = sqrt(sum((one - mean) ** 2 for one in some) / (count - 1))
        width = _student(count - 1) * spread / sqrt(count)
        figures.append(GroupFigure(group, count, mean, mean - width, mean + width))
    return figures


# Student's 95th centile, by degrees of freedom: a group of five is small.
_STUDENT = {4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.860, 9: 1.833, 11: 1.796, 14: 1.761, 19: 1.729, 29: 1.699}


def _student(freedom: int) -> float:
    """Return the value of the nearest row not above: an interval a little too wide rather than too narrow."""
    return _STUDENT[max(row for row in _STUDENT if row <= freedom)]


def score(marks: Mapping[Id, int | None], highest: Mapping[Id, int]) -> float | None:
    """Return 100 × the marks given / the marks possible; None until every criterion is marked."""
    given = [marks.get(criterion) for criterion in highest]
    possible = sum(highest.values())
    if possible == 0 or any(mark is None for mark in given):
        return None
    return 100.0 * sum(given) / possible


def pseudonyms(ids: Sequence[Id], seed: str) -> dict[Id, int]:
    """Return a number from 1 for each person: the same all through a round, and not the order of anything."""
    drawn = sorted(set(ids))
    Random(f"pseudonyms {seed}").shuffle(drawn)
    return {one: number for number, one in enumerate(drawn, start=1)}
