"""Somebody added on the spot was known already: finding who, and letting both records count as one."""

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import services_holding, services_merging, words
from popschool.attendance.forms import ButtonForm, WalkInForm
from popschool.attendance.routes_base import bp
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools import people
from popschool.schools.models import Person
from popschool.web import languages

MOST_FOUND = 12


@bp.route("/people/<int:person_id>/same-as", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def same_as(person_id: int) -> Response | str:
    """Say who a person added on the spot is: their half-days count for the record that stays."""
    walk_in = db.get_or_404(Person, person_id)
    guards.require(Action.ENROL, guards.place_of(walk_in))
    guards.require_standing_over(walk_in.id)  # its account is closed, and its places pass
    here = frozenset({walk_in.home_school_id}) if walk_in.home_school_id else frozenset()
    search, form = WalkInForm(request.args, meta={"csrf": False}), ButtonForm()
    found = people.find_people(search.name.data, here, frozenset(), 0, MOST_FOUND)[0] if search.name.data else []
    if form.validate_on_submit():
        known = people.visible_people(here, frozenset()).where(Person.id == request.form.get("person", type=int))
        kept = db.one_or_404(known)
        with form.refusals():
            guards.require_standing_over(kept.id)  # whoever gives a mail or a phone may come in with it
            reason = _("Ajout sur place : c'est %(name)s.", name=kept.name)
            done = services_merging.merge(walk_in, kept, current_user, reason, clock.now())
            flash(_("Les séances de cette fiche comptent maintenant pour %(name)s.", name=kept.name), "good")
            if done.weeks_closed:
                flash(_closed_weeks(done.weeks_closed), "warn")
            return redirect(url_for("schools.person", person_id=kept.id))
    return render_template(
        "attendance/same_as.html",
        person=walk_in,
        search=search,
        form=form,
        matches=[one for one in found if one.id != walk_in.id],
        merges=people.merges_about(walk_in.id),
        held=words.held_by(services_holding.held_apart(walk_in.id)),
        places=people.enrolments_of(walk_in.id),
    )


def _closed_weeks(mondays: Sequence[date]) -> str:
    return ngettext(
        "La semaine du %(days)s est déjà fermée : sa feuille reste comme elle est. Faites une feuille d'avenant.",
        "Les semaines du %(days)s sont déjà fermées : leurs feuilles restent comme elles sont. Faites une feuille "
        "d'avenant pour chacune.",
        len(mondays),
        days=", ".join(languages.day(one) for one in mondays),
    )
