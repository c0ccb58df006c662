"""The estimate: the numbers worked out by hand, to three decimals, and what must hold whatever the scores."""

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from popschool.review.rules_allocation import plan
from popschool.review.rules_ends import beyond
from popschool.review.rules_estimate import (
    Estimate,
    Evidence,
    Score,
    check_of,
    estimate,
    interval_factor,
    learn,
)
from popschool.review.rules_honesty import flat_noise, honest_weights
from popschool.review.rules_matrix import factor as triangle
from popschool.review.rules_matrix import inverse
from popschool.review.rules_posterior import USUAL, Care, Data, Prior, Reader, Theta, at
from tests.review.groups import alone, make_group

FIXED = Theta(10, 15, 6)
FOUR = tuple(
    Score(*row)
    for row in [
        ("A", "B", 80), ("A", "C", 60), ("B", "C", 75), ("B", "D", 90),
        ("C", "D", 70), ("C", "A", 65), ("D", "A", 85), ("D", "B", 78),
    ]
)  # fmt: skip
SIX = [
    {1: 65, 2: 67, 4: 82}, {2: 76, 3: 78, 5: 92}, {3: 77, 4: 78, 0: 48},
    {4: 90, 5: 91, 1: 61}, {5: 93, 0: 50, 2: 65}, {0: 85, 1: 85, 3: 85},
]  # fmt: skip


def of_four(**grades):
    return estimate(Evidence(tuple("ABCD"), FOUR, grades), FIXED)


def means(found):
    return [one.mean for one in found.works.values()]


def sds(found):
    return [one.sd / 1.1 for one in found.works.values()]


def close(*values):
    return pytest.approx(list(values), abs=0.0005)


def test_four_people_without_a_grade():
    found = of_four()

    assert means(found) == close(75.567, 77.604, 67.439, 78.901)
    assert sds(found) == close(8.781, 8.781, 8.781, 8.781)
    assert [found.mu, found.beta, found.beta_sd] == close(74.276, 0.267, 4.874)
    assert [one.mean for one in found.reviewers.values()] == close(-1.167, 3.794, -4.187, 1.945)
    assert found.log_evidence == pytest.approx(-20.764, abs=0.0005)
    assert found.covariance[0][:4] == close(77.108, 31.972, 27.745, 31.972)


def test_one_grade_of_a_trainer_moves_everybody():
    before, found = of_four(), of_four(A=60)

    assert means(found) == close(61.167, 71.634, 62.258, 72.931)
    assert sds(found) == close(2.404, 8.053, 8.238, 8.053)
    assert [found.mu, found.beta] == close(67.368, 4.504)
    assert [one.mean for one in found.reviewers.values()] == close(-0.607, 4.354, -1.697, 4.435)
    assert found.log_evidence == pytest.approx(-23.512, abs=0.0005)
    assert [one.plain for one in found.works.values()] == close(61.073, 72.849, 61.514, 74.482)
    drops = [before.covariance[i][i] - found.covariance[i][i] for i in range(4)]
    assert drops == close(71.326, 12.263, 9.235, 12.263)
    assert drops == pytest.approx([before.covariance[0][i] ** 2 / (before.covariance[0][0] + 6.25) for i in range(4)])


def test_one_work_and_one_review():
    found = estimate(Evidence(("A",), (Score("r", "A", 90),)), FIXED)

    assert [*means(found), *sds(found), found.mu, found.beta] == close(85.903, 11.315, 80.178, 0.636)


def test_six_people_of_whom_one_gives_one_level_to_all():
    readers = [Reader(list(row), [float(value) for value in row.values()]) for row in SIX]
    data = Data(6, readers)
    first = at(data, FIXED)
    honest = honest_weights(data, first)
    for reader, one in zip(readers, honest, strict=True):
        reader.weight = max(one, 0.02)
    second = at(data, FIXED)

    assert first.mean[:6] == close(62.131, 68.996, 70.789, 77.544, 83.669, 90.094)
    assert honest == close(0.974, 0.962, 1.000, 1.000, 1.000, 0.073)
    assert second.mean[:6] == close(55.310, 65.049, 69.581, 76.847, 82.332, 88.909)


MARKS = st.integers(0, 20).map(lambda mark: mark * 5.0)


@st.composite
def rounds(draw, smallest=3, largest=9):
    size = draw(st.integers(smallest, largest))
    pairs = plan(make_group(alone(size), draw(st.integers(1, 3))), "estimate").pairs
    scores = tuple(Score(reviewer, work, draw(MARKS)) for reviewer, work in pairs)
    graded = draw(st.sets(st.integers(0, size - 1), max_size=3))
    return Evidence(tuple(range(size)), scores, {work: draw(MARKS) for work in graded})


