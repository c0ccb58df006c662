"""Mending a plan as people come late, leave, fall silent, declare a conflict, change team; and revealing it.

Whatever happened, the answer is one function: say how the group is now, and `repair` moves unopened reviews until every
work has as many as a maximum flow could give it and loads are as even as they can be. What a reviewer has opened stays.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from random import Random

from popschool.review.rules_allocation import TRIES, TRIES_EACH, fill_evenly
from popschool.review.rules_board import REPEATED, Board
from popschool.review.rules_group import Group, Id, Pair

REMINDERS = 3
ABSENT_AFTER, TOP_UP_AFTER = 0.6, 0.75


class Cause(StrEnum):
    """Why a planned review was taken back, or given."""

    WITHDRAWN = "withdrawn"
    CONFLICT = "conflict"
    TEAM = "team"
    ABSENT = "absent"
    ENOUGH = "enough"
    EXCHANGED = "exchanged"
    NEEDED = "needed"


@dataclass(frozen=True)
class Standing:
    """Where a round is: `opened` reviews are locked, `finished` are written.

    `returned` were given back, expired or set aside: their reviewer is never given that work again.
    """

    group: Group
    unopened: frozenset[Pair] = frozenset()
    opened: frozenset[Pair] = frozenset()
    finished: frozenset[Pair] = frozenset()
    returned: frozenset[Pair] = frozenset()

    @property
    def locked(self) -> frozenset[Pair]:
        return self.opened | self.finished

    def finished_of(self, work: Id) -> int:
        return sum(one == work for _reviewer, one in self.finished)


@dataclass(frozen=True)
class Move:
    """One planned review taken from a reviewer or given to one, and why."""

    pair: Pair
    cause: Cause


@dataclass(frozen=True)
class Repair:
    """The plan after an event, what moved, and the works that nobody is left to read enough."""

    standing: Standing
    taken: tuple[Move, ...] = ()
    given: tuple[Move, ...] = ()
    short: dict[Id, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reveal:
    """The review to open now, and the unopened ones that two reviewers exchanged for it."""

    pair: Pair
    standing: Standing
    taken: tuple[Move, ...] = ()
    given: tuple[Move, ...] = ()


def repair(standing: Standing, seed: str, cap: int | None = None) -> Repair:
    """Return the plan that the group as it is now asks for. Only unopened reviews move; those that can stay do.

    `cap` is the most that anybody gives, by default one more than planned (and what volunteers add).
    """
    group = standing.group
    random = Random(f"repair {seed}")
    board = board_of(standing)
    causes = {pair: _why_not(standing, board, pair) for pair in standing.unopened}
    for pair, cause in causes.items():
        if cause is None:
            board.add(*_places(board, pair))
    most = group.load + 1 if cap is None else cap
    caps = [most + group.by_id[one].volunteers for one in board.index.people]
    _drop_surplus(board, caps, random)
    fill_evenly(board, random, caps)
    # Two works in common are no reason to change a plan that people count on.
    board.improve(random, (TRIES + TRIES_EACH * len(caps)) // 4, floor=REPEATED - 1)
    now = frozenset(board.pairs())
    taken = tuple(
        Move(pair, causes[pair] or _left(board, pair, group.wanted)) for pair in sorted(standing.unopened - now)
    )
    emptied = {pair[1] for pair in standing.unopened if causes[pair] is not None}
    counts = _received(standing)
    given = tuple(
        Move(pair, Cause.NEEDED if pair[1] in emptied or counts.get(pair[1], 0) < group.wanted else Cause.EXCHANGED)
        for pair in sorted(now - standing.unopened)
    )
    return Repair(replace(standing, unopened=now), taken, given, _lacks(board))


def board_of(standing: Standing) -> Board:
    """Return a board with what is opened and finished on it, locked. Nothing unopened yet.

    A review that somebody opened before they vanished stays theirs, and the work is promised one more from another.
    """
    board = Board(standing.group, standing.returned)
    for reviewer, work in standing.locked:
        if reviewer not in board.index.person_at:
            continue
        has_vanished = (reviewer, work) in standing.opened and not standing.group.by_id[reviewer].is_active
        if work in board.index.work_at and not has_vanished:
            arc = _places(board, (reviewer, work))
            board.add(*arc)
            board.locked.add(arc)
        else:
            board.spent[board.index.person_at[reviewer]] += 1
    return board


def _places(board: Board, pair: Pair) -> tuple[int, int]:
    return board.index.person_at[pair[0]], board.index.work_at[pair[1]]


def _why_not(standing: Standing, board: Board, pair: Pair) -> Cause | None:
    """Say why a planned review cannot stay; None when it can."""
    group, (reviewer, work) = standing.group, pair
    if work not in board.index.work_at:
        return Cause.WITHDRAWN
    if reviewer not in board.index.person_at or not group.by_id[reviewer].is_active:
        return Cause.ABSENT
    if pair in standing.locked or pair in standing.returned:
        return Cause.EXCHANGED
    if board.index.work_at[work] not in board.barred[board.index.person_at[reviewer]]:
        return None
    team = group.by_id[reviewer].team
    teams = {group.by_id[one].team for one in group.works_by_id[work].authors if one in group.by_id}
    return Cause.TEAM if team is not None and team in teams else Cause.CONFLICT


def _drop_surplus(board: Board, caps: list[int], random: Random) -> None:
    """Take back what a work has beyond its k, from its busiest reviewers, and what is beyond a reviewer's cap."""
    group = board.index.group
    most = group.wanted
    if group.is_shared:
        most = max(most, -(-len(caps) * group.load // max(1, len(board.got))))
    arcs = board.arcs()
    random.shuffle(arcs)
    for reviewer, work in sorted(arcs, key=lambda arc: -board.load(arc[0])):
        if len(board.got[work]) > most or board.load(reviewer) > caps[reviewer]:
            board.drop(reviewer, work)


def _left(board: Board, pair: Pair, wanted: int) -> Cause:
    """Say why a review that could have stayed did not: its work has enough without it, or it was exchanged."""
    work = board.index.work_at[pair[1]]
    return Cause.ENOUGH if sum((one, work) in board.locked for one in board.got[work]) >= wanted else Cause.EXCHANGED


def _received(standing: Standing) -> dict[Id, int]:
    counts: dict[Id, int] = {}
    for _reviewer, work in standing.unopened | standing.locked:
        counts[work] = counts.get(work, 0) + 1
    return counts


def _lacks(board: Board) -> dict[Id, int]:
    wanted = board.index.group.wanted
    return {board.index.works[work]: wanted - len(got) for work, got in enumerate(board.got) if len(got) < wanted}


def short_works(standing: Standing) -> dict[Id, int]:
    """Return the works with fewer finished reviews than promised, and how many they lack."""
    counts = dict.fromkeys(standing.group.works_by_id, 0)
    for _reviewer, work in standing.finished:
        if work in counts:
            counts[work] += 1
    wanted = standing.group.wanted
    return {work: wanted - count for work, count in sorted(counts.items()) if count < wanted}


def next_for(standing: Standing, reviewer: Id, seed: str) -> Reveal | None:
    """Choose the review that a reviewer opens now: of what they may have, the work with the fewest finished reviews.

    They may have what was planned for them, and what another has not opened and would exchange with them without
    breaking anything. None when nothing is left for them to read.
    """
    board = board_of(standing)
    for pair in standing.unopened:
        if _why_not(standing, board, pair) is None:
            board.add(*_places(board, pair))
    if reviewer not in board.index.person_at:
        return None
    me = board.index.person_at[reviewer]
    mine = sorted(work for work in board.given[me] if (me, work) not in board.locked)
    if not mine:
        return None
    random = Random(f"reveal {seed} {reviewer!r} {len(standing.locked)}")
    finished, opened = _counts(standing, board)

    def gap(work: int) -> tuple[int, int]:
        return finished[work], opened[work]

    best_own = min(mine, key=lambda work: (gap(work), random.random()))
    others = [arc for arc in board.arcs() if arc[0] != me and gap(arc[1])[0] < gap(best_own)[0]]
    random.shuffle(others)
    for other, work in sorted(others, key=lambda arc: gap(arc[1])):
        for give in sorted(mine, key=gap, reverse=True):
            if board.swap((me, give), (other, work), slack=REPEATED - 1):
                return _revealed(standing, board, me, work, ((me, give), (other, work)))
    return _revealed(standing, board, me, best_own, None)


def _counts(standing: Standing, board: Board) -> tuple[list[int], list[int]]:
    """Return for each work how many of its reviews are finished, and how many are opened."""
    finished, opened = [0] * len(board.got), [0] * len(board.got)
    for pairs, counts in ((standing.finished, finished), (standing.opened, opened)):
        for _reviewer, work in pairs:
            if work in board.index.work_at:
                counts[board.index.work_at[work]] += 1
    return finished, opened


def _revealed(
    standing: Standing, board: Board, me: int, work: int, exchange: tuple[tuple[int, int], tuple[int, int]] | None
) -> Reveal:
    people, works = board.index.people, board.index.works
    pair = (people[me], works[work])
    taken: list[Pair] = []
    given: list[Pair] = []
    if exchange is not None:
        (_me, give), (other, _work) = exchange
        taken = [(people[me], works[give]), (people[other], works[work])]
        given = [pair, (people[other], works[give])]
    unopened = (standing.unopened - set(taken) | set(given)) - {pair}
    return Reveal(
        pair,
        replace(standing, unopened=unopened, opened=standing.opened | {pair}),
        tuple(Move(one, Cause.EXCHANGED) for one in taken),
        tuple(Move(one, Cause.EXCHANGED) for one in given),
    )


# The calendar of a round


@dataclass(frozen=True)
class Milestones:
    """Moments of a window: who did nothing by `absent_at` is absent, reviews are topped up at `top_up_at`."""

    absent_at: datetime
    top_up_at: datetime


def milestones(opens_at: datetime, closes_at: datetime) -> Milestones:
    window = closes_at - opens_at
    return Milestones(opens_at + window * ABSENT_AFTER, opens_at + window * TOP_UP_AFTER)


def is_absent(
    last_act_at: datetime | None, opens_at: datetime, closes_at: datetime, was_reminded: bool, now: datetime
) -> bool:
    """Say whether a reviewer's unopened reviews go back: nothing done by 60 % of the window, and reminded once."""
    has_acted = last_act_at is not None and last_act_at >= opens_at
    return was_reminded and not has_acted and now >= milestones(opens_at, closes_at).absent_at


def may_remind(sent: int) -> bool:
    """Say whether one more reminder is allowed: three a round, and then silence."""
    return sent < REMINDERS
