"""What a school asks of a programme to be complete: the last that it said, or what the house asks."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from popschool import audit
from popschool.completion.models_rules import CompletionRule
from popschool.completion.rules import Asked, check_asked
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Person


def asked_by(cohort: Cohort) -> Asked:
    """Return what a cohort's programme asks at its school. One query."""
    found = db.session.scalars(
        select(CompletionRule)
        .where(CompletionRule.school_id == cohort.school_id, CompletionRule.programme_id == cohort.programme_id)
        .order_by(CompletionRule.id.desc())
        .limit(1)
    ).first()
    return found.as_asked if found is not None else Asked()


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
