"""What people do once they have left: when they are asked, how often, and what the answers add up to.

A school asks three times: at the exit, three months and six months after it. Somebody who was looked for and not found
is said so; somebody who was never asked is another thing, and is counted apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from popschool.errors import RuleBroken


class When(StrEnum):
    """The three times at which a school asks."""

    EXIT = "exit"
    THREE_MONTHS = "three_months"
    SIX_MONTHS = "six_months"


MONTHS = {When.EXIT: 0, When.THREE_MONTHS: 3, When.SIX_MONTHS: 6}
# A place that ended long before the school began to ask is left alone.
STILL_ASKED = timedelta(days=45)
# The link of a message opens the questions until the next ones are asked.
LINK_LASTS = timedelta(days=90)
MOST_MESSAGES = 3
BETWEEN_MESSAGES = timedelta(days=6)


class Situation(StrEnum):
    """What somebody does. The last one is the school's word: it looked for the person, in vain."""

    PERMANENT = "permanent"
    LONG_CONTRACT = "long_contract"
    SHORT_CONTRACT = "short_contract"
    WORK_STUDY = "work_study"
    OWN_BUSINESS = "own_business"
    TRAINING = "training"
    LOOKING = "looking"
    INACTIVE = "inactive"
    UNREACHED = "unreached"


POSITIVE = frozenset(Situation) - {Situation.LOOKING, Situation.INACTIVE, Situation.UNREACHED}
LASTING = frozenset({Situation.PERMANENT, Situation.LONG_CONTRACT, Situation.OWN_BUSINESS})
SAID_BY_PEOPLE = tuple(one for one in Situation if one is not Situation.UNREACHED)


class Question(StrEnum):
    """What somebody is asked, one question a page. Only the first needs an answer."""

    SITUATION = "situation"
    RATING = "rating"
    COMMENT = "comment"


class Source(StrEnum):
    """How it is known: the person wrote it, said it by phone, or showed a paper."""

    WRITTEN = "written"
    PHONE = "phone"
    PAPER = "paper"


class Step(StrEnum):
    """What to do next about one questionnaire."""

    WAIT = "wait"
    WRITE = "write"
    CALL = "call"
    DONE = "done"


@dataclass
class LinkEnded(RuleBroken):
    """The link of a message no longer opens the questions."""

    on: date


@dataclass
class SituationMissing(RuleBroken):
    """A situation is one of the list; nobody says of themselves that they were not reached."""


def due_on(last_day: date, when: When) -> date:
    """Return the day from which somebody is asked: the day after the last one, some months later.

    >>> due_on(date(2027, 8, 31), When.SIX_MONTHS)
    datetime.date(2028, 3, 1)
    """
    return _months_later(last_day + timedelta(days=1), MONTHS[when])


def _months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last one of a month that is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def link_ends_on(asked_on: date) -> date:
    """Return the last day on which the link of a message opens the questions."""
    return asked_on + LINK_LASTS


def named_until(last_day: date, months: int) -> date:
    """Return the last day on which answers keep a name: so many months after the last question.

    >>> named_until(date(2027, 8, 31), 12)
    datetime.date(2029, 3, 1)
    """
    return _months_later(due_on(last_day, When.SIX_MONTHS), months)


def due_between(last_day: date, today: date) -> list[When]:
    """Return what should be asked of somebody by today, of what is not too old to be asked."""
    return [when for when in When if today - STILL_ASKED <= due_on(last_day, when) <= today]


def next_step(messages: int, last_on: date | None, has_address: bool, has_answer: bool, today: date) -> Step:
    """Say what to do: write at most three times, six days apart, then call. Without an address, call at once."""
    if has_answer:
        return Step.DONE
    if not has_address:
        return Step.CALL
    if last_on is not None and today < last_on + BETWEEN_MESSAGES:
        return Step.WAIT
    return Step.WRITE if messages < MOST_MESSAGES else Step.CALL


@dataclass(frozen=True)
class Figures:
    """The answers to one of the three questions. `asked` are those whose day has come.

    Of the `silent` nothing is known; the `unreached` were looked for in vain. Both are printed: they are not the same.
    """

    asked: int = 0
    answered: int = 0
    positive: int = 0
    lasting: int = 0
    unreached: int = 0
    satisfied: int = 0
    rated: int = 0

    @property
    def silent(self) -> int:
        return self.asked - self.answered - self.unreached

    @property
    def response_rate(self) -> Decimal | None:
        return _percent(self.answered, self.asked)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: value + getattr(other, name) for name, value in vars(self).items()})

    def positive_rate(self, base: str) -> Decimal | None:
        """Return the share of positive situations, over all who left or over those who answered."""
        return _percent(self.positive, self.asked if base == "leavers" else self.answered)

    @property
    def satisfaction_rate(self) -> Decimal | None:
        return _percent(self.satisfied, self.rated)


def figures(answers: Iterable[tuple[str | None, int | None]]) -> Figures:
    """Count (situation, satisfaction from 1 to 4) of those asked; None is nothing known."""
    found = list(answers)
    said = [situation for situation, _rating in found if situation and situation != Situation.UNREACHED]
    rated = [rating for _situation, rating in found if rating]
    return Figures(
        asked=len(found),
        answered=len(said),
        positive=sum(one in POSITIVE for one in said),
        lasting=sum(one in LASTING for one in said),
        unreached=sum(situation == Situation.UNREACHED for situation, _rating in found),
        satisfied=sum(one >= 3 for one in rated),
        rated=len(rated),
    )


def _percent(part: int, whole: int) -> Decimal | None:
    """Return a rate with one decimal; of nothing, nothing."""
    if not whole:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
