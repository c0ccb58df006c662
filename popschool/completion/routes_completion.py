"""Where people stand: one's own way, a cohort's, what a programme asks, exams and their results."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules, rules_settings, services_exams
from popschool.completion.forms import AskedForm, ExamForm, ResultForm
from popschool.completion.models_rules import ExamSession
from popschool.completion.routes_base import bp, cohort_for
from popschool.completion.rules import Asked
from popschool.completion.rules_exams import Outcome, success
from popschool.completion.services_completion import last_standing_of, people_in, standing_at, standings_of
from popschool.completion.services_facts import heard_by, sayings_of
from popschool.completion.services_rules import asked_by, plan_of, planned_cohort, say_asked
from popschool.db import db
from popschool.schools.models import Enrolment


@bp.get("/my/way")
@guards.asks(Action.SEE_OWN_PAPERS)
def my_way() -> str:
    """What is done and what is left of one's own training, line by line."""
    guards.require(Action.SEE_OWN_PAPERS)
    found = last_standing_of(current_user.id, clock.today())
    return render_template("completion/my_way.html", found=found, one=found.lines[0] if found else None)


@bp.get("/cohorts/<int:cohort_id>/completion")
@guards.asks(Action.SEE_COHORT_PAPERS)
def cohort_completion(cohort_id: int) -> str:
    """Where each person of a cohort stands, and how those who left did."""
    cohort, plan = planned_cohort(cohort_id) or abort(404)
    guards.require(Action.SEE_COHORT_PAPERS, cohort.place)
    today = clock.today()
    values = rules_settings.resolve_all(heard_by(sayings_of(cohort.school_id), None), today)
    found = standings_of(cohort, today, plan, values["positive_exits"].value)
    counts = rules.exit_counts(one.exit for one in found.lines)
    outcomes = [one.obtained.outcome for one in found.lines if one.obtained is not None]
    return render_template(
        "completion/cohort.html",
        cohort=cohort,
        found=found,
        counts=counts,
        passed=success(counts["entered"], outcomes),
        base=values["success_base"],
        exams=found.exams,
        may_decide=guards.allowed(Action.ISSUE_PAPER, cohort.place),
    )


@bp.get("/enrolments/<int:enrolment_id>/completion")
@guards.asks(Action.SEE_PAPER)
def place_completion(enrolment_id: int) -> str:
    """Where one person stands, line by line."""
    found = standing_at(enrolment_id, clock.today()) or abort(404)
    enrolment = found.lines[0].enrolment
    guards.require(Action.SEE_PAPER, enrolment.place)
    return render_template(
        "completion/place.html",
        found=found,
        one=found.lines[0],
        enrolment=enrolment,
        may_issue=guards.allowed(Action.ISSUE_PAPER, enrolment.place),
    )


@bp.route("/cohorts/<int:cohort_id>/completion/asked", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def asked(cohort_id: int) -> Response | str:
    """What the programme of a cohort asks at this school."""
    cohort = cohort_for(cohort_id, Action.ISSUE_PAPER)
    form = AskedForm(obj=asked_by(cohort))
    if form.validate_on_submit():
        with form.refusals():
            wanted = Asked(
                form.hours_percent.data, int(form.level.data), form.competences_percent.data,
                form.deliverables_percent.data, form.company_percent.data,
            )  # fmt: skip
            say_asked(cohort, wanted, current_user, clock.now())
            flash(_("C'est gardé. Les pages suivent dès maintenant."), "good")
            return redirect(url_for(".cohort_completion", cohort_id=cohort.id, _anchor="message"))
    return render_template("completion/asked.html", cohort=cohort, form=form)


@bp.route("/cohorts/<int:cohort_id>/exams/new", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def plan_exam(cohort_id: int) -> Response | str:
    cohort = cohort_for(cohort_id, Action.ISSUE_PAPER)
    form = ExamForm()
    if form.validate_on_submit():
        known = {(one.on, one.title) for one in services_exams.exams_of(cohort.id)}
        if (form.on.data, form.title.data.strip()) in known:
            form.refuse(_("Cet examen est déjà noté. Changez son nom ou son jour."), "title")
        else:
            made = services_exams.plan_exam(
                cohort, form.title.data, form.on.data, form.place_text.data or "", current_user, clock.now()
            )
            flash(_("L'examen est noté."), "good")
            return redirect(url_for(".exam", session_id=made.id, _anchor="message"))
    return render_template("completion/plan_exam.html", cohort=cohort, form=form)


def _exam(session_id: int, action: Action) -> ExamSession:
    found = db.get_or_404(ExamSession, session_id)
    guards.require(action, found.place)
    return found


@bp.get("/exams/<int:session_id>")
@guards.asks(Action.SEE_COHORT_PAPERS)
def exam(session_id: int) -> str:
    """An exam: each person of the cohort, and what the jury decided."""
    found = _exam(session_id, Action.SEE_COHORT_PAPERS)
    return render_template(
        "completion/exam.html",
        session=found,
        people=people_in(found.cohort_id),
        results=services_exams.results_of(found.id),
        may_decide=found.on <= clock.today() and guards.allowed(Action.ISSUE_PAPER, found.place),
    )


@bp.route("/exams/<int:session_id>/results/<int:enrolment_id>", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def say_result(session_id: int, enrolment_id: int) -> Response | str:
    """Write what the jury decided of one person; a correction says why."""
    found = _exam(session_id, Action.ISSUE_PAPER)
    enrolment = db.get_or_404(Enrolment, enrolment_id)
    if enrolment.cohort_id != found.cohort_id:
        abort(404)
    blocks = plan_of(found.cohort).blocks
    before = services_exams.results_of(found.id).get(enrolment.id)
    given = {"outcome": before.outcome, "blocks": before.blocks} if before else {}
    form = ResultForm(data=given)
    form.blocks.choices = [SelectChoice(place, one.get("title", "")) for place, one in enumerate(blocks, 1)]
    if request.method == "POST" and form.validate():
        with form.refusals("reason" if before else "blocks"):
            services_exams.say_result(
                found, enrolment, Outcome(form.outcome.data), form.blocks.data or [], form.reason.data or "",
                current_user, clock.now(), clock.today(),
            )  # fmt: skip
            flash(_("Le résultat est gardé."), "good")
            return redirect(url_for(".exam", session_id=found.id, _anchor="message"))
    return render_template("completion/result.html", session=found, enrolment=enrolment, form=form, before=before)
