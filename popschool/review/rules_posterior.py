"""What reviews say about works, at given weights: exactly for one noise and spread, and over a grid of them.

y = s + beta + d + e: the score of a review is the work's, the leniency of the whole group, that of the reviewer, and
chance. Works are numbered 0..n-1; then come mu, the level of the works, and beta.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

from popschool.review.rules_matrix import (
    Rows,
    backward,
    factor,
    forward,
    inverse_backwards,
    log_determinant,
)

MU_MEAN, MU_VARIANCE = 70.0, 400.0
GRADE_VARIANCE = 6.25
# Before any review of theirs, the chance that somebody gives one level to everything.
FLAT_SHARE = 0.15
SIGMAS = (4.0, 6.0, 9.0, 13.5, 20.0)
SPREADS = (4.0, 6.5, 10.5, 17.0, 27.0)
LENIENCIES = (1.5, 3.5, 7.0, 14.0)
# Before any review, the middle of the grid is likelier than its ends: a step aside is worth one in log weight.
USUAL = ((-3.5, -1.0, 0.0, -1.0, -3.5), (-3.5, -1.0, 0.0, -1.0, -3.5), (-3.5, -1.0, 0.0, -1.0))
MIDDLE = (2, 2, 1)


Key = tuple[int, int, int]
# What is known beforehand of the grid: log weights of noises, of spreads, of leniencies.
Leaning = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Care:
    """How much of the grid is solved: the neighbours of points less than `far` below the best, in log weight.

    Points lighter than `light` are left out of the mixture.
    """

    far: float
    light: float


# Nothing much further down weighs anything. On the way, when only the weights of reviewers are sought, less is enough:
# a first look around, then the same points again.
WHOLE, GLANCE, AGAIN = Care(4.0, 1e-3), Care(2.5, 1e-2), Care(0.0, 1e-2)


@dataclass(frozen=True)
class Prior:
    """What is known beforehand: a mean and a variance."""

    mean: float
    variance: float


@dataclass(frozen=True)
class Theta:
    """The noise of one review, the spread of works, the spread of reviewers' leniency: three standard deviations."""

    sigma: float
    tau_s: float
    tau_b: float


@dataclass
class Reader:
    """One reviewer: the works they read, their scores, what is known of their leniency, how much they weigh.

    `taken` is what the estimate reads: the scores, but for those at an end of the scale (`rules_ends`).
    """

    works: list[int]
    scores: list[float]
    mean: float = 0.0
    variance: float | None = None
    weight: float = 1.0
    flat: float = FLAT_SHARE
    taken: list[float] = field(default_factory=list)

    def __post_init__(self):
        self.taken = self.taken or self.scores

    def leniency_variance(self, theta: Theta) -> float:
        return theta.tau_b**2 if self.variance is None else self.variance


@dataclass(frozen=True)
class Data:
    """Everything that was observed, with numbers instead of ids. `step` is the least between two different scores."""

    size: int
    readers: Sequence[Reader]
    grades: dict[int, float] = field(default_factory=dict)
    beta: Prior = Prior(0.0, 25.0)
    leaning: Leaning = USUAL
    step: float = 0.0

    @property
    def has_newcomers(self) -> bool:
        """Say whether the spread of leniencies matters: it is that of reviewers of whom nothing is known."""
        return any(reader.variance is None for reader in self.readers)


@dataclass(frozen=True)
class Posterior:
    """Means and covariance of the works, then mu, then beta; the typical theta, and the log evidence at its best.

    `around` are the points of the grid that weighed something, and how much.
    """

    mean: list[float]
    covariance: Rows
    theta: Theta
    log_evidence: float
    around: Mapping[Key, float] = field(default_factory=dict)

    def leniency(self, reader: Reader) -> float:
        """Return the mean of a reviewer's leniency."""
        noise = self.theta.sigma**2
        precision = 1.0 / reader.leniency_variance(self.theta) + reader.weight * len(reader.works) / noise
        left = [
            score - self.mean[work] - self.mean[-1] - reader.mean
            for work, score in zip(reader.works, reader.taken, strict=True)
        ]
        return reader.mean + reader.weight / noise / precision * sum(left)


