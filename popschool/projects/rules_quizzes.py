"""Is an answer right? Questions as courses keep them and what somebody gave, in; a verdict and its reasons, out."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from popschool.errors import RuleBroken

ONE, SEVERAL, ORDER, TEXT, LINE = "one", "several", "order", "text", "line"
LONGEST_ANSWER = 200

Given = list[str]


@dataclass
class NothingAnswered(RuleBroken):
    """An attempt needs at least one answer."""


@dataclass
class QuizChanged(RuleBroken):
    """What was answered is no longer a quiz that this person may read."""


class Verdict(StrEnum):
    """How one question was answered."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    EMPTY = "empty"


@dataclass(frozen=True)
class Marked:
    """One question with what was given, how it was answered, and the explanations that follow from it.

    `said` is what the person reads as their own answer, `right` the right one: both are lists of clean HTML, except for
    a short answer, whose `said` is what was typed.
    """

    question: Mapping
    given: Given
    verdict: Verdict
    said: list[str]
    right: list[str]
    why: list[str]


def plain(text: str) -> str:
    """Return a short answer as it is compared: no accents, no capitals, no final point, one kind of apostrophe."""
    flat = unicodedata.normalize("NFKD", text.replace("’", "'"))
    flat = "".join(sign for sign in flat if not unicodedata.combining(sign)).casefold()
    flat = re.sub(r"\s+", " ", flat).strip()
    return re.sub(r"(?<=\w)\s*[.!?…]+$", "", flat)


def mark(question: Mapping, given: Given) -> Marked:
    """Say how a question was answered. `given` holds keys of answers, in the order chosen, or the text typed."""
    if not given:
        return Marked(question, [], Verdict.EMPTY, [], _right(question), [])
    marker = {ORDER: _mark_order, TEXT: _mark_text}.get(question["kind"], _mark_choice)
    verdict, said, why = marker(question, given)
    return Marked(question, given, verdict, said, _right(question), why)


def mark_all(questions: Sequence[Mapping], given: Mapping[str, Given]) -> list[Marked]:
    """Mark a whole attempt; a question without an answer counts as not answered. Raises NothingAnswered."""
    if not any(given.get(question["id"]) for question in questions):
        raise NothingAnswered
    return [mark(question, given.get(question["id"], [])) for question in questions]


def score(marked: Sequence[Marked]) -> int:
    """Return how many questions are right."""
    return sum(one.verdict is Verdict.RIGHT for one in marked)


def _mark_choice(question: Mapping, given: Given) -> tuple[Verdict, list[str], list[str]]:
    """One choice, several, or a line: all that is right and nothing else is right; some of it is partly so."""
    answers = {answer["key"]: answer for answer in question["answers"]}
    if question["kind"] == LINE:
        return _mark_line(question, given)
    chosen = [answers[key] for key in given if key in answers]
    right = {key for key, answer in answers.items() if answer["is_right"]}
    kept = right & set(given)
    if set(given) == right:
        verdict = Verdict.RIGHT
    else:
        verdict = Verdict.PARTLY if kept and question["kind"] == SEVERAL else Verdict.WRONG
    return verdict, [answer["html"] for answer in chosen], [answer["why"] for answer in chosen if answer["why"]]


def _mark_line(question: Mapping, given: Given) -> tuple[Verdict, list[str], list[str]]:
    """A line is chosen by its number; only the lines that the author speaks of have an explanation."""
    number = int(given[0]) if given[0].isdigit() else 0
    found = next((answer for answer in question["answers"] if answer["line"] == number), None)
    is_line = 0 < number <= len(question["code"])
    said = [f"{number} <code>{question['code'][number - 1].strip()}</code>"] if is_line else []
    verdict = Verdict.RIGHT if found and found["is_right"] else Verdict.WRONG
    return verdict, said, [found["why"]] if found and found["why"] else []


def _mark_order(question: Mapping, given: Given) -> tuple[Verdict, list[str], list[str]]:
    """The whole order is right, or partly so when at least half of the things are at their place."""
    answers = {answer["key"]: answer for answer in question["answers"]}
    wanted = [answer["key"] for answer in _ranked(question)]
    placed = sum(key == right for key, right in zip(given, wanted, strict=False))
    if given == wanted:
        verdict = Verdict.RIGHT
    else:
        verdict = Verdict.PARTLY if placed * 2 >= len(wanted) else Verdict.WRONG
    moved = [key for key, right in zip(given, wanted, strict=False) if key != right] or given
    why = [answers[key]["why"] for key in moved if key in answers and answers[key]["why"]]
    return verdict, [answers[key]["html"] for key in given if key in answers], why


def _mark_text(question: Mapping, given: Given) -> tuple[Verdict, list[str], list[str]]:
    typed = plain(given[0])
    found = next((answer for answer in question["answers"] if plain(answer["text"]) == typed), None)
    verdict = Verdict.RIGHT if found and found["is_right"] else Verdict.WRONG
    return verdict, [given[0]], [found["why"]] if found and found["why"] else []


def _ranked(question: Mapping) -> list[Mapping]:
    return sorted(question["answers"], key=lambda answer: answer["rank"])


def _right(question: Mapping) -> list[str]:
    """Return the right answer, as it is shown when somebody asks for it."""
    right = [answer for answer in _ranked(question) if answer["is_right"]]
    if question["kind"] == LINE:
        return [f"{one['line']} <code>{question['code'][one['line'] - 1].strip()}</code>" for one in right]
    return [answer["html"] for answer in right]
