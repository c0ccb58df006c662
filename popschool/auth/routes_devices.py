"""The devices on which the person here is signed in."""

from typing import Any

from flask import abort, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards, services_devices, sessions
from popschool.auth.forms import PressForm
from popschool.auth.routes_base import bp
from popschool.auth.rules import Action
from popschool.auth.services_signing import read_account


@bp.get("/account/devices")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def devices() -> str:
    """List the devices, this one first."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    sessions.never_go_back_here()
    here = session.get(sessions.ON_DEVICE)
    found = services_devices.open_sessions(read_account(current_user.id), clock.now())
    return render_template(
        "auth/devices.html",
        here=here,
        sessions=sorted(found, key=lambda one: one.id != here),
        form=PressForm(formdata=None),
    )


@bp.post("/account/devices/<int:session_id>/end")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def end_device(session_id: int) -> Any:
    """Sign one device out."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    if not services_devices.end_session(session_id, current_user.id, clock.now()):
        abort(404)
    if session_id == session.get(sessions.ON_DEVICE):
        sessions.end()
        return redirect(url_for(".sign_in", out=1))
    flash(_("Cet appareil est déconnecté."), "good")
    return redirect(url_for(".devices", _anchor="message"))
