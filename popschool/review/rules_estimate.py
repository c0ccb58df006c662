"""What the reviews of a work add up to, and how sure that is.

An estimate is never a mark. It weighs each review by what is known of its reviewer, is drawn to the level of the group
when reviews are few, and says its interval. `plain` is the same without being drawn to the group: warnings use it,
because the group's level could hide somebody who needs help.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import log, sqrt

from popschool.review.rules_ends import read_ends
from popschool.review.rules_group import Id
from popschool.review.rules_honesty import doubt, flat_noise, honest_weights
from popschool.review.rules_matrix import Rows, dot
from popschool.review.rules_posterior import (
    AGAIN,
    FLAT_SHARE,
    GLANCE,
    USUAL,
    WHOLE,
    Data,
    Grid,
    Leaning,
    Posterior,
    Prior,
    Reader,
    Theta,
    at,
)

__all__ = ["Estimate", "Estimates", "Evidence", "Leniency", "Prior", "Score", "Theta", "estimate", "learn"]

PLAIN_SPREAD = 60.0
FACTOR = 1.1
NINETY_PERCENT = 1.645
FAR_APART = 5.0
# People and projects change between rounds: this much of what was seen is believed again.
BELIEVED = 0.7
LEAST_LEANING = -5.0
PASSES, LEAST_WEIGHT = 2, 0.02
DRIFT, BETA_DRIFT = 3.0, 1.0
# What is known of one reviewer alone never counts for more than a deviation of one point.
LEAST_OWN = 1.0
# How many intervals checked the first factor is worth.
CHECKS = 20


@dataclass(frozen=True)
class Score:
    """What one review gives one work, from 0 to 100."""

    reviewer: Id
    work: Id
    value: float


@dataclass(frozen=True)
class Evidence:
    """All that is known: reviews, trainers' grades, what earlier rounds of the course taught of each reviewer.

    A calibration piece is a work with a grade. `flat` is the chance, for reviewers met before, that they give one level
    to everything; `leaning` is what earlier rounds say of the spreads.
    """

    works: tuple[Id, ...]
    scores: tuple[Score, ...]
    grades: Mapping[Id, float] = field(default_factory=dict)
    history: Mapping[Id, Prior] = field(default_factory=dict)
    beta: Prior = Prior(0.0, 25.0)
    flat: Mapping[Id, float] = field(default_factory=dict)
    leaning: Leaning = USUAL


@dataclass(frozen=True)
class Estimate:
    """One work: how many reviews, the estimate and its 90 % interval, the same without the pull of the group."""

    work: Id
    reviews: int
    mean: float
    sd: float
    plain: float
    plain_sd: float
    grade: float | None = None

    @property
    def low(self) -> float:
        return min(100.0, max(0.0, self.mean - NINETY_PERCENT * self.sd))

    @property
    def high(self) -> float:
        return max(0.0, min(100.0, self.mean + NINETY_PERCENT * self.sd))

    @property
    def half_width(self) -> float:
        return NINETY_PERCENT * self.sd

    @property
    def is_far(self) -> bool:
        """Say whether the group's level changes the reading of this work: a trainer looks."""
        return abs(self.mean - self.plain) > FAR_APART

    @property
    def shown(self) -> float | None:
        """Return the number to show: the trainer's when there is one, none without a review."""
        if self.grade is not None:
            return self.grade
        return min(100.0, max(0.0, self.mean)) if self.reviews else None


@dataclass(frozen=True)
class Leniency:
    """One reviewer: how much higher than others they score, how sure that is, and whether they seem to have looked."""

    reviewer: Id
    reviews: int
    mean: float
    sd: float
    honest: float


@dataclass(frozen=True)
class Estimates:
    """The estimates of a round. `order` names the rows of `covariance`: the works, then mu and beta."""

    works: dict[Id, Estimate]
    reviewers: dict[Id, Leniency]
    order: tuple[Id, ...]
    covariance: Rows
    mu: float
    beta: float
    beta_sd: float
    theta: Theta
    log_evidence: float
    posterior: Posterior
    data: Data


