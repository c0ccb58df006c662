"""What a funder says of a school's motives of absence, and the list of absences that it is given."""

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance.services_codes import motives_of
from popschool.attendance.services_months import last_day, month_of
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_codes
from popschool.completion import services_codes as services
from popschool.completion.forms import FunderCodeForm
from popschool.completion.models import Funder
from popschool.completion.routes_base import bp, school_for
from popschool.completion.services_funding import funders_of
from popschool.schools.models import School
from popschool.spreadsheets import FileForm, Table
from popschool.web.tables import form_named, sent

MONTHS_OFFERED = 6


def _funder(school: School, funder_id: int) -> Funder:
    found = next((one for one in funders_of(school.id) if one.id == funder_id), None)
    return found or abort(404)


@bp.get("/schools/<int:school_id>/funders/<int:funder_id>/absence-codes")
@guards.asks(Action.MANAGE_FUNDING)
def funder_codes(school_id: int, funder_id: int) -> str:
    """Each motive of the school as a funder counts it."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    today = clock.today()
    months = [today.replace(day=1)]
    while len(months) < MONTHS_OFFERED:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return render_template(
        "completion/funder_codes.html",
        school=school,
        funder=_funder(school, funder_id),
        lines=services.lines_of(school.id, funder_id, today),
        months=months,
        forms=[(FileForm.CSV, "CSV"), (FileForm.XLSX, "Excel"), (FileForm.ODS, "LibreOffice")],
    )


@bp.route("/schools/<int:school_id>/funders/<int:funder_id>/absence-codes/<code>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def funder_code(school_id: int, funder_id: int, code: str) -> Response | str:
    """Say what a funder thinks of one motive, from a day on."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    funder, motive = _funder(school, funder_id), motives_of(school.id).get(code)
    if motive is None:
        abort(404)
    sayings = [one for one in services.sayings_of(school.id).get(funder.id, []) if one.code == code]
    said = rules_codes.said_of(sayings, code, clock.today())
    form = FunderCodeForm(
        data={
            "is_accepted": "yes" if said is None or said.is_accepted else "no",
            "funder_code": said.funder_code if said else "",
            "words": said.words if said else "",
            "since": clock.today(),
        }
    )
    if form.validate_on_submit():
        services.say_code(
            school.id, funder, code, form.is_accepted.data == "yes", form.funder_code.data or "",
            form.words.data or "", form.since.data, current_user, clock.now(),
        )  # fmt: skip
        flash(_("C'est gardé. Les papiers déjà faits ne changent pas."), "good")
        return redirect(url_for(".funder_codes", school_id=school.id, funder_id=funder.id, _anchor="message"))
    return render_template(
        "completion/funder_code.html", school=school, funder=funder, motive=motive, form=form, said=sayings
    )


@bp.get("/schools/<int:school_id>/funders/<int:funder_id>/absences/<month>.<kind>")
@guards.asks(Action.MANAGE_FUNDING)
def funder_absences(school_id: int, funder_id: int, month: str, kind: str) -> Response:
    """The absences of a month with the funder's codes; who took the list, when and for which month is written down."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    funder, first = _funder(school, funder_id), _first_day(month)
    guards.require_proof()
    rows, people = services.absences_for(school.id, funder, first, last_day(first))
    name, about = f"absences-{school.code}-{first:%Y-%m}", {"school_id": school.id, "month": f"{first:%Y-%m}"}
    response = sent(
        Table(name, services.COLUMNS, rows),
        form_named(kind),
        name,
        lambda count: guards.note_export("absences", funder, people=people, rows=count, **about),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _first_day(month: str) -> date:
    try:
        return month_of(month)
    except ValueError:
        abort(404)
