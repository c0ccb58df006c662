"""One submission to answer: the work, what it is read against, what was said before, who else has it open."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, func, select
from sqlalchemy.orm import aliased, joinedload

from popschool.courses.models import Competence, ProjectVersion, Revision
from popschool.db import db
from popschool.grading import rules
from popschool.grading.models import Award, Feedback, FeedbackDraft
from popschool.grading.services import Answer, Criterion, levels_said
from popschool.grading.services_queue import in_cohorts_open, next_waiting
from popschool.grading.services_reading import award_holds, project_at
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionOwner, SubmissionState
from popschool.projects.rules_criteria import criteria_of, mark_words
from popschool.projects.services_states import answers_to, counting
from popschool.review.models import WorkEstimate
from popschool.review.services_reading import last_work_of
from popschool.schools.models import Cohort, Person


@dataclass(frozen=True)
class Beside:
    """Another trainer who has the work open."""

    trainer: str
    opened_at: datetime


@dataclass(frozen=True)
class Version:
    """One attempt, with the answers that it had, the last first; whether it counts for an owner of the work."""

    id: int
    version: int
    submitted_at: datetime
    decision: str
    is_counted: bool
    feedback: Sequence[Feedback]

    @property
    def holding(self) -> Feedback | None:
        return next((one for one in self.feedback if one.undone_at is None), None)


@dataclass(frozen=True)
class CompetenceAsked:
    """A competence that the work may prove, the level aimed at, and the level of each owner today."""

    id: int
    key: str
    title: str
    target: int
    levels: Mapping[int, int]


@dataclass(frozen=True)
class Work:
    """Everything that the page of one correction shows."""

    submission: Submission
    deliverable: Deliverable
    cohort: Cohort
    project: ProjectVersion | None
    revision: Revision
    state: SubmissionState
    waiting: int
    next_id: int | None
    versions: Sequence[Version]
    criteria: Sequence[Criterion]
    competences: Sequence[CompetenceAsked]
    draft: FeedbackDraft | None
    peers: WorkEstimate | None
    beside: Sequence[Beside]

    @property
    def owners(self) -> list[Person]:
        return [owner.person for owner in self.submission.owners]

    @property
    def who(self) -> str:
        return self.submission.team_name or ", ".join(person.name for person in self.owners)

    @property
    def this(self) -> Version:
        return next(version for version in self.versions if version.id == self.submission.id)

    @property
    def others(self) -> list[Version]:
        return [version for version in self.versions if version.id != self.submission.id]

    @property
    def holding(self) -> Feedback | None:
        return self.this.holding

    @property
    def seen(self) -> int:
        """The number of the last feedback there is, taken back or not."""
        return max((one.number for one in self.this.feedback), default=0)

    @property
    def newer_version(self) -> int | None:
        later = [version.version for version in self.versions if version.id > self.submission.id]
        return max(later, default=None)

    @property
    def counts_elsewhere(self) -> Version | None:
        """The version that its owners count on, when none of them counts on this one: a newer, or one they chose."""
        if self.this.is_counted:
            return None
        return next((version for version in self.versions if version.is_counted), None)

    @property
    def started(self) -> Answer:
        """What the form starts from: this trainer's draft, or else the answer that holds."""
        if self.draft is not None and (self.draft.saved_at is not None):
            return Answer(self.draft.decision, self.draft.comment, self.draft.marks, self.draft.levels)
        held = self.holding
        if held is None:
            return Answer()
        marks = {mark.criterion: mark.mark for mark in held.marks}
        return Answer(held.decision, held.comment, marks, self._levels_held(held))

    def _levels_held(self, held: Feedback) -> dict[str, int]:
        keys = {asked.id: asked.key for asked in self.competences}
        awards = [(keys[a.competence_id], a.person_id, a.level) for a in held.awards if a.competence_id in keys]
        owners = [person.id for person in self.owners]
        return dict.fromkeys(keys.values(), 0) | levels_said(awards, owners)


def find_work(submission_id: int, trainer_id: int, cohorts: Collection[int], now: datetime) -> Work | None:
    """Return one submission to answer; None when there is none. Four queries, whatever the team or the history."""
    found = _submission(submission_id, cohorts)
    if found is None:
        return None
    submission, state, project, revision, waiting, next_id, peers = found
    data = project.data if project else {}
    deliverable = submission.deliverable
    drafts = _drafts(submission_id)
    return Work(
        submission=submission,
        deliverable=deliverable,
        cohort=submission.assignment.cohort,
        project=project,
        revision=revision,
        state=state,
        waiting=waiting,
        next_id=next_id,
        versions=_versions(submission),
        criteria=[
            Criterion(criterion["id"], criterion["text"], mark_words(data.get("marks")))
            for criterion in criteria_of(data.get("criteria") or (), deliverable.key)
        ],
        competences=_competences(rules.targets_of(data, deliverable.key), submission),
        peers=peers,
        draft=next((draft for draft in drafts if draft.trainer_id == trainer_id), None),
        beside=[
            Beside(draft.trainer.name, draft.opened_at)
            for draft in drafts
            if draft.trainer_id != trainer_id and draft.opened_at > now - rules.OPEN_BESIDE
        ],
    )


def _submission(submission_id: int, cohorts: Collection[int]):
    """Return the submission with its owners, files and project as it was read, and its place in the queue."""
    given = {"submission": submission_id, "cohorts": list(cohorts)}
    return db.session.execute(_one(), given).unique().first()


