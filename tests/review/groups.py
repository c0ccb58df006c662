"""Groups for tests, and a maximum flow written another way, to compare with."""

from collections import Counter
from collections.abc import Iterable, Mapping

from popschool.review.rules_group import Group, Id, Pair, Person, Work


def make_group(teams: Mapping[Id, Id | None], wanted: int, **facts) -> Group:
    """Return a group of people who each submitted a work that bears their id."""
    people = tuple(Person(one, team) for one, team in teams.items())
    works = tuple(Work(one, frozenset([one])) for one in teams)
    return Group(people, works, wanted, **facts)


def alone(size: int) -> dict[int, None]:
    return dict.fromkeys(range(size))


def in_teams(size: int, team: int, first: int = 0) -> dict[int, int]:
    return {first + one: one // team for one in range(size)}


def given(pairs: Iterable[Pair]) -> Counter:
    return Counter(reviewer for reviewer, _work in pairs)


def received(pairs: Iterable[Pair]) -> Counter:
    return Counter(work for _reviewer, work in pairs)


def reciprocal(pairs: Iterable[Pair]) -> int:
    """Count the pairs of people who read each other; works bear their author's id."""
    both = set(pairs)
    return sum((work, reviewer) in both for reviewer, work in both) // 2


def most_reviews(allowed: Mapping[Id, set[Id]], caps: Mapping[Id, int], needs: Mapping[Id, int]) -> int:
    """Return the maximum flow from reviewers to works, one review a pair: by augmenting paths, one at a time."""
    held: dict[Id, set[Id]] = {work: set() for work in needs}
    loads: Counter = Counter()

    def find(work: Id, seen: set[Id]) -> bool:
        for reviewer, works in allowed.items():
            if reviewer in seen or work not in works or reviewer in held[work]:
                continue
            seen.add(reviewer)
            if loads[reviewer] < caps[reviewer]:
                loads[reviewer] += 1
                held[work].add(reviewer)
                return True
            for other in [one for one in held if reviewer in held[one]]:
                held[other].discard(reviewer)
                if find(other, seen):
                    held[work].add(reviewer)
                    return True
                held[other].add(reviewer)
        return False

    return sum(find(work, set()) for work, need in needs.items() for _slot in range(need))