@dataclass(frozen=True)
class _Part:
    """What does not depend on the spread of works: rows and right side of works and beta, parts of the evidence."""

    rows: Rows
    right: list[float]
    beta_row: list[float]
    beta_right: float
    quadratic: float
    constant: float


def _part(data: Data, sigma: float, tau_b: float) -> _Part:
    precision = 1.0 / (sigma * sigma)
    rows = [[0.0] * (place + 1) for place in range(data.size)]
    right, beta_row = [0.0] * data.size, [0.0] * data.size
    beta_own = 1.0 / data.beta.variance
    beta_right = data.beta.mean / data.beta.variance
    quadratic = MU_MEAN**2 / MU_VARIANCE + data.beta.mean**2 / data.beta.variance
    constant, count = 0.0, 0.0
    for reader in data.readers:
        weight, works = reader.weight, reader.works
        variance = tau_b * tau_b if reader.variance is None else reader.variance
        total = weight * len(works)
        shrunk = 1.0 / (sigma * sigma / variance + total)
        left = [score - reader.mean for score in reader.taken]
        summed = weight * sum(left)
        each, both = weight * precision, shrunk * weight * weight * precision
        for work, value in zip(works, left, strict=True):
            row = rows[work]
            row[work] += each
            right[work] += each * (value - shrunk * summed)
            for other in works:
                if other <= work:
                    row[other] -= both
        border = each * (1.0 - shrunk * total)
        for work in works:
            beta_row[work] += border
        beta_own += total * precision * (1.0 - shrunk * total)
        beta_right += summed * precision * (1.0 - shrunk * total)
        quadratic += precision * (weight * sum(value * value for value in left) - shrunk * summed * summed)
        constant -= 0.5 * log(1.0 + variance * total * precision)
        # A review that weighs little says as little of the noise: counted whole, those who give one level to everything
        # would make it look small, and intervals narrow.
        count += total
    for work, grade in data.grades.items():
        rows[work][work] += 1.0 / GRADE_VARIANCE
        right[work] += grade / GRADE_VARIANCE
        quadratic += grade * grade / GRADE_VARIANCE
    beta_row.extend((0.0, beta_own))
    return _Part(rows, right, beta_row, beta_right, quadratic, constant - count * log(sigma))


@dataclass(frozen=True)
class _Point:
    """One theta solved: its triangle, the forward half of its means, its log evidence."""

    lower: Rows
    inverses: list[float]
    half: list[float]
    log_evidence: float


def _point(data: Data, part: _Part, tau_s: float) -> _Point:
    size, tight = data.size, 1.0 / (tau_s * tau_s)
    rows = []
    for row in part.rows:
        own = row.copy()
        own[-1] += tight
        rows.append(own)
    rows.append([-tight] * size + [size * tight + 1.0 / MU_VARIANCE])
    rows.append(part.beta_row)
    lower, inverses = factor(rows)
    half = forward(lower, inverses, [*part.right, MU_MEAN / MU_VARIANCE, part.beta_right])
    explained = sum(value * value for value in half)
    evidence = part.constant - size * log(tau_s) - 0.5 * log_determinant(inverses) - 0.5 * (part.quadratic - explained)
    return _Point(lower, inverses, half, evidence)


def at(data: Data, theta: Theta) -> Posterior:
    """Return the exact posterior at one theta."""
    point = _point(data, _part(data, theta.sigma, theta.tau_b), theta.tau_s)
    covariance = [row[::-1] for row in reversed(inverse_backwards(point.lower, point.inverses))]
    return Posterior(backward(point.lower, point.inverses, point.half), covariance, theta, point.log_evidence)


