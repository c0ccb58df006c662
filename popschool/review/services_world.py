"""A round as it stands: its works, its reviewers and their reviews, and what the rules of allocation make of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload

from popschool.db import db
from popschool.projects.models import Deliverable, Submission, SubmissionOwner, TeamMember
from popschool.review import rules_allocation as allocation
from popschool.review.anonymous import Hidden
from popschool.review.models import Conflict, Review, Reviewer, Round, RoundGuest, Work
from popschool.review.rules import is_stalled
from popschool.review.rules_repair import Standing
from popschool.review.rules_states import FINISHED, HELD, OPENED, ReviewState
from popschool.schools.models import Accommodation, Person

ACTIVE, ABSENT, LEFT = "active", "absent", "left"
PAST_ROUNDS = 2


@dataclass
class World:
    """Everything of one round; `works` leaves nobody out, withdrawn ones too."""

    round: Round
    works: list[Work]
    reviewers: list[Reviewer]
    reviews: list[Review] = field(default_factory=list)

    @cached_property
    def work_of(self) -> dict[int, Work]:
        return {work.id: work for work in self.works}

    @cached_property
    def reviewer_of(self) -> dict[int, Reviewer]:
        """Reviewers by the id of the person."""
        return {reviewer.person_id: reviewer for reviewer in self.reviewers}

    @cached_property
    def reviewer_by_id(self) -> dict[int, Reviewer]:
        return {reviewer.id: reviewer for reviewer in self.reviewers}

    def forget(self) -> None:
        """Work out again what was worked out, once somebody or something has joined."""
        for name in ("work_of", "reviewer_of", "reviewer_by_id"):
            self.__dict__.pop(name, None)

    @property
    def standing_works(self) -> list[Work]:
        return [work for work in self.works if work.withdrawn_at is None]

    def cohort_of(self, person_id: int) -> int:
        """Return the cohort that somebody is there with: another than the round's own when theirs was asked to join."""
        reviewer = self.reviewer_of.get(person_id)
        return (reviewer.cohort_id if reviewer is not None else None) or self.round.cohort_id

    def reviews_of(self, work: Work) -> list[Review]:
        return [review for review in self.reviews if review.work_id == work.id]

    def reviews_by(self, reviewer: Reviewer) -> list[Review]:
        return [review for review in self.reviews if review.reviewer_id == reviewer.id]

    def is_opened(self, work: Work) -> bool:
        return any(review.state in HELD for review in self.reviews_of(work))

    def finished(self, work: Work) -> list[Review]:
        return [review for review in self.reviews_of(work) if review.state in FINISHED]


def read_world(found: Round) -> World:
    """Read a whole round. Two queries."""
    works = (
        db.session.scalars(
            select(Work)
            .where(Work.round_id == found.id)
            .options(joinedload(Work.submission).joinedload(Submission.owners).joinedload(SubmissionOwner.person))
            .order_by(Work.number)
        )
        .unique()
        .all()
    )
    rows = db.session.execute(
        select(Reviewer, Review)
        .outerjoin(Review, Review.reviewer_id == Reviewer.id)
        .where(Reviewer.round_id == found.id)
        .options(joinedload(Reviewer.person))
        .order_by(Reviewer.number, Review.id)
    ).all()
    reviewers = list({reviewer.id: reviewer for reviewer, _review in rows}.values())
    return World(found, list(works), reviewers, [review for _reviewer, review in rows if review is not None])


def standing_of(world: World, now: datetime) -> Standing:
    """Return what the plan is repaired from. Four queries.

    What was opened by somebody who is gone stays theirs, and its work is given to one more: a vanished reviewer costs
    an author nothing.
    """
    pairs: dict[str, set[allocation.Pair]] = {}
    person_of = {reviewer.id: reviewer.person_id for reviewer in world.reviewers}
    for review in world.reviews:
        pairs.setdefault(_place(world, review, now), set()).add((person_of[review.reviewer_id], review.work_id))
    return Standing(
        group_of(world),
        unopened=frozenset(pairs.get("unopened", ())),
        opened=frozenset(pairs.get("opened", ())),
        finished=frozenset(pairs.get("finished", ())),
        returned=frozenset(pairs.get("returned", ())),
    )


def _place(world: World, review: Review, now: datetime) -> str:
    if review.state == ReviewState.PLANNED:
        return "unopened"
    if review.state in FINISHED:
        return "finished"
    if review.state not in OPENED:
        return "returned"
    touched = review.saved_at or review.revealed_at or review.planned_at
    is_gone = world.reviewer_by_id[review.reviewer_id].state != ACTIVE or is_stalled(
        touched, world.round.starts_at, world.round.ends_at, now
    )
    return "returned" if is_gone else "opened"


def group_of(world: World) -> allocation.Group:
    """Return the people and works of a round as the rules see them, teams and conflicts as they are today."""
    teams, fewer = teams_in(world.round), fewer_in(world.round)
    return allocation.Group(
        people=tuple(
            allocation.Person(
                one.person_id,
                teams.get(one.person_id),
                is_active=one.state == ACTIVE,
                volunteers=int(one.extra),
                fewer=fewer.get(one.person_id, 0),
            )
            for one in sorted(world.reviewers, key=lambda one: one.person_id)
        ),
        works=tuple(allocation.Work(work.id, work.authors) for work in sorted(world.standing_works, key=_id)),
        wanted=world.round.wanted,
        conflicts=frozenset(conflicts_of(world.round.id)),
        past=frozenset(past_pairs(world.round)),
    )


