"""Proving once more who is there, before an act that does harm in wrong hands; what was typed waits meanwhile."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask_login import current_user

from popschool import clock
from popschool.auth import challenges, guards, kept, rules_signing, services_account, services_signing
from popschool.auth.forms import CodeForm, ConfirmPasswordForm, SecondFactorForm
from popschool.auth.models import Account
from popschool.auth.routes_base import bp
from popschool.auth.routes_sign_in import address, carried, kept_page, visit
from popschool.auth.rules import Action
from popschool.auth.rules_signing import Handle, Purpose
from popschool.auth.services_signing import read_account
from popschool.web.errors import answer, wants_json

HOME = "/"
ProofForm = ConfirmPasswordForm | SecondFactorForm | CodeForm


@bp.app_errorhandler(guards.ProofNeeded)
def proof_needed(error: guards.ProofNeeded) -> Any:
    """Send to the page that asks, and back afterwards; a form being sent is carried along."""
    if wants_json():
        return answer(403)
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("auth.prove", next=rules_signing.own_path(request.full_path.rstrip("?"))))
    g.kept_text = kept.gather(current_user.id)
    files = [file.filename for file in request.files.values() if file.filename]
    form = _form(read_account(current_user.id), is_fresh=True)
    return _page(form, next=None, is_kept=g.kept_text is not None, files=files), 403


@bp.route("/account/prove", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def prove() -> Any:
    """Ask for a passkey, the password, a code of the application, or a code that is sent."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    account = read_account(current_user.id)
    onward = rules_signing.own_path(request.values.get("next")) or HOME
    if request.form.get("way") == "send":
        form = _form(account, is_fresh=True)
        with form.refusals():
            services_signing.request_code(_handle(), Purpose.PROOF, address(), clock.now())
            return _page(form, next=onward, was_sent=True)
        return _page(form, next=onward)
    form = _form(account, is_fresh=challenges.answers())
    if challenges.answers():
        with form.refusals():
            challenges.use(account.person_id, challenges.PROVE)
            return _onward(onward)
    elif form.validate_on_submit():
        with form.refusals("current" if isinstance(form, ConfirmPasswordForm) else "code"):
            _check(account, form)
            return _onward(onward)
    return _page(form, next=onward)


def _onward(address: str) -> Any:
    guards.note_proof()
    text = kept.read(carried())
    return kept_page(text) if text is not None else redirect(address)


def _form(account: Account, is_fresh: bool = False) -> ProofForm:
    """Return what this person can prove themselves with: a password, else their application, else a code sent."""
    given = {"formdata": None} if is_fresh else {}
    if account.password_hash is not None:
        return ConfirmPasswordForm(**given)
    return SecondFactorForm(**given) if account.totp_secret_encrypted is not None else CodeForm(**given)


def _check(account: Account, form: ProofForm) -> None:
    if isinstance(form, ConfirmPasswordForm):
        services_account.confirm_password(account, form.current.data, address(), clock.now())
    elif isinstance(form, SecondFactorForm):
        services_signing.check_second_factor(account.person_id, form.code.data, address(), clock.now(), visit())
    else:
        services_signing.sign_in_with_code(_handle(), Purpose.PROOF, form.code.data, address(), clock.now(), visit())


def _handle() -> Handle:
    """Return where a code reaches the person here."""
    if current_user.mail:
        return Handle(rules_signing.MAIL, current_user.mail)
    if current_user.phone:
        return Handle(rules_signing.PHONE, current_user.phone)
    return Handle(rules_signing.NUMBER, current_user.learner_number or "")


def _page(form: ProofForm, **more: Any) -> str:
    asked = challenges.asked_of(current_user.id, challenges.PROVE)
    return render_template(
        "auth/prove.html", form=form, kept=carried(), is_sent=isinstance(form, CodeForm), asked=asked, **more
    )
