"""What the pages of rounds show, each in a few queries whatever the size of the school."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from popschool.db import db, unchanging
from popschool.projects.models import Submission, SubmissionOwner
from popschool.review import rules_estimate as estimates
from popschool.review import rules_feedback as feedback
from popschool.review import services_pieces
from popschool.review.anonymous import Hidden, masked
from popschool.review.grades import marks_of
from popschool.review.models import (
    Flag,
    Leniency,
    Reaction,
    Review,
    ReviewAnswer,
    Reviewer,
    Round,
    RoundEvent,
    Work,
    WorkEstimate,
)
from popschool.review.rules_states import FINISHED, OPENED, OVER, TAKES_REVIEWS, ReviewState
from popschool.review.services_world import team_of_reviewer
from popschool.schools.models import Person


@dataclass
class Task:
    """One round in which somebody reviews: what is sent, what is open, what is left, how many pieces come before."""

    round: Round
    reviewer: Reviewer
    reviews: list[Review] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    pieces: int = 0

    @property
    def sent(self) -> list[Review]:
        return [one for one in self.reviews if one.state in FINISHED or one.state == ReviewState.SET_ASIDE]

    @property
    def open(self) -> Review | None:
        return next((one for one in self.reviews if one.state in OPENED), None)

    @property
    def unfinished(self) -> Review | None:
        """What was begun before the end and may still be sent."""
        return next((one for one in self.reviews if one.state == ReviewState.EXPIRED), None)

    @property
    def left(self) -> int:
        return sum(one.state in OPENED or one.state == ReviewState.PLANNED for one in self.reviews)

    def takes(self, now: datetime) -> bool:
        return self.round.state in TAKES_REVIEWS and now < self.round.ends_at

    @property
    def summary(self):
        """What authors made of these reviews, together; None while too few have answered."""
        return feedback.summary(self.reactions)


@dataclass
class Received:
    """A work of somebody in a round."""

    round: Round
    work: Work
    reviews: int = 0


def tasks_of(person_id: int) -> list[Task]:
    """Return the rounds in which somebody reviews, the latest first. One query, and one each for answers and pieces."""
    rows = db.session.execute(
        select(Reviewer, Round, Review)
        .join(Round, Round.id == Reviewer.round_id)
        .outerjoin(Review, Review.reviewer_id == Reviewer.id)
        .where(Reviewer.person_id == person_id)
        .options(joinedload(Review.work))
        .order_by(Round.ends_at.desc(), Round.id.desc(), Review.id)
    ).all()
    tasks: dict[int, Task] = {}
    for reviewer, found, review in rows:
        task = tasks.setdefault(found.id, Task(found, reviewer))
        if review is not None:
            task.reviews.append(review)
    reacted = [one.id for task in tasks.values() for one in task.reviews if one.state == ReviewState.REACTED]
    if reacted:
        by_review = {one.id: task for task in tasks.values() for one in task.reviews}
        for review_id, helps in db.session.execute(
            select(Reaction.review_id, Reaction.helps).where(Reaction.review_id.in_(reacted))
        ):
            by_review[review_id].reactions.append(helps)
    known = services_pieces.sent_in([one.round for one in tasks.values()], person_id)
    for task in tasks.values():
        task.pieces = len(task.round.piece_ids) - known.get(task.round.id, 0)
    return list(tasks.values())


def waiting_for(person_id: int, now: datetime) -> tuple[int, datetime | None]:
    """Return how many works wait for somebody's review, and until when for the first round to end. One query."""
    return tuple(db.session.execute(waiting(), {"person": person_id, "now": now}).one())


@cache
def waiting() -> Select:
    """Return a query for how many works wait for the review of `person`, and until when. It asks for `now`."""
    waits = [str(one) for one in (ReviewState.PLANNED, *OPENED)]
    takes = [str(one) for one in TAKES_REVIEWS]
    return (
        select(func.count(Review.id).label("to_review"), func.min(Round.ends_at).label("until"))
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .join(Round, Round.id == Review.round_id)
        .where(
            Reviewer.person_id == bindparam("person", type_=Integer),
            Review.state.in_(unchanging(sorted(waits))),
            Round.state.in_(unchanging(sorted(takes))),
            Round.ends_at > bindparam("now", type_=Round.ends_at.type),
        )
    )


