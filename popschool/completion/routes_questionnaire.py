"""The person's own questionnaire, by the link of a message, without an account: a question a page, then a check."""

from datetime import datetime

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import services_afterwards
from popschool.completion import services_questionnaire as services
from popschool.completion.forms import ButtonForm
from popschool.completion.forms_afterwards import QUESTIONS
from popschool.completion.models_afterwards import Questionnaire
from popschool.completion.routes_base import bp
from popschool.completion.rules_afterwards import LinkEnded, Question, SituationMissing

ORDER = tuple(Question)
CHECK = "check"
Page = Response | tuple[str, int] | str


@bp.get("/after/<secret>")
@guards.public
def own_situation(secret: str) -> Page:
    """The first question; whoever has answered reads what was received, and may answer again."""
    one = _opened(secret)
    if isinstance(one, Questionnaire) and one.answer and one.answer.said_by_id is None and one.draft is None:
        return render_template("completion/own_answer.html", one=one, secret=secret)
    return one if isinstance(one, tuple) else _asked(one, secret, ORDER[0])


@bp.route("/after/<secret>/<any(situation, rating, comment):name>", methods=["GET", "POST"])
@guards.public
def own_question(secret: str, name: str) -> Page:
    """One question. What is answered is kept at once, and goes to the school with the last page only."""
    one = _opened(secret)
    return one if isinstance(one, tuple) else _asked(one, secret, Question(name))


@bp.route("/after/<secret>/check", methods=["GET", "POST"])
@guards.public
def own_check(secret: str) -> Page:
    """What will be sent, line by line, then the act of sending it."""
    one = _opened(secret)
    if isinstance(one, tuple):
        return one
    form = ButtonForm()
    if form.validate_on_submit():
        try:
            services.send_draft(one, clock.now())
        except SituationMissing:
            return redirect(url_for(".own_question", secret=secret, name=ORDER[0]))
        return redirect(url_for(".own_situation", secret=secret))
    if not (one.draft or {}).get(Question.SITUATION):
        return redirect(url_for(".own_situation", secret=secret))
    return render_template("completion/own_check.html", one=one, secret=secret, form=form, count=len(ORDER) + 1)


@bp.get("/my/questionnaires/<int:questionnaire_id>")
@guards.asks(Action.ANSWER_OWN_QUESTIONNAIRE)
def my_questionnaire(questionnaire_id: int) -> Response:
    """From the page of messages, where no secret is written, to the questions."""
    one = services_afterwards.read_questionnaire(questionnaire_id) or abort(404)
    guards.require(Action.ANSWER_OWN_QUESTIONNAIRE, one.place)
    return redirect(url_for(".own_situation", secret=services.link_of(one)))


def _opened(secret: str) -> Questionnaire | tuple[str, int]:
    """Return what a link opens, or the page that says why it opens nothing."""
    try:
        one = services.read_by_link(secret, clock.today())
    except LinkEnded as ended:
        return render_template("completion/no_questionnaire.html", ended=ended), 410
    return one or (render_template("completion/no_questionnaire.html", ended=None), 404)


def _asked(one: Questionnaire, secret: str, question: Question) -> Page:
    kept = one.draft or {}
    form = QUESTIONS[question](data={"said": kept.get(question, "")})
    if form.validate_on_submit():
        services.keep_draft(one, question, form.said.data or "", clock.now())
        return redirect(_next(secret, question))
    return render_template(
        "completion/own_question.html",
        one=one,
        secret=secret,
        form=form,
        question=question,
        place=ORDER.index(question) + 1,
        count=len(ORDER) + 1,
        before=ORDER[ORDER.index(question) - 1] if question is not ORDER[0] else None,
        changes="change" in request.args,
        saved_at=datetime.fromisoformat(kept["saved_at"]) if kept else None,
    )


def _next(secret: str, question: Question) -> str:
    """Return the page that comes after an answer: the check for whoever came back to change one."""
    if "change" in request.args or question is ORDER[-1]:
        return url_for(".own_check", secret=secret)
    return url_for(".own_question", secret=secret, name=ORDER[ORDER.index(question) + 1])