def estimate(evidence: Evidence, fixed: Theta | None = None, factor: float = FACTOR) -> Estimates:
    """Return the estimates of all works and the leniency of all reviewers.

    With `fixed`, that noise and those spreads are taken as they are, and every review weighs the same.
    `factor` widens intervals: see `interval_factor` and `_deviation`.
    """
    order, reviewers = tuple(sorted(set(evidence.works))), tuple(sorted({one.reviewer for one in evidence.scores}))
    data = _data(evidence, order, reviewers)
    honest = [1.0] * len(reviewers)
    if fixed is not None:
        found, plain = at(data, fixed), at(data, replace(fixed, tau_s=PLAIN_SPREAD))
    else:
        found = Grid(data).posterior(GLANCE)
        for left in reversed(range(PASSES)):
            honest = honest_weights(data, found, flat_noise(data.step))
            for reader, one in zip(data.readers, honest, strict=True):
                reader.weight = max(one, LEAST_WEIGHT)
            read_ends(data, found)
            grid = Grid(data)
            found = grid.posterior(AGAIN if left else WHOLE, around=found.around)
        plain = grid.posterior(WHOLE, (PLAIN_SPREAD,), [max(found.around, key=found.around.__getitem__)])
        found = _doubted(data, found, honest)
        plain = _doubted(data, plain, honest)
    counts = [0] * len(order)
    for reader in data.readers:
        for work in reader.works:
            counts[work] += 1
    works = {
        work: Estimate(
            work,
            counts[place],
            found.mean[place],
            _deviation(found, place, factor, is_fixed=fixed is not None),
            plain.mean[place],
            _deviation(plain, place, factor, is_fixed=fixed is not None),
            evidence.grades.get(work),
        )
        for place, work in enumerate(order)
    }
    people = {
        reviewer: _leniency(reviewer, reader, found, one)
        for reviewer, reader, one in zip(reviewers, data.readers, honest, strict=True)
    }
    mu, beta = found.mean[-2:]
    beta_sd = sqrt(found.covariance[-1][-1])
    return Estimates(
        works, people, order, found.covariance, mu, beta, beta_sd, found.theta, found.log_evidence, found, data
    )


def _data(evidence: Evidence, order: Sequence[Id], reviewers: Sequence[Id]) -> Data:
    place = {work: number for number, work in enumerate(order)}
    by_reviewer: dict[Id, dict[int, float]] = {reviewer: {} for reviewer in reviewers}
    for score in evidence.scores:
        by_reviewer[score.reviewer][place[score.work]] = float(score.value)
    readers = []
    for reviewer in reviewers:
        works = sorted(by_reviewer[reviewer])
        known = evidence.history.get(reviewer)
        readers.append(
            Reader(
                works,
                [by_reviewer[reviewer][work] for work in works],
                known.mean if known else 0.0,
                known.variance if known else None,
                flat=evidence.flat.get(reviewer, FLAT_SHARE),
            )
        )
    grades = {place[work]: float(grade) for work, grade in evidence.grades.items() if work in place}
    return Data(len(order), readers, grades, evidence.beta, evidence.leaning, _step(evidence.scores))


def _step(scores: Sequence[Score]) -> float:
    """Return the least between two different scores; 0 when all are equal."""
    values = sorted({float(one.value) for one in scores})
    return min((more - less for less, more in pairwise(values)), default=0.0)


def _doubted(data: Data, found: Posterior, honest: Sequence[float]) -> Posterior:
    """Widen what depends on reviewers of whom it is not clear whether they looked."""
    covariance = [row.copy() for row in found.covariance]
    for place, more in enumerate(doubt(data, found, honest)):
        covariance[place][place] += more
    return replace(found, covariance=covariance)


def _deviation(found: Posterior, place: int, factor: float, *, is_fixed: bool) -> float:
    """Return how sure one estimate is, widened by `factor`: what the grid and the rest of the model leave out.

    How lenient the group may be is supposed as widely as it can be: that part is not widened again, except at a fixed
    theta, where nothing else makes up for what is not known.
    """
    whole = found.covariance[place][place]
    group = 0.0 if is_fixed else found.covariance[place][-1] ** 2 / found.covariance[-1][-1]
    return sqrt(factor * factor * max(0.0, whole - group) + group)


def _leniency(reviewer: Id, reader: Reader, found: Posterior, honest: float) -> Leniency:
    mean, variance = posterior_of(reader, found)
    return Leniency(reviewer, len(reader.works), mean, sqrt(variance), honest)


