"""What others make of the same reviews: mean, median, weights in the manner of Moodle's workshop, PG1."""

from math import sqrt
from random import Random
from statistics import fmean, median

from benchmarks.review.generator import MEAN, Drawn, Setting


def by_work(drawn: Drawn) -> dict[int, list[tuple[int, float]]]:
    found: dict[int, list[tuple[int, float]]] = {work: [] for work in drawn.truth}
    for score in drawn.scores:
        found[score.work].append((score.reviewer, score.value))
    return found


def mean(drawn: Drawn, _setting: Setting) -> dict[int, float]:
    return {work: fmean(value for _one, value in some) for work, some in by_work(drawn).items()}


def middle(drawn: Drawn, _setting: Setting) -> dict[int, float]:
    return {work: median(value for _one, value in some) for work, some in by_work(drawn).items()}


def moodle(drawn: Drawn, setting: Setting) -> dict[int, float]:
    """Weigh each reviewer by how near they are to the best assessment of each work: the one nearest to the mean.

    As in the workshop's comparison with the best assessment, at its fair setting; here the grade for assessing becomes
    the weight of the reviewer, which a trainer would enter by hand.
    """
    works = by_work(drawn)
    apart: dict[int, list[float]] = {}
    for some in works.values():
        level = fmean(value for _one, value in some)
        best = min((value for _one, value in some), key=lambda value: (abs(value - level), value))
        for one, value in some:
            apart.setdefault(one, []).append(abs(value - best))
    weights = {one: max(0.02, 1.0 - 5.0 * fmean(some) / 100.0) for one, some in apart.items()}
    return {
        work: sum(weights[one] * value for one, value in some) / sum(weights[one] for one, _value in some)
        for work, some in works.items()
    }


def pg1(drawn: Drawn, setting: Setting, turns: int = 240, burnt: int = 80) -> dict[int, float]:
    """Piech and others (2013), first model: a bias and a reliability for each grader, by Gibbs sampling.

    It is told the true spreads and the true level of the group: more than a school would know.
    """
    random = Random(f"pg1 {len(drawn.scores)} {drawn.scores[0].value}")
    works = by_work(drawn)
    readers: dict[int, list[tuple[int, float]]] = {}
    for score in drawn.scores:
        readers.setdefault(score.reviewer, []).append((score.work, score.value))
    level = MEAN + setting.offset
    shape, rate = 4.0, 4.0 * setting.noise**2
    tight, loose = 1.0 / setting.spread**2, 1.0 / setting.leniency**2
    truth = {work: fmean(value for _one, value in some) for work, some in works.items()}
    bias = dict.fromkeys(readers, 0.0)
    exact = dict.fromkeys(readers, 1.0 / setting.noise**2)
    total = dict.fromkeys(works, 0.0)
    for turn in range(turns):
        for work, some in works.items():
            precision = tight + sum(exact[one] for one, _value in some)
            centre = tight * level + sum(exact[one] * (value - bias[one]) for one, value in some)
            truth[work] = random.gauss(centre / precision, 1.0 / sqrt(precision))
        for one, some in readers.items():
            precision = loose + exact[one] * len(some)
            centre = exact[one] * sum(value - truth[work] for work, value in some)
            bias[one] = random.gauss(centre / precision, 1.0 / sqrt(precision))
            wrong = sum((value - truth[work] - bias[one]) ** 2 for work, value in some)
            exact[one] = random.gammavariate(shape + len(some) / 2.0, 1.0 / (rate + wrong / 2.0))
        if turn >= burnt:
            for work in works:
                total[work] += truth[work]
    return {work: value / (turns - burnt) for work, value in total.items()}


RIVALS = {"mean": mean, "median": middle, "Moodle-like": moodle, "PG1": pg1}