few = settings(max_examples=40, deadline=None)


@few
@every(rounds(), st.randoms(use_true_random=False))
def test_permuting_people_permutes_the_result(evidence, shuffler):
    names = [f"p{place}" for place in evidence.works]
    shuffler.shuffle(names)
    renamed = Evidence(
        tuple(reversed([names[work] for work in evidence.works])),
        tuple(Score(names[one.reviewer], names[one.work], one.value) for one in reversed(evidence.scores)),
        {names[work]: grade for work, grade in evidence.grades.items()},
    )
    before, after = estimate(evidence), estimate(renamed)

    for work in evidence.works:
        assert after.works[names[work]].mean == pytest.approx(before.works[work].mean, abs=1e-6)
        assert after.works[names[work]].sd == pytest.approx(before.works[work].sd, abs=1e-6)


@few
@every(rounds(), st.floats(-20, 20))
def test_a_constant_added_to_everything_moves_every_estimate_by_it(evidence, more):
    moved = replace(
        evidence,
        scores=tuple(replace(one, value=one.value + more) for one in evidence.scores),
        grades={work: grade + more for work, grade in evidence.grades.items()},
    )
    import popschool.review.rules_posterior as rules

    before = means(estimate(evidence, FIXED))
    level = rules.MU_MEAN
    try:
        rules.MU_MEAN = level + more
        after = means(estimate(moved, FIXED))
    finally:
        rules.MU_MEAN = level

    assert after == pytest.approx([one + more for one in before], abs=1e-6)


@few
@every(rounds(), st.floats(0.5, 30), st.data())
def test_a_more_lenient_reviewer_moves_no_work_by_more_than_that(evidence, more, data):
    """Without grades: with them, higher scores on a graded work say that the group is lenient, and others go down."""
    evidence = replace(evidence, grades={})
    reviewer = data.draw(st.sampled_from(sorted({one.reviewer for one in evidence.scores})))
    moved = replace(
        evidence,
        scores=tuple(
            replace(one, value=one.value + more) if one.reviewer == reviewer else one for one in evidence.scores
        ),
    )
    for before, after in zip(means(estimate(evidence, FIXED)), means(estimate(moved, FIXED)), strict=True):
        assert -1e-9 <= after - before <= more + 1e-9


@few
@every(rounds(), MARKS, st.data())
def test_a_grade_never_makes_anything_less_sure(evidence, grade, data):
    work = data.draw(st.sampled_from(evidence.works))
    graded = replace(evidence, grades={**evidence.grades, work: grade})

    for before, after in zip(sds(estimate(evidence, FIXED)), sds(estimate(graded, FIXED)), strict=True):
        assert after <= before + 1e-9


@few
@every(rounds(), st.data())
def test_one_review_more_never_makes_anything_less_sure(evidence, data):
    left_out = data.draw(st.sampled_from(evidence.scores))
    fewer = replace(evidence, scores=tuple(one for one in evidence.scores if one != left_out))

    for before, after in zip(sds(estimate(fewer, FIXED)), sds(estimate(evidence, FIXED)), strict=True):
        assert after <= before + 1e-9


@few
@every(rounds())
def test_the_covariance_is_symmetric_and_positive_definite(evidence):
    found = estimate(evidence).covariance

    for one, row in enumerate(found):
        assert row == pytest.approx([other[one] for other in found], abs=1e-9)
    triangle(found)


def test_reviewers_and_trainer_who_agree_are_followed():
    pairs = plan(make_group(alone(9), 3), "agree").pairs
    truth = {work: 50.0 + 5 * work for work in range(9)}
    scores = tuple(Score(reviewer, work, truth[work]) for reviewer, work in pairs)
    found = estimate(Evidence(tuple(range(9)), scores, {0: truth[0], 4: truth[4], 8: truth[8]}))

    assert means(found) == pytest.approx(list(truth.values()), abs=1.5)


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence((), ()),
        Evidence(("A",), ()),
        Evidence(("A", "B"), (Score("B", "A", 100),)),
        Evidence(("A", "B", "C"), tuple(Score("r", work, 40) for work in "ABC")),
        Evidence(tuple(range(7)), tuple(Score(*pair, 75) for pair in plan(make_group(alone(7), 3), "1").pairs)),
        Evidence(tuple("ABCD"), FOUR, dict.fromkeys("ABCD", 55)),
        Evidence(tuple("ABCD"), (), dict.fromkeys("ABCD", 0)),
    ],
)
def test_no_round_is_too_strange_to_be_estimated(evidence):
    found = estimate(evidence)

    assert set(found.works) == set(evidence.works)
    for one in found.works.values():
        assert all(math.isfinite(value) for value in (one.mean, one.sd, one.plain, one.plain_sd))
        assert 0 <= one.low <= one.high <= 100
    assert all(0 <= one.honest <= 1 and math.isfinite(one.mean) for one in found.reviewers.values())


