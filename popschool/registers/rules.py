"""Registers: what each line of one holds, when it is late, and what may be shown of what people answered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from popschool.completion.rules_papers import PaperKind
from popschool.errors import RuleBroken
from popschool.schools.rules import search_key


class Register(StrEnum):
    """The registers of a school."""

    INTERVIEWS = "interviews"
    POSITIONING = "positioning"
    RULES = "house_rules"
    SURVEYS = "surveys"
    COMPLAINTS = "complaints"
    IMPROVEMENTS = "improvements"


# The indicators of the quality reference, guide version 9, that each register answers.
INDICATORS = {
    Register.INTERVIEWS: (4, 10), Register.POSITIONING: (8,), Register.RULES: (9,), Register.SURVEYS: (30,),
    Register.COMPLAINTS: (31,), Register.IMPROVEMENTS: (32,),
}  # fmt: skip
PAPERS = {
    Register.INTERVIEWS: PaperKind.INTERVIEWS, Register.POSITIONING: PaperKind.POSITIONING,
    Register.RULES: PaperKind.HOUSE_RULES, Register.SURVEYS: PaperKind.SURVEYS,
    Register.COMPLAINTS: PaperKind.COMPLAINTS, Register.IMPROVEMENTS: PaperKind.IMPROVEMENTS,
}  # fmt: skip
OF_A_PLACE = frozenset({Register.INTERVIEWS, Register.POSITIONING})
OF_THE_SCHOOL = frozenset({Register.COMPLAINTS, Register.IMPROVEMENTS})
# What is asked of each line, in the order of its form. The first text is what the list shows of it.
FIELDS: dict[Register, tuple[str, ...]] = {
    Register.INTERVIEWS: ("stage", "said", "decided"),
    Register.POSITIONING: ("means", "result", "decided"),
    Register.COMPLAINTS: ("who", "said", "name", "mail"),
    Register.IMPROVEMENTS: ("source", "what", "expected"),
}
SHOWN = {
    Register.INTERVIEWS: "decided", Register.POSITIONING: "decided", Register.COMPLAINTS: "said",
    Register.IMPROVEMENTS: "what",
}  # fmt: skip
# Who complains is not looked for by others than those who answer.
NOT_SEARCHED = frozenset({"mail"})
CHOICES: dict[str, tuple[str, ...]] = {
    "stage": ("entry", "way", "company", "end", "other"),
    "means": ("test", "interview", "file"),
    "who": ("learner", "company", "funder", "other"),
    "source": ("complaint", "survey", "audit", "team", "other"),
}
LONGEST_TEXT = 2000
# A complaint is answered within a month; the school may answer before.
ANSWERED_WITHIN = timedelta(days=30)
# Fewer answers than this say who answered what.
FEWEST_ANSWERS = 5
SURVEY_LASTS = timedelta(days=21)
REMINDED_AFTER = (timedelta(days=4), timedelta(days=11))
RATINGS = (4, 3, 2, 1)
SATISFIED = 3
QUESTIONS = ("welcome", "content", "pace", "team", "means", "whole")


class Did(StrEnum):
    """What happens to a line: a complaint is answered, an improvement gives its result."""

    ANSWERED = "answered"
    DONE = "done"


ENDS = {Register.COMPLAINTS: Did.ANSWERED, Register.IMPROVEMENTS: Did.DONE}


class State(StrEnum):
    """Where a line stands: `kept` asks nothing of anybody."""

    KEPT = "kept"
    WAITING = "waiting"
    LATE = "late"
    ENDED = "ended"


@dataclass
class TextMissing(RuleBroken):
    """This line needs its words."""

    name: str


@dataclass
class DayToCome(RuleBroken):
    """What happened has a day that is past, or today."""


@dataclass
class ReasonMissing(RuleBroken):
    """A correction says why."""


@dataclass
class NothingChanged(RuleBroken):
    """A correction changes something."""


@dataclass
class AlreadyEnded(RuleBroken):
    """This line has had its answer, or its result."""


@dataclass
class OwnerMissing(RuleBroken):
    """An improvement has somebody who sees to it, and a day."""


@dataclass
class RulesUnchanged(RuleBroken):
    """These house rules say what the last version says."""


@dataclass
class NotTheLast(RuleBroken):
    """These house rules were replaced: the last version is the one to sign."""


@dataclass
class SurveyClosed(RuleBroken):
    """This survey takes no answer any more."""

    closed_on: date


@dataclass
class SurveyDays(RuleBroken):
    """A survey ends after it begins, and two months later at most."""


@dataclass
class NobodyAsked(RuleBroken):
    """Nobody is in this cohort on these days."""


@dataclass(frozen=True)
class Draft:
    """What somebody writes of one line. `facts` are the answers of its form, by name."""

    on: date
    facts: Mapping[str, str] = field(default_factory=dict)
    due_on: date | None = None
    owner_id: int | None = None
    origin_id: int | None = None


def checked(register: Register, draft: Draft, today: date) -> Draft:
    """Return a line as it is kept. Raises TextMissing, DayToCome or OwnerMissing."""
    if draft.on > today:
        raise DayToCome
    optional = {"name", "mail", "expected"}
    facts = {name: (draft.facts.get(name) or "").strip()[:LONGEST_TEXT] for name in FIELDS[register]}
    missing = next((name for name, text in facts.items() if not text and name not in optional), None)
    if missing:
        raise TextMissing(missing)
    if register is Register.IMPROVEMENTS and (draft.owner_id is None or draft.due_on is None):
        raise OwnerMissing
    due_on = draft.on + ANSWERED_WITHIN if register is Register.COMPLAINTS else draft.due_on
    return Draft(draft.on, facts, due_on, draft.owner_id, draft.origin_id)


def search_text(facts: Mapping[str, str], *names: str) -> str:
    """Return what a search looks in: the words of a line, without accents or capitals."""
    words = [text for name, text in facts.items() if name not in NOT_SEARCHED and name not in CHOICES]
    return search_key(" ".join([*words, *names]))


def state_of(register: Register, due_on: date | None, has_ended: bool, today: date) -> State:
    """Say where a line stands. Its last day is not late."""
    if register not in ENDS:
        return State.KEPT
    if has_ended:
        return State.ENDED
    return State.LATE if due_on is not None and due_on < today else State.WAITING


def check_survey(opens_on: date, closes_on: date) -> None:
    """Raises SurveyDays."""
    if not opens_on < closes_on <= opens_on + timedelta(days=62):
        raise SurveyDays


def reminds(messages: int, opens_on: date, closes_on: date, today: date) -> bool:
    """Say whether somebody who has not answered is written to today: on the first day, then twice."""
    if not opens_on <= today <= closes_on:
        return False
    days = (timedelta(0), *REMINDED_AFTER)
    return messages < len(days) and today >= opens_on + days[messages]


@dataclass(frozen=True)
class Results:
    """What a survey says: how many were asked, how many answered, then, of each question, how many gave each rating.

    `counts` is empty and `comments` too as long as they would tell who said what.
    """

    asked: int
    answered: int
    counts: Mapping[str, Counter[int]] = field(default_factory=dict)
    comments: Sequence[str] = ()

    @property
    def response_rate(self) -> Decimal | None:
        return share(self.answered, self.asked)

    def satisfied(self, question: str) -> Decimal | None:
        counts = self.counts.get(question, Counter())
        return share(sum(count for rating, count in counts.items() if rating >= SATISFIED), counts.total())


def results(asked: int, answers: Iterable[tuple[Mapping[str, int], str]], is_closed: bool) -> Results:
    """Add up the answers of a survey. Nothing is shown before its end, nor under five answers.

    Shown on the way, the answers of yesterday taken from those of today would give one person's.
    """
    found = list(answers)
    if not is_closed or len(found) < FEWEST_ANSWERS:
        return Results(asked, len(found))
    counts = {name: Counter(ratings[name] for ratings, _text in found if name in ratings) for name in QUESTIONS}
    return Results(asked, len(found), counts, sorted(text for _ratings, text in found if text))


def share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def same(one: Draft, other: Draft) -> bool:
    """Say whether two versions of a line say the same."""
    return _plain(one) == _plain(other)


def _plain(draft: Draft) -> tuple[Any, ...]:
    return (draft.on, dict(draft.facts), draft.due_on, draft.owner_id, draft.origin_id)
