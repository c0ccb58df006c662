"""Where things stand in the network, and what dates and names must respect."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

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


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as the lines of a grid name them."""

    last_name: str
    first_name: str
    id: int

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ExitReason(StrEnum):
    """Why somebody leaves a cohort; never a reason of health."""

    COMPLETED = "completed"
    EMPLOYMENT = "employment"
    OTHER_TRAINING = "other_training"
    MOVED_COHORT = "moved_cohort"
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


@dataclass
class PlacesOutside(RuleBroken):
    """Some people's own dates would no longer be within their cohort's."""

    cohort: str
    people: int


@dataclass
class MovedOn(RuleBroken):
    """This place ended because its person moved: only the move can be taken back."""

    cohort: str


@dataclass
class SchoolClosed(RuleBroken):
    """The school closes before the cohort ends."""

    school: str
    closed_on: date


def check_dates(starts_on: date, ends_on: date | None) -> None:
    """Raises DatesInverted."""
    if ends_on is not None and ends_on < starts_on:
        raise DatesInverted(starts_on, ends_on)


def overlap(first: tuple[date, date | None], second: tuple[date, date | None]) -> bool:
    """Say whether two periods, their last days included, share a day. None is without end.

    A period that ends before it starts has no day: it shares none.
    """
    (start, end), (other_start, other_end) = first, second
    last = min((day for day in (end, other_end) if day is not None), default=None)
    return last is None or max(start, other_start) <= last


PLAIN_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
    | dict.fromkeys("‘’ʼ´`", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\0": None}
)


def is_closed(closed_on: date | None, on: date) -> bool:
    """Whether a school that closed, or will, is closed on a day."""
    return closed_on is not None and closed_on <= on


def search_key(*parts: str | None) -> str:
    """Return text as it is searched: without accents or capitals, one space between words.

    >>> search_key("Élancourt", " Apprenante  07", "LŒUVRE d’Été")
    "elancourt apprenante 07 loeuvre d'ete"
    """
    joined = " ".join(part for part in parts if part)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", joined).casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return re.sub(r"\s+", " ", bare.translate(PLAIN_LETTERS)).strip()


@lru_cache(maxsize=4096)
def order_key(*said: str) -> str:
    """Return what `search_key` does, and keeps it: for names of schools, funders and programmes."""
    return search_key(*said)


def person_key(
    first_name: str, last_name: str, mail: str | None = None, phone: str | None = None, number: str | None = None
) -> str:
    """Return what a search for a person looks in: both ways of saying their name, a French phone as it is dialled.

    >>> person_key("Élodie", "Test", phone="+33639980007")
    'elodie test +33639980007 0639980007 test elodie'
    """
    national = f"0{phone[3:]}" if phone and phone.startswith("+33") else None
    return search_key(first_name, last_name, mail, phone, national, number, f"{last_name} {first_name}")[:500]


def name_key(first_name: str, last_name: str) -> tuple[str, ...]:
    """Return a name as it is compared with another: its words in order of alphabet, so that none stands first.

    >>> name_key("Jean-Marie", "D’Arc") == name_key("D'ARC", "Jean Marie")
    True
    """
    return tuple(sorted(re.findall(r"\w+", search_key(first_name, last_name))))


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


@dataclass
class NumberUnreadable(RuleBroken):
    """This cannot be a learner's number: nobody could sign in with it."""

    written: str


def normalise_mail(written: str) -> str:
    """Return a mail address as it is kept and compared."""
    return unicodedata.normalize("NFC", written).strip().lower()


def plain_digits(written: str) -> str:
    """Return text with the digits of any keyboard as ours: "٠٦" is "06"."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in written)


def normalise_phone(written: str) -> str:
    """Return a phone number as E.164; a number without its country is French. Raises PhoneUnreadable.

    >>> normalise_phone("06 39 98 00 07")
    '+33639980007'
    """
    digits = re.sub(r"[\s.\-/()\u2010-\u2015]", "", plain_digits(written))
    digits = re.sub(r"^\+?(33|262|590|594|596)\(?0(?=\d{9}$)", r"+\1", digits)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(r"0[1-9]\d{8}", digits, re.ASCII):
        digits = f"+{OVERSEAS_MOBILES.get(digits[:4], '33')}{digits[1:]}"
    if not re.fullmatch(r"\+[1-9]\d{7,14}", digits, re.ASCII):
        raise PhoneUnreadable(written)
    return digits


def normalise_number(written: str) -> str:
    """Return a learner's number as it is kept and compared: capitals, without what makes it readable.

    >>> normalise_number("val-2027-1 007")
    'VAL20271007'
    """
    return re.sub(r"[\s\-_./\u2010-\u2015]", "", plain_digits(written)).upper()


def read_number(written: str) -> str:
    """Return a learner's number as it is kept: 2 to 20 letters and digits, one digit at least, and never a phone's.

    Raises NumberUnreadable.
    """
    number = normalise_number(written)
    if not re.fullmatch(r"(?=.*\d)[A-Z0-9]{2,20}", number, re.ASCII) or _is_phone(number):
        raise NumberUnreadable(written)
    return number


def _is_phone(written: str) -> bool:
    try:
        normalise_phone(written)
    except PhoneUnreadable:
        return False
    return True


def is_siret(number: str) -> bool:
    """Say whether fourteen digits are a SIRET: they pass Luhn's check; La Poste's add up to a multiple of five."""
    if not re.fullmatch(r"\d{14}", number, re.ASCII) or not number.strip("0"):
        return False
    if number.startswith("356000000") and number != "35600000000048":
        return sum(map(int, number)) % 5 == 0
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(number)]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def is_activity_number(number: str) -> bool:
    """Say whether this is the number under which a region declares a training body: eleven digits, "2A" in Corsica."""
    return re.fullmatch(r"\d{2}(\d{2}|2[AB])\d{5}(\d{2}|2[AB])", number, re.ASCII) is not None


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
