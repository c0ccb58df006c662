"""Somebody says what keeps them out of a page: a person of the school reads it and answers, within a week."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.portal import services_barriers as services
from popschool.portal.models import Barrier
from popschool.portal.routes_base import bp
from popschool.schools.models import Person
from popschool.web import wording
from popschool.web.forms import Form
from popschool.web.paging import LINES, Page, offset, page_number

wording.say(
    services.AlreadyAnswered,
    lambda fact: _("%(name)s a répondu avant vous. Votre texte est encore là, mais il ne part pas.", name=fact.by),
)


class BarrierForm(Form):
    """What happens, and where."""

    what = TextAreaField(_l("Qu'est-ce qui vous bloque ?"), [InputRequired(), Length(max=2000)])
    where = StringField(_l("Sur quelle page ?"), [InputRequired(), Length(max=300)])


class AnswerForm(Form):
    """What is done about it."""

    words = TextAreaField(_l("Votre réponse"), [InputRequired(), Length(max=2000)])


@bp.route("/accessibility/report", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_NOTICES)
def barrier() -> Response | str:
    """Say what keeps one out, and read what was answered before."""
    guards.require(Action.SEE_OWN_NOTICES)
    form = BarrierForm()
    if form.validate_on_submit():
        person = db.session.get_one(Person, current_user.id)
        services.report(person, form.what.data.strip(), form.where.data.strip(), clock.now())
        flash(_("C'est envoyé. Une personne de l'école vous répond en une semaine."), "good")
        return redirect(url_for("web.accessibility"))
    return render_template("portal/barrier.html", form=form, reports=services.own_reports(current_user.id))


@bp.get("/barriers")
@guards.asks(Action.SEE_BARRIERS)
def barriers() -> str:
    """What was said to the person here, at their schools: what waits first."""
    guards.require(Action.SEE_BARRIERS)
    number = page_number(request.args.get("page"))
    lines, total, waiting = services.reported_to(guards.actor(), offset(number), LINES)
    return render_template("portal/barriers.html", page=Page(lines, number, total), waiting=waiting)


@bp.route("/barriers/<int:barrier_id>", methods=["GET", "POST"])
@guards.asks(Action.ANSWER_BARRIER)
def answer_barrier(barrier_id: int) -> Response | str:
    """One thing that keeps somebody out, and the answer to them."""
    found = db.get_or_404(Barrier, barrier_id)
    guards.require(Action.ANSWER_BARRIER, found.place)
    form = AnswerForm()
    if form.validate_on_submit():
        with form.refusals("words"):
            by = db.session.get_one(Person, current_user.id)
            services.answer(found, form.words.data, by, clock.now())
            flash(_("La réponse est envoyée."), "good")
            return redirect(url_for(".barriers", _anchor="message"))
    return render_template("portal/answer_barrier.html", barrier=found, form=form)
