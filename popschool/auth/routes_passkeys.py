"""Passkeys: those of the person here, and coming in with one."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import challenges, guards, passkeys, services_passkeys
from popschool.auth.forms import PasskeyForm, PasskeyNameForm, PressForm
from popschool.auth.routes_base import bp
from popschool.auth.routes_sign_in import OTHER_WAYS, begin_with, carried, next_address
from popschool.auth.routes_totp import to_recovery_codes
from popschool.auth.rules import Action
from popschool.auth.rules_devices import name_device
from popschool.auth.services_signing import read_account


@bp.route("/account/passkeys", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def own_passkeys() -> Any:
    """List the passkeys of the person here, and add one: the form holds what their device answered."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    guards.require_proof()
    account = read_account(current_user.id)
    form = PasskeyNameForm(data={"name": _device_name()})
    if form.validate_on_submit():
        with form.refusals():
            nonce = services_passkeys.enrol(
                account, form.name.data, form.credential.data, challenges.spent(challenges.ADD), clock.now()
            )
            if nonce is not None:
                return to_recovery_codes(nonce)
            flash(_("Votre clé d'accès est ajoutée."), "good")
            return redirect(session.pop(guards.SET_UP, None) or url_for(".own_passkeys", _anchor="message"))
    keys = services_passkeys.open_keys(current_user.id)
    name = current_user.mail or current_user.phone or current_user.learner_number
    known = [key.credential_id for key in keys]
    asked = passkeys.creation(challenges.give(challenges.ADD), current_user.id, name, current_user.name, known)
    return render_template(
        "auth/passkeys.html",
        form=form,
        press=PressForm(formdata=None),
        keys=keys,
        asked=asked,
        is_required=guards.SET_UP in session,
        has_application=account.totp_secret_encrypted is not None,
    )


@bp.post("/account/passkeys/<int:passkey_id>/end")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def end_passkey(passkey_id: int) -> Any:
    """End one passkey: it opens nothing any more."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    guards.require_proof()
    if not services_passkeys.end(passkey_id, current_user.id, clock.now()):
        abort(404)
    flash(_("Cette clé d'accès n'ouvre plus votre compte."), "good")
    return redirect(url_for(".own_passkeys", _anchor="message"))


@bp.route("/sign-in/passkey", methods=["GET", "POST"])
@guards.public
def sign_in_passkey() -> Any:
    """Come in with a passkey alone: the device says whose it is, and has checked who holds it."""
    form = PasskeyForm()
    if form.validate_on_submit():
        with form.refusals():
            return begin_with(
                services_passkeys.use(form.credential.data, challenges.spent(challenges.ENTER), clock.now())
            )
    return _sign_in_page(form)


def _sign_in_page(form: PasskeyForm) -> str:
    asked = passkeys.request(challenges.give(challenges.ENTER))
    return render_template("auth/sign_in_passkey.html", form=form, asked=asked, kept=carried(), next=next_address())


OTHER_WAYS["passkey"] = lambda data: _sign_in_page(PasskeyForm(formdata=None))


def _device_name() -> str:
    return ", ".join(part for part in name_device(request.user_agent.string) if part) or _("Mon appareil")
