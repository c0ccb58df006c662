"""What a funder counts as a justified absence, and under which code of its own.

A school decides first: an absence is justified or not. A funder may refuse a motive that the school accepts. On what it
is sent, those minutes are unjustified; the school's own record stays as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from popschool.completion.rules_hours import Hours


@dataclass(frozen=True)
class Saying:
    """What a funder says of a motive, from a day on. Without a code or words of its own, it has the school's."""

    id: int
    code: str
    is_accepted: bool
    since: date
    funder_code: str = ""
    words: str = ""


@dataclass(frozen=True)
class Missed:
    """Minutes that the school counts as justified on one day, and the motive."""

    on: date
    minutes: int
    code: str


def said_of(sayings: Iterable[Saying], code: str, on: date) -> Saying | None:
    """Return what a funder says of a motive on a day; None when it has said nothing: it accepts it."""
    heard = [one for one in sayings if one.code == code and one.since <= on]
    return max(heard, key=lambda one: (one.since, one.id), default=None)


def is_accepted(sayings: Iterable[Saying], code: str, on: date) -> bool:
    """Say whether a funder counts a motive as justified on a day. Without a motive, it trusts the school."""
    said = said_of(sayings, code, on) if code else None
    return said is None or said.is_accepted


def refused(sayings: Sequence[Saying], missed: Iterable[Missed]) -> list[Missed]:
    """Return the minutes that the school justified and that the funder does not accept."""
    return [one for one in missed if not is_accepted(sayings, one.code, one.on)]


def without(hours: Hours, minutes: int) -> Hours:
    """Return hours in which some justified minutes are unjustified: the sum stays the same.

    >>> without(Hours(due=420, attended=210, justified=210), 210)
    Hours(planned=0, due=420, attended=210, distance=0, justified=0, unjustified=210, missing=0, company=0, \
company_planned=0)
    """
    return replace(hours, justified=hours.justified - minutes, unjustified=hours.unjustified + minutes)
