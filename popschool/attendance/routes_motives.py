"""The motives of absence of a school: which are offered, which justify, as its funders ask."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import services_codes as services
from popschool.attendance.forms import ButtonForm
from popschool.attendance.forms_timetable import MotiveForm
from popschool.attendance.routes_base import bp
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import School


def _school(school_id: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.PLAN_SCHOOL, school.place)
    return school


@bp.route("/schools/<int:school_id>/absence-codes", methods=["GET", "POST"])
@guards.asks(Action.PLAN_SCHOOL)
def motives(school_id: int) -> Response | str:
    """A school's motives of absence, and one more."""
    school = _school(school_id)
    form = MotiveForm()
    if form.validate_on_submit():
        with form.refusals("code"):
            is_justified = form.is_justified.data == "yes"
            services.add_motive(school, form.code.data, form.words.data, is_justified, current_user.id, clock.now())
            flash(_("Le motif « %(words)s » est ajouté.", words=form.words.data), "good")
            return redirect(url_for(".motives", school_id=school.id))
    return render_template(
        "attendance/motives.html", school=school, form=form, motives=services.motives_of(school.id).values()
    )


@bp.post("/schools/<int:school_id>/absence-codes/<code>")
@guards.asks(Action.PLAN_SCHOOL)
def change_motive(school_id: int, code: str) -> Response:
    """Say whether a motive justifies, and if it is offered."""
    school = _school(school_id)
    if not ButtonForm().validate_on_submit():
        abort(400)
    is_justified, is_used = ("justified" in request.form, "used" in request.form)
    motive = services.change_motive(school, code, is_justified, is_used, current_user.id, clock.now())
    if motive is None:
        abort(404)
    flash(_("C'est gardé pour « %(words)s ». Ce qui est déjà décidé reste décidé.", words=motive.words), "good")
    return redirect(url_for(".motives", school_id=school.id))
