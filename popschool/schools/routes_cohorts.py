"""Cohorts' pages: their list, their people and trainers, their dates."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools import cohorts as services
from popschool.schools import places
from popschool.schools.forms import REASONS, CohortForm, ConfirmForm
from popschool.schools.models import Cohort
from popschool.schools.routes_base import bp, reach_of_cohorts
from popschool.web.paging import LINES, Page, offset, page_number


@bp.get("/cohorts")
@guards.asks(Action.SEE_COHORTS)
def cohorts() -> str:
    """The cohorts that the person here works with."""
    guards.require(Action.SEE_COHORTS)
    reach = reach_of_cohorts()
    total, _open, _people = services.tally(reach, clock.today())
    number = page_number(request.args.get("page"), total)
    lines = services.list_cohorts(reach, clock.today(), offset(number), LINES)
    return render_template("schools/cohorts.html", page=Page(lines, number, total), today=clock.today())


def find_cohort(cohort_id: int, action: Action) -> Cohort:
    """Return a cohort where the person here may do that; 404 when it is not theirs."""
    found = db.get_or_404(Cohort, cohort_id)
    guards.require(action, found.place)
    return found


@bp.get("/cohorts/<int:cohort_id>")
@guards.asks(Action.SEE_COHORT)
def cohort(cohort_id: int) -> str:
    """One cohort: who is in it, who trains it, what can be done."""
    found = find_cohort(cohort_id, Action.SEE_COHORT)
    total = places.count_places(found)
    number = page_number(request.args.get("page"), total)
    may_manage = guards.allowed(Action.EDIT_COHORT, found.place)
    return render_template(
        "schools/cohort.html",
        cohort=found,
        page=Page(places.places_in(found, offset(number), LINES), number, total),
        postings=places.postings_in(found),
        today=clock.today(),
        reasons=REASONS,
        may_manage=may_manage,
        may_edit=may_manage and found.archived_at is None,
        may_train=guards.allowed(Action.SET_ASSIGNMENT, found.place),
    )


@bp.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.EDIT_COHORT)
def edit_cohort(cohort_id: int) -> Response | str:
    """Change the name and the dates."""
    found = find_cohort(cohort_id, Action.EDIT_COHORT)
    form = CohortForm(obj=found)
    if form.validate_on_submit():
        with form.refusals("ends_on"):
            services.edit_cohort(
                found, form.name.data or "", form.starts_on.data, form.ends_on.data, current_user.id, clock.now()
            )
            flash(_("La promo est à jour."), "good")
            return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/cohort_form.html", form=form, cohort=found)


@bp.route("/cohorts/<int:cohort_id>/archive", methods=["GET", "POST"])
@guards.asks(Action.EDIT_COHORT)
def archive_cohort(cohort_id: int) -> Response | str:
    """Put a cohort away."""
    found = find_cohort(cohort_id, Action.EDIT_COHORT)
    form = ConfirmForm()
    if form.validate_on_submit():
        services.archive(found, current_user.id, clock.now())
        flash(_("La promo est archivée."), "good")
        return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template(
        "schools/archive.html", cohort=found, form=form, learners=places.count_learners(found, clock.today())
    )


@bp.route("/cohorts/<int:cohort_id>/reopen", methods=["GET", "POST"])
@guards.asks(Action.EDIT_COHORT)
def reopen_cohort(cohort_id: int) -> Response | str:
    """Take an archived cohort out again."""
    found = find_cohort(cohort_id, Action.EDIT_COHORT)
    form = ConfirmForm()
    if form.validate_on_submit():
        services.reopen(found, current_user.id, clock.now())
        flash(_("La promo est ouverte de nouveau."), "good")
        return redirect(url_for(".cohort", cohort_id=found.id))
    return render_template("schools/reopen.html", cohort=found, form=form)
