"""What a tutor says of somebody's work in a company, and what a visit there noted.

Source: the reference of funders' documents, 4.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from popschool.errors import RuleBroken


class Mark(StrEnum):
    """How somebody did, in the company, what a competence asks. A tutor's word awards no level: a trainer does."""

    NOT_SEEN = "not_seen"
    HELPED = "helped"
    ALONE = "alone"


class How(StrEnum):
    """How the school met the person and the tutor."""

    THERE = "there"
    VIDEO = "video"
    PHONE = "phone"


# As papers print them.
MARKS = {Mark.NOT_SEEN: "pas vu dans l'entreprise", Mark.HELPED: "avec de l'aide", Mark.ALONE: "sans aide"}
HOWS = {How.THERE: "dans l'entreprise", How.VIDEO: "en visio", How.PHONE: "au téléphone"}


@dataclass
class PeriodToCome(RuleBroken):
    """Nobody says how a period went before it has begun."""

    starts_on: date


@dataclass
class NothingSeen(RuleBroken):
    """An evaluation says something of one competence at least, or has a word."""


@dataclass
class VisitOutsidePeriod(RuleBroken):
    """A visit takes place during the period, and is written down once it has."""

    first: date
    last: date


def check_evaluation(marks: Mapping[str, Mark], comment: str, starts_on: date, today: date) -> None:
    """Raises PeriodToCome or NothingSeen."""
    if today < starts_on:
        raise PeriodToCome(starts_on)
    if not comment.strip() and all(mark is Mark.NOT_SEEN for mark in marks.values()):
        raise NothingSeen


def check_visit(on: date, starts_on: date, ends_on: date, today: date) -> None:
    """Raises PeriodToCome or VisitOutsidePeriod."""
    if today < starts_on:
        raise PeriodToCome(starts_on)
    last = min(ends_on, today)
    if not starts_on <= on <= last:
        raise VisitOutsidePeriod(starts_on, last)
