"""Plans: are they valid, even, without return; do works keep their reviews when people vanish; how long it takes."""

import time
from collections import Counter
from dataclasses import replace
from random import Random

from benchmarks.review.generator import group_of
from popschool.review.rules_allocation import Group, plan
from popschool.review.rules_repair import Standing, repair

SIZES = range(5, 61)


def measure(draws: int) -> list[dict]:
    """Return a row for each k and size of team: how many plans were drawn, and how many are as promised."""
    rows = []
    for wanted in (2, 3, 4):
        for team in (1, 2, 3, 4):
            seen, sound, unbroken, dropped = 0, 0, 0, 0
            sizes = [size for size in SIZES if size % team == 0 and size - team >= 2 * wanted]
            each = -(-draws // len(sizes))
            for size in sizes:
                for number in range(each):
                    random = Random(f"{wanted} {team} {size} {number}")
                    order = random.sample(range(size), size)
                    group = group_of(size, wanted, {one: place // team for place, one in enumerate(order)})
                    pairs = plan(group, f"{number}").pairs
                    seen += 1
                    sound += is_exact(group, pairs)
                    if team == 1:
                        dropped += 1
                        unbroken += holds(group, pairs, random.sample(range(size), size // (wanted + 1)))
            row = {"k": wanted, "team": team, "plans": seen, "valid, even, no return, %": round(100 * sound / seen, 2)}
            if dropped:
                row["all reviews after drop-outs, %"] = round(100 * unbroken / dropped, 2)
            rows.append(row)
    return rows


def is_exact(group: Group, pairs) -> bool:
    """Say whether everybody gives and receives k reviews, none barred, none returned."""
    some = set(pairs)
    gave, got = Counter(one for one, _work in some), Counter(work for _one, work in some)
    return (
        len(some) == len(pairs)
        and all(group.allows(*pair) for pair in some)
        and all(gave[person.id] == got[person.id] == group.wanted for person in group.people)
        and not any((work, one) in some for one, work in some)
    )


def holds(group: Group, pairs, gone: list[int]) -> bool:
    """Say whether every work has its k reviews, with loads of k or k + 1, once some people have vanished."""
    people = tuple(replace(person, is_active=person.id not in gone) for person in group.people)
    left = repair(Standing(replace(group, people=people), unopened=frozenset(pairs)), "gone")
    loads = Counter(one for one, _work in left.standing.unopened)
    return not left.short and all(loads[one] in (group.wanted, group.wanted + 1) for one in loads)


def seconds() -> list[dict]:
    """Return how long a plan takes, and its repair when a fifth of the people vanish."""
    rows = []
    for size in (24, 60, 200, 500):
        teams = {one: one // 3 for one in range(size)}
        group = group_of(size, 3, teams)
        start = time.process_time()
        pairs = plan(group, "time").pairs
        planned = time.process_time() - start
        people = tuple(replace(person, is_active=person.id >= size // 5) for person in group.people)
        standing = Standing(replace(group, people=people), unopened=frozenset(pairs))
        start = time.process_time()
        repair(standing, "time")
        mended = time.process_time() - start
        rows.append({"people": size, "plan, ms": round(1000 * planned, 1), "repair, ms": round(1000 * mended, 1)})
    return rows
