"""One person's half-day, by their trainer: mark, correct, help to sign, a tablet passed round, paper, a walk-in."""

import secrets

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import audit, clock
from popschool.attendance import (
    papers_brought,
    pins,
    rules,
    services,
    services_codes,
    services_half_days,
    services_late,
    services_marks,
    services_own,
)
from popschool.attendance import services_reading as reading
from popschool.attendance.forms import (
    ButtonForm,
    HelpForm,
    MarkForm,
    NewWalkInForm,
    PaperForm,
    PinForm,
    WalkInForm,
)
from popschool.attendance.models import HalfDay
from popschool.attendance.routes_base import act, bp, half_day_for, send_kept
from popschool.attendance.routes_half_days import role_here
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services_marks import Said
from popschool.attendance.statements import statement, statement_version
from popschool.auth import guards
from popschool.auth.models_decisions import Proposal
from popschool.auth.rules import Action
from popschool.db import db, transaction
from popschool.schools import people
from popschool.schools.models import Person

MOST_FOUND = 12


def _back(half_day: HalfDay) -> Response:
    return redirect(url_for(".half_day", half_day_id=half_day.id, _anchor="message"))


@bp.route("/half-days/<int:half_day_id>/people/<int:person_id>", methods=["GET", "POST"])
@guards.asks(Action.CORRECT_PRESENCE)
def mark(half_day_id: int, person_id: int) -> Response | str:
    """Say how a half-day went for one person; what was said before stays, and is listed."""
    found = half_day_for(half_day_id, Action.CORRECT_PRESENCE)
    line = _line(found, person_id)
    held = line.mark
    values = _values(held) if held is not None else _asked()
    form = MarkForm(data=values)
    form.offer(services_codes.motives_of(found.school_id).values(), values.get("code", ""))
    if form.validate_on_submit():
        with form.refusals():
            said = Said(
                Mark(form.mark.data),
                Absence(form.absence.data) if form.mark.data in (Mark.PARTIAL, Mark.ABSENT) else None,
                late_minutes=form.late_minutes.data or 0 if form.mark.data == Mark.PARTIAL else 0,
                early_minutes=form.early_minutes.data or 0 if form.mark.data == Mark.PARTIAL else 0,
                code=form.code.data or "" if form.absence.data == Absence.JUSTIFIED else "",
                reason=form.reason.data or "",
                role=role_here(found),
            )
            services_marks.mark(found, line.person, said, current_user, clock.now())
            flash(_("C'est noté pour %(name)s.", name=line.person.name), "good")
            if said.mark is Mark.ABSENT and line.signature is not None:
                return _signed_but_absent(found, line.person)
            return _back(found)
    is_late = clock.now() >= rules.closing_moment(found.span, services_half_days.delays_of(found.school_id))
    return render_template(
        "attendance/mark.html",
        half_day=found,
        line=line,
        form=form,
        needs_reason=is_late or found.countersigned_at is not None,
        may_merge=line.expected.added_by_id is not None and guards.allowed(Action.ENROL, found.place),
    )


def _line(half_day: HalfDay, person_id: int) -> reading.Line:
    """Return a person's line on the list of a half-day; 404 when there is none."""
    line = services_own.line_of(half_day, person_id)
    if line is None:
        abort(404)
    return line


def _asked() -> dict:
    """Return the mark that the link asks for: late, when it comes from the button that says so."""
    wished = request.args.get("mark", "")
    return {"mark": wished if wished in [str(one) for one in Mark] else None}


def _values(entry) -> dict:
    said = entry.facts
    return {
        "mark": said.get("mark"),
        "absence": said.get("absence") or Absence.UNJUSTIFIED.value,
        "late_minutes": said.get("late_minutes"),
        "early_minutes": said.get("early_minutes"),
        "code": (entry.content.content.get("code") if entry.content else "") or "",
    }


def _signed_but_absent(half_day: HalfDay, person: Person) -> Response:
    """An absence and a signature say two things: lead to the page that settles it."""
    flash(_("Mais %(name)s a signé. Dites pourquoi la signature ne compte pas.", name=person.name), "warn")
    return redirect(url_for(".withdraw", half_day_id=half_day.id, person_id=person.id, _anchor="message"))


