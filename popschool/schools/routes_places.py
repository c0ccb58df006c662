"""Places in a cohort: given, changed, ended, moved; and until when a trainer follows one."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools import cohorts, importing, people, rules
from popschool.schools import places as services
from popschool.schools.forms import EndForm, EnrolForm, LeaveForm, MoveForm, PlaceForm
from popschool.schools.models import Cohort, Enrolment, Person, Posting
from popschool.schools.routes_base import bp, identity_refusals, reach, reach_of_cohorts
from popschool.schools.routes_cohorts import find_cohort
from popschool.web import languages


def _first_day(cohort: Cohort) -> dict:
    """Return the dates that a place has unless others are given."""
    starts_on = min(max(clock.today(), cohort.starts_on), cohort.ends_on)
    return {"starts_on": starts_on, "ends_on": cohort.ends_on}


@bp.route("/cohorts/<int:cohort_id>/people/new", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def enrol_new(cohort_id: int) -> Response | str:
    """Add somebody to a cohort: a new person, or one who is known by this name and this mail, phone or number."""
    found = find_cohort(cohort_id, Action.ENROL)
    form = EnrolForm(**_first_day(found))
    if form.validate_on_submit():
        with identity_refusals(form):
            person = importing.bring_in(
                found,
                form.first_name.data,
                form.last_name.data,
                mail=form.mail.data,
                phone=form.phone.data,
                number=form.number.data,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                actor_id=current_user.id,
                now=clock.now(),
            )
            flash(_("%(name)s a une place dans la promo.", name=person.name), "good")
            return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/enrol_new.html", form=form, cohort=found)


@bp.get("/people/<int:person_id>/enrol")
@guards.asks(Action.ENROL)
def choose_cohort(person_id: int) -> str:
    """Choose the cohort where somebody who is known gets a place."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.ENROL, guards.place_of(person))
    goals = cohorts.list_goals(reach_of_cohorts(), clock.today())
    return render_template("schools/choose_cohort.html", person=person, goals=goals)


@bp.route("/cohorts/<int:cohort_id>/people/<int:person_id>/enrol", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def enrol_known(cohort_id: int, person_id: int) -> Response | str:
    """Give a place to a person who is known already."""
    found = find_cohort(cohort_id, Action.ENROL)
    schools, trained = reach()
    visible = people.visible_people(schools, trained, guards.staff_of(schools or ()))
    person = db.one_or_404(visible.where(Person.id == person_id))
    form = PlaceForm(**_first_day(found))
    if form.validate_on_submit():
        with form.refusals("starts_on"):
            services.enrol(person, found, form.starts_on.data, form.ends_on.data, current_user.id, clock.now())
            flash(_("%(name)s a une place dans la promo.", name=person.name), "good")
            return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/enrol_known.html", form=form, cohort=found, person=person)


def _enrolment(enrolment_id: int) -> Enrolment:
    """Return a place that the person here may change; a former learner of the cohort sees it, and no more."""
    found = db.get_or_404(Enrolment, enrolment_id)
    guards.require(Action.ENROL, found.place)
    return found


@bp.route("/enrolments/<int:enrolment_id>/dates", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def edit_place(enrolment_id: int) -> Response | str:
    """Change the dates that were planned."""
    enrolment = _enrolment(enrolment_id)
    form = PlaceForm(obj=enrolment)
    if form.validate_on_submit():
        with form.refusals("ends_on"):
            services.edit_place(enrolment, form.starts_on.data, form.ends_on.data, current_user.id, clock.now())
            flash(_("Les dates %(whose)s sont à jour.", whose=languages.of_person(enrolment.person.name)), "good")
            return redirect(url_for(".cohort", cohort_id=enrolment.cohort_id))
    return render_template("schools/place_dates.html", form=form, enrolment=enrolment)


@bp.route("/enrolments/<int:enrolment_id>/leave", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def leave(enrolment_id: int) -> Response | str:
    """Record the end of a place, with its reason; or correct it, or take it back."""
    enrolment = _enrolment(enrolment_id)
    following = services.next_place(enrolment)
    form = LeaveForm(
        left_on=enrolment.left_on or min(clock.today(), enrolment.ends_on),
        reason=enrolment.exit_reason,
        note=enrolment.exit_note if following is None else "",
    )
    is_undo = request.method == "POST" and bool(request.form.get("undo")) and enrolment.left_on is not None
    if is_undo or form.validate_on_submit():
        with form.refusals(None if is_undo else "left_on"):
            if is_undo:
                services.take_back_end(enrolment, current_user.id, clock.now())
                flash(_("%(name)s a de nouveau sa place.", name=enrolment.person.name), "good")
            else:
                reason, note = rules.ExitReason(form.reason.data), form.note.data or ""
                services.end_enrolment(enrolment, form.left_on.data, reason, note, current_user.id, clock.now())
                flash(_("La sortie %(whose)s est notée.", whose=languages.of_person(enrolment.person.name)), "good")
            return redirect(url_for(".cohort", cohort_id=enrolment.cohort_id))
    return render_template("schools/leave.html", form=form, enrolment=enrolment, following=following)


@bp.route("/enrolments/<int:enrolment_id>/move", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def move(enrolment_id: int) -> Response | str:
    """Move a learner to another cohort; what they did follows them."""
    enrolment = _enrolment(enrolment_id)
    goals = cohorts.list_goals(reach_of_cohorts(), clock.today(), besides=enrolment.cohort_id)
    form = MoveForm(on=clock.today())
    form.cohort.choices = [SelectChoice(line.cohort.id, f"{line.cohort.code}, {line.school.name}") for line in goals]
    if form.validate_on_submit():
        with form.refusals("on"):
            goal = next(line.cohort for line in goals if line.cohort.id == form.cohort.data)
            services.move(enrolment, goal, form.on.data, current_user.id, clock.now())
            flash(_("%(name)s change de promo. Son historique suit.", name=enrolment.person.name), "good")
            return redirect(url_for(".cohort", cohort_id=goal.id))
    return render_template("schools/move.html", form=form, enrolment=enrolment, goals=goals)


@bp.route("/postings/<int:posting_id>/end", methods=["GET", "POST"])
@guards.asks(Action.POST_TRAINER)
def end_posting(posting_id: int) -> Response | str:
    """Say until when a trainer follows a cohort."""
    posting = db.get_or_404(Posting, posting_id)
    guards.require(Action.POST_TRAINER, posting.cohort.place)
    form = EndForm(on=posting.ends_on or clock.today())
    if form.validate_on_submit():
        with form.refusals("on"):
            services.end_posting(posting, form.on.data, current_user.id, clock.now())
            flash(_("C'est noté."), "good")
            return redirect(url_for(".cohort", cohort_id=posting.cohort_id))
    return render_template("schools/end_posting.html", form=form, posting=posting)
