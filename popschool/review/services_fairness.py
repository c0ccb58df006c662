"""Is a round fair between groups of people? What each gave and received, how it marks, and what trainers saw.

Groups are those that the round itself knows: cohorts, works on time or late, alone or in a team. Nothing is asked of
anybody for it, and nothing is said of fewer than five people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from popschool.review import rules_feedback as feedback
from popschool.review import services_estimates
from popschool.review.rules_feedback import SMALLEST_GROUP, GroupFigure
from popschool.review.services_estimates import Drawn
from popschool.review.services_world import World


class By(StrEnum):
    """What tells groups apart."""

    COHORT = "cohort"
    TIMING = "timing"
    TEAM = "team"


@dataclass(frozen=True)
class GroupLine:
    """One group. `leniency` is how much higher it marks than all; `apart` is its works' estimates less trainers' marks.

    Of fewer than five people, only the name is known.
    """

    name: str
    people: int = 0
    given: int = 0
    received: int = 0
    leniency: GroupFigure | None = None
    apart: GroupFigure | None = None

    @property
    def is_hidden(self) -> bool:
        return self.people < SMALLEST_GROUP


@dataclass(frozen=True)
class _Facts:
    """A round by person: the groups of each, their reviews, and what estimates said before any trainer's mark."""

    world: World
    drawn: Drawn
    before: Mapping[int, float]
    grades: Mapping[int, float]


def fairness_of(world: World, drawn: Drawn, codes: Mapping[int, str]) -> dict[By, list[GroupLine]]:
    """Return the lines of each way of telling groups apart, where there are two groups at least. No query.

    `codes` are those of the cohorts.
    """
    before, grades = services_estimates.without_grades(drawn), drawn.grades
    facts = _Facts(
        world,
        drawn,
        before,
        {work.id: grades[work.submission_id] for work in world.standing_works if work.submission_id in grades},
    )
    late = {author for work in world.standing_works if work.is_late for author in work.authors}
    teams = {author for work in world.standing_works if len(work.authors) > 1 for author in work.authors}
    ways: dict[By, Callable[[int], str]] = {
        By.COHORT: lambda person: codes.get(world.cohort_of(person), ""),
        By.TIMING: lambda person: "late" if person in late else "on_time",
        By.TEAM: lambda person: "team" if person in teams else "alone",
    }
    found = {way: _lines(facts, group_of) for way, group_of in ways.items()}
    return {way: lines for way, lines in found.items() if len(lines) > 1}


def _lines(facts: _Facts, group_of: Callable[[int], str]) -> list[GroupLine]:
    people: dict[str, set[int]] = {}
    for reviewer in facts.world.reviewers:
        people.setdefault(group_of(reviewer.person_id), set()).add(reviewer.person_id)
    return [_line(facts, name, people[name]) for name in sorted(people)]


def _line(facts: _Facts, name: str, people: set[int]) -> GroupLine:
    if len(people) < SMALLEST_GROUP:
        return GroupLine(name)
    world, known = facts.world, facts.drawn.result.reviewers
    works = [work for work in world.standing_works if work.authors & people]
    own = [reviewer for reviewer in world.reviewers if reviewer.person_id in people]
    sent = {one.id: len([r for r in world.reviews_by(one) if r.submitted_at is not None]) for one in own}
    leniency = feedback.fairness((name, known[one].mean, 0.0) for one in sorted(people) if one in known)
    apart = feedback.fairness(
        (name, facts.before[work.id], facts.grades[work.id])
        for work in works
        if work.id in facts.grades and work.id in facts.before
    )
    return GroupLine(
        name,
        len(people),
        given=sum(sent.values()),
        received=sum(len(world.finished(work)) for work in works),
        leniency=leniency[0] if leniency else None,
        apart=apart[0] if apart else None,
    )
