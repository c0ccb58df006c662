"""What a school copies by hand elsewhere: the rate for Mon Compte Formation, KAIROS, the form of the GEN."""

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.reports import files_declared as files
from popschool.reports import labels_declared as words
from popschool.reports import services_declared as services
from popschool.reports.forms_declared import SessionForm
from popschool.reports.routes_base import bp
from popschool.reports.rules_lists import Listed
from popschool.reports.services_layouts import tabled
from popschool.schools.models import Cohort, School
from popschool.web import tables


def _cohort(cohort_id: int) -> Cohort:
    cohort = db.get_or_404(Cohort, cohort_id, options=[joinedload(Cohort.school)])
    guards.require(Action.MANAGE_FUNDING, cohort.place)
    return cohort


@bp.get("/cohorts/<int:cohort_id>/cpf")
@guards.asks(Action.MANAGE_FUNDING)
def cpf(cohort_id: int) -> str:
    """The rate of realisation of each place that Mon Compte Formation pays for, to be declared there."""
    cohort = _cohort(cohort_id)
    return render_template(
        "reports/cpf.html", cohort=cohort, lines=services.rates_of(cohort, clock.today()), words=words
    )


@bp.get("/cohorts/<int:cohort_id>/cpf.<kind>")
@guards.asks(Action.MANAGE_FUNDING)
def cpf_table(cohort_id: int, kind: str) -> FlaskResponse:
    cohort, form = _cohort(cohort_id), tables.form_named(kind)
    lines = services.rates_of(cohort, clock.today())
    people = [one.enrolment.person_id for one in lines]
    return tables.sent(
        tabled(Listed.CPF, "Mon Compte Formation", files.cpf_rows(lines)),
        form,
        f"cpf-{cohort.code}",
        lambda rows: guards.note_export("cpf", cohort, people=people, rows=rows),
    )


@bp.route("/cohorts/<int:cohort_id>/kairos", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def kairos(cohort_id: int) -> Response | str:
    """What to type in KAIROS, person by person, and what was typed, when and by whom."""
    cohort = _cohort(cohort_id)
    sheet = services.kairos_of(cohort, clock.today())
    form = SessionForm(data={"number": sheet.session})
    if form.validate_on_submit():
        services.say_session(cohort, form.number.data, current_user, clock.now())
        flash(_("Le numéro de session est gardé."), "good")
        return redirect(url_for(".kairos", cohort_id=cohort.id, _anchor="message"))
    return render_template("reports/kairos.html", cohort=cohort, sheet=sheet, form=form, words=words)


@bp.post("/cohorts/<int:cohort_id>/kairos/<int:enrolment_id>")
@guards.asks(Action.MANAGE_FUNDING)
def tick_kairos(cohort_id: int, enrolment_id: int) -> Response:
    """A step was typed in KAIROS."""
    cohort = _cohort(cohort_id)
    services.tick(cohort, enrolment_id, request.form.get("step", ""), current_user, clock.now(), clock.today())
    flash(_("C'est noté."), "good")
    return redirect(url_for(".kairos", cohort_id=cohort.id, _anchor="message"))


@bp.get("/cohorts/<int:cohort_id>/kairos.<kind>")
@guards.asks(Action.MANAGE_FUNDING)
def kairos_table(cohort_id: int, kind: str) -> FlaskResponse:
    cohort, form = _cohort(cohort_id), tables.form_named(kind)
    sheet = services.kairos_of(cohort, clock.today())
    people = [one.enrolment.person_id for one in sheet.lines]
    return tables.sent(
        tabled(Listed.KAIROS, "KAIROS", files.kairos_rows(sheet)),
        form,
        f"kairos-{cohort.code}",
        lambda rows: guards.note_export("kairos", cohort, people=people, rows=rows),
    )


def _school(school_id: int, year: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_FUNDING, school.place)
    return school if clock.today().year - 5 <= year <= clock.today().year else abort(404)


@bp.get("/schools/<int:school_id>/gen/<int:year>")
@guards.asks(Action.MANAGE_FUNDING)
def gen(school_id: int, year: int) -> str:
    """The figures of the Grande École du Numérique's form: of how many each is known, and whose rows."""
    school = _school(school_id, year)
    places, figures = services.gen_form(school.id, year, clock.today())
    return render_template(
        "reports/gen.html",
        school=school,
        year=year,
        years=[clock.today().year - back for back in range(3)],
        places=places,
        figures=figures,
        words=words,
    )


@bp.get("/schools/<int:school_id>/gen/<int:year>.<kind>")
@guards.asks(Action.MANAGE_FUNDING)
def gen_table(school_id: int, year: int, kind: str) -> FlaskResponse:
    school, form = _school(school_id, year), tables.form_named(kind)
    _places, figures = services.gen_form(school.id, year, clock.today())
    return tables.sent(
        tabled(Listed.GEN, "Grande École du Numérique", files.gen_rows(figures)),
        form,
        f"gen-{school.code}-{year}",
        lambda rows: guards.note_export("gen", school, school_id=school.id, year=year, rows=rows),
    )
