"""Participants of an operation of the European Social Fund (FSE+): what each is asked, when, and what is missing.

One participant an operation, even when they leave and come back: the first day counts as entry, the last as exit. What
is asked and how soon may change on the way: the terms of the day of entry hold for the entry, those of the day of exit
for what comes after it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from popschool.completion.rules_afterwards import When, due_on
from popschool.errors import RuleBroken


class Moment(StrEnum):
    """The three times at which a participant is asked."""

    ENTRY = "entry"
    EXIT = "exit"
    SIX_MONTHS = "six_months"


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    DAY = "day"
    POSTCODE = "postcode"
    TEXT = "text"


REFUSED = "refused"
YES_NO = ("yes", "no")
SITUATIONS = ("looking", "inactive", "working", "training")


@dataclass(frozen=True)
class Question:
    """One question. `is_locked`: its answer lies apart, under lock. `when`: asked after these answers only."""

    key: str
    moment: Moment
    kind: Kind = Kind.CHOICE
    choices: tuple[str, ...] = ()
    is_locked: bool = False
    may_refuse: bool = False
    when: tuple[str, frozenset[str]] | None = None

    @property
    def answers(self) -> tuple[str, ...]:
        return (*self.choices, REFUSED) if self.may_refuse else self.choices


def _locked(key: str, choices: tuple[str, ...] = YES_NO, may_refuse: bool = True) -> Question:
    return Question(key, Moment.ENTRY, choices=choices, is_locked=True, may_refuse=may_refuse)


QUESTIONS = (
    Question("birth", Moment.ENTRY, Kind.DAY),
    Question("sex", Moment.ENTRY, choices=("woman", "man")),
    Question("postcode", Moment.ENTRY, Kind.POSTCODE),
    Question("town", Moment.ENTRY, Kind.TEXT),
    Question("rural", Moment.ENTRY, choices=YES_NO),
    Question("situation", Moment.ENTRY, choices=SITUATIONS),
    Question(
        "without_job", Moment.ENTRY, choices=("under_6", "6_to_12", "12_to_24", "over_24"),
        when=("situation", frozenset({"looking", "inactive"})),
    ),
    Question("diploma", Moment.ENTRY, choices=("0_2", "3_4", "5_8")),
    _locked("resources", ("rsa", "are", "aah", "ass", "none", "other"), may_refuse=False),
    _locked("single_parent", may_refuse=False),
    _locked("disability"),
    _locked("nationality"),
    _locked("origin"),
    _locked("housing"),
    Question("situation_out", Moment.EXIT, choices=SITUATIONS),
    Question(
        "contract", Moment.EXIT, choices=("permanent", "long", "short", "work_study", "own_business"),
        when=("situation_out", frozenset({"working"})),
    ),
    Question("qualification", Moment.EXIT, choices=("yes", "partly", "no")),
    Question("situation_later", Moment.SIX_MONTHS, choices=SITUATIONS),
    Question(
        "improved", Moment.SIX_MONTHS, choices=YES_NO, when=("situation_later", frozenset({"working"})),
    ),
)  # fmt: skip
BY_KEY = {one.key: one for one in QUESTIONS}
LOCKED = frozenset(one.key for one in QUESTIONS if one.is_locked)
EXIT_DAYS = 28
MOST_INCOMPLETE = 35
SMALL = 5
YOUNGEST, OLDEST = 15, 100
LINK_LASTS = timedelta(days=120)


@dataclass
class AnswerWrong(RuleBroken):
    """This is no answer to that question."""

    key: str


@dataclass
class AnswersMissing(RuleBroken):
    """Questions without an answer: nothing is sent until each has one."""

    keys: tuple[str, ...]


@dataclass
class OperationTooShort(RuleBroken):
    """An operation of one day or less has no participants."""


@dataclass
class FundingElsewhere(RuleBroken):
    """This agreement already counts for another operation: its people would be declared twice."""

    operation: str


@dataclass
class NobodyToExport(RuleBroken):
    """There is nobody in this operation: an empty file would say that it is complete."""

    operation: str


@dataclass(frozen=True)
class Terms:
    """What an operation asks from a day on, and how many days are left to say what became of somebody who left."""

    since: date
    exit_days: int
    asks: frozenset[str]

    @classmethod
    def usual(cls, since: date) -> "Terms":
        return cls(since, EXIT_DAYS, frozenset(BY_KEY))


def terms_on(terms: Sequence[Terms], day: date) -> Terms:
    """Return the terms that hold on a day: the last said of those that have begun, or the first there are."""
    begun = [one for one in terms if one.since <= day]
    return max(enumerate(begun), key=lambda one: (one[1].since, one[0]))[1] if begun else terms[0]


def asked(moment: Moment, terms: Terms, answers: Mapping[str, str]) -> list[Question]:
    """Return the questions of a moment, in order, after what has been answered so far."""
    return [
        one
        for one in QUESTIONS
        if one.moment is moment
        and one.key in terms.asks
        and (one.when is None or answers.get(one.when[0]) in one.when[1])
    ]


def check(question: Question, said: str, today: date) -> str:
    """Return an answer as it is kept. Raises AnswerWrong."""
    said = said.strip()
    is_good = {
        Kind.CHOICE: lambda: said in question.answers,
        Kind.DAY: lambda: _is_birth(said, today),
        Kind.POSTCODE: lambda: re.fullmatch(r"\d{5}", said) is not None,
        Kind.TEXT: lambda: 0 < len(said) <= 80,
    }[question.kind]()
    if not is_good:
        raise AnswerWrong(question.key)
    return said


def _is_birth(said: str, today: date) -> bool:
    try:
        return YOUNGEST <= age_on(date.fromisoformat(said), today) < OLDEST
    except ValueError:
        return False


def day_of(said: str) -> date | None:
    return date.fromisoformat(said) if said else None


def age_on(birth: date, day: date) -> int:
    """Return how old somebody is on a day.

    >>> age_on(date(2001, 3, 9), date(2027, 3, 8))
    25
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


