"""The week of a cohort: people × half-days, what is missing before it can be closed, and its CSV."""

from collections import Counter
from datetime import date, timedelta

from flask import abort, redirect, render_template, request
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import grid, rules, rules_totals, services_half_days, services_sheets, services_weeks
from popschool.attendance import services_reading as reading
from popschool.attendance.models import HalfDay
from popschool.attendance.routes_base import bp, week_day
from popschool.attendance.routes_half_days import cohorts_here
from popschool.attendance.rules import Half
from popschool.attendance.words import half_day_name
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import Cohort
from popschool.web.addresses import url_for
from popschool.web.paging import LINES, Page, offset, page_number

MISSING_DAYS = timedelta(days=60)


def monday_in(text: str) -> date:
    """Return the Monday of an address; 404 when it is no day. Another day leads to its Monday."""
    try:
        return rules.monday_of(date.fromisoformat(text))
    except ValueError:
        abort(404)


@bp.get("/cohorts/<int:cohort_id>/weeks/<monday>")
@guards.asks(Action.SEE_HALF_DAY)
def week(cohort_id: int, monday: str) -> Response | str:
    """One week of a cohort as a grid."""
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.SEE_HALF_DAY, cohort.place)
    first = monday_in(monday)
    if first.isoformat() != monday:
        return redirect(url_for(".week", cohort_id=cohort_id, monday=first))
    half_days = services_half_days.half_days_of([cohort.id], first, first + timedelta(days=6), with_rooms=False)
    if half_days:
        clock.stand_in(half_days[0].span.zone)
    found = services_weeks.grid_of(half_days)
    lists = found.lists
    now = clock.now()
    sheet = services_sheets.last_sheet_of(cohort.id, first)
    may_run = guards.allowed(Action.RUN_HALF_DAY, cohort.place)
    columns = [_column(one.half_day, may_run) for one in lists]
    rows = [
        (
            person,
            grid.cells(columns, lines),
            rules_totals.tally(line.standing for line in lines if line is not None).followed,
        )
        for person, lines in found.rows
    ]
    return render_template(
        "attendance/week.html",
        cohort=cohort,
        monday=first,
        before=first - timedelta(days=7),
        after=first + timedelta(days=7),
        lists=lists,
        days=_days(lists),
        rows=rows,
        counts=_counts(lists),
        left=services_sheets.left_to_do(lists, now) if sheet is None else [],
        sheet=sheet,
        is_past=first + timedelta(days=5) <= clock.today(),
        may_run=may_run,
        now=now,
    )


def _column(half_day: HalfDay, may_mark: bool) -> grid.Column:
    """Return what each cell of a column says, worked out once for all its people."""
    is_afternoon = half_day.half == Half.AFTERNOON
    return grid.Column(
        half_day.id,
        is_afternoon,
        half_day.opened_at is not None,
        "" if is_afternoon else week_day(half_day.on),
        half_day_name(half_day.on, half_day.half),
        url_for(".mark", half_day_id=half_day.id, person_id=grid.SOMEBODY) if may_mark else "",
    )


def _days(lists) -> list[tuple[date, int]]:
    """Return each day with how many half-days it has."""
    found: dict[date, int] = {}
    for one in lists:
        found[one.half_day.on] = found.get(one.half_day.on, 0) + 1
    return list(found.items())


def _counts(lists) -> dict[str, int]:
    """Return how many half-days × people stand in each state."""
    counts = Counter(line.standing.state for one in lists for line in one.lines)
    return {state.name: count for state, count in counts.items()}


@bp.get("/attendance/missing")
@guards.asks(Action.SEE_ATTENDANCE)
def missing() -> Response | str:
    """What keeps half-days from counting: who has not signed, who has not countersigned, which weeks are open."""
    guards.require(Action.SEE_ATTENDANCE)
    now, day, number = clock.now(), clock.today(), page_number(request.args.get("page"))
    cohorts = {cohort.id: cohort for cohort in cohorts_here(day)}
    lists, total = reading.not_finished(cohorts, day - MISSING_DAYS, now, offset(number), LINES)
    if not lists and number > 1:
        return redirect(url_for(".missing"))
    weeks, count = services_sheets.weeks_to_close(cohorts, rules.monday_of(day), LINES)
    return render_template(
        "attendance/missing.html",
        page=Page(lists, number, total),
        weeks=[(cohorts[cohort_id], monday) for cohort_id, monday in weeks],
        week_count=count,
        people=sum(len(one.waiting) for one in lists),
        now=now,
    )
