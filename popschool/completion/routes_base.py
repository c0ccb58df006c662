"""The blueprint of completion, and what several of its pages share."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, request
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import labels, labels_afterwards, words
from popschool.completion.rules_papers import BOARDS, REGISTERS, PaperKind
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, School

bp = Blueprint("completion", __name__, template_folder="templates")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "labels": labels,
        "labels_afterwards": labels_afterwards,
        "registers": REGISTERS,
        "boards": BOARDS,
    }


def school_for(school_id: int, action: Action) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(action, school.place)
    return school


def cohort_for(cohort_id: int, action: Action) -> Cohort:
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(action, cohort.place)
    return cohort


def enrolment_for(enrolment_id: int, action: Action) -> Enrolment:
    enrolment = db.get_or_404(Enrolment, enrolment_id, options=[joinedload(Enrolment.cohort)])
    guards.require(action, enrolment.place)
    return enrolment


def kind_of(text: str) -> PaperKind:
    """Return the kind of document that an address asks for; 404 for another word."""
    try:
        return PaperKind(text)
    except ValueError:
        abort(404)


def period(cohort: Cohort) -> tuple[date, date]:
    """Return the days that the address asks for, within the cohort's; all of them when it asks for none."""
    first, last = (_asked(name) for name in ("first", "last"))
    first, last = max(first or cohort.starts_on, cohort.starts_on), min(last or cohort.ends_on, cohort.ends_on)
    return (first, last) if first <= last else (cohort.starts_on, cohort.ends_on)


def _asked(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def months_of(cohort: Cohort) -> list[tuple[date, date, str]]:
    """Return the periods that a document may be made for: the whole path, then each month that has begun."""
    found = [(cohort.starts_on, cohort.ends_on, _("tout le parcours"))]
    first = cohort.starts_on
    while first <= min(cohort.ends_on, clock.today()):
        following = (first.replace(day=28) + (date(2000, 1, 5) - date(2000, 1, 1))).replace(day=1)
        found.append((first, min(following - (date(2000, 1, 2) - date(2000, 1, 1)), cohort.ends_on), ""))
        first = following
    return found
