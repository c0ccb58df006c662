"""Boards of the network, a school and a cohort; a page for each of their figures, with its rows."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.completion.rules_hours import attendance_rate
from popschool.completion.services_rules import Plan, planned_cohort
from popschool.db import db
from popschool.reports import services_board as services
from popschool.reports import services_network
from popschool.reports.routes_base import bp, figure_named, filters_asked, links, selection_asked
from popschool.reports.rules_board import Figure, Gap, Selection, rows_counted
from popschool.reports.services_board import Board
from popschool.reports.services_rows import rows_of
from popschool.schools.models import Cohort, School
from popschool.web.paging import LINES, Page, offset, page_number


@bp.get("/reports")
@guards.asks(Action.SEE_BOARDS)
def boards() -> Response | str:
    """The board of the network; a school's manager goes to their school's."""
    guards.require(Action.SEE_BOARDS)
    actor = guards.actor()
    if not actor.holds(Role.NETWORK_MANAGER):
        managed = actor.schools_as(Role.SCHOOL_MANAGER)
        own = current_user.home_school_id if current_user.home_school_id in managed else min(managed)
        return redirect(url_for(".school_board", school_id=own))
    choices = services.choices()
    selection, wrong = selection_asked(choices)
    board, page = _paged(partial(services_network.network_board, selection))
    return _shown(board, wrong, partial(url_for, ".network_figure"), choices, level="network", page=page)


def _paged(read: Callable[[int, int], Board]) -> tuple[Board, Page]:
    """Return a board with the page of its lines that is asked for; beyond the last one, the first."""
    number = page_number(request.args.get("page"))
    board = read(offset(number), LINES)
    if not board.lines and number > 1:
        number, board = 1, read(0, LINES)
    return board, Page(board.lines, number, board.line_count)


@bp.get("/reports/<figure>")
@guards.asks(Action.SEE_NETWORK)
def network_figure(figure: str) -> str:
    """A figure of the network: what it counts, and its rows."""
    guards.require(Action.SEE_NETWORK)
    asked = figure_named(figure)
    selection, wrong = selection_asked(services.choices())
    board = services_network.network_board(selection, limit=0)
    return _opened(asked, board, wrong, url_for(".boards", **filters_asked()), level="network")


@bp.get("/schools/<int:school_id>/figures")
@guards.asks(Action.SEE_SCHOOL_BOARD)
def school_board(school_id: int) -> str:
    """The board of a school."""
    school = school_at(school_id)
    choices = services.choices(school.id)
    selection, wrong = selection_asked(choices, school_id=school.id)
    address = partial(url_for, ".school_figure", school_id=school.id)
    board, page = _paged(partial(services_network.school_board, selection))
    return _shown(board, wrong, address, choices, level="school", school=school, page=page)


@bp.get("/schools/<int:school_id>/figures/<figure>")
@guards.asks(Action.SEE_SCHOOL_BOARD)
def school_figure(school_id: int, figure: str) -> str:
    """A figure of a school: what it counts, and its rows."""
    school = school_at(school_id)
    asked = figure_named(figure)
    selection, wrong = selection_asked(services.choices(school.id), school_id=school.id)
    board = services_network.school_board(selection, limit=0)
    back = url_for(".school_board", school_id=school.id, **filters_asked())
    return _opened(asked, board, wrong, back, level="school", school=school)


@bp.get("/cohorts/<int:cohort_id>/figures")
@guards.asks(Action.SEE_COHORT_BOARD)
def cohort_board(cohort_id: int) -> str:
    """The board of a cohort."""
    cohort, plan = cohort_at(cohort_id)
    selection, wrong = days_of_cohort(cohort)
    address = partial(url_for, ".cohort_figure", cohort_id=cohort.id)
    return _shown(services.cohort_board(selection, plan), wrong, address, None, level="cohort", cohort=cohort)


@bp.get("/cohorts/<int:cohort_id>/figures/<figure>")
@guards.asks(Action.SEE_COHORT_BOARD)
def cohort_figure(cohort_id: int, figure: str) -> str:
    """A figure of a cohort: what it counts, and its rows."""
    cohort, plan = cohort_at(cohort_id)
    asked = figure_named(figure)
    selection, wrong = days_of_cohort(cohort)
    board = services.cohort_board(selection, plan)
    back = url_for(".cohort_board", cohort_id=cohort.id, **filters_asked())
    return _opened(asked, board, wrong, back, level="cohort", cohort=cohort)


def school_at(school_id: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.SEE_SCHOOL_BOARD, school.place)
    return school


def cohort_at(cohort_id: int) -> tuple[Cohort, Plan]:
    found = planned_cohort(cohort_id) or abort(404)
    guards.require(Action.SEE_COHORT_BOARD, found[0].place)
    return found


def days_of_cohort(cohort: Cohort) -> tuple[Selection, str]:
    usual = (cohort.starts_on, max(cohort.starts_on, min(cohort.ends_on, clock.today())))
    return selection_asked(None, usual, cohort_id=cohort.id)


def _shown(board: Board, wrong: str, address: Any, choices: services.Choices | None, **given: Any) -> str:
    waiting = [gap for gap in Gap if board.total.gaps[gap]]
    return render_template(
        "reports/board.html",
        board=board,
        wrong=wrong,
        waiting=waiting,
        figure_at=links(address),
        choices=choices,
        presence=attendance_rate,
        kept=filters_asked(),
        table_at=lambda kind: _file_address("table", given, kind=kind),
        paper_at=_file_address("board_paper", given),
        **given,
    )


def _file_address(page: str, given: dict[str, Any], **asked: str) -> str:
    """Return the address of a board as a file or as a paper, with the filters of this page."""
    asked |= filters_asked()
    if given.get("cohort") is not None:
        return url_for(f".cohort_{page}", cohort_id=given["cohort"].id, **asked)
    if given.get("school") is not None:
        return url_for(f".school_{page}", school_id=given["school"].id, **asked)
    return url_for(f".network_{page}", **asked)


def _opened(asked: Figure | Gap, board: Board, wrong: str, back: str, **given: Any) -> str:
    number = page_number(request.args.get("page"))
    known = rows_counted(board.total, asked)
    lines, total = rows_of(asked, board.selection, offset(number), LINES, known)
    if not lines and number > 1:
        number = 1
        lines, total = rows_of(asked, board.selection, 0, LINES, known)
    if asked is Figure.COMPETENCES and not board.wanted:
        board = replace(board, wanted=services.wanted_of(line.enrolment.cohort_id for line in lines))
    place = {name: getattr(board.selection, name) for name in ("school_id", "cohort_id")}
    manages = guards.allowed(Action.ISSUE_PAPER, _place(given))
    return render_template(
        "reports/figure.html",
        figure=asked,
        board=board,
        wrong=wrong,
        back=back,
        page=Page(lines, number, total),
        manages=manages,
        kept=filters_asked(),
        **place,
        **given,
    )


def _place(given: dict[str, Any]) -> Any:
    thing = given.get("cohort") or given.get("school")
    return thing.place if thing is not None else None
