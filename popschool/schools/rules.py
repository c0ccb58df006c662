"""Where things stand in the network, and what dates and names must respect."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from popschool.errors import RuleBroken


@dataclass(frozen=True)
class Place:
    """Where a thing stands: the schools, cohorts and people it belongs to. Permissions are decided on places."""

    schools: frozenset[int] = frozenset()
    cohorts: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()

    @classmethod
    def of(cls, school: int | None = None, cohort: int | None = None, people: Iterable[int | None] = ()) -> "Place":
        return cls(
            schools=frozenset() if school is None else frozenset({school}),
            cohorts=frozenset() if cohort is None else frozenset({cohort}),
            people=frozenset(person for person in people if person is not None),
        )


class ExitReason(StrEnum):
    """Why somebody leaves a cohort."""

    COMPLETED = "completed"
    EMPLOYMENT = "employment"
    OTHER_TRAINING = "other_training"
    MOVED_COHORT = "moved_cohort"
    HEALTH = "health"
    DROPPED_OUT = "dropped_out"
    NEVER_CAME = "never_came"
    OTHER = "other"


@dataclass
class DatesInverted(RuleBroken):
    """The end comes before the start."""

    starts_on: date
    ends_on: date


@dataclass
class AlreadyEnrolled(RuleBroken):
    """This person already has a place in this cohort at those dates."""

    cohort: str
    starts_on: date
    ends_on: date | None


@dataclass
class NotEnrolled(RuleBroken):
    """This person has no place in this cohort on that day."""

    cohort: str
    on: date


@dataclass
class CohortArchived(RuleBroken):
    """The cohort is archived: it can be read, not changed."""

    cohort: str


def check_dates(starts_on: date, ends_on: date | None) -> None:
    """Raises DatesInverted."""
    if ends_on is not None and ends_on < starts_on:
        raise DatesInverted(starts_on, ends_on)


def overlap(first: tuple[date, date | None], second: tuple[date, date | None]) -> bool:
    """Say whether two periods, their last days included, share a day. None is without end."""
    (start, end), (other_start, other_end) = first, second
    return (end is None or other_start <= end) and (other_end is None or start <= other_end)


def search_key(*parts: str | None) -> str:
    """Return text as it is searched: without accents or capitals, one space between words.

    >>> search_key("Élancourt", " Apprenante  07")
    'elancourt apprenante 07'
    """
    joined = " ".join(part for part in parts if part)
    bare = "".join(char for char in unicodedata.normalize("NFKD", joined) if not unicodedata.combining(char))
    return re.sub(r"\s+", " ", bare.replace("œ", "oe").replace("æ", "ae")).strip().casefold()


OVERSEAS_MOBILES = {
    "0690": "590",
    "0691": "590",
    "0692": "262",
    "0693": "262",
    "0694": "594",
    "0696": "596",
    "0697": "596",
}


@dataclass
class PhoneUnreadable(RuleBroken):
    """This is not a phone number that a message can reach."""

    written: str


def normalise_mail(written: str) -> str:
    """Return a mail address as it is kept and compared."""
    return written.strip().casefold()


def normalise_phone(written: str) -> str:
    """Return a phone number as E.164; a number without its country is French. Raises PhoneUnreadable.

    >>> normalise_phone("06 39 98 00 07")
    '+33639980007'
    """
    digits = re.sub(r"[\s.\-/()\u00a0\u202f]", "", written)
    digits = re.sub(r"^\+?(33|262|590|594|596)\(?0(?=\d{9}$)", r"+\1", digits)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(r"0[1-9]\d{8}", digits, re.ASCII):
        digits = f"+{OVERSEAS_MOBILES.get(digits[:4], '33')}{digits[1:]}"
    if not re.fullmatch(r"\+[1-9]\d{7,14}", digits, re.ASCII):
        raise PhoneUnreadable(written)
    return digits


def normalise_number(written: str) -> str:
    """Return a learner's number as it is kept and compared: capitals, no spaces or dashes."""
    return re.sub(r"[\s\-]", "", written).upper()


def is_siret(number: str) -> bool:
    """Say whether fourteen digits are a SIRET: they pass Luhn's check; La Poste's add up to a multiple of five."""
    if not re.fullmatch(r"\d{14}", number):
        return False
    if number.startswith("356000000") and number != "35600000000048":
        return sum(map(int, number)) % 5 == 0
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(number)]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


@dataclass
class CodeTaken(RuleBroken):
    """This code is another's."""

    code: str


@dataclass
class OutsideCohort(RuleBroken):
    """These dates are not within the cohort's."""

    cohort: str
    starts_on: date
    ends_on: date


@dataclass
class AlreadyLeft(RuleBroken):
    """This place has ended already."""

    left_on: date


def check_within(starts_on: date, ends_on: date, cohort: str, first: date, last: date) -> None:
    """Raises DatesInverted or OutsideCohort."""
    check_dates(starts_on, ends_on)
    if starts_on < first or ends_on > last:
        raise OutsideCohort(cohort, first, last)


def check_free(cohort: str, wanted: tuple[date, date], places: Iterable[tuple[date, date]]) -> None:
    """Raises AlreadyEnrolled when one of a person's places in the cohort shares a day with the one wanted."""
    for place in places:
        if overlap(wanted, place):
            raise AlreadyEnrolled(cohort, place[0], place[1])
