"""The page of a trainer's round: each work with its reviews and its estimate, each reviewer, and who is blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from popschool.review import rules_routing as routing
from popschool.review.models import Review, Reviewer, Round, Work
from popschool.review.rules_estimate import Estimate
from popschool.review.rules_states import FINISHED, OPENED, ReviewState, RoundState, WorkState, work_state
from popschool.review.services_estimates import Drawn
from popschool.review.services_world import ABSENT, LEFT, World
from popschool.schools.models import Person


@dataclass(frozen=True)
class WorkLine:
    """A work: its authors, its reviews, what is missing, and what the reviews say with how surely."""

    work: Work
    authors: list[Person]
    reviews: list[tuple[Review, str]]
    finished: int
    missing: int
    estimate: Estimate | None
    state: WorkState
    elsewhere: str = ""

    @property
    def has_number(self) -> bool:
        return self.estimate is not None and self.estimate.shown is not None

    @property
    def who(self) -> str:
        """Return who made the work; of another cohort's, only which cohort."""
        return self.elsewhere or self.work.submission.team_name or ", ".join(person.name for person in self.authors)


@dataclass(frozen=True)
class ReviewerLine:
    """A reviewer: what they sent, what they have open, what is left, and why nothing comes."""

    reviewer: Reviewer
    sent: int
    open: int
    planned: int
    elsewhere: str = ""

    @property
    def is_blocked(self) -> bool:
        return bool(self.open or self.planned) and self.reviewer.state != LEFT

    @property
    def total(self) -> int:
        return self.sent + self.open + self.planned


@dataclass(frozen=True)
class Board:
    """Everything on the page, in order: what needs the trainer first."""

    works: list[WorkLine]
    reviewers: list[ReviewerLine]
    next: list[tuple[routing.Next, WorkLine]]
    is_enough: bool

    @property
    def short(self) -> list[WorkLine]:
        return [line for line in self.works if line.missing]

    @property
    def waiting(self) -> list[ReviewerLine]:
        return [line for line in self.reviewers if line.is_blocked]

    @property
    def finished(self) -> int:
        return sum(line.finished for line in self.works)

    @property
    def asked(self) -> int:
        return sum(line.finished + line.missing for line in self.works)


def board(world: World, drawn: Drawn | None, now: datetime, elsewhere: Mapping[int, str] | None = None) -> Board:
    """Gather the page from what was read; asks the database nothing.

    `elsewhere` are the codes of cohorts whose people the reader does not train: they are numbers, not names.
    """
    codes = elsewhere or {}
    must_see = {one.work for one in drawn.order if one.must_see is not None} if drawn is not None else set()
    works = [_work_line(world, work, drawn, codes, work.id in must_see) for work in world.standing_works]
    by_id = {line.work.id: line for line in works}
    order = [(one, by_id[one.work]) for one in drawn.order if one.work in by_id] if drawn is not None else []
    reviewers = [_reviewer_line(world, reviewer, codes) for reviewer in world.reviewers]
    reviewers.sort(key=lambda line: (not line.is_blocked, line.reviewer.state != ABSENT, line.reviewer.number))
    return Board(works, reviewers, order, drawn is not None and drawn.is_enough)


def _work_line(
    world: World, work: Work, drawn: Drawn | None, codes: Mapping[int, str], needs_trainer: bool
) -> WorkLine:
    reviews = world.reviews_of(work)
    finished = sum(one.state in FINISHED for one in reviews)
    authors = [owner.person for owner in work.submission.owners]
    estimate = drawn.result.works.get(work.id) if drawn is not None else None
    return WorkLine(
        work=work,
        authors=authors,
        reviews=[
            (one, name_of(world.round, world.reviewer_by_id[one.reviewer_id], codes))
            for one in reviews
            if one.state != ReviewState.PLANNED
        ],
        finished=finished,
        missing=max(world.round.wanted - finished, 0),
        estimate=estimate,
        state=work_state(
            RoundState(world.round.state),
            is_submitted=True,
            is_late=work.is_late,
            finished=finished,
            wanted=world.round.wanted,
            is_graded=estimate is not None and estimate.grade is not None,
            needs_trainer=needs_trainer,
        ),
        elsewhere=codes.get(world.cohort_of(authors[0].id), "") if authors else "",
    )


def name_of(found: Round, reviewer: Reviewer, codes: Mapping[int, str]) -> str:
    """Return the name of a reviewer; of another cohort's, their number in the round and their cohort."""
    code = codes.get(reviewer.cohort_id or found.cohort_id)
    return f"{code}, {reviewer.number}" if code else reviewer.person.name


def _reviewer_line(world: World, reviewer: Reviewer, codes: Mapping[int, str]) -> ReviewerLine:
    own = world.reviews_by(reviewer)
    is_hidden = (reviewer.cohort_id or world.round.cohort_id) in codes
    return ReviewerLine(
        reviewer,
        sent=sum(one.state in FINISHED for one in own),
        open=sum(one.state in OPENED or one.state == ReviewState.EXPIRED for one in own),
        planned=sum(one.state == ReviewState.PLANNED for one in own),
        elsewhere=name_of(world.round, reviewer, codes) if is_hidden else "",
    )
