"""Did the reviewer look? Their scores are compared with what the others say, and with one level given to everything.

What comes out is a weight, and a cue for the trainer to look. It is shown to no learner, and accuses nobody: few
reviews that all praise good work look the same.
"""

from collections.abc import Sequence
from math import exp, log, pi

from popschool.review.rules_matrix import Rows, dot, factor, forward, log_determinant, product, solve_any
from popschool.review.rules_posterior import Data, Posterior, Reader

FLAT_LEVEL, FLAT_NOISE = 144.0, 25.0
# Two points: whoever gives one level to everything gives the same score, as near as the steps of the scale allow.
SAME = 4.0
LOG_FAR = 500.0


def flat_noise(step: float) -> float:
    """Return the variance of scores that mean one level: a score rounded to a step is off by step² / 12."""
    return max(SAME, step * step / 12.0)


def honest_weights(data: Data, found: Posterior, noise: float = FLAT_NOISE) -> list[float]:
    """Return for each reviewer the chance that they looked; 1 when there is too little to compare with.

    `noise` is the variance around one level of those who give it to everything.
    """
    scores = [score for reader in data.readers for score in reader.scores]
    level = sum(scores) / len(scores) if scores else 0.0
    weights = []
    for reader in data.readers:
        apart = _Apart(reader, found) if len(reader.works) > 1 else None
        if apart is None or not apart.is_sound:
            weights.append(1.0)
            continue
        flat = _covariance(len(reader.works), FLAT_LEVEL, noise)
        odds = _log_normal([score - level for score in reader.scores], flat) - _log_normal(apart.left, apart.spread)
        weights.append(1.0 / (1.0 + reader.flat / (1.0 - reader.flat) * exp(min(odds, LOG_FAR))))
    return weights


def doubt(data: Data, found: Posterior, honest: Sequence[float]) -> list[float]:
    """Return for each work the variance to add, because it is not certain which reviewers looked."""
    added = [0.0] * data.size
    for reader, one in zip(data.readers, honest, strict=True):
        share = one * (1.0 - one)
        apart = _Apart(reader, found) if len(reader.works) > 1 and share > 1e-12 else None
        if apart is None or not apart.is_sound:
            continue
        pull = [row[0] for row in solve_any(apart.spread, [[value] for value in apart.left])]
        steps = product(apart.inverse_weighted, apart.outside)
        for place, row in enumerate(steps):
            row[place] += 1.0
        through = [dot(row, pull) for row in steps]
        for work in range(data.size):
            moved = dot(_seen(reader, found, work), through)
            added[work] += share * moved * moved
    return added


def _seen(reader: Reader, found: Posterior, work: int) -> list[float]:
    """Return the covariance of one work with what each review of a reviewer measures."""
    row = found.covariance[work]
    return [row[other] + row[-1] for other in reader.works]


class _Apart:
    """One reviewer seen from what all the others say: `left` of their scores, with covariance `spread`.

    Not `is_sound` when nearly nobody else has read anything: over a grid, taking one reviewer out is then no variance.
    """

    def __init__(self, reader: Reader, found: Posterior):
        count, beta = len(reader.works), len(found.mean) - 1
        own = reader.leniency_variance(found.theta)
        noise = found.theta.sigma**2
        corner = found.covariance[beta][beta]
        known = [
            [
                value + found.covariance[beta][other] + corner
                for value, other in zip(_seen(reader, found, one), reader.works, strict=True)
            ]
            for one in reader.works
        ]
        # The inverse of v J + s I is (I - v / (s + count v) J) / s.
        alone_weighted = noise / reader.weight
        common = -own / (alone_weighted + count * own) / alone_weighted
        self.inverse_weighted = _covariance(count, common, 1.0 / alone_weighted)
        taken_out = product(known, self.inverse_weighted)
        without = [[(one == other) - taken_out[one][other] for other in range(count)] for one in range(count)]
        left = [
            [score - found.mean[work] - found.mean[beta] - reader.mean]
            for work, score in zip(reader.works, reader.scores, strict=True)
        ]
        solved = solve_any(without, [[*more, *row] for more, row in zip(left, known, strict=True)])
        self.left = [row[0] for row in solved]
        self.outside = [row[1:] for row in solved]
        self.is_sound = _is_covariance(self.outside)
        alone = _covariance(count, own, noise)
        self.spread = [
            [a + b for a, b in zip(one, other, strict=True)] for one, other in zip(alone, self.outside, strict=True)
        ]


def _covariance(count: int, common: float, own: float) -> Rows:
    return [[common + own * (one == other) for other in range(count)] for one in range(count)]


def _log_normal(values: Sequence[float], covariance: Sequence[Sequence[float]]) -> float:
    lower, inverses = factor(covariance)
    half = forward(lower, inverses, values)
    return -0.5 * (dot(half, half) + log_determinant(inverses) + len(values) * log(2.0 * pi))


def _is_covariance(rows: Rows) -> bool:
    try:
        factor(rows)
    except ValueError:
        return False
    return True
