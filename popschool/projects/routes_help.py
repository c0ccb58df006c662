"""Help: a learner asks at the place where they need it; their team goes, in the order of asking."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.db import db
from popschool.projects import rules_help as rules
from popschool.projects import services_help as services
from popschool.projects.forms import ConfirmForm
from popschool.projects.forms_help import AnswerForm, AskForm
from popschool.projects.models_help import HelpRequest
from popschool.projects.routes_base import bp
from popschool.projects.routes_readings import reading_of
from popschool.projects.rules_help import Turn
from popschool.projects.services_margins import place_name
from popschool.projects.services_quizzes import pinned
from popschool.schools.rules import Place
from popschool.web import languages, wording
from popschool.web.paging import LINES, Page, offset, page_number

TURNS = {"take": Turn.TAKEN, "give-back": Turn.GIVEN_BACK}

wording.say(rules.HelpEnded, lambda fact: _("Cette demande est déjà finie. Il n'y a plus rien à faire."))
wording.say(
    rules.TakenByAnother,
    lambda fact: _("%(name)s s'occupe déjà de cette demande. Choisissez-en une autre.", name=fact.name),
)
wording.say(rules.MessageEmpty, lambda fact: _("Écrivez votre message, ou choisissez une autre façon d'aider."))


@bp.route("/help/ask", methods=["GET", "POST"])
@guards.asks(Action.ASK_HELP)
def ask_help() -> Response | str:
    """Ask for help at a place of a page. The sentence may be left empty: the place says a lot already."""
    page_id, anchor = request.args.get("page", type=int) or abort(404), request.args.get("at", "")[:140]
    reading, number = reading_of(page_id)
    here = guards.actor().learns_in & reading.cohorts.keys()
    guards.require(Action.ASK_HELP, Place(cohorts=frozenset(reading.cohorts)))
    name, form = place_name(page_id, number, anchor) or abort(404), AskForm()
    if form.validate_on_submit():
        where = pinned(here)
        made = services.ask_help(
            current_user._get_current_object(), where, page_id, anchor, name, form.words.data or "", clock.now()
        )
        return redirect(url_for(".help_request", request_id=made.id))
    return render_template("projects/ask_help.html", form=form, place_name=name, page_id=page_id, anchor=anchor)


def _request(request_id: int, action: Action) -> HelpRequest:
    found = db.get_or_404(HelpRequest, request_id)
    guards.require(action, found.place)
    return found


@bp.get("/help/requests/<int:request_id>")
@guards.asks(Action.SEE_HELP_REQUEST)
def help_request(request_id: int) -> str:
    """Where one's request stands: how many are before, who comes, what was answered."""
    found = _request(request_id, Action.SEE_HELP_REQUEST)
    return render_template(
        "projects/help_request.html",
        asked=found,
        before=services.rank_of(found) if found.ended_at is None else 0,
        is_mine=found.person_id == current_user.id,
        form=ConfirmForm(),
    )


@bp.post("/help/requests/<int:request_id>/found")
@guards.asks(Action.END_OWN_HELP)
def found_help(request_id: int) -> Response:
    """The person no longer needs help."""
    found = _request(request_id, Action.END_OWN_HELP)
    services.take_turn(found, Turn.FOUND, current_user._get_current_object(), clock.now())
    flash(_("Votre demande est finie. Bravo."), "good")
    return redirect(url_for(".help_request", request_id=found.id) + "#message")


@bp.get("/help/queue")
@guards.asks(Action.SEE_HELP_QUEUE)
def help_queue() -> str:
    """Who needs help in one's cohorts, the oldest first; and what ended in the last day."""
    guards.require(Action.SEE_HELP_QUEUE)
    actor, now = guards.actor(), clock.now()
    mine = (actor.trains_in, actor.schools_as(Role.SCHOOL_MANAGER))
    asked_page = request.args.get("page", type=int) or 1
    lines, total = services.queue(*mine, offset(asked_page), LINES)
    return render_template(
        "projects/help_queue.html",
        page=Page(lines, page_number(request.args.get("page"), total), total),
        ended=services.ended_lately(*mine, now),
        trains_in=actor.trains_in,
        now=now,
        form=ConfirmForm(),
    )


@bp.post("/help/requests/<int:request_id>/<do>")
@guards.asks(Action.ANSWER_HELP)
def take_help(request_id: int, do: str) -> Response:
    """Say that one goes, or that one cannot."""
    found = _request(request_id, Action.ANSWER_HELP)
    turn = TURNS.get(do) or abort(404)
    try:
        services.take_turn(found, turn, current_user._get_current_object(), clock.now())
    except rules.RuleBroken as refused:
        flash(wording.sentence(refused), "warn")
    else:
        if turn is Turn.TAKEN:
            flash(_("%(name)s vous attend, et sait que vous venez.", name=found.person.name), "good")
    return redirect(url_for(".help_queue") + "#message")


@bp.route("/help/requests/<int:request_id>/answer", methods=["GET", "POST"])
@guards.asks(Action.ANSWER_HELP)
def answer_help(request_id: int) -> Response | str:
    """Say how somebody was helped; a message reaches them."""
    found, form = _request(request_id, Action.ANSWER_HELP), AnswerForm()
    if form.validate_on_submit():
        with form.refusals("words"):
            services.take_turn(
                found,
                Turn.ANSWERED,
                current_user._get_current_object(),
                clock.now(),
                form.how.data,
                form.words.data or "",
            )
            flash(_("La demande %(whose)s est finie.", whose=languages.of_person(found.person.name)), "good")
            return redirect(url_for(".help_queue") + "#message")
    return render_template("projects/answer_help.html", form=form, asked=found, now=clock.now())
