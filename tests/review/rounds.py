"""Rounds for tests: a cohort that has sent its work, reviewers who review."""

from dataclasses import dataclass, field
from datetime import timedelta

from popschool.db import db
from popschool.review import services, services_plan, services_reviewing
from popschool.review.models import Review, Reviewer, Round, Work
from popschool.review.rules import Said
from popschool.review.services_parts import parts_by_name, shown_parts
from popschool.schools.models import Person
from tests import factories
from tests.conftest import NOW

SOON, ENDS = NOW + timedelta(hours=1), NOW + timedelta(days=4)
HALF, ABSENT, TOP_UP = NOW + timedelta(days=2), NOW + timedelta(days=2.5), NOW + timedelta(days=3.1)
GOOD, IDEA = "Le titre dit tout de suite où je suis.", "Essayez une phrase plus courte au début."


@dataclass
class Circle:
    """A cohort with its trainer, its learners, and a deliverable."""

    cohort: object
    assignment: object
    trainer: Person
    learners: list[Person]
    submissions: dict[int, int] = field(default_factory=dict)

    @property
    def deliverable(self):
        return self.assignment.deliverables[0]


def circle(count: int = 6, sent: int | None = None, **given) -> Circle:
    """Make a cohort of `count` learners, of whom the first `sent` have sent their work."""
    cohort = factories.make_cohort()
    assignment = factories.make_assignment(cohort, due_at=NOW - timedelta(hours=1), **given)
    found = Circle(
        cohort, assignment, factories.make_trainer(cohort), [factories.make_learner(cohort) for _ in range(count)]
    )
    for place, learner in enumerate(found.learners[: count if sent is None else sent]):
        text = f"Voici mon travail.\nIl tient en deux lignes, numéro {place}."
        found.submissions[learner.id] = factories.make_submission(found.deliverable, [learner], text=text).id
    factories.save()
    return found


def open_round(found: Circle, wanted: int = 2, **given) -> Round:
    usual = {
        "starts_at": NOW,
        "ends_at": ENDS,
        "is_named": False,
        "is_formative": False,
        "pass_mark": 60,
        "by": found.trainer,
        "now": NOW,
    }
    return services.open_round(found.deliverable, wanted=wanted, **usual | given)


def write(review: Review, now=NOW, mark: int = 1, good: str = GOOD) -> Review:
    """Write a whole review and send it."""
    parts = parts_by_name(shown_parts(review.work.submission, review.round.is_named))
    for criterion in review.round.criteria:
        said = Said(mark, good, "text", 2, IDEA, "", None)
        services_reviewing.save(review, criterion["id"], said, now)
    return services_reviewing.submit(review, parts, now)


def review_all(found: Round, person: Person, now=NOW, mark: int = 1) -> list[Review]:
    """Let somebody do all that is theirs to do."""
    done = []
    while services_plan.left_in(found, reviewer_of(found, person).id):
        done.append(write(services_plan.reveal(found, person, now), now, mark))
    return done


def reviewer_of(found: Round, person: Person) -> Reviewer:
    return services_plan.reviewer_in(found.id, person.id)


def work_of(found: Round, person: Person) -> Work:
    works = db.session.query(Work).filter_by(round_id=found.id).all()
    return next(work for work in works if person.id in work.authors)


def pairs(found: Round, *states: str) -> set[tuple[int, int]]:
    """Return (reviewer, author) of the reviews in these states, of all without any."""
    rows = db.session.query(Review).filter_by(round_id=found.id).all()
    return {
        (review.reviewer.person_id, author)
        for review in rows
        for author in review.work.authors
        if not states or review.state in states
    }


def received(found: Round, *states: str) -> dict[int, int]:
    """Return how many reviews each standing work has, in these states."""
    counts = {work.id: 0 for work in db.session.query(Work).filter_by(round_id=found.id, withdrawn_at=None)}
    for review in db.session.query(Review).filter_by(round_id=found.id):
        if review.work_id in counts and (not states or review.state in states):
            counts[review.work_id] += 1
    return counts