def test_nothing_is_shown_without_a_review_and_a_trainers_grade_is_what_is_shown():
    found = estimate(Evidence(("A", "B", "C"), (Score("C", "A", 80),), {"C": 64}))

    assert found.works["B"].shown is None
    assert found.works["C"].shown == 64
    assert found.works["A"].shown == found.works["A"].mean


TWELVE = tuple(
    Score(*pair, 40.0 + (pair[0] * 7 + pair[1] * 13) % 11 * 5) for pair in plan(make_group(alone(12), 3), "grid").pairs
)


def test_the_grid_is_solved_wherever_it_weighs(monkeypatch):
    evidence = Evidence(tuple(range(12)), TWELVE, {3: 60.0})
    quick = estimate(evidence)
    for care in ("WHOLE", "GLANCE", "AGAIN"):
        monkeypatch.setattr(f"popschool.review.rules_estimate.{care}", Care(math.inf, 0.0))
    whole = estimate(evidence)

    assert means(quick) == pytest.approx(means(whole), abs=0.02)
    assert sds(quick) == pytest.approx(sds(whole), abs=0.02)


def test_the_spread_of_leniencies_is_that_of_newcomers_and_is_kept_while_there_are_none():
    known = {one: Prior(float(one), 20.0) for one in range(12)}
    leaning = (USUAL[0], USUAL[1], (-5.0, -2.0, 0.0, -0.5))
    seen = Evidence(tuple(range(12)), TWELVE, history=known, leaning=leaning)
    newcomer = replace(seen, history={one: known[one] for one in range(11)})

    assert learn(estimate(seen)).leaning[2] == leaning[2]
    assert learn(estimate(newcomer)).leaning[2] != leaning[2]
    assert {key[2] for key in estimate(seen).posterior.around} == {1}


def test_the_leniency_of_the_group_is_widened_once():
    """It is supposed as widely as it can be; what the factor makes up for is the rest. Known, the factor is whole."""
    unknown = Evidence(tuple(range(12)), TWELVE)
    for evidence, least, most in ((unknown, 1.0, 1.098), (replace(unknown, beta=Prior(0.0, 1e-6)), 1.0999, 1.1001)):
        narrow, wide = sds(estimate(evidence, factor=1.0)), sds(estimate(evidence))
        assert all(least < more / less < most for more, less in zip(wide, narrow, strict=True))


def test_what_a_round_teaches_serves_the_next():
    """A reviewer who gave ten more than the others is known to be lenient, and believed less surely as time goes."""
    pairs = plan(make_group(alone(12), 3), "first").pairs
    scores = tuple(Score(r, w, 60.0 + 3 * w + (14 if r == 5 else 0) + (r * w) % 3) for r, w in pairs)
    found = estimate(Evidence(tuple(range(12)), scores), FIXED)
    learned = learn(found)

    assert learned.reviewers[5].mean == max(one.mean for one in learned.reviewers.values()) > 4
    assert learned.leaning == USUAL
    again = estimate(Evidence(tuple(range(12)), scores, history=learned.reviewers, beta=learned.beta), FIXED)
    assert again.reviewers[5].sd < found.reviewers[5].sd


def test_what_is_common_to_all_is_carried_apart_from_what_is_each_reviewer_s_own():
    """Worked out again with every leniency a row of its own: the level of a reviewer is beta and their leniency."""
    pairs = sorted(plan(make_group(alone(7), 2), "joint").pairs)
    found = estimate(Evidence(tuple(range(7)), tuple(Score(r, w, 60.0 + 4 * w + r) for r, w in pairs), {2: 66}), FIXED)
    mu, beta, first = 7, 8, 9
    rows = [[0.0] * 16 for _row in range(16)]

    def add(precision: float, *terms: tuple[int, int]) -> None:
        for one, times in terms:
            for other, more in terms:
                rows[one][other] += precision * times * more

    for reviewer, work in pairs:
        add(1 / 100, (work, 1), (beta, 1), (first + reviewer, 1))
    for one in range(7):
        add(1 / 225, (one, 1), (mu, -1))
        add(1 / 36, (first + one, 1))
    add(1 / 400, (mu, 1))
    add(1 / 25, (beta, 1))
    add(1 / 6.25, (2, 1))
    joint = inverse(rows)

    def together(one: int, other: int) -> float:
        leniency = joint[first + one][first + other]
        return joint[beta][beta] + joint[beta][first + one] + joint[beta][first + other] + leniency

    common = sum(together(a, b) for a in range(7) for b in range(7) if a != b) / 42
    learned = learn(found)
    assert learned.beta.mean == found.beta
    assert learned.beta.variance == pytest.approx(common + 1)
    for one in range(7):
        assert found.reviewers[one].sd ** 2 == pytest.approx(joint[first + one][first + one])
        assert learned.reviewers[one].variance == pytest.approx(together(one, one) - common + 3)


