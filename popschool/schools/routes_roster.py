"""A roster that fills a cohort: read first, then all of it or nothing."""

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.schools import importing, roster
from popschool.schools.forms import RosterForm
from popschool.schools.models import Cohort
from popschool.schools.routes_base import bp
from popschool.schools.routes_cohorts import find_cohort
from popschool.web.forms import mark_refused

LINES_SHOWN = 100


@bp.route("/cohorts/<int:cohort_id>/import", methods=["GET", "POST"])
@guards.asks(Action.ENROL)
def import_roster(cohort_id: int) -> Response | str:
    """Bring a roster in: looked at first, then all of it or nothing."""
    found = find_cohort(cohort_id, Action.ENROL)
    form, plan = RosterForm(), None
    if form.validate_on_submit():
        with form.refusals():
            try:
                text = _text(form)
                if not text:
                    form.refuse(_("Choisissez un fichier ou collez une liste."), "file")
                elif request.form.get("do") == "import":
                    return _import(text, found)
                else:
                    plan = importing.plan_import(text, found, clock.today())
            except roster.RosterRefused as refused:
                plan = importing.Plan(problems=refused.problems)
    if plan is not None and plan.problems:
        mark_refused()
    return render_template("schools/import.html", form=form, cohort=found, plan=plan, most=LINES_SHOWN)


def _text(form: RosterForm) -> str:
    """Return the list of the file, or the one that was pasted. The form shows it, to be corrected there."""
    if form.file.data and form.file.data.filename:
        form.text.data = roster.decode(form.file.data.read(roster.LARGEST + 1))
        if not form.text.data.strip():
            raise roster.RosterRefused(roster.read_roster("").problems)
    return form.text.data or ""


def _import(text: str, cohort: Cohort) -> Response:
    done = importing.import_roster(text, cohort, current_user.id, clock.now(), clock.today())
    count = len(done.enrolled)
    if count:
        flash(ngettext("%(num)d personne a une place.", "%(num)d personnes ont une place.", count), "good")
    else:
        flash(_("Tout le monde avait déjà sa place. Rien n'a changé."), "good")
    return redirect(url_for("auth.cohort_invitations", cohort_id=cohort.id))


@bp.get("/cohorts/<int:cohort_id>/import/template.csv")
@guards.asks(Action.ENROL)
@guards.names_nobody
def roster_template(cohort_id: int) -> Response:
    """The titles of a roster, ready for a spreadsheet."""
    find_cohort(cohort_id, Action.ENROL)
    response = FlaskResponse("\ufeff" + roster.TEMPLATE, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="modele-promo.csv"'
    return response
