"""Where courses come from: the list, one source with the problems of its last sync, and a new one."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import rules, services, services_sources
from popschool.courses.forms import EditSourceForm, IntervalForm, SourceForm
from popschool.courses.routes_base import bp
from popschool.web import paging


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
    live = services.revision_at(found.live_revision_id)
    return render_template(
        "courses/source.html",
        source=found,
        run=run,
        live=live,
        is_asked=services_sources.is_to_be_read(found),
        interval=IntervalForm(minutes=found.check_minutes).minutes,
        programmes=services.programmes_of(found.id, live.number) if live else [],
        **_problems(run.problems if run else []),
    )


def _problems(problems):
    """Return some of the problems of a run, errors first, and how many there are of each kind."""
    ordered = sorted(problems, key=lambda problem: problem["level"] != rules.ERROR)
    errors = sum(problem["level"] == rules.ERROR for problem in problems)
    number = paging.page_number(request.args.get("page"), len(ordered))
    start = paging.offset(number)
    shown = paging.Page(ordered[start : start + paging.LINES], number, len(ordered))
    return {"shown": shown, "errors": errors, "advice": len(problems) - errors}


@bp.route("/sources/<name>/edit", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_SOURCES)
def edit(name):
    """Change the address, the branch or the token: a token lasts a year, a course longer."""
    guards.require(Action.MANAGE_SOURCES)
    found = services.source_named(name) or abort(404)
    form = EditSourceForm(obj=found)
    if found.live_revision_id is not None:
        del form.folder
    if form.validate_on_submit():
        with form.refusals("url"):
            services_sources.edit_source(
                found,
                form.title.data,
                form.url.data,
                clock.now(),
                branch=form.branch.data or "",
                token=form.token.data or "",
                folder=(form.folder.data or "") if form.folder else None,
                actor_id=current_user.id,
            )
            flash(_("Le dépôt est changé. Sa lecture est demandée."), "good")
            return redirect(url_for(".source", name=name))
    return render_template("courses/edit.html", form=form, source=found)


@bp.route("/sources/<name>/sync", methods=["POST"])
@guards.asks(Action.SYNC_SOURCE)
def sync(name):
    guards.require(Action.SYNC_SOURCE)
    found = services.source_named(name) or abort(404)
    services_sources.ask_sync(found, current_user.id)
    flash(_("La mise à jour est demandée. Rechargez cette page dans une minute."), "good")
    return redirect(url_for(".source", name=name))


@bp.route("/sources/<name>/interval", methods=["POST"])
@guards.asks(Action.MANAGE_SOURCES)
def check_every(name):
    guards.require(Action.MANAGE_SOURCES)
    found = services.source_named(name) or abort(404)
    form = IntervalForm()
    if form.validate_on_submit():
        services_sources.set_check_minutes(found, form.minutes.data, current_user.id, clock.now())
        flash(_("Le rythme est gardé."), "good")
    return redirect(url_for(".source", name=name))


@bp.route("/sources/<name>/runs")
@guards.asks(Action.SYNC_SOURCE)
def runs(name):
    guards.require(Action.SYNC_SOURCE)
    found = services.source_named(name) or abort(404)
    total = services.count_syncs(found.id)
    number = paging.page_number(request.args.get("page"), total)
    lines = services.syncs_of(found.id, paging.offset(number), paging.LINES)
    return render_template("courses/runs.html", source=found, shown=paging.Page(lines, number, total))


@bp.route("/sources/<name>/runs/<int:run_id>")
@guards.asks(Action.SYNC_SOURCE)
def run(name, run_id):
    guards.require(Action.SYNC_SOURCE)
    found = services.source_named(name) or abort(404)
    shown = services.sync_of(found.id, run_id) or abort(404)
    return render_template("courses/run.html", source=found, run=shown, **_problems(shown.problems))


@bp.route("/sources/<name>/revisions/<int:number>")
@guards.asks(Action.READ_COURSE)
def programmes(name, number):
    guards.require(Action.READ_COURSE)
    found = services.source_named(name) or abort(404)
    revision = services.revision_numbered(found.id, number) or abort(404)
    versions = services.programmes_of(found.id, number)
    projects, pages = services.contents_of([version.programme_id for version in versions], number)
    return render_template(
        "courses/programmes.html",
        source=found,
        revision=revision,
        is_live=revision.id == found.live_revision_id,
        programmes=[(version, projects[version.programme_id], pages[version.programme_id]) for version in versions],
        may_sync=guards.allowed(Action.SYNC_SOURCE),
        wanted=request.args.get("programme", ""),
    )