def fewer_in(found: Round) -> dict[int, int]:
    """Return how many reviews people of a round are spared, as arranged for one of its days. One query."""
    rows = db.session.execute(
        select(Accommodation.person_id, func.max(Accommodation.fewer_reviews))
        .join(Reviewer, Reviewer.person_id == Accommodation.person_id)
        .where(
            Reviewer.round_id == found.id,
            Accommodation.fewer_reviews > 0,
            or_(Accommodation.school_id == found.school_id, Accommodation.follows),
            Accommodation.starts_on <= found.ends_at.date(),
            or_(Accommodation.ends_on.is_(None), Accommodation.ends_on >= found.starts_at.date()),
        )
        .group_by(Accommodation.person_id)
    )
    return {person_id: fewer for person_id, fewer in rows}


def _id(row) -> int:
    return row.id


def teams_of(assignment_id: int) -> dict[int, int]:
    """Return the team that each person is in today. One query."""
    return _teams(TeamMember.assignment_id == assignment_id)


def teams_in(found: Round) -> dict[int, int]:
    """Return the team that each person of a round is in today, guests included. One query."""
    guests = (
        select(Deliverable.assignment_id)
        .join(RoundGuest, RoundGuest.deliverable_id == Deliverable.id)
        .where(RoundGuest.round_id == found.id, RoundGuest.agreed)
    )
    is_there = (TeamMember.assignment_id == found.assignment_id) | TeamMember.assignment_id.in_(guests)
    return _teams(is_there)


def _teams(where: ColumnElement[bool]) -> dict[int, int]:
    query = select(TeamMember.person_id, TeamMember.team_id).where(where, TeamMember.left_at.is_(None))
    return {person_id: team_id for person_id, team_id in db.session.execute(query)}


def conflicts_of(round_id: int) -> list[tuple[int, int]]:
    """Return who said not to be read by whom. One query."""
    rows = db.session.execute(select(Conflict.person_id, Conflict.other_id).where(Conflict.round_id == round_id))
    return [(one, other) for one, other in rows]


def past_pairs(found: Round) -> Iterable[tuple[int, int]]:
    """Return who read whom in the last two rounds of each cohort that takes part, before this one. One query."""
    joined = select(RoundGuest.round_id, RoundGuest.cohort_id).where(RoundGuest.agreed)
    took_part = union_all(select(Round.id.label("round_id"), Round.cohort_id), joined).subquery()
    here = select(RoundGuest.cohort_id).where(RoundGuest.round_id == found.id, RoundGuest.agreed)
    latest = func.row_number().over(partition_by=took_part.c.cohort_id, order_by=took_part.c.round_id.desc())
    ranked = (
        select(took_part.c.round_id, latest.label("place"))
        .where(took_part.c.round_id < (found.id or 2**31 - 1))
        .where((took_part.c.cohort_id == found.cohort_id) | took_part.c.cohort_id.in_(here))
        .subquery()
    )
    before = select(ranked.c.round_id).where(ranked.c.place <= PAST_ROUNDS)
    rows = db.session.execute(
        select(Reviewer.person_id, SubmissionOwner.person_id)
        .select_from(Review)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .join(Work, Work.id == Review.work_id)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Work.submission_id)
        .where(Review.round_id.in_(before), Review.state.in_(list(HELD)))
    )
    return [(reviewer, author) for reviewer, author in rows]


def reviewers_of(work: Work) -> Hidden:
    """Return whose names the author of a work must not read: nobody's where a round shows them. One query."""
    if work.round.is_named:
        return Hidden()
    rows = db.session.execute(
        select(Person, team_of_reviewer())
        .join(Reviewer, Reviewer.person_id == Person.id)
        .join(Review, Review.reviewer_id == Reviewer.id)
        .where(Review.work_id == work.id)
    ).all()
    return Hidden([person for person, _team in rows], [team for _person, team in rows if team])


def team_of_reviewer() -> ScalarSelect[str]:
    """Return, in SQL, the team in which a reviewer's own work was made in the same round; nothing for one alone."""
    own = aliased(Work)
    return (
        select(func.max(Submission.team_name))
        .join(own, own.submission_id == Submission.id)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(own.round_id == Reviewer.round_id, SubmissionOwner.person_id == Reviewer.person_id)
        .correlate(Reviewer)
        .scalar_subquery()
    )


def round_at(round_id: int) -> Round | None:
    """Return a round with its assignment, its cohort and its deliverable. One query."""
    return db.session.scalars(
        select(Round).where(Round.id == round_id).options(joinedload(Round.assignment), joinedload(Round.deliverable))
    ).first()


def review_at(key: str) -> Review | None:
    """Return a review by its address, with its round, its work and its reviewer. One query."""
    return (
        db.session.scalars(
            select(Review)
            .join(Review.work)
            .join(Review.reviewer)
            .where(Review.key == key)
            .options(
                contains_eager(Review.work)
                .joinedload(Work.submission)
                .options(
                    joinedload(Submission.files), joinedload(Submission.owners).joinedload(SubmissionOwner.person)
                ),
                contains_eager(Review.reviewer),
                joinedload(Review.round),
            )
        )
        .unique()
        .first()
    )
