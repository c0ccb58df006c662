"""A board as a paper: made as it stands, kept with a number, and found again here."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.reports import paper_board as papers
from popschool.reports import services_board as services
from popschool.reports import (
    services_network,
    words,  # noqa: F401  their sentences
)
from popschool.reports.forms import ButtonForm
from popschool.reports.paper_board import Level
from popschool.reports.routes_base import bp, selection_asked
from popschool.reports.routes_board import cohort_at, days_of_cohort, school_at
from popschool.reports.services_board import Board


@bp.route("/network/figures/paper", methods=["GET", "POST"])
@guards.asks(Action.SEE_NETWORK)
def network_board_paper() -> Response | str:
    """Where the schools stand, as a paper."""
    guards.require(Action.SEE_NETWORK)
    choices = services.choices()
    selection, wrong = selection_asked(choices)
    return _made(services_network.network_board(selection), Level(), wrong, choices)


@bp.route("/schools/<int:school_id>/figures/paper", methods=["GET", "POST"])
@guards.asks(Action.SEE_SCHOOL_BOARD)
def school_board_paper(school_id: int) -> Response | str:
    """Where the cohorts of a school stand, as a paper."""
    school = school_at(school_id)
    choices = services.choices(school.id)
    selection, wrong = selection_asked(choices, school_id=school.id)
    return _made(services_network.school_board(selection), Level(school), wrong, choices)


@bp.route("/cohorts/<int:cohort_id>/figures/paper", methods=["GET", "POST"])
@guards.asks(Action.SEE_COHORT_BOARD)
def cohort_board_paper(cohort_id: int) -> Response | str:
    """Where the people of a cohort stand, as a paper."""
    cohort, plan = cohort_at(cohort_id)
    selection, wrong = days_of_cohort(cohort)
    return _made(services.cohort_board(selection, plan), Level(cohort.school, cohort), wrong, None)


def _made(board: Board, level: Level, wrong: str, choices: services.Choices | None) -> Response | str:
    titles = dict(choices.programmes) if choices is not None else {}
    programme = titles.get(board.selection.programme_id or 0, "")
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusals():
            made = papers.issue(board, level, programme, current_user, clock.now(), clock.today())
            flash(_("Le papier %(number)s est fait.", number=made.number), "good")
            return redirect(url_for("completion.document", document_id=made.id, _anchor="message"))
    kept = papers.selection_kept(board.selection)
    return render_template(
        "reports/board_paper.html",
        board=board,
        level=level,
        wrong=wrong,
        programme=programme,
        form=form,
        made=papers.made_of(level),
        back=_board_address(level, kept),
    )


def _board_address(level: Level, kept: dict[str, str]) -> str:
    if level.cohort is not None:
        return url_for(".cohort_board", cohort_id=level.cohort.id, first=kept["first"], last=kept["last"])
    if level.school is not None:
        return url_for(".school_board", school_id=level.school.id, **kept)
    return url_for(".boards", **kept)
