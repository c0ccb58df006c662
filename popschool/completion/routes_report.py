"""The copy sheet of the yearly report: each figure, how it is made and where it comes from."""

from flask import Response, abort, render_template

from popschool import clock, spreadsheets
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_report
from popschool.completion import services_report as services
from popschool.completion.routes_base import bp, school_for
from popschool.schools.models import School


def _year(school: School, year: int) -> int:
    if year not in services.years_of(school, clock.today()):
        abort(404)
    return year


@bp.get("/schools/<int:school_id>/report/<int:year>")
@guards.asks(Action.MANAGE_FUNDING)
def report(school_id: int, year: int) -> str:
    """A school's part of the bilan pédagogique et financier, to be copied into the official form."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    return render_template(
        "completion/report.html",
        school=school,
        year=_year(school, year),
        years=services.years_of(school, clock.today()),
        found=services.yearly_sheet([school.id], year),
        rules=rules_report,
    )


@bp.get("/schools/<int:school_id>/report/<int:year>.csv")
@guards.asks(Action.MANAGE_FUNDING)
def report_table(school_id: int, year: int) -> Response:
    school = school_for(school_id, Action.MANAGE_FUNDING)
    rows = rules_report.rows(services.yearly_sheet([school.id], _year(school, year)))
    guards.note_export("report", school, school_id=school.id, year=year, rows=len(rows))
    response = Response(spreadsheets.as_csv(services.HEADS, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="bpf-{school.code}-{year}.csv"'
    return response