@bp.route("/half-days/<int:half_day_id>/people/<int:person_id>/withdraw", methods=["GET", "POST"])
@guards.asks(Action.CORRECT_PRESENCE)
def withdraw(half_day_id: int, person_id: int) -> Response | str:
    """Correct a signature that should not stand; it stays readable, with the reason beside."""
    found = half_day_for(half_day_id, Action.CORRECT_PRESENCE)
    line = _line(found, person_id)
    form = MarkForm(data={"mark": Mark.ABSENT.value})
    form.offer(())
    if form.validate_on_submit():
        with form.refusals("reason"):
            services_marks.withdraw_signature(found, line.person, current_user, form.reason.data or "", clock.now())
            flash(_("La signature est corrigée. Elle reste visible avec la raison."), "good")
            return _back(found)
    return render_template("attendance/withdraw.html", half_day=found, line=line, form=form)


@bp.route("/half-days/<int:half_day_id>/people/<int:person_id>/help", methods=["GET", "POST"])
@guards.asks(Action.RUN_HALF_DAY)
def help_sign(half_day_id: int, person_id: int) -> Response | str:
    """Help somebody to sign: the helper is named, the person confirms."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    person = _line(found, person_id).person
    form = HelpForm()
    text = statement(found, person)
    if form.validate_on_submit():
        with form.refusals():
            helped = act(Method.HELP, text, by_id=current_user.id, helped_by=current_user.name)
            services.sign(found, person, helped, clock.now())
            flash(_("%(name)s a signé, avec votre aide.", name=person.name), "good")
            return _back(found)
    return render_template("attendance/help.html", half_day=found, person=person, form=form, statement=text)


@bp.get("/half-days/<int:half_day_id>/tablet")
@guards.asks(Action.RUN_HALF_DAY)
def tablet(half_day_id: int) -> str:
    """The list of a device that is passed round: each person takes their own name."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    [listed] = reading.lists_of([found])
    return render_template("attendance/tablet.html", half_day=found, list=listed)


@bp.route("/half-days/<int:half_day_id>/tablet/<int:person_id>", methods=["GET", "POST"])
@guards.asks(Action.RUN_HALF_DAY)
def tablet_sign(half_day_id: int, person_id: int) -> Response | str:
    """One person signs on the device that is passed round, with their PIN if they have one."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    person = _line(found, person_id).person
    has_pin = pins.has_one(person.id)
    form = PinForm()
    text = statement(found, person)
    if form.validate_on_submit():
        with form.refusals("pin" if has_pin else None):
            if has_pin:
                pins.check(person.id, form.pin.data or "")
            method = Method.PIN if has_pin else Method.TABLET
            services.sign(found, person, act(method, text, by_id=person.id), clock.now())
            flash(_("%(name)s a signé. Passez la tablette.", name=person.name), "good")
            return redirect(url_for(".tablet", half_day_id=found.id, _anchor="message"))
    return render_template(
        "attendance/tablet_sign.html", half_day=found, person=person, form=form, statement=text, has_pin=has_pin
    )


@bp.route("/half-days/<int:half_day_id>/paper", methods=["GET", "POST"])
@guards.asks(Action.RUN_HALF_DAY)
def paper(half_day_id: int) -> Response | str:
    """Bring in a sheet of paper: its scan, who signed it, and the person who attests it."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    [listed] = reading.lists_of([found])
    form = PaperForm()
    ticked = {int(one) for one in request.form.getlist("person") if one.isdigit()}
    if form.validate_on_submit():
        chosen = [line.person for line in listed.waiting if line.person.id in ticked]
        settled = ", ".join(line.person.name for line in listed.noted if line.person.id in ticked)
        said = _("Rien ne change pour %(names)s : un état est déjà noté.", names=settled) if settled else ""
        if settled and not chosen:
            flash(said, "warn")
            return _back(found)
        with form.refusals():
            asked = _bring_in(found, form, chosen)
            if asked is not None:
                flash(
                    _("Le délai est passé. Une autre personne doit maintenant confirmer : elle est prévenue."), "good"
                )
                return redirect(url_for("auth.decision", proposal_id=asked.id, _anchor="message"))
            if settled:
                flash(said, "warn")
            words = ngettext(
                "La feuille de papier est ajoutée : %(num)d signature.",
                "La feuille de papier est ajoutée : %(num)d signatures.",
                len(chosen),
            )
            flash(words, "good")
            return _back(found)
    is_late = services_late.is_over(found, clock.now())
    return render_template(
        "attendance/paper.html", half_day=found, list=listed, form=form, ticked=ticked, is_late=is_late
    )


