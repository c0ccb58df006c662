"""Rounds drawn by chance: true scores, lenient and hurried reviewers, marks in steps of five."""

from dataclasses import dataclass, replace
from random import Random

from popschool.review.rules_allocation import Group, Person, Work, plan
from popschool.review.rules_estimate import Evidence, Score

MEAN, GRADE_NOISE = 70.0, 2.5
FLAT_SPREAD = 12.0


@dataclass(frozen=True)
class Setting:
    """What a round is drawn from. `flat` is the share of reviewers who give one level to everything."""

    name: str
    people: int = 24
    wanted: int = 3
    noise: float = 9.0
    spread: float = 10.5
    leniency: float = 7.0
    offset: float = 3.0
    step: float = 5.0
    flat: float = 0.0


BASE = Setting("base")
SPREADS = (
    BASE,
    replace(BASE, name="noise 6", noise=6.0),
    replace(BASE, name="noise 13.5", noise=13.5),
    replace(BASE, name="spread 17", spread=17.0),
)
SETTINGS = tuple(
    replace(one, name=f"{one.name}, {flat:.0%} flat" if flat else one.name, flat=flat)
    for flat in (0.0, 0.10, 0.25)
    for one in SPREADS
)


@dataclass(frozen=True)
class Reviewers:
    """A cohort of reviewers: they keep their leniency from one round to the next."""

    lenient: tuple[float, ...]
    flat: frozenset[int]


@dataclass(frozen=True)
class Drawn:
    """One round: the truth, and what was seen of it."""

    truth: dict[int, float]
    scores: tuple[Score, ...]
    grades: dict[int, float]

    def evidence(self, graded: tuple[int, ...] = ()) -> Evidence:
        return Evidence(tuple(self.truth), self.scores, {work: self.grades[work] for work in graded})


def draw_reviewers(setting: Setting, random: Random) -> Reviewers:
    lenient = tuple(random.gauss(0, setting.leniency) for _ in range(setting.people))
    return Reviewers(lenient, frozenset(random.sample(range(setting.people), round(setting.flat * setting.people))))


def group_of(people: int, wanted: int, teams: dict[int, int] | None = None) -> Group:
    return Group(
        tuple(Person(one, teams[one] if teams else None) for one in range(people)),
        tuple(Work(one, frozenset([one])) for one in range(people)),
        wanted,
    )


def draw_round(setting: Setting, reviewers: Reviewers, random: Random) -> Drawn:
    truth = {work: random.gauss(MEAN, setting.spread) for work in range(setting.people)}
    levels = {one: random.gauss(MEAN + setting.offset, FLAT_SPREAD) for one in sorted(reviewers.flat)}
    scores = []
    for reviewer, work in plan(group_of(setting.people, setting.wanted), f"{random.random()}").pairs:
        seen = truth[work] + setting.offset + reviewers.lenient[reviewer] + random.gauss(0, setting.noise)
        value = levels.get(reviewer, seen)
        scores.append(Score(reviewer, work, min(100.0, max(0.0, setting.step * round(value / setting.step)))))
    grades = {work: score + random.gauss(0, GRADE_NOISE) for work, score in truth.items()}
    return Drawn(truth, tuple(scores), grades)