def posterior_of(reader: Reader, found: Posterior) -> tuple[float, float]:
    """Return the mean and the variance of a reviewer's leniency."""
    precision, each = _precision(reader, found)
    beta = len(found.mean) - 1
    spread = sum(
        found.covariance[one][other] + found.covariance[one][beta] + found.covariance[other][beta]
        + found.covariance[beta][beta]
        for one in reader.works
        for other in reader.works
    )  # fmt: skip
    return found.leniency(reader), 1.0 / precision + each * each * spread


def _precision(reader: Reader, found: Posterior) -> tuple[float, float]:
    """Return how precisely a reviewer's leniency is known once the works are, and how far each review moves it."""
    noise = found.theta.sigma**2
    precision = 1.0 / reader.leniency_variance(found.theta) + reader.weight * len(reader.works) / noise
    return precision, reader.weight / noise / precision


def _common_and_own(data: Data, found: Posterior) -> tuple[float, list[float]]:
    """Return the variance that all reviewers' levels share, and what is left of each: a level is beta and a leniency.

    The two are known together much better than apart: what makes one too high makes the other too low. So what is
    common to all is carried as the group's, and the rest as each reviewer's own.
    """
    size = len(found.mean)
    moves, levels = [], []
    for reader in data.readers:
        precision, each = _precision(reader, found)
        move = [0.0] * size
        move[-1] = 1.0 - each * len(reader.works)
        for work in reader.works:
            move[work] = -each
        moves.append(move)
        levels.append((1.0 / precision, _variance(move, found.covariance)))
    count = len(moves)
    together = _variance([sum(column) for column in zip(*moves, strict=True)], found.covariance)
    shared = (together - sum(seen for _alone, seen in levels)) / max(1, count * (count - 1))
    most = found.covariance[-1][-1]
    common = min(most, max(0.0, shared)) if count > 1 else most
    return common, [max(LEAST_OWN, alone + seen - common) for alone, seen in levels]


def _variance(move: Sequence[float], covariance: Rows) -> float:
    return sum(value * dot(row, move) for value, row in zip(move, covariance, strict=True) if value)


@dataclass(frozen=True)
class Learned:
    """What a round teaches the next one of the same people: each reviewer's leniency and the chance that they give one
    level to everything, the leniency of the group, the spreads.
    """

    reviewers: Mapping[Id, Prior] = field(default_factory=dict)
    flat: Mapping[Id, float] = field(default_factory=dict)
    beta: Prior = Prior(0.0, 25.0)
    leaning: Leaning = USUAL


def learn(estimates: Estimates) -> Learned:
    """Return what is carried to the next round. People change: a little doubt is added each time."""
    common, own = _common_and_own(estimates.data, estimates.posterior)
    people = {
        one.reviewer: Prior(one.mean, variance + DRIFT)
        for one, variance in zip(estimates.reviewers.values(), own, strict=True)
    }
    flat = {
        one.reviewer: BELIEVED * (1.0 - one.honest) + (1.0 - BELIEVED) * FLAT_SHARE
        for one in estimates.reviewers.values()
    }
    beta = Prior(estimates.beta, common + BETA_DRIFT)
    return Learned(people, flat, beta, _leaning(estimates.data, estimates.posterior))


def _leaning(data: Data, found: Posterior) -> Leaning:
    """Return what the weights of the grid say of each axis; as it was of an axis or a grid that was not used."""
    if not found.around:
        return USUAL
    axes = []
    for axis, usual in enumerate(USUAL):
        seen = [0.0] * len(usual)
        for key, weight in found.around.items():
            seen[key[axis]] += weight
        most = max(seen)
        axes.append(tuple(max(LEAST_LEANING, BELIEVED * log(max(one / most, 1e-9))) for one in seen))
    return axes[0], axes[1], axes[2] if data.has_newcomers else data.leaning[2]


def check_of(grade: float, before: float, sd: float) -> float:
    """Return how far a trainer's grade was from the estimate before it, squared, in its own standard deviations."""
    return ((grade - before) / sd) ** 2


def interval_factor(missed: float, count: int) -> float:
    """Return by how much intervals are widened, after what `count` grades of trainers said of earlier ones."""
    return sqrt((CHECKS * FACTOR**2 + missed) / (CHECKS + count))
