"""The table of a board as a file, with the columns that the network says."""

from typing import Any

from werkzeug.wrappers import Response

from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion.rules import Exit
from popschool.completion.rules_hours import decimal_hours
from popschool.reports import services_board, services_network
from popschool.reports.routes_base import bp, selection_asked
from popschool.reports.routes_board import cohort_at, days_of_cohort, school_at
from popschool.reports.rules_lists import Listed, arranged
from popschool.reports.services_board import Board, Line
from popschool.reports.services_layouts import layout_for
from popschool.spreadsheets import Table
from popschool.web.tables import form_named, sent


@bp.get("/network/figures.<kind>")
@guards.asks(Action.SEE_NETWORK)
@guards.names_nobody
def network_table(kind: str) -> Response:
    """Where the schools stand, for a spreadsheet."""
    guards.require(Action.SEE_NETWORK)
    selection, _wrong = selection_asked(services_board.choices())
    return _sent(services_network.network_board(selection), kind, "suivi-reseau")


@bp.get("/schools/<int:school_id>/figures.<kind>")
@guards.asks(Action.SEE_SCHOOL_BOARD)
@guards.names_nobody
def school_table(school_id: int, kind: str) -> Response:
    """Where the cohorts of a school stand, for a spreadsheet."""
    school = school_at(school_id)
    selection, _wrong = selection_asked(services_board.choices(school.id), school_id=school.id)
    return _sent(services_network.school_board(selection), kind, f"suivi-{school.code}")


@bp.get("/cohorts/<int:cohort_id>/figures.<kind>")
@guards.asks(Action.SEE_COHORT_BOARD)
def cohort_table(cohort_id: int, kind: str) -> Response:
    """Where the people of a cohort stand, for a spreadsheet; who takes it is written down."""
    cohort, plan = cohort_at(cohort_id)
    selection, _wrong = days_of_cohort(cohort)
    board = services_board.cohort_board(selection, plan)
    people = {line.of.person_id for line in board.lines}

    def note(rows: int) -> None:
        said = {"first": selection.first.isoformat(), "last": selection.last.isoformat()}
        guards.note_export("board", cohort, people=people, rows=rows, **said)

    return _sent(board, kind, f"suivi-{cohort.code}", note)


def _sent(board: Board, kind: str, name: str, note: Any = None) -> Response:
    form = form_named(kind)
    layout = layout_for(Listed.BOARD)
    rows = arranged(layout, (_row(line) for line in board.lines))
    days = f"{board.selection.first:%Y%m%d}-{board.selection.last:%Y%m%d}"
    return sent(Table(name, layout.columns, rows), form, f"{name}-{days}-v{layout.version}", note)


def _row(line: Line) -> dict[str, Any]:
    sums, hours = line.sums, line.sums.hours
    return {
        "name": line.name,
        "entered": sums.entered,
        "due": decimal_hours(hours.due),
        "followed": decimal_hours(hours.realised),
        "justified": decimal_hours(hours.justified),
        "unjustified": decimal_hours(hours.unjustified),
        "missing": decimal_hours(hours.missing),
        "presence": sums.presence,
        "validated": sums.validated if sums.works_asked else None,
        "works_asked": sums.works_asked or None,
        "reached": sums.reached if sums.competences_asked else None,
        "competences_asked": sums.competences_asked or None,
        "dropped": sums.exits[Exit.DROPPED],
        "waiting": sums.missing,
    }
