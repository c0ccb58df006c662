"""Reading: a project's brief, a lesson, the images they show and the files they start from."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from flask import abort, redirect, render_template, request, send_file, url_for

from popschool import storage
from popschool.auth import guards
from popschool.auth.rules import STAFF, Action
from popschool.courses import margins, rules, services, services_readers
from popschool.courses.routes_base import bp
from popschool.courses.services_readers import Reading
from popschool.schools.rules import Place

YEAR = 365 * 24 * 3600


def _own_cohorts() -> frozenset[int]:
    actor = guards.actor()
    return actor.learns_in | actor.learnt_in | actor.trains_in


def _revision(reading: Reading | None) -> int:
    """Ask for permission to read, and return the revision to show. 404 for what is not theirs to see."""
    is_staff = guards.actor().holds(*STAFF)
    if reading is None or not (reading.cohorts or is_staff):
        abort(404)
    guards.require(Action.READ_COURSE, Place(cohorts=frozenset(reading.cohorts)))
    return reading.number(request.args.get("revision", type=int), is_staff) or abort(404)


def _kept(read: Callable, last_number: Callable, thing_id: int, number: int) -> tuple:
    """Return what a revision holds, and its number; of what has left the course, the last that was there.

    Whoever has work on a project or a page that disappears keeps it, and a link that was given keeps leading to it.
    """
    shown = read(thing_id, number)
    if shown is None:
        number = last_number(thing_id, number) or abort(404)
        shown = read(thing_id, number) or abort(404)
    return shown, number


@bp.route("/courses/<source>")
@guards.asks(Action.READ_COURSE)
def home(source):
    found = services.source_named(source) or abort(404)
    guards.require(Action.READ_COURSE)
    live = services.revision_at(found.live_revision_id)
    if live is None:
        return redirect(url_for(".sources"))
    return redirect(url_for(".programmes", name=source, number=live.number))


@bp.route("/courses/<source>/<project>")
@guards.asks(Action.READ_COURSE)
def brief(source, project):
    reading = services_readers.project_reading(source, project, _own_cohorts())
    wanted = _revision(reading)
    read = partial(services.project_page, variant=request.args.get("version", ""))
    shown, number = _kept(read, services.last_number_of, reading.project.id, wanted)
    is_staff = guards.actor().holds(*STAFF)
    aims = shown.version.data["competences"]
    mine = guards.actor().learns_in & reading.cohorts.keys()
    sections = margins.written(shown.page_id, shown.sections, mine)
    return render_template(
        "courses/brief.html",
        source=reading.source,
        shown=replace(shown, sections=sections),
        number=number,
        is_live=number == reading.live,
        is_gone=number != wanted,
        may_write=number == reading.live and guards.allowed(Action.WRITE_PAGE),
        is_staff=is_staff,
        pages=shown.pages(with_team=is_staff),
        competences=services.competences_by_key(aim["id"] for aim in aims) if aims else {},
    )


@bp.route("/pages/<int:page_id>")
@bp.route("/courses/<source>/<project>/<name>")
@guards.asks(Action.READ_COURSE)
def page(page_id=None, source="", project="", name=""):
    asked = {"page_id": page_id, "source": source, "key": f"{project}/{name}"}
    mine = _own_cohorts()
    reading = services_readers.page_reading(mine, **asked) or services_readers.programme_page_reading(mine, **asked)
    wanted = _revision(reading)
    read = partial(services.page_at, variant=request.args.get("version", ""))
    shown, number = _kept(read, services.last_number_of_page, reading.page.id, wanted)
    is_staff = guards.allowed(Action.READ_TEAM_PAGES)
    if shown.version.role == rules.TEAM and not is_staff:
        abort(404)
    if shown.version.role == rules.BRIEF:
        return redirect(url_for(".brief", source=reading.source.name, project=reading.project.key))
    if shown.version.role == rules.QUIZ:
        return redirect(url_for("projects.quiz", page_id=reading.page.id, **request.args))
    if reading.project is not None:
        lines = services.pages_of(reading.project.id, number, with_team=shown.version.role == rules.TEAM)
    else:
        lines = services.pages_of_programme(reading.page.programme_id, number)
    place = next((rank for rank, line in enumerate(lines) if line.id == reading.page.id), 0)
    return render_template(
        "courses/page.html",
        source=reading.source,
        project=reading.project,
        shown=shown,
        sections=margins.written(reading.page.id, shown.sections, guards.actor().learns_in & reading.cohorts.keys()),
        number=number,
        is_live=number == reading.live,
        is_gone=number != wanted,
        may_write=number == reading.live and guards.allowed(Action.WRITE_PAGE),
        is_staff=is_staff,
        before=lines[place - 1] if place else None,
        after=lines[place + 1] if place + 1 < len(lines) else None,
    )


@bp.route("/starters/<int:project_id>.zip")
@guards.asks(Action.READ_COURSE)
@guards.names_nobody
def starter(project_id):
    reading = services_readers.project_reading_by_id(project_id, _own_cohorts())
    version, _number = _kept(services.project_at, services.last_number_of, project_id, _revision(reading))
    made = version.data.get("starter") or abort(404)
    return send_file(
        storage.open(made["hash"]),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"{reading.project.key}.zip",
    )


@bp.route("/media/<name>.<extension>")
@guards.public
def media(name, extension):
    """Serve what was made from a course. Its name is the hash of its content: whoever has it has read the page."""
    found = services.asset_of(name) or abort(404)
    is_shown = found.media_type.startswith(("image/", "video/", "text/vtt"))
    answer = send_file(
        storage.open(name),
        mimetype=found.media_type,
        as_attachment=not is_shown,
        download_name=f"fichier.{extension}",
        max_age=YEAR,
        etag=name,
        conditional=False,
    )
    answer.make_conditional(request, accept_ranges=True, complete_length=found.size)  # a video is read by pieces
    answer.cache_control.public, answer.cache_control.immutable = True, True
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
