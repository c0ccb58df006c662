"""Operations of the European Social Fund: what each asks, who is missing what, their files; what lies under lock."""

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import audit, clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db, transaction
from popschool.reports import file_participants, labels_participants, words_participants
from popschool.reports import rules_participants as rules
from popschool.reports import services_participants as services
from popschool.reports.forms_participants import ButtonForm, OperationForm, TermsForm
from popschool.reports.models_participants import Operation
from popschool.reports.routes_base import bp
from popschool.reports.rules_lists import Listed
from popschool.reports.rules_participants import Moment, Terms
from popschool.reports.services_layouts import layout_for
from popschool.reports.services_participants import Known
from popschool.schools.models import School
from popschool.spreadsheets import Table
from popschool.web import tables

FIELDS = ("name", "number", "referent", "starts_on", "ends_on")


def _operation(operation_id: int, action: Action) -> Operation:
    found = db.get_or_404(Operation, operation_id, options=[joinedload(Operation.school)])
    guards.require(action, found.place)
    return found


def _school(school_id: int, action: Action) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(action, school.place)
    return school


def _known(operation: Operation, person_id: int) -> Known:
    found = services.known_in(operation, clock.today(), person_id)
    return found[0] if found else abort(404)


@bp.get("/schools/<int:school_id>/operations")
@guards.asks(Action.SEE_OPERATION)
def operations(school_id: int) -> str:
    """The operations of a school."""
    school = _school(school_id, Action.SEE_OPERATION)
    return render_template(
        "reports/operations.html",
        school=school,
        operations=services.operations_of(school.id),
        manages=guards.allowed(Action.MANAGE_FUNDING, school.place),
    )