class Grid:
    """The grid of thetas for reviews at given weights, solved where it matters: around the best, as far as it weighs.

    What does not depend on the spread of works is worked out once for all of them.
    """

    def __init__(self, data: Data):
        self.data = data
        self.parts: dict[tuple[int, int], _Part] = {}

    def part(self, sigma: int, leniency: int) -> _Part:
        if (sigma, leniency) not in self.parts:
            self.parts[sigma, leniency] = _part(self.data, SIGMAS[sigma], LENIENCIES[leniency])
        return self.parts[sigma, leniency]

    def posterior(self, care: Care, spreads: Sequence[float] = SPREADS, around: Collection[Key] = ()) -> Posterior:
        """Return the posterior over the whole grid, each theta weighing what the reviews say of it.

        `around` are points to begin with.
        """
        points, heights = self._explored(care, spreads, around)
        best = max(heights.values())
        weights = {key: exp(height - best) for key, height in heights.items()}
        total = sum(weights.values())
        weights = {key: weight / total for key, weight in weights.items() if weight / total > care.light}
        total = sum(weights.values())
        weights = {key: weight / total for key, weight in weights.items()}
        mean, covariance = _mixed([(weight, points[key]) for key, weight in weights.items()])
        shares = [(weight, _theta(key, spreads)) for key, weight in weights.items()]
        theta = Theta(
            sum(weight * one.sigma for weight, one in shares),
            sum(weight * one.tau_s for weight, one in shares),
            sum(weight * one.tau_b for weight, one in shares),
        )
        return Posterior(mean, covariance, theta, best, weights)

    def _explored(
        self, care: Care, spreads: Sequence[float], around: Collection[Key]
    ) -> tuple[dict[Key, _Point], dict[Key, float]]:
        """Solve the points to begin with, then the neighbours of all that are not far below the best."""
        points: dict[Key, _Point] = {}
        heights: dict[Key, float] = {}
        leans = self.data.leaning if len(spreads) > 1 else (self.data.leaning[0], (0.0,), self.data.leaning[2])
        sides = (len(SIGMAS), len(spreads), len(LENIENCIES))
        steps = (0, 1, 2) if self.data.has_newcomers else (0, 1)

        def solve(key: Key) -> None:
            if key not in points:
                points[key] = _point(self.data, self.part(key[0], key[2]), spreads[key[1]])
                heights[key] = points[key].log_evidence + sum(lean[one] for lean, one in zip(leans, key, strict=True))

        for key in around or (MIDDLE,):
            solve((key[0], min(key[1], sides[1] - 1), key[2]))
        done: set[Key] = set()
        while True:
            best = max(heights.values())
            near = [key for key, height in heights.items() if key not in done and height > best - care.far]
            if not near:
                return points, heights
            # The best first: what looks near from afar often is not, once the best is known.
            key = max(near, key=heights.__getitem__)
            done.add(key)
            for axis in steps:
                for place in (key[axis] - 1, key[axis] + 1):
                    if 0 <= place < sides[axis]:
                        solve((*key[:axis], place, *key[axis + 1 :]))


def _theta(key: Key, spreads: Sequence[float]) -> Theta:
    return Theta(SIGMAS[key[0]], spreads[key[1]], LENIENCIES[key[2]])


def _mixed(shares: Sequence[tuple[float, _Point]]) -> tuple[list[float], Rows]:
    """Return the mean and the covariance of a mixture of solved points."""
    size = len(shares[0][1].half)
    mean, mixed = [0.0] * size, [[0.0] * (place + 1) for place in range(size)]
    for share, point in shares:
        own = backward(point.lower, point.inverses, point.half)
        mean = [value + share * more for value, more in zip(mean, own, strict=True)]
        backwards = own[::-1]
        for row, more, value in zip(mixed, inverse_backwards(point.lower, point.inverses), backwards, strict=True):
            row[:] = [a + share * (b + value * c) for a, b, c in zip(row, more, backwards, strict=False)]
    backwards = mean[::-1]
    lower = [
        [value - one * other for value, other in zip(row, backwards, strict=False)]
        for row, one in zip(mixed, backwards, strict=True)
    ]
    last = size - 1
    return mean, [[lower[max(last - a, last - b)][min(last - a, last - b)] for b in range(size)] for a in range(size)]
