"""How leniently a cohort that joins a round marks, beside the one that holds it: seen on the works that both read.

A cohort has its own habits, and what earlier rounds taught of somebody was learnt beside their own cohort. A reviewer
never met needs none of this: their leniency is seen in the round itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from popschool.review.rules_estimate import Prior, Score
from popschool.review.rules_group import Id
from popschool.review.rules_posterior import LENIENCIES, MIDDLE, SIGMAS

NOISE, LENIENCY = SIGMAS[MIDDLE[0]] ** 2, LENIENCIES[2] ** 2
# Before a cohort was ever met: how lenient all its people are together.
UNKNOWN = Prior(0.0, 25.0)


def between(guest: Prior, holder: Prior) -> Prior:
    """Return how much higher one whole cohort marks than another, from what is known of each."""
    return Prior(guest.mean - holder.mean, guest.variance + holder.variance)


def apart(scores: Iterable[Score], guests: frozenset[Id], history: Mapping[Id, Prior], before: Prior) -> Prior:
    """Return how much higher these guests mark than the others do, from `before` and from the works that both read.

    Each work is its own measure: what is compared is what was said of it by some and by others. What is known of a
    reviewer is taken out first.
    """
    by_work: dict[Id, list[tuple[Id, float, float]]] = {}
    for score in scores:
        usual = history[score.reviewer].mean if score.reviewer in history else 0.0
        row = (score.reviewer, float(score.reviewer in guests), score.value - usual)
        by_work.setdefault(score.work, []).append(row)
    along, across, pulls = 0.0, 0.0, dict[Id, float]()
    for rows in by_work.values():
        share = sum(is_guest for _reviewer, is_guest, _value in rows) / len(rows)
        level = sum(value for _reviewer, _is_guest, value in rows) / len(rows)
        for reviewer, is_guest, value in rows:
            side = is_guest - share
            along += side * (value - level)
            across += side * side
            pulls[reviewer] = pulls.get(reviewer, 0.0) + side
    if not across:
        return before
    people = sum(pull * pull * (history[one].variance if one in history else LENIENCY) for one, pull in pulls.items())
    seen = Prior(along / across, (people + NOISE * across) / across**2)
    variance = 1.0 / (1.0 / before.variance + 1.0 / seen.variance)
    return Prior(variance * (before.mean / before.variance + seen.mean / seen.variance), variance)


def levelled(history: Mapping[Id, Prior], apart_of: Mapping[Id, float]) -> dict[Id, Prior]:
    """Return what is known of reviewers beside their own cohort as it reads beside the one that holds the round."""
    return {one: replace(known, mean=known.mean + apart_of.get(one, 0.0)) for one, known in history.items()}
