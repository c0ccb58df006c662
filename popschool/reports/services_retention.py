"""How long the sensitive answers of participants are kept: until they can no longer be controlled.

What the European fund pays may be controlled for five years after the one in which it is paid for the last time. The
years that an agreement says are added to the one in which its operation ends; five, when it says fewer. What was asked,
and what lies open, stays: only what lies under lock goes.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import joinedload

from popschool import audit, jobs
from popschool.completion import rules_settings
from popschool.completion.rules_papers import kept_until
from popschool.completion.services_facts import heard_by, sayings_of_all
from popschool.completion.services_retention import SETTING, removes
from popschool.db import db, transaction
from popschool.reports.models_participants import (
    Operation,
    OperationFunding,
    ParticipantAnswer,
    ParticipantForm,
    ParticipantLocked,
)

LEAST_YEARS = 5


@removes("locked_answers")
def forget_locked(now: datetime, today: date) -> Iterator[int]:
    """Remove the sensitive answers of operations whose years are over; yield how many of each. Again, none."""
    old = _with_something(date(today.year - LEAST_YEARS, 1, 1))
    if not old:
        return
    sayings = sayings_of_all(sorted({one.school_id for one in old}))
    agreements: dict[int, list[OperationFunding]] = {one.id: [] for one in old}
    for one in db.session.scalars(
        select(OperationFunding)
        .where(OperationFunding.operation_id.in_(agreements))
        .options(joinedload(OperationFunding.funding))
    ):
        agreements[one.operation_id].append(one)
    for operation in jobs.stoppable(old):
        heard = [heard_by(sayings.get(operation.school_id, []), one.funding) for one in agreements[operation.id]]
        years = max([LEAST_YEARS, *(rules_settings.resolve(one, SETTING, today).number for one in heard)])
        if kept_until(operation.ends_on, years) < today:
            yield _forget(operation, years, now)


def _with_something(before: date) -> Sequence[Operation]:
    """Return the operations that ended before a day and still have something under lock. One query."""
    said = exists(
        select(ParticipantLocked.answer_id)
        .join(ParticipantAnswer, ParticipantAnswer.id == ParticipantLocked.answer_id)
        .where(ParticipantAnswer.operation_id == Operation.id)
    )
    typed = exists(select(ParticipantForm.id).where(ParticipantForm.operation_id == Operation.id, _has_draft()))
    return db.session.scalars(
        select(Operation).where(Operation.ends_on < before, or_(said, typed)).order_by(Operation.id)
    ).all()


def _has_draft() -> ColumnElement[bool]:
    return ParticipantForm.draft.is_not(None)


def _forget(operation: Operation, years: int, now: datetime) -> int:
    own = select(ParticipantAnswer.id).where(ParticipantAnswer.operation_id == operation.id)
    with transaction(lock=f"operation/{operation.id}"):
        gone = db.session.execute(delete(ParticipantLocked).where(ParticipantLocked.answer_id.in_(own))).rowcount
        db.session.execute(
            update(ParticipantForm).where(ParticipantForm.operation_id == operation.id, _has_draft()).values(draft=None)
        )
        audit.record(
            "forget_locked_answers", operation, actor_id=None, now=now, school_id=operation.school_id, count=gone,
            rule=f"{SETTING}: {years}",
        )  # fmt: skip
    return gone
