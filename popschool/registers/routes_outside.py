"""Surveys of companies and funders: opened and read by the school, answered by a link without an account."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.registers import forms, rules_outside
from popschool.registers import services_outside as services
from popschool.registers.models_outside import OutsideSurvey
from popschool.registers.routes_base import bp, school_for
from popschool.registers.rules import SURVEY_LASTS
from popschool.registers.rules_outside import Audience, Opened


@bp.route("/schools/<int:school_id>/surveys/outside", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_REGISTERS)
def open_outside_survey(school_id: int) -> Response | str:
    """Which companies, or which funders, are asked, and between which days."""
    school, today = school_for(school_id), clock.today()
    wanted = request.args.get("audience", "")
    audience = Audience(wanted) if wanted in list(Audience) else Audience.COMPANIES
    given = {"opens_on": today, "closes_on": today + SURVEY_LASTS}
    if request.method == "GET":
        given["contacts"] = rules_outside.written(services.contacts_of(school.id, audience, today))
    form = forms.OutsideSurveyForm(data=given)
    if form.validate_on_submit():
        with form.refusals("contacts"):
            made = services.open_survey(
                school.id, audience, form.title.data, (form.opens_on.data, form.closes_on.data),
                rules_outside.contacts_in(form.contacts.data), current_user, clock.now(),
            )  # fmt: skip
            flash(_("L'enquête est ouverte. Un message part le premier jour, puis deux rappels."), "good")
            return redirect(url_for(".outside_survey", survey_id=made.id, _anchor="message"))
    return render_template("registers/open_outside_survey.html", school=school, form=form, audience=audience)


@bp.get("/outside-surveys/<int:survey_id>")
@guards.asks(Action.MANAGE_REGISTERS)
def outside_survey(survey_id: int) -> str:
    """What a survey says, organisation by organisation."""
    found = db.session.get(OutsideSurvey, survey_id) or abort(404)
    guards.require(Action.MANAGE_REGISTERS, found.place)
    return render_template("registers/outside_survey.html", survey=found, results=services.results_of(found))


@bp.route("/opinion/<int:asked_id>/<secret>", methods=["GET", "POST"])
@guards.public
def give_outside_opinion(asked_id: int, secret: str) -> Response | tuple[str, int] | str:
    """Five questions, and what one wants to add: by this link, once, with no account and no script."""
    one, today = services.opened_by(asked_id, secret), clock.today()
    if one is None:
        return render_template("registers/outside_opinion.html", one=None, state=None, form=None), 404
    state, form = services.where(one, today), forms.outside_answers(one.survey.asks)()
    if state is Opened.QUESTIONS and form.validate_on_submit():
        with form.refusals():
            ratings = {name: form[name].data for name in rules_outside.QUESTIONS[one.survey.asks]}
            services.answer(one, ratings, form.comment.data or "", clock.now(), today)
            return redirect(url_for(".give_outside_opinion", asked_id=asked_id, secret=secret))
    return render_template("registers/outside_opinion.html", one=one, state=state, form=form)
