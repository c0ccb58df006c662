"""A plan being worked on: what it costs, and the moves that better it without ever unbalancing it."""

from collections import deque
from collections.abc import Iterable
from random import Random

from popschool.review.rules_group import Group, Index, Pair

BARRED, RECIPROCAL, REPEATED, OVERLAP = 1000, 100, 10, 1
HALF = 0.5
Arc = tuple[int, int]


class Board:
    """Who reads what, as sets of numbers. `locked` arcs are opened or finished: they count, and never move."""

    def __init__(self, group: Group, returned: Iterable[Pair] = ()):
        self.index = Index(group)
        self.given: list[set[int]] = [set() for _ in self.index.people]
        self.got: list[set[int]] = [set() for _ in self.index.works]
        self.locked: set[Arc] = set()
        self.barred = self.index.barred
        for reviewer, work in returned:
            if reviewer in self.index.person_at and work in self.index.work_at:
                self.barred[self.index.person_at[reviewer]].add(self.index.work_at[work])
        # What a person has opened of a work that was withdrawn, or given as an extra, still was their time; so is what
        # they are spared, and a half: as busy as another, the other takes what is left over.
        self.spent = [spared + HALF if (spared := group.spared(one)) else 0 for one in self.index.people]
        self.is_active = [group.by_id[one].is_active for one in self.index.people]

    def arcs(self) -> list[Arc]:
        """Return the arcs that may move, in order."""
        return [
            (reviewer, work)
            for reviewer, works in enumerate(self.given)
            for work in sorted(works)
            if (reviewer, work) not in self.locked
        ]

    def pairs(self) -> list[Pair]:
        people, works = self.index.people, self.index.works
        return [(people[reviewer], works[work]) for reviewer, work in self.arcs()]

    def add(self, reviewer: int, work: int) -> None:
        self.given[reviewer].add(work)
        self.got[work].add(reviewer)

    def drop(self, reviewer: int, work: int) -> None:
        self.given[reviewer].discard(work)
        self.got[work].discard(reviewer)

    def load(self, reviewer: int) -> float:
        return len(self.given[reviewer]) + self.spent[reviewer]

    # What an arc costs

    def reciprocals(self, reviewer: int, work: int) -> int:
        """Count the reviews in the other direction: an author of the work reads one by the reviewer."""
        mine = self.index.authored[reviewer]
        return sum(one in self.given[author] for author in self.index.authors[work] for one in mine)

    def cost(self, reviewer: int, work: int) -> int:
        """Return what one arc adds to the cost of the others."""
        total = 0
        if work in self.barred[reviewer]:
            total += BARRED
        if (reviewer, work) in self.index.past:
            total += REPEATED
        total += RECIPROCAL * self.reciprocals(reviewer, work)
        others = self.given[reviewer]
        for other in self.got[work]:
            if other != reviewer and len(others & self.given[other]) > (work in others):
                total += OVERLAP
        return total

    def counts(self) -> tuple[int, int, int]:
        """Return how many arcs are barred, how many pairs of people read each other, how many pairs come back."""
        arcs = [(reviewer, work) for reviewer, works in enumerate(self.given) for work in works]
        barred = sum(arc[1] in self.barred[arc[0]] and arc not in self.locked for arc in arcs)
        return (
            barred,
            sum(self.reciprocals(*arc) for arc in arcs) // 2,
            sum(arc in self.index.past for arc in arcs),
        )

    # Swaps: no load changes, and no work gets more or fewer

    def swap(self, first: Arc, second: Arc, slack: int = 0) -> bool:
        """Exchange the works of two arcs when that is legal and costs at most `slack` more; say whether it was done."""
        (one, mine), (other, theirs) = first, second
        if one == other or mine == theirs or theirs in self.given[one] or mine in self.given[other]:
            return False
        if theirs in self.barred[one] or mine in self.barred[other]:
            return False
        before = self.cost(one, mine)
        self.drop(one, mine)
        before += self.cost(other, theirs)
        self.drop(other, theirs)
        after = self.cost(one, theirs)
        self.add(one, theirs)
        after += self.cost(other, mine)
        self.add(other, mine)
        if after <= before + slack:
            return True
        self.drop(one, theirs)
        self.drop(other, mine)
        self.add(one, mine)
        self.add(other, theirs)
        return False

    def improve(self, random: Random, tries: int, floor: int = 0) -> None:
        """Swap until nothing costs more than `floor`, or the tries are used.

        Two reviewers who share two works cost little: they are spread too, for a quarter of the tries at most.
        """
        arcs = self.arcs()
        overlap_tries = tries // 4
        while len(arcs) > 1 and tries > 0:
            costs = {arc: self.cost(*arc) for arc in arcs}
            bad = [arc for arc in arcs if costs[arc] >= REPEATED]
            only_overlaps = not bad
            if only_overlaps:
                bad = [arc for arc in arcs if costs[arc] > floor]
                if overlap_tries <= 0:
                    return
            if not bad:
                return
            random.shuffle(bad)
            for arc in bad[:64]:
                used = self._better(arc, arcs, random, 24 if only_overlaps else 60)
                tries -= used
                overlap_tries -= used if only_overlaps else 0
            arcs = self.arcs()

    def _better(self, arc: Arc, arcs: list[Arc], random: Random, tries: int) -> int:
        """Look for another place for the work of an arc among random others; return the tries used."""
        reviewer, work = arc
        if work not in self.given[reviewer] or self.cost(reviewer, work) == 0:
            return 1
        for used in range(1, tries + 1):
            other = arcs[random.randrange(len(arcs))]
            if other[1] in self.given[other[0]] and self.swap(arc, other):
                return used
        return tries

    # Flow: each work gets its reviews, by a chain of exchanges when need be

    def fill(self, needs: list[int], caps: list[int], random: Random) -> None:
        """Give works up to `needs` reviews, the poorest first, and each review to the least busy who can take it.

        A review is given along the shortest chain of exchanges that ends at a person as little busy as can be reached:
        so the total is a maximum flow, and loads are as even as any plan could make them.
        """
        order = list(range(len(self.index.works)))
        random.shuffle(order)
        people = [one for one in range(len(self.index.people)) if self.is_active[one]]
        random.shuffle(people)
        closed: set[int] = set()
        while True:
            poor = [work for work in order if work not in closed and len(self.got[work]) < needs[work]]
            if not poor:
                return
            least = min(len(self.got[work]) for work in poor)
            for work in [one for one in poor if len(self.got[one]) == least]:
                if not self._give(work, people, caps):
                    closed.add(work)

    def _give(self, start: int, people: list[int], caps: list[int]) -> bool:
        """Find a reviewer for one more review of a work, exchanging others' unopened reviews on the way."""
        free = [one for one in people if self.load(one) < caps[one]]
        if not free:
            return False
        lowest = min(self.load(one) for one in free)
        came: dict[int, Arc] = {}
        best: int | None = None
        queue, seen = deque([start]), {start}
        while queue:
            work = queue.popleft()
            fresh = [
                one for one in people if one not in came and one not in self.got[work] and work not in self.barred[one]
            ]
            for one in fresh:
                came[one] = (work, -1)
            for one in sorted(fresh, key=self.load):
                load = self.load(one)
                if load < caps[one] and (best is None or load < self.load(best)):
                    best = one
                if best is not None and self.load(best) == lowest:
                    self._exchange(best, came, start)
                    return True
                for mine in sorted(self.given[one]):
                    if mine not in seen and (one, mine) not in self.locked:
                        seen.add(mine)
                        came[~mine] = (one, mine)
                        queue.append(mine)
        if best is None:
            return False
        self._exchange(best, came, start)
        return True

    def _exchange(self, end: int, came: dict[int, Arc], start: int) -> None:
        """Carry out a chain, from its last person back to the work that it began with."""
        person = end
        while True:
            work = came[person][0]
            self.add(person, work)
            if work == start:
                return
            person = came[~work][0]
            self.drop(person, work)

    def even_out(self) -> None:
        """Move unopened reviews from the busiest to the least busy until no chain makes loads more even."""
        people = [one for one in range(len(self.index.people)) if self.is_active[one]]
        moved = True
        while moved:
            moved = False
            for person in sorted(people, key=self.load, reverse=True):
                if self._hand_on(person, people):
                    moved = True
                    break

    def _hand_on(self, person: int, people: list[int]) -> bool:
        """Hand one unopened review of a person down a chain to somebody with at least two fewer."""
        top = self.load(person)
        if not any(self.load(one) <= top - 2 for one in people):
            return False
        came: dict[int, Arc] = {person: (-1, -1)}
        queue = deque([person])
        while queue:
            giver = queue.popleft()
            for work in sorted(self.given[giver]):
                if (giver, work) in self.locked:
                    continue
                for taker in people:
                    if taker in came or taker in self.got[work] or work in self.barred[taker]:
                        continue
                    came[taker] = (giver, work)
                    if self.load(taker) <= top - 2:
                        self._pass_down(taker, came)
                        return True
                    queue.append(taker)
        return False

    def _pass_down(self, taker: int, came: dict[int, Arc]) -> None:
        while came[taker][0] >= 0:
            giver, work = came[taker]
            self.drop(giver, work)
            self.add(taker, work)
            taker = giver
