"""The timetable of a cohort: its month, its week, half-days made, added, moved and cancelled."""

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.attendance import rules, services_half_days, services_planning
from popschool.attendance import services_timetable as services
from popschool.attendance.forms_timetable import (
    ChangeForm,
    HalfDayForm,
    PeriodForm,
    ReasonForm,
    WeekForm,
    week_data,
)
from popschool.attendance.models import HalfDay
from popschool.attendance.routes_base import bp, half_day_for
from popschool.attendance.rules import Half
from popschool.attendance.words import closed_name
from popschool.auth import guards
from popschool.auth import services as auth_services
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import Cohort
from popschool.schools.rules import check_dates

WEEKS_SHOWN = 5
LONGEST_MADE = timedelta(days=370)


def cohort_for(cohort_id: int, action: Action) -> Cohort:
    """Return a cohort that the person here may do that with; 404 otherwise."""
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(action, cohort.place)
    return cohort


@bp.get("/cohorts/<int:cohort_id>/timetable")
@guards.asks(Action.SEE_HALF_DAY)
def timetable(cohort_id: int) -> str:
    """Five weeks of a cohort, its closed days, and what can be done."""
    cohort = cohort_for(cohort_id, Action.SEE_HALF_DAY)
    first = _asked_monday(cohort)
    last = first + timedelta(weeks=WEEKS_SHOWN) - timedelta(days=1)
    half_days = services_half_days.half_days_of([cohort.id], first, last, with_cancelled=True)
    weeks: dict[date, list[HalfDay]] = {first + timedelta(weeks=place): [] for place in range(WEEKS_SHOWN)}
    for half_day in half_days:
        weeks[rules.monday_of(half_day.on)].append(half_day)
    return render_template(
        "attendance/timetable.html",
        cohort=cohort,
        weeks=weeks,
        first=first,
        before=first - timedelta(weeks=WEEKS_SHOWN),
        after=first + timedelta(weeks=WEEKS_SHOWN),
        left_out=services_planning.closed_days(cohort.school_id, first, last),
        periods=services_planning.company_periods(cohort.id),
        may_plan=guards.allowed(Action.PLAN_HALF_DAYS, cohort.place),
        may_manage=guards.allowed(Action.EDIT_COHORT, cohort.place),
        today=clock.today(),
    )


def _asked_monday(cohort: Cohort) -> date:
    """Return the Monday that the address asks for, or this week's within the cohort's dates."""
    try:
        return rules.monday_of(date.fromisoformat(request.args.get("from", "")))
    except ValueError:
        return rules.monday_of(min(max(clock.today(), cohort.starts_on), cohort.ends_on))


