"""One's own account: what is known, the password, the sessions."""

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import guards, kept, services, services_account, services_passkeys, sessions
from popschool.auth.forms import ChangePasswordForm, NewPasswordForm, PressForm
from popschool.auth.routes_base import bp
from popschool.auth.routes_sign_in import address, carried, just_proved, kept_page, password_page
from popschool.auth.rules import Action, Role
from popschool.auth.services_signing import read_account
from popschool.auth.words import ROLES
from popschool.db import db
from popschool.schools.models import Person
from popschool.web import languages, visitor


@bp.get("/account")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def account() -> Any:
    """Show what is known of the person here, and the ways to change it."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    mine = read_account(current_user.id)
    sessions.never_go_back_here()
    return render_template(
        "auth/account.html",
        account=mine,
        person=current_user,
        roles=_role_names(current_user.id),
        language=languages.NAMES.get(current_user.language, current_user.language),
        has_second=services_passkeys.has_second(mine),
        form=PressForm(),
    )


def _role_names(person_id: int) -> list[str]:
    """Return the roles held, each with its school."""
    grants = services.read_grants(person_id)
    wanted = {grant.school_id for grant in grants} - {None}
    names = services.school_names(wanted)
    return [
        f"{ROLES[Role(grant.role)]}, {names[grant.school_id]}" if grant.school_id else str(ROLES[Role(grant.role)])
        for grant in grants
    ]


@bp.route("/account/password", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def password() -> Any:
    """Choose a password: the present one is asked for, unless a code, a link or a card was just given."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    mine = read_account(current_user.id)
    asks_current = mine.password_hash is not None and not just_proved()
    form = ChangePasswordForm() if asks_current else NewPasswordForm()
    if form.validate_on_submit() and _current_is_right(form, asks_current):
        with form.refusals("password"):
            person = db.session.get_one(Person, current_user.id)
            changed = services_account.set_password(person, form.password.data, clock.now())
            sessions.begin(changed, person, is_shared=bool(session.get(visitor.SHARED)))
            flash(_("Votre mot de passe est changé. Les autres appareils sont déconnectés."), "good")
            text = kept.read(carried())
            return redirect(url_for(".account")) if text is None else kept_page(text)
    return password_page(form, has_one=mine.password_hash is not None, asks_current=asks_current)


def _current_is_right(form: ChangePasswordForm, is_asked: bool) -> bool:
    if not is_asked:
        return True
    with form.refusals("current"):
        services_account.confirm_password(read_account(current_user.id), form.current.data, address(), clock.now())
        return True
    return False


@bp.post("/sign-out/everywhere")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def sign_out_everywhere() -> Any:
    """End every session of the person here, this one too."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    if PressForm().validate_on_submit():
        services_account.end_sessions(read_account(current_user.id), clock.now())
        sessions.end()
        flash(_("Vous êtes déconnecté ou déconnectée de tous vos appareils."), "good")
    left = redirect(url_for(".sign_in", out="everywhere"))
    left.headers["Clear-Site-Data"] = '"cache"'  # not "storage": nobody was told that it goes
    return left
