"""A learner's reviews: what to do now, what was sent, what others said of their own work."""

from datetime import datetime

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.projects.services_assignments import learners_of
from popschool.review import rules, services_apart, services_pieces, services_plan
from popschool.review import services_reading as reading
from popschool.review.forms import ApartForm
from popschool.review.models import Round
from popschool.review.routes_base import bp, me
from popschool.review.rules_states import RoundState
from popschool.review.words import REVIEW_WORDS
from popschool.web import wording


@bp.get("/reviews")
@guards.asks(Action.SEE_OWN_REVIEWS)
def mine() -> str:
    """Everything of one's reviews, the next thing to do first."""
    guards.require(Action.SEE_OWN_REVIEWS)
    now = clock.now()
    tasks = reading.tasks_of(current_user.id)
    waiting = sorted((one for one in tasks if one.takes(now) and one.left), key=lambda one: one.round.ends_at)
    return render_template(
        "review/mine.html",
        tasks=tasks,
        waiting=waiting,
        spoken=[one for one in tasks if one.round.is_oral and one.takes(now)],
        unfinished=[one for one in tasks if one.unfinished is not None and not one.takes(now)],
        received=reading.received_by(current_user.id),
        coming=[found for found, _cohort_id in services_apart.coming_for(current_user.id, now)],
        now=now,
        review_words=REVIEW_WORDS,
    )


def _round_of_mine(round_id: int) -> Round:
    """Return a round in which the person here reviews; another's is answered as if there were none."""
    guards.require(Action.SEE_OWN_REVIEWS)
    return services_plan.round_of(round_id, current_user.id) or abort(404)


@bp.post("/rounds/<int:round_id>/next")
@guards.asks(Action.SEE_OWN_REVIEWS)
def next_review(round_id: int) -> Response:
    """Open the next work to review: it is chosen now, among those that need it most."""
    found = _round_of_mine(round_id)
    try:
        piece = services_plan.open_piece(found, me(), clock.now()) if found.piece_ids else None
        if piece is not None:
            return redirect(url_for(".piece", key=piece.key))
        review = services_plan.reveal(found, me(), clock.now())
    except rules.NothingToReview as nothing:
        flash(wording.sentence(nothing), "quiet")
        return redirect(url_for(".mine") + "#message")
    return redirect(url_for(".work", key=review.key))


@bp.post("/rounds/<int:round_id>/offer")
@guards.asks(Action.SEE_OWN_REVIEWS)
def offer_more(round_id: int) -> Response:
    """Offer to do one more than one's share."""
    found = _round_of_mine(round_id)
    services_plan.offer_more(found, me(), clock.now())
    flash(_("Merci. Si un travail manque de relectures, il arrivera ici."), "good")
    return redirect(url_for(".mine") + "#message")


@bp.route("/rounds/<int:round_id>/apart", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_REVIEWS)
def keep_apart(round_id: int) -> Response | str:
    """Name somebody whom one should not read: the list is the cohort's, and says nothing of the plan."""
    guards.require(Action.SEE_OWN_REVIEWS)
    now = clock.now()
    found, cohort_id = _round_with(round_id, now)
    people = [one for one in learners_of(cohort_id, now) if one.id != current_user.id]
    known, form = services_apart.kept_apart(round_id, current_user.id), ApartForm()
    form.person.choices = [SelectChoice(one.id, one.name) for one in people if one.id not in known]
    if form.validate_on_submit():
        with form.refusals():
            services_apart.keep_apart(found, me(), form.person.data, now)
            flash(_("C'est noté. Vous ne vous relirez pas."), "good")
            return redirect(url_for(".keep_apart", round_id=round_id) + "#message")
    return render_template(
        "review/keep_apart.html",
        form=form,
        round=found,
        named=[one for one in people if one.id in known],
        is_coming=found.state == RoundState.OPEN,
    )


def _round_with(round_id: int, now: datetime) -> tuple[Round, int]:
    """Return a round in which the person here reviews, or will, and their cohort there; another's is not found."""
    for found, cohort_id in services_apart.coming_for(current_user.id, now):
        if found.id == round_id:
            return found, cohort_id
    found = _round_of_mine(round_id)
    own = services_plan.reviewer_in(round_id, current_user.id)
    return found, own.cohort_id or found.cohort_id


@bp.get("/rounds/<int:round_id>/own")
@guards.asks(Action.SEE_OWN_REVIEWS)
def coaching(round_id: int) -> str:
    """How the person here marks beside the others: for their eyes alone, once the round is released."""
    found = _round_of_mine(round_id)
    lessons = services_pieces.lessons_of(found, current_user.id)
    if found.released_at is None or (found.is_formative and not lessons):
        abort(404)
    return render_template(
        "review/coaching.html",
        round=found,
        coaching=reading.coaching_of(found, current_user.id) if not found.is_formative else None,
        lessons=lessons,
    )
