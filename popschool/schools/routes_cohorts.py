"""Cohorts' pages: their people, trainers, dates, and the roster that fills them."""

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db, transaction
from popschool.schools import cohorts as services
from popschool.schools import importing, people, roster, rules
from popschool.schools.forms import (
    REASONS,
    CohortForm,
    ConfirmForm,
    EndForm,
    EnrolForm,
    LeaveForm,
    MoveForm,
    PlaceForm,
    RosterForm,
)
from popschool.schools.models import Cohort, Enrolment, Person, Posting
from popschool.schools.routes_base import bp, reach
from popschool.web import languages


@bp.get("/cohorts")
@guards.asks(Action.SEE_COHORTS)
def cohorts() -> str:
    """The cohorts that the person here works with."""
    guards.require(Action.SEE_COHORTS)
    schools, trained = reach()
    lines = services.list_cohorts(schools, trained, clock.today())
    return render_template("schools/cohorts.html", lines=lines, today=clock.today(), schools=schools)


def _cohort(cohort_id: int, action: Action) -> Cohort:
    found = db.get_or_404(Cohort, cohort_id)
    guards.require(action, found.place)
    return found


@bp.get("/cohorts/<int:cohort_id>")
@guards.asks(Action.SEE_COHORT)
def cohort(cohort_id: int) -> str:
    """One cohort: who is in it, who trains it, what can be done."""
    found = _cohort(cohort_id, Action.SEE_COHORT)
    return render_template(
        "schools/cohort.html",
        cohort=found,
        places=services.places_in(found),
        postings=services.postings_in(found),
        today=clock.today(),
        reasons=REASONS,
        may_edit=guards.allowed(Action.EDIT_COHORT, found.place),
        may_train=guards.allowed(Action.SET_ASSIGNMENT, found.place),
    )


@bp.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.EDIT_COHORT)
def edit_cohort(cohort_id: int) -> Response | str:
    """Change the name and the dates."""
    found = _cohort(cohort_id, Action.EDIT_COHORT)
    form = CohortForm(obj=found)
    if form.validate_on_submit():
        with form.refusals():
            services.edit_cohort(
                found, form.name.data or "", form.starts_on.data, form.ends_on.data, current_user.id, clock.now()
            )
            flash(_("La promo est à jour."), "good")
            return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/cohort_form.html", form=form, cohort=found)


@bp.route("/cohorts/<int:cohort_id>/archive", methods=["GET", "POST"])
@guards.asks(Action.EDIT_COHORT)
def archive_cohort(cohort_id: int) -> Response | str:
    """Put a cohort away, or take it out again."""
    found = _cohort(cohort_id, Action.EDIT_COHORT)
    form = ConfirmForm()
    if form.validate_on_submit():
        act = services.reopen if found.archived_at else services.archive
        act(found, current_user.id, clock.now())
        flash(_("La promo est archivée.") if found.archived_at else _("La promo est ouverte de nouveau."), "good")
        return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/archive.html", cohort=found, form=form)


