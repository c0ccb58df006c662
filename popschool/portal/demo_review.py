"""Peer review in the demonstration: one round that was released, and one under way, with people who are away."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from popschool.db import db
from popschool.portal import demo_plan as plan
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionOwner
from popschool.projects.services_states import counting
from popschool.review import rules_allocation as allocation
from popschool.review import rules_feedback as feedback
from popschool.review import services_estimates
from popschool.review.models import Reaction, Review, ReviewAnswer, Reviewer, Round, RoundEvent, Work
from popschool.review.rules import FEWEST, USUAL
from popschool.review.rules_states import ReviewState, RoundState
from popschool.review.services import criteria_for
from popschool.review.services_world import read_world
from popschool.schools.models import Cohort, Posting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GOOD = (
    "Le titre dit tout de suite où je suis.",
    "Tout se lit sans agrandir.",
    "Les étapes sont dans le bon ordre.",
    "J'ai trouvé l'information en quelques secondes.",
)
IDEAS = (
    "Essayez une phrase plus courte au début.",
    "Ajoutez un exemple sous le titre.",
    "Demandez à quelqu'un de lire à voix haute.",
    "Mettez le plus important en premier.",
)


def make_reviews(demo: Any, cohort: Cohort) -> None:
    """Let a cohort have finished a round some time ago, and be in the middle of another."""
    past = list(
        db.session.scalars(
            select(Assignment)
            .where(Assignment.cohort_id == cohort.id, Assignment.due_at < demo.now)
            .order_by(Assignment.due_at)
        )
    )
    maker = _Maker(demo, cohort)
    if len(past) > 2:
        maker.round(past[1], past[1].due_at, past[1].due_at + 3 * DAY, is_over=True)
    if len(past) > 1:
        yesterday = plan.last_open_day(demo.day - DAY)
        maker.round(past[-1], plan.at(yesterday, 14), plan.at(demo.day + 2 * DAY, 18), is_over=False)


class _Maker:
    """Writes rounds with the demonstration's own chance, so that the same options give the same rows."""

    def __init__(self, demo: Any, cohort: Cohort):
        self.demo, self.cohort = demo, cohort
        self.random = Random(f"reviews {cohort.code}")
        self.trainer_id = db.session.scalar(
            select(Posting.person_id).where(Posting.cohort_id == cohort.id).order_by(Posting.id).limit(1)
        )

    def round(self, assignment: Assignment, starts_at: datetime, ends_at: datetime, is_over: bool) -> None:
        deliverable = db.session.scalars(
            select(Deliverable).where(Deliverable.assignment_id == assignment.id).order_by(Deliverable.position)
        ).first()
        sent = self._sent(deliverable, starts_at)
        people = sorted({author for authors in sent.values() for author in authors})
        group = self._group(sent, people)
        if group is None:
            return
        found = self._open(deliverable, group.wanted, starts_at, ends_at, is_over)
        works = self._works(found, sent)
        reviewers = self._reviewers(found, people)
        group = self._group({works[one].id: authors for one, authors in sent.items()}, people, group.wanted)
        pairs = allocation.plan(group, str(found.seed)).pairs
        taste = {person: self.random.gauss(0, 0.5) for person in people}
        worth = {work.id: self.random.gauss(1.35, 0.45) for work in works.values()}
        away = set(people[3:5])
        for place, (person, work_id) in enumerate(pairs):
            review = Review(
                round_id=found.id,
                work_id=work_id,
                reviewer_id=reviewers[person].id,
                key=self._key(),
                state=str(ReviewState.PLANNED),
                draft={},
                planned_at=starts_at,
            )
            db.session.add(review)
            db.session.flush()
            self._note(found, "given", starts_at, "planned", work_id=work_id, reviewer_id=reviewers[person].id)
            if is_over or (person not in away and place % 3):
                self._write(found, review, worth[work_id] + taste[person], is_over)
        if is_over:
            db.session.flush()
            world = read_world(found)
            services_estimates.keep(world, found.released_at)
            services_estimates.learn(world, found.released_at)

    def _sent(self, deliverable: Deliverable, starts_at: datetime) -> dict[int, frozenset[int]]:
        """Return what counted when the round began, each version with its owners."""
        counts = counting((SubmissionOwner.deliverable_id == deliverable.id) & (Submission.submitted_at < starts_at))
        rows = db.session.execute(select(counts.c.submission_id, counts.c.person_id).order_by(counts.c.submission_id))
        found: dict[int, set[int]] = {}
        for submission_id, person_id in rows:
            found.setdefault(submission_id, set()).add(person_id)
        return {submission_id: frozenset(authors) for submission_id, authors in found.items()}

    @staticmethod
    def _group(
        sent: dict[int, frozenset[int]], people: list[int], wanted: int | None = None
    ) -> allocation.Group | None:
        for count in (wanted,) if wanted else (USUAL, FEWEST):
            group = allocation.Group(
                people=tuple(allocation.Person(one) for one in people),
                works=tuple(allocation.Work(one, authors) for one, authors in sorted(sent.items())),
                wanted=count,
            )
            if sent and allocation.feasibility(group).is_possible:
                return group
        return None

    def _open(
        self, deliverable: Deliverable, wanted: int, starts_at: datetime, ends_at: datetime, is_over: bool
    ) -> Round:
        found = Round(
            school_id=self.cohort.school_id,
            cohort_id=self.cohort.id,
            assignment_id=deliverable.assignment_id,
            deliverable_id=deliverable.id,
            number=1,
            title=deliverable.title,
            wanted=wanted,
            is_named=False,
            is_formative=False,
            pass_mark=60,
            seed=self.random.randrange(2**31),
            criteria=criteria_for(deliverable),
            starts_at=starts_at,
            ends_at=ends_at,
            state=str(RoundState.CLOSED if is_over else RoundState.REVIEWING),
            opened_by_id=self.trainer_id,
            opened_at=starts_at - DAY,
            released_at=ends_at + HOUR if is_over else None,
        )
        db.session.add(found)
        db.session.flush()
        self._note(found, "open", starts_at - DAY, by_id=self.trainer_id)
        self._note(found, "start", starts_at)
        return found

    def _works(self, found: Round, sent: dict[int, frozenset[int]]) -> dict[int, Work]:
        works = {}
        for number, submission_id in enumerate(self.random.sample(sorted(sent), len(sent)), 1):
            works[submission_id] = Work(
                round_id=found.id,
                submission_id=submission_id,
                number=number,
                key=self._key(),
                is_late=False,
                joined_at=found.starts_at,
            )
        db.session.add_all(works.values())
        db.session.flush()
        return works

    def _reviewers(self, found: Round, people: list[int]) -> dict[int, Reviewer]:
        reviewers = {}
        for number, person_id in enumerate(self.random.sample(people, len(people)), 1):
            reviewers[person_id] = Reviewer(
                round_id=found.id,
                person_id=person_id,
                number=number,
                state="active",
                extra=False,
                joined_at=found.starts_at,
                reminders=0,
            )
        db.session.add_all(reviewers.values())
        db.session.flush()
        return reviewers

    def _write(self, found: Round, review: Review, worth: float, is_over: bool) -> None:
        """Let a review have been written, as well as its work is worth to its reviewer."""
        sent_at = min(found.starts_at + self.random.randrange(2, 18) * HOUR, self.demo.now - HOUR)
        marks = {}
        for position, criterion in enumerate(found.criteria, 1):
            mark = min(2, max(0, round(worth + self.random.gauss(0, 0.4))))
            marks[criterion["id"]] = mark
            db.session.add(
                ReviewAnswer(
                    review_id=review.id,
                    position=position,
                    criterion=criterion["id"],
                    text=criterion["text"],
                    mark=mark,
                    word=criterion["words"][mark],
                    good=self.random.choice(GOOD),
                    idea=self.random.choice(IDEAS),
                )
            )
        review.score = feedback.score(marks, {one["id"]: len(one["words"]) - 1 for one in found.criteria})
        review.revealed_at, review.saved_at, review.submitted_at = sent_at - HOUR / 2, sent_at, sent_at
        review.state = str(ReviewState.REACTED if is_over else ReviewState.SUBMITTED)
        self._note(found, "submit", sent_at, work_id=review.work_id, reviewer_id=review.reviewer_id)
        if is_over:
            author = db.session.scalar(
                select(SubmissionOwner.person_id)
                .join(Work, Work.submission_id == SubmissionOwner.submission_id)
                .where(Work.id == review.work_id)
                .order_by(SubmissionOwner.person_id)
                .limit(1)
            )
            db.session.add(
                Reaction(
                    review_id=review.id,
                    person_id=author,
                    helps=self.random.choice(("helpful", "helpful", "partly")),
                    thanks=True,
                    reacted_at=found.released_at + DAY,
                )
            )

    def _note(self, found: Round, what: str, at: datetime, cause: str = "", **about: Any) -> None:
        db.session.add(RoundEvent(round_id=found.id, what=what, cause=cause, at=at, **about))

    def _key(self) -> str:
        return f"{self.random.getrandbits(96):024x}"
