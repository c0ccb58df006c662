"""The blueprint of the registers, and what several of its pages share."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, abort, request
from flask_babel import gettext as _

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.registers import labels, rules, rules_outside, words  # noqa: F401  words: what is refused
from popschool.registers.rules import Register
from popschool.registers.services import Asked
from popschool.schools.models import School
from popschool.web.addresses import url_for
from popschool.web.paging import Page

bp = Blueprint("registers", __name__, template_folder="templates")
FILTERS = ("q", "state", "first", "last")


@dataclass(frozen=True)
class Shown:
    """A line of any list: where it leads, its name, its cells, and where it stands as (word, look)."""

    url: str
    name: Any
    cells: list[Any]
    state: tuple[Any, str] | None = None


@dataclass(frozen=True)
class Listing:
    """A list as its page shows it: its heads, its lines, the states that it may be narrowed to."""

    heads: list[Any]
    page: Page
    states: list[tuple[str, Any]] = field(default_factory=list)
    has_days: bool = True


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"labels": labels, "rules": rules, "outside": rules_outside, "Register": Register}


def school_for(school_id: int, action: Action = Action.MANAGE_REGISTERS) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(action, school.place)
    return school


def register_named(text: str) -> Register:
    """Return the register that an address asks for; 404 for another word."""
    return Register(text) if text in list(Register) else abort(404)


def day_asked(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def asked() -> Asked:
    """Return what the address narrows a list to; a day that is not one narrows nothing."""
    return Asked(
        request.args.get("q", "").strip()[:100], request.args.get("state", ""), day_asked("first"), day_asked("last")
    )


def filters_asked() -> dict[str, str]:
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def state_tag(state: rules.State) -> tuple[Any, str] | None:
    return (labels.STATES[state], labels.STATE_KINDS[state]) if state in labels.STATES else None


def address_of(line_id: int) -> str:
    return url_for("registers.record", record_id=line_id)


def today() -> date:
    return clock.today()


def record_name(kind: str, number: int) -> str:
    """Return how a line is called, as "Réclamation n° 3"."""
    made = {
        Register.INTERVIEWS: _("Entretien n° %(n)s", n=number),
        Register.POSITIONING: _("Positionnement n° %(n)s", n=number),
        Register.COMPLAINTS: _("Réclamation n° %(n)s", n=number),
        Register.IMPROVEMENTS: _("Amélioration n° %(n)s", n=number),
    }
    return made[Register(kind)]
