"""Previews on the server: an author asks for a branch or a commit, and hands on a link that ends."""

from flask import Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import rules, services, services_previews
from popschool.courses.forms import PreviewForm
from popschool.courses.models_authoring import Preview
from popschool.courses.routes_base import bp

SHOWN = 25
TEAM = "team"


@bp.route("/sources/<name>/previews", methods=["GET", "POST"])
@guards.asks(Action.WRITE_PAGE)
def previews(name):
    guards.require(Action.WRITE_PAGE)
    source = services.source_named(name) or abort(404)
    form = PreviewForm()
    if form.validate_on_submit():
        with form.refusals("ref"):
            services_previews.ask(source, form.ref.data, current_user.id, clock.now())
            flash(_("L'aperçu se prépare. Rechargez cette page dans une minute."), "good")
            return redirect(url_for(".previews", name=name))
    now, base = clock.now(), current_app.config["POPSCHOOL"].base_url
    lines = [
        (one, services_previews.is_open(one, now), base + url_for(".preview", token=services_previews.token_of(one)))
        for one in services_previews.previews_of(source, SHOWN)
    ]
    return render_template("courses/previews.html", source=source, form=form, lines=lines)


@bp.route("/sources/<name>/previews/<int:preview_id>/revoke", methods=["POST"])
@guards.asks(Action.WRITE_PAGE)
def revoke_preview(name, preview_id):
    guards.require(Action.WRITE_PAGE)
    source = services.source_named(name) or abort(404)
    found = services_previews.preview_of(source, preview_id) or abort(404)
    services_previews.revoke(found, current_user.id, clock.now())
    flash(_("Le lien est fermé : il ne montre plus rien."), "good")
    return redirect(url_for(".previews", name=name))


def _opened(token: str) -> Preview:
    return services_previews.opened(token, clock.now()) or abort(404)


def _private(page: str) -> Response:
    """Keep a page that only a link opens out of search engines, caches and the addresses given to other sites."""
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.route("/previews/<token>/")
@guards.public
def preview(token):
    found = _opened(token)
    is_ready = found.outcome == services_previews.READY
    manifest = services_previews.manifest_of(found) if is_ready else {"programmes": [], "projects": [], "pages": []}
    is_team = request.args.get("as") == TEAM
    shown = [page for page in manifest["pages"] if not page["variant"] and page["role"] != rules.BRIEF]
    return _private(
        render_template(
            "courses/preview_home.html",
            preview=found,
            token=token,
            is_team=is_team,
            more="?as=team" if is_team else "",
            manifest=manifest,
            projects=sorted(manifest["projects"], key=lambda one: one["position"]),
            pages=[page for page in shown if is_team or page["role"] != rules.TEAM],
        )
    )


@bp.route("/previews/<token>/<project>")
@bp.route("/previews/<token>/<project>/<name>")
@guards.public
def preview_page(token, project, name="projet"):
    found = _opened(token)
    if found.outcome != services_previews.READY:
        return redirect(url_for(".preview", token=token))
    manifest, is_team = services_previews.manifest_of(found), request.args.get("as") == TEAM
    brief = next((one for one in manifest["projects"] if one["key"] == project), None) if name == "projet" else None
    page = services_previews.page_of(manifest, f"{project}/{name}", request.args.get("version", ""))
    if page is None and brief is None or page is not None and page.facts["role"] == rules.TEAM and not is_team:
        abort(404)
    sections = services_previews.within(
        page.sections if page else [], manifest["source"], token, "team" if is_team else ""
    )
    return _private(
        render_template(
            "courses/preview_page.html",
            preview=found,
            token=token,
            is_team=is_team,
            more="?as=team" if is_team else "",
            page=page,
            sections=sections,
            brief=rules.brief_order(sections) if brief else None,
            version=brief,
            pages=[
                one
                for one in manifest["pages"]
                if brief and one["project"] == project and not one["variant"] and one["role"] != rules.BRIEF
                if is_team or one["role"] != rules.TEAM
            ],
            title=page.facts["title"] if page else brief["title"],
            here=url_for(".preview_page", token=token, project=project, **({} if brief else {"name": name})),
            names={
                item["id"]: item["plain"] or item["title"]
                for programme in manifest["programmes"]
                for block in programme["data"]["blocks"]
                for item in block["competences"]
            },
        )
    )
