"""Who takes part in a round: people, works, and who may read what."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import floor
from typing import Any

# Ids are all of one kind in a round: numbers of rows, or names of a file. They are sorted: rows have no order.
Id = Any
Pair = tuple[Id, Id]


@dataclass(frozen=True)
class Person:
    """Somebody who may be given works to read.

    Not `is_active`: nothing more is given to them. `volunteers` is how many reviews they take beyond one more than all,
    `fewer` how many they are spared, which others take: at least one stays.
    """

    id: Hashable
    team: Hashable | None = None
    is_active: bool = True
    volunteers: int = 0
    fewer: int = 0


@dataclass(frozen=True)
class Work:
    """What is read. A team's common work has several authors."""

    id: Hashable
    authors: frozenset[Id]


@dataclass(frozen=True)
class Group:
    """A round: who reads, what is read, how many reviews each work is promised.

    `conflicts` are pairs of people, in either order; `past` are pairs (reviewer, author) of the last two rounds.
    """

    people: tuple[Person, ...]
    works: tuple[Work, ...]
    wanted: int
    conflicts: frozenset[Pair] = frozenset()
    past: frozenset[Pair] = frozenset()

    @cached_property
    def by_id(self) -> Mapping[Id, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def works_by_id(self) -> Mapping[Id, Work]:
        return {work.id: work for work in self.works}

    @property
    def is_shared(self) -> bool:
        """Say whether some work has several authors."""
        return any(len(work.authors) > 1 for work in self.works)

    @property
    def is_even(self) -> bool:
        """Say whether all are active, do as much, and each is the only author of one work: all give and receive."""
        owners = sorted(author for work in self.works for author in work.authors)
        return (
            not self.is_shared
            and all(person.is_active and not person.fewer for person in self.people)
            and owners == sorted(person.id for person in self.people)
        )

    @property
    def load(self) -> int:
        """Return how many reviews each person gives: k × works / people to the nearest, at least 1."""
        if not self.people:
            return 0
        return max(1, floor(self.wanted * len(self.works) / len(self.people) + 0.5))

    def spared(self, one: Id) -> int:
        """Return how many reviews less than others a person gives; everybody gives one."""
        return max(0, min(self.by_id[one].fewer, self.load - 1))

    @cached_property
    def _barred(self) -> frozenset[Pair]:
        return self.conflicts | {(b, a) for a, b in self.conflicts}

    def allows(self, reviewer: Id, work_id: Id) -> bool:
        """Say whether somebody may read a work: not theirs, not of their team, no conflict with an author."""
        work, team = self.works_by_id[work_id], self.by_id[reviewer].team
        for author in work.authors:
            if author == reviewer or (reviewer, author) in self._barred:
                return False
            if team is not None and author in self.by_id and self.by_id[author].team == team:
                return False
        return True


@dataclass
class Index:
    """A group with numbers instead of ids, in the order of the ids."""

    group: Group
    people: list[Id] = field(default_factory=list)
    works: list[Id] = field(default_factory=list)

    def __post_init__(self) -> None:
        group = self.group
        self.people = sorted(group.by_id)
        self.works = sorted(group.works_by_id)
        self.person_at = {one: place for place, one in enumerate(self.people)}
        self.work_at = {one: place for place, one in enumerate(self.works)}
        self.authors: list[list[int]] = [
            sorted(self.person_at[one] for one in group.works_by_id[work].authors if one in self.person_at)
            for work in self.works
        ]
        self.authored: list[list[int]] = [[] for _ in self.people]
        for work, authors in enumerate(self.authors):
            for author in authors:
                self.authored[author].append(work)
        self.barred = self._pairs_barred()
        self.past: set[tuple[int, int]] = {
            (self.person_at[reviewer], work)
            for reviewer, author in group.past
            if reviewer in self.person_at and author in self.person_at
            for work in self.authored[self.person_at[author]]
        }

    def _pairs_barred(self) -> list[set[int]]:
        """Return for each person the works that they must not read."""
        barred = [set(works) for works in self.authored]
        teams: dict[Id, list[int]] = {}
        for place, one in enumerate(self.people):
            team = self.group.by_id[one].team
            if team is not None:
                teams.setdefault(team, []).append(place)
        for members in teams.values():
            theirs = {work for member in members for work in self.authored[member]}
            for member in members:
                barred[member] |= theirs
        for one, other in self.group.conflicts:
            if one in self.person_at and other in self.person_at:
                barred[self.person_at[one]].update(self.authored[self.person_at[other]])
                barred[self.person_at[other]].update(self.authored[self.person_at[one]])
        return barred
