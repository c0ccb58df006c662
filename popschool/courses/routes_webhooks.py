"""Pushes: where a forge calls, and where an author finds what to paste at it."""

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import services, services_webhooks, webhooks
from popschool.courses.routes_base import bp
from popschool.web.shell import csrf


@bp.route("/webhooks/<name>", methods=["POST"])
@csrf.exempt
@guards.public
def hear(name):
    """Answer a forge at once; the source is read elsewhere. A source that is not there answers as a wrong signature."""
    request.max_content_length = webhooks.LARGEST_BODY
    body = request.get_data(cache=False)
    source = services.source_named(name)
    secret = services_webhooks.secret_of(source) if source else ""
    if not webhooks.is_signed(request.headers, body, secret):
        return jsonify(status="refused"), 403
    heard = services_webhooks.hear(source, request.headers, body, clock.now())
    return jsonify(status=heard), 202 if heard is services_webhooks.Heard.ASKED else 200


@bp.route("/sources/<name>/webhook", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_SOURCES)
def webhook(name):
    guards.require(Action.MANAGE_SOURCES)
    source = services.source_named(name) or abort(404)
    if request.method == "POST":
        services_webhooks.make_secret(source, current_user.id, clock.now())
        flash(_("Le secret est fait. Collez-le maintenant chez votre forge."), "good")
        return redirect(url_for(".webhook", name=name))
    return render_template(
        "courses/webhook.html",
        source=source,
        secret=services_webhooks.secret_of(source),
        address=current_app.config["POPSCHOOL"].base_url + url_for(".hear", name=name),
        heard=services_webhooks.last_heard(source),
    )
