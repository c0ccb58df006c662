"""What one asks of one's own data: a correction, an erasure; and the report of what went each night."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.portal import services_requests as services
from popschool.portal import services_retention
from popschool.portal.routes_base import bp
from popschool.portal.rules_retention import Kept
from popschool.portal.words_retention import COUNTED, KINDS, LASTS
from popschool.schools.models import Person
from popschool.web.forms import Form


class CorrectionForm(Form):
    """What is wrong, and what it should be."""

    words = TextAreaField(_l("Ce qui est faux, et ce qu'il faut écrire"), [InputRequired(), Length(max=1000)])


class ErasureForm(Form):
    """A box that says one means it."""

    sure = BooleanField(_l("Oui, je demande l'effacement"), [DataRequired()])


@bp.route("/account/data/correction", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def correction() -> Response | str:
    """Ask that something be put right; somebody of the school answers within a month."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    form = CorrectionForm()
    if form.validate_on_submit():
        with form.refusals("words"):
            person = db.session.get_one(Person, current_user.id)
            asked = services.ask_correction(person, form.words.data, clock.now())
            flash(_("C'est envoyé. L'école vous répond en un mois."), "good")
            return redirect(url_for("auth.decision", proposal_id=asked.id, _anchor="message"))
    return render_template("portal/correction.html", form=form)


@bp.route("/account/data/erasure", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def erasure() -> Response | str:
    """Ask that one's data be erased: what goes, what stays and until when, before anything is asked."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    guards.require_proof()
    form = ErasureForm()
    if form.validate_on_submit():
        with form.refusals():
            person = db.session.get_one(Person, current_user.id)
            asked = services.ask_erasure(person, clock.now(), clock.today())
            flash(_("C'est demandé. L'école vous répond en un mois."), "good")
            return redirect(url_for("auth.decision", proposal_id=asked.id, _anchor="message"))
    standing, stays = services.plan_of(current_user.id, clock.today())
    goes = [KINDS[kept] for kept in Kept if kept not in stays]
    return render_template(
        "portal/erasure.html", form=form, goes=goes, stays=[(KINDS[kept], stays[kept]) for kept in stays],
        waits=standing.waits, is_here=services.is_still_here(current_user.id, standing, clock.today()),
    )  # fmt: skip


@bp.get("/retention")
@guards.asks(Action.SEE_RETENTION)
def retention() -> str:
    """How long each kind of data is kept, and what went each night: counts, without a name."""
    guards.require(Action.SEE_RETENTION)
    return render_template(
        "portal/retention.html", kinds=[(KINDS[kept], LASTS[kept]) for kept in Kept], counted=COUNTED,
        runs=services_retention.runs(),
    )  # fmt: skip
