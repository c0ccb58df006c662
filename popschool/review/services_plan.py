"""Who reads whom: planned once, then repaired each time that something happens, and opened one work at a time.

The promise: every work gets its reviews, nobody does much more than another, and nothing that was opened is taken away.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from random import Random

from sqlalchemy import func, select

from popschool.db import db, transaction
from popschool.projects.models import Submission
from popschool.projects.services import AFTER_SENT
from popschool.review import rules, services_copies, services_notices, services_pieces
from popschool.review import rules_allocation as allocation
from popschool.review.anonymous import masked
from popschool.review.models import Review, Reviewer, Round, RoundGuest, Work
from popschool.review.models_pieces import PieceReview
from popschool.review.rules_repair import Repair, Reveal, next_for, repair
from popschool.review.rules_states import HELD, OPENED, TAKES_REVIEWS, ReviewAct, ReviewState, RoundAct, RoundState
from popschool.review.services_moves import gather, move, move_review, note
from popschool.review.services_world import ACTIVE, LEFT, World, group_of, read_world, reviewers_of, standing_of
from popschool.schools.models import Person

PLANNED, GIVEN, TAKEN, JOINED, WITHDRAWN, FOLLOWED = "planned", "given", "taken", "joined", "withdrawn", "followed"


def start(found: Round, now: datetime, by_id: int | None = None) -> None:
    """Plan who reads whom among those who have sent, and begin. Again, it does nothing. Raises NotEnoughPeople."""
    with transaction(lock=found):
        db.session.refresh(found)
        if found.state != RoundState.OPEN:
            return
        there = gather(found, now)
        world = World(found, [], [])
        _join(world, there.sent, there.cohort_of, now)
        group = group_of(world)
        answer = allocation.feasibility(group)
        if not answer.is_possible:
            raise rules.NotEnoughPeople(str(answer.reason), len(group.people), found.wanted)
        move(found, RoundAct.PLAN, now, by_id)
        # In a spoken round people choose whom they meet.
        for reviewer_id, work_id in () if found.is_oral else allocation.plan(group, str(found.seed)).pairs:
            _give(world, (reviewer_id, work_id), PLANNED, now)
        move(found, RoundAct.START, now, by_id)
        db.session.flush()
        services_notices.tell_started(found, world.reviewers, now)


def _join(
    world: World, sent: dict[int, frozenset[int]], cohort_of: dict[int, int], now: datetime, is_late: bool = False
) -> None:
    """Put works in a round, and their authors among its reviewers, under numbers that are drawn. In a transaction."""
    found, chance = world.round, Random(f"{world.round.seed}/{len(world.works)}")
    for number, submission_id in _drawn(chance, sent, [work.number for work in world.works]):
        work = Work(
            round_id=found.id, submission_id=submission_id, number=number, is_late=is_late, joined_at=now, round=found
        )
        db.session.add(work)
        db.session.flush()
        db.session.refresh(work, ["submission"])
        services_copies.ask(work.submission)
        world.works.append(work)
        note(found, JOINED, now, "late" if is_late else "", work_id=work.id)
    authors = {author for owners in sent.values() for author in owners} - set(world.reviewer_of)
    taken = [reviewer.number for reviewer in world.reviewers]
    for number, person_id in _drawn(chance, authors, taken):
        cohort_id = cohort_of.get(person_id, found.cohort_id)
        reviewer = Reviewer(
            round_id=found.id,
            person_id=person_id,
            number=number,
            cohort_id=None if cohort_id == found.cohort_id else cohort_id,
            joined_at=now,
            state=ACTIVE,
            extra=False,
            reminders=0,
        )
        db.session.add(reviewer)
        db.session.flush()
        world.reviewers.append(reviewer)
        note(found, JOINED, now, "late" if is_late else "", reviewer_id=reviewer.id)
    world.forget()


def _drawn(chance: Random, ids: Iterable[int], taken: Sequence[int]) -> list[tuple[int, int]]:
    """Return (number, id) in an order that is drawn, after the numbers that are taken."""
    ids = sorted(ids)
    chance.shuffle(ids)
    return list(enumerate(ids, max(taken, default=0) + 1))


def _give(world: World, pair: allocation.Pair, cause: str, now: datetime) -> None:
    """Put a review in somebody's plan. In a transaction."""
    person_id, work_id = pair
    reviewer = world.reviewer_of[person_id]
    review = Review(
        round_id=world.round.id,
        work_id=work_id,
        reviewer_id=reviewer.id,
        state=str(ReviewState.PLANNED),
        draft={},
        planned_at=now,
    )
    db.session.add(review)
    world.reviews.append(review)
    note(world.round, GIVEN, now, cause, work_id=work_id, reviewer_id=reviewer.id)