@bp.route("/cohorts/<int:cohort_id>/people/new", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def enrol_new(cohort_id: int) -> Response | str:
    """Add a person who is not known yet, with their place."""
    found = _cohort(cohort_id, Action.ENROL)
    form = EnrolForm(starts_on=max(clock.today(), found.starts_on), ends_on=found.ends_on)
    if form.validate_on_submit():
        with form.refusals():
            now = clock.now()
            with transaction():
                person = people.create_person(
                    form.first_name.data,
                    form.last_name.data,
                    form.mail.data,
                    form.phone.data,
                    form.number.data,
                    found.school_id,
                    current_user.id,
                    now,
                )
                services.enrol(person, found, form.starts_on.data, form.ends_on.data, current_user.id, now)
            flash(_("%(name)s a une place dans la promo.", name=person.name), "good")
            return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/enrol_new.html", form=form, cohort=found)


@bp.route("/cohorts/<int:cohort_id>/people/<int:person_id>/enrol", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def enrol_known(cohort_id: int, person_id: int) -> Response | str:
    """Give a place to a person who is known already."""
    found = _cohort(cohort_id, Action.ENROL)
    person = _visible(person_id)
    form = PlaceForm(starts_on=max(clock.today(), found.starts_on), ends_on=found.ends_on)
    if form.validate_on_submit():
        with form.refusals():
            services.enrol(person, found, form.starts_on.data, form.ends_on.data, current_user.id, clock.now())
            flash(_("%(name)s a une place dans la promo.", name=person.name), "good")
            return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/enrol_known.html", form=form, cohort=found, person=person)


def _visible(person_id: int) -> Person:
    """Return a person that whoever is here may see; 404 otherwise."""
    schools, trained = reach()
    query = people.visible_people(schools, trained).where(Person.id == person_id)
    return db.one_or_404(query)


@bp.route("/enrolments/<int:enrolment_id>/leave", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def leave(enrolment_id: int) -> Response | str:
    """Record the end of a place, with its reason; or correct it."""
    enrolment = db.get_or_404(Enrolment, enrolment_id)
    guards.require(Action.ENROL, enrolment.place)
    form = LeaveForm(
        left_on=enrolment.left_on or min(clock.today(), enrolment.ends_on),
        reason=enrolment.exit_reason,
        note=enrolment.exit_note,
    )
    if request.method == "POST" and request.form.get("undo") and enrolment.left_on:
        services.take_back_end(enrolment, current_user.id, clock.now())
        flash(_("%(name)s a de nouveau sa place.", name=enrolment.person.name), "good")
        return redirect(url_for(".cohort", cohort_id=enrolment.cohort_id))
    if form.validate_on_submit():
        with form.refusals("left_on"):
            services.end_enrolment(
                enrolment,
                form.left_on.data,
                rules.ExitReason(form.reason.data),
                form.note.data or "",
                current_user.id,
                clock.now(),
            )
            flash(_("La sortie %(whose)s est notée.", whose=languages.of_person(enrolment.person.name)), "good")
            return redirect(url_for(".cohort", cohort_id=enrolment.cohort_id))
    return render_template("schools/leave.html", form=form, enrolment=enrolment)


@bp.route("/enrolments/<int:enrolment_id>/move", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def move(enrolment_id: int) -> Response | str:
    """Move a learner to another cohort; what they did follows them."""
    enrolment = db.get_or_404(Enrolment, enrolment_id)
    guards.require(Action.ENROL, enrolment.place)
    schools, _trained = reach()
    goals = [
        line
        for line in services.list_cohorts(schools, frozenset(), clock.today())
        if line.cohort.id != enrolment.cohort_id
        and line.cohort.archived_at is None
        and line.cohort.ends_on >= clock.today()
    ]
    form = MoveForm(on=clock.today())
    form.cohort.choices = [(line.cohort.id, f"{line.cohort.code}, {line.school.name}") for line in goals]
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
        services.end_posting(posting, form.on.data, current_user.id, clock.now())
        flash(_("C'est noté."), "good")
        return redirect(url_for(".cohort", cohort_id=posting.cohort_id))
    return render_template("schools/end_posting.html", form=form, posting=posting)


@bp.route("/cohorts/<int:cohort_id>/import", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def import_roster(cohort_id: int) -> Response | str:
    """Bring a roster in: looked at first, then all of it or nothing."""
    found = _cohort(cohort_id, Action.ENROL)
    form, plan = RosterForm(), None
    if form.validate_on_submit():
        if form.file.data and form.file.data.filename:
            form.text.data = roster.decode(form.file.data.read(roster.LARGEST + 1))
        text = form.text.data or ""
        if not text.strip():
            form.refuse(_("Choisissez un fichier ou collez une liste."), "file")
        elif request.form.get("do") == "import":
            with form.refusals():
                try:
                    done = importing.import_roster(text, found, current_user.id, clock.now(), clock.today())
                    count = len(done.fresh) + len(done.known)
                    flash(ngettext("%(num)d personne a une place.", "%(num)d personnes ont une place.", count), "good")
                    return redirect(url_for("auth.cohort_invitations", cohort_id=found.id))
                except importing.RosterRefused:
                    plan = importing.plan_import(text, found, clock.today())
        else:
            plan = importing.plan_import(text, found, clock.today())
    return render_template("schools/import.html", form=form, cohort=found, plan=plan)


@bp.get("/cohorts/<int:cohort_id>/import/template.csv")
@guards.asks(Action.ENROL)
def roster_template(cohort_id: int) -> Response:
    """The titles of a roster, ready for a spreadsheet."""
    _cohort(cohort_id, Action.ENROL)
    response = FlaskResponse("\ufeff" + roster.TEMPLATE, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="modele-promo.csv"'
    return response
