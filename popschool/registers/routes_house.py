"""House rules as the school publishes them, and surveys as it opens and reads them."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.registers import services_house as house
from popschool.registers import services_surveys as surveys
from popschool.registers.forms import HouseForm, SurveyForm
from popschool.registers.models import Survey
from popschool.registers.routes_base import bp, school_for
from popschool.registers.rules import SURVEY_LASTS
from popschool.schools.cohorts import Reach, list_goals


@bp.route("/schools/<int:school_id>/house-rules", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_REGISTERS)
def house_rules(school_id: int) -> Response | str:
    """The text that holds, its versions; another text is another version, that everybody signs again."""
    school = school_for(school_id)
    versions = house.versions_of(school.id)
    form = HouseForm(data={"text": versions[0].text if versions else ""})
    if form.validate_on_submit():
        with form.refusals("text"):
            house.publish(school.id, form.text.data, current_user, clock.now(), clock.today())
            flash(_("Le règlement est publié. Chaque personne en formation peut le signer."), "good")
            return redirect(url_for(".house_rules", school_id=school.id, _anchor="message"))
    return render_template("registers/house_rules.html", school=school, versions=versions, form=form)


@bp.route("/schools/<int:school_id>/surveys/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_REGISTERS)
def open_survey(school_id: int) -> Response | str:
    """Who is asked, and between which days."""
    school, today = school_for(school_id), clock.today()
    cohorts = {one.cohort.id: one.cohort for one in list_goals(Reach(None, at=school.id), today)}
    form = SurveyForm(data={"opens_on": today, "closes_on": today + SURVEY_LASTS})
    form.cohort.choices = [SelectChoice(one.id, one.code) for one in cohorts.values()]
    if form.validate_on_submit():
        with form.refusals():
            cohort = cohorts[form.cohort.data]
            made = surveys.open_survey(
                cohort, form.title.data, form.opens_on.data, form.closes_on.data, current_user, clock.now()
            )
            flash(_("L'enquête est ouverte. Un message part le premier jour, puis deux rappels."), "good")
            return redirect(url_for(".survey", survey_id=made.id, _anchor="message"))
    return render_template("registers/open_survey.html", school=school, form=form)


@bp.get("/surveys/<int:survey_id>")
@guards.asks(Action.MANAGE_REGISTERS)
def survey(survey_id: int) -> str:
    """What a survey says, once it is over, without the names."""
    found = db.session.get(Survey, survey_id, options=[joinedload(Survey.cohort)]) or abort(404)
    guards.require(Action.MANAGE_REGISTERS, found.place)
    today = clock.today()
    return render_template(
        "registers/survey.html",
        survey=found,
        results=surveys.results_of(found, today),
        is_closed=found.closes_on < today,
    )
