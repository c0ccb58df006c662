"""Writing a page in the browser: the files, the editor with its preview and its conflict, and how the commit went."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import differences, page_preview, services, services_writing
from popschool.courses.forms import WriteForm
from popschool.courses.models import Source
from popschool.courses.routes_base import bp
from popschool.courses.rules import PageChanged
from popschool.errors import RuleBroken
from popschool.web import paging, wording

SAVES_SHOWN = 5


def _source(name: str) -> Source:
    guards.require(Action.WRITE_PAGE)
    return services.source_named(name) or abort(404)


@bp.route("/sources/<name>/files")
@guards.asks(Action.WRITE_PAGE)
def files(name):
    source = _source(name)
    total = services_writing.count_files(source)
    number = paging.page_number(request.args.get("page"), total)
    lines = services_writing.files_of(source, paging.offset(number), paging.LINES)
    return render_template(
        "courses/files.html",
        source=source,
        shown=paging.Page(lines, number, total),
        drafts=services_writing.drafts_of(source, current_user.id),
        saves=services_writing.last_saves(source, SAVES_SHOWN),
    )


@bp.route("/sources/<name>/write", methods=["GET", "POST"])
@guards.asks(Action.WRITE_PAGE)
def write(name):
    """Edit a file. What is typed is kept at each press; a page that changed in the repository is shown, and stays."""
    source, path = _source(name), request.args.get("path", "")
    try:
        stored = services_writing.stored(source, path)
    except RuleBroken as broken:
        if path:
            flash(wording.sentence(broken), "warn")
        return redirect(url_for(".files", name=name))
    draft = services_writing.draft_of(source, current_user.id, path)
    form = WriteForm(text=draft.text if draft else stored.text)
    if form.validate_on_submit():
        with form.refusals():
            return _pressed(source, path, form, stored)
        draft = services_writing.draft_of(source, current_user.id, path)
    conflict = services_writing.conflict_of(source, draft, stored) if draft else None
    shown = None
    if request.method == "GET" and request.args.get("preview") and draft:
        shown = page_preview.preview(path, draft.text, services_writing.answers_of(source, path))
    return render_template(
        "courses/write.html",
        source=source,
        path=path,
        form=form,
        draft=draft,
        is_new=not stored.blob,
        conflict=conflict,
        theirs=conflict and differences.compare(conflict.before.splitlines(), conflict.theirs.splitlines()),
        shown=shown,
    )


def _pressed(source: Source, path: str, form: WriteForm, stored: services_writing.Stored) -> Response:
    """Do what the button says. The text is kept first, whatever happens then."""
    now, pressed = clock.now(), request.form.get("do", "")
    draft = services_writing.keep(source, current_user.id, path, form.text.data, stored, now)
    here = url_for(".write", name=source.name, path=path)
    if pressed == "throw":
        services_writing.throw_away(draft)
        flash(_("Le brouillon est jeté. Voici la page du dépôt."), "good")
        return redirect(here)
    if pressed in ("mine", "merged"):
        conflict = services_writing.conflict_of(source, draft, stored)
        text = conflict.merged if pressed == "merged" and conflict and conflict.merged is not None else draft.text
        services_writing.begin_again(draft, stored, text, now)
        flash(_("Votre texte part maintenant de la page du dépôt. Relisez-le, puis enregistrez."), "good")
        return redirect(f"{here}&preview=1#apercu")
    if pressed == "save":
        is_direct = form.where.data == "course"
        try:
            made = services_writing.save(source, draft, current_user, form.message.data or "", is_direct, now)
        except PageChanged:
            flash(_("Cette page a changé dans le dépôt pendant que vous écriviez. Rien n'est écrasé."), "warn")
            return redirect(here)
        return redirect(url_for(".saved", name=source.name, save_id=made.id))
    flash(_("Brouillon gardé."), "good")
    return redirect(f"{here}&preview=1#apercu" if pressed == "preview" else here)


@bp.route("/sources/<name>/saves/<int:save_id>")
@guards.asks(Action.WRITE_PAGE)
def saved(name, save_id):
    source = _source(name)
    made = services_writing.save_of(source, save_id) or abort(404)
    return render_template("courses/saved.html", source=source, made=made, is_mine=made.person_id == current_user.id)


@bp.route("/sources/<name>/saves/<int:save_id>.patch")
@guards.asks(Action.WRITE_PAGE)
def patch(name, save_id):
    source = _source(name)
    made = services_writing.save_of(source, save_id) or abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{source.name}-{made.commit[:7]}.patch"'}
    return Response(made.patch, mimetype="text/x-patch", headers=headers)
