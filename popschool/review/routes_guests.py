"""Two cohorts review together: one trainer asks, the other agrees."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.review import services_guests
from popschool.review.forms import GuestForm, JoinForm
from popschool.review.models import RoundGuest
from popschool.review.routes_base import bp, me, the_round
from popschool.schools.models import Cohort


@bp.route("/rounds/<int:round_id>/guests", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def guests(round_id: int) -> Response | str:
    """Ask a cohort that does the same project to join; what those asked before have answered."""
    found = the_round(round_id, Action.RUN_ROUND)
    offered = services_guests.candidates(found)
    sizes = services_guests.sizes_of([found.cohort_id, *(one.assignment.cohort_id for one in offered)], clock.now())
    form = GuestForm()
    form.deliverable.choices = [
        SelectChoice(one.id, _named(one.assignment.cohort, sizes.get(one.assignment.cohort_id, 0))) for one in offered
    ]
    if form.validate_on_submit():
        deliverable = next(one for one in offered if one.id == form.deliverable.data)
        with form.refusals():
            services_guests.invite(found, deliverable, me(), clock.now())
            flash(_("C'est demandé. La promo se joint quand son équipe a dit oui."), "good")
            return redirect(url_for(".guests", round_id=round_id) + "#message")
    return render_template(
        "review/guests.html",
        form=form,
        round=found,
        offered=offered,
        people=sizes.get(found.cohort_id, 0),
        asked=services_guests.guests_of(found.id),
        may_invite=services_guests.may_invite(found),
    )


def _named(cohort: Cohort, people: int) -> str:
    count = ngettext("%(num)d personne", "%(num)d personnes", people)
    return _("%(code)s, %(school)s : %(people)s", code=cohort.code, school=cohort.school.name, people=count)


@bp.route("/rounds/guests/<int:guest_id>", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def join(guest_id: int) -> Response | str:
    """Say whether one's cohort joins the round of another."""
    guest, form = db.get_or_404(RoundGuest, guest_id), JoinForm()
    guards.require(Action.RUN_ROUND, guest.place)
    if form.validate_on_submit():
        with form.refusals():
            services_guests.answer(guest, form.agrees.data == "yes", me(), clock.now())
            flash(_("Votre réponse est partie."), "good")
            return redirect(url_for(".cohort_rounds", cohort_id=guest.cohort_id) + "#message")
    host = guest.round.assignment.cohort
    return render_template(
        "review/join.html",
        form=form,
        guest=guest,
        round=guest.round,
        host=host,
        sizes=services_guests.sizes_of([host.id, guest.cohort_id], clock.now()),
        may_answer=services_guests.may_invite(guest.round),
    )
