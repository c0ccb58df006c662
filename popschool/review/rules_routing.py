"""What a trainer grades next, and why: what must be seen, then where pass is in doubt, then what teaches most.

One grade changes the estimates of others, through the reviewers they share: the queue is asked again after each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erf, sqrt
from random import Random

from popschool.review.rules_estimate import Estimate, Estimates
from popschool.review.rules_group import Id
from popschool.review.rules_posterior import GRADE_VARIANCE

RISKY = 0.10
TARGET = 10.0
# One pick in five is by chance: else what is learnt of the group would rest on odd cases only.
BY_CHANCE = 5


class MustSee(StrEnum):
    """Why a work is looked at before any other, the most urgent first."""

    APPEAL = "appeal"
    REPORT = "report"
    NO_REVIEW = "no_review"
    ONE_REVIEW = "one_review"
    FAR = "far"


class Why(StrEnum):
    """Why this work now, in one word; the page says it in one line."""

    MUST_SEE = "must_see"
    RISK = "risk"
    FAR = "far"
    GAIN = "gain"
    BY_CHANCE = "by_chance"


@dataclass(frozen=True)
class Next:
    """One work of the queue. `risk`: the chance that pass is read wrongly; `gain`: the variance that a grade ends."""

    work: Id
    why: Why
    gain: float
    risk: float | None = None
    must_see: MustSee | None = None


def _mark_of(one: Estimate, pass_mark: float | None, boundaries: Sequence[float]) -> float | None:
    if pass_mark is not None or not boundaries:
        return pass_mark
    return min(boundaries, key=lambda mark: (abs(one.plain - mark), mark))


def risk(one: Estimate, pass_mark: float | None = None, boundaries: Sequence[float] = ()) -> float | None:
    """Return the chance that the estimate is read on the wrong side: of the pass mark, else of the nearest boundary."""
    mark = _mark_of(one, pass_mark, boundaries)
    if mark is None:
        return None
    above = 0.5 * (1.0 + erf((one.plain - mark) / one.plain_sd / sqrt(2.0)))
    return min(above, 1.0 - above)


def gains(estimates: Estimates) -> dict[Id, float]:
    """Return for each work without a grade how much variance, over all of them, a grade of it would end."""
    places = [(place, work) for place, work in enumerate(estimates.order) if estimates.works[work].grade is None]
    found = {}
    for place, work in places:
        row = estimates.covariance[place]
        found[work] = sum(row[other] ** 2 for other, _work in places) / (row[place] + GRADE_VARIANCE)
    return found


def must_see(
    one: Estimate,
    flagged: MustSee | None = None,
    pass_mark: float | None = None,
    boundaries: Sequence[float] = (),
) -> MustSee | None:
    """Say why a work must be seen by a trainer, whatever its estimate; None when it need not.

    An estimate far from plain must be seen when the level of the group changes how it is read. Where it is read the
    same, it waits behind the works in doubt: seen first, it would take the place of most of them.
    """
    if flagged is not None:
        return flagged
    if one.reviews == 0:
        return MustSee.NO_REVIEW
    if one.reviews == 1:
        return MustSee.ONE_REVIEW
    mark = _mark_of(one, pass_mark, boundaries)
    reads_otherwise = mark is None or (one.mean >= mark) != (one.plain >= mark)
    return MustSee.FAR if one.is_far and reads_otherwise else None


def queue(
    estimates: Estimates,
    *,
    pass_mark: float | None = None,
    boundaries: Sequence[float] = (),
    flagged: Mapping[Id, MustSee] | None = None,
    seed: str | None = None,
    leave_out: Collection[Id] = (),
) -> list[Next]:
    """Return the works without a grade, the next to grade first.

    `flagged` are works with an appeal or a report; an appeal is heard even when the work has a grade. With a `seed`,
    one pick in five is drawn among what need not be seen. `leave_out` are works that nobody grades here.
    """
    flags, gain = flagged or {}, gains(estimates)
    found = []
    for work in estimates.order:
        one, flag = estimates.works[work], flags.get(work)
        if work in leave_out or (one.grade is not None and flag is not MustSee.APPEAL):
            continue
        reason, doubt = must_see(one, flag, pass_mark, boundaries), risk(one, pass_mark, boundaries)
        why = Why.GAIN
        if reason is not None:
            why = Why.MUST_SEE
        elif doubt is not None and doubt > RISKY:
            why = Why.RISK
        elif one.is_far:
            why = Why.FAR
        found.append(Next(work, why, gain.get(work, 0.0), doubt, reason))
    found.sort(key=_urgency)
    return found if seed is None else _with_chance(found, seed, sum(1 for _one in _graded(estimates)))


def _urgency(one: Next) -> tuple:
    # Equal but for the last digits is equal: then names decide, on every machine alike.
    gain, doubt = -round(one.gain, 9), -round(one.risk or 0.0, 9)
    if one.must_see is not None:
        return 0, list(MustSee).index(one.must_see), doubt, gain, one.work
    if one.why is Why.RISK:
        return 1, 0, doubt, gain, one.work
    return (2 if one.why is Why.FAR else 3), 0, 0.0, gain, one.work


def _graded(estimates: Estimates) -> Iterable[Estimate]:
    return (one for one in estimates.works.values() if one.grade is not None)


def _with_chance(found: list[Next], seed: str, graded: int) -> list[Next]:
    """Put at every fifth place, counted with what is graded already, one drawn among those that need not be seen."""
    urgent = [one for one in found if one.must_see is not None]
    rest = [one for one in found if one.must_see is None]
    ordered = list(urgent)
    while rest:
        place = graded + len(ordered)
        if place % BY_CHANCE == BY_CHANCE - 1:
            drawn = rest.pop(Random(f"chance {seed} {place}").randrange(len(rest)))
            ordered.append(Next(drawn.work, Why.BY_CHANCE, drawn.gain, drawn.risk))
        else:
            ordered.append(rest.pop(0))
    return ordered


def is_enough(ordered: Iterable[Next], estimates: Estimates, target: float = TARGET) -> bool:
    """Say whether a trainer may stop: nothing must be seen, no doubt above a tenth, every interval narrow enough."""
    return all(
        one.must_see is None and (one.risk is None or one.risk <= RISKY)
        and estimates.works[one.work].half_width <= target
        for one in ordered
    )  # fmt: skip
