"""What to grade next: what must be seen first, then doubt, then what teaches most; and when to stop."""

from random import Random

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from popschool.review.rules_allocation import plan
from popschool.review.rules_estimate import Estimate, Evidence, Score, estimate
from popschool.review.rules_posterior import Theta
from popschool.review.rules_routing import MustSee, Next, Why, gains, is_enough, must_see, queue, risk
from tests.review.groups import alone, make_group
from tests.review.test_estimate import FIXED, of_four, rounds

SETTING = Theta(9, 10.5, 7)


def drawn_round(seed: int, size: int = 16) -> tuple[Evidence, dict[int, float]]:
    """Return a round drawn by chance, and the true score of each work."""
    draw = Random(f"routing {seed}")
    truth = {work: draw.gauss(66, 10.5) for work in range(size)}
    lenient = [draw.gauss(0, 7) for _ in range(size)]
    scores = tuple(
        Score(r, w, truth[w] + 3 + lenient[r] + draw.gauss(0, 9))
        for r, w in plan(make_group(alone(size), 3), f"{seed}").pairs
    )
    return Evidence(tuple(range(size)), scores), truth


def test_the_gain_of_a_grade_is_the_variance_that_it_ends():
    before = of_four()
    assert list(gains(before).values()) == pytest.approx([105.087] * 4, abs=0.0005)

    after = of_four(A=60)
    assert gains(after) == pytest.approx({"B": 68.915, "C": 74.426, "D": 68.915}, abs=0.0005)
    assert queue(after)[0].work == "C"


def test_risk_is_the_chance_to_read_pass_or_fail_wrongly():
    near, far = Estimate("A", 3, 61, 8, 60, 8), Estimate("B", 3, 80, 8, 76, 8)

    assert risk(near, 60) == pytest.approx(0.5)
    assert risk(far, 60) == pytest.approx(0.02275, abs=1e-5)
    assert risk(far) is None
    assert risk(far, boundaries=(33, 66)) == pytest.approx(risk(far, 66))


def test_what_must_be_seen_comes_first_and_an_appeal_before_all():
    scores = tuple(
        Score(*row) for row in [("B", "A", 70), ("C", "A", 75), ("A", "B", 60), ("D", "E", 80), ("A", "E", 70)]
    )
    found = estimate(Evidence(tuple("ABCDE"), scores, {"D": 50}), FIXED)
    ordered = queue(found, pass_mark=60, flagged={"E": MustSee.REPORT, "D": MustSee.APPEAL})

    assert [(one.work, one.must_see) for one in ordered[:4]] == [
        ("D", MustSee.APPEAL), ("E", MustSee.REPORT), ("C", MustSee.NO_REVIEW), ("B", MustSee.ONE_REVIEW)
    ]  # fmt: skip
    assert ordered[4].work == "A"
    assert must_see(Estimate("A", 3, 60, 8, 66, 8)) is MustSee.FAR
    assert must_see(Estimate("A", 3, 60, 8, 66, 8), pass_mark=63) is MustSee.FAR
    assert must_see(Estimate("A", 3, 60, 8, 66, 8), pass_mark=50) is None
    assert "C" not in {one.work for one in queue(found, leave_out=("C",))}


@settings(max_examples=40, deadline=None)
@every(rounds(), st.text(max_size=4))
def test_the_queue_has_every_work_without_a_grade_once_in_order(evidence, seed):
    found = estimate(evidence, FIXED)
    for chance in (None, seed):
        ordered = queue(found, pass_mark=60, seed=chance)
        assert sorted(one.work for one in ordered) == sorted(set(evidence.works) - set(evidence.grades))
        seen = [one.must_see is not None for one in ordered]
        assert seen == sorted(seen, reverse=True)
        if chance is None:
            doubts = [round(one.risk, 9) for one in ordered if one.why is Why.RISK]
            assert doubts == sorted(doubts, reverse=True)
            gained = [round(one.gain, 9) for one in ordered if one.why is Why.GAIN]
            assert gained == sorted(gained, reverse=True)


def test_one_pick_in_five_is_by_chance():
    found = estimate(drawn_round(1, 24)[0], SETTING)
    ordered = queue(found, pass_mark=60, seed="s")

    assert [place for place, one in enumerate(ordered) if one.why is Why.BY_CHANCE] == [4, 9, 14, 19]
    assert queue(found, pass_mark=60, seed="s") == ordered


def test_a_trainer_may_stop_when_nothing_is_in_doubt():
    evidence, truth = drawn_round(2)
    graded: dict[int, float] = {}
    while True:
        found = estimate(Evidence(evidence.works, evidence.scores, graded), SETTING)
        ordered = queue(found, pass_mark=60)
        if is_enough(ordered, found, target=14):
            break
        graded[ordered[0].work] = truth[ordered[0].work]

    assert 0 < len(graded) < 16
    assert all(one.risk <= 0.10 for one in ordered)
    assert not is_enough([Next(0, Why.MUST_SEE, 1.0, 0.0, MustSee.REPORT)], found, target=99)
    assert not is_enough(ordered, found, target=1)


def variance_left(evidence: Evidence, works: list[int]) -> float:
    found = estimate(Evidence(evidence.works, evidence.scores, dict.fromkeys(works, 60.0)), SETTING)
    return sum(one.sd**2 for one in found.works.values() if one.grade is None)


def test_grading_by_gain_leaves_less_variance_than_by_chance():
    """At fixed theta variance does not depend on the grades given: only on which works are graded."""
    by_gain = by_chance = 0.0
    for seed in range(12):
        evidence, _truth = drawn_round(seed)
        graded: dict[int, float] = {}
        for _grade in range(4):
            gain = gains(estimate(Evidence(evidence.works, evidence.scores, graded), SETTING))
            graded[max(sorted(gain), key=gain.get)] = 60.0
        by_gain += variance_left(evidence, list(graded))
        for draw in range(4):
            works = Random(f"{seed} {draw}").sample(range(16), 4)
            by_chance += variance_left(evidence, works) / 4

    assert by_gain < by_chance


def wrong_readings(evidence: Evidence, truth: dict[int, float], graded: dict[int, float]) -> int:
    found = estimate(Evidence(evidence.works, evidence.scores, graded), SETTING)
    return sum((one.plain >= 60) != (truth[work] >= 60) for work, one in found.works.items() if one.grade is None)


def test_grading_in_the_order_of_the_queue_leaves_fewer_wrong_readings_than_by_chance():
    by_risk = by_chance = 0.0
    for seed in range(60):
        evidence, truth = drawn_round(seed)
        graded: dict[int, float] = {}
        for _grade in range(4):
            found = estimate(Evidence(evidence.works, evidence.scores, graded), SETTING)
            work = queue(found, pass_mark=60)[0].work
            graded[work] = truth[work]
        by_risk += wrong_readings(evidence, truth, graded)
        works = Random(f"check {seed}").sample(range(16), 4)
        by_chance += wrong_readings(evidence, truth, {work: truth[work] for work in works})

    assert by_risk < by_chance * 0.67
