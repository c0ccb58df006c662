"""Where we stand with the 106 criteria of the RGAA 4.1.2: one file, a line for each, with its proof and its day.

A proof is a test of ours, that anybody may run again, or the name of who looked. What nobody has looked at counts as
not met, as the method of the RGAA asks.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

GRID = Path(__file__).parent / "accessibility.csv"
THEMES = {
    1: 9, 2: 2, 3: 3, 4: 13, 5: 8, 6: 2, 7: 5, 8: 10, 9: 4, 10: 14, 11: 13, 12: 11, 13: 12,
}  # fmt: skip


class Status(StrEnum):
    """What is known of a criterion."""

    MET = "C"
    NOT_MET = "NC"
    NOT_APPLICABLE = "NA"
    NOT_LOOKED_AT = "NT"


class State(StrEnum):
    """What the law calls the whole."""

    FULLY = "totalement conforme"
    PARTLY = "partiellement conforme"
    NOT = "non conforme"


@dataclass(frozen=True)
class Criterion:
    """One line of the grid."""

    number: str
    title: str
    status: Status
    proof: str
    checked_on: date | None

    @property
    def theme(self) -> int:
        return int(self.number.partition(".")[0])


@dataclass(frozen=True)
class Standing:
    """What the grid adds up to. An audit is whole when every criterion that applies was looked at."""

    counts: Counter[Status]
    last_on: date

    @property
    def applicable(self) -> int:
        return self.counts.total() - self.counts[Status.NOT_APPLICABLE]

    @property
    def rate(self) -> int:
        """Return the part of what applies that is met, in whole percent, rounded down: 100 means all."""
        return 100 * self.counts[Status.MET] // self.applicable

    @property
    def is_audited(self) -> bool:
        return not self.counts[Status.NOT_LOOKED_AT]

    @property
    def state(self) -> State:
        """Return the state of the whole: without an audit of everything, not conform whatever the rate."""
        if not self.is_audited or self.rate < 50:
            return State.NOT
        return State.FULLY if self.rate == 100 else State.PARTLY


@cache
def grid() -> tuple[Criterion, ...]:
    """Return the 106 lines, in their order."""
    with GRID.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Criterion(
                line["criterion"],
                line["title"],
                Status(line["status"]),
                line["proof"],
                date.fromisoformat(line["checked_on"]) if line["checked_on"] else None,
            )
            for line in csv.DictReader(lines, delimiter=";")
        )


def standing(criteria: tuple[Criterion, ...]) -> Standing:
    """Add the grid up."""
    return Standing(Counter(one.status for one in criteria), max(one.checked_on for one in criteria if one.checked_on))
