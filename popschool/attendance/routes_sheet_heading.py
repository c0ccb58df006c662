"""What the sheets of a cohort print of its session and of who pays."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import sheet_heading as services
from popschool.attendance.forms import HeadingForm
from popschool.attendance.models_sheets import SheetHeading
from popschool.attendance.routes_base import bp
from popschool.attendance.rules_papers import read_funders, write_funders
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import Cohort


@bp.route("/cohorts/<int:cohort_id>/sheet-heading", methods=["GET", "POST"])
@guards.asks(Action.EDIT_COHORT)
def sheet_heading(cohort_id: int) -> Response | str:
    """Session, funders, agreements, logo: printed on the sheets closed from now on."""
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.EDIT_COHORT, cohort.place)
    kept = db.session.get(SheetHeading, cohort.id)
    form = HeadingForm(data=_typed(kept) if kept else None)
    if form.validate_on_submit():
        file = form.logo.data if form.logo.data and form.logo.data.filename else None
        with form.refusals("logo"):
            services.edit_heading(
                cohort,
                services.Heading(
                    session_number=form.session_number.data or "",
                    funders=read_funders(form.funders.data or ""),
                    is_funded_by_union=form.is_funded_by_union.data,
                    logo=file.read() if file else b"",
                    logo_name=file.filename if file else "",
                    keeps_logo=not form.remove_logo.data,
                ),
                current_user.id,
                clock.now(),
            )
            flash(_("C'est gardé. Les prochaines feuilles le diront ; celles d'avant ne changent pas."), "good")
            return redirect(url_for(".sheets", cohort_id=cohort.id, _anchor="message"))
    has_logo = bool(kept and kept.logo_hash)
    return render_template("attendance/sheet_heading.html", cohort=cohort, form=form, has_logo=has_logo)


def _typed(kept: SheetHeading) -> dict[str, Any]:
    """Return a heading as its form shows it."""
    return {
        "session_number": kept.session_number,
        "funders": write_funders(kept.funders),
        "is_funded_by_union": kept.is_funded_by_union,
    }
