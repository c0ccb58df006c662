"""The space of the disability contact: what is arranged at their school, whom to find, and their own locked notes."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.db import db
from popschool.schools import contact_notes
from popschool.schools import people as services
from popschool.schools.forms import ConfirmForm, NoteForm
from popschool.schools.models import ContactNote, Person, School
from popschool.schools.routes_base import bp
from popschool.schools.rules import Place
from popschool.web.paging import LINES, Page, offset, page_number

FOUND = 10


@bp.get("/schools/<int:school_id>/accommodations")
@guards.asks(Action.ARRANGE_ACCOMMODATION)
def accommodations(school_id: int) -> str:
    """What is arranged at a school, for whom, until when; with a name, whom else something may be arranged for."""
    found = db.get_or_404(School, school_id)
    place = Place.of(school=found.id)
    guards.require(Action.ARRANGE_ACCOMMODATION, place)
    number, text = page_number(request.args.get("page")), request.args.get("q", "").strip()[:100]
    lines, total = services.arranged_at(found.id, clock.today(), offset(number), LINES)
    guards.note_readings([person.id for _one, person in lines], "person")
    people, count = services.find_people(text, frozenset({found.id}), frozenset(), 0, FOUND) if text else ([], 0)
    return render_template(
        "schools/accommodations.html", school=found, page=Page(lines, number, total), text=text, people=people,
        count=count, may_note=guards.allowed(Action.KEEP_NOTES, place),
    )  # fmt: skip


@bp.get("/accommodations")
@guards.asks(Action.SEE_HOME)
def own_accommodations() -> Response:
    """Lead a disability contact to what is arranged at their school."""
    guards.require(Action.SEE_HOME)
    kept = guards.actor().schools_as(Role.DISABILITY_CONTACT)
    if not kept:
        abort(404)
    return redirect(url_for(".accommodations", school_id=min(kept)))


@bp.route("/people/<int:person_id>/notes", methods=["GET", "POST"])
@guards.asks(Action.KEEP_NOTES)
def notes(person_id: int) -> Response | str:
    """What the disability contact wrote down about somebody. Each opening is noted, where that person sees it."""
    found = db.get_or_404(Person, person_id)
    place = guards.place_of(found)
    guards.require(Action.KEEP_NOTES, place)
    school_id = min(guards.actor().schools_as(Role.DISABILITY_CONTACT) & place.schools)
    form = NoteForm()
    if form.validate_on_submit():
        contact_notes.write(found, school_id, form.words.data, current_user.id, clock.now())
        flash(_("La note est gardée sous clé."), "good")
        return redirect(url_for(".notes", person_id=found.id, _anchor="message"))
    kept = contact_notes.about(found.id, school_id)
    if kept:
        guards.note_reading(found.id, "notes")
    return render_template("schools/notes.html", person=found, school_id=school_id, notes=kept, form=form)


@bp.route("/notes/<int:note_id>/erase", methods=["GET", "POST"])
@guards.asks(Action.KEEP_NOTES)
def erase_note(note_id: int) -> Response | str:
    """Erase a note that is of no use any more."""
    note = db.get_or_404(ContactNote, note_id)
    guards.require(Action.KEEP_NOTES, Place.of(school=note.school_id))
    person = db.session.get_one(Person, note.person_id)
    back = url_for(".notes", person_id=person.id)
    form = ConfirmForm()
    if form.validate_on_submit():
        contact_notes.erase(note, current_user.id, clock.now())
        flash(_("La note est effacée."), "good")
        return redirect(back)
    return render_template("schools/erase_note.html", person=person, note=note, form=form, back=back)
