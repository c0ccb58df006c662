"""People's pages: found, described, corrected, and what is arranged for them."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.db import db
from popschool.schools import people as services
from popschool.schools.forms import REASONS, AccommodationForm, ConfirmForm, PersonForm
from popschool.schools.models import Accommodation, Person
from popschool.schools.routes_base import bp, identity_refusals, reach
from popschool.web.paging import LINES, Page, counted, offset, page_number

MEASURES = (
    "deadline_days", "extra_time_percent", "fewer_reviews", "format", "breaks", "quiet_place", "sign_language",
)  # fmt: skip


@bp.get("/people")
@guards.asks(Action.FIND_PEOPLE)
def people() -> str:
    """Find anybody of one's schools or cohorts, by any part of what names them."""
    guards.require(Action.FIND_PEOPLE)
    text, number = request.args.get("q", "").strip()[:100], page_number(request.args.get("page"))
    schools, trained = reach()
    staff = guards.staff_of(schools or ())
    lines, total = services.find_people(text, schools, trained, offset(number), LINES, staff, counted(number))
    return render_template("schools/people.html", page=Page(lines, number, total, counted=counted(number)), text=text)


@bp.get("/people/<int:person_id>")
@guards.asks(Action.SEE_PERSON)
def person(person_id: int) -> str:
    """One person: how to reach them, their places, what is arranged."""
    found = db.get_or_404(Person, person_id)
    place = guards.place_of(found)
    guards.require(Action.SEE_PERSON, place)
    guards.note_reading(found.id, "person")
    return render_template(
        "schools/person.html",
        person=found,
        enrolments=services.enrolments_of(found.id),
        reasons=REASONS,
        accommodations=_shown_here(found),
        merges=services.merges_about(found.id),
        today=clock.today(),
        is_self=found.id == current_user.id,
        may_edit=guards.allowed(Action.EDIT_PERSON, place),
        may_print=guards.allowed(Action.PRINT_CARD, place),
        may_arrange=guards.allowed(Action.ARRANGE_ACCOMMODATION, place),
    )


@bp.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.EDIT_PERSON)
def edit_person(person_id: int) -> Response | str:
    """Correct a name, a mail, a phone, a number."""
    found = db.get_or_404(Person, person_id)
    guards.require(Action.EDIT_PERSON, guards.place_of(found))
    guards.require_standing_over(found.id)  # whoever changes a mail may come in with it
    form = PersonForm(obj=found, number=found.learner_number)
    if form.validate_on_submit():
        with identity_refusals(form):
            services.edit_person(
                found,
                form.first_name.data,
                form.last_name.data,
                form.mail.data,
                form.phone.data,
                form.number.data,
                current_user.id,
                clock.now(),
            )
            flash(_("C'est corrigé."), "good")
            return redirect(url_for(".person", person_id=found.id))
    return render_template("schools/person_form.html", form=form, person=found)


@bp.route("/people/<int:person_id>/accommodations/new", methods=["GET", "POST"])
@guards.asks(Action.ARRANGE_ACCOMMODATION)
def arrange(person_id: int) -> Response | str:
    """Arrange something for a person: what and until when, never why."""
    found = db.get_or_404(Person, person_id)
    place = guards.place_of(found)
    guards.require(Action.ARRANGE_ACCOMMODATION, place)
    form = AccommodationForm(starts_on=clock.today())
    if form.validate_on_submit():
        values = {name: form[name].data for name in MEASURES}
        if not any(values.values()):
            form.refuse(_("Dites ce qui est arrangé : du temps, un format, des pauses, un endroit."), "deadline_days")
        else:
            with form.refusals("ends_on"):
                services.arrange(
                    found,
                    school_here(place.schools, found),
                    deadline_days=values["deadline_days"] or 0,
                    extra_time_percent=values["extra_time_percent"] or 0,
                    fewer_reviews=values["fewer_reviews"] or 0,
                    format=values["format"] or "",
                    breaks=values["breaks"] or "",
                    quiet_place=values["quiet_place"],
                    sign_language=values["sign_language"],
                    starts_on=form.starts_on.data,
                    ends_on=form.ends_on.data,
                    actor_id=current_user.id,
                    now=clock.now(),
                )
                flash(_("L'aménagement est noté. Il s'applique tout de suite."), "good")
                return redirect(_back_from(found))
    return render_template("schools/arrange.html", form=form, person=found, back=_back_from(found))


def _back_from(person: Person) -> str:
    """Return the page of a person, or the list of what is arranged for whoever reads nothing else of them."""
    place = guards.place_of(person)
    if guards.allowed(Action.SEE_PERSON, place):
        return url_for(".person", person_id=person.id)
    return url_for(".accommodations", school_id=school_here(place.schools, person))


def _shown_here(person: Person) -> list[Accommodation]:
    """What is arranged elsewhere is shown here only when its person agreed."""
    roles, arranged = guards.actor().roles, services.accommodations_of(person.id)
    if person.id == current_user.id or None in roles:
        return arranged
    return [one for one in arranged if one.follows or one.school_id in roles]


def school_here(schools: frozenset[int], person: Person) -> int:
    actor = guards.actor()
    mine = (actor.schools_as(Role.SCHOOL_MANAGER) | actor.schools_as(Role.DISABILITY_CONTACT)) & schools
    return min(mine or schools or {person.home_school_id})


@bp.route("/accommodations/<int:accommodation_id>/end", methods=["GET", "POST"])
@guards.asks(Action.ARRANGE_ACCOMMODATION)
def end_accommodation(accommodation_id: int) -> Response | str:
    """End what was arranged, today."""
    arranged = db.get_or_404(Accommodation, accommodation_id)
    found = db.session.get(Person, arranged.person_id)
    guards.require(Action.ARRANGE_ACCOMMODATION, guards.place_of(found))
    form = ConfirmForm()
    if form.validate_on_submit():
        services.end_accommodation(arranged, clock.today(), current_user.id, clock.now())
        flash(_("L'aménagement s'arrête aujourd'hui."), "good")
        return redirect(_back_from(found))
    return render_template("schools/end_accommodation.html", form=form, person=found, back=_back_from(found))


@bp.post("/accommodations/follow")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def let_follow() -> Response:
    """The person here says whether what is arranged for them holds at their other schools too."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    services.let_follow(db.session.get_one(Person, current_user.id), request.form.get("follows") == "1", clock.now())
    flash(_("C'est noté. Vous pouvez changer d'avis quand vous voulez."), "good")
    return redirect(url_for(".person", person_id=current_user.id))
