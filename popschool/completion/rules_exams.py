"""What a jury decides, and what its decisions add up to."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from popschool.errors import RuleBroken


class Outcome(StrEnum):
    """The whole title, some of its blocks, nothing, or nobody came."""

    TITLE = "title"
    BLOCKS = "blocks"
    NONE = "none"
    ABSENT = "absent"


@dataclass
class BlocksMissing(RuleBroken):
    """A partial success says which blocks were obtained."""


@dataclass
class ExamToCome(RuleBroken):
    """A result is written once the day of the exam has come."""


@dataclass
class CorrectionUnexplained(RuleBroken):
    """A result that changes one already written says why."""


def check_result(outcome: Outcome, blocks: Collection[int], is_correction: bool, reason: str) -> None:
    """Raises BlocksMissing or CorrectionUnexplained."""
    if outcome is Outcome.BLOCKS and not blocks:
        raise BlocksMissing
    if is_correction and not reason.strip():
        raise CorrectionUnexplained


@dataclass(frozen=True)
class Success:
    """Counts of an exam. The rate is of whole titles; partial ones are on their own line."""

    entered: int
    presented: int
    titles: int
    partial: int

    def rate(self, base: str = "presented") -> Decimal | None:
        """Return whole titles over those who sat it, or over those who entered; None over nobody."""
        whole = self.entered if base == "entered" else self.presented
        if not whole:
            return None
        return (Decimal(100 * self.titles) / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def success(entered: int, outcomes: Iterable[Outcome]) -> Success:
    found = list(outcomes)
    return Success(
        entered,
        sum(one is not Outcome.ABSENT for one in found),
        found.count(Outcome.TITLE),
        found.count(Outcome.BLOCKS),
    )
