"""One correction: read the work, answer it, take the answer back. And the answer, as its reader sees it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.grading import rules, services, services_feedback, services_work
from popschool.grading.forms import DECISION_WORDS, LEVEL_WORDS, PLAIN_LEVELS, AnswerForm, LevelForm, answer_form
from popschool.grading.models import Feedback
from popschool.grading.routes_base import bp, just_sent, remember_sent
from popschool.grading.services_work import Work
from popschool.projects import services_drafts
from popschool.projects.services_reading import place_of
from popschool.web import languages


@bp.route("/submissions/<int:submission_id>/answer", methods=["GET", "POST"])
@guards.asks(Action.GIVE_FEEDBACK)
def answer(submission_id: int) -> Response | str:
    """Show one work beside the form that answers it."""
    now = clock.now()
    work = services_work.find_work(submission_id, current_user.id, guards.actor().trains_in, now)
    if work is None:
        abort(404)
    guards.require(Action.GIVE_FEEDBACK, work.submission.place)
    form = answer_form(work, is_posted=request.method == "POST")
    if request.method == "GET":
        opened_at = work.draft.opened_at if work.draft else None
        services.open_work(work.submission, current_user, opened_at, now)
        return _page(work, form)
    if "keep" in request.form:
        services.keep_draft(work.submission, current_user, form.answer(), now)
        flash(_("Brouillon gardé à %(hour)s.", hour=languages.hour(now)), "good")
        return redirect(url_for(".answer", submission_id=submission_id))
    if form.validate():
        with form.refusals():
            feedback = services.send_answer(
                work.submission, current_user, form.answer(), work.criteria, form.seen_number, now
            )
            remember_sent(feedback, work.who)
            return redirect(_after(work))
    elif work.holding is not None:
        with form.refusals():
            rules.check_seen(form.seen_number, work.seen, work.holding.trainer.name, work.holding.sent_at)
    draft = services.keep_draft(work.submission, current_user, form.answer(), now)
    return _page(_read_again(submission_id), form, saved_at=draft.saved_at)


def _read_again(submission_id: int) -> Work:
    """Read the work once more after a refusal: somebody may have answered it in the meantime."""
    db.session.expire_all()
    return services_work.find_work(submission_id, current_user.id, guards.actor().trains_in, clock.now())


def _after(work: Work) -> str:
    if work.next_id is None:
        return url_for(".queue")
    return url_for(".answer", submission_id=work.next_id)


def _page(work: Work, form: AnswerForm, saved_at=None) -> str:
    form.seen.data = str(work.seen)
    return render_template(
        "grading/answer.html",
        work=work,
        form=form,
        now=clock.now(),
        saved_at=saved_at or (work.draft.saved_at if work.draft else None),
        level_words=LEVEL_WORDS,
        decision_words=DECISION_WORDS,
        sent=just_sent(clock.now()),
        rules=rules,
        me=current_user.id,
    )


@bp.post("/feedback/<int:feedback_id>/undo")
@guards.asks(Action.GIVE_FEEDBACK)
def undo(feedback_id: int) -> Response:
    """Take an answer back, and open its work again with the draft that it became."""
    feedback = db.get_or_404(Feedback, feedback_id)
    guards.require(Action.GIVE_FEEDBACK, feedback.submission.place)
    services.undo_answer(feedback, current_user, clock.now())
    flash(_("Votre retour est annulé. Il est de nouveau un brouillon."), "good")
    return redirect(url_for(".answer", submission_id=feedback.submission_id))


@bp.get("/submissions/<int:submission_id>/feedback")
@guards.asks(Action.SEE_SUBMISSION)
def feedback(submission_id: int) -> str:
    """Show the answer to a submission, as its owners read it."""
    found = services_feedback.find_answer(submission_id, current_user.id)
    if found is None:
        abort(404)
    place = found.submission.place
    if not guards.allowed(Action.SEE_SUBMISSION, place):
        place = place_of(found.submission)
    guards.require(Action.SEE_SUBMISSION, place)
    here = guards.actor().learns_in if found.is_mine and found.is_last else frozenset()
    return render_template(
        "grading/feedback.html",
        answer=found,
        asked_by=services_drafts.asked_by_now(found.submission, here),
        level_words=PLAIN_LEVELS if found.is_mine else LEVEL_WORDS,
        Decision=rules.Decision,
    )


@bp.route("/awards/<int:award_id>/level", methods=["GET", "POST"])
@guards.asks(Action.GIVE_FEEDBACK)
def level(award_id: int) -> Response | str:
    """Change a level that was given, or withdraw it, and say why."""
    award = services_feedback.find_award(award_id)
    if award is None:
        abort(404)
    guards.require(Action.GIVE_FEEDBACK, award.submission.place)
    current = services.level_now(award.person_id, award.competence_id)
    proved = services.level_now(award.person_id, award.competence_id, award.submission_id)
    form = LevelForm()
    if form.validate_on_submit():
        with form.refusals():
            level = int(form.level.data)
            services.change_level(award, current_user, level, form.reason.data.strip(), clock.now())
            flash(_("Le niveau a changé. %(name)s le lira avec votre raison.", name=award.person.name), "good")
            kept = services.level_now(award.person_id, award.competence_id)
            if kept > level:
                flash(_("Une autre preuve garde le niveau « %(level)s ».", level=LEVEL_WORDS[kept]), "warn")
            return redirect(url_for(".competences_of", person_id=award.person_id))
    return render_template(
        "grading/level.html", award=award, current=current, proved=proved, form=form, level_words=LEVEL_WORDS
    )
