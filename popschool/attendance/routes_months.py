"""A month of presence: the statement of a cohort on a page and for a spreadsheet, and one person's record."""

from datetime import date, timedelta

from flask import Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from popschool import clock
from popschool.attendance import rules, rules_totals, services_own
from popschool.attendance import services_months as services
from popschool.attendance.grid import LETTERS
from popschool.attendance.routes_base import bp
from popschool.auth import guards
from popschool.auth import services as auth_services
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import Cohort, Person
from popschool.spreadsheets import Table
from popschool.web.tables import form_named, sent


def _asked(text: str | None) -> date:
    """Return the first day of the month that the address asks for; this month's when it asks for none."""
    if not text:
        return clock.today().replace(day=1)
    try:
        return services.month_of(text)
    except ValueError:
        abort(404)


def _cohort(cohort_id: int) -> Cohort:
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.SEE_HALF_DAY, cohort.place)
    return cohort


@bp.get("/cohorts/<int:cohort_id>/months")
@guards.asks(Action.SEE_HALF_DAY)
def month(cohort_id: int) -> str:
    """The month of a cohort: each person's hours, and what is not entered yet."""
    cohort = _cohort(cohort_id)
    first = _asked(request.args.get("month"))
    lines = services.statement(cohort.id, first)
    return render_template(
        "attendance/month.html",
        cohort=cohort,
        first=first,
        months=services.months_of(cohort.id),
        lines=lines,
        total=rules_totals.add_up(line.total for line in lines),
        company_minutes=sum(line.company_minutes for line in lines),
        not_whole=[line for line in lines if not line.is_whole],
        table_at=lambda kind: url_for(".month_table", cohort_id=cohort.id, text=f"{first:%Y-%m}", kind=kind),
    )


@bp.get("/cohorts/<int:cohort_id>/months/<text>.<kind>")
@guards.asks(Action.SEE_HALF_DAY)
def month_table(cohort_id: int, text: str, kind: str) -> Response:
    """The same for a spreadsheet, as CSV, XLSX or ODS; who took it, when and for which month is written down."""
    cohort = _cohort(cohort_id)
    first = _asked(text)
    form = form_named(kind)
    guards.require_proof()
    lines = services.statement(cohort.id, first)
    name = f"{cohort.code}-{first:%Y-%m}"
    people = {line.person.id for line in lines}
    return sent(
        Table(name, services.COLUMNS, services.rows(lines)),
        form,
        f"presence-{name}",
        lambda rows: guards.note_export("month", cohort, people=people, month=f"{first:%Y-%m}", rows=rows),
    )


@bp.get("/people/<int:person_id>/presence")
@guards.asks(Action.SEE_PERSON)
def person(person_id: int) -> str:
    """One person's record: a month of half-days, and what they add up to."""
    found = db.get_or_404(Person, person_id)
    guards.require(Action.SEE_PERSON, auth_services.place_of(found))
    guards.note_reading(found.id, "presence")
    first = _asked(request.args.get("month"))
    own = services_own.own_half_days(found.id, first, services.last_day(first))
    weeks: dict[date, list] = {}
    for half_day, line in own:
        weeks.setdefault(rules.monday_of(half_day.on), []).append((half_day, line))
    return render_template(
        "attendance/person.html",
        person=found,
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=32)).replace(day=1),
        weeks=sorted(weeks.items()),
        letters=LETTERS,
        total=rules_totals.tally(line.standing for _half_day, line in own),
        title=_("Présence"),
        may_merge=guards.allowed(Action.ENROL, auth_services.place_of(found)),
        may_correct={half_day.cohort_id for half_day, _line in own if _may_correct(half_day)},
    )


def _may_correct(half_day) -> bool:
    return guards.allowed(Action.CORRECT_PRESENCE, half_day.place)
