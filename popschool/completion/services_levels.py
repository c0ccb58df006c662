"""Levels reached and work validated by several people, read at once: each with the rows that prove it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading.models import Award
from popschool.grading.rules import Awarded, Decision, best_proofs
from popschool.grading.services_reading import award_holds
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionOwner, SubmissionState
from popschool.projects.services_states import validated_elsewhere
from popschool.schools.models import Enrolment, Person


@dataclass(frozen=True)
class Reached:
    """A level of a competence, the work that proves it, and who gave it."""

    key: str
    title: str
    block: str
    level: int
    submission_id: int
    deliverable: str
    version: int
    awarded_at: datetime
    trainer: str


def levels_of(people: Sequence[int]) -> dict[int, dict[str, Reached]]:
    """Return, by person and competence, the level reached and its best proof. One query, whatever their number."""
    if not people:
        return {}
    rows = db.session.execute(
        select(
            Award.id, Award.person_id, Award.competence_id, Award.level, Award.awarded_at, Award.submission_id,
            Competence.key, Competence.title, Competence.block_title, Deliverable.title.label("deliverable"),
            Submission.version, Person.first_name, Person.last_name,
        )
        .join(Competence, Competence.id == Award.competence_id)
        .join(Submission, Submission.id == Award.submission_id)
        .join(Deliverable, Deliverable.id == Submission.deliverable_id)
        .join(Person, Person.id == Award.trainer_id)
        .where(Award.person_id.in_(people), award_holds())
    ).all()  # fmt: skip
    by_person: dict[int, list] = defaultdict(list)
    for row in rows:
        by_person[row.person_id].append(row)
    found: dict[int, dict[str, Reached]] = {}
    for person_id, own in by_person.items():
        said = {row.id: row for row in own}
        best = best_proofs(
            Awarded(row.id, row.competence_id, row.level, row.awarded_at, row.submission_id) for row in own
        )
        found[person_id] = {
            said[one.id].key: Reached(
                said[one.id].key, said[one.id].title, said[one.id].block_title, one.level, one.proof,
                said[one.id].deliverable, said[one.id].version, one.awarded_at,
                f"{said[one.id].first_name} {said[one.id].last_name}",
            )
            for one in best.values()
        }  # fmt: skip
    return found


def validated_in(cohort_id: int) -> tuple[int, dict[int, int]]:
    """Return how many deliverables a cohort was asked for, and how many of them each person has validated.

    One is validated when one of its versions is, whatever was sent after it, or when it was in another cohort. Four
    queries.
    """
    asked = db.session.scalars(
        select(Deliverable.id)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(Assignment.cohort_id == cohort_id, Assignment.withdrawn_at.is_(None), Deliverable.retired_at.is_(None))
    ).all()
    rows = db.session.execute(
        select(SubmissionOwner.person_id, SubmissionOwner.deliverable_id)
        .join(SubmissionState, SubmissionState.submission_id == SubmissionOwner.submission_id)
        .where(SubmissionState.cohort_id == cohort_id, SubmissionState.decision == str(Decision.VALIDATED))
        .distinct()
    ).all()
    people = db.session.scalars(select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id)).all()
    brought = db.session.execute(validated_elsewhere(lambda one: one.cohort_id == cohort_id), {"people": people})
    wanted, counts = set(asked), defaultdict(int)
    for person_id, deliverable_id in {(row.person_id, row.deliverable_id) for row in (*rows, *brought)}:
        counts[person_id] += deliverable_id in wanted
    return len(wanted), dict(counts)