@cache
def _one() -> Select:
    """Built once: making it costs several times what running it does."""
    submission, cohorts = bindparam("submission", type_=Integer), bindparam("cohorts", expanding=True)
    waiting = (
        select(func.count())
        .select_from(SubmissionState)
        .where(in_cohorts_open(cohorts), SubmissionState.is_waiting)
        .scalar_subquery()
    )
    state = aliased(SubmissionState)
    this = aliased(SubmissionState)
    sent_at = select(this.submitted_at).where(this.submission_id == submission).scalar_subquery()
    after = next_waiting(cohorts, submission, sent_at).scalar_subquery()
    return (
        select(Submission, state, ProjectVersion, Revision, waiting, after, WorkEstimate)
        .join(state, state.submission_id == Submission.id)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .join(Revision, Revision.id == Submission.revision_id)
        .outerjoin(ProjectVersion, project_at(Assignment.project_id, Revision.number))
        .outerjoin(WorkEstimate, WorkEstimate.work_id == last_work_of(submission))
        .where(Submission.id == submission)
        .options(
            joinedload(Submission.deliverable),
            joinedload(Submission.assignment).joinedload(Assignment.cohort),
            joinedload(Submission.owners).joinedload(SubmissionOwner.person),
            joinedload(Submission.files),
        )
    )


def _versions(submission: Submission) -> list[Version]:
    """Return every version by these people, in whichever cohort, the last first, with every answer given."""
    asked = {
        "people": [owner.person_id for owner in submission.owners],
        "deliverable": submission.deliverable_id,
        "project": submission.assignment.project_id,
        "key": submission.deliverable.key,
    }
    rows = db.session.execute(_every_version(), asked).unique()
    found: dict[tuple, list[Feedback]] = {}
    for *version, feedback in rows:
        answers = found.setdefault(tuple(version), [])
        if feedback is not None:
            answers.append(feedback)
    return [Version(*version, feedback) for version, feedback in found.items()]


def _theirs() -> ColumnElement[bool]:
    return SubmissionOwner.person_id.in_(bindparam("people", expanding=True)) & (
        SubmissionOwner.deliverable_id == bindparam("deliverable", type_=Integer)
    )


@cache
def _every_version() -> Select:
    asked = answers_to(bindparam("project", type_=Integer), bindparam("key", type_=String))
    mine = (
        select(SubmissionOwner.submission_id)
        .where(SubmissionOwner.person_id.in_(bindparam("people", expanding=True)), asked)
        .distinct()
        .subquery()
    )
    is_counted = Submission.id.in_(select(counting(_theirs()).c.submission_id)).label("is_counted")
    version = (Submission.id, Submission.version, Submission.submitted_at, SubmissionState.decision, is_counted)
    return (  # with so many tables PostgreSQL joins them as written: what narrows comes first
        select(*version, Feedback)
        .select_from(mine)
        .join(Submission, Submission.id == mine.c.submission_id)
        .join(SubmissionState, SubmissionState.submission_id == Submission.id)
        .outerjoin(Feedback, Feedback.submission_id == Submission.id)
        .order_by(Submission.id.desc(), Feedback.number.desc())
        .options(joinedload(Feedback.trainer), joinedload(Feedback.marks), joinedload(Feedback.awards))
    )


def _drafts(submission_id: int) -> list[FeedbackDraft]:
    return list(db.session.scalars(_every_draft(), {"submission": submission_id}))


@cache
def _every_draft() -> Select:
    return (
        select(FeedbackDraft)
        .where(FeedbackDraft.submission_id == bindparam("submission"))
        .order_by(FeedbackDraft.opened_at.desc())
        .options(joinedload(FeedbackDraft.trainer))
    )


def _competences(targets: Sequence[tuple[str, int]], submission: Submission) -> list[CompetenceAsked]:
    """Return what the work may prove, in the order of its project, with what each owner has today. One query."""
    if not targets:
        return []
    people = [owner.person_id for owner in submission.owners]
    rows = db.session.execute(_asked(), {"people": people, "keys": [key for key, _ in targets]})
    titles: dict[str, tuple[int, str]] = {}
    awards: dict[int, list[rules.Awarded]] = {person: [] for person in people}
    for competence_id, key, title, award_id, person_id, level, awarded_at, proof in rows:
        titles[key] = (competence_id, title)
        if award_id is not None:
            awards[person_id].append(rules.Awarded(award_id, competence_id, level, awarded_at, proof))
    levels = {person: rules.level_reached(given) for person, given in awards.items()}
    return [
        CompetenceAsked(
            id=titles[key][0],
            key=key,
            title=titles[key][1],
            target=target,
            levels={person: reached.get(titles[key][0], 0) for person, reached in levels.items()},
        )
        for key, target in targets
        if key in titles
    ]


@cache
def _asked() -> Select:
    return (
        select(
            Competence.id,
            Competence.key,
            Competence.title,
            Award.id,
            Award.person_id,
            Award.level,
            Award.awarded_at,
            Award.submission_id,
        )
        .outerjoin(
            Award,
            and_(
                Award.competence_id == Competence.id,
                Award.person_id.in_(bindparam("people", expanding=True)),
                award_holds(),
            ),
        )
        .where(Competence.key.in_(bindparam("keys", expanding=True)))
    )
