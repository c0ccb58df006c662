"""Inviting people and printing their cards, one by one or a whole cohort."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards, letters, services, services_invitations
from popschool.auth.forms import InviteForm, PressForm
from popschool.auth.routes_base import bp
from popschool.auth.rules import Action
from popschool.auth.rules_signing import Channel
from popschool.auth.services_signing import read_account
from popschool.db import db
from popschool.schools.models import Cohort, Person
from popschool.web import languages
from popschool.web.paging import Page, offset, page_number


@bp.route("/people/<int:person_id>/invite", methods=["GET", "POST"])
@guards.asks(Action.INVITE)
def invite_person(person_id: int) -> Any:
    """Invite one person, by the way that they choose among those that reach this person."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.INVITE, guards.place_of(person))
    account = read_account(person.id)
    form = InviteForm()
    form.channel.choices = _ways(person)
    if request.method == "GET" and form.channel.choices:
        form.channel.data = form.channel.choices[0].value
    if form.channel.choices and form.validate_on_submit():
        if form.channel.data == Channel.CARD:
            return redirect(url_for(".print_card", person_id=person.id))
        with form.refusals("channel"):
            services.invite(person, Channel(form.channel.data), by_id=current_user.id, now=clock.now())
            flash(_("L'invitation %(whose)s est partie.", whose=languages.of_person(person.name)), "good")
            return redirect(url_for(".invite_person", person_id=person.id))
    last = services_invitations.read_last(person.id)
    return render_template("auth/invite.html", form=form, person=person, account=account, last=last)


def _ways(person: Person) -> list[SelectChoice]:
    ways = []
    if person.mail:
        ways.append(SelectChoice(str(Channel.MAIL), _("Par mail, à %(mail)s", mail=person.mail)))
    if person.phone:
        ways.append(SelectChoice(str(Channel.SMS), _("Par SMS, au %(phone)s", phone=person.phone)))
    if person.learner_number:
        ways.append(SelectChoice(str(Channel.CARD), _("Avec une carte à imprimer")))
    return ways


@bp.route("/people/<int:person_id>/card", methods=["GET", "POST"])
@guards.asks(Action.PRINT_CARD)
def print_card(person_id: int) -> Any:
    """Make a card for one person, and show it to be printed."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.PRINT_CARD, guards.place_of(person))
    guards.require_standing_over(person.id)
    form = PressForm()
    if form.validate_on_submit():
        with form.refusals():
            services.invite(person, Channel.CARD, by_id=current_user.id, now=clock.now())
            return redirect(url_for(".print_card", person_id=person.id))
    cards = services_invitations.read_cards([person], by_id=current_user.id, now=clock.now())
    return _secret(render_template("auth/print_card.html", form=form, person=person, cards=cards, site=letters.site()))


def _secret(page: str) -> Response:
    """Answer with codes to print: nothing of it stays in the browser of a shared computer."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/cohorts/<int:cohort_id>/invitations", methods=["GET", "POST"])
@guards.asks(Action.PRINT_CARD)
def cohort_invitations(cohort_id: int) -> Any:
    """Say who of a cohort came in, who was invited and who was not; invite all who never came in."""
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.PRINT_CARD, cohort.place)
    guests = services_invitations.read_guests(cohort.id, clock.today())
    form = PressForm()
    if form.validate_on_submit():
        guards.require(Action.INVITE, cohort.place)
        with form.refusals():
            sent = services_invitations.invite_all(
                guests, by_id=current_user.id, school_id=cohort.school_id, now=clock.now()
            )
            _say_sent(sent)
            return redirect(url_for(".cohort_invitations", cohort_id=cohort.id))
    number = page_number(request.args.get("page"), len(guests))
    lines = guests[offset(number) : offset(number) + 25]
    return render_template(
        "auth/cohort_invitations.html",
        form=form,
        cohort=cohort,
        page=Page(lines, number, len(guests)),
        waiting=[guest for guest in guests if guest.state in ("never", "invited")],
        joined=sum(guest.state == "joined" for guest in guests),
        without_message=sum(not guest.person.mail and not guest.person.phone for guest in guests),
        may_invite=guards.allowed(Action.INVITE, cohort.place),
    )


def _say_sent(sent: dict[Channel, int]) -> None:
    messages = sent[Channel.MAIL] + sent[Channel.SMS]
    if messages:
        flash(ngettext("%(num)d invitation est partie.", "%(num)d invitations sont parties.", messages), "good")
    if sent[Channel.CARD]:
        flash(
            ngettext(
                "%(num)d personne n'a ni mail ni téléphone. Imprimez sa carte.",
                "%(num)d personnes n'ont ni mail ni téléphone. Imprimez leurs cartes.",
                sent[Channel.CARD],
            ),
            "warn",
        )
    if not messages and not sent[Channel.CARD]:
        flash(_("Tout le monde est déjà entré. Il n'y a personne à inviter."), "good")


@bp.route("/cohorts/<int:cohort_id>/cards", methods=["GET", "POST"])
@guards.asks(Action.PRINT_CARD)
def cohort_cards(cohort_id: int) -> Any:
    """Make the cards of those who never came in, and show them to be printed."""
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.PRINT_CARD, cohort.place)
    guests = services_invitations.read_guests(cohort.id, clock.today())
    waiting = guards.those_vouched([guest.person for guest in guests if guest.state in ("never", "invited")])
    form = PressForm()
    if form.validate_on_submit():
        with form.refusals():
            services_invitations.print_cards(
                waiting, by_id=current_user.id, school_id=cohort.school_id, now=clock.now()
            )
            return redirect(url_for(".cohort_cards", cohort_id=cohort.id))
    cards = services_invitations.read_cards(waiting, by_id=current_user.id, now=clock.now())
    printable = sum(bool(person.learner_number) for person in waiting)
    page = render_template(
        "auth/cohort_cards.html",
        form=form,
        cohort=cohort,
        cards=cards,
        site=letters.site(),
        waiting=len(waiting),
        printable=printable,
    )
    return _secret(page)
