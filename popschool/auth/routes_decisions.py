"""What one person proposes and another decides: the list of what waits, and each proposal with its two answers."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from popschool import clock
from popschool.auth import guards
from popschool.auth import services_decisions as services
from popschool.auth.forms import PressForm
from popschool.auth.routes_base import bp
from popschool.auth.rules import Action
from popschool.auth.rules_decisions import Way
from popschool.auth.said import said
from popschool.auth.words_decisions import state
from popschool.web.forms import Form

CONFIRM, REFUSE = "confirm", "refuse"


class AnswerForm(Form):
    """Yes or no, and why."""

    answer = RadioField(
        _l("Votre réponse"),
        [InputRequired()],
        choices=[SelectChoice(CONFIRM, _l("Je confirme")), SelectChoice(REFUSE, _l("Je refuse"))],
    )
    words = TextAreaField(_l("Un mot pour la personne"), [Optional(), Length(max=500)])


@bp.get("/decisions")
@guards.asks(Action.SEE_OWN_NOTICES)
def decisions() -> str:
    """What waits for an answer of the person here, and what they proposed."""
    guards.require(Action.SEE_OWN_NOTICES)
    waiting = services.waiting_for(guards.actor())
    return render_template(
        "auth/decisions.html", waiting=waiting, own=services.own_proposals(current_user.id), said=said, state=state
    )


@bp.route("/decisions/<int:proposal_id>", methods=["GET", "POST"])
@guards.asks(Action.SEE_PROPOSAL)
def decision(proposal_id: int) -> Any:
    """One proposal: what it is, why, what a confirmation does; and the answer."""
    found = services.proposal_at(proposal_id) or abort(404)
    guards.require(Action.SEE_PROPOSAL, found.place)
    may_confirm = services.may_confirm(found, guards.actor())
    if found.answer is None and may_confirm and services.KINDS[found.kind].is_grave:
        guards.require_proof()
    is_own = found.by_id == current_user.id
    form = PressForm() if is_own else AnswerForm()
    if form.validate_on_submit():
        with form.refusals():
            accepts = not is_own and form.answer.data == CONFIRM
            words = "" if is_own else form.words.data or ""
            way = services.answer(found, accepts, words, current_user, guards.actor(), clock.now())
            flash(_done(way), "good")
            return redirect(url_for(".decisions", _anchor="message"))
    asked, answered = services.contents_of(found.id)
    return render_template(
        "auth/decision.html", proposal=found, said=said(found), state=state(found), reason=asked.get("reason", ""),
        answered=answered, form=form, is_own=is_own, may_confirm=may_confirm,
    )  # fmt: skip


def _done(way: Way) -> str:
    return {
        Way.CONFIRMED: _("C'est confirmé."), Way.REFUSED: _("C'est refusé. La personne est prévenue."),
        Way.TAKEN_BACK: _("Votre demande est retirée."),
    }[way]  # fmt: skip
