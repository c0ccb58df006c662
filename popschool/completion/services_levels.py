"""Levels reached and work validated by several people, read at once: each with the rows that prove it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, bindparam, func, select
from sqlalchemy.orm import aliased

from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading.models import Award
from popschool.grading.rules import Awarded, Decision, best_proofs
from popschool.grading.services_reading import award_holds
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionOwner, SubmissionState
from popschool.schools.models import Enrolment, Person


class Reached(NamedTuple):
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
    rows = db.session.execute(_levels(), {"people": list(people)}).all()
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


@cache
def _levels() -> Select:
    """Built once: making it costs several times what running it does."""
    return (
        select(
            Award.id, Award.person_id, Award.competence_id, Award.level, Award.awarded_at, Award.submission_id,
            Competence.key, Competence.title, Competence.block_title, Deliverable.title.label("deliverable"),
            Submission.version, Person.first_name, Person.last_name,
        )
        .join(Competence, Competence.id == Award.competence_id)
        .join(Submission, Submission.id == Award.submission_id)
        .join(Deliverable, Deliverable.id == Submission.deliverable_id)
        .join(Person, Person.id == Award.trainer_id)
        .where(Award.person_id.in_(bindparam("people", expanding=True)), award_holds())
    )  # fmt: skip


def validated(chosen: ColumnElement[bool]) -> Subquery:
    """Return how many deliverables the people of the places that are chosen have validated, by cohort, as rows to join.

    One is validated when one of its versions is, whatever was sent after it, or when it was in another cohort: the same
    deliverable of the same project. One that is no longer asked for is not counted.
    """
    there, here = aliased(Deliverable), aliased(Deliverable)
    was_set, is_set = aliased(Assignment), aliased(Assignment)
    return (
        select(Enrolment.person_id, Enrolment.cohort_id, func.count(here.id.distinct()).label("validated"))
        .select_from(Enrolment)
        .join(SubmissionOwner, SubmissionOwner.person_id == Enrolment.person_id)
        .join(SubmissionState, SubmissionState.submission_id == SubmissionOwner.submission_id)
        .join(there, there.id == SubmissionOwner.deliverable_id)
        .join(was_set, was_set.id == there.assignment_id)
        .join(is_set, (is_set.project_id == was_set.project_id) & (is_set.cohort_id == Enrolment.cohort_id))
        .join(here, (here.assignment_id == is_set.id) & (here.key == there.key))
        .where(
            chosen,
            SubmissionState.decision == str(Decision.VALIDATED),
            is_set.withdrawn_at.is_(None),
            here.retired_at.is_(None),
        )
        .group_by(Enrolment.person_id, Enrolment.cohort_id)
        .subquery()
    )


def wanted() -> ScalarSelect[int]:
    """Return how many deliverables the cohort of a place is asked for."""
    return (
        select(func.count())
        .select_from(Deliverable)
        .join(Assignment, Assignment.id == Deliverable.assignment_id)
        .where(
            Assignment.cohort_id == Enrolment.cohort_id,
            Assignment.withdrawn_at.is_(None),
            Deliverable.retired_at.is_(None),
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )
