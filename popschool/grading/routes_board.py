"""The board of a cohort, on a page and as a file for spreadsheets."""

import re

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.grading import services_board
from popschool.grading.routes_base import bp
from popschool.rules_tables import Column
from popschool.schools.models import Cohort
from popschool.spreadsheets import Table
from popschool.web.tables import form_named, sent

VIEWS, SORTS = ("projects", "competences"), ("name", "done", "sent")


def _board(cohort_id: int) -> tuple[Cohort, services_board.Board, str, str]:
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.SEE_BOARD, cohort.place)
    view = request.args.get("view") if request.args.get("view") in VIEWS else VIEWS[0]
    by = request.args.get("sort") if request.args.get("sort") in SORTS else SORTS[0]
    make = services_board.projects_board if view == VIEWS[0] else services_board.competences_board
    board = make(cohort.id, clock.now())
    services_board.sort(board, by)
    return cohort, board, view, by


@bp.get("/cohorts/<int:cohort_id>/board")
@guards.asks(Action.SEE_BOARD)
def board(cohort_id: int) -> str:
    """Everybody's projects, or competences, in one table."""
    cohort, found, view, by = _board(cohort_id)
    return render_template(
        "grading/board.html",
        cohort=cohort,
        board=found,
        view=view,
        sort=by,
        now=clock.now(),
        table_at=lambda kind: url_for(".board_table", cohort_id=cohort.id, view=view, sort=by, kind=kind),
    )


@bp.get("/cohorts/<int:cohort_id>/board.<kind>")
@guards.asks(Action.SEE_BOARD)
def board_table(cohort_id: int, kind: str) -> Response:
    """The same table for a spreadsheet."""
    cohort, found, view, _by = _board(cohort_id)
    guards.require_proof()
    words = {
        "validated": _("validé"),
        "to_complete": _("à reprendre"),
        "waiting": _("en attente"),
        "partly": _("en partie"),
        "draft": _("brouillon"),
    }
    rows = [(row.person.name, *(words.get(cell, cell) for cell in _cells(row, found))) for row in found.rows]
    heads = (_("Personne"), *(column.title for column in found.columns))
    people = {row.person.id for row in found.rows}
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{cohort.code}-{view}")
    return sent(
        Table(name, [Column(str(place), head) for place, head in enumerate(heads)], rows),
        form_named(kind),
        name,
        lambda count: guards.note_export("board", cohort, people=people, view=view, rows=count),
    )


def _cells(row: services_board.Row, found: services_board.Board) -> list:
    return [row.cells.get(column.key, ("", None))[0] for column in found.columns]
