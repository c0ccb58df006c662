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
