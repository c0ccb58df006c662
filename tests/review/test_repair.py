"""Thousands of histories of a round, played by chance: whatever happens, no promise of the plan is broken."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from popschool.review.rules_allocation import plan
from popschool.review.rules_group import Group, Person, Work
from popschool.review.rules_repair import (
    Cause,
    Repair,
    Standing,
    is_absent,
    may_remind,
    milestones,
    next_for,
    repair,
    short_works,
)
from tests.review.groups import alone, given, in_teams, make_group, most_reviews, received, reciprocal

HISTORIES, EVENTS = 2000, 12


def start(group: Group, seed: str = "1") -> Standing:
    return Standing(group, unopened=frozenset(plan(group, seed).pairs))


def counted(standing: Standing) -> frozenset:
    """Return the reviews that will be there: finished, or opened by somebody who is still there."""
    group = standing.group
    return standing.finished | {pair for pair in standing.opened if group.by_id[pair[0]].is_active}


def pairs_of(standing: Standing) -> frozenset:
    return standing.unopened | counted(standing)


@dataclass
class History:
    """One round: what chance makes of it, and what must be true after each event."""

    random: Random
    standing: Standing = field(init=False)
    next_id: int = 0
    events: list[str] = field(default_factory=list)

    def __post_init__(self):
        size, wanted = self.random.randint(4, 11), self.random.randint(2, 3)
        team = self.random.choice([0, 0, 2, 3])
        group = make_group(in_teams(size, team) if team else alone(size), wanted)
        self.next_id = size
        self.standing = start(group, f"{self.random.random()}")

    def play(self):
        for _event in range(EVENTS):
            event = self.random.choice(
                ["open", "open", "open", "finish", "finish", "finish", "late", "withdraw", "conflict", "absent", "back"]
                + ["team", "give_back", "expire", "leave", "reopen", "extra"]
            )
            before = self.standing
            if getattr(self, event)() is False:
                continue
            self.events.append(event)
            if event in ("open", "finish"):
                self.check_opening(before)
            else:
                changed = self.standing
                repaired = repair(changed, f"{self.random.random()}")
                self.standing = repaired.standing
                self.check_repair(changed, repaired)

    # What happens

    def group_with(self, **facts):
        self.standing = replace(self.standing, group=replace(self.standing.group, **facts))

    def someone(self, is_active=True):
        some = [person for person in self.standing.group.people if person.is_active == is_active]
        return self.random.choice(some) if some else None

    def change(self, person, **facts):
        people = self.standing.group.people
        self.group_with(people=tuple(replace(one, **facts) if one.id == person.id else one for one in people))

    def open(self):
        person = self.someone()
        reveal = next_for(self.standing, person.id, "reveal") if person else None
        if reveal is None:
            return False
        self.standing = reveal.standing

    def finish(self):
        return self._finish(self.standing.opened & counted(self.standing))

    def extra(self):
        """Somebody who had vanished writes what they had opened after all."""
        return self._finish(self.standing.opened - counted(self.standing))

    def _finish(self, some):
        if not some:
            return False
        pair = self.random.choice(sorted(some))
        self.standing = replace(
            self.standing, opened=self.standing.opened - {pair}, finished=self.standing.finished | {pair}
        )
        return True

    def late(self):
        group, new = self.standing.group, self.next_id
        self.next_id += 1
        team = self.random.choice([None, *(person.team for person in group.people)])
        self.group_with(people=(*group.people, Person(new, team)), works=(*group.works, Work(new, frozenset([new]))))

    def withdraw(self):
        works = self.standing.group.works
        if len(works) < 2:
            return False
        gone = self.random.choice(works)
        self.group_with(works=tuple(work for work in works if work != gone))

    def conflict(self):
        one, other = self.random.sample([person.id for person in self.standing.group.people], 2)
        self.group_with(conflicts=self.standing.group.conflicts | {(one, other)})

    def absent(self):
        person = self.someone()
        if person is None:
            return False
        self.change(person, is_active=False)

    def back(self):
        person = self.someone(is_active=False)
        if person is None:
            return False
        self.change(person, is_active=True)

    def team(self):
        group = self.standing.group
        person = self.random.choice(group.people)
        self.change(person, team=self.random.choice([None, *(one.team for one in group.people)]))

    def give_back(self):
        return self._return(self.standing.unopened | self.standing.opened)

    def expire(self):
        return self._return(self.standing.opened)

    def reopen(self):
        """A finished review is set aside: its work is read by somebody else."""
        return self._return(self.standing.finished)

    def leave(self):
        """Somebody opens a review and vanishes: it stays theirs, and others are given one more."""
        holders = sorted({reviewer for reviewer, _work in self.standing.opened})
        if not holders:
            return False
        gone = self.random.choice(holders)
        self.change(self.standing.group.by_id[gone], is_active=False)

    def _return(self, some):
        if not some:
            return False
        pair = self.random.choice(sorted(some))
        self.standing = replace(
            self.standing,
            unopened=self.standing.unopened - {pair},
            opened=self.standing.opened - {pair},
            finished=self.standing.finished - {pair},
            returned=self.standing.returned | {pair},
        )

    # What must be true

    def check_opening(self, before: Standing):
        after = self.standing
        assert before.locked <= after.locked, self.events
        assert after.returned == before.returned
        assert received(pairs_of(before)) == received(pairs_of(after)), self.events
        assert given(pairs_of(before)) == given(pairs_of(after)), self.events
        self.check_legal()

    def check_legal(self):
        group = self.standing.group
        for reviewer, work in self.standing.unopened:
            assert group.allows(reviewer, work), self.events
            assert group.by_id[reviewer].is_active
        assert not self.standing.unopened & self.standing.locked
        assert not self.standing.unopened & self.standing.returned, self.events

    def check_repair(self, before: Standing, repaired: Repair):
        after, group = repaired.standing, before.group
        assert (after.opened, after.finished, after.returned) == (before.opened, before.finished, before.returned)
        self.check_legal()
        taken, handed = {move.pair for move in repaired.taken}, {move.pair for move in repaired.given}
        assert after.unopened == before.unopened - taken | handed
        assert not taken & handed
        counts = received(pairs_of(after))
        lacking = {work.id: group.wanted - counts[work.id] for work in group.works if counts[work.id] < group.wanted}
        assert repaired.short == lacking
        locked = received(counted(before))
        needs = {work.id: max(0, group.wanted - locked[work.id]) for work in group.works}
        assert len(after.unopened) == self.flow(group.load + 1, needs), (self.events, repaired)
        assert all(counts[work] <= max(group.wanted, locked[work]) for work in needs)
        self.check_even(group, needs)

    def flow(self, cap: int, needs) -> int:
        group, standing = self.standing.group, self.standing
        spent = given(standing.locked)
        barred = standing.locked | standing.returned
        allowed = {
            person.id: {work for work in needs if group.allows(person.id, work) and (person.id, work) not in barred}
            for person in group.people
            if person.is_active
        }
        return most_reviews(allowed, {one: max(0, cap - spent[one]) for one in allowed}, needs)

    def check_even(self, group: Group, needs):
        """Loads differ by one at most; else no plan at all could take from the busiest."""
        loads = given(pairs_of(self.standing))
        active = [person.id for person in group.people if person.is_active]
        movable = given(self.standing.unopened)
        busiest = max((loads[one] for one in active if movable[one]), default=0)
        if not active or busiest - min(loads[one] for one in active) <= 1:
            return
        assert self.spread_is_best(needs, busiest), self.events

    def spread_is_best(self, needs, busiest: int) -> bool:
        """Say whether, at every level, as many reviews are given under it as any plan could give."""
        spent, unopened = given(self.standing.locked), given(self.standing.unopened)
        for cap in range(1, busiest + 1):
            under = sum(min(count, max(0, cap - spent[one])) for one, count in unopened.items())
            if under < self.flow(cap, needs):
                return False
        return True


@pytest.mark.parametrize("part", range(8))
def test_no_history_breaks_a_promise(part):
    kinds: Counter = Counter()
    for number in range(part, HISTORIES, 8):
        history = History(Random(f"history {number}"))
        history.play()
        kinds.update(history.events)

    assert len(kinds) == 13
    assert min(kinds.values()) > 3


@pytest.mark.parametrize("size", [6, 9, 12, 24])
def test_everybody_gets_all_their_reviews_in_whatever_order_they_come(size):
    wanted = 2 if size == 6 else 3
    standing = start(make_group(alone(size), wanted))
    for number in range(1000 if size < 24 else 250):
        order = [one for one in range(size) for _review in range(wanted)]
        Random(f"arrival {number}").shuffle(order)
        now = standing
        for reviewer in order:
            reveal = next_for(now, reviewer, f"{number}")
            now = replace(reveal.standing, opened=frozenset(), finished=reveal.standing.finished | {reveal.pair})
        assert short_works(now) == {}
        assert not now.unopened
        assert all(now.group.allows(*pair) for pair in now.finished)
        assert reciprocal(now.finished) == 0


def test_who_comes_first_fills_the_gaps():
    """After n/2 people have read one work each, no work has two reviews."""
    standing = start(make_group(alone(24), 3))
    for reviewer in range(12):
        reveal = next_for(standing, reviewer, "gaps")
        standing = replace(reveal.standing, opened=frozenset(), finished=reveal.standing.finished | {reveal.pair})

    assert max(received(standing.finished).values()) == 1


def test_nothing_is_left_to_open_for_who_has_read_all_theirs_or_is_not_there():
    standing = replace(start(make_group(alone(7), 2)), unopened=frozenset())

    assert next_for(standing, 3, "x") is None
    assert next_for(standing, 99, "x") is None


def without(standing: Standing, gone: int) -> Standing:
    people = tuple(replace(one, is_active=one.id >= gone) for one in standing.group.people)
    return replace(standing, group=replace(standing.group, people=people))


@pytest.mark.parametrize(("size", "wanted", "gone"), [(24, 2, 8), (24, 3, 6), (25, 4, 5), (60, 3, 15)])
def test_as_many_can_vanish_as_is_promised_and_every_work_has_its_reviews(size, wanted, gone):
    repaired = repair(without(start(make_group(alone(size), wanted)), gone), "top up")

    assert repaired.short == {}
    assert set(received(repaired.standing.unopened).values()) == {wanted}
    assert set(given(repaired.standing.unopened).values()) <= {wanted, wanted + 1}
    assert {move.cause for move in repaired.taken if move.pair[0] < gone} == {Cause.ABSENT}


def test_one_more_absent_leaves_four_works_one_short_for_the_trainer_or_for_volunteers():
    standing = without(start(make_group(alone(24), 3)), 7)
    repaired = repair(standing, "top up")

    assert sorted(repaired.short.values()) == [1, 1, 1, 1]
    people = tuple(replace(one, volunteers=1 if one.id >= 20 else 0) for one in standing.group.people)
    assert repair(replace(standing, group=replace(standing.group, people=people)), "top up").short == {}


def test_a_late_author_gives_and_receives_as_everybody():
    standing = start(make_group(alone(12), 3))
    group = standing.group
    late = replace(group, people=(*group.people, Person(12)), works=(*group.works, Work(12, frozenset([12]))))
    repaired = repair(replace(standing, group=late), "late")

    assert set(given(repaired.standing.unopened).values()) == set(received(repaired.standing.unopened).values()) == {3}
    assert len(repaired.taken) <= 6
    assert {move.cause for move in repaired.given if move.pair[1] == 12} == {Cause.NEEDED}


def test_a_repair_of_what_is_sound_changes_nothing():
    standing = start(make_group(in_teams(24, 3), 3))

    assert repair(standing, "again") == Repair(standing)


def test_each_move_says_why():
    standing = start(make_group(in_teams(12, 2), 2))
    reviewer, work = sorted(standing.unopened)[0]
    group = standing.group
    mate = tuple(replace(one, team=group.by_id[work].team) if one.id == reviewer else one for one in group.people)
    cases = {
        Cause.CONFLICT: replace(group, conflicts=frozenset([(work, reviewer)])),
        Cause.TEAM: replace(group, people=mate),
        Cause.WITHDRAWN: replace(group, works=tuple(one for one in group.works if one.id != work)),
        Cause.ABSENT: replace(group, people=tuple(replace(p, is_active=p.id != reviewer) for p in group.people)),
    }
    for cause, changed in cases.items():
        repaired = repair(replace(standing, group=changed), "why")
        assert (reviewer, work, cause) in {(*move.pair, move.cause) for move in repaired.taken}


def test_the_calendar_of_a_window():
    opens, closes = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 11, tzinfo=UTC)
    moments = milestones(opens, closes)
    day = timedelta(days=1)

    assert (moments.absent_at, moments.top_up_at) == (opens + 6 * day, opens + 7.5 * day)
    assert not is_absent(None, opens, closes, True, opens + 5.9 * day)
    assert is_absent(None, opens, closes, True, opens + 6 * day)
    assert is_absent(opens - day, opens, closes, True, opens + 6 * day)
    assert not is_absent(None, opens, closes, False, opens + 6 * day)
    assert not is_absent(opens + day, opens, closes, True, opens + 9 * day)
    assert [may_remind(sent) for sent in range(5)] == [True, True, True, False, False]
