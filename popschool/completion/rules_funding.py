"""Who pays for whom, and when: what the dates of a funding must respect, and the lines that a payer goes to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from popschool.errors import RuleBroken
from popschool.schools.rules import overlap


class FunderKind(StrEnum):
    """What a payer is."""

    STATE = "state"
    REGION = "region"
    FRANCE_TRAVAIL = "france_travail"
    EUROPE = "europe"
    OPCO = "opco"
    CPF = "cpf"
    OTHER_PUBLIC = "other_public"
    COMPANY = "company"
    TRAINING_BODY = "training_body"
    PERSON = "person"
    OTHER = "other"


# The line of frame C of the yearly report that each payer goes to, unless the funding says another.
REPORT_LINES = {
    FunderKind.STATE: "5", FunderKind.REGION: "6", FunderKind.FRANCE_TRAVAIL: "7", FunderKind.EUROPE: "4",
    FunderKind.OPCO: "2h", FunderKind.CPF: "2e", FunderKind.OTHER_PUBLIC: "8", FunderKind.COMPANY: "1",
    FunderKind.TRAINING_BODY: "10", FunderKind.PERSON: "9", FunderKind.OTHER: "11",
}  # fmt: skip
LINES = ("1", "2a", "2b", "2c", "2d", "2e", "2f", "2g", "2h", "3", "4", "5", "6", "7", "8", "9", "10", "11")


class FundingKind(StrEnum):
    """How a funding pays: for a group, for a person, by digital vouchers, or a company for its staff."""

    GROUP = "group"
    PERSON = "person"
    VOUCHER = "voucher"
    COMPANY = "company"


@dataclass
class OutsideTheFunding(RuleBroken):
    """These dates are not within the agreement's, or not within the person's place."""

    starts_on: date
    ends_on: date | None


@dataclass
class FundedTwice(RuleBroken):
    """This funding already pays for this place at those dates."""

    starts_on: date
    ends_on: date | None


@dataclass
class EmployerMissing(RuleBroken):
    """A company that pays for its staff is named on the paper: say which."""


@dataclass
class HoursTooMany(RuleBroken):
    """The hours agreed for everybody are more than those of the agreement."""

    agreed_minutes: int
    promised_minutes: int


@dataclass(frozen=True)
class Share:
    """One funding of a place, from a day to another; without an end, until the place ends."""

    funding_id: int
    starts_on: date
    ends_on: date | None
    minutes_agreed: int | None = None


def check_share(share: Share, others: Iterable[Share], place: tuple[date, date], agreement: tuple[date, date]) -> None:
    """Raises OutsideTheFunding or FundedTwice. Two funders at the same time are no mistake."""
    last = share.ends_on or place[1]
    first_day, last_day = max(place[0], agreement[0]), min(place[1], agreement[1])
    if last < share.starts_on or share.starts_on < first_day or last > last_day:
        raise OutsideTheFunding(first_day, last_day)
    for other in others:
        both = ((share.starts_on, share.ends_on), (other.starts_on, other.ends_on))
        if other.funding_id == share.funding_id and overlap(*both):
            raise FundedTwice(other.starts_on, other.ends_on)


def check_agreed(agreed_minutes: int | None, promised: Iterable[int | None]) -> None:
    """Raises HoursTooMany when the places promise more hours than the agreement pays for."""
    total = sum(one or 0 for one in promised)
    if agreed_minutes is not None and total > agreed_minutes:
        raise HoursTooMany(agreed_minutes, total)


def uncovered(shares: Sequence[Share], first: date, last: date) -> list[tuple[date, date]]:
    """Return the stretches of a place that no funding pays for."""
    found, day = [], first
    for share in sorted(shares, key=lambda one: one.starts_on):
        if share.starts_on > day:
            found.append((day, min(share.starts_on - timedelta(days=1), last)))
        day = max(day, (share.ends_on or last) + timedelta(days=1))
        if day > last:
            return found
    return [*found, (day, last)] if day <= last else found
