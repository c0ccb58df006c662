"""What changes between two revisions: the list of pages, and each one's words."""

from flask import abort, render_template, request
from flask_babel import gettext as _

from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import services, services_changes
from popschool.courses.models import Source
from popschool.courses.routes_base import bp
from popschool.web import paging


def _asked(name: str) -> tuple[Source, int, int]:
    """Return the source and the two revisions that an address names; 404 when one of them is not there."""
    source = services.source_named(name) or abort(404)
    numbers = [request.args.get(which, type=int) or 0 for which in ("from", "to")]
    if any(services.revision_numbered(source.id, number) is None for number in numbers):
        abort(404)
    return source, *numbers


@bp.route("/sources/<name>/changes")
@guards.asks(Action.READ_TEAM_PAGES)
def changes(name):
    guards.require(Action.READ_TEAM_PAGES)
    source, before, after = _asked(name)
    found = services.changes_between(source.id, before, after)
    lines = [
        (kind, what, fact)
        for kind in ("projects", "pages")
        for what in (services_changes.CHANGED, services_changes.ADDED, services_changes.REMOVED)
        for fact in getattr(found, f"{kind}_{what}")
    ]
    number = paging.page_number(request.args.get("page"), len(lines))
    start = paging.offset(number)
    return render_template(
        "courses/changes.html",
        source=source,
        before=before,
        after=after,
        shown=paging.Page(lines[start : start + paging.LINES], number, len(lines)),
    )


@bp.route("/sources/<name>/changes/pages/<int:page_id>")
@guards.asks(Action.READ_TEAM_PAGES)
def page_changes(name, page_id):
    guards.require(Action.READ_TEAM_PAGES)
    source, before, after = _asked(name)
    found = services_changes.page_changes(source.id, page_id, before, after) or abort(404)
    return render_template(
        "courses/page_changes.html",
        source=source,
        before=before,
        after=after,
        title=found[0].title,
        parts=[(one.variant, one.what, one.difference) for one in found],
    )


@bp.route("/sources/<name>/changes/projects/<int:project_id>")
@guards.asks(Action.READ_TEAM_PAGES)
def project_changes(name, project_id):
    guards.require(Action.READ_TEAM_PAGES)
    source, before, after = _asked(name)
    found = services_changes.project_change(source.id, project_id, before, after) or abort(404)
    return render_template(
        "courses/page_changes.html",
        source=source,
        before=before,
        after=after,
        title=_("Projet : %(title)s", title=found.title),
        parts=[("", services_changes.CHANGED, found.difference)],
    )
