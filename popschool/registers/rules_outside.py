"""Surveys of those who work with a school: companies and funders. Whom they ask, what, and by which words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from popschool.errors import RuleBroken
from popschool.registers.rules import RATINGS
from popschool.schools.rules import normalise_mail

MOST_ASKED = 200
LONGEST_NAME, LONGEST_MAIL = 160, 254
MAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")


class Audience(StrEnum):
    """Who is asked without an account."""

    COMPANIES = "companies"
    FUNDERS = "funders"


QUESTIONS: Mapping[Audience, tuple[str, ...]] = {
    Audience.COMPANIES: ("contact", "prepared", "followed", "papers", "whole"),
    Audience.FUNDERS: ("contact", "delay", "papers", "results", "whole"),
}


@dataclass(frozen=True)
class Contact:
    """Somebody who is asked: the address of their mail, and whom they answer for."""

    mail: str
    organisation: str


@dataclass
class ContactsMissing(RuleBroken):
    """A survey asks somebody."""


@dataclass
class TooManyContacts(RuleBroken):
    """One survey asks so many at most."""

    most: int


@dataclass
class ContactUnread(RuleBroken):
    """A line is an address, a comma, then a name; this one is not."""

    line: int


def contacts_in(text: str) -> list[Contact]:
    """Return whom a text names, a line each; an address that comes twice is asked once.

    Raises ContactsMissing, TooManyContacts or ContactUnread.

    >>> contacts_in("A.Bel@exemple.fr, Bel et fils")
    [Contact(mail='a.bel@exemple.fr', organisation='Bel et fils')]
    """
    found: dict[str, Contact] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        written, _comma, name = line.replace(";", ",").partition(",")
        mail, organisation = normalise_mail(written), " ".join(name.split())
        fits = len(mail) <= LONGEST_MAIL and len(organisation) <= LONGEST_NAME
        if not (MAIL.fullmatch(mail) and organisation and fits):
            raise ContactUnread(number)
        found.setdefault(mail, Contact(mail, organisation))
    if not found:
        raise ContactsMissing
    if len(found) > MOST_ASKED:
        raise TooManyContacts(MOST_ASKED)
    return list(found.values())


def written(contacts: Iterable[Contact]) -> str:
    """Return contacts as a text that `contacts_in` reads."""
    return "\n".join(f"{one.mail}, {one.organisation}" for one in contacts)


def ratings_kept(audience: Audience, ratings: Mapping[str, int]) -> dict[str, int]:
    """Return the answers that are those of a question and one of its words."""
    return {name: int(ratings[name]) for name in QUESTIONS[audience] if ratings.get(name) in RATINGS}


def counted(audience: Audience, answers: Iterable[Mapping[str, int]]) -> dict[str, Counter[int]]:
    """Return, of each question, how many gave each word."""
    found: dict[str, Counter[int]] = {name: Counter() for name in QUESTIONS[audience]}
    for ratings in answers:
        for name, rating in ratings.items():
            if name in found:
                found[name][rating] += 1
    return found


class Opened(StrEnum):
    """What a link opens: the questions, or a page that says why not."""

    QUESTIONS = "questions"
    ANSWERED = "answered"
    TO_COME = "to_come"
    OVER = "over"


def opened(has_answered: bool, opens_on: date, closes_on: date, today: date) -> Opened:
    """Say what a link opens. Its last day is open."""
    if has_answered:
        return Opened.ANSWERED
    if today < opens_on:
        return Opened.TO_COME
    return Opened.QUESTIONS if today <= closes_on else Opened.OVER
