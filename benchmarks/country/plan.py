"""Who does what on a day of the country, and when: people in, acts out. No clock, no network."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from random import Random
from typing import Any, NamedTuple

LOOKS = (0.5, 0.7, 1.0)
ONE_ASKS_OF = 8
BY_LINK_OF = 2
ANSWERS = 6


class Act(NamedTuple):
    """One thing that one person does, so many seconds after its part of the day began."""

    at: float
    who: int
    what: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A part of the day: when it begins, how many minutes it lasts in truth, and its share of the seconds of a run."""

    name: str
    begins: time
    minutes: int
    share: float
    is_months_end: bool = False


PARTS = (
    Part("everyone signs", time(8, 45), 30, 0.3),
    Part("projects are read", time(10), 360, 0.25),
    Part("everyone hands in", time(16, 30), 30, 0.3),
    Part("the month ends", time(17, 15), 60, 0.15, is_months_end=True),
)


@dataclass(frozen=True)
class Group:
    """A cohort on that day: who is in it and who leads, what there is to open, to read, to hand in and to answer.

    `asks` is what the deliverable asks for. `waiting` are works that nobody has answered.
    """

    id: int
    half_day: int
    trainer: int
    learners: tuple[int, ...]
    assignment: int = 0
    deliverable: int = 0
    asks: tuple[str, ...] = ()
    waiting: tuple[int, ...] = ()


@dataclass(frozen=True)
class School:
    id: int
    manager: int
    groups: tuple[Group, ...]


def shared(schools: Sequence[int], share: float, turn: int = 0) -> list[int]:
    """Return so large a share of the schools, one at least, spread evenly over the whole list.

    Each turn takes others, until all had theirs: a month's statement is issued once.
    """
    wanted = max(1, min(len(schools), round(len(schools) * share)))
    return sorted(schools[(place * len(schools) // wanted + turn) % len(schools)] for place in range(wanted))


def morning(schools: Sequence[School], seconds: float, random: Random) -> list[Act]:
    """Each trainer opens in the first ten minutes and looks; everyone signs, most of them around the hour."""
    acts = []
    for group in _groups(schools):
        opened = random.uniform(0, seconds / 3)
        of = {"half_day": group.half_day}
        acts.append(Act(opened, group.trainer, "open", of))
        acts += [Act(max(seconds * look, opened), group.trainer, "look", of) for look in LOOKS]
        for place, person in enumerate(group.learners):
            at = max(opened + seconds / 30, random.triangular(0, seconds, seconds / 2))
            acts.append(Act(at, person, "sign_by_link" if place % BY_LINK_OF else "sign_today", of))
    return acts


def day(schools: Sequence[School], seconds: float, random: Random) -> list[Act]:
    """Everyone reads the project, one in eight asks for help; trainers answer what was asked."""
    acts = []
    for group in _groups(schools):
        for place, person in enumerate(group.learners):
            at, of = random.uniform(0, seconds * 0.7), {"assignment": group.assignment}
            if place % ONE_ASKS_OF == 0:
                acts.append(Act(at, person, "ask", of))
                acts.append(Act(random.uniform(at, seconds), group.trainer, "help", {}))
            else:
                acts.append(Act(at, person, "read", of))
    return acts


def evening(schools: Sequence[School], seconds: float, random: Random) -> list[Act]:
    """Everyone hands in, most of them in the middle; trainers answer works that wait."""
    acts = []
    for group in _groups(schools):
        of = {"deliverable": group.deliverable, "asks": list(group.asks)}
        for person in group.learners if group.deliverable else ():
            acts.append(Act(random.triangular(0, seconds, seconds / 2), person, "hand_in", of))
        for submission in group.waiting[:ANSWERS]:
            acts.append(Act(random.uniform(0, seconds), group.trainer, "answer", {"submission": submission}))
    return acts


def month(schools: Sequence[School], seconds: float, random: Random) -> list[Act]:
    """Every school's reports and the statements of each cohort, then those of the network."""
    acts = []
    for school in schools:
        of_school = {"school": school.id}
        acts += [
            Act(random.uniform(0, seconds), school.manager, what, of_school)
            for what in ("figures", "year", "register_of_year")
        ]
        for group in school.groups:
            at, of = random.uniform(0, seconds), {"cohort": group.id}
            acts += [Act(at, school.manager, "months", of), Act(at, school.manager, "statement", of)]
    return acts


PLANS: dict[str, Callable[[Sequence[School], float, Random], list[Act]]] = dict(
    zip((part.name for part in PARTS), (morning, day, evening, month), strict=True)
)


def plan(part: Part, schools: Sequence[School], seconds: float, random: Random) -> list[Act]:
    """Return what is done during one part of a run that lasts so many seconds, in the order of time."""
    return sorted(PLANS[part.name](schools, seconds * part.share, random), key=lambda act: (act.at, act.who))


def people_of(acts: Sequence[Act]) -> dict[int, list[Act]]:
    """Return each person's acts, in the order of time: nobody is at two pages at once."""
    found: dict[int, list[Act]] = {}
    for act in acts:
        found.setdefault(act.who, []).append(act)
    return found


def _groups(schools: Sequence[School]) -> Iterator[Group]:
    return (group for school in schools for group in school.groups)
