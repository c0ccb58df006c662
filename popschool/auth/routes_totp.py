"""A second factor: setting up an application, recovery codes, stopping."""

from typing import Any

from flask import Response, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from popschool import clock
from popschool.auth import codes, guards, services_account, services_passkeys, services_signing, totp
from popschool.auth import rules_signing as rules
from popschool.auth.forms import CodeForm, ConfirmPasswordForm, PressForm, SecondFactorForm
from popschool.auth.models import Account
from popschool.auth.routes_base import bp
from popschool.auth.routes_sign_in import address
from popschool.auth.rules import Action
from popschool.auth.services_signing import read_account

SECRET, NONCE = "totp", "recovery"


@bp.route("/account/second", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def second() -> Any:
    """Set up an application that gives codes: scan the drawing, then write a first code."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    account = read_account(current_user.id)
    if account.totp_secret_encrypted is not None:
        return render_template("auth/second_on.html")
    secret = codes.decrypted(SECRET, session.get(SECRET, "")) or _new_secret()
    form = CodeForm()
    if form.validate_on_submit():
        with form.refusals("code"):
            nonce = services_account.start_totp(account, secret, form.code.data, clock.now())
            session.pop(SECRET, None)
            return to_recovery_codes(nonce)
    name = current_user.mail or current_user.phone or current_user.learner_number
    drawing = Markup(totp.drawing(secret, name, _("Code à scanner avec votre application")))
    return render_template(
        "auth/second_setup.html",
        form=form,
        drawing=drawing,
        secret=_in_fours(secret),
        is_required=guards.SET_UP in session,
    )


def _new_secret() -> str:
    secret = totp.make_secret()
    session[SECRET] = codes.encrypted(SECRET, secret)
    return secret


def _in_fours(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def to_recovery_codes(nonce: str) -> Response:
    """Show new recovery codes, on a page that the person can load again for ten minutes."""
    session[NONCE] = [nonce, int(clock.now().timestamp())]
    return redirect(url_for(".recovery_codes"))


def _shown_codes() -> list[str]:
    """Return the recovery codes that were just made; nothing once they were put away, or after ten minutes."""
    nonce, since = session.get(NONCE) or (None, 0)
    if nonce is None or clock.now().timestamp() - since > rules.PENDING_LIFE.total_seconds():
        session.pop(NONCE, None)
        return []
    return totp.recovery_codes(nonce)


@bp.route("/account/second/codes", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def recovery_codes() -> Any:
    """Show the recovery codes, once, until the person says that they are put away."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    form = PressForm()
    if form.validate_on_submit():
        session.pop(NONCE, None)
        onward = session.pop(guards.SET_UP, None)
        flash(_("C'est fait. À la prochaine connexion, nous demandons une preuve de plus."), "good")
        return redirect(onward or url_for(".account"))
    shown = _shown_codes()
    if not shown:
        return redirect(url_for(".second"))
    response = Response(render_template("auth/recovery_codes.html", form=form, codes=shown))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/account/second/codes.txt")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def recovery_codes_file() -> Any:
    """Give the same codes as a file to keep."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    shown = _shown_codes()
    if not shown:
        return redirect(url_for(".second"))
    response = Response("\n".join([_("Popschool, codes de secours"), "", *shown, ""]), mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="popschool-codes.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/account/second/codes/new", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def new_recovery_codes() -> Any:
    """Replace the recovery codes, once the person has proved again who they are."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    account = read_account(current_user.id)
    if not services_passkeys.has_second(account):
        return redirect(url_for(".second"))
    form = _confirmation(account)
    if form.validate_on_submit():
        with form.refusals(_proof(account)):
            _confirm(account, form)
            return to_recovery_codes(services_account.renew_recovery_codes(account, clock.now()))
    return render_template("auth/second_confirm.html", form=form, proof=form[_proof(account)], is_stop=False)


@bp.route("/account/second/stop", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def stop_second() -> Any:
    """Stop asking for a second factor, once the person has proved again who they are."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    account = read_account(current_user.id)
    if account.totp_secret_encrypted is None:
        return redirect(url_for(".second"))
    form = _confirmation(account)
    if form.validate_on_submit():
        with form.refusals(_proof(account)):
            _confirm(account, form)
            services_account.stop_totp(account, current_user.id, clock.now())
            flash(_("C'est arrêté. Nous ne demandons plus de code d'application."), "good")
            return redirect(url_for(".account"))
    return render_template("auth/second_confirm.html", form=form, proof=form[_proof(account)], is_stop=True)


def _confirmation(account: Account) -> ConfirmPasswordForm | SecondFactorForm:
    """Ask for the password; for a code of the application from those who have none."""
    return ConfirmPasswordForm() if account.password_hash is not None else SecondFactorForm()


def _proof(account: Account) -> str:
    return "current" if account.password_hash is not None else "code"


def _confirm(account: Account, form: ConfirmPasswordForm | SecondFactorForm) -> None:
    if account.password_hash is not None:
        services_account.confirm_password(account, form.current.data, address(), clock.now())
    else:
        services_signing.check_second_factor(account.person_id, form.code.data, address(), clock.now())
