"""How people are put together by chance, away from those they have just worked with."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from popschool.errors import RuleBroken

Pair = tuple[int, int]
MOST_STEPS, DRAWINGS = 2_000, 60


@dataclass
class NotInTeam(RuleBroken):
    """Work in pairs or teams is sent by a team, and this person is in none yet."""


@dataclass
class TeamFull(RuleBroken):
    """The team has all of its members."""

    size: int


@dataclass
class TeamGone(RuleBroken):
    """The last member left this team: it is no more."""


def check_room(members: int, size: int, by_trainer: bool = False) -> None:
    """Say whether a team has room for one more; a trainer may make it one larger. Raises TeamFull."""
    if members >= size + (1 if by_trainer else 0):
        raise TeamFull(size)


def team_sizes(people: int, size: int) -> list[int]:
    """Return how many people each team has: within one of each other, as near to `size` as can be.

    Nobody is alone when that can be avoided; of two ways as near, the one with the smaller teams.

    >>> team_sizes(7, 2), team_sizes(7, 4)
    ([3, 2, 2], [4, 3])
    """
    if people == 0:
        return []
    ways = [_shared(people, teams) for teams in {max(1, people // size), -(-people // size)}]
    return min(ways, key=lambda way: (min(way) == 1 < people, max(abs(one - size) for one in way), max(way)))


def _shared(people: int, teams: int) -> list[int]:
    base, rest = divmod(people, teams)
    return [base + 1] * rest + [base] * (teams - rest)


def draw_teams(people: Sequence[int], size: int, rounds: Sequence[Collection[Pair]], random: Random) -> list[list[int]]:
    """Make teams by chance. `rounds` holds the pairs that have worked together, the oldest round first.

    As many of the last rounds as possible are avoided whole. When even the last one cannot be, as few of its pairs
    come back as could be found.
    """
    order = list(people)
    random.shuffle(order)
    sizes = team_sizes(len(order), size)
    for first in range(len(rounds)):
        found = _without(order, sizes, _mates(pair for pairs in rounds[first:] for pair in pairs), [MOST_STEPS])
        if found is not None:
            random.shuffle(found)
            return found
    last = _mates(rounds[-1]) if rounds else {}
    drawings = [_cut(random.sample(order, len(order)), sizes) for _ in range(DRAWINGS if last else 1)]
    return min(drawings, key=lambda drawn: sum(_came_back(team, last) for team in drawn))


def _mates(pairs: Iterator[Pair] | Collection[Pair]) -> dict[int, set[int]]:
    """Return for each person those they have worked with."""
    mates: dict[int, set[int]] = {}
    for one, other in pairs:
        mates.setdefault(one, set()).add(other)
        mates.setdefault(other, set()).add(one)
    return mates


def _came_back(team: Sequence[int], mates: dict[int, set[int]]) -> int:
    return sum(other in mates.get(one, ()) for one, other in combinations(team, 2))


def _cut(order: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    left = iter(order)
    return [[next(left) for _ in range(size)] for size in sizes]


def _without(
    people: Sequence[int], sizes: Sequence[int], mates: dict[int, set[int]], steps: list[int]
) -> list[list[int]] | None:
    """Return teams in which nobody meets a mate; None when there are none, or none was found in so many steps.

    The person who has the fewest others left to meet is placed first, in a team of each size in turn.
    """
    if not sizes:
        return []
    here = set(people)
    hardest = max(people, key=lambda one: len(mates.get(one, set()) & here))
    others = [one for one in people if one != hardest and one not in mates.get(hardest, ())]
    for size in dict.fromkeys(sizes):
        rest = list(sizes)
        rest.remove(size)
        for chosen in combinations(others, size - 1):
            steps[0] -= 1
            if steps[0] < 0:
                return None
            if _came_back(chosen, mates):
                continue
            team = {hardest, *chosen}
            found = _without([one for one in people if one not in team], rest, mates, steps)
            if found is not None:
                return [[hardest, *chosen], *found]
    return None
