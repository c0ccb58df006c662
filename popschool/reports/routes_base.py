"""The blueprint of reports, and what several of its pages share."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, request
from flask_babel import gettext as _

from popschool import clock
from popschool.completion import labels as completion_labels
from popschool.completion.rules_papers import NAMES, PaperKind
from popschool.reports import labels
from popschool.reports.rules_board import OF_THE_COHORT, WHO_ACTS, Figure, Gap, Selection, period_of
from popschool.reports.services_board import Choices

bp = Blueprint("reports", __name__, template_folder="templates")
FILTERS = ("first", "last", "region", "funder", "programme")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "labels": labels,
        "Figure": Figure,
        "Gap": Gap,
        "who_acts": WHO_ACTS,
        "of_the_cohort": OF_THE_COHORT,
        "exits": completion_labels.EXITS,
        "paper_name": lambda kind: NAMES[PaperKind(kind)],
    }


def figure_named(text: str) -> Figure | Gap:
    """Return the figure that an address asks for; 404 for another word."""
    for kind in (Figure, Gap):
        if text in list(kind):
            return kind(text)
    abort(404)


def day_asked(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def selection_asked(
    choices: Choices | None, usual: tuple[date, date] | None = None, **place: int
) -> tuple[Selection, str]:
    """Return what the address asks a board to look at, and a sentence when its dates make no period.

    A word that is no choice narrows nothing.
    """
    first, last, is_period = period_of(day_asked("first"), day_asked("last"), clock.today(), usual)
    typed = [name for name in ("first", "last") if request.args.get(name) and day_asked(name) is None]
    wrong = ""
    if typed:
        wrong = _("Une date n'est pas lisible. Écrivez-la comme ceci : 2027-03-27.")
    elif not is_period:
        wrong = _("La première date vient après la dernière, ou la période dépasse trois ans. Changez les dates.")
    given: dict[str, Any] = dict(place)
    if choices is not None:
        region, funder = request.args.get("region", ""), request.args.get("funder", "")
        programme = request.args.get("programme", type=int)
        given |= {
            "region": region if region in choices.regions else "",
            "funder": funder if funder in choices.funders else "",
            "programme_id": programme if programme in {key for key, _title in choices.programmes} else None,
        }
    return Selection(first, last, clock.today(), **given), wrong


def filters_asked() -> dict[str, str]:
    """Return the filters of the address, to keep them from page to page."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def links(make: Callable[..., str]) -> Callable[[str], str]:
    """Return what gives the address of a figure, with the filters of this page."""
    asked = filters_asked()
    return lambda figure: make(figure=str(figure), **asked)
