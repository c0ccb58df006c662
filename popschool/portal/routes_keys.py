"""Keys of the API, on a page of their owner; and the page that describes the API."""

import secrets
from datetime import timedelta

from flask import current_app, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.portal import api_openapi, rules_api, services_keys
from popschool.portal.api_table import OPERATIONS
from popschool.portal.forms_keys import KeyForm, PressForm
from popschool.portal.models import ApiKey
from popschool.portal.routes_api import answer
from popschool.portal.routes_base import bp
from popschool.portal.rules_api import Scope
from popschool.schools.models import Person

NONCE = "key_shown_once"


def offered() -> list[Scope]:
    """Return what the person here can give a key: what they may see or do somewhere."""
    here, found = guards.actor(), []
    for scope in Scope:
        actions = {one.resource.action if one.is_page else one.action for one in OPERATIONS if one.scope is scope}
        reaches = [rules_api.reach(here, action) for action in actions]
        if any(not one.is_empty or one.person_id is not None for one in reaches):
            found.append(scope)
    return found


@bp.route("/account/keys", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def keys() -> Response | str:
    """One's own keys: a new one, those there are, when each was last used."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    form, possible = KeyForm(), offered()
    words = api_openapi.scope_words()
    form.scopes.choices = [SelectChoice(str(scope), words[scope]) for scope in possible]
    now = clock.now()
    if form.validate_on_submit():
        guards.require_proof()
        with form.refusals("scopes"):
            nonce = secrets.token_urlsafe(16)
            services_keys.make_key(
                db.session.get_one(Person, current_user.id),
                form.name.data.strip(),
                [Scope(one) for one in form.scopes.data],
                possible,
                now + timedelta(days=int(form.days.data)),
                nonce,
                now,
            )
            session[NONCE] = nonce
            return redirect(url_for(".new_key"))
    return render_template(
        "portal/keys.html", form=form, press=PressForm(), keys=services_keys.keys_of(current_user.id), words=words,
        now=now,
    )  # fmt: skip


@bp.route("/account/keys/new", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def new_key() -> Response | str:
    """Show the key just made, until its owner says that it is put away; it is never shown again."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    form = PressForm()
    if form.validate_on_submit():
        session.pop(NONCE, None)
        flash(_("La clé est prête. Elle ne sera plus montrée."), "good")
        return redirect(url_for(".keys", _anchor="message"))
    nonce = session.get(NONCE)
    if not nonce:
        return redirect(url_for(".keys"))
    page = render_template("portal/new_key.html", form=form, key=services_keys.key_from(nonce))
    response = Response(page, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/account/keys/<int:key_id>/end")
@guards.asks(Action.END_OWN_KEY)
def end_key(key_id: int) -> Response:
    """End one of one's own keys, at once."""
    key = db.get_or_404(ApiKey, key_id)
    guards.require(Action.END_OWN_KEY, key.place)
    guards.require_proof()
    if PressForm().validate_on_submit():
        services_keys.end_key(key, current_user.id, clock.now())
        flash(_("La clé « %(name)s » est arrêtée. Elle n'ouvre plus rien.", name=key.name), "good")
    return redirect(url_for(".keys", _anchor="message"))


@bp.get("/api/v1/openapi.json")
@guards.public
def openapi() -> Response:
    """The API described for programs."""
    return answer(api_openapi.document(current_app.config["POPSCHOOL"].base_url))


@bp.get("/api/v1/docs")
@guards.asks(Action.USE_API)
def api_page() -> str:
    """The API described for people."""
    guards.require(Action.USE_API)
    return render_template(
        "portal/api.html",
        operations=OPERATIONS,
        path_of=api_openapi.path_of,
        parameters_of=api_openapi.parameters_of,
        words=api_openapi.scope_words(),
        root=api_openapi.ROOT,
        most=rules_api.MOST_IN_WINDOW,
        base=current_app.config["POPSCHOOL"].base_url,
    )
