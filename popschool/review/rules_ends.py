"""Scores at an end of the scale. 100 means at least that: the scale has no more to give, whatever the reviewer thought.

Such a score is taken as what this reviewer would have given on a longer scale: the mean of what is expected of them for
this work, given that it reached the end. Read as it stands, it would draw the best works towards the others.
"""

from math import erf, exp, pi, sqrt

from popschool.review.rules_posterior import Data, Posterior

LOWEST, HIGHEST = 0.0, 100.0
# Beyond four deviations, what the others say and this score cannot both be right: the score is taken as it stands.
UNLIKELY = 4.0


def read_ends(data: Data, found: Posterior) -> None:
    """Set for each reviewer the scores that the estimate takes, from what is expected of them so far."""
    for reader in data.readers:
        if LOWEST not in reader.scores and HIGHEST not in reader.scores:
            continue
        leniency = found.leniency(reader)
        reader.taken = [
            _taken(score, found.mean[work] + found.mean[-1] + leniency, found.theta.sigma, data.step / 2.0)
            for work, score in zip(reader.works, reader.scores, strict=True)
        ]


def _taken(score: float, expected: float, noise: float, half_step: float) -> float:
    if score == HIGHEST:
        return max(score, expected + noise * beyond((HIGHEST - half_step - expected) / noise))
    if score == LOWEST:
        return min(score, expected - noise * beyond((expected - LOWEST - half_step) / noise))
    return score


def beyond(least: float) -> float:
    """Return the mean of a standard normal value of which it is known that it is above `least`."""
    if least > UNLIKELY:
        return least
    return exp(-0.5 * least * least) / sqrt(2.0 * pi) / (0.5 * (1.0 - erf(least / sqrt(2.0))))
