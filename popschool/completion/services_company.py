"""A period in a company, besides its hours: the tutor's evaluation, asked by a link, and the visits of the school.

The link is worked out again each time and kept nowhere: it names the period and the place, and nobody guesses its end.
"""

import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from popschool import audit, mail
from popschool.attendance.models import CompanyPeriod
from popschool.auth import codes
from popschool.completion import rules_company as rules
from popschool.completion.models_company import CompanyEvaluation, CompanyVisit
from popschool.completion.rules_company import How, Mark
from popschool.completion.services_rules import planned_cohort
from popschool.db import db, transaction
from popschool.messages.services import polite_moment
from popschool.schools.models import Enrolment, Person

PURPOSE = "company evaluation"
LETTERS = 20
OPEN_AFTERWARDS = timedelta(days=60)


@dataclass(frozen=True)
class Told:
    """What was said of one place's periods: evaluations and visits, oldest first."""

    evaluations: Sequence[CompanyEvaluation] = ()
    visits: Sequence[CompanyVisit] = ()

    def evaluation_in(self, period_id: int) -> CompanyEvaluation | None:
        """Return the evaluation of a period that holds: the last."""
        return next((one for one in reversed(self.evaluations) if one.period_id == period_id), None)

    def visits_in(self, period_id: int) -> list[CompanyVisit]:
        return [one for one in self.visits if one.period_id == period_id]


def periods_at(enrolment: Enrolment) -> Sequence[CompanyPeriod]:
    """Return the periods in a company of a place: the person's own, and those of the whole cohort. One query."""
    return db.session.scalars(
        select(CompanyPeriod)
        .where(
            CompanyPeriod.cohort_id == enrolment.cohort_id,
            or_(CompanyPeriod.person_id.is_(None), CompanyPeriod.person_id == enrolment.person_id),
            CompanyPeriod.starts_on <= enrolment.last_day,
            CompanyPeriod.ends_on >= enrolment.starts_on,
        )
        .order_by(CompanyPeriod.starts_on, CompanyPeriod.id)
    ).all()


def told_of(enrolments: Sequence[int]) -> dict[int, Told]:
    """Return what was said of the periods of some places, by place. Two queries, whatever their number."""
    evaluations: dict[int, list[CompanyEvaluation]] = defaultdict(list)
    for one in db.session.scalars(
        select(CompanyEvaluation)
        .where(CompanyEvaluation.enrolment_id.in_(enrolments))
        .order_by(CompanyEvaluation.id)
        .options(joinedload(CompanyEvaluation.noted_by))
    ):
        evaluations[one.enrolment_id].append(one)
    visits: dict[int, list[CompanyVisit]] = defaultdict(list)
    for visit in db.session.scalars(
        select(CompanyVisit)
        .where(CompanyVisit.enrolment_id.in_(enrolments))
        .order_by(CompanyVisit.on, CompanyVisit.id)
        .options(joinedload(CompanyVisit.visited_by))
    ):
        visits[visit.enrolment_id].append(visit)
    return {one: Told(evaluations.get(one, ()), visits.get(one, ())) for one in enrolments}


def competences_of(cohort_id: int) -> dict[str, str]:
    """Return the competences that a cohort's programme works on, with their titles, in order."""
    found = planned_cohort(cohort_id)
    blocks = found[1].blocks if found else []
    return {one["id"]: one["title"] for block in blocks for one in block.get("competences") or ()}


def secret_of(period_id: int, enrolment_id: int) -> str:
    """Return the end of the address at which a tutor says what they saw, without an account."""
    return codes.spelled(PURPOSE, f"{period_id}/{enrolment_id}", LETTERS)


def opened_by(period_id: int, enrolment_id: int, secret: str, today: date) -> tuple[CompanyPeriod, Enrolment] | None:
    """Return what a tutor's link opens; None when it is not ours, or two months after the period. Two queries."""
    if not hmac.compare_digest(secret.upper().encode(), secret_of(period_id, enrolment_id).encode()):
        return None
    enrolment = db.session.get(
        Enrolment, enrolment_id, options=[joinedload(Enrolment.person), joinedload(Enrolment.cohort)]
    )
    if enrolment is None:
        return None
    period = next((one for one in periods_at(enrolment) if one.id == period_id), None)
    return (period, enrolment) if period is not None and today <= period.ends_on + OPEN_AFTERWARDS else None


def send_link(period: CompanyPeriod, subject: str, text: str, now: datetime) -> bool:
    """Send a tutor the link by mail, at an hour when people work. Says whether there was an address."""
    if not period.tutor_mail:
        return False
    with transaction():
        mail.send(period.tutor_mail, subject, text, school_id=period.school_id, run_at=polite_moment(now))
    return True


def write_evaluation(
    period: CompanyPeriod, enrolment: Enrolment, marks: Mapping[str, Mark], comment: str, tutor_name: str,
    noted_by: Person | None, now: datetime, today: date,
) -> CompanyEvaluation:  # fmt: skip
    """Keep what a tutor said; what was said before stays. Raises PeriodToCome or NothingSeen."""
    rules.check_evaluation(marks, comment, period.starts_on, today)
    said = CompanyEvaluation(
        school_id=period.school_id,
        enrolment_id=enrolment.id,
        period_id=period.id,
        person_id=enrolment.person_id,
        marks={key: str(mark) for key, mark in marks.items()},
        comment=comment.strip(),
        tutor_name=tutor_name.strip(),
        noted_by_id=noted_by.id if noted_by else None,
        written_at=now,
    )
    with transaction():
        db.session.add(said)
        audit.record("evaluate_in_company", said, actor_id=said.noted_by_id, now=now, school_id=period.school_id)
    return said


def write_visit(
    period: CompanyPeriod, enrolment: Enrolment, on: date, how: How, words: Mapping[str, str], by: Person,
    now: datetime, today: date,
) -> CompanyVisit:  # fmt: skip
    """Keep the report of a visit; `words` are met, tasks, goes_well and next_steps.

    Raises PeriodToCome or VisitOutsidePeriod.
    """
    rules.check_visit(on, period.starts_on, period.ends_on, today)
    said = CompanyVisit(
        school_id=period.school_id,
        enrolment_id=enrolment.id,
        period_id=period.id,
        person_id=enrolment.person_id,
        on=on,
        how=str(how),
        visited_by_id=by.id,
        written_at=now,
        **{key: words[key].strip() for key in ("met", "tasks", "goes_well", "next_steps")},
    )
    with transaction():
        db.session.add(said)
        audit.record("visit_company", said, actor_id=by.id, now=now, school_id=period.school_id)
    return said
