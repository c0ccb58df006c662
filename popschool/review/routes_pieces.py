"""Pieces that everybody reads first: the team makes them, reviewers begin with them, and see its answers last."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects.models import Assignment, Deliverable
from popschool.projects.words import mark_word
from popschool.review import rules_feedback as feedback
from popschool.review import services, services_pieces
from popschool.review.forms import ConfirmForm, criterion_form
from popschool.review.forms_pieces import piece_form
from popschool.review.models_pieces import Piece, PieceReview
from popschool.review.routes_base import bp, me
from popschool.review.routes_reviewing import Urls, kept
from popschool.review.rules import Said
from popschool.review.rules_states import TAKES_REVIEWS
from popschool.review.words import place_label
from popschool.schools.rules import Place


def _asked(assignment_id: int) -> tuple[Assignment, list[Deliverable]]:
    found = db.get_or_404(Assignment, assignment_id, options=[joinedload(Assignment.deliverables)])
    guards.require(Action.RUN_ROUND, found.place)
    asked = [one for one in found.deliverables if one.retired_at is None]
    if found.withdrawn_at is not None or not asked:
        abort(404)
    return found, asked


@bp.route("/assignments/<int:assignment_id>/pieces", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def pieces(assignment_id: int) -> Response | str:
    """The pieces of a deliverable, and one more: a text or some code, with the team's answers."""
    found, asked = _asked(assignment_id)
    chosen = next((one for one in asked if str(one.id) == request.args.get("deliverable")), asked[0])
    criteria = services.criteria_for(chosen)
    form = piece_form(criteria)
    if form.validate_on_submit():
        with form.refusals():
            services_pieces.make(
                chosen,
                criteria,
                title=form.title.data.strip(),
                text=form.text.data,
                marks=form.marks(criteria),
                whys=form.whys(criteria),
                by=me(),
                now=clock.now(),
            )
            flash(_("L'exemple est prêt. Choisissez-le quand vous ouvrez une relecture."), "good")
            return redirect(url_for(".pieces", assignment_id=assignment_id, deliverable=chosen.id) + "#message")
    return render_template(
        "review/pieces.html",
        form=form,
        assignment=found,
        asked=asked,
        chosen=chosen,
        criteria=criteria,
        known=services_pieces.offered_for(chosen, criteria),
    )


@bp.post("/assignments/<int:assignment_id>/pieces/<int:piece_id>/retire")
@guards.asks(Action.RUN_ROUND)
def retire_piece(assignment_id: int, piece_id: int) -> Response:
    """Offer a piece no more."""
    found, _asked_for = _asked(assignment_id)
    piece = db.get_or_404(Piece, piece_id)
    if (piece.school_id, piece.project_id) != (found.school_id, found.project_id):
        abort(404)
    services_pieces.retire(piece, me(), clock.now())
    flash(_("L'exemple n'est plus proposé."), "good")
    return redirect(url_for(".pieces", assignment_id=assignment_id) + "#message")


def _own(key: str) -> PieceReview:
    """Return the reading of a piece by the person here, and by nobody else."""
    found = services_pieces.piece_review_at(key) or abort(404)
    guards.require(Action.REVIEW_WORK, Place.of(school=found.round.school_id, people=[found.reviewer.person_id]))
    return found


def _urls(reading: PieceReview) -> Urls:
    return Urls(
        url_for(".piece", key=reading.key),
        _("L'exemple"),
        _("Ouvrir l'exemple"),
        lambda number, **more: url_for(".piece_criterion", key=reading.key, number=number, **more),
    )


def _said(reading: PieceReview) -> dict[str, Said]:
    return {criterion: Said(**said) for criterion, said in reading.draft.items()}


@bp.get("/pieces/<key>")
@guards.asks(Action.REVIEW_WORK)
def piece(key: str) -> str:
    """The piece to read, its lines numbered."""
    reading = _own(key)
    said, criteria = _said(reading), reading.round.criteria
    missing = (n for n, one in enumerate(criteria, 1) if not said.get(one["id"], Said()).is_whole)
    return render_template(
        "review/piece.html",
        reading=reading,
        part=services_pieces.part_of(reading.piece),
        said=said,
        first=next(missing, len(criteria)),
    )


@bp.route("/pieces/<key>/criteria/<int:number>", methods=["GET", "POST"])
@guards.asks(Action.REVIEW_WORK)
def piece_criterion(key: str, number: int) -> Response | str:
    """One criterion of a piece, as of any work."""
    reading = _own(key)
    criteria = reading.round.criteria
    if not 1 <= number <= len(criteria):
        abort(404)
    if reading.submitted_at is not None:
        return redirect(url_for(".piece", key=key))
    asked, part = criteria[number - 1], services_pieces.part_of(reading.piece)
    said = _said(reading).get(asked["id"], Said())
    words = [mark_word(word) for word in asked["words"]]
    form = criterion_form(asked, words, [(part.name, place_label(part.name))], said)
    if request.method == "POST":

        def keep(said: Said, seen: str) -> Said:
            return services_pieces.save(reading, asked["id"], said, clock.now(), seen)

        answer = kept(form, {part.name: part}, keep)
        if answer is not None:
            is_next = number < len(criteria) and "back" not in request.args
            if isinstance(answer, Response):
                return answer
            return redirect(_urls(reading).criterion(number + 1) if is_next else url_for(".check_piece", key=key))
    return render_template(
        "review/criterion.html",
        form=form,
        review=reading,
        urls=_urls(reading),
        is_piece=True,
        asked=asked,
        number=number,
        count=len(criteria),
        has_lines=True,
    )


@bp.route("/pieces/<key>/check", methods=["GET", "POST"])
@guards.asks(Action.REVIEW_WORK)
def check_piece(key: str) -> Response | str:
    """Everything once more, then the button that sends; then the works of the others."""
    reading, form = _own(key), ConfirmForm()
    if reading.submitted_at is not None:
        return redirect(url_for(".piece", key=key))
    if form.validate_on_submit():
        with form.refusals():
            services_pieces.submit(reading, clock.now())
            if reading.round.state in TAKES_REVIEWS:
                flash(_("Merci. Vous verrez les réponses de l'équipe à la fin. Continuez ici."), "good")
            else:
                flash(_("Merci. Votre relecture de l'exemple est gardée."), "good")
            return redirect(url_for(".mine") + "#message")
    said = _said(reading)
    return render_template(
        "review/check.html",
        form=form,
        is_piece=True,
        urls=_urls(reading),
        lines=[(n, one, said.get(one["id"], Said())) for n, one in enumerate(reading.round.criteria, 1)],
        is_short=any(feedback.Nudge.SHORT in feedback.nudges(one.good, one.idea, 1) for one in said.values()),
    )
