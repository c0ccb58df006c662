"""How near estimates are to the truth, beside what others make of the same reviews; how often intervals hold it."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from random import Random
from statistics import median

from benchmarks.review.generator import Drawn, Setting, draw_reviewers, draw_round
from benchmarks.review.rivals import RIVALS
from popschool.review.rules_estimate import Estimates, Evidence, Learned, estimate, learn
from popschool.review.rules_routing import gains, queue

GRADED = 5
ROUNDS = 3


class Tally:
    """Squared errors by method and stage, and what is only of ours: coverage, order, who looked."""

    def __init__(self):
        self.squares: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.held: dict[str, list[bool]] = defaultdict(list)
        self.order: dict[str, list[float]] = defaultdict(list)
        self.flat: list[bool] = []
        self.honest: list[bool] = []

    def rivals(
        self, stage: str, drawn: Drawn, setting: Setting, left_out: tuple[int, ...] = (), names=tuple(RIVALS)
    ) -> None:
        for name in names:
            found = RIVALS[name](drawn, setting)
            self.add(stage, name, found, drawn, left_out)

    def add(self, stage: str, name: str, found: Mapping[int, float], drawn: Drawn, left_out: tuple[int, ...]) -> None:
        works = [work for work in drawn.truth if work not in left_out]
        self.squares[stage, name] += [(found[work] - drawn.truth[work]) ** 2 for work in works]
        if stage == "none":
            self.order[name].append(kendall([found[work] for work in works], [drawn.truth[work] for work in works]))

    def ours(self, stage: str, evidence: Evidence, drawn: Drawn, left_out: tuple[int, ...] = ()) -> Estimates:
        found = estimate(evidence)
        self.add(stage, "ours", {work: one.mean for work, one in found.works.items()}, drawn, left_out)
        for work, one in found.works.items():
            if work not in left_out:
                self.held[stage].append(one.low <= drawn.truth[work] <= one.high)
        return found

    def rmse(self, stage: str, name: str) -> float:
        some = self.squares[stage, name]
        return sqrt(sum(some) / len(some))

    def hold(self, stage: str) -> float:
        return round(100 * sum(self.held[stage]) / len(self.held[stage]), 1)


def kendall(found: list[float], truth: list[float]) -> float:
    """Return Kendall's tau-b: equal estimates count for no order."""
    agree = ties = pairs = 0
    for one in range(len(truth)):
        for other in range(one):
            pairs += 1
            apart = found[one] - found[other]
            if apart == 0:
                ties += 1
            else:
                agree += 1 if (apart > 0) == (truth[one] > truth[other]) else -1
    return agree / sqrt(pairs * max(1, pairs - ties))


def measure(setting: Setting, draws: int, seed: str = "") -> dict:
    """Return the figures of one setting: without grades, with five, and in the third round of the same people."""
    tally = Tally()
    for number in range(draws):
        random = Random(f"{seed}{setting.name} {number}")
        reviewers = draw_reviewers(setting, random)
        known = Learned()
        for turn in range(1, ROUNDS + 1):
            drawn = draw_round(setting, reviewers, random)
            graded = tuple(sorted(random.sample(range(setting.people), GRADED)))
            if turn == 1:
                tally.rivals("none", drawn, setting)
                found = tally.ours("none", drawn.evidence(), drawn)
                for reviewer, one in found.reviewers.items():
                    (tally.flat if reviewer in reviewers.flat else tally.honest).append(one.honest < 0.5)
            stage = {1: "five", ROUNDS: "third"}.get(turn, "second")
            if stage != "second":
                tally.rivals(stage, drawn, setting, graded, ("mean",))
            seen = drawn.evidence(graded)
            known = learn(tally.ours(stage, carried(seen, known), drawn, graded))
    return figures(setting, tally)


