"""The rows under the yearly report: the people of a line, the days of one of them, and the papers that say them."""

from datetime import date

from flask import abort, render_template
from sqlalchemy.orm import joinedload

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_report as rules
from popschool.completion import services_report as services
from popschool.completion.routes_base import bp, school_for
from popschool.completion.services_figures import period_of
from popschool.db import db
from popschool.schools.models import Enrolment, School

LABELS = {"F-1": rules.LINES_F1, "F-3": rules.LINES_F3}


def _period(school: School, year: int) -> tuple[date, date]:
    """Return the first and the last day of a year that may be copied, or of the next; 404 for another."""
    years = services.years_of(school, clock.today())
    return period_of(year) if year in (years[0] + 1, *years) else abort(404)


@bp.get("/schools/<int:school_id>/report/<int:year>/<any('F-1', 'F-3', 'F-4', 'G'):frame>/<line>")
@guards.asks(Action.MANAGE_FUNDING)
def report_line(school_id: int, year: int, frame: str, line: str) -> str:
    """The people and the minutes that one line adds up."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    found = rules.in_line(services.places_of_year([school.id], *_period(school, year)), frame, line)
    label = LABELS.get(frame, {}).get(line, line)
    return render_template(
        "completion/report_line.html", school=school, year=year, part=frame, line=line, label=label, places=found
    )


@bp.get("/enrolments/<int:enrolment_id>/report/<int:year>")
@guards.asks(Action.MANAGE_FUNDING)
def report_place(enrolment_id: int, year: int) -> str:
    """The days of a place that the report counts, the lines that they went to, and the papers that say them."""
    enrolment = db.get_or_404(
        Enrolment, enrolment_id, options=[joinedload(Enrolment.person), joinedload(Enrolment.cohort)]
    )
    school = school_for(enrolment.school_id, Action.MANAGE_FUNDING)
    first, last = _period(school, year)
    places = services.places_of_year([school.id], first, last)
    own = next((one for one in places if one.enrolment_id == enrolment.id), None)
    return render_template(
        "completion/report_place.html",
        school=school,
        year=year,
        enrolment=enrolment,
        place=own,
        lines=rules.lines_of(own, rules.codes_shown(places)) if own else [],
        labels_of=lambda frame, line: LABELS.get(frame, {}).get(line, line),
        days=services.days_of_year(enrolment.id, first, last),
        documents=services.documents_of_year(enrolment, first, last),
    )
