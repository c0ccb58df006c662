"""What goes back to people: aggregates only, one's own leniency when it is sure, and warnings that mean something."""

import pytest

from popschool.review.rules_estimate import Leniency
from popschool.review.rules_feedback import (
    Difference,
    GroupFigure,
    Nudge,
    Reaction,
    Summary,
    coaching,
    fairness,
    nudges,
    pseudonyms,
    score,
    summary,
)


def test_reactions_are_shown_together_and_never_under_three():
    assert summary([Reaction.HELPFUL, Reaction.NOT]) is None
    assert summary([Reaction.HELPFUL, Reaction.NOT, Reaction.HELPFUL, Reaction.PARTLY]) == Summary(2, 1, 1)


@pytest.mark.parametrize(
    ("works", "step", "places", "expected"),
    [
        ("Bien.", "", 0, [Nudge.SHORT, Nudge.NO_NEXT_STEP, Nudge.NO_PLACE]),
        ("Le titre dit tout de suite de quoi parle la page.", "Ajouter un lien vers la source.", 1, []),
        (" " * 60, "Oui", 1, [Nudge.SHORT]),
    ],
)
def test_a_short_review_is_nudged(works, step, places, expected):
    assert nudges(works, step, places) == expected


def test_a_reviewer_sees_their_leniency_only_when_it_is_sure_with_examples_that_lean_the_same_way():
    examples = [Difference(3, 1, 2, 1), Difference(4, 1, 0, 2), Difference(1, 2, 2, 0), Difference(2, 2, 2, 1)]
    found = coaching(Leniency("r", 4, 9.0, 4.0, 1.0), examples)

    assert found.examples == (Difference(1, 2, 2, 0), Difference(2, 2, 2, 1))
    assert (found.low, found.high) == pytest.approx((9 - 6.58, 9 + 6.58))
    assert coaching(Leniency("r", 4, 8.0, 4.0, 1.0), examples) is None
    assert coaching(Leniency("r", 4, -9.0, 4.0, 1.0), examples).examples == (Difference(4, 1, 0, 2),)


def test_fairness_speaks_of_groups_of_five_at_least_and_warns_beyond_chance():
    apart = [(5, 1), (6, 1), (7, 0), (4, 1), (8, 2)]
    rows = [("a", 60 + high, 60 + low) for high, low in apart]
    rows += [("b", 60, 60 + more) for more in (-9, 9, -8, 8, 1, 0)]
    rows += [("few", 90, 20)] * 4
    lower, even = fairness(rows)

    assert (lower.group, lower.count, lower.mean) == ("a", 5, 5.0)
    assert 0 < lower.low < 5 < lower.high
    assert lower.warns
    assert (even.group, even.warns) == ("b", False)
    assert not GroupFigure("c", 40, 2.5, 1.0, 4.0).warns


@pytest.mark.parametrize(
    ("marks", "expected"),
    [({"a": 2, "b": 1}, 75.0), ({"a": 2}, None), ({"a": 2, "b": None}, None), ({"a": 0, "b": 0, "c": 2}, 0.0)],
)
def test_a_score_exists_when_every_criterion_is_marked(marks, expected):
    assert score(marks, {"a": 2, "b": 2}) == expected
    assert score({}, {}) is None


def test_pseudonyms_hold_for_a_round_and_change_with_it():
    people = list(range(20))

    assert pseudonyms(people, "round 1") == pseudonyms(reversed(people), "round 1")
    assert sorted(pseudonyms(people, "round 1").values()) == list(range(1, 21))
    assert pseudonyms(people, "round 1") != pseudonyms(people, "round 2")
