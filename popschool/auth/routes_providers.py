"""Signing in with the account of one's school, and the page where a manager sets its service up."""

import json
from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock, outbound
from popschool.auth import codes, guards, openid, rules_signing, services_providers
from popschool.auth import rules_providers as rules
from popschool.auth.forms import PressForm, ProviderForm, UnlinkForm
from popschool.auth.models import IdentityProvider
from popschool.auth.routes_base import bp
from popschool.auth.routes_sign_in import HOME, address, enter
from popschool.auth.rules import Action
from popschool.db import db
from popschool.errors import RuleBroken
from popschool.schools.models import School
from popschool.web import addresses, wording

FLOW, PROVIDER = "provider", "provider"


@bp.get("/sign-in/with/<int:school_id>")
@guards.public
def sign_in_with(school_id: int) -> Any:
    """Send the browser to the service of a school, with what it must bring back."""
    provider = services_providers.open_of(school_id) or abort(404)
    goal = rules_signing.own_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(goal or HOME)
    try:
        place, asked = services_providers.begin(provider, _back(school_id))
    except rules.ProviderAway as fact:
        return _failed(fact)
    flow = [school_id, asked.state, asked.nonce, asked.verifier, goal]
    session[FLOW] = codes.encrypted(FLOW, json.dumps([*flow, int(clock.now().timestamp())]))
    return redirect(place)


@bp.get("/sign-in/with/<int:school_id>/back")
@guards.public
def came_back(school_id: int) -> Any:
    """Take what a service answers, once, in the browser that asked, and go in."""
    provider = services_providers.open_of(school_id) or abort(404)
    flow = _flow(school_id)
    try:
        if flow is None:
            raise rules.ProviderRefused("no such question in this browser")
        asked, goal = flow
        if not codes.same(asked.state, request.args.get("state", "")):
            raise rules.ProviderRefused("another state")
        if request.args.get("iss", provider.issuer) != provider.issuer:
            raise rules.ProviderRefused("another issuer")
        if "error" in request.args:
            raise rules.ProviderStopped
        code = request.args.get("code", "")
        entered = services_providers.enter(provider, asked, code, _back(school_id), address(), clock.now())
    except RuleBroken as fact:
        return _failed(fact)
    session["next"] = goal
    answer = enter(entered.account, PROVIDER, is_proved_twice=entered.is_proved_twice)
    if not entered.is_proved_just_now:  # signed in there since this morning: dangerous acts ask who is there
        session.pop(guards.PROVED_AT, None)
    return answer


def _flow(school_id: int) -> tuple[openid.Asked, str | None] | None:
    """Return what this browser was sent to this school's service with, a few minutes ago; it is forgotten."""
    kept = codes.decrypted(FLOW, session.pop(FLOW, ""))
    if kept is None:
        return None
    school, state, nonce, verifier, goal, since = json.loads(kept)
    age = clock.now().timestamp() - since
    if school != school_id or not 0 <= age < rules_signing.PENDING_LIFE.total_seconds():
        return None
    return openid.Asked(state, nonce, verifier), goal


def _back(school_id: int) -> str:
    return addresses.whole("auth.came_back", school_id=school_id)


def _failed(fact: RuleBroken) -> Any:
    status = 424 if isinstance(fact, rules.ProviderAway) else 403
    return render_template("auth/provider_failed.html", sentence=wording.sentence(fact)), status


@bp.route("/schools/<int:school_id>/provider", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_PROVIDER)
def provider(school_id: int) -> Any:
    """Set up the service by which the people of a school sign in."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_PROVIDER, school.place)
    found = services_providers.of_school(school_id)
    guards.require_proof()
    form = ProviderForm(data=_as_written(found))
    if form.validate_on_submit() and _is_saved(form, school):
        flash(_("C'est enregistré. Essayez-le dans une autre fenêtre avant de l'annoncer."), "good")
        return redirect(url_for(".provider", school_id=school_id, _anchor="message"))
    return _provider_page(form, school, found, UnlinkForm(formdata=None))


def _as_written(found: IdentityProvider | None) -> dict[str, Any]:
    """Return what the form shows of a service; its secret is never shown again."""
    if found is None:
        return {}
    names = ("name", "issuer", "client_id", "proves_twice")
    return {name: getattr(found, name) for name in names} | {"domains": ", ".join(found.domains)}


def _provider_page(form: ProviderForm, school: School, found: IdentityProvider | None, unlink: UnlinkForm) -> str:
    return render_template(
        "auth/provider.html",
        form=form,
        school=school,
        provider=found,
        back=_back(school.id),
        unlink_form=unlink,
    )


def _is_saved(form: ProviderForm, school: School) -> bool:
    """Keep what was written; False when it is refused, the form saying why beside the field."""
    wanted = services_providers.Wanted(
        form.name.data.strip(), form.issuer.data.strip(), form.client_id.data.strip(), form.new_secret.data or "",
        form.domains.data, form.proves_twice.data,
    )  # fmt: skip
    try:
        services_providers.save(school, wanted, current_user.id, clock.now())
    except (outbound.OutboundRefused, rules.ProviderAway) as fact:
        form.refuse(wording.sentence(fact), "issuer")
    except rules.DomainsUnreadable as fact:
        form.refuse(wording.sentence(fact), "domains")
    except rules.ProviderSecretMissing as fact:
        form.refuse(wording.sentence(fact), "new_secret")
    else:
        return True
    return False


def _of(school_id: int) -> IdentityProvider:
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_PROVIDER, school.place)
    guards.require_proof()
    return services_providers.of_school(school_id) or abort(404)


@bp.post("/schools/<int:school_id>/provider/end")
@guards.asks(Action.MANAGE_PROVIDER)
def end_provider(school_id: int) -> Any:
    """Let nobody come in by the service any more."""
    found = _of(school_id)
    if PressForm().validate_on_submit():
        services_providers.end(found, current_user.id, clock.now())
        flash(_("C'est arrêté. Plus personne n'entre par ce service."), "good")
    return redirect(url_for(".provider", school_id=school_id, _anchor="message"))


@bp.post("/schools/<int:school_id>/provider/unlink")
@guards.asks(Action.MANAGE_PROVIDER)
def unlink_provider(school_id: int) -> Any:
    """Let a person come in with another account of the service."""
    found = _of(school_id)
    form = UnlinkForm()
    if form.validate_on_submit():
        if services_providers.unlink(found, form.handle.handle, current_user.id, clock.now()):
            flash(_("C'est fait. Cette personne peut entrer avec un autre compte du service."), "good")
            return redirect(url_for(".provider", school_id=school_id, _anchor="message"))
        form.refuse(_("Personne n'est entré par ce service avec cette adresse. Vérifiez-la."), "handle")
    return _provider_page(ProviderForm(formdata=None, data=_as_written(found)), found.school, found, form)
