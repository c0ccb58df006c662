"""What needs a second person, and who that may be: nobody confirms what they propose, nor what is for themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from popschool.auth.rules import Role
from popschool.errors import RuleBroken

# With these roles one reads everybody's data, or gives others the same right.
NEED_SECOND_PERSON = frozenset({Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER, Role.AUDITOR})


class Way(StrEnum):
    """What becomes of a proposal."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


@dataclass
class SecondPersonNeeded(RuleBroken):
    """This role is proposed by one person and confirmed by another."""

    role: Role


@dataclass
class OwnProposal(RuleBroken):
    """Somebody else confirms what one proposes, or what is for oneself."""


@dataclass
class AnsweredAlready(RuleBroken):
    """A proposal has one answer."""

    at: datetime


@dataclass
class WhyMissing(RuleBroken):
    """A refusal says why."""


@dataclass
class NobodyElse(RuleBroken):
    """Nobody else could confirm it."""


def way_of(accepts: bool, by_id: int, proposer_id: int) -> Way:
    """Say what an answer makes of a proposal."""
    if accepts:
        return Way.CONFIRMED
    return Way.TAKEN_BACK if by_id == proposer_id else Way.REFUSED


def check_answer(accepts: bool, words: str, by_id: int, proposer_id: int, about_id: int | None) -> Way:
    """Raises OwnProposal, or WhyMissing for a refusal without a word. What one takes back needs none."""
    way = way_of(accepts, by_id, proposer_id)
    if way is Way.CONFIRMED and by_id in (proposer_id, about_id):
        raise OwnProposal
    if way is Way.REFUSED and not words.strip():
        raise WhyMissing
    return way
