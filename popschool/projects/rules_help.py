"""Asking for help at a place of a course, and answering. A request is open until somebody ends it."""

from dataclasses import dataclass
from enum import StrEnum

from popschool.errors import RuleBroken

LONGEST_WORDS, LONGEST_PLACE = 1_000, 300


class Turn(StrEnum):
    """What happens to a request."""

    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    ANSWERED = "answered"
    FOUND = "found"


class How(StrEnum):
    """How somebody was helped."""

    TOGETHER = "together"
    MESSAGE = "message"
    GROUP = "group"


ENDS = frozenset({Turn.ANSWERED, Turn.FOUND})


@dataclass
class HelpEnded(RuleBroken):
    """This request is over: it was answered, or the person found by themselves."""


@dataclass
class TakenByAnother(RuleBroken):
    """Another trainer is on the way."""

    name: str


@dataclass
class MessageEmpty(RuleBroken):
    """An answer by message needs its words."""


def check_turn(turn: Turn, is_open: bool, taken_by: int | None, person: int, taker_name: str = "") -> None:
    """Say whether a turn may be taken: any trainer may answer, only one takes. Raises HelpEnded, TakenByAnother."""
    if not is_open:
        raise HelpEnded
    if turn is Turn.TAKEN and taken_by not in (None, person):
        raise TakenByAnother(taker_name)