def received_by(person_id: int) -> list[Received]:
    """Return the works of somebody in every round, the latest first, with how many reviews can be read. One query."""
    rows = db.session.execute(
        select(Round, Work, Review.state)
        .join(Work, Work.round_id == Round.id)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Work.submission_id)
        .outerjoin(Review, Review.work_id == Work.id)
        .where(SubmissionOwner.person_id == person_id, Work.withdrawn_at.is_(None))
        .order_by(Round.id.desc(), Work.id)
    )
    found: dict[int, Received] = {}
    for one, work, state in rows:
        received = found.setdefault(work.id, Received(one, work))
        received.reviews += state in (ReviewState.RELEASED, ReviewState.REACTED)
    return list(found.values())


@dataclass(frozen=True)
class Answer:
    """One answer of a review as its author reads it: whoever signs their words stays as hidden as the round says."""

    text: str
    word: str
    good: str
    good_place: str
    good_line: int | None
    good_quote: str
    idea: str
    idea_place: str
    idea_line: int | None
    idea_quote: str


@dataclass
class Opinion:
    """One review as the author of the work reads it: who wrote it is a number, or a name when names are shown."""

    review: Review
    number: int
    reviewer: Person | None
    reaction: Reaction | None
    is_reported: bool
    team: str = ""

    @property
    def answers(self) -> list[Answer]:
        teams = [self.team] if self.team else []
        hidden = Hidden() if self.reviewer is not None else Hidden([self.review.reviewer.person], teams)
        return [
            Answer(
                one.text,
                one.word,
                masked(one.good, hidden),
                one.good_place,
                one.good_line,
                one.good_quote,
                masked(one.idea, hidden),
                one.idea_place,
                one.idea_line,
                one.idea_quote,
            )
            for one in self.review.answers
        ]


@dataclass
class Verdict:
    """What an author reads of a round: the reviews, and the number once they have answered them all."""

    work: Work
    opinions: list[Opinion]
    estimate: WorkEstimate | None
    appeal: Flag | None
    revised: Submission | None

    @property
    def is_answered(self) -> bool:
        """Say whether every review that can be answered is: the number comes after."""
        return all(one.reaction is not None for one in self.opinions if not one.is_reported)


def work_at(key: str) -> Work | None:
    """Return a work by its address, with its authors and its files. One query."""
    return (
        db.session.scalars(
            select(Work)
            .where(Work.key == key)
            .options(
                joinedload(Work.round),
                joinedload(Work.submission).options(
                    joinedload(Submission.owners).joinedload(SubmissionOwner.person),
                    joinedload(Submission.files),
                    joinedload(Submission.deliverable),
                ),
            )
        )
        .unique()
        .first()
    )