class Who(StrEnum):
    """Who must act."""

    PERSON = "person"
    SCHOOL = "school"


@dataclass(frozen=True)
class Said:
    """What somebody answered at one moment: the open answers, and which questions they were asked."""

    answers: Mapping[str, str]
    asked: frozenset[str]
    on: date


@dataclass(frozen=True)
class Gap:
    """Something missing of a participant: which questions, since when, and who must act."""

    moment: Moment
    keys: tuple[str, ...]
    due_on: date
    who: Who
    is_late: bool


@dataclass(frozen=True)
class Participant:
    """One person in one operation, as the rows say. `last_on` is None while a place still runs."""

    person_id: int
    name: str
    has_contact: bool
    first_on: date
    last_on: date | None
    said: Mapping[Moment, Said] = field(default_factory=dict)

    def is_due(self, moment: Moment, today: date) -> bool:
        return self.due_on(moment) is not None and self.due_on(moment) <= today

    def due_on(self, moment: Moment) -> date | None:
        """Return the day from which somebody is asked at a moment; nothing while it cannot be known."""
        if moment is Moment.ENTRY:
            return self.first_on
        if self.last_on is None:
            return None
        return due_on(self.last_on, When.EXIT if moment is Moment.EXIT else When.SIX_MONTHS)

    def wanted(self, moment: Moment, terms: Sequence[Terms]) -> tuple[str, ...]:
        day = self.first_on if moment is Moment.ENTRY else self.last_on or self.first_on
        said = self.said.get(moment)
        return tuple(one.key for one in asked(moment, terms_on(terms, day), said.answers if said else {}))


CONTACT = "contact"


@dataclass(frozen=True)
class Standing:
    """Where a participant stands: what is missing, and which share of what is due is there."""

    participant: Participant
    gaps: tuple[Gap, ...]
    there: int
    due: int

    @property
    def percent(self) -> int:
        return self.there * 100 // self.due

    @property
    def is_complete(self) -> bool:
        return not self.gaps


def standing(one: Participant, terms: Sequence[Terms], today: date) -> Standing:
    """Say what is missing of a participant by today, and who must act. A way to reach them is one answer more."""
    gaps, there, due = [], int(one.has_contact), 1
    if not one.has_contact:
        gaps.append(Gap(Moment.ENTRY, (CONTACT,), one.first_on, Who.SCHOOL, is_late=True))
    for moment in Moment:
        since = one.due_on(moment)
        if since is None or since > today:
            continue
        wanted, said = one.wanted(moment, terms), one.said.get(moment)
        missing = tuple(key for key in wanted if said is None or key not in said.asked)
        due += len(wanted)
        there += len(wanted) - len(missing)
        if missing:
            last = since + timedelta(days=terms_on(terms, one.last_on or one.first_on).exit_days)
            who = Who.PERSON if one.has_contact and today <= last else Who.SCHOOL
            gaps.append(Gap(moment, missing, since, who, is_late=today > last))
    return Standing(one, tuple(gaps), there, due)


class What(StrEnum):
    """What is wrong in an operation, or must be looked at."""

    NO_PEOPLE = "no_people"
    ONE_DAY = "one_day"
    NO_FUNDING = "no_funding"
    NOT_OF_THE_UNION = "not_of_the_union"
    OUTSIDE = "outside"
    TOO_MANY_INCOMPLETE = "too_many_incomplete"
    TERMS_CHANGED = "terms_changed"
    ENTRY_SAID_AFTER_EXIT = "entry_said_after_exit"
    EXIT_SAID_LATE = "exit_said_late"


@dataclass(frozen=True)
class Anomaly:
    """One thing to look at, with what it is about."""

    what: What
    facts: dict[str, Any]


