"""A trainer opens a round on an assignment: one page, what is usual already chosen, and whether it is possible."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects.models import Assignment, Deliverable
from popschool.review import services
from popschool.review.forms import AT_ONCE, HIDDEN, NAMED, ORAL, TOGETHER, WRITTEN, RoundForm
from popschool.review.routes_base import bp, me
from popschool.review.rules import FEWEST, MOST, USUAL, USUAL_WINDOW
from popschool.review.services_guests import invitations_to
from popschool.review.services_reading import rounds_of
from popschool.review.words import ROUND_WORDS, feasibility_words
from popschool.schools.models import Cohort


@bp.route("/assignments/<int:assignment_id>/rounds/new", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def new_round(assignment_id: int) -> Response | str:
    """Open a round; whether it is possible is said before, for the number of reviews that is chosen."""
    with_it = [joinedload(Assignment.deliverables), joinedload(Assignment.cohort)]
    found = db.get_or_404(Assignment, assignment_id, options=with_it)
    guards.require(Action.RUN_ROUND, found.place)
    asked = [one for one in found.deliverables if one.retired_at is None]
    if found.withdrawn_at is not None or not asked:
        abort(404)
    now = clock.now()
    starts_at = max(found.due_at, now)
    form = RoundForm(
        deliverable=asked[0].id,
        wanted=_wished(),
        starts_at=starts_at,
        ends_at=starts_at + USUAL_WINDOW,
        way=WRITTEN,
        names=HIDDEN,
        release=TOGETHER,
    )
    form.pieces.choices = _pieces(found, asked)
    form.deliverable.choices = [SelectChoice(one.id, one.title) for one in asked]
    if form.validate_on_submit():
        deliverable = next(one for one in asked if one.id == form.deliverable.data)
        with form.refusals():
            made = services.open_round(
                deliverable,
                wanted=form.wanted.data,
                starts_at=form.starts_at.data,
                ends_at=form.ends_at.data,
                is_named=form.names.data == NAMED,
                is_formative=form.release.data == AT_ONCE,
                is_oral=form.way.data == ORAL,
                pass_mark=form.pass_mark.data,
                piece_ids=form.pieces.data or (),
                by=me(),
                now=now,
            )
            flash(_("La relecture est ouverte. La promo est prévenue."), "good")
            return redirect(url_for(".moderation", round_id=made.id) + "#message")
    chosen = next((one for one in asked if one.id == form.deliverable.data), asked[0])
    return render_template("review/new_round.html", form=form, assignment=found, **_forecast(chosen, now))


def _pieces(assignment: Assignment, asked: Sequence[Deliverable]) -> list[SelectChoice]:
    """Return the pieces that a round may begin with; where several deliverables can be chosen, each says its own."""
    return [
        SelectChoice(piece.id, piece.title if len(asked) == 1 else f"{piece.title} ({one.title})")
        for one, piece in services.pieces_for(assignment, asked)
    ]


def _wished() -> int:
    """Return the number of reviews that the page is asked about, the usual one first."""
    asked = request.args.get("wanted", "")
    return int(asked) if asked in [str(count) for count in range(FEWEST, MOST + 1)] else USUAL


def _forecast(deliverable: Deliverable, now: datetime) -> dict[str, Any]:
    found = services.forecast(deliverable, now)
    lines = [
        (wanted, answer.is_possible, feasibility_words(answer, wanted)) for wanted, answer in found.answers.items()
    ]
    return {"lines": lines, "sent": found.sent, "people": found.people, "is_supposed": found.is_supposed}


@bp.get("/cohorts/<int:cohort_id>/rounds")
@guards.asks(Action.SEE_ROUND)
def cohort_rounds(cohort_id: int) -> str:
    """The rounds of a cohort, the latest first."""
    found = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.SEE_ROUND, found.place)
    return render_template(
        "review/cohort_rounds.html",
        cohort=found,
        rounds=rounds_of(found.id),
        joined=invitations_to(found.id),
        round_words=ROUND_WORDS,
    )