def verdict_of(work: Work, person_id: int) -> Verdict:
    """Return what an author reads. Three queries."""
    can_be_read = (ReviewState.RELEASED, ReviewState.REACTED)
    reviews = (
        db.session.execute(
            select(Review, team_of_reviewer())
            .join(Reviewer, Reviewer.id == Review.reviewer_id)
            .where(Review.work_id == work.id, Review.state.in_(can_be_read))
            .options(
                joinedload(Review.answers),
                joinedload(Review.reactions),
                joinedload(Review.reviewer).joinedload(Reviewer.person),
            )
            .order_by(Reviewer.number)
        )
        .unique()
        .all()
    )
    flags = db.session.scalars(select(Flag).where(Flag.work_id == work.id)).all()
    hidden = {flag.review_id for flag in flags if flag.kind == "report" and flag.upheld is not False}
    estimate, revised = db.session.execute(
        select(WorkEstimate, Submission)
        .select_from(Work)
        .outerjoin(WorkEstimate, WorkEstimate.work_id == Work.id)
        .outerjoin(
            SubmissionOwner,
            (SubmissionOwner.deliverable_id == work.submission.deliverable_id)
            & (SubmissionOwner.person_id == person_id)
            & (SubmissionOwner.submission_id > work.submission_id),
        )
        .outerjoin(Submission, Submission.id == SubmissionOwner.submission_id)
        .where(Work.id == work.id)
        .order_by(Submission.id)
        .limit(1)
    ).one()
    opinions = [
        Opinion(
            review,
            review.reviewer.number,
            review.reviewer.person if work.round.is_named else None,
            next((one for one in review.reactions if one.person_id == person_id), None),
            review.id in hidden,
            team or "",
        )
        for review, team in reviews
    ]
    is_over = work.round.state in OVER and not work.round.is_formative
    return Verdict(
        work,
        opinions,
        estimate if is_over else None,
        next((flag for flag in flags if flag.kind == "appeal"), None),
        revised,
    )


def events_of(
    found: Round, offset: int, limit: int
) -> tuple[list[tuple[RoundEvent, Work | None, Reviewer | None]], int]:
    """Return a page of what moved in a round, the latest first, and how much there is. Two queries."""
    rows = db.session.execute(
        select(RoundEvent, Work, Reviewer)
        .outerjoin(Work, Work.id == RoundEvent.work_id)
        .outerjoin(Reviewer, Reviewer.id == RoundEvent.reviewer_id)
        .options(joinedload(Reviewer.person))
        .where(RoundEvent.round_id == found.id)
        .order_by(RoundEvent.id.desc())
        .offset(offset)
        .limit(limit)
    )
    total = db.session.scalar(select(func.count()).select_from(RoundEvent).where(RoundEvent.round_id == found.id))
    return [(event, work, reviewer) for event, work, reviewer in rows], total or 0


def rounds_of(cohort_id: int) -> Sequence[Round]:
    """Return the rounds of a cohort, the latest first. One query."""
    return db.session.scalars(
        select(Round)
        .where(Round.cohort_id == cohort_id)
        .options(joinedload(Round.deliverable))
        .order_by(Round.starts_at.desc(), Round.id.desc())
    ).all()


def coaching_of(found: Round, person_id: int) -> feedback.Coaching | None:
    """Return how somebody marked beside the others in a round, when it is clear; with where a trainer saw it otherwise.

    Three queries.
    """
    row = db.session.execute(
        select(Leniency, Reviewer.id)
        .join(Reviewer, (Reviewer.round_id == Leniency.round_id) & (Reviewer.person_id == Leniency.person_id))
        .where(Leniency.person_id == person_id, Leniency.round_id == found.id)
    ).first()
    if row is None:
        return None
    learnt, reviewer_id = row
    own = estimates.Leniency(person_id, 0, learnt.deviation, learnt.deviation_sd, 1.0)
    answers = db.session.execute(
        select(Work.number, Work.submission_id, ReviewAnswer.criterion, ReviewAnswer.text, ReviewAnswer.mark)
        .join(Review, Review.id == ReviewAnswer.review_id)
        .join(Work, Work.id == Review.work_id)
        .where(Review.reviewer_id == reviewer_id, Review.state.in_(list(FINISHED)))
        .order_by(Work.number, ReviewAnswer.position)
    ).all()
    marks = marks_of({row.submission_id for row in answers})
    differences = [
        feedback.Difference(row.number, row.text, row.mark, marks[row.submission_id][row.criterion])
        for row in answers
        if row.criterion in marks.get(row.submission_id, {})
    ]
    return feedback.coaching(own, differences)


def last_work_of(submission_id: Any) -> ScalarSelect:
    """Return, in SQL, the last round's work that a submission is: what peers say of it, beside a trainer's act."""
    return select(func.max(Work.id)).where(Work.submission_id == submission_id).scalar_subquery()