def _take(world: World, pair: allocation.Pair, cause: str, now: datetime) -> None:
    """Take a review that nobody has opened out of a plan: it was never shown. In a transaction."""
    person_id, work_id = pair
    reviewer = world.reviewer_of[person_id]
    review = next(one for one in world.reviews if (one.reviewer_id, one.work_id) == (reviewer.id, work_id))
    if review.state != ReviewState.PLANNED:
        raise rules.ReviewOpened
    world.reviews.remove(review)
    db.session.delete(review)
    note(world.round, TAKEN, now, cause, work_id=work_id, reviewer_id=reviewer.id)


def mend(found: Round, now: datetime, but: Collection[int] | None = ()) -> None:
    """Let the plan follow what happened: late work, newer versions, people who left. Again, it does nothing.

    Those who are given more to read are told, `but` some who know it; nobody is told with None.
    """
    with transaction(lock=found):
        db.session.refresh(found)
        if found.state not in TAKES_REVIEWS:
            return
        world = read_world(found)
        there = gather(found, now)
        sent = there.sent
        _part(world, set(there.cohort_of), now)
        _follow_versions(world, sent, now)
        known = {author for work in world.works for author in work.authors}
        late = {one: owners for one, owners in sent.items() if not owners & known}
        newcomers = set().union(*late.values()) - set(world.reviewer_of) if late else set()
        _join(world, late, there.cohort_of, now, is_late=True)
        before = _left(world)
        _repair(world, now)
        db.session.flush()
        if but is not None:
            _tell_more(world, before, newcomers | set(but), now)
        services_notices.tell_started(found, [one for one in world.reviewers if one.person_id in newcomers], now)


def _left(world: World) -> Counter[int]:
    """Count what each reviewer has left to read."""
    waiting = OPENED | {ReviewState.PLANNED}
    return Counter(review.reviewer_id for review in world.reviews if review.state in waiting)


def _tell_more(world: World, before: Counter[int], but: set[int], now: datetime) -> None:
    """Tell those who have more to read than before. In a transaction."""
    after = _left(world)
    for reviewer in world.reviewers:
        more = after[reviewer.id] - before[reviewer.id]
        if more > 0 and reviewer.person_id not in but:
            services_notices.tell_more_work(world.round, reviewer, more, now)


def _part(world: World, people: set[int], now: datetime) -> None:
    """Let go of those who have left the cohort, and of works that nobody there made. In a transaction."""
    for reviewer in world.reviewers:
        if reviewer.person_id not in people and reviewer.state != LEFT:
            reviewer.state = LEFT
            note(world.round, LEFT, now, reviewer_id=reviewer.id)
    for work in world.standing_works:
        if not work.authors & people:
            work.withdrawn_at = now
            note(world.round, WITHDRAWN, now, LEFT, work_id=work.id)


def _follow_versions(world: World, sent: dict[int, frozenset[int]], now: datetime) -> None:
    """Let a work that nobody has opened be the newest version of its authors. In a transaction."""
    version_of = {owner: submission_id for submission_id, owners in sent.items() for owner in owners}
    taken = {work.submission_id for work in world.works}
    for work in world.standing_works:
        newer = {version_of[author] for author in work.authors if author in version_of} - taken
        if len(newer) == 1 and not world.is_opened(work):
            work.submission_id = newer.pop()
            taken.add(work.submission_id)
            db.session.flush()
            db.session.refresh(work, ["submission"])
            services_copies.ask(work.submission)
            note(world.round, FOLLOWED, now, work_id=work.id)


def _repair(world: World, now: datetime) -> None:
    """Give every work its reviews again; not in a spoken round, where people choose. In a transaction."""
    if not world.round.is_oral:
        apply(world, repair(standing_of(world, now), str(world.round.seed)), now)


def apply(world: World, repaired: Repair | Reveal, now: datetime) -> None:
    """Do what a repair or an exchange says: take first, then give. In a transaction."""
    for one in repaired.taken:
        _take(world, one.pair, str(one.cause), now)
    db.session.flush()
    for one in repaired.given:
        _give(world, one.pair, str(one.cause), now)


