"""What five grades are worth, by which works they are given to: chance, doubt about pass and fail, the whole queue."""

from collections.abc import Callable
from random import Random

from benchmarks.review.estimates import most
from benchmarks.review.generator import Drawn, Setting, draw_reviewers, draw_round
from popschool.review.rules_estimate import Estimates, estimate
from popschool.review.rules_posterior import Theta
from popschool.review.rules_routing import gains, queue, risk

GRADES = 5


def measure(setting: Setting, pass_mark: float, draws: int) -> dict:
    """Return how many works are read on the wrong side of the pass mark after five grades, over all draws."""
    theta = Theta(setting.noise, setting.spread, setting.leniency)
    wrong = {"no grade": 0, "by chance": 0, "by doubt": 0, "by queue": 0}
    variance = {"by chance": 0.0, "by gain": 0.0}
    for number in range(draws):
        random = Random(f"routing {setting.name} {number}")
        drawn = draw_round(setting, draw_reviewers(setting, random), random)
        ways: dict[str, Callable[[Estimates], int]] = {
            "by chance": iter_over(random.sample(range(setting.people), GRADES)),
            "by doubt": lambda found: most({work: risk(found.works[work], pass_mark) for work in gains(found)}),
            "by queue": lambda found: queue(found, pass_mark=pass_mark)[0].work,
            "by gain": lambda found: most(gains(found)),
        }
        wrong["no grade"] += misread(estimate(drawn.evidence(), theta), drawn, pass_mark)
        for way, choose in ways.items():
            graded: tuple[int, ...] = ()
            for _grade in range(GRADES):
                graded = (*graded, choose(estimate(drawn.evidence(graded), theta)))
            found = estimate(drawn.evidence(graded), theta)
            if way in wrong:
                wrong[way] += misread(found, drawn, pass_mark)
            if way in variance:
                variance[way] += sum(one.sd**2 for one in found.works.values() if one.grade is None)
    chance = wrong["by chance"]
    return {
        "setting": setting.name,
        "pass mark": pass_mark,
        "wrong readings": wrong,
        "fewer than by chance, %": {way: round(100 * (1 - wrong[way] / chance), 1) for way in ("by doubt", "by queue")},
        "variance left, by gain instead of chance, %": round(100 * variance["by gain"] / variance["by chance"], 1),
    }


def iter_over(works: list[int]) -> Callable[[Estimates], int]:
    left = iter(works)
    return lambda _found: next(left)


def misread(found: Estimates, drawn: Drawn, pass_mark: float) -> int:
    return sum(
        (one.plain >= pass_mark) != (drawn.truth[work] >= pass_mark)
        for work, one in found.works.items()
        if one.grade is None
    )
