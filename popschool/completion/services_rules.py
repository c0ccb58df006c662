"""What a school asks of a programme to be complete: the last that it said, or what the house asks."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from popschool import audit
from popschool.completion.models_rules import CompletionRule
from popschool.completion.rules import Asked, check_asked
from popschool.courses import services as courses
from popschool.courses.models import ProgrammeVersion, Revision
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Person


@dataclass(frozen=True)
class Plan:
    """What a cohort's programme is at the cohort's revision, and what its school asks of it."""

    programme: ProgrammeVersion | None
    asked: Asked

    @property
    def title(self) -> str:
        return self.programme.title if self.programme else ""

    @property
    def data(self) -> dict[str, Any]:
        return self.programme.data if self.programme else {}

    @property
    def blocks(self) -> list[dict]:
        return self.data.get("blocks") or []


def planned_cohort(cohort_id: int) -> tuple[Cohort, Plan] | None:
    """Return a cohort with its plan. One query."""
    row = db.session.execute(_plan(), {"cohort": cohort_id}).first()
    return (row.Cohort, plan_from(row)) if row is not None else None


def plan_of(cohort: Cohort) -> Plan:
    """Return a cohort's programme, and what is asked. One query."""
    return plan_from(db.session.execute(_plan(), {"cohort": cohort.id}).one())


@cache
def _plan() -> Select:
    """Built once: making it costs several times what running it does."""
    return with_plan(select(Cohort).where(Cohort.id == bindparam("cohort")))


def with_plan(asked: Select) -> Select:
    """Add its plan to each cohort that a query reads; `plan_from` takes it from a row."""
    said = aliased(CompletionRule)
    last = (
        select(func.max(said.id))
        .where(said.school_id == Cohort.school_id, said.programme_id == Cohort.programme_id)
        .correlate(Cohort)
        .scalar_subquery()
    )
    is_taught = and_(
        ProgrammeVersion.programme_id == Cohort.programme_id, courses.holds(ProgrammeVersion, Revision.number)
    )
    return (
        asked.add_columns(ProgrammeVersion, CompletionRule)
        .outerjoin(Revision, Revision.id == Cohort.revision_id)
        .outerjoin(ProgrammeVersion, is_taught)
        .outerjoin(CompletionRule, CompletionRule.id == last)
    )


def plan_from(row: Row) -> Plan:
    said = row.CompletionRule
    return Plan(row.ProgrammeVersion, said.as_asked if said is not None else Asked())


def asked_by(cohort: Cohort) -> Asked:
    """Return what a cohort's programme asks at its school. One query."""
    return plan_of(cohort).asked


def say_asked(cohort: Cohort, asked: Asked, by: Person, now: datetime) -> CompletionRule:
    """Say what a programme asks at a school, from now on; what was said before stays. Raises ShareRefused."""
    check_asked(asked)
    with transaction():
        rule = CompletionRule(
            school_id=cohort.school_id,
            programme_id=cohort.programme_id,
            asked=asdict(asked),
            said_by_id=by.id,
            said_at=now,
        )
        db.session.add(rule)
        audit.record("say_completion_rule", rule, actor_id=by.id, now=now, **asdict(asked))
    return rule
