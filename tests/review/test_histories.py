"""Rounds played by chance on a real database, with a piece that all read first and people who are kept apart.

The thousands of histories of the plan alone are in `test_repair`; here services decide when it is repaired.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from popschool.db import db
from popschool.review import rules, services_apart, services_pieces, services_plan
from popschool.review.models import Review, Round
from popschool.review.rules_repair import repair
from popschool.review.rules_states import HELD, OPENED, ReviewState
from popschool.review.services_world import group_of, read_world, standing_of
from popschool.schools.models import Person
from tests.conftest import NOW
from tests.review.rounds import SOON, Circle, circle, open_round, review_all, reviewer_of, write
from tests.review.test_pieces import make_piece, read_pieces
from tests.review.test_rounds import send

EVENTS = 30
ACTS = ("piece", "open", "open", "open", "send", "send", "apart", "conflict", "late")


@dataclass
class History:
    found: Circle
    opened: Round
    chance: Random
    authors: list[Person]
    held: set[int] = field(default_factory=set)
    seen: Counter = field(default_factory=Counter)

    def play(self) -> None:
        for _event in range(EVENTS):
            act = self.chance.choice(ACTS)
            if getattr(self, act)(self.chance.choice(self.authors)) is not False:
                self.seen[act] += 1
                self.check()

    def of_all(self, *states: str) -> list[Review]:
        some = db.session.query(Review).filter(Review.round_id == self.opened.id, Review.state.in_(states))
        return some.order_by(Review.id).all()

    # What happens

    def piece(self, person: Person) -> bool:
        return bool(read_pieces(self.opened, person, 1))

    def open(self, person: Person) -> bool:
        comes_first = services_pieces.is_waiting(self.opened, reviewer_of(self.opened, person))
        try:
            services_plan.reveal(self.opened, person, NOW)
        except rules.PieceFirst:
            assert comes_first
            self.seen["refused"] += 1
            return False
        except rules.NothingToReview:
            return False
        assert not comes_first
        return True

    def send(self, _person: Person) -> bool:
        opened = self.of_all(*OPENED)
        if opened:
            write(self.chance.choice(opened))
        return bool(opened)

    def apart(self, person: Person) -> bool:
        other = self.chance.choice([one for one in self.found.learners if one is not person])
        known = services_apart.kept_apart(self.opened.id, person.id)
        try:
            services_apart.keep_apart(self.opened, person, other.id, NOW)
        except rules.TooManyApart:
            assert len(known) >= rules.MOST_APART
            return False
        assert services_apart.kept_apart(self.opened.id, person.id) == known | {other.id}
        return True

    def conflict(self, _person: Person) -> bool:
        opened = self.of_all(ReviewState.REVEALED)
        if not opened:
            return False
        review = self.chance.choice(opened)
        services_apart.declare_conflict(review, review.reviewer.person, NOW)
        self.held.discard(review.id)
        return True

    def late(self, _person: Person) -> bool:
        if len(self.authors) == len(self.found.learners):
            return False
        person = self.found.learners[len(self.authors)]
        send(self.found, person, "Voici mon travail, en retard.", NOW)
        self.authors.append(person)
        return True

    # What must be true

    def check(self) -> None:
        db.session.expire_all()
        world = read_world(self.opened)
        group, person_of = group_of(world), {one.id: one.person_id for one in world.reviewers}
        held = {one.id for one in world.reviews if one.state in HELD}
        assert self.held <= held, self.seen
        self.held = held
        for review in world.reviews:
            if review.state == ReviewState.PLANNED:
                assert group.allows(person_of[review.reviewer_id], review.work_id), self.seen
        for reviewer in {one.reviewer for one in world.reviews if one.state in HELD}:
            assert not services_pieces.is_waiting(self.opened, reviewer), self.seen
        standing = standing_of(world, NOW)
        # No repair could give one review more than the plan has.
        repaired = repair(standing, str(self.opened.seed)).standing
        assert len(repaired.unopened) == len(standing.unopened), self.seen


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_no_history_opens_a_work_too_early_or_brings_together_who_is_kept_apart(app):
    seen: Counter = Counter()
    for number in range(2):
        found = circle(8, sent=6)
        opened = open_round(found, starts_at=SOON, piece_ids=[make_piece(found).id])
        opened.seed = number
        history = History(found, opened, Random(f"history {number}"), found.learners[:6])
        history.apart(found.learners[0])
        services_plan.start(opened, SOON)
        for person in history.authors[2:]:
            read_pieces(opened, person, 1)
        history.play()
        for person in history.authors:
            read_pieces(opened, person, 1)
            review_all(opened, person)
        history.check()
        assert not [one for one in read_world(opened).reviews if one.state == ReviewState.PLANNED]
        seen += history.seen

    assert {"open", "refused", "send", "apart", "late"} <= set(seen)
