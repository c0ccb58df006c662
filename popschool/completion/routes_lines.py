"""The rows under the yearly report: the people of a line, the days of one of them, and the papers that say them."""

from collections.abc import Sequence
from datetime import date

from flask import abort, render_template, request
from sqlalchemy.orm import joinedload

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_figures, words_report
from popschool.completion import rules_report as rules
from popschool.completion import services_report as services
from popschool.completion import services_report_kept as kept
from popschool.completion import services_report_lines as rows
from popschool.completion.routes_base import bp, school_for
from popschool.completion.services_figures import period_of, versions_of
from popschool.db import db
from popschool.schools import network as schools
from popschool.schools.models import Enrolment, Person, School
from popschool.web.paging import LINES, Page, offset, page_number

LINE = "<any('C', 'D', 'E', 'F-1', 'F-2', 'F-3', 'F-4', 'G'):frame>/<line>"


def _period(school: School | None, year: int) -> tuple[date, date]:
    """Return the first and the last day of a financial year; 404 for one that the school does not know."""
    return period_of(year) if services.is_known(school, year, clock.today()) else abort(404)


def _label(frame: str, line: str) -> str:
    """Return what the form calls a line; 404 for one that it does not have."""
    typed = rules_figures.CHARGES.get(line) if frame == "D" else None
    return typed or rules.label_of(frame, line) or abort(404)


@bp.get(f"/schools/<int:school_id>/report/<int:year>/{LINE}")
@guards.asks(Action.MANAGE_FUNDING)
def report_line(school_id: int, year: int, frame: str, line: str) -> str:
    """What one line adds up: people and minutes, who led them, or what was written and the agreements behind it."""
    school, label = school_for(school_id, Action.MANAGE_FUNDING), _label(frame, line)
    period = _period(school, year)
    if rules_figures.is_typed(frame, line):
        return _typed(school, year, frame, line, label, period)
    if frame == "E":
        return render_template(
            "completion/report_led.html",
            school=school,
            year=year,
            label=label,
            led=rows.led_in_year(school.id, *period),
            definition=words_report.definition(frame, line),
        )
    places = services.places_of_year([school.id], *period)
    return _places(school, year, frame, line, label, rules.in_line(places, frame, line))


def _places(
    school: School,
    year: int,
    frame: str,
    line: str,
    label: str,
    places: Sequence[rules.Place],
    of_network: bool = False,
) -> str:
    number = page_number(request.args.get("page"), len(places))
    return render_template(
        "completion/report_line.html",
        school=school,
        year=year,
        part=frame,
        line=line,
        label=label,
        page=Page(places[offset(number) : offset(number) + LINES], number, len(places)),
        minutes=sum(one.minutes for one in places),
        of_network=of_network,
        definition=words_report.definition(frame, line),
    )


def _typed(school: School, year: int, frame: str, line: str, label: str, period: tuple[date, date]) -> str:
    """A line that is written: the lines that it adds up, its agreements, and each version with its author."""
    versions, keys = versions_of(school.id, year), rules_figures.keys_of(frame, line)
    figures = versions[0].figures if versions else {}
    is_sum = len(keys) > 1 and frame == "C"
    lines = [key[1:] for key in keys]
    return render_template(
        "completion/report_typed.html",
        school=school,
        year=year,
        part=frame,
        line=line,
        label=label,
        definition=words_report.definition(frame, line),
        value=rows.value_of(figures, frame, line),
        parts=rows.parts_of(figures, line) if is_sum else [],
        agreements=rows.agreements_of(school.id, lines, *period) if frame == "C" else None,
        versions=rows.typed_of(versions, keys) if not is_sum else [],
    )


@bp.get("/schools/<int:school_id>/report/<int:year>/led/<int:person_id>")
@guards.asks(Action.MANAGE_FUNDING)
def report_led(school_id: int, year: int, person_id: int) -> str:
    """The half-days of one trainer that frame E counts."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    number, period = page_number(request.args.get("page")), _period(school, year)
    found, whole = rows.half_days_led(person_id, school.id, *period, offset(number), LINES)
    if not found and number > 1:
        number = 1
        found, whole = rows.half_days_led(person_id, school.id, *period, 0, LINES)
    person = db.session.get(Person, person_id) if found else None
    return render_template(
        "completion/report_half_days.html",
        school=school,
        year=year,
        person=person or abort(404),
        page=Page(found, number, whole.people),
        minutes=whole.minutes,
    )


@bp.get(f"/network/report/<int:year>/{LINE}")
@guards.asks(Action.SEE_NETWORK)
def network_report_line(year: int, frame: str, line: str) -> str:
    """What each school brings to a line of the network's report; with a school, the people of that line."""
    guards.require(Action.SEE_NETWORK)
    label, period = _label(frame, line), _period(None, year)
    known = {one.id: one for one in schools.all_schools()}
    asked = known.get(request.args.get("school", 0, int))
    typed, counts, total = None, {}, rules.Count()
    if rules_figures.is_typed(frame, line):
        typed = rows.typed_by_school(list(known), year, frame, line)
    elif asked is not None and frame != "E":
        shown = kept.codes_of_network(*period, clock.today()) if frame == "F-4" else []
        own = rules.in_line(services.places_of_year([asked.id], *period), frame, line, shown)
        return _places(asked, year, frame, line, label, own, of_network=True)
    else:
        counts, total = kept.line_by_school(*period, clock.today(), frame, line)
    found = [one for one in known.values() if typed is not None or one.id in counts]
    number = page_number(request.args.get("page"), len(found))
    return render_template(
        "completion/report_schools.html",
        year=year,
        part=frame,
        line=line,
        label=label,
        definition=words_report.definition(frame, line),
        page=Page(found[offset(number) : offset(number) + LINES], number, len(found)),
        typed=typed,
        counts=counts,
        total=total,
        is_led=frame == "E",
    )


@bp.get("/enrolments/<int:enrolment_id>/report/<int:year>")
@guards.asks(Action.MANAGE_FUNDING)
def report_place(enrolment_id: int, year: int) -> str:
    """The days of a place that the report counts, the lines that they went to, and the papers that say them."""
    enrolment = db.get_or_404(
        Enrolment,
        enrolment_id,
        options=[joinedload(Enrolment.person), joinedload(Enrolment.cohort)],
    )
    school = school_for(enrolment.school_id, Action.MANAGE_FUNDING)
    first, last = _period(school, year)
    own = next(iter(services.places_of_year([school.id], first, last, enrolment.id)), None)
    shown = kept.codes_of_school(school.id, first, last, clock.today()) if own else []
    return render_template(
        "completion/report_place.html",
        school=school,
        year=year,
        enrolment=enrolment,
        place=own,
        lines=rules.lines_of(own, shown) if own else [],
        label_of=rules.label_of,
        days=services.days_of_year(enrolment.id, first, last),
        documents=services.documents_of_year(enrolment, first, last),
    )