@bp.route("/cohorts/<int:cohort_id>/timetable/week", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def set_week(cohort_id: int) -> Response | str:
    """The half-days of the week that come back."""
    cohort = cohort_for(cohort_id, Action.PLAN_HALF_DAYS)
    form = WeekForm(data={"lines": week_data(services.pattern_of(cohort.id))})
    if form.validate_on_submit():
        with form.refusals():
            services.set_pattern(cohort, form.pattern(), current_user.id, clock.now())
            flash(_("La semaine est gardée. Les séances déjà prévues ne changent pas."), "good")
            return redirect(url_for(".make_timetable", cohort_id=cohort.id))
    return render_template("attendance/set_week.html", cohort=cohort, form=form)


@bp.route("/cohorts/<int:cohort_id>/timetable/make", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def make_timetable(cohort_id: int) -> Response | str:
    """Make the half-days of a period: first what would be added, then the button."""
    cohort = cohort_for(cohort_id, Action.PLAN_HALF_DAYS)
    form = PeriodForm(starts_on=max(clock.today(), cohort.starts_on), ends_on=cohort.ends_on)
    proposal = None
    if form.validate_on_submit():
        with form.refusals():
            check_dates(form.starts_on.data, form.ends_on.data)
            if "confirm" in request.form:
                made = services.make_timetable(
                    cohort, form.starts_on.data, form.ends_on.data, current_user.id, clock.now()
                )
                flash(ngettext("%(num)d séance ajoutée.", "%(num)d séances ajoutées.", made), "good")
                return redirect(url_for(".timetable", cohort_id=cohort.id, **{"from": form.starts_on.data}))
            proposal = services.propose(cohort, form.starts_on.data, form.ends_on.data)
    return render_template("attendance/make_timetable.html", cohort=cohort, form=form, proposal=proposal)


@bp.route("/cohorts/<int:cohort_id>/half-days/new", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def add_half_day(cohort_id: int) -> Response | str:
    """Plan one half-day, such as an evening or a Saturday."""
    cohort = cohort_for(cohort_id, Action.PLAN_HALF_DAYS)
    form = HalfDayForm(on=max(clock.today(), cohort.starts_on))
    _choices(form, cohort)
    if form.validate_on_submit():
        with form.refusals():
            half_day = services.add_half_day(cohort, _wanted(form), current_user.id, clock.now())
            flash(_("La séance est prévue."), "good")
            _warn_of(half_day)
            return redirect(url_for(".half_day", half_day_id=half_day.id, _anchor="message"))
    return render_template("attendance/half_day_form.html", cohort=cohort, form=form, half_day=None)


@bp.route("/half-days/<int:half_day_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def edit_half_day(half_day_id: int) -> Response | str:
    """Move a half-day that is not open yet, or change its room, its link, its module, who leads it."""
    found = half_day_for(half_day_id, Action.PLAN_HALF_DAYS)
    leaders = [leader.person_id for leader in found.leaders]
    form = ChangeForm(
        obj=found,
        room=found.room_id or 0,
        trainer=leaders[0] if leaders else 0,
        second=leaders[1] if len(leaders) > 1 else 0,
    )
    _choices(form, found.cohort)
    if form.validate_on_submit():
        with form.refusals():
            services.change_half_day(found, _wanted(form), form.reason.data, current_user.id, clock.now())
            flash(_("La séance a changé. La raison est gardée."), "good")
            _warn_of(found)
            return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))
    return render_template(
        "attendance/half_day_form.html",
        cohort=found.cohort,
        form=form,
        half_day=found,
        changes=services.changes_of(found.id),
    )


@bp.route("/half-days/<int:half_day_id>/cancel", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def cancel_half_day(half_day_id: int) -> Response | str:
    """Say that a half-day does not take place, with the reason; or take it back."""
    found = half_day_for(half_day_id, Action.PLAN_HALF_DAYS)
    form = ReasonForm()
    if found.cancelled_at is not None and request.method == "POST":
        with form.refusals():
            services.restore_half_day(found, current_user.id, clock.now())
            flash(_("La séance a lieu, comme prévu."), "good")
            return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))
    elif form.validate_on_submit():
        with form.refusals():
            services.cancel_half_day(found, form.reason.data, current_user.id, clock.now())
            flash(_("La séance est annulée. Vous pouvez revenir en arrière."), "good")
            return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))
    return render_template("attendance/cancel.html", half_day=found, form=form)


def _warn_of(half_day: HalfDay) -> None:
    """Say that a day is one on which the school is closed; it may still be meant."""
    for _day, label in services_planning.closed_days(half_day.school_id, half_day.on, half_day.on):
        said = _("Ce jour-là, l'école est fermée : %(why)s. La séance est prévue quand même.", why=closed_name(label))
        flash(said, "warn")
    if half_day.on.isoweekday() == 7:
        flash(_("Ce jour est un dimanche. La séance est prévue quand même."), "warn")


def _choices(form: HalfDayForm, cohort: Cohort) -> None:
    rooms = services_planning.rooms_of(cohort.school_id)
    named = [SelectChoice(room.id, f"{room.name} ({room.capacity})") for room in rooms]
    form.room.choices = [SelectChoice(0, _("Aucune")), *named]
    trainers = [SelectChoice(one.id, one.name) for one in auth_services.read_trainers(cohort.school_id)]
    form.trainer.choices = [SelectChoice(0, _("Personne pour le moment")), *trainers]
    form.second.choices = [SelectChoice(0, _("Personne d'autre")), *trainers]


def _wanted(form: HalfDayForm) -> services.Wanted:
    trainers = dict.fromkeys(one for one in (form.trainer.data, form.second.data) if one)
    return services.Wanted(
        on=form.on.data,
        half=Half(form.half.data),
        starts=form.starts.data,
        ends=form.ends.data,
        pause_minutes=form.pause_minutes.data or 0,
        room_id=form.room.data or None,
        place_text=form.place_text.data or "",
        link=form.link.data or "",
        module=form.module.data or "",
        trainers=tuple(trainers),
    )