def _bring_in(half_day: HalfDay, form: PaperForm, chosen: list[Person]) -> Proposal | None:
    """Keep the scan, and one signature on paper for each person; after the delay, ask a second person to confirm them.

    Raises NobodyOnPaper or what files refuse.
    """
    file, now = form.scan.data, clock.now()
    with transaction():
        scan = papers_brought.bring_in(
            half_day,
            file.filename if file else "",
            file.read() if file else b"",
            [person.id for person in chosen],
            current_user.id,
            now,
        )
        if services_late.is_over(half_day, now):
            texts = {person.id: statement(half_day, person) for person in chosen}
            said = (statement_version(), form.reason.data or "")
            return services_late.ask_paper(half_day, scan, chosen, texts, *said, current_user, now)
        for person in chosen:
            on_paper = act(
                Method.PAPER,
                statement(half_day, person),
                role="trainer",
                by_id=current_user.id,
                helped_by=current_user.name,
                scan=scan.hash,
            )
            services.sign(half_day, person, on_paper, now)
    return None


@bp.get("/half-days/<int:half_day_id>/paper/<int:scan_id>")
@guards.asks(Action.SEE_HALF_DAY)
def paper_scan(half_day_id: int, scan_id: int) -> Response:
    """Give back the scan of a sheet of paper."""
    found = half_day_for(half_day_id, Action.SEE_HALF_DAY)
    scan = papers_brought.scan_of(found.id, scan_id)
    if scan is None:
        abort(404)
    guards.note_export("paper_scan", scan, school_id=found.school_id)
    return send_kept(scan)


@bp.route("/half-days/<int:half_day_id>/walk-in", methods=["GET", "POST"])
@guards.asks(Action.RUN_HALF_DAY)
def walk_in(half_day_id: int) -> Response | str:
    """Add somebody who came without being expected: known already, or new."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    search = WalkInForm(request.args, meta={"csrf": False})
    form = NewWalkInForm()
    here = frozenset({found.school_id})
    matches = people.find_people(search.name.data, here, frozenset(), 0, MOST_FOUND)[0] if search.name.data else []
    if "person" in request.form and ButtonForm().validate_on_submit():
        known = people.visible_people(here, frozenset()).where(Person.id == request.form.get("person", type=int))
        person = db.one_or_404(known)
        services_marks.add_walk_in(found, person, current_user, clock.now())
        flash(_("%(name)s est sur la liste de cette séance.", name=person.name), "good")
        return _back(found)
    if "first_name" in request.form and form.validate_on_submit():
        with form.refusals():
            person = _new_walk_in(found, form)
            flash(_("%(name)s est sur la liste de cette séance.", name=person.name), "good")
            return _back(found)
    return render_template("attendance/walk_in.html", half_day=found, search=search, form=form, matches=matches)


def _new_walk_in(half_day: HalfDay, form: NewWalkInForm) -> Person:
    """Make a person with a number made by chance: the school completes the file and the place later."""
    now = clock.now()
    with transaction(lock=f"people/{half_day.school_id}"):
        person = people.new_person(
            form.first_name.data,
            form.last_name.data,
            now=now,
            learner_number=f"V{secrets.randbelow(10**8):08}",
            home_school_id=half_day.school_id,
        )
        audit.record("create_person", person, actor_id=current_user.id, now=now, school_id=half_day.school_id)
        services_marks.add_walk_in(half_day, person, current_user, now)
    return person
