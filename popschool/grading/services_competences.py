"""Where a person stands: each competence, its level, and the proofs behind it."""

from dataclasses import dataclass, field

from sqlalchemy import select

from popschool.courses.models import Competence, ProgrammeVersion, ProjectVersion, Revision
from popschool.db import db
from popschool.grading import rules
from popschool.grading.models import Award
from popschool.grading.services_reading import award_holds, holds_at
from popschool.projects.models import Assignment, Deliverable, Submission
from popschool.schools.models import Cohort, Person


@dataclass(frozen=True)
class Proof:
    """One award: the level, the version that proves it, who gave it and when. Level 0 withdraws.

    `is_last` of its version: those before it are how the level came to be.
    """

    award: Award
    submission: Submission
    deliverable: str
    trainer: str
    is_last: bool


@dataclass
class Standing:
    """A competence of one person: where it stands, what proves it, and the project that comes next."""

    key: str
    title: str
    block: str
    level: int = 0
    proofs: list[Proof] = field(default_factory=list)
    next_title: str = ""
    next_assignment_id: int | None = None
    next_level: int = 0


def standings(person_id: int, cohort_id: int | None, with_next: bool = True) -> list[Standing]:
    """Return the competences of a cohort's programme, and those awarded elsewhere: awards follow the person.

    `with_next` adds the project that comes next for each. Three queries, whatever the number of awards.
    """
    found: dict[str, Standing] = {}
    if cohort_id is not None:
        _put_programme(found, cohort_id)
    rows = db.session.execute(
        select(Award, Competence, Submission, Deliverable.title, Person.first_name, Person.last_name)
        .join(Competence, Competence.id == Award.competence_id)
        .join(Submission, Submission.id == Award.submission_id)
        .join(Deliverable, Deliverable.id == Submission.deliverable_id)
        .join(Person, Person.id == Award.trainer_id)
        .where(Award.person_id == person_id, award_holds())
        .order_by(Award.awarded_at, Award.id)
    ).all()
    levels = rules.level_reached(
        rules.Awarded(award.id, award.competence_id, award.level, award.awarded_at, award.submission_id)
        for award, *_ in rows
    )
    last = {(award.competence_id, award.submission_id): award.id for award, *_ in rows}
    for award, competence, submission, deliverable, first_name, last_name in rows:
        standing = found.setdefault(
            competence.key,
            Standing(competence.key, competence.plain or competence.title, competence.block_title),
        )
        standing.level = levels.get(competence.id, 0)
        is_last = last[award.competence_id, award.submission_id] == award.id
        standing.proofs.append(Proof(award, submission, deliverable, f"{first_name} {last_name}", is_last))
    if cohort_id is not None and with_next:
        _put_next(found, cohort_id)
    return list(found.values())


def _put_programme(found: dict[str, Standing], cohort_id: int) -> None:
    version = db.session.scalars(
        select(ProgrammeVersion)
        .join(Cohort, Cohort.programme_id == ProgrammeVersion.programme_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .where(Cohort.id == cohort_id, holds_at(ProgrammeVersion, Revision.number))
    ).first()
    for block in version.data["blocks"] if version else []:
        for one in block["competences"]:
            title = one.get("plain") or one["title"]
            found[one["id"]] = Standing(one["id"], title, block.get("short") or block["title"])


def _put_next(found: dict[str, Standing], cohort_id: int) -> None:
    """Say which project of the cohort comes next for each competence."""
    rows = db.session.execute(
        select(Assignment.id, ProjectVersion.title, ProjectVersion.data)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .join(
            ProjectVersion,
            (ProjectVersion.project_id == Assignment.project_id) & holds_at(ProjectVersion, Revision.number),
        )
        .where(Assignment.cohort_id == cohort_id, Assignment.withdrawn_at.is_(None))
        .order_by(Assignment.due_at)
    )
    for assignment_id, title, data in rows:
        for target in data["competences"]:
            standing = found.get(target["id"])
            if standing is not None and not standing.next_title and target["level"] > standing.level:
                standing.next_title, standing.next_assignment_id = title, assignment_id
                standing.next_level = target["level"]
