"""What trainers do about work: open it, keep a draft, answer, correct, take back, and change a level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import aliased

from popschool import audit
from popschool.courses.models import Competence
from popschool.db import db, transaction, upsert
from popschool.grading import rules, services_notices
from popschool.grading.models import Award, CriterionMark, Feedback, FeedbackDraft
from popschool.grading.services_reading import award_holds
from popschool.projects.models import Submission, SubmissionOwner, SubmissionState
from popschool.projects.services_states import mark_answered, mark_unanswered
from popschool.review import services_estimates
from popschool.schools.cohorts import check_open
from popschool.schools.models import Person

STILL_OPEN = timedelta(minutes=5)


@dataclass(frozen=True)
class Criterion:
    """A sentence that the work is read against, with the words of its marks."""

    id: str
    text: str
    words: tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """What a trainer says of a submission.

    `marks` is {criterion id: 0, 1 or 2}. `levels` is {competence id: 0 to 3} for everybody, and
    {"competence id@person": 0 to 3} for one person of a team; 0 is "not this time".
    """

    decision: str = ""
    comment: str = ""
    marks: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)

    def level_of(self, competence: str, person_id: int) -> int:
        return self.levels.get(person_key(competence, person_id), self.levels.get(competence, 0))


def person_key(competence: str, person_id: int) -> str:
    return f"{competence}@{person_id}"


def open_work(submission: Submission, trainer: Person, opened_at: datetime | None, now: datetime) -> None:
    """Say that this trainer has the work open; `opened_at` is what is known of it, and written again after a while.

    One statement, however many windows open at once.
    """
    if opened_at is not None and now - opened_at < STILL_OPEN:
        return
    row = {"school_id": submission.school_id, "submission_id": submission.id, "trainer_id": trainer.id}
    empty = {"marks": {}, "levels": {}, "comment": "", "decision": "", "opened_at": now}
    with transaction():
        db.session.execute(
            upsert(FeedbackDraft)
            .values(**row, **empty)
            .on_conflict_do_update(index_elements=["submission_id", "trainer_id"], set_={"opened_at": now})
        )


def keep_draft(submission: Submission, trainer: Person, answer: Answer, now: datetime) -> FeedbackDraft:
    """Keep what is typed, separately for each trainer."""
    with transaction(lock=_lock(submission, trainer)):
        draft = _draft_of(submission, trainer, now)
        draft.marks, draft.levels = dict(answer.marks), dict(answer.levels)
        draft.comment, draft.decision = answer.comment, answer.decision
        draft.opened_at = draft.saved_at = now
    return draft


def _lock(submission: Submission, trainer: Person) -> str:
    return f"feedback draft/{submission.id}/{trainer.id}"


def _draft_of(submission: Submission, trainer: Person, now: datetime) -> FeedbackDraft:
    found = db.session.scalar(
        select(FeedbackDraft).where(
            FeedbackDraft.submission_id == submission.id, FeedbackDraft.trainer_id == trainer.id
        )
    )
    if found is None:
        found = FeedbackDraft(
            school_id=submission.school_id,
            submission_id=submission.id,
            trainer_id=trainer.id,
            marks={},
            levels={},
            comment="",
            decision="",
            opened_at=now,
        )
        db.session.add(found)
    return found


def send_answer(
    submission: Submission, trainer: Person, answer: Answer, criteria: Sequence[Criterion], seen: int, now: datetime
) -> Feedback:
    """Answer a submission, or correct the answer it had: the last one holds, the others stay.

    `seen` is the number of the last feedback when the form was opened. Each level above 0 becomes an award of its own
    person. The same answer sent twice is one answer. Raises AnsweredMeanwhile or CohortArchived.
    """
    check_open(submission.assignment.cohort)
    with transaction(lock=submission):
        last = last_feedback(submission.id)
        if last is not None and last.number == seen + 1 and _is_same(last, trainer, answer):
            return last
        if last is not None:
            rules.check_seen(seen, last.number, last.trainer.name, last.sent_at)
        feedback = Feedback(
            school_id=submission.school_id,
            submission_id=submission.id,
            trainer_id=trainer.id,
            number=_next_number(submission),
            decision=answer.decision,
            comment=answer.comment,
            sent_at=now,
        )
        db.session.add(feedback)
        db.session.flush()
        _add_marks(feedback, answer, criteria)
        _add_awards(feedback, submission, answer, now)
        db.session.execute(
            delete(FeedbackDraft).where(
                FeedbackDraft.submission_id == submission.id, FeedbackDraft.trainer_id == trainer.id
            )
        )
        mark_answered(submission, answer.decision, now, feedback.id)
        services_estimates.refresh(submission.id, now)
        services_notices.tell_owners(feedback, submission, now)
        audit.record(
            "answer_work", feedback, actor_id=trainer.id, now=now, submission=submission.id, decision=answer.decision
        )
    return feedback


def last_feedback(submission_id: int) -> Feedback | None:
    """Return the answer that holds: the last one that was not taken back."""
    return db.session.scalar(
        select(Feedback)
        .where(Feedback.submission_id == submission_id, Feedback.undone_at.is_(None))
        .order_by(Feedback.number.desc())
        .limit(1)
    )


def _is_same(feedback: Feedback, trainer: Person, answer: Answer) -> bool:
    return (feedback.trainer_id, feedback.decision, feedback.comment) == (trainer.id, answer.decision, answer.comment)


def _next_number(submission: Submission) -> int:
    last = db.session.scalar(select(func.max(Feedback.number)).where(Feedback.submission_id == submission.id))
    return (last or 0) + 1


def _add_marks(feedback: Feedback, answer: Answer, criteria: Sequence[Criterion]) -> None:
    for position, criterion in enumerate(criteria, 1):
        mark = answer.marks[criterion.id]
        db.session.add(
            CriterionMark(
                feedback_id=feedback.id,
                position=position,
                criterion=criterion.id,
                text=criterion.text[:500],
                mark=mark,
                word=criterion.words[mark][:60],
            )
        )


def _add_awards(feedback: Feedback, submission: Submission, answer: Answer, now: datetime) -> None:
    wanted = {key.partition("@")[0] for key in answer.levels}
    if not wanted:
        return
    for competence in db.session.scalars(select(Competence).where(Competence.key.in_(wanted))):
        for owner in submission.owners:
            level = answer.level_of(competence.key, owner.person_id)
            if level:
                db.session.add(
                    Award(
                        school_id=submission.school_id,
                        person_id=owner.person_id,
                        competence_id=competence.id,
                        level=level,
                        submission_id=submission.id,
                        feedback_id=feedback.id,
                        trainer_id=feedback.trainer_id,
                        awarded_at=now,
                    )
                )


def undo_answer(feedback: Feedback, trainer: Person, now: datetime) -> None:
    """Take an answer back: the one before it holds again, its awards no longer count, and it is a draft once more.

    A draft that was begun since is kept instead: nothing typed is lost, and the answer stays readable. Asked twice, it
    is taken back once. Raises NotYourAnswer, AlreadyUndone, TooLateToUndo, NewerVersionSent.
    """
    submission = feedback.submission
    with transaction(lock=submission):
        db.session.refresh(feedback)
        state = db.session.get_one(SubmissionState, submission.id, populate_existing=True)
        if feedback.trainer_id != trainer.id:
            raise rules.NotYourAnswer(feedback.trainer.name)
        if feedback.undone_at is not None:
            return
        if state.feedback_id != feedback.id:
            raise rules.AlreadyUndone
        rules.check_undo(feedback.sent_at, now, newer_version(feedback))
        feedback.undone_at = now
        db.session.flush()
        if _draft_of(submission, trainer, now).saved_at is None:
            keep_draft(submission, trainer, _as_draft(feedback), now)
        before = last_feedback(submission.id)
        if before is None:
            mark_unanswered(submission)
        else:
            mark_answered(submission, before.decision, before.sent_at, before.id)
        services_estimates.refresh(submission.id, now)
        services_notices.take_back(feedback, submission, now)
        audit.record("undo_answer", feedback, actor_id=trainer.id, now=now, submission=submission.id)


def newer_version(feedback: Feedback) -> int | None:
    """Return the version that one of the owners sent after this answer, if there is one."""
    mine, later = aliased(SubmissionOwner), aliased(SubmissionOwner)
    return db.session.scalar(
        select(func.max(Submission.version))
        .join(later, later.submission_id == Submission.id)
        .join(mine, (mine.person_id == later.person_id) & (mine.deliverable_id == later.deliverable_id))
        .where(
            mine.submission_id == feedback.submission_id,
            Submission.id > feedback.submission_id,
            Submission.submitted_at >= feedback.sent_at,
        )
    )


def _as_draft(feedback: Feedback) -> Answer:
    awards = db.session.execute(
        select(Competence.key, Award.person_id, Award.level)
        .join(Competence, Competence.id == Award.competence_id)
        .where(Award.feedback_id == feedback.id)
    ).all()
    return Answer(
        decision=feedback.decision,
        comment=feedback.comment,
        marks={mark.criterion: mark.mark for mark in feedback.marks},
        levels=levels_said([tuple(row) for row in awards], [owner.person_id for owner in feedback.submission.owners]),
    )


def levels_said(awards: Iterable[tuple[str, int, int]], owners: Sequence[int]) -> dict[str, int]:
    """Return the levels of an answer from its awards (competence, person, level), as its form would have them."""
    given: dict[str, dict[int, int]] = {}
    for competence, person_id, level in awards:
        given.setdefault(competence, {})[person_id] = level
    levels: dict[str, int] = {}
    for competence, by_person in given.items():
        levels[competence] = by_person.get(owners[0], 0)
        for owner in owners[1:]:
            if by_person.get(owner, 0) != levels[competence]:
                levels[person_key(competence, owner)] = by_person.get(owner, 0)
    return levels


def change_level(award: Award, trainer: Person, level: int, reason: str, now: datetime) -> Award:
    """Give another level on the same proof, or withdraw it with level 0; the first award stays.

    Raises SameLevel, AlreadyUndone.
    """
    with transaction(lock=f"Person/{award.person_id}"):
        state = db.session.get_one(SubmissionState, award.submission_id, populate_existing=True)
        if state.feedback_id != award.feedback_id:
            raise rules.AlreadyUndone()
        before = level_now(award.person_id, award.competence_id, award.submission_id)
        if level == before:
            raise rules.SameLevel(level)
        changed = Award(
            school_id=award.school_id,
            person_id=award.person_id,
            competence_id=award.competence_id,
            level=level,
            submission_id=award.submission_id,
            feedback_id=award.feedback_id,
            trainer_id=trainer.id,
            awarded_at=now,
            reason=reason,
        )
        db.session.add(changed)
        db.session.flush()
        services_notices.tell_level(changed, now)
        audit.record("change_level", changed, actor_id=trainer.id, now=now, level=level, before=before)
    return changed


def level_now(person_id: int, competence_id: int, submission_id: int | None = None) -> int:
    """Return the level a person has for a competence, 0 when there is none; with a submission, by that proof alone."""
    asked = [Award.person_id == person_id, Award.competence_id == competence_id, award_holds()]
    if submission_id is not None:
        asked.append(Award.submission_id == submission_id)
    rows = db.session.execute(
        select(Award.id, Award.competence_id, Award.level, Award.awarded_at, Award.submission_id).where(*asked)
    )
    return rules.level_reached(rules.Awarded(*row) for row in rows).get(competence_id, 0)
