"""Who reads whom: exactly k given and received, nobody themselves, their team, or each other."""

import random
from dataclasses import replace

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from popschool.review.rules_allocation import Reason, feasibility, plan
from popschool.review.rules_group import Group, Person, Work
from tests.review.groups import alone, given, in_teams, make_group, received, reciprocal

SEEDS = st.text(max_size=8)


def assert_sound(group, pairs):
    assert len(set(pairs)) == len(pairs)
    assert all(group.allows(reviewer, work) for reviewer, work in pairs)


def assert_exact(group, pairs):
    """Everybody gives k, every work receives k, no two people read each other."""
    assert_sound(group, pairs)
    assert given(pairs) == {person.id: group.wanted for person in group.people}
    assert received(pairs) == {work.id: group.wanted for work in group.works}
    assert reciprocal(pairs) == 0


@pytest.mark.parametrize("wanted", [2, 3, 4])
def test_every_cohort_large_enough_has_an_exact_plan_without_return(wanted):
    for size in range(max(5, 2 * wanted + 1), 61):
        group = make_group(alone(size), wanted)

        assert_exact(group, plan(group, f"{size}").pairs)


@pytest.mark.parametrize("wanted", [2, 3, 4])
@pytest.mark.parametrize("team", [2, 3, 4])
def test_equal_teams_have_an_exact_plan_as_soon_as_enough_people_are_left(wanted, team):
    for size in range(2 * team, 61, team):
        group = make_group(in_teams(size, team), wanted)
        found = plan(group, f"{size}")

        if size - team >= 2 * wanted:
            assert_exact(group, found.pairs)
        else:
            assert_sound(group, found.pairs)
            assert (found.short == {}) == (size - team >= wanted)


@settings(max_examples=60, deadline=None)
@every(st.integers(7, 40), st.integers(2, 3), SEEDS, st.randoms(use_true_random=False))
def test_a_plan_depends_on_the_seed_and_not_on_the_order_of_rows(size, wanted, seed, shuffler):
    group = make_group(alone(size), wanted)
    people, works = list(group.people), list(group.works)
    shuffler.shuffle(people)
    shuffler.shuffle(works)

    assert plan(Group(tuple(people), tuple(works), wanted), seed) == plan(group, seed)
    assert len({plan(group, f"{seed}{number}").pairs for number in range(6)}) > 1


@settings(max_examples=80, deadline=None)
@every(st.integers(12, 30), st.integers(2, 3), SEEDS, st.data())
def test_conflicts_and_past_pairs_are_left_out_when_there_is_room(size, wanted, seed, data):
    person = st.integers(0, size - 1)
    conflicts = frozenset(data.draw(st.sets(st.tuples(person, person), max_size=5)))
    earlier = plan(make_group(alone(size), wanted), f"before {seed}").pairs
    group = make_group(alone(size), wanted, conflicts=conflicts, past=frozenset(earlier))
    found = plan(group, seed)

    assert_exact(group, found.pairs)
    assert found.repeated == 0
    assert not {*conflicts, *((b, a) for a, b in conflicts)} & set(found.pairs)


@pytest.mark.parametrize(("size", "wanted"), [(5, 3), (6, 3), (4, 2), (4, 3), (8, 4), (5, 4)])
def test_too_few_for_no_return_still_allocates_with_as_few_returns_as_can_be(size, wanted):
    group = make_group(alone(size), wanted)
    found = plan(group, "small")

    assert_sound(group, found.pairs)
    assert set(given(found.pairs).values()) == set(received(found.pairs).values()) == {wanted}
    # Each pair of people takes one review without return; what is beyond comes back.
    assert found.reciprocal == reciprocal(found.pairs) == size * wanted - size * (size - 1) // 2
    assert feasibility(group).reason is Reason.RECIPROCAL


