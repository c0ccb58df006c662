"""Pages of competences: one's own, and another person's for those who train them."""

from flask import render_template
from flask_login import current_user
from sqlalchemy import select

from popschool.auth import guards, services
from popschool.auth.rules import Action
from popschool.db import db
from popschool.grading import services_competences
from popschool.grading.routes_base import bp
from popschool.schools.models import Enrolment, Person


def _last_cohort(person_id: int) -> int | None:
    return db.session.scalar(
        select(Enrolment.cohort_id)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.starts_on.desc(), Enrolment.id.desc())
        .limit(1)
    )


@bp.get("/competences")
@guards.asks(Action.SEE_OWN_COMPETENCES)
def competences() -> str:
    """My competences, their levels, and the proofs behind them."""
    guards.require(Action.SEE_OWN_COMPETENCES)
    actor = guards.actor()
    cohort_id = max(actor.learns_in, default=None) or max(actor.learnt_in, default=None)
    found = services_competences.standings(current_user.id, cohort_id)
    return render_template(
        "grading/competences.html", standings=found, person=current_user, is_mine=True, trains_in=frozenset()
    )


@bp.get("/people/<int:person_id>/competences")
@guards.asks(Action.SEE_COMPETENCES)
def competences_of(person_id: int) -> str:
    """Another person's competences, for their trainers and managers."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.SEE_COMPETENCES, services.place_of(person))
    guards.note_reading(person.id, "competences")
    found = services_competences.standings(person.id, _last_cohort(person.id))
    return render_template(
        "grading/competences.html",
        standings=found,
        person=person,
        is_mine=person.id == current_user.id,
        trains_in=guards.actor().trains_in,
    )
