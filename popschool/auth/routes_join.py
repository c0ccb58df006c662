"""Coming in for the first time: the link of an invitation, or a printed card. Opening a page uses nothing up."""

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from popschool import clock
from popschool.auth import guards, services_invitations
from popschool.auth.forms import CardForm, NewPasswordForm, PressForm
from popschool.auth.models import Invitation
from popschool.auth.routes_base import bp
from popschool.auth.routes_sign_in import CARD, LINK, address, card_page, carried, enter, onward, visit
from popschool.auth.rules_signing import PENDING_LIFE
from popschool.db import db
from popschool.schools.models import Person, School

CARD_SEEN = "card"


@bp.route("/i/<token>", methods=["GET", "POST"])
@guards.public
def join(token: str) -> Any:
    """Show an invitation and its two ways in: with a password, or without."""
    now = clock.now()
    invitation = services_invitations.find_link(token)
    if invitation is None:
        return render_template("auth/join_dead.html", invitation=None, why="unknown", form=PressForm()), 404
    visit()
    way = request.form.get("way")
    with_password = way == "password"
    form = NewPasswordForm() if with_password else NewPasswordForm(formdata=None)
    if form.validate_on_submit() if with_password else way == "code" and PressForm().validate_on_submit():
        with form.refusals("password" if with_password else None):
            password = form.password.data if with_password else None
            account = services_invitations.accept(invitation.id, password, address(), now, visit())
            return enter(account, LINK)
    why = services_invitations.state(invitation, now)
    if why != "live":
        return _dead(invitation, why)
    school = db.session.get(School, invitation.school_id) if invitation.school_id else None
    return render_template("auth/join.html", form=form, invitation=invitation, school=school)


@bp.post("/i/<token>/again")
@guards.public
def join_again(token: str) -> Any:
    """Send another link in place of a dead one."""
    invitation = services_invitations.find_link(token)
    form = PressForm()
    if invitation is None or not form.validate_on_submit():
        return redirect(url_for(".join", token=token))
    if services_invitations.state(invitation, clock.now()) != "live":
        with form.refusals():
            services_invitations.renew(invitation, clock.now())
            flash(_("C'est parti. Ouvrez le dernier message reçu, et son lien."), "good")
            return redirect(url_for(".join", token=token, sent=1))
        return _dead(invitation, services_invitations.state(invitation, clock.now()), form)
    return redirect(url_for(".join", token=token))


def _dead(invitation: Invitation, why: str, form: PressForm | None = None) -> Any:
    page = render_template(
        "auth/join_dead.html",
        invitation=invitation,
        token=request.view_args["token"],
        why=why,
        can_send=services_invitations.can_be_sent_again(invitation) and "sent" not in request.args,
        was_sent="sent" in request.args,
        form=form or PressForm(formdata=None),
    )
    return page, 200 if "sent" in request.args else 410


@bp.route("/card", methods=["GET", "POST"])
@guards.public
def card() -> Any:
    """Read a printed card: a number and a code. It is used up on the next page."""
    visit()
    form = CardForm(data={"number": request.args.get("number", "")})
    if form.validate_on_submit():
        with form.refusals():
            invitation = services_invitations.check_card(form.number.data, form.code.data, address(), clock.now())
            session[CARD_SEEN] = [invitation.id, int(clock.now().timestamp())]
            return onward(
                "auth.card_password", lambda: _card_password_page(NewPasswordForm(formdata=None), invitation.person_id)
            )
    return card_page(form)


@bp.route("/card/password", methods=["GET", "POST"])
@guards.public
def card_password() -> Any:
    """Choose a password after a card; this uses the card."""
    invitation_id, since = session.get(CARD_SEEN) or (None, 0)
    now = clock.now()
    if invitation_id is None or now.timestamp() - since > PENDING_LIFE.total_seconds():
        session.pop(CARD_SEEN, None)
        return redirect(url_for(".card"))
    invitation = db.session.get_one(Invitation, invitation_id)
    form = NewPasswordForm()
    if form.validate_on_submit():
        with form.refusals("password"):
            account = services_invitations.accept(invitation_id, form.password.data, address(), now, visit())
            return enter(account, CARD)
    return _card_password_page(form, invitation.person_id)


def _card_password_page(form: NewPasswordForm, person_id: int) -> str:
    person = db.session.get_one(Person, person_id)
    return render_template("auth/card_password.html", form=form, person=person, kept=carried())