@pytest.mark.parametrize(
    ("teams", "wanted", "reason"),
    [
        ({}, 3, Reason.NOBODY),
        (alone(1), 3, Reason.TOO_FEW),
        (alone(2), 3, Reason.TOO_FEW),
        (alone(3), 3, Reason.TOO_FEW),
        (alone(3), 2, Reason.RECIPROCAL),
        (alone(7), 3, Reason.FINE),
        (in_teams(6, 2), 2, Reason.FINE),
        (in_teams(10, 10), 3, Reason.TEAM_TOO_LARGE),
        (in_teams(24, 3), 3, Reason.FINE),
    ],
)
def test_feasibility_says_why(teams, wanted, reason):
    found = feasibility(make_group(teams, wanted))

    assert found.reason is reason
    assert found.is_possible == (reason in (Reason.FINE, Reason.RECIPROCAL))
    assert bool(found.short) == (reason not in (Reason.FINE, Reason.RECIPROCAL, Reason.NOBODY))


def test_somebody_in_conflict_with_nearly_everybody_is_named():
    conflicts = frozenset((0, other) for other in range(1, 9))
    found = feasibility(make_group(alone(10), 3, conflicts=conflicts))

    assert (found.reason, found.short) == (Reason.CONFLICTS, {0: 2})
    assert plan(make_group(alone(10), 3, conflicts=conflicts), "x").short == {0: 2}


def test_the_tight_example_of_three_pairs():
    group = make_group(dict(zip(range(1, 7), "aabbcc", strict=True)), 2)

    assert_exact(group, plan(group, "1").pairs)


@pytest.mark.parametrize(
    ("sizes", "wanted", "each"),
    [([3] * 8, 3, 1), ([2] * 12, 3, 2), ([3, 3, 2, 2], 2, 1), ([12, 12], 3, 1), ([4, 4, 4, 4], 4, 1)],
)
def test_a_teams_common_work_is_read_by_others_and_everybody_gives_as_much(sizes, wanted, each):
    people, works = [], []
    for team, size in enumerate(sizes):
        members = [f"{team}-{one}" for one in range(size)]
        people += [Person(one, team) for one in members]
        works.append(Work(f"{team}", frozenset(members)))
    group = Group(tuple(people), tuple(works), wanted)
    found = plan(group, "common")

    assert_sound(group, found.pairs)
    assert set(given(found.pairs).values()) == {each}
    assert len(given(found.pairs)) == len(people)
    counts = received(found.pairs).values()
    assert min(counts) >= min(wanted, len(people) * each // len(sizes))
    assert max(counts) - min(counts) <= 1


def test_reviewers_who_wrote_nothing_read_too_and_loads_stay_even():
    group = Group(
        tuple(Person(one) for one in range(12)), tuple(Work(one, frozenset([one])) for one in range(8)), wanted=3
    )
    pairs = plan(group, "more").pairs

    assert_sound(group, pairs)
    assert set(received(pairs).values()) == {3}
    assert sorted(given(pairs).values()) == [2] * 12


def test_steps_are_random_so_that_the_same_people_are_not_chained():
    """Two reviewers share one work at most, when the cohort is large enough for it."""
    for number in range(20):
        pairs = plan(make_group(alone(24), 3), f"{number}").pairs
        works: dict[int, set[int]] = {}
        for reviewer, work in pairs:
            works.setdefault(reviewer, set()).add(work)
        assert max(len(works[a] & works[b]) for a in works for b in works if a < b) <= 1


def test_hundreds_of_uneven_teams_are_never_broken():
    for number in range(150):
        draw = random.Random(f"teams {number}")
        teams, team = {}, 0
        while len(teams) < draw.randint(8, 40):
            for _member in range(draw.randint(1, 4)):
                teams[len(teams)] = team
            team += 1
        group = make_group(teams, draw.randint(2, 4))
        found = plan(group, "uneven")
        assert_sound(group, found.pairs)
        largest = max(list(teams.values()).count(one) for one in teams.values())
        if len(teams) - largest >= group.wanted:
            assert found.short == {}
            assert set(received(found.pairs).values()) == {group.wanted}


@pytest.mark.parametrize("teams", [alone(12), in_teams(12, 3)])
def test_who_is_spared_some_reviews_gives_fewer_and_every_work_still_gets_its_own(teams):
    group = make_group(teams, 3)
    people = tuple(replace(one, fewer={0: 1, 1: 9}.get(one.id, 0)) for one in group.people)
    pairs = plan(replace(group, people=people), "seed").pairs
    loads = given(pairs)

    assert (loads[0], loads[1]) == (2, 1)  # at least one stays
    assert set(received(pairs).values()) == {3}
    assert max(loads.values()) <= 4
    assert sum(loads.values()) == 36
