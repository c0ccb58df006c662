"""Pages of what people were told."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import STAFF, Action, Role
from popschool.messages import services
from popschool.web.paging import LINES, Page, offset, page_number

bp = Blueprint("messages", __name__, template_folder="templates")


@bp.get("/messages")
@guards.asks(Action.SEE_OWN_NOTICES)
def mine() -> str:
    """A person's own notices, the newest first."""
    guards.require(Action.SEE_OWN_NOTICES)
    number = page_number(request.args.get("page"))
    notices, total = services.notices_of(current_user.id, offset(number), LINES)
    return render_template("messages/mine.html", page=Page(notices, number, total))


@bp.post("/messages/read")
@guards.asks(Action.SEE_OWN_NOTICES)
def read() -> Response:
    guards.require(Action.SEE_OWN_NOTICES)
    services.mark_read(current_user.id, clock.now())
    return redirect(url_for(".mine"))


@bp.get("/messages/kept")
@guards.asks(Action.SEE_KEPT_MESSAGES)
def kept() -> str:
    """In a demonstration, the mails and SMS that would have been sent."""
    guards.require(Action.SEE_KEPT_MESSAGES)
    settings = current_app.config["POPSCHOOL"]
    if not (settings.keeps_mail or settings.keeps_sms):
        abort(404)
    actor = guards.actor()
    is_network = Role.NETWORK_MANAGER in actor.roles.get(None, frozenset())
    number, text = page_number(request.args.get("page")), request.args.get("q", "").strip()[:100]
    messages, total = services.kept_messages(
        None if is_network else actor.schools_as(*STAFF), text, offset(number), LINES
    )
    return render_template("messages/kept.html", page=Page(messages, number, total), text=text)
