"""A trainer's way: projects set to a cohort, their dates, more time for one person, another revision of the course."""

from datetime import datetime, time, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses.models import Revision
from popschool.db import db
from popschool.projects import rules, services_moves
from popschool.projects import services_assignments as services
from popschool.projects.forms import AssignmentForm, ConfirmForm, ExtensionForm, NewAssignmentForm
from popschool.projects.models import Assignment, Extension
from popschool.projects.routes_base import bp
from popschool.schools.models import Cohort, Person

SIZES = {"alone": 1, "pair": 2}


def _cohort(cohort_id: int, action: Action) -> Cohort:
    found = db.get_or_404(Cohort, cohort_id)
    guards.require(action, found.place)
    return found


@bp.get("/cohorts/<int:cohort_id>/assignments")
@guards.asks(Action.SEE_COHORT)
def cohort_assignments(cohort_id: int) -> str:
    """What is set to a cohort, by due date."""
    found = _cohort(cohort_id, Action.SEE_COHORT)
    return render_template(
        "projects/cohort_assignments.html",
        cohort=found,
        lines=services.assignments_of(found),
        now=clock.now(),
        may_set=guards.allowed(Action.SET_ASSIGNMENT, found.place),
    )


def _local(day, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.here())


def _window(form: AssignmentForm) -> rules.Window:
    return rules.Window(form.opens_at.data, form.due_at.data, form.closes_at.data)


@bp.route("/cohorts/<int:cohort_id>/assignments/new", methods=["GET", "POST"])
@guards.asks(Action.SET_ASSIGNMENT)
def set_assignment(cohort_id: int) -> Response | str:
    """Set a project of the cohort's programme, with sensible dates to begin with."""
    found = _cohort(cohort_id, Action.SET_ASSIGNMENT)
    taken = {line.assignment.project_id for line in services.assignments_of(found)}
    posted = request.form.get("project")  # clicked twice, it was just taken
    versions = [
        one
        for one in services.projects_of(found)
        if one.data["deliverables"] and (one.project_id not in taken or str(one.project_id) == posted)
    ]
    today = clock.today()
    first = versions[0] if versions else None
    asked = next((one for one in versions if str(one.project_id) == request.args.get("project")), first)
    form = NewAssignmentForm(
        opens_at=_local(today, 9),
        due_at=_local(today + timedelta(days=4), 18),
        closes_at=_local(max(found.ends_on, today), 18),
        project=asked.project_id if asked else None,
        work=asked.work if asked else "alone",
        team_size=asked.team_size if asked else 3,
    )
    form.project.choices = [SelectChoice(one.project_id, f"{one.position}. {one.title}") for one in versions]
    if versions and form.validate_on_submit():
        version = next(one for one in versions if one.project_id == form.project.data)
        size = SIZES.get(form.work.data) or form.team_size.data or version.team_size or 3
        with form.refusals("due_at"):
            made = services.set_assignment(
                found, version, _window(form), form.work.data, size, form.teams_by.data, current_user.id, clock.now()
            )
            flash(_("%(title)s est donné à la promo.", title=version.title), "good")
            if made.work != "alone" and made.teams_by == "trainer":
                return redirect(url_for(".teams", assignment_id=made.id))
            return redirect(url_for(".cohort_assignments", cohort_id=found.id))
    return render_template("projects/set_assignment.html", form=form, cohort=found, versions=versions)


def _assignment(assignment_id: int, action: Action) -> Assignment:
    found = db.get_or_404(Assignment, assignment_id)
    guards.require(action, found.place)
    if found.withdrawn_at is not None:
        abort(404)
    return found


def _title(assignment: Assignment) -> str:
    version = services.version_for(assignment.project_id, services.number_of(assignment.cohort))
    return version.title if version else ""


@bp.route("/assignments/<int:assignment_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.SET_ASSIGNMENT)
def edit_assignment(assignment_id: int) -> Response | str:
    """Change the dates, or take the assignment back while nothing was sent."""
    found = db.get_or_404(Assignment, assignment_id)
    guards.require(Action.SET_ASSIGNMENT, found.place)
    if found.withdrawn_at is not None and not request.form.get("withdraw"):
        abort(404)
    form, title = AssignmentForm(obj=found), _title(found)
    if request.form.get("withdraw"):
        form = AssignmentForm(obj=found, formdata=None)
        with form.refusals():
            services.withdraw(found, current_user.id, clock.now())
            flash(_("%(title)s est retiré.", title=title), "good")
            return redirect(url_for(".cohort_assignments", cohort_id=found.cohort_id))
    elif form.validate_on_submit():
        with form.refusals("due_at"):
            is_changed = services.change_dates(found, _window(form), title, current_user.id, clock.now())
            said = _("Les dates sont changées. La promo est prévenue.") if is_changed else _("Ce sont déjà ces dates.")
            flash(said, "good")
            return redirect(url_for(".cohort_assignments", cohort_id=found.cohort_id))
    return render_template("projects/edit_assignment.html", form=form, assignment=found, title=title)


@bp.route("/assignments/<int:assignment_id>/extensions", methods=["GET", "POST"])
@guards.asks(Action.GRANT_EXTENSION)
def extensions(assignment_id: int) -> Response | str:
    """Give one person more time."""
    found = _assignment(assignment_id, Action.GRANT_EXTENSION)
    people = services.learners_of(found.cohort_id, clock.now())
    form = ExtensionForm(due_at=max(found.due_at, clock.now()) + timedelta(days=2))
    form.person.choices = [SelectChoice(person.id, person.name) for person in people]
    if form.validate_on_submit():
        person = next(one for one in people if one.id == form.person.data)
        with form.refusals("due_at"):
            services.grant_extension(
                found, person, form.due_at.data, form.reason.data or "", current_user.id, clock.now()
            )
            flash(_("%(name)s a plus de temps, et vient d'être prévenu ou prévenue.", name=person.name), "good")
            return redirect(url_for(".extensions", assignment_id=found.id))
    granted = db.session.execute(
        db.select(Extension, Person)
        .join(Person, Person.id == Extension.person_id)
        .where(Extension.assignment_id == found.id)
        .order_by(Extension.id.desc())
    ).all()
    return render_template(
        "projects/extensions.html", form=form, assignment=found, title=_title(found), granted=granted
    )


@bp.route("/cohorts/<int:cohort_id>/revision", methods=["GET", "POST"])
@guards.asks(Action.MOVE_REVISION)
def move_revision(cohort_id: int) -> Response | str:
    """Which revision of the course the cohort reads, and what another one would change, for whom."""
    found = _cohort(cohort_id, Action.MOVE_REVISION)
    revisions = services_moves.revisions_of(found)
    asked = request.values.get("to", "")
    goal = next((one for one in revisions if str(one.number) == asked and one.id != found.revision_id), None)
    form = ConfirmForm()
    if goal is not None and form.validate_on_submit():
        with form.refusals():
            services_moves.move_revision(found, goal, current_user.id, clock.now())
            flash(_("La promo lit maintenant la version %(number)d du cours.", number=goal.number), "good")
            return redirect(url_for(".move_revision", cohort_id=found.id))
    return render_template(
        "projects/move_revision.html",
        cohort=found,
        revisions=revisions,
        goal=goal,
        form=form,
        current=db.session.get(Revision, found.revision_id),
        impact=services_moves.impact(found, goal, clock.now()) if goal is not None else None,
    )