def routed_figures(setting: Setting, draws: int, way: str, seed: str = "") -> dict:
    """Return what `measure` says of the same draws when the trainer grades what the estimate asks for, not by chance.

    `way` is one of WAYS. The estimate is made again after each grade, as the page does.
    """
    tally = Tally()
    for number in range(draws):
        random = Random(f"{seed}{setting.name} {number}")
        reviewers = draw_reviewers(setting, random)
        known = Learned()
        for turn in range(1, ROUNDS + 1):
            drawn = draw_round(setting, reviewers, random)
            # Drawn and left aside: the rounds that follow are those of `measure`.
            random.sample(range(setting.people), GRADED)
            graded: tuple[int, ...] = ()
            for _grade in range(GRADED):
                graded = (*graded, WAYS[way](estimate(carried(drawn.evidence(graded), known))))
            stage = {1: "five", ROUNDS: "third"}.get(turn, "second")
            tally.rivals(stage, drawn, setting, graded, ("mean",))
            known = learn(tally.ours(stage, carried(drawn.evidence(graded), known), drawn, graded))
    stages = {"five": "five grades", "third": "third round"}
    return {
        "setting": setting.name,
        "graded": way,
        "below the mean, %": {
            name: below(tally.rmse(stage, "ours"), tally.rmse(stage, "mean")) for stage, name in stages.items()
        },
        "intervals hold, %": {stage: tally.hold(stage) for stage in stages},
    }


# What the trainer grades next, where no pass mark is set.
WAYS = {
    "by gain": lambda found: most(gains(found)),
    "by queue": lambda found: queue(found, seed="queue")[0].work,
}


def seconds(setting: Setting, draws: int = 24) -> list[dict]:
    """Return how long one estimate takes, in each round of the same people: the quickest of five, over some draws."""
    taken: dict[int, list[float]] = defaultdict(list)
    for number in range(draws):
        random = Random(f"time {number}")
        reviewers, known = draw_reviewers(setting, random), Learned()
        for turn in range(1, ROUNDS + 1):
            drawn = draw_round(setting, reviewers, random)
            evidence = carried(drawn.evidence(tuple(random.sample(range(setting.people), GRADED))), known)
            known = learn(estimate(evidence))
            taken[turn].append(min(_one_time(evidence) for _time in range(5)))
    return [
        {"estimate, round": turn, "median, ms": _milliseconds(median(some)), "longest, ms": _milliseconds(max(some))}
        for turn, some in taken.items()
    ]


def _one_time(evidence: Evidence) -> float:
    start = time.process_time()
    estimate(evidence)
    return time.process_time() - start


def _milliseconds(duration: float) -> float:
    return round(1000 * duration, 1)


def carried(seen: Evidence, known: Learned) -> Evidence:
    return replace(seen, history=known.reviewers, beta=known.beta, flat=known.flat, leaning=known.leaning)


def figures(setting: Setting, tally: Tally) -> dict:
    base = tally.rmse("none", "mean")
    return {
        "setting": setting.name,
        "rmse": {name: round(tally.rmse("none", name), 2) for name in (*RIVALS, "ours")},
        "below the mean, %": {
            "no grade": below(tally.rmse("none", "ours"), base),
            "five grades": below(tally.rmse("five", "ours"), tally.rmse("five", "mean")),
            "third round": below(tally.rmse("third", "ours"), tally.rmse("third", "mean")),
        },
        "intervals hold, %": {stage: tally.hold(stage) for stage in ("none", "five", "third")},
        "kendall": {name: round(sum(some) / len(some), 3) for name, some in tally.order.items()},
        "flat seen, %": round(100 * sum(tally.flat) / len(tally.flat), 1) if tally.flat else None,
        "others taken for flat, %": round(100 * sum(tally.honest) / len(tally.honest), 1),
    }


def most(figures: dict[int, float]) -> int:
    return max(figures, key=lambda work: (figures[work], work))


def below(one: float, other: float) -> float:
    return round(100 * (1 - one / other), 1)