def reveal(found: Round, person: Person, now: datetime) -> Review:
    """Open the next review of somebody: the one already open, else the work that needs it most.

    Raises NothingToReview, or PieceFirst while a piece is to be read before.
    """
    with transaction(lock=found):
        db.session.refresh(found)
        world = read_world(found)
        reviewer = world.reviewer_of.get(person.id)
        if reviewer is None or found.state not in TAKES_REVIEWS or found.ends_at <= now:
            raise rules.NothingToReview
        opened = [one for one in world.reviews_by(reviewer) if one.state in HELD and one.submitted_at is None]
        if opened:
            return opened[0]
        if reviewer.state == LEFT:
            raise rules.NothingToReview
        if services_pieces.is_waiting(found, reviewer):
            raise rules.PieceFirst
        if reviewer.state != ACTIVE:
            _come_back(world, reviewer, now)
        answer = next_for(standing_of(world, now), person.id, str(found.seed))
        if answer is None:
            raise rules.NothingToReview
        apply(world, answer, now)
        db.session.flush()
        review = next(one for one in world.reviews if (one.reviewer_id, one.work_id) == (reviewer.id, answer.pair[1]))
        move_review(review, ReviewAct.REVEAL)
        review.revealed_at = now
        note(found, str(ReviewAct.REVEAL), now, work_id=review.work_id, reviewer_id=reviewer.id, by_id=person.id)
    return review


def open_piece(found: Round, person: Person, now: datetime) -> PieceReview | None:
    """Open the piece that somebody reads before any work; None when there is none left. Raises NothingToReview."""
    with transaction(lock=found):
        db.session.refresh(found)
        reviewer = reviewer_in(found.id, person.id)
        if reviewer is None or reviewer.state == LEFT or found.state not in TAKES_REVIEWS or found.ends_at <= now:
            raise rules.NothingToReview
        return services_pieces.next_for(found, reviewer, now)


def _come_back(world: World, reviewer: Reviewer, now: datetime) -> None:
    """Somebody who was away is here again: they take their share of what is left. In a transaction."""
    reviewer.state = ACTIVE
    note(world.round, "back", now, reviewer_id=reviewer.id)
    _repair(world, now)
    db.session.flush()


def withdraw_work(work: Work, by_id: int, words: str, now: datetime) -> None:
    """Take a work out of its round, with its reason, which its authors read; those who were to read it read others."""
    with transaction(lock=work.round):
        db.session.refresh(work)
        if work.withdrawn_at is None:
            work.withdrawn_at = now
            said = masked(words.strip(), reviewers_of(work))[:300]
            note(work.round, WITHDRAWN, now, "trainer", work_id=work.id, by_id=by_id, words=said)
            services_notices.tell_withdrawn(work, said, now)
            db.session.flush()
            mend(work.round, now)


def offer_more(found: Round, person: Person, now: datetime) -> None:
    """Somebody offers to do one more than their share."""
    with transaction(lock=found):
        reviewer = reviewer_in(found.id, person.id)
        if reviewer is None:
            raise rules.NothingToReview
        if not reviewer.extra:
            reviewer.extra = True
            note(found, "offered", now, reviewer_id=reviewer.id, by_id=person.id)
            db.session.flush()
            mend(found, now)


def rounds_open_for(deliverable_id: int) -> Sequence[Round]:
    """Return the rounds that take work of a deliverable now. One query."""
    joined = select(RoundGuest.round_id).where(RoundGuest.deliverable_id == deliverable_id, RoundGuest.agreed)
    takes = (Round.deliverable_id == deliverable_id) | Round.id.in_(joined)
    return db.session.scalars(select(Round).where(takes, Round.state.in_(list(TAKES_REVIEWS)))).all()


def follow(submission: Submission, now: datetime) -> None:
    """Let the rounds of a deliverable know at once that something was sent."""
    for found in rounds_open_for(submission.deliverable_id):
        mend(found, now)


AFTER_SENT.append(follow)


def round_of(round_id: int, person_id: int) -> Round | None:
    """Return a round in which somebody reviews; None when they do not. One query."""
    return db.session.scalars(
        select(Round)
        .join(Reviewer, Reviewer.round_id == Round.id)
        .where(Round.id == round_id, Reviewer.person_id == person_id)
    ).first()


def reviewer_in(round_id: int, person_id: int) -> Reviewer | None:
    """Return somebody's place among the reviewers of a round. One query."""
    return db.session.scalars(
        select(Reviewer).where(Reviewer.round_id == round_id, Reviewer.person_id == person_id)
    ).first()


def left_in(found: Round, reviewer_id: int) -> int:
    """Return how many works somebody still has to review in a round. One query."""
    waiting = (ReviewState.PLANNED, ReviewState.REVEALED, ReviewState.IN_PROGRESS)
    query = select(func.count()).select_from(Review)
    return db.session.scalar(query.where(Review.reviewer_id == reviewer_id, Review.state.in_(waiting))) or 0
