"""Pages of what people were told, and of what left for them."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import STAFF, Action, Role
from popschool.messages import rules, services
from popschool.messages.forms import ChoicesForm
from popschool.web.paging import LINES, Page, counted, offset, page_number

bp = Blueprint("messages", __name__)
LONGEST_SEARCH = 100


@bp.get("/messages")
@guards.asks(Action.SEE_OWN_NOTICES)
def mine() -> str:
    """A person's own notices, the newest first."""
    guards.require(Action.SEE_OWN_NOTICES)
    number = page_number(request.args.get("page"))
    notices, total = services.notices_of(current_user.id, offset(number), LINES)
    return render_template(
        "messages/mine.html", page=Page(notices, number, total), has_unread=any(not one.read_at for one in notices)
    )


@bp.post("/messages/read")
@guards.asks(Action.SEE_OWN_NOTICES)
def read() -> Response:
    """Note that everything was seen."""
    guards.require(Action.SEE_OWN_NOTICES)
    services.mark_read(current_user.id, clock.now())
    return redirect(url_for(".mine"))


@bp.route("/messages/choices", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_NOTICES)
def choices() -> Response | str:
    """Choose which messages leave, by which way, how often and when."""
    guards.require(Action.SEE_OWN_NOTICES)
    form = ChoicesForm()
    form.offer(bool(current_user.mail), bool(current_user.phone), rules.Choices.of(current_user.message_choices or {}))
    if form.validate_on_submit():
        services.keep_choices(current_user, form.chosen())
        flash(_("C'est fait. Vos prochains messages suivent ces choix."), "good")
        return redirect(url_for(".mine"))
    return render_template("messages/choices.html", form=form, is_reachable=current_user.mail or current_user.phone)


@bp.get("/messages/sent")
@guards.asks(Action.SEE_KEPT_MESSAGES)
def kept() -> str:
    """The mails and SMS to the people of one's schools, with their text where messages are kept and not sent."""
    guards.require(Action.SEE_KEPT_MESSAGES)
    settings = current_app.config["POPSCHOOL"]
    actor = guards.actor()
    schools = None if Role.NETWORK_MANAGER in actor.roles.get(None, frozenset()) else actor.schools_as(*STAFF)
    number, text = page_number(request.args.get("page")), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    messages, total = services.outgoing_messages(schools, text, clock.now(), offset(number), LINES, counted(number))
    lines = [(one, rules.pieces(one.text, settings.base_url) if one.is_kept else []) for one in messages]
    return render_template(
        "messages/kept.html",
        page=Page(lines, number, total, counted=counted(number)),
        text=text,
        keeps=settings.keeps_mail or settings.keeps_sms,
    )
