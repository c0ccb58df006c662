"""When a programme is complete, line by line: what is done, what is asked, what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from popschool.completion.rules_hours import Hours
from popschool.errors import RuleBroken
from popschool.schools.rules import ExitReason

LEVELS = (1, 2, 3)


class Part(StrEnum):
    """What a programme may ask for."""

    HOURS = "hours"
    COMPETENCES = "competences"
    DELIVERABLES = "deliverables"
    COMPANY = "company"


@dataclass(frozen=True)
class Asked:
    """What a programme asks: shares in percent, 0 for nothing, and the level that each competence must reach."""

    hours_percent: int = 70
    level: int = 2
    competences_percent: int = 100
    deliverables_percent: int = 100
    company_percent: int = 80


@dataclass
class ShareRefused(RuleBroken):
    """A share is from 0 to 100 percent, a level from 1 to 3."""


def check_asked(asked: Asked) -> None:
    """Raises ShareRefused."""
    shares = (asked.hours_percent, asked.competences_percent, asked.deliverables_percent, asked.company_percent)
    if asked.level not in LEVELS or any(not 0 <= share <= 100 for share in shares):
        raise ShareRefused


@dataclass(frozen=True)
class Line:
    """One thing asked: how much is done, how much is asked, of how much in all; minutes, or a count."""

    part: Part
    done: int
    asked: int
    total: int

    @property
    def left(self) -> int:
        return max(self.asked - self.done, 0)

    @property
    def is_done(self) -> bool:
        return self.done >= self.asked


@dataclass(frozen=True)
class Block:
    """A block of the title (CCP): its competences, how many reached the level, and those that did not."""

    title: str
    done: int
    total: int
    missing: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        return self.done == self.total and self.total > 0


@dataclass(frozen=True)
class Completion:
    """Where one person stands: a line for each thing asked, and each block of the title."""

    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]

    @property
    def is_complete(self) -> bool:
        return all(line.is_done for line in self.lines)

    @property
    def by_part(self) -> dict[Part, Line]:
        """The line of each thing asked."""
        return {line.part: line for line in self.lines}


def share_of(total: int, percent: int) -> int:
    """Return a share of a whole, rounded up: of seven deliverables, 80 % is six."""
    return -(-total * percent // 100)


def completion(
    asked: Asked,
    hours: Hours,
    levels: Mapping[str, int],
    blocks: Sequence[Mapping],
    deliverables: tuple[int, int],
) -> Completion:
    """Work out where somebody stands.

    `levels` is {competence key: level reached}, `blocks` what the programme holds, `deliverables` (validated, all of
    them). What is asked of nothing is not a line: a programme without a title asks for no competence.
    """
    counted = tuple(_block(one, levels, asked.level) for one in blocks)
    validated, all_of_them = deliverables
    whole = sum(one.total for one in counted)
    found = [
        (Part.HOURS, hours.realised, hours.planned, asked.hours_percent),
        (Part.COMPETENCES, sum(one.done for one in counted), whole, asked.competences_percent),
        (Part.DELIVERABLES, validated, all_of_them, asked.deliverables_percent),
        (Part.COMPANY, hours.company, hours.company_planned, asked.company_percent),
    ]
    lines = tuple(
        Line(part, done, share_of(total, percent), total) for part, done, total, percent in found if total and percent
    )
    return Completion(lines, counted)


def _block(block: Mapping, levels: Mapping[str, int], level: int) -> Block:
    competences = block.get("competences") or ()
    missing = tuple(one.get("plain") or one["title"] for one in competences if levels.get(one["id"], 0) < level)
    return Block(block.get("title", ""), len(competences) - len(missing), len(competences), missing)


# Leaving before the end for these is no failure: what an agreement may count as a positive exit.
POSITIVE_EXITS = {
    "employment_training": frozenset({ExitReason.EMPLOYMENT, ExitReason.OTHER_TRAINING}),
    "employment": frozenset({ExitReason.EMPLOYMENT}),
    "none": frozenset(),
}


class Exit(StrEnum):
    """How a place ended, for a funder."""

    RUNNING = "running"
    COMPLETED = "completed"
    POSITIVE = "positive"
    DROPPED = "dropped"
    MOVED = "moved"
    NEVER_CAME = "never_came"


def exit_of(reason: str | None, has_left: bool, is_over: bool, positive: str = "employment_training") -> Exit:
    """Say how a place ended. A move to another cohort is no exit; one who never came never entered."""
    if not has_left:
        return Exit.COMPLETED if is_over else Exit.RUNNING
    if reason == ExitReason.MOVED_COHORT:
        return Exit.MOVED
    if reason == ExitReason.NEVER_CAME:
        return Exit.NEVER_CAME
    if reason == ExitReason.COMPLETED:
        return Exit.COMPLETED
    return Exit.POSITIVE if reason in POSITIVE_EXITS[positive] else Exit.DROPPED


def exit_counts(exits: Iterable[Exit]) -> dict[str, int]:
    """Return entries, drop-outs and early positive exits, which are listed apart."""
    found = list(exits)
    return {
        "entered": sum(one not in (Exit.NEVER_CAME, Exit.MOVED) for one in found),
        "dropped": found.count(Exit.DROPPED),
        "positive": found.count(Exit.POSITIVE),
        "completed": found.count(Exit.COMPLETED),
    }
