"""Doors: who is let in, to whose rows, of which days, until when."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from popschool.completion.rules_papers import PaperKind
from popschool.errors import RuleBroken

LONGEST_LINK = timedelta(days=92)
LONGEST_TEXT = 2000
# What is made for a payer. What a learner keeps for themselves, and what a company signs, are not.
FOR_FUNDERS = (
    PaperKind.CERTIFICATE,
    PaperKind.END,
    PaperKind.ATTENDANCE,
    PaperKind.WORKSHOP,
    PaperKind.MONTH,
    PaperKind.HOURS,
    PaperKind.INVOICE,
)


class DoorKind(StrEnum):
    """Whom a door is for: one funder, or somebody who audits all of them."""

    FUNDER = "funder"
    AUDITOR = "auditor"


@dataclass
class DoorEndMissing(RuleBroken):
    """An auditor, or a link that needs no account, comes in until a day: say which."""


@dataclass
class DoorTooLong(RuleBroken):
    """A link that needs no account opens for three months at most, and not in the past."""

    most: date


@dataclass
class NoPeriod(RuleBroken):
    """An auditor looks at a period: say its first and its last day."""


@dataclass
class PayerMissing(RuleBroken):
    """A funder's door is for one funder: say which."""


@dataclass
class HolderMissing(RuleBroken):
    """A door is for an account, or it is a link. Nobody has this address with this role."""

    mail: str


@dataclass
class DoorClosed(RuleBroken):
    """This door is closed already."""


@dataclass
class QuestionEmpty(RuleBroken):
    """A question, or an answer, has words."""


def check_door(
    kind: DoorKind,
    is_link: bool,
    has_payer: bool,
    covers: tuple[date | None, date | None],
    ends_on: date | None,
    today: date,
) -> None:
    """Raises PayerMissing, DoorEndMissing, DoorTooLong or NoPeriod."""
    if kind is DoorKind.FUNDER and not has_payer:
        raise PayerMissing
    if (is_link or kind is DoorKind.AUDITOR) and ends_on is None:
        raise DoorEndMissing
    if ends_on is not None and (ends_on < today or (is_link and ends_on > today + LONGEST_LINK)):
        raise DoorTooLong(today + LONGEST_LINK)
    first, last = covers
    if kind is DoorKind.AUDITOR and (first is None or last is None):
        raise NoPeriod
    if first is not None and last is not None and first > last:
        raise NoPeriod


def is_open(closed: bool, ends_on: date | None, today: date) -> bool:
    """Say whether a door lets somebody in. Its last day is open."""
    return not closed and (ends_on is None or today <= ends_on)


def check_text(text: str) -> str:
    """Return what is asked or answered. Raises QuestionEmpty."""
    said = text.strip()
    if not said:
        raise QuestionEmpty
    return said[:LONGEST_TEXT]
