"""Who reads whom: is it possible, and a plan in which everybody gives and receives as much, nobody in return.

People stand in a circle in random order, and each reads those a few random steps further on: that gives and receives
exactly k reviews each, and never in both directions when a step and its opposite are not both taken. Members of teams
are dealt round the circle, so that a step never leads to a team-mate. Swaps then mend what conflicts, uneven teams and
past rounds break; they keep every load. What swaps cannot mend is given to a maximum flow.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from popschool.review.rules_board import Board
from popschool.review.rules_group import Group, Id, Index, Pair, Person, Work

__all__ = ["Feasibility", "Group", "Id", "Pair", "Person", "Plan", "Reason", "Work", "feasibility", "plan"]

# A small round whose teams leave hardly enough partners is worth trying again: it costs little.
STARTS, STARTS_OF_FEW, FEW = 7, 16, 30
# Enough for a cohort; a large round gets more.
TRIES, TRIES_EACH = 3000, 12
STEP_DRAWS = 40


class Reason(StrEnum):
    """Why a round is possible or not."""

    FINE = "fine"
    # Possible, but some people read each other.
    RECIPROCAL = "reciprocal"
    NOBODY = "nobody"
    TOO_FEW = "too_few"
    TEAM_TOO_LARGE = "team_too_large"
    CONFLICTS = "conflicts"


@dataclass(frozen=True)
class Feasibility:
    """Whether every work can have its reviews, and whether without two people reading each other.

    `short` names the works that cannot have them all, and how many they lack. `needed` is how many people, beside the
    largest team, k reviews without reading each other ask for. `heaviest` is the most that one person would give.
    """

    reason: Reason
    people: int
    largest_team: int
    needed: int
    heaviest: int = 0
    reciprocal: int = 0
    short: dict[Id, int] = field(default_factory=dict)

    @property
    def is_possible(self) -> bool:
        return self.reason in (Reason.FINE, Reason.RECIPROCAL)

    @property
    def is_reciprocal_free(self) -> bool:
        return self.reason is Reason.FINE


@dataclass(frozen=True)
class Plan:
    """Who reads what, sorted; what it could not avoid: pairs of people who read each other, pairs of past rounds."""

    pairs: tuple[Pair, ...]
    reciprocal: int = 0
    repeated: int = 0
    short: dict[Id, int] = field(default_factory=dict)


def feasibility(group: Group) -> Feasibility:
    """Say whether a round is possible, and why not."""
    index = Index(group)
    teams = team_sizes(group)
    largest = max(teams, default=1)
    facts = {"people": len(index.people), "largest_team": largest, "needed": 2 * group.wanted}
    if not index.people or not index.works:
        return Feasibility(Reason.NOBODY, **facts)
    short = _lacking(index)
    if short:
        if not _lacking(Index(Group(group.people, group.works, group.wanted))):
            reason = Reason.CONFLICTS
        else:
            reason = Reason.TEAM_TOO_LARGE if len(index.people) > group.wanted else Reason.TOO_FEW
        return Feasibility(reason, short=short, **facts)
    found = plan(group, "feasibility")
    loads: dict[Id, int] = {}
    for reviewer, _work in found.pairs:
        loads[reviewer] = loads.get(reviewer, 0) + 1
    reason = Reason.RECIPROCAL if found.reciprocal else Reason.FINE
    return Feasibility(reason, heaviest=max(loads.values()), reciprocal=found.reciprocal, **facts)


def _lacking(index: Index) -> dict[Id, int]:
    """Return the works that fewer than k people may read, and how many readers they lack."""
    group = index.group
    barred = [works for one, works in zip(index.people, index.barred, strict=True) if group.by_id[one].is_active]
    lacking = {}
    for place, work in enumerate(index.works):
        readers = sum(place not in works for works in barred)
        if readers < group.wanted:
            lacking[work] = group.wanted - readers
    return lacking


def team_sizes(group: Group) -> list[int]:
    """Return the sizes of the teams; somebody without a team is one."""
    sizes: dict[Id, int] = {}
    alone = 0
    for person in group.by_id.values():
        if person.team is None:
            alone += 1
        else:
            sizes[person.team] = sizes.get(person.team, 0) + 1
    return [*sizes.values(), *[1] * alone]


def plan(group: Group, seed: str) -> Plan:
    """Return who reads what. The same seed and group give the same plan, whatever the order of their rows."""
    if not group.works or not group.people or group.wanted < 1:
        return Plan(())
    random = Random(f"plan {seed}")
    if not group.is_even:
        return _finished(_flowed(group, random))
    best: tuple[tuple[int, int, int], Board] | None = None
    size = len(group.people)
    unavoidable = max(0, size * group.wanted - size * (size - 1) // 2)
    for _start in range(STARTS_OF_FEW if size <= FEW else STARTS):
        board = _circle(group, random)
        board.improve(random, TRIES + TRIES_EACH * size)
        counts = board.counts()
        if best is None or counts < best[0]:
            best = counts, board
        if counts[0] == 0 and counts[1] <= unavoidable and counts[2] == 0:
            break
    (barred, reciprocal, _repeated), board = best
    if barred or any(len(got) < group.wanted for got in board.got):
        board = _flowed(group, random)
    return _finished(board)


def _finished(board: Board) -> Plan:
    wanted = board.index.group.wanted
    short = {board.index.works[work]: wanted - len(got) for work, got in enumerate(board.got) if len(got) < wanted}
    _barred, reciprocal, repeated = board.counts()
    return Plan(tuple(sorted(board.pairs())), reciprocal, repeated, short)


def _circle(group: Group, random: Random) -> Board:
    """Place people on a circle and give each the works some steps further on; everybody gives and receives k."""
    board = Board(group)
    order, period = _seats(board.index, random)
    size = len(order)
    own = {one: board.index.authored[one][0] for one in order}
    for step in _steps(size, min(group.wanted, size - 1), period, random):
        for place, one in enumerate(order):
            board.add(one, own[order[(place + step) % size]])
    return board


def _seats(index: Index, random: Random) -> tuple[list[int], int]:
    """Deal the people of each team round a circle; return it, and after how many seats teams come back.

    With teams of one size, team-mates sit a whole number of `period` seats apart, and nobody else does.
    """
    teams: dict[Id, list[int]] = {}
    for place, one in enumerate(index.people):
        team = index.group.by_id[one].team
        teams.setdefault(("team", team) if team is not None else ("alone", one), []).append(place)
    members = list(teams.values())
    for some in members:
        random.shuffle(some)
    random.shuffle(members)
    size = len(index.people)
    if len({len(some) for some in members}) == 1:
        return [some[round_] for round_ in range(len(members[0])) for some in members], len(members)
    # Uneven teams: each takes seats as far apart as its size allows.
    seats = [((number + random.random()) / len(some), one) for some in members for number, one in enumerate(some)]
    return [one for _seat, one in sorted(seats)], size


def _steps(size: int, wanted: int, period: int, random: Random) -> list[int]:
    """Draw k steps, none with its opposite while others are left; among some draws, those that share readers least."""
    both = [step for step in range(1, (size + 1) // 2) if step % period]
    half = [size // 2] if size % 2 == 0 and (size // 2) % period else []
    best: tuple[int, list[int]] | None = None
    for _draw in range(STEP_DRAWS):
        some = random.sample(both, min(wanted, len(both)))
        steps = [step if random.random() < 0.5 else size - step for step in some]
        for more in [*half, *[size - step for step in steps], *range(1, size)]:
            if len(steps) < wanted and more not in steps:
                steps.append(more)
        differences = [(one - other) % size for one in steps for other in steps if one != other]
        shared = len(differences) - len(set(differences))
        if best is None or shared < best[0]:
            best = shared, steps
        if shared == 0:
            break
    return best[1]


def _flowed(group: Group, random: Random) -> Board:
    """Allocate the general case: late work, people without a work, works of several, many conflicts."""
    board = Board(group)
    fill_evenly(board, random)
    board.improve(random, TRIES + TRIES_EACH * len(group.people))
    return board


def fill_evenly(board: Board, random: Random, caps: list[int] | None = None) -> None:
    """Give every work its k reviews; with works of several authors, then give everybody their share."""
    group = board.index.group
    people, works = len(board.index.people), len(board.index.works)
    if caps is None:
        caps = [works] * people
    board.fill([group.wanted] * works, caps, random)
    if group.is_shared:
        share = [min(group.load, cap) for cap in caps]
        board.fill([people] * works, share, random)
    board.even_out()
