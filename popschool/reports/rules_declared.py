"""What a school declares by hand elsewhere: a rate to Mon Compte Formation, dates in KAIROS, the form of the GEN.

Nothing is sent from here: each sheet says what to copy, from which rows, and what keeps it from being right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from popschool.completion.rules_hours import Hours, cpf_rate
from popschool.errors import RuleBroken


class Done(StrEnum):
    """How an action was followed, in the words of Mon Compte Formation."""

    RUNNING = "running"
    WHOLE = "whole"
    PARTLY = "partly"


class Wrong(StrEnum):
    """What keeps a line from being declared as it is."""

    UNSAID = "unsaid"
    NO_DURATION = "no_duration"
    OVER = "over"
    NO_REASON = "no_reason"
    NO_NUMBER = "no_number"
    NO_SESSION = "no_session"
    LATE = "late"


@dataclass(frozen=True)
class Rate:
    """The rate of one place: minutes done, of how many, and what is wrong. No rate of nothing."""

    done: int
    whole: int
    percent: int | None
    state: Done
    wrong: tuple[Wrong, ...]

    @property
    def may_declare(self) -> bool:
        return self.state is not Done.RUNNING and not self.wrong


def rate(hours: Hours, agreed: int | None, has_ended: bool, left_early: bool, reason: str) -> Rate:
    """Return the rate that Mon Compte Formation takes.

    The whole is the duration agreed; without one, what was planned, which nobody knows of somebody who left before.

    >>> whole = Hours(planned=37800, due=37800, attended=35340, company=16380, company_planned=16800)
    >>> rate(whole, None, True, False, "").percent
    95
    """
    done = hours.realised + hours.company
    whole = agreed if agreed is not None else 0 if left_early else hours.planned + hours.company_planned
    wrong = []
    if hours.missing:
        wrong.append(Wrong.UNSAID)
    if whole <= 0:
        wrong.append(Wrong.NO_DURATION)
    elif done > whole:
        wrong.append(Wrong.OVER)
    percent = cpf_rate(replace(hours, planned=whole, company_planned=0)) if whole > 0 else None
    state = Done.RUNNING if not has_ended else Done.WHOLE if percent == 100 else Done.PARTLY
    if state is Done.PARTLY and left_early and not reason:
        wrong.append(Wrong.NO_REASON)
    return Rate(done, whole, percent, state, tuple(wrong))


class Step(StrEnum):
    """What is typed in KAIROS, in order, for one person."""

    ENROLLED = "ais"
    ENTERED = "aes"
    PRESENCE = "presence"
    LEFT = "left"
    ENDED = "ended"


SESSION = "session"
ENTRY_DAYS = 3


@dataclass
class StepUnknown(RuleBroken):
    """KAIROS knows no such step, or it is not this person's."""

    step: str


def steps_due(first: date, last: date, left_on: date | None, today: date) -> list[Step]:
    """Return what should be in KAIROS by today, for a place of these days."""
    due = [Step.ENROLLED]
    if first <= today:
        due += [Step.ENTERED, Step.PRESENCE]
    if left_on is not None and left_on < last and left_on < today:
        due.append(Step.LEFT)
    elif last < today:
        due.append(Step.ENDED)
    return due


@dataclass(frozen=True)
class Known:
    """One figure of a form: how many, of how many it is known. Nothing is guessed of the others."""

    count: int | None
    known: int
    whole: int

    @property
    def is_sure(self) -> bool:
        return self.count is not None and self.known == self.whole


@dataclass(frozen=True)
class Student:
    """What is known of one person for the form of the Grande École du Numérique; nothing where it is not."""

    is_woman: bool | None
    is_low_level: bool | None
    was_looking: bool | None
    age: int | None
    dropped: bool
    has_title: bool
    later: Mapping[str, str | None]


POSITIVE = ("three_months", "six_months")


def form(students: Sequence[Student], positive: frozenset[str]) -> dict[str, Known]:
    """Return the figures of the form. `later` has each moment that has come: a situation, None without an answer."""
    whole = len(students)

    def of(values: Sequence[bool | None]) -> Known:
        known = [one for one in values if one is not None]
        return Known(sum(known) if known else None, len(known), whole)

    found = {
        "people": Known(whole, whole, whole),
        "women": of([one.is_woman for one in students]),
        "priority_areas": Known(None, 0, whole),
        "low_level": of([one.is_low_level for one in students]),
        "looking": of([one.was_looking for one in students]),
        "under_26": of([None if one.age is None else one.age < 26 for one in students]),
        "retraining": Known(None, 0, whole),
        "dropped": of([one.dropped for one in students]),
        "titles": of([one.has_title for one in students]),
    }
    for moment in POSITIVE:
        asked = [one.later[moment] for one in students if moment in one.later]
        answers = [one for one in asked if one is not None]
        found[moment] = Known(sum(one in positive for one in answers) if answers else None, len(answers), len(asked))
    return found
