"""One line of a register: written, read with its versions, corrected, answered; and all those of a person's place."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth import services as people
from popschool.auth.rules import Action
from popschool.db import db
from popschool.registers import forms, services
from popschool.registers.models import Record
from popschool.registers.routes_base import bp, record_name, register_named, school_for
from popschool.registers.rules import ENDS, OF_A_PLACE, OF_THE_SCHOOL, Register, State
from popschool.schools.models import Enrolment


@bp.get("/enrolments/<int:enrolment_id>/records")
@guards.asks(Action.SEE_RECORDS)
def place_records(enrolment_id: int) -> str:
    """What was said and decided with one person, in one place."""
    place = _place(enrolment_id, Action.SEE_RECORDS)
    if current_user.id != place.person_id:
        guards.note_reading(place.person_id, "records")
    return render_template(
        "registers/place.html",
        enrolment=place,
        lines=services.lines_of_place(place.id, clock.today()),
        may_write=guards.allowed(Action.WRITE_RECORDS, place.place),
        named=record_name,
    )


def _place(enrolment_id: int, action: Action) -> Enrolment:
    place = db.get_or_404(Enrolment, enrolment_id, options=[joinedload(Enrolment.person), joinedload(Enrolment.cohort)])
    guards.require(action, place.place)
    return place


@bp.route("/enrolments/<int:enrolment_id>/records/<name>/new", methods=["GET", "POST"])
@guards.asks(Action.WRITE_RECORDS)
def write_of_place(enrolment_id: int, name: str) -> Response | str:
    """An interview, or a positioning, with one person."""
    place, which = _place(enrolment_id, Action.WRITE_RECORDS), register_named(name)
    if which not in OF_A_PLACE:
        abort(404)
    return _writing(which, place.school_id, url_for(".place_records", enrolment_id=place.id), place)


@bp.route("/schools/<int:school_id>/registers/<name>/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_REGISTERS)
def write_record(school_id: int, name: str) -> Response | str:
    """A complaint that came by another way, or an improvement."""
    school, which = school_for(school_id), register_named(name)
    if which not in OF_THE_SCHOOL:
        abort(404)
    return _writing(which, school.id, url_for(".register", school_id=school.id, name=which))


def _writing(which: Register, school_id: int, back: str, place: Enrolment | None = None) -> Response | str:
    today = clock.today()
    origin = _origin(school_id) if which is Register.IMPROVEMENTS else None
    form = forms.record_form(which, staff=_staff(which, school_id), today=today)
    if origin is not None and "source" in form and not form.is_submitted():
        form.source.data = "complaint"
    if form.validate_on_submit():
        with form.refusals():
            draft = form.draft(which, origin.line_id if origin else None)
            made = services.write(which, school_id, draft, current_user, clock.now(), today, place)
            flash(_("C'est noté."), "good")
            return redirect(url_for(".record", record_id=made.id, _anchor="message"))
    return render_template("registers/write.html", register=which, form=form, back=back, place=place, origin=origin,
                           record=None, named=record_name)  # fmt: skip


def _origin(school_id: int) -> Record | None:
    """Return the complaint that an improvement comes from, of the same school."""
    asked = request.args.get("origin", type=int)
    found = services.read(asked) if asked else None
    is_theirs = found is not None and found.school_id == school_id and found.kind == Register.COMPLAINTS
    return found if is_theirs else None


def _staff(which: Register, school_id: int) -> list[tuple[int, str]]:
    if which is not Register.IMPROVEMENTS:
        return []
    found = {one.id: one.name for one in [*people.read_managers(school_id), *people.read_trainers(school_id)]}
    return list(found.items())


@bp.route("/records/<int:record_id>", methods=["GET", "POST"])
@guards.asks(Action.SEE_RECORDS)
def record(record_id: int) -> Response | str:
    """One line: what it says, its versions, its answer; who answers does it here."""
    versions, which = _versions(record_id, Action.SEE_RECORDS)
    last, today = versions[-1], clock.today()
    line = services.line_of(last, today)
    may_write = guards.allowed(Action.WRITE_RECORDS, last.place)
    form = forms.ENDS[which]() if which in ENDS else None
    if form is not None and may_write and form.validate_on_submit():
        with form.refusals("text"):
            services.end(last, form.text.data, current_user, clock.now(), today)
            flash(_("C'est noté."), "good")
            return redirect(url_for(".record", record_id=last.line_id, _anchor="message"))
    if last.person_id is not None and last.enrolment_id is not None and last.person_id != current_user.id:
        guards.note_reading(last.person_id, "records")
    return render_template(
        "registers/record.html",
        register=which,
        record=last,
        line=line,
        versions=versions,
        form=form if may_write and line.state in (State.WAITING, State.LATE) else None,
        may_write=may_write,
        manages=guards.allowed(Action.MANAGE_REGISTERS, last.place),
        improvements=services.improvements_from(last.line_id) if which is Register.COMPLAINTS else [],
        named=record_name,
    )


@bp.route("/records/<int:record_id>/correct", methods=["GET", "POST"])
@guards.asks(Action.WRITE_RECORDS)
def correct_record(record_id: int) -> Response | str:
    """Another version of a line, with its reason; the one before stays."""
    versions, which = _versions(record_id, Action.WRITE_RECORDS)
    last = versions[-1]
    form = forms.record_form(which, staff=_staff(which, last.school_id), draft=last.draft, is_correction=True)
    if form.validate_on_submit():
        with form.refusals():
            draft = form.draft(which, last.origin_id)
            services.correct(last, draft, form.reason.data, current_user, clock.now(), clock.today())
            flash(_("La correction est gardée. Ce qui était écrit reste lisible."), "good")
            return redirect(url_for(".record", record_id=last.line_id, _anchor="message"))
    return render_template("registers/write.html", register=which, form=form, place=last.enrolment, origin=None,
                           back=url_for(".record", record_id=last.line_id), record=last, named=record_name)  # fmt: skip


def _versions(record_id: int, action: Action) -> tuple[list[Record], Register]:
    found = list(services.versions_of(record_id))
    if not found or found[0].id != record_id:
        abort(404)
    guards.require(action, found[-1].place)
    return found, Register(found[-1].kind)
