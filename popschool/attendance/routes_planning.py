"""What timetables stand on: a school's rooms, its closures, its attendance settings, and periods in a company."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.attendance import services_company, services_half_days, services_timetable
from popschool.attendance import services_planning as services
from popschool.attendance.forms_timetable import ClosureForm, CompanyPeriodForm, RoomForm, SettingsForm
from popschool.attendance.models import CompanyPeriod
from popschool.attendance.models_planning import Closure, Room
from popschool.attendance.routes_base import bp, settings_of
from popschool.attendance.routes_timetable import cohort_for
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import Person, School


def _school(school_id: int, action: Action) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(action, school.place)
    return school


@bp.route("/schools/<int:school_id>/rooms", methods=["GET", "POST"])
@guards.asks(Action.PLAN_SCHOOL)
def rooms(school_id: int) -> Response | str:
    """A school's rooms with their places, and one more."""
    school = _school(school_id, Action.PLAN_SCHOOL)
    form = RoomForm()
    if form.validate_on_submit():
        with form.refusals("name"):
            room = services.add_room(school, form.name.data, form.capacity.data, current_user.id, clock.now())
            flash(_("%(name)s est ajoutée.", name=room.name), "good")
            return redirect(url_for(".rooms", school_id=school.id))
    return render_template("attendance/rooms.html", school=school, form=form, rooms=services.rooms_of(school.id))


@bp.post("/rooms/<int:room_id>/retire")
@guards.asks(Action.PLAN_SCHOOL)
def retire_room(room_id: int) -> Response:
    """Take a room out of use."""
    room = db.get_or_404(Room, room_id)
    guards.require(Action.PLAN_SCHOOL, room.place)
    services.retire_room(room, current_user.id, clock.now())
    flash(_("%(name)s n'est plus proposée. Ajoutez-la de nouveau pour revenir en arrière.", name=room.name), "good")
    return redirect(url_for(".rooms", school_id=room.school_id))


@bp.route("/schools/<int:school_id>/closures", methods=["GET", "POST"])
@guards.asks(Action.PLAN_SCHOOL)
def closures(school_id: int) -> Response | str:
    """The days on which a school is closed, public holidays apart, and some more."""
    school = _school(school_id, Action.PLAN_SCHOOL)
    form = ClosureForm()
    if form.validate_on_submit():
        with form.refusals("ends_on"):
            _closure, cancelled = services_timetable.close_school(
                school, form.starts_on.data, form.ends_on.data, form.label.data, current_user.id, clock.now()
            )
            flash(
                ngettext(
                    "L'école est fermée ces jours-là. %(num)d séance est annulée.",
                    "L'école est fermée ces jours-là. %(num)d séances sont annulées.",
                    cancelled,
                ),
                "good",
            )
            return redirect(url_for(".closures", school_id=school.id))
    found = services.closures_of(school.id, clock.today())
    return render_template("attendance/closures.html", school=school, form=form, closures=found)


@bp.post("/closures/<int:closure_id>/remove")
@guards.asks(Action.PLAN_SCHOOL)
def remove_closure(closure_id: int) -> Response:
    """Take a closure back."""
    closure = db.get_or_404(Closure, closure_id)
    guards.require(Action.PLAN_SCHOOL, closure.place)
    services.remove_closure(closure, current_user.id, clock.now())
    flash(_("La fermeture est retirée. Les séances annulées reviennent une par une, depuis le calendrier."), "good")
    return redirect(url_for(".closures", school_id=closure.school_id))


@bp.route("/schools/<int:school_id>/attendance-settings", methods=["GET", "POST"])
@guards.asks(Action.PLAN_SCHOOL)
def attendance_settings(school_id: int) -> Response | str:
    """How early one opens, how long one signs, whether the code of the room is asked for."""
    school = _school(school_id, Action.PLAN_SCHOOL)
    form = SettingsForm(obj=settings_of(school.id))
    if form.validate_on_submit():
        services.set_settings(
            school,
            {field.name: field.data for field in form if field.name != "csrf_token"},
            current_user.id,
            clock.now(),
        )
        flash(_("Les réglages de présence sont gardés."), "good")
        return redirect(url_for(".attendance_settings", school_id=school.id))
    return render_template("attendance/settings.html", school=school, form=form)


@bp.route("/cohorts/<int:cohort_id>/company-periods", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def company_periods(cohort_id: int) -> Response | str:
    """The periods in a company of a cohort and of its people, and one more."""
    cohort = cohort_for(cohort_id, Action.PLAN_HALF_DAYS)
    form = CompanyPeriodForm()
    people = [SelectChoice(person.id, person.name) for person in services_half_days.people_of(cohort.id)]
    form.person.choices = [SelectChoice(0, _("Toute la promo")), *people]
    if form.validate_on_submit():
        with form.refusals("ends_on"):
            person = db.session.get(Person, form.person.data) if form.person.data else None
            services.add_company_period(
                cohort,
                person,
                form.starts_on.data,
                form.ends_on.data,
                current_user.id,
                clock.now(),
                company=form.company.data or "",
                siret=form.siret.data or "",
                tutor_name=form.tutor_name.data or "",
                tutor_mail=form.tutor_mail.data or "",
                minutes_a_day=form.minutes_a_day.data,
            )
            flash(_("La période en entreprise est notée."), "good")
            return redirect(url_for(".company_periods", cohort_id=cohort.id))
    return render_template(
        "attendance/company_periods.html",
        cohort=cohort,
        form=form,
        periods=services.company_periods(cohort.id),
        weeks=services_company.weeks_in(cohort.id),
    )


@bp.post("/company-periods/<int:period_id>/remove")
@guards.asks(Action.PLAN_HALF_DAYS)
def remove_company_period(period_id: int) -> Response:
    """Take back a period in a company that has not begun."""
    period = db.get_or_404(CompanyPeriod, period_id)
    guards.require(Action.PLAN_HALF_DAYS, period.place)
    services.remove_company_period(period, current_user.id, clock.now())
    flash(_("La période en entreprise est retirée."), "good")
    return redirect(url_for(".company_periods", cohort_id=period.cohort_id))
