"""A participant answers on their phone, by the link of a message or beside somebody: a question a page, a check."""

from collections.abc import Mapping

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.reports import labels_participants
from popschool.reports import rules_participants as rules
from popschool.reports import services_participants as services
from popschool.reports.forms_participants import ASKED, ButtonForm
from popschool.reports.models_participants import ParticipantForm
from popschool.reports.routes_base import bp
from popschool.reports.rules_participants import BY_KEY, AnswersMissing, Kind, Moment, Question, Terms

Page = Response | tuple[str, int] | str


@bp.get("/my/participations/<int:form_id>")
@guards.asks(Action.ANSWER_OWN_QUESTIONNAIRE)
def my_participation(form_id: int) -> Response:
    """From the page of messages, where no secret is written, to the questions."""
    form = db.get_or_404(ParticipantForm, form_id)
    guards.require(Action.ANSWER_OWN_QUESTIONNAIRE, form.place)
    return redirect(url_for(".own_answers", secret=services.link_of(form)))


@bp.get("/eu/<secret>")
@guards.public
def own_answers(secret: str) -> Page:
    """Why these questions are asked, and the way to the first one without an answer; or thanks."""
    opened = _opened(secret)
    if opened is None:
        return _shut()
    one, terms = opened
    last = services.last_answer(one)
    questions = rules.asked(Moment(one.moment), terms, one.draft or {})
    return render_template(
        "reports/eu_start.html", one=one, secret=secret, last=last if one.draft is None else None, questions=questions
    )


@bp.route("/eu/<secret>/<key>", methods=["GET", "POST"])
@guards.public
def own_answer(secret: str, key: str) -> Page:
    """One question. What is answered is kept at once, under lock, and goes to the school with the last page only."""
    opened = _opened(secret)
    if opened is None:
        return _shut()
    one, terms = opened
    kept = one.draft or {}
    questions = rules.asked(Moment(one.moment), terms, kept)
    question = next((asked for asked in questions if asked.key == key), None) or abort(404)
    form = ASKED[key](data={"said": _typed(question, kept)})
    if form.validate_on_submit():
        said = form.said.data.isoformat() if question.kind is Kind.DAY else form.said.data
        with form.refusals("said"):
            services.keep_draft(one, key, said, clock.today())
            return redirect(_next(secret, question, one, terms))
    place = questions.index(question)
    return render_template(
        "reports/eu_question.html",
        one=one,
        secret=secret,
        form=form,
        question=question,
        place=place + 1,
        count=len(questions) + 1,
        before=questions[place - 1] if place else None,
        changes="change" in request.args,
        words=labels_participants,
    )


def _typed(question: Question, kept: Mapping[str, str]) -> object:
    said = kept.get(question.key, "")
    return rules.day_of(said) if question.kind is Kind.DAY else said


def _next(secret: str, question: Question, one: ParticipantForm, terms: Terms) -> str:
    """Return the page that comes after an answer: for whoever came back to change one, the first that it opened."""
    kept = one.draft or {}
    questions = rules.asked(Moment(one.moment), terms, kept)
    after = questions[questions.index(question) + 1 :]
    if "change" in request.args:
        after = [asked for asked in questions if asked.key not in kept]
    if not after:
        return url_for(".own_answers_check", secret=secret)
    return url_for(".own_answer", secret=secret, key=after[0].key)


@bp.route("/eu/<secret>/check", methods=["GET", "POST"])
@guards.public
def own_answers_check(secret: str) -> Page:
    """What will be sent, line by line, then the act of sending it."""
    opened = _opened(secret)
    if opened is None:
        return _shut()
    one, terms = opened
    form = ButtonForm()
    if form.validate_on_submit():
        try:
            services.send_draft(one, terms, clock.now(), clock.today())
        except AnswersMissing as missing:
            return redirect(url_for(".own_answer", secret=secret, key=missing.keys[0]))
        return redirect(url_for(".own_answers", secret=secret))
    if not one.draft:
        return redirect(url_for(".own_answers", secret=secret))
    questions = rules.asked(Moment(one.moment), terms, one.draft)
    return render_template(
        "reports/eu_check.html",
        one=one,
        secret=secret,
        form=form,
        questions=questions,
        count=len(questions) + 1,
        words=labels_participants,
        is_day=lambda key: BY_KEY[key].kind is Kind.DAY,
    )


def _opened(secret: str) -> tuple[ParticipantForm, Terms] | None:
    """Return what a link opens, and the terms that hold for it; nothing once it opens nothing."""
    one = services.read_by_link(secret)
    if one is None or clock.today() > one.made_at.date() + rules.LINK_LASTS:
        return None
    terms = services.terms_for(one, clock.today())
    return (one, terms) if terms is not None else None


def _shut() -> tuple[str, int]:
    return render_template("reports/eu_shut.html"), 404
