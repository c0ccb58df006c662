"""Quizzes: answering one, reading what one answered, and for trainers what a cohort answered."""

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses.services_quizzes import QuizShown, quiz_at
from popschool.courses.services_readers import Reading
from popschool.db import db
from popschool.projects import rules_quizzes as rules
from popschool.projects import services_quizzes as services
from popschool.projects.forms_quizzes import QuizForm, quiz_form
from popschool.projects.models import new_key
from popschool.projects.models_quizzes import QuizAttempt
from popschool.projects.routes_base import bp
from popschool.projects.routes_readings import reading_of
from popschool.schools.models import Cohort
from popschool.web import comfort, wording

wording.say(
    rules.NothingAnswered, lambda fact: _("Répondez à une question au moins. Vous pouvez laisser les autres vides.")
)
wording.say(
    rules.QuizChanged,
    lambda fact: _("Ce questionnaire vient de changer. Lisez les nouvelles questions, puis répondez."),
)


def _variant() -> str:
    asked = request.args.get("version")
    return ("simple" if comfort.read(request).simple else "") if asked is None else asked[:8]


@bp.route("/quizzes/<int:page_id>", methods=["GET", "POST"])
@guards.asks(Action.READ_COURSE)
def quiz(page_id: int) -> Response | str:
    """The questions, all on one page. What was typed stays; nothing says what is right before it is sent."""
    reading, number = reading_of(page_id)
    answered = request.form.get("quiz", "") if request.method == "POST" else ""
    asked = quiz_at(page_id, number, _variant(), answered) if answered else None
    shown = asked or quiz_at(page_id, number, _variant()) or abort(404)
    form = quiz_form(shown.questions)
    if request.method == "POST":
        if asked is None:
            form.refuse(wording.sentence(rules.QuizChanged()))
        elif form.validate():
            with form.refusals():
                return _answered(reading, shown, form)
    form.quiz.data, form.attempt.data = shown.hash, form.attempt.data or new_key()
    return render_template(
        "projects/quiz.html",
        form=form,
        shown=shown,
        reading=reading,
        revision=number if number != reading.live else None,
        is_learner=bool(reading.cohorts.keys() & guards.actor().learns_in),
        attempts=services.attempts_of(page_id, current_user.id),
    )


def _answered(reading: Reading, shown: QuizShown, form: QuizForm) -> Response | str:
    """Record a learner's attempt; show the others what theirs would give, and keep nothing of it."""
    given = form.given()
    where = services.pinned(guards.actor().learns_in & reading.cohorts.keys())
    if where is not None:
        key = form.attempt.data[:32] if form.attempt.data else new_key()
        attempt = services.answer_quiz(shown, given, current_user.id, where, key, clock.now())
        return redirect(url_for(".quiz_attempt", attempt_id=attempt.id))
    marked = rules.mark_all(shown.questions, given)
    return render_template(
        "projects/quiz_attempt.html", attempt=None, marked=marked, title=shown.version.title, page_id=shown.page.id
    )


@bp.get("/quiz-attempts/<int:attempt_id>")
@guards.asks(Action.SEE_QUIZ_ATTEMPT)
def quiz_attempt(attempt_id: int) -> str:
    """One attempt: what was answered, what was right, and why."""
    found = db.get_or_404(QuizAttempt, attempt_id)
    guards.require(Action.SEE_QUIZ_ATTEMPT, found.place)
    return render_template(
        "projects/quiz_attempt.html",
        attempt=found,
        marked=services.marked_again(found),
        title=services.title_at(found.page_id, found.revision_id),
        page_id=found.page_id,
    )


def _cohort(cohort_id: int) -> Cohort:
    found = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.SEE_QUIZ_RESULTS, found.place)
    return found


@bp.get("/cohorts/<int:cohort_id>/quizzes")
@guards.asks(Action.SEE_QUIZ_RESULTS)
def cohort_quizzes(cohort_id: int) -> str:
    """The quizzes of a cohort's programme: how many people tried each."""
    found = _cohort(cohort_id)
    return render_template("projects/cohort_quizzes.html", cohort=found, lines=services.quizzes_of(found))


@bp.get("/cohorts/<int:cohort_id>/quizzes/<int:page_id>")
@guards.asks(Action.SEE_QUIZ_RESULTS)
def quiz_results(cohort_id: int, page_id: int) -> str:
    """One quiz in one cohort: the question that is missed most, and everybody's attempts."""
    found = _cohort(cohort_id)
    title = services.title_at(page_id, found.revision_id) or abort(404)
    results = services.results_of(found, page_id, clock.today())
    return render_template(
        "projects/quiz_results.html", cohort=found, page_id=page_id, title=title, results=results, now=clock.now()
    )
