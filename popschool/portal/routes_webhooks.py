"""The programs that a school tells what happens: their addresses, what each was told, every try."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock, outbound
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.portal import services_webhooks
from popschool.portal.forms_keys import PressForm
from popschool.portal.forms_webhooks import EVENTS, HookForm
from popschool.portal.models import Delivery, Hook
from popschool.portal.routes_base import bp
from popschool.portal.rules_webhooks import Event, Outcome
from popschool.schools.models import Person, School
from popschool.web import paging, wording


@bp.route("/schools/<int:school_id>/hooks", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_WEBHOOKS)
def hooks(school_id: int) -> Response | str:
    """The addresses of a school, and a new one."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_WEBHOOKS, school.place)
    form = HookForm()
    if form.validate_on_submit():
        guards.require_proof()
        made = _made(form, school)
        if made is not None:
            flash(_("L'adresse est gardée. Copiez son secret dans le programme."), "good")
            return redirect(url_for(".hook", hook_id=made.id, _anchor="message"))
    return render_template(
        "portal/hooks.html", school=school, form=form, hooks=services_webhooks.hooks_of(school.id), words=EVENTS
    )


def _made(form: HookForm, school: School) -> Hook | None:
    """Add an address; None when it is refused, the form saying why beside the field."""
    events = [Event(one) for one in form.events.data or ()]
    by = db.session.get_one(Person, current_user.id)
    try:
        with form.refusals("events"):
            return services_webhooks.add_hook(school, form.url.data, events, by, clock.now())
    except outbound.OutboundRefused as fact:
        form.refuse(wording.sentence(fact), "url")
    return None


def _hook(hook_id: int) -> Hook:
    """Return an address; its page shows a secret, and its buttons say who is told: both ask who is there."""
    found = db.get_or_404(Hook, hook_id)
    guards.require(Action.MANAGE_WEBHOOKS, found.place)
    guards.require_proof()
    return found


@bp.get("/hooks/<int:hook_id>")
@guards.asks(Action.MANAGE_WEBHOOKS)
def hook(hook_id: int) -> str:
    """One address: does it take what it is sent, its secret, what it was told."""
    found = _hook(hook_id)
    number = paging.page_number(request.args.get("page"))
    lines, total = services_webhooks.deliveries_of(found.id, paging.offset(number), paging.LINES)
    return render_template(
        "portal/hook.html",
        hook=found,
        secret=services_webhooks.secret_of(found),
        page=paging.Page(lines, number, total),
        tries=services_webhooks.last_tries(lines),
        words={str(event): words for event, words in EVENTS.items()},
        told=" ; ".join(str(EVENTS[Event(one)]) for one in found.events),
        outcomes=Outcome,
    )


def _pressed(hook_id: int) -> Response:
    return redirect(url_for(".hook", hook_id=hook_id, _anchor="message"))


@bp.post("/hooks/<int:hook_id>/stop")
@guards.asks(Action.MANAGE_WEBHOOKS)
def stop_hook(hook_id: int) -> Response:
    """Send nothing more to an address for now."""
    found = _hook(hook_id)
    if PressForm().validate_on_submit():
        services_webhooks.stop(found, current_user.id, clock.now())
        flash(_("Les envois sont arrêtés."), "good")
    return _pressed(hook_id)


@bp.post("/hooks/<int:hook_id>/start")
@guards.asks(Action.MANAGE_WEBHOOKS)
def start_hook(hook_id: int) -> Response:
    """Send again to an address."""
    found = _hook(hook_id)
    if PressForm().validate_on_submit():
        services_webhooks.start(found, current_user.id, clock.now())
        flash(_("Les envois reprennent."), "good")
    return _pressed(hook_id)


@bp.post("/hooks/<int:hook_id>/end")
@guards.asks(Action.MANAGE_WEBHOOKS)
def end_hook(hook_id: int) -> Response:
    """Take an address away."""
    found = _hook(hook_id)
    if PressForm().validate_on_submit():
        services_webhooks.end(found, current_user.id, clock.now())
        flash(_("L'adresse est enlevée."), "good")
    return redirect(url_for(".hooks", school_id=found.school_id, _anchor="message"))


@bp.post("/hooks/<int:hook_id>/sent/<int:delivery_id>")
@guards.asks(Action.MANAGE_WEBHOOKS)
def send_again(hook_id: int, delivery_id: int) -> Response:
    """Tell one thing again."""
    _hook(hook_id)
    delivery = db.first_or_404(db.select(Delivery).filter_by(id=delivery_id, webhook_id=hook_id))
    if PressForm().validate_on_submit():
        services_webhooks.send_again(delivery, current_user.id, clock.now())
        flash(_("C'est envoyé de nouveau dans un instant."), "good")
    return _pressed(hook_id)