@bp.route("/schools/<int:school_id>/operations/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def add_operation(school_id: int) -> Response | str:
    """A new operation."""
    return _written(_school(school_id, Action.MANAGE_FUNDING), None)


@bp.route("/operations/<int:operation_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def edit_operation(operation_id: int) -> Response | str:
    """An operation, corrected."""
    operation = _operation(operation_id, Action.MANAGE_FUNDING)
    return _written(operation.school, operation)


def _written(school: School, operation: Operation | None) -> Response | str:
    known = {name: getattr(operation, name) for name in FIELDS} if operation else {"referent": current_user.name}
    chosen = [one.id for one in services.fundings_in(operation.id)] if operation else []
    form = OperationForm(data=known | {"fundings": chosen})
    form.fundings.choices = [
        SelectChoice(one.id, " ".join(part for part in (one.funder.name, one.agreement) if part))
        for one in services.fundings_to_choose(school.id)
    ]
    if form.validate_on_submit():
        values = {name: form[name].data or "" for name in FIELDS}
        with form.refusals():
            made = services.save_operation(
                school, operation, values, form.fundings.data or [], current_user, clock.now()
            )
            flash(_("L'opération est gardée."), "good")
            return redirect(url_for(".operation", operation_id=made.id, _anchor="message"))
    return render_template("reports/operation_form.html", school=school, operation=operation, form=form)


@bp.route("/operations/<int:operation_id>/terms", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def operation_terms(operation_id: int) -> Response | str:
    """What an operation asks; a change holds from a day, and leaves those before as they were."""
    operation = _operation(operation_id, Action.MANAGE_FUNDING)
    terms = services.terms_of(operation)
    holds = rules.terms_on(terms, clock.today())
    form = TermsForm(data={"since": clock.today(), "exit_days": holds.exit_days, "asks": sorted(holds.asks)})
    if form.validate_on_submit():
        said = Terms(form.since.data, form.exit_days.data, frozenset(form.asks.data))
        services.say_terms(operation, said, current_user, clock.now())
        flash(_("Les questions sont gardées."), "good")
        return redirect(url_for(".operation", operation_id=operation.id, _anchor="message"))
    return render_template(
        "reports/operation_terms.html",
        operation=operation,
        terms=terms,
        form=form,
        names=words_participants.names,
        words=labels_participants,
    )


@bp.get("/operations/<int:operation_id>")
@guards.asks(Action.SEE_OPERATION)
def operation(operation_id: int) -> str:
    """An operation: what is wrong, who is missing what and who must act, its counts."""
    found = _operation(operation_id, Action.SEE_OPERATION)
    seen = services.overview(found, clock.today())
    return render_template(
        "reports/operation.html",
        operation=found,
        seen=seen,
        counts=rules.counts([one.participant for one in seen.known]),
        anomaly=words_participants.anomaly,
        names=words_participants.names,
        words=labels_participants,
        manages=guards.allowed(Action.MANAGE_FUNDING, found.place),
        opens=guards.allowed(Action.SEE_LOCKED_ANSWERS, found.place),
    )


@bp.route("/operations/<int:operation_id>/participants/<int:person_id>", methods=["GET", "POST"])
@guards.asks(Action.SEE_OPERATION)
def participant(operation_id: int, person_id: int) -> Response | str:
    """One participant: what they said that lies open, what is missing, and the links to ask them."""
    found = _operation(operation_id, Action.SEE_OPERATION)
    known, now, today = _known(found, person_id), clock.now(), clock.today()
    terms = services.terms_of(found)
    due = [moment for moment in Moment if known.participant.is_due(moment, today)]
    forms = {moment: services.form_for(found, person_id, moment, now) for moment in due}
    form = ButtonForm()
    asked = _pressed()
    if form.validate_on_submit() and asked in forms:
        services.send_link(forms[asked], current_user, now)
        flash(_("Le message part."), "good")
        return redirect(url_for(".participant", operation_id=found.id, person_id=person_id, _anchor="message"))
    guards.note_reading(person_id, "participant")
    return render_template(
        "reports/participant.html",
        operation=found,
        known=known,
        standing=rules.standing(known.participant, terms, today),
        links={moment: url_for(".own_answers", secret=services.link_of(one)) for moment, one in forms.items()},
        forms=forms,
        form=form,
        names=words_participants.names,
        words=labels_participants,
        locked=rules.LOCKED,
        opens=guards.allowed(Action.SEE_LOCKED_ANSWERS, found.place),
    )


def _pressed() -> Moment | None:
    said = request.form.get("moment", "")
    return Moment(said) if said in list(Moment) else None


@bp.get("/operations/<int:operation_id>/participants/<int:person_id>/locked")
@guards.asks(Action.SEE_LOCKED_ANSWERS)
def participant_locked(operation_id: int, person_id: int) -> str:
    """The sensitive answers of one participant. Each opening is written down, and the participant may read it."""
    found = _operation(operation_id, Action.SEE_LOCKED_ANSWERS)
    known = _known(found, person_id)
    said = services.under_lock(list(known.answers.values()))
    with transaction():
        audit.record("open_locked_answers", found, actor_id=current_user.id, now=clock.now(), concerns=[person_id])
    guards.note_reading(person_id, "locked")
    return render_template(
        "reports/participant_locked.html",
        operation=found,
        known=known,
        said={key: value for one in said.values() for key, value in one.items()},
        words=labels_participants,
    )


@bp.get("/operations/<int:operation_id>/locked")
@guards.asks(Action.SEE_LOCKED_ANSWERS)
def operation_locked(operation_id: int) -> str:
    """What lies under lock, counted; nothing under five people."""
    found = _operation(operation_id, Action.SEE_LOCKED_ANSWERS)
    known = services.known_in(found, clock.today())
    said = services.under_lock([answer for one in known for answer in one.answers.values()])
    with transaction():
        audit.record("count_locked_answers", found, actor_id=current_user.id, now=clock.now(), people=len(known))
    return render_template(
        "reports/operation_locked.html",
        operation=found,
        known=known,
        counts=rules.locked_counts(list(said.values())),
        answered=len(said),
        words=labels_participants,
        small=rules.SMALL,
    )


@bp.get("/operations/<int:operation_id>/participants.<kind>")
@guards.asks(Action.MANAGE_FUNDING)
def participants_table(operation_id: int, kind: str) -> FlaskResponse:
    """The participants, in the fund's columns, without what lies under lock."""
    return _table(_operation(operation_id, Action.MANAGE_FUNDING), kind, with_locked=False)


@bp.get("/operations/<int:operation_id>/participants-locked.<kind>")
@guards.asks(Action.SEE_LOCKED_ANSWERS)
def participants_locked_table(operation_id: int, kind: str) -> FlaskResponse:
    """The same, with what lies under lock: the file that the fund asks for."""
    return _table(_operation(operation_id, Action.SEE_LOCKED_ANSWERS), kind, with_locked=True)


def _table(found: Operation, kind: str, with_locked: bool) -> FlaskResponse:
    form, seen = tables.form_named(kind), services.overview(found, clock.today())
    if not seen.known:
        raise rules.NobodyToExport(found.name)
    answers = [answer for one in seen.known for answer in one.answers.values()]
    columns = file_participants.columns(layout_for(Listed.PARTICIPANTS).columns, with_locked)
    rows = file_participants.rows(found, seen, services.under_lock(answers) if with_locked else None, columns)
    people = [one.person.id for one in seen.known]
    return tables.sent(
        Table("Participants", columns, rows),
        form,
        f"participants-{'complet-' if with_locked else ''}{found.id}",
        lambda count: guards.note_export("participants", found, people=people, locked=with_locked, rows=count),
    )
