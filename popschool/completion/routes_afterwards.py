"""What became of those who have left: the figures of a cohort, whom the school calls, and what it hears of each."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_settings
from popschool.completion import services_afterwards as services
from popschool.completion.forms_afterwards import CallForm
from popschool.completion.labels_afterwards import PLAIN_SITUATIONS, PLAIN_SOURCES
from popschool.completion.models_afterwards import Questionnaire
from popschool.completion.routes_base import bp, cohort_for, school_for
from popschool.completion.rules_afterwards import Source, Step, When
from popschool.completion.services_facts import heard_by, sayings_of
from popschool.spreadsheets import Table
from popschool.web.tables import form_named, sent


@bp.get("/cohorts/<int:cohort_id>/afterwards")
@guards.asks(Action.SEE_AFTERWARDS)
def afterwards(cohort_id: int) -> str:
    """What became of a cohort: figures with how many answered, then each person."""
    cohort = cohort_for(cohort_id, Action.SEE_AFTERWARDS)
    found = services.afterwards_of(cohort)
    today = clock.today()
    return render_template(
        "completion/afterwards.html",
        cohort=cohort,
        table_at=lambda kind: url_for(".afterwards_table", cohort_id=cohort.id, kind=kind),
        found=found,
        moments=tuple(When),
        base=rules_settings.resolve(heard_by(sayings_of(cohort.school_id), None), "exit_base", today),
        calls=[
            one
            for line in found.lines
            for one in line.asked.values()
            if services.step_of(one, today, one.answer is not None) is Step.CALL
        ],
    )


@bp.get("/cohorts/<int:cohort_id>/afterwards.<kind>")
@guards.asks(Action.SEE_AFTERWARDS)
def afterwards_table(cohort_id: int, kind: str) -> Response:
    """The same for a spreadsheet; who took it is written down."""
    cohort = cohort_for(cohort_id, Action.SEE_AFTERWARDS)
    guards.require_proof()
    found = services.afterwards_of(cohort)
    table = Table(f"suites {cohort.code}", services.COLUMNS, services.rows(found, PLAIN_SITUATIONS, PLAIN_SOURCES))
    people = {line.enrolment.person_id for line in found.lines}
    return sent(
        table,
        form_named(kind),
        f"suites-{cohort.code}",
        lambda rows: guards.note_export("afterwards", cohort, people=people, rows=rows),
    )


@bp.get("/schools/<int:school_id>/calls")
@guards.asks(Action.SEE_AFTERWARDS)
def calls(school_id: int) -> str:
    """Whom the school must call: those who did not answer, and those without an address."""
    school = school_for(school_id, Action.SEE_AFTERWARDS)
    return render_template("completion/calls.html", school=school, calls=services.to_call(school.id, clock.today()))


@bp.route("/questionnaires/<int:questionnaire_id>", methods=["GET", "POST"])
@guards.asks(Action.SEE_AFTERWARDS)
def questionnaire(questionnaire_id: int) -> Response | str:
    """What one person answered, and what they say by phone."""
    one = _one(questionnaire_id)
    form = CallForm(data={"source": Source.PHONE.value})
    if form.validate_on_submit():
        with form.refusals("situation"):
            rating = int(form.rating.data) if form.rating.data else None
            services.note_answer(
                one, form.situation.data, Source(form.source.data), rating, form.comment.data or "", current_user,
                clock.now(),
            )  # fmt: skip
            flash(_("C'est gardé."), "good")
            return redirect(url_for(".afterwards", cohort_id=one.cohort_id, _anchor="message"))
    return render_template("completion/questionnaire.html", one=one, form=form)


def _one(questionnaire_id: int) -> Questionnaire:
    found = services.read_questionnaire(questionnaire_id)
    if found is None:
        abort(404)
    guards.require(Action.SEE_AFTERWARDS, found.place)
    return found
