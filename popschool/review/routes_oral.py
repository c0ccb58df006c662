"""The moments of a spoken round: offer one, book one, call it off, say that you met."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.errors import RuleBroken
from popschool.review import rules_oral, services_oral, services_plan
from popschool.review.forms_oral import SlotForm
from popschool.review.models import Round
from popschool.review.models_oral import OralSlot
from popschool.review.routes_base import bp, me
from popschool.review.rules_states import TAKES_REVIEWS
from popschool.web import languages, wording

wording.say(
    rules_oral.MeetingOutside,
    lambda fact: _(
        "Ce moment n'est pas possible. Choisissez une heure à venir, avant le %(when)s.",
        when=languages.moment(fact.ends_at),
    ),
)
wording.say(
    rules_oral.MeetingsClash,
    lambda fact: _(
        "Vous avez déjà un rendez-vous le %(when)s. Choisissez un autre moment.",
        when=languages.moment(fact.starts_at),
    ),
)
wording.say(
    rules_oral.OffersTooMany,
    lambda fact: _("Vous proposez déjà %(most)s moments. Annulez-en un pour en proposer un autre.", most=fact.most),
)
wording.say(
    rules_oral.MeetingTaken, lambda fact: _("Ce moment n'est plus libre. Choisissez-en un autre dans la liste.")
)
wording.say(
    rules_oral.MeetingNotYours, lambda fact: _("Ce travail n'est pas à relire par vous. Choisissez un autre moment.")
)
wording.say(
    rules_oral.WorkHasEnough,
    lambda fact: _("Assez de personnes écoutent déjà ce travail. Choisissez celui de quelqu'un d'autre."),
)
wording.say(
    rules_oral.ReviewerHasEnough,
    lambda fact: _("Vous avez fait votre part : %(most)s rendez-vous. Laissez-en aux autres.", most=fact.most),
)
wording.say(
    rules_oral.NotMetYet,
    lambda fact: _(
        "Le rendez-vous commence le %(when)s. Revenez après pour dire qu'il a eu lieu.",
        when=languages.moment(fact.starts_at),
    ),
)


def _oral_round(round_id: int) -> Round:
    """Return a spoken round in which the person here takes part; another's is answered as if there were none."""
    guards.require(Action.SEE_OWN_REVIEWS)
    found = services_plan.round_of(round_id, me().id)
    if found is None or not found.is_oral:
        abort(404)
    return found


@bp.route("/rounds/<int:round_id>/slots", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_REVIEWS)
def slots(round_id: int) -> Response | str:
    """One's meetings, the moments that are free, and a form to offer one's own."""
    found, now, person = _oral_round(round_id), clock.now(), me()
    soon = rules_oral.next_quarter(max(now, found.starts_at) + timedelta(hours=1))
    form = SlotForm(starts_at=soon, minutes=rules_oral.LENGTHS[1])
    if form.validate_on_submit():
        with form.refusals("starts_at"):
            services_oral.offer(found, person, form.starts_at.data, form.minutes.data, form.spot.data.strip(), now)
            flash(_("Votre moment est proposé. Vous serez prévenu ou prévenue quand quelqu'un le choisit."), "good")
            return redirect(url_for(".slots", round_id=round_id) + "#message")
    every = services_oral.slots_of(found)
    return render_template(
        "review/slots.html",
        form=form,
        round=found,
        now=now,
        takes=found.state in TAKES_REVIEWS,
        mine=[one for one in every if person.id in (one.offered_by_id, one.booked_by_id)],
        free=services_oral.free_for(found, person.id, every, now),
        person=person,
    )


def _slot(key: str) -> OralSlot:
    found = services_oral.slot_at(key) or abort(404)
    _oral_round(found.round_id)
    return found


@bp.post("/slots/<key>/<any(book, call_off, confirm):act>")
@guards.asks(Action.SEE_OWN_REVIEWS)
def act_on_slot(key: str, act: str) -> Response:
    """Book a moment, call it off, or say that it took place. Pressed twice, it is done once."""
    guards.require(Action.SEE_OWN_REVIEWS)
    slot, now, person = _slot(key), clock.now(), me()
    here = redirect(url_for(".slots", round_id=slot.round_id) + "#message")
    acts = {"book": services_oral.book, "call_off": services_oral.call_off, "confirm": services_oral.confirm}
    said = {
        "book": _("C'est réservé. La personne est prévenue."),
        "call_off": _("C'est annulé. L'autre personne est prévenue."),
        "confirm": _("C'est noté. Quand l'autre personne le dit aussi, la relecture peut s'écrire."),
    }
    try:
        acts[act](slot, person, now)
    except RuleBroken as refused:
        flash(wording.sentence(refused), "warn")
        return here
    flash(said[act], "good")
    return here
