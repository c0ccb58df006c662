"""Exams: their days, and what juries decided; a correction is another row, with its reason."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.completion import rules_exams
from popschool.completion.models_rules import ExamResult, ExamSession
from popschool.completion.rules_exams import Outcome
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Enrolment, Person


@dataclass(frozen=True)
class Obtained:
    """What a person obtained, all their exams together: the title or its blocks, by position."""

    outcome: Outcome
    blocks: frozenset[int]
    on: date


def plan_exam(cohort: Cohort, title: str, on: date, place_text: str, by: Person, now: datetime) -> ExamSession:
    with transaction(lock=cohort):
        session = ExamSession(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            title=title.strip(),
            on=on,
            place_text=place_text.strip(),
            created_at=now,
        )
        db.session.add(session)
        audit.record("plan_exam", session, actor_id=by.id, now=now, on=on.isoformat())
    return session


def exams_of(cohort_id: int) -> Sequence[ExamSession]:
    return db.session.scalars(
        select(ExamSession).where(ExamSession.cohort_id == cohort_id).order_by(ExamSession.on, ExamSession.id)
    ).all()


def results_of(session_id: int) -> dict[int, ExamResult]:
    """Return the result that holds for each place in an exam: the last written. One query."""
    rows = db.session.scalars(
        select(ExamResult)
        .where(ExamResult.session_id == session_id)
        .order_by(ExamResult.id)
        .options(joinedload(ExamResult.said_by))
    )
    return {row.enrolment_id: row for row in rows}


def obtained_in(cohort_id: int) -> dict[int, Obtained]:
    """Return what each place of a cohort obtained: blocks of several exams add up. One query."""
    return exams_and_obtained(cohort_id)[1]


def exams_and_obtained(cohort_id: int) -> tuple[list[ExamSession], dict[int, Obtained]]:
    """Return the exams of a cohort, and what each place obtained: blocks of several exams add up. One query."""
    rows = db.session.execute(_sessions(), {"cohort": cohort_id}).all()
    exams = {row.ExamSession.id: row.ExamSession for row in rows}
    last: dict[tuple[int, int], tuple] = {
        (row.enrolment_id, row.session_id): row for row in rows if row.enrolment_id is not None
    }
    found: dict[int, Obtained] = {}
    for row in last.values():
        before = found.get(row.enrolment_id)
        blocks = frozenset(row.blocks) | (before.blocks if before else frozenset())
        outcome = Outcome(row.outcome)
        if before is not None and before.outcome is Outcome.TITLE:
            outcome = Outcome.TITLE
        elif outcome is not Outcome.TITLE and blocks:
            outcome = Outcome.BLOCKS
        found[row.enrolment_id] = Obtained(outcome, blocks, row.ExamSession.on)
    return sorted(exams.values(), key=lambda one: (one.on, one.id)), found


@cache
def _sessions() -> Select:
    """Built once: making it costs several times what running it does."""
    return (
        select(ExamSession, ExamResult.enrolment_id, ExamResult.session_id, ExamResult.outcome, ExamResult.blocks)
        .outerjoin(ExamResult, ExamResult.session_id == ExamSession.id)
        .where(ExamSession.cohort_id == bindparam("cohort"))
        .order_by(ExamSession.on, ExamResult.id)
    )


def say_result(
    session: ExamSession, enrolment: Enrolment, outcome: Outcome, blocks: Collection[int], reason: str, by: Person,
    now: datetime, today: date,
) -> ExamResult:  # fmt: skip
    """Write what a jury decided. Raises ExamToCome, BlocksMissing or CorrectionUnexplained."""
    if session.on > today:
        raise rules_exams.ExamToCome
    with transaction(lock=f"exam/{session.id}/{enrolment.id}"):
        is_correction = enrolment.id in results_of(session.id)
        rules_exams.check_result(outcome, blocks, is_correction, reason)
        result = ExamResult(
            school_id=session.school_id,
            session_id=session.id,
            enrolment_id=enrolment.id,
            outcome=str(outcome),
            blocks=sorted(blocks) if outcome is Outcome.BLOCKS else [],
            reason=reason.strip(),
            said_by_id=by.id,
            said_at=now,
        )
        db.session.add(result)
        audit.record("say_exam_result", result, actor_id=by.id, now=now, outcome=str(outcome))
    return result
