"""The margin of a page: boxes that stay ticked, and at each step a way to ask for help."""

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses.margins import WRITERS
from popschool.markdown_marks import filled, ticks_in
from popschool.projects import services_margins as services
from popschool.projects.routes_base import bp
from popschool.projects.routes_readings import reading_of
from popschool.schools.rules import Place

PARTS = "projects/_margin.html"
NOTES = "p-notes"


def write_margin(page_id: int, sections: list[dict], _cohorts: frozenset[int]) -> list[dict]:
    """Put a person's boxes, and the ways to ask for help, in the sections of a page."""
    return with_margin(page_id, sections, services.margin_of(page_id, current_user.id))


def with_margin(page_id: int, sections: list[dict], margin: services.Margin) -> list[dict]:
    """Return the sections of a page with what somebody has in its margin."""
    parts = current_app.jinja_env.get_template(PARTS).module
    whole = "".join(section["html"] for section in sections)
    has_steps = "<!--here:" in whole

    def place(anchor: str) -> str:
        return str(parts.here(page_id, anchor, margin.asked.get(anchor)))

    def write(section: dict) -> dict:
        page = filled(
            section["html"],
            lambda key, words: str(parts.tick(key, words, key in margin.done)),
            str(parts.keep()),
            place,
        )
        if not has_steps and section["id"] != NOTES and (section["id"] or len(sections) == 1):
            page += place(section["id"])
        return section | {"html": page}

    written = [write(section) for section in sections]
    keys = ticks_in(whole)
    if keys and written:
        written[-1]["html"] += str(parts.form(page_id, keys, request.full_path.rstrip("?")))
    return written


WRITERS.append(write_margin)


@bp.post("/pages/<int:page_id>/ticks")
@guards.asks(Action.TICK_BOXES)
def keep_ticks(page_id: int) -> Response:
    """Keep which boxes are ticked; with scripts nothing else moves, without them the page comes back."""
    reading, _revision = reading_of(page_id)
    guards.require(Action.TICK_BOXES, Place(cohorts=frozenset(reading.cohorts)))
    shown = request.form.get("shown", "").split()[:500]
    services.keep_ticks(current_user.id, page_id, shown, request.form.getlist("done"), clock.now())
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204)
    flash(_("Vos coches sont gardées."), "good")
    return redirect(_back(page_id) + "#message")


def _back(page_id: int) -> str:
    """Return the page that was being read, and nowhere else."""
    asked = request.form.get("back", "")
    is_ours = asked.startswith(("/courses/", "/pages/", "/assignments/")) and "\\" not in asked
    return asked if is_ours else url_for("courses.page", page_id=page_id)
