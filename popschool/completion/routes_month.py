"""The monthly statement of a cohort: seen, then issued, then replaced when something was wrong."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import services_month as services
from popschool.completion.forms import ReplaceForm
from popschool.completion.models_papers import Document
from popschool.completion.routes_base import bp, months_of
from popschool.completion.routes_papers import mending_of
from popschool.completion.services_facts import cohort_row
from popschool.db import db


@bp.route("/cohorts/<int:cohort_id>/statements/<text>", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def month(cohort_id: int, text: str) -> Response | str:
    """The état de présence of a month, as it would be issued, and what is wrong with it; then it is issued."""
    row = cohort_row(cohort_id, clock.today()) or abort(404)
    cohort = row.Cohort
    guards.require(Action.ISSUE_PAPER, cohort.place)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(404)
    if not cohort.starts_on.replace(day=1) <= first <= cohort.ends_on:
        abort(404)
    wanted = request.args.get("replaces", type=int)
    replaces = db.session.get(Document, wanted) if wanted else None
    if replaces is not None and replaces.cohort_id != cohort.id:
        replaces = None
    funder_id = services.funder_of(replaces) if replaces else request.args.get("funder", type=int)
    one = services.preview(cohort, first, clock.today(), row, funder_id)
    form = ReplaceForm(data={"seen": one.seen})
    if form.validate_on_submit():
        if form.seen.data != one.seen:
            form.refuse(_("Les faits ont changé depuis que vous avez ouvert cette page. Relisez le papier."))
        else:
            with form.refusals("reason" if replaces else None):
                made = services.issue_month(one, current_user, clock.now(), replaces, form.reason.data or "")
                flash(_("Le papier %(number)s est fait.", number=made.number), "good")
                return redirect(url_for(".document", document_id=made.id, _anchor="message"))
        form.seen.data = one.seen
    return render_template(
        "completion/month.html",
        cohort=cohort,
        first=first,
        one=one,
        said=one.content,
        form=form,
        replaces=replaces,
        months=[begins.replace(day=1) for begins, _ends, _name in months_of(cohort)[1:]],
        mend=lambda anomaly, facts=None: mending_of(anomaly, one.of, facts),
    )