def incomplete_share(found: Sequence[Standing]) -> int | None:
    """Return the share of participants with something missing, in whole percents upwards; nothing of nobody."""
    return -(-sum(not one.is_complete for one in found) * 100 // len(found)) if found else None


def anomalies(
    found: Sequence[Standing], terms: Sequence[Terms], first: date, last: date,
    fundings: Iterable[tuple[str, bool, date, date]],
) -> list[Anomaly]:  # fmt: skip
    """Return what is wrong with an operation of these days; `fundings` are name, of the Union or not, and days."""
    fundings = list(fundings)
    told = []
    if first == last:
        told.append(Anomaly(What.ONE_DAY, {}))
    if not fundings:
        told.append(Anomaly(What.NO_FUNDING, {}))
    elif not found:
        told.append(Anomaly(What.NO_PEOPLE, {}))
    for name, is_of_union, starts_on, ends_on in fundings:
        if not is_of_union:
            told.append(Anomaly(What.NOT_OF_THE_UNION, {"name": name}))
        if starts_on < first or ends_on > last:
            told.append(Anomaly(What.OUTSIDE, {"name": name, "first": starts_on, "last": ends_on}))
    share = incomplete_share(found)
    if share is not None and share > MOST_INCOMPLETE:
        told.append(Anomaly(What.TOO_MANY_INCOMPLETE, {"percent": share}))
    for before, after in zip(terms, terms[1:], strict=False):
        more = sorted(after.asks - before.asks)
        untouched = sum(one.participant.first_on < after.since for one in found)
        if (more or before.asks - after.asks) and untouched:
            told.append(Anomaly(What.TERMS_CHANGED, {"since": after.since, "keys": more, "people": untouched}))
    for one in found:
        told += _of_answers(one.participant, terms)
    return told


def _of_answers(one: Participant, terms: Sequence[Terms]) -> list[Anomaly]:
    told = []
    entry, left = one.said.get(Moment.ENTRY), one.said.get(Moment.EXIT)
    if entry and one.last_on and entry.on > one.last_on:
        told.append(Anomaly(What.ENTRY_SAID_AFTER_EXIT, {"name": one.name, "on": entry.on}))
    if left and one.last_on:
        days = (left.on - one.last_on).days
        most = terms_on(terms, one.last_on).exit_days
        if days > most:
            told.append(Anomaly(What.EXIT_SAID_LATE, {"name": one.name, "days": days, "most": most}))
    return told


LONG_WITHOUT = frozenset({"12_to_24", "over_24"})


def counts(found: Sequence[Participant]) -> dict[str, int]:
    """Count the participants as the Union asks, of what lies open. Whoever has not answered is in the first only."""
    entry = [(one, one.said[Moment.ENTRY].answers) for one in found if Moment.ENTRY in one.said]
    out = [one.said[Moment.EXIT].answers for one in found if Moment.EXIT in one.said]
    later = [one.said[Moment.SIX_MONTHS].answers for one in found if Moment.SIX_MONTHS in one.said]
    ages = [age_on(date.fromisoformat(said["birth"]), one.first_on) for one, said in entry if said.get("birth")]
    said = [answers for _one, answers in entry]
    return {
        "participants": len(found),
        "answered": len(entry),
        "looking": sum(one.get("situation") == "looking" for one in said),
        "long": sum(one.get("situation") == "looking" and one.get("without_job") in LONG_WITHOUT for one in said),
        "inactive": sum(one.get("situation") == "inactive" for one in said),
        "working": sum(one.get("situation") == "working" for one in said),
        "under_18": sum(age < 18 for age in ages),
        "18_to_29": sum(18 <= age <= 29 for age in ages),
        "over_54": sum(age >= 55 for age in ages),
        "0_2": sum(one.get("diploma") == "0_2" for one in said),
        "3_4": sum(one.get("diploma") == "3_4" for one in said),
        "5_8": sum(one.get("diploma") == "5_8" for one in said),
        "rural": sum(one.get("rural") == "yes" for one in said),
        "out_looking": sum(one.get("situation_out") == "looking" for one in out),
        "out_training": sum(one.get("situation_out") == "training" for one in out),
        "out_qualified": sum(one.get("qualification") == "yes" for one in out),
        "out_working": sum(one.get("situation_out") == "working" for one in out),
        "later_working": sum(one.get("situation_later") == "working" for one in later),
        "later_improved": sum(one.get("improved") == "yes" for one in later),
    }


def locked_counts(said: Sequence[Mapping[str, str]]) -> dict[str, int | None]:
    """Count what lies under lock; a count under five is not told, nor one that leaves fewer than five."""
    found: dict[str, int | None] = {}
    for key in ("disability", "nationality", "origin", "housing", "single_parent"):
        answers = [one[key] for one in said if key in one]
        yes = answers.count("yes")
        rest = len(answers) - yes
        found[key] = yes if yes >= SMALL and (rest == 0 or rest >= SMALL) else None
    return found
