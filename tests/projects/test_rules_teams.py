"""How people are put together by chance."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from popschool.projects import rules_teams as rules
from popschool.projects.rules_teams import draw_teams, team_sizes


def pairs_of(teams):
    return {frozenset(pair) for team in teams for pair in combinations(team, 2)}


@pytest.mark.parametrize(
    ("people", "size", "expected"),
    [
        (0, 2, []),
        (1, 2, [1]),
        (2, 2, [2]),
        (3, 2, [3]),
        (7, 2, [3, 2, 2]),
        (7, 4, [4, 3]),
        (5, 4, [5]),
        (24, 3, [3] * 8),
        (11, 8, [6, 5]),
    ],
)
def test_teams_are_as_near_to_their_size_as_can_be(people, size, expected):
    assert team_sizes(people, size) == expected


@given(st.integers(1, 60), st.integers(2, 8))
def test_team_sizes_are_within_one_and_nobody_is_alone(people, size):
    sizes = team_sizes(people, size)

    assert sum(sizes) == people
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) > 1 or people == 1


people_and_size = st.tuples(st.integers(0, 24), st.integers(2, 5))
seeds = st.integers(0, 2**32)


@given(people_and_size, seeds)
def test_everybody_is_placed_once(planned, seed):
    people, size = list(range(planned[0])), planned[1]

    teams = draw_teams(people, size, [], Random(seed))

    assert sorted(one for team in teams for one in team) == people
    assert sorted(map(len, teams)) == sorted(team_sizes(len(people), size))


@given(people_and_size, seeds)
def test_the_same_chance_draws_the_same_teams(planned, seed):
    people, size = list(range(planned[0])), planned[1]
    rounds = [[(0, 1), (2, 3)]]

    assert draw_teams(people, size, rounds, Random(seed)) == draw_teams(people, size, rounds, Random(seed))


def ways(people, sizes):
    """Yield every way of cutting people in teams of these sizes; some more than once."""
    if not sizes:
        yield []
        return
    for team in combinations(people, sizes[0]):
        left = [one for one in people if one not in team]
        for rest in ways(left, sizes[1:]):
            yield [team, *rest]


small = st.integers(2, 7).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.integers(2, 3),
        st.sets(st.sampled_from(list(combinations(range(count), 2))), max_size=count * 2),
    )
)


@settings(max_examples=60, deadline=None)
@given(small, seeds)
def test_those_who_worked_together_are_apart_whenever_that_is_possible(planned, seed):
    count, size, worked = planned
    people, past = list(range(count)), {frozenset(pair) for pair in worked}
    is_possible = any(not pairs_of(teams) & past for teams in ways(people, team_sizes(count, size)))

    teams = draw_teams(people, size, [list(worked)], Random(seed))

    if is_possible:
        assert not pairs_of(teams) & past


@given(st.integers(4, 24).filter(lambda count: count % 2 == 0), seeds)
@settings(max_examples=25, deadline=None)
def test_pairs_meet_somebody_new_as_long_as_there_is_somebody_new(count, seed):
    people, rounds = list(range(count)), []
    for number in range(count // 2):
        teams = draw_teams(people, 2, rounds, Random(seed + number))
        assert not pairs_of(teams) & {frozenset(pair) for pairs in rounds for pair in pairs}
        rounds.append([tuple(team) for team in teams])


def test_when_everybody_has_met_the_last_round_is_the_one_avoided():
    rounds = [[(0, 1), (2, 3)], [(0, 2), (1, 3)], [(0, 3), (1, 2)]]

    for seed in range(20):
        teams = draw_teams([0, 1, 2, 3], 2, rounds, Random(seed))
        assert {frozenset(team) for team in teams} == {frozenset((0, 1)), frozenset((2, 3))}


def test_when_even_the_last_pairs_cannot_be_avoided_few_come_back():
    rounds = [[(0, 1), (0, 2), (1, 2), (3, 4)]]

    for seed in range(20):
        teams = draw_teams([0, 1, 2, 3, 4], 2, rounds, Random(seed))
        back = pairs_of(teams) & {frozenset(pair) for pair in rounds[0]}
        assert sorted(map(len, teams)) == [2, 3]
        assert len(back) == 1


@given(st.permutations(list(range(6))), seeds)
def test_chance_does_not_depend_on_the_order_of_the_list_alone(order, seed):
    assume(order != sorted(order))
    drawn = {frozenset(map(frozenset, draw_teams(order, 2, [], Random(seed + number)))) for number in range(40)}

    assert len(drawn) > 1


@pytest.mark.parametrize(
    ("members", "by_trainer", "has_room"),
    [(1, False, True), (2, False, False), (2, True, True), (3, True, False)],
)
def test_a_trainer_may_make_a_team_one_larger_and_learners_may_not(members, by_trainer, has_room):
    if has_room:
        rules.check_room(members, 2, by_trainer)
    else:
        with pytest.raises(rules.TeamFull):
            rules.check_room(members, 2, by_trainer)
