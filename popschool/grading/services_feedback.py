"""The answer to a submission, as its owners and the team read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import aliased, joinedload

from popschool.courses.models import ProjectVersion, Revision
from popschool.db import db
from popschool.grading.models import Award, Feedback
from popschool.grading.services_reading import project_at
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionOwner


@dataclass(frozen=True)
class Answered:
    """A submission and its answers that were not taken back, the one that holds first."""

    submission: Submission
    project: ProjectVersion | None
    answers: Sequence[Feedback]
    last_version: int
    reader_id: int

    @property
    def feedback(self) -> Feedback | None:
        return self.answers[0] if self.answers else None

    @property
    def is_mine(self) -> bool:
        return any(owner.person_id == self.reader_id for owner in self.submission.owners)

    @property
    def who(self) -> str:
        return self.submission.team_name or ", ".join(owner.person.name for owner in self.submission.owners)

    @property
    def is_last(self) -> bool:
        return self.submission.version >= self.last_version

    @property
    def awards(self) -> list[Award]:
        """The awards of the answer that holds, one's own for a learner: the last of each person and competence."""
        held = self.feedback.awards if self.feedback else []
        last = {(award.person_id, award.competence_id): award for award in held}
        return [award for award in last.values() if not self.is_mine or award.person_id == self.reader_id]


def find_answer(submission_id: int, reader_id: int) -> Answered | None:
    """Return a submission with its answers; None when there is no such submission. Two queries."""
    mine, other, version = aliased(SubmissionOwner), aliased(SubmissionOwner), aliased(Submission)
    was_asked, is_asked = aliased(Deliverable), aliased(Deliverable)
    was_set, is_set = aliased(Assignment), aliased(Assignment)
    last_version = (
        select(func.max(version.version))
        .select_from(mine)
        .join(was_asked, was_asked.id == mine.deliverable_id)
        .join(was_set, was_set.id == was_asked.assignment_id)
        .join(other, other.person_id == mine.person_id)
        .join(is_asked, (is_asked.id == other.deliverable_id) & (is_asked.key == was_asked.key))
        .join(is_set, (is_set.id == is_asked.assignment_id) & (is_set.project_id == was_set.project_id))
        .join(version, version.id == other.submission_id)
        .where(mine.submission_id == submission_id)
        .scalar_subquery()
    )
    found = (
        db.session.execute(
            select(Submission, ProjectVersion, last_version)
            .join(Assignment, Assignment.id == Submission.assignment_id)
            .join(Revision, Revision.id == Submission.revision_id)
            .outerjoin(ProjectVersion, project_at(Assignment.project_id, Revision.number))
            .where(Submission.id == submission_id)
            .options(
                joinedload(Submission.deliverable),
                joinedload(Submission.assignment),
                joinedload(Submission.owners).joinedload(SubmissionOwner.person),
            )
        )
        .unique()
        .first()
    )
    if found is None:
        return None
    submission, project, last = found
    answers = db.session.scalars(
        select(Feedback)
        .where(Feedback.submission_id == submission_id, Feedback.undone_at.is_(None))
        .order_by(Feedback.number.desc())
        .options(
            joinedload(Feedback.trainer),
            joinedload(Feedback.marks),
            joinedload(Feedback.awards).options(joinedload(Award.competence), joinedload(Award.person)),
        )
    )
    return Answered(submission, project, list(answers.unique()), last or submission.version, reader_id)


def find_award(award_id: int) -> Award | None:
    """Return an award with its person, its competence and the work that proves it. One query."""
    return (
        db.session.scalars(
            select(Award)
            .where(Award.id == award_id)
            .options(
                joinedload(Award.competence),
                joinedload(Award.person),
                joinedload(Award.trainer),
                joinedload(Award.submission).options(
                    joinedload(Submission.deliverable), joinedload(Submission.owners).joinedload(SubmissionOwner.person)
                ),
            )
        )
        .unique()
        .first()
    )


def last_words(submission_id: ColumnElement[int]) -> ScalarSelect[str]:
    """Return a query for the comment of the last answer that holds to a submission."""
    return (
        select(Feedback.comment)
        .where(Feedback.submission_id == submission_id, Feedback.undone_at.is_(None))
        .order_by(Feedback.number.desc())
        .limit(1)
        .scalar_subquery()
    )
