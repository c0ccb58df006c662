"""The columns of lists, as the network says them: for every funder or for one, a version each time."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion.models import Funder
from popschool.db import db
from popschool.reports import services_layouts as services
from popschool.reports.forms_lists import COLUMNS_FORMS, RestoreForm, columns_said, columns_shown
from popschool.reports.routes_base import bp
from popschool.reports.rules_lists import COLUMNS, ISSUED, Layout, Listed, UnknownColumn, house_layout
from popschool.reports.services_doors import funders_for
from popschool.web import wording


@bp.get("/network/layouts")
@guards.asks(Action.SEE_NETWORK)
def layouts() -> str:
    """The lists whose columns the network says."""
    guards.require(Action.SEE_NETWORK)
    return render_template("reports/layouts.html", lists=list(Listed))


@bp.route("/network/layouts/<listed>", methods=["GET", "POST"])
@guards.asks(Action.SEE_NETWORK)
def layout(listed: str) -> Response | str:
    """The columns of a list, as they are and as they were; a change is another version."""
    guards.require(Action.SEE_NETWORK)
    of = _listed(listed)
    funder = _funder()
    funder_id = funder.id if funder is not None else None
    # What is sent stands alone: a place left empty takes its column out, and does not come back from what was there.
    form = COLUMNS_FORMS[of](data=columns_shown(_held(of, funder_id)) if request.method == "GET" else None)
    if form.validate_on_submit():
        seen = int(form.seen.data) if (form.seen.data or "").isdecimal() else None
        with form.refusals():
            said = services.say_layout(of, funder_id, columns_said(form, of), current_user, clock.now(), seen=seen)
            flash(_("Les colonnes sont gardées : version %(version)s.", version=said.version), "good")
            return redirect(url_for(".layout", listed=of, funder=funder_id, _anchor="message"))
    versions = services.versions_of(of, funder_id)
    form.seen.data = str(versions[0].version if versions else 0)
    return render_template(
        "reports/layout.html",
        listed=of,
        funder=funder,
        funders=funders_for(None) if of in ISSUED else [],
        form=form,
        restoring=RestoreForm(),
        versions=versions,
        documents=services.documents_laid_out(versions),
        columns=COLUMNS[of],
    )


@bp.post("/network/layouts/<listed>/restore")
@guards.asks(Action.SEE_NETWORK)
def restore_layout(listed: str) -> Response:
    """Take up a version again, as a new one."""
    guards.require(Action.SEE_NETWORK)
    of, funder, form = _listed(listed), _funder(), RestoreForm()
    funder_id = funder.id if funder is not None else None
    version = form.version.data or ""
    if not form.validate_on_submit() or not version.isdecimal():
        abort(404)
    said = services.restore(of, funder_id, int(version), current_user, clock.now()) or abort(404)
    flash(_("Les colonnes sont gardées : version %(version)s.", version=said.version), "good")
    return redirect(url_for(".layout", listed=of, funder=funder_id, _anchor="message"))


def _listed(text: str) -> Listed:
    return Listed(text) if text in list(Listed) else abort(404)


def _funder() -> Funder | None:
    wanted = request.args.get("funder", type=int)
    return db.get_or_404(Funder, wanted) if wanted else None


def _held(listed: Listed, funder_id: int | None) -> Layout:
    """Return the columns that hold; those of the house when the last ones can no longer be followed."""
    try:
        return services.layout_for(listed, funder_id)
    except UnknownColumn as wrong:
        flash(wording.sentence(wrong), "bad")
        return house_layout(listed)
