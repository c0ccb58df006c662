"""Where courses come from: the list, one source with the problems of its last sync, and a new one."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import rules, services, services_sources
from popschool.courses.forms import SourceForm
from popschool.courses.routes_base import bp


@bp.route("/courses")
@guards.asks(Action.READ_COURSE)
def sources():
    guards.require(Action.READ_COURSE)
    programmes: dict[int, list] = {}
    for version, revision in services.live_programmes():
        programmes.setdefault(revision.source_id, []).append((version, revision))
    return render_template(
        "courses/sources.html",
        sources=services_sources.all_sources(),
        programmes=programmes,
        may_manage=guards.allowed(Action.MANAGE_SOURCES),
    )


@bp.route("/sources/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_SOURCES)
def add():
    guards.require(Action.MANAGE_SOURCES)
    form = SourceForm()
    if form.validate_on_submit():
        with form.refusals():
            source = services_sources.add_source(
                form.name.data,
                form.title.data,
                form.url.data,
                clock.now(),
                branch=form.branch.data or "",
                folder=form.folder.data or "",
                token=form.token.data or "",
                actor_id=current_user.id,
            )
            flash(_("Le cours « %(title)s » est ajouté.", title=source.title), "good")
            return redirect(url_for(".source", name=source.name))
    return render_template("courses/add.html", form=form)


@bp.route("/sources/<name>")
@guards.asks(Action.SYNC_SOURCE)
def source(name):
    guards.require(Action.SYNC_SOURCE)
    found = services.source_named(name) or abort(404)
    run = services.last_sync(found.id)
    problems = run.problems if run else []
    live = services.revision_at(found.live_revision_id)
    return render_template(
        "courses/source.html",
        source=found,
        run=run,
        live=live,
        errors=[problem for problem in problems if problem["level"] == rules.ERROR],
        advice=[problem for problem in problems if problem["level"] != rules.ERROR],
        programmes=services.programmes_of(found.id, live.number) if live else [],
    )


@bp.route("/sources/<name>/sync", methods=["POST"])
@guards.asks(Action.SYNC_SOURCE)
def sync(name):
    guards.require(Action.SYNC_SOURCE)
    found = services.source_named(name) or abort(404)
    services_sources.ask_sync(found, current_user.id)
    flash(_("La mise à jour est demandée. Rechargez cette page dans une minute."), "good")
    return redirect(url_for(".source", name=name))


@bp.route("/sources/<name>/revisions/<int:number>")
@guards.asks(Action.READ_COURSE)
def programmes(name, number):
    guards.require(Action.READ_COURSE)
    found = services.source_named(name) or abort(404)
    revision = services.revision_numbered(found.id, number) or abort(404)
    versions = services.programmes_of(found.id, number)
    return render_template(
        "courses/programmes.html",
        source=found,
        revision=revision,
        is_live=revision.id == found.live_revision_id,
        programmes=[
            (
                version,
                services.projects_of(version.programme_id, number),
                services.pages_of_programme(version.programme_id, number),
            )
            for version in versions
        ],
        keys=services.project_keys(found.id),
        may_sync=guards.allowed(Action.SYNC_SOURCE),
        wanted=request.args.get("programme", ""),
    )