def drawn(*, flat: int = 0, best: float = 90.0) -> tuple[Evidence, list[float]]:
    """Return a round of 24 in steps of five, where the first reviewers give 75 to everything, and the true scores."""
    draw = Random("drawn")
    truth = [best - 2.0 * work for work in range(24)]
    scores = []
    for reviewer, work in sorted(plan(make_group(alone(24), 3), "drawn").pairs):
        value = 75.0 if reviewer < flat else 5.0 * round((truth[work] + draw.gauss(0, 9)) / 5)
        scores.append(Score(reviewer, work, min(100.0, max(0.0, value))))
    return Evidence(tuple(range(24)), tuple(scores)), truth


def test_those_who_give_one_level_to_everything_are_seen_and_make_no_interval_narrow():
    evidence, _truth = drawn(flat=6)
    found = estimate(evidence)
    without = estimate(replace(evidence, scores=tuple(one for one in evidence.scores if one.reviewer >= 6)))

    assert all(found.reviewers[one].honest < 0.3 for one in range(6))
    assert sum(found.reviewers[one].honest < 0.5 for one in range(6, 24)) <= 1
    assert found.theta.sigma > 0.9 * without.theta.sigma


def test_one_level_is_as_wide_as_the_steps_of_the_scale():
    assert [flat_noise(step) for step in (0, 1, 5)] == [4.0, 4.0, 4.0]
    assert flat_noise(20) == pytest.approx(400 / 12)


def test_a_score_at_the_end_of_the_scale_says_at_least_that(monkeypatch):
    evidence, truth = drawn(best=110.0)

    def wrong_at_the_top() -> float:
        return sum(abs(one.mean - truth[work]) for work, one in estimate(evidence).works.items() if truth[work] > 95)

    taken = wrong_at_the_top()
    monkeypatch.setattr("popschool.review.rules_estimate.read_ends", lambda _data, _found: None)
    assert taken < 0.8 * wrong_at_the_top()
    assert beyond(0.0) == pytest.approx(math.sqrt(2 / math.pi))
    assert 4.0 < beyond(4.0) < 4.25
    assert beyond(40.0) == 40.0


def test_the_spreads_that_a_round_shows_and_who_did_not_look_are_where_the_next_begins():
    pairs = plan(make_group(alone(24), 3), "spreads").pairs
    scores = tuple(Score(r, w, 75.0 if r == 3 else 30.0 + 3 * w + (r * 7 + w * 5) % 5) for r, w in pairs)
    found = estimate(Evidence(tuple(range(24)), scores))
    learned = learn(found)

    assert learned.leaning[0][0] == 0.0 > learned.leaning[0][2]
    assert learned.leaning[1][3:] != USUAL[1][3:]
    assert learned.flat[3] > 0.5
    assert all(0.04 < one < 0.15 for reviewer, one in learned.flat.items() if reviewer != 3)
    again = Evidence(tuple(range(24)), scores, flat=learned.flat, leaning=learned.leaning)
    assert estimate(again).reviewers[3].honest < found.reviewers[3].honest


def test_a_calibration_piece_tells_the_group_s_leniency():
    pairs = plan(make_group(alone(12), 3), "pieces").pairs
    scores = tuple(Score(r, w, 78.0 + w) for r, w in pairs)
    piece = tuple(Score(r, 99, 80.0) for r in range(12))
    without = estimate(Evidence(tuple(range(12)), scores))
    with_piece = estimate(Evidence((*range(12), 99), (*scores, *piece), {99: 68.0}))

    assert with_piece.beta > without.beta + 4
    assert with_piece.beta_sd < without.beta_sd
    assert sum(means(with_piece)[:12]) < sum(means(without)) - 12 * 3


def test_intervals_learn_from_what_trainers_find():
    before = Estimate("A", 3, 70.0, 11.0, 70.0, 11.0)

    assert check_of(90, before.mean, before.sd / 1.1) == pytest.approx(4.0)
    assert interval_factor(0.0, 0) == pytest.approx(1.1)
    assert interval_factor(80.0, 20) == pytest.approx(math.sqrt((20 * 1.21 + 80) / 40))
    assert interval_factor(0.0, 20) < 1.1 < interval_factor(4.0, 1)


def test_an_estimate_far_from_plain_is_for_the_trainer():
    assert Estimate("A", 1, 70.0, 11.0, 75.1, 11.0).is_far
    assert not Estimate("A", 1, 70.0, 11.0, 75.0, 11.0).is_far
