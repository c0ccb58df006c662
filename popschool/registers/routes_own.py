"""What people do themselves: read what was decided with them, sign the house rules, give their opinion, complain."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.registers import forms, rules, services
from popschool.registers import services_house as house
from popschool.registers import services_surveys as surveys
from popschool.registers.models import Record
from popschool.registers.routes_base import bp, record_name
from popschool.registers.rules import Register
from popschool.registers.services_attempts import count_complaint
from popschool.schools.models import Enrolment
from popschool.schools.network import find_open_schools, open_schools
from popschool.web.paging import LINES

LISTED_SCHOOLS = 40
LONGEST_SEARCH = 100


@bp.get("/my/records")
@guards.asks(Action.SEE_OWN_RECORDS)
def mine() -> str:
    """What waits for the person here, and what was said and decided with them."""
    guards.require(Action.SEE_OWN_RECORDS)
    today = clock.today()
    return render_template(
        "registers/mine.html",
        to_sign=house.to_sign(current_user.id, today),
        surveys=surveys.surveys_for(current_user.id, today),
        lines=services.lines_of_person(current_user.id, today),
        named=record_name,
    )


@bp.route("/my/house-rules/<int:enrolment_id>", methods=["GET", "POST"])
@guards.asks(Action.SIGN_HOUSE_RULES)
def sign_rules(enrolment_id: int) -> Response | str:
    """The house rules of one's school, and the button that says that one has read them."""
    enrolment = db.get_or_404(Enrolment, enrolment_id)
    guards.require(Action.SIGN_HOUSE_RULES, enrolment.place)
    signs = house.to_sign(current_user.id, clock.today())
    _place, text, receipt = next((one for one in signs if one[0].id == enrolment_id), None) or abort(404)
    form = forms.ButtonForm()
    if form.validate_on_submit():
        if request.args.get("version", type=int) != text.version:
            form.refuse(_("Ce règlement a changé. Lisez le nouveau, puis signez-le."))
        else:
            with form.refusals():
                house.sign(text, enrolment, clock.now())
                flash(_("Merci. C'est signé."), "good")
                return redirect(url_for(".mine", _anchor="message"))
    return render_template("registers/sign_rules.html", text=text, receipt=receipt, form=form, enrolment=enrolment)


@bp.route("/my/surveys/<int:asked_id>", methods=["GET", "POST"])
@guards.asks(Action.GIVE_OPINION)
def give_opinion(asked_id: int) -> Response | str:
    """Six questions, and what one wants to add. The answer has no name."""
    found = surveys.read_asked(asked_id) or abort(404)
    guards.require(Action.GIVE_OPINION, found.place)
    form, today = forms.survey_answers()(), clock.today()
    is_open = found.survey.opens_on <= today <= found.survey.closes_on
    if is_open and not found.has_answered and form.validate_on_submit():
        with form.refusals():
            ratings = {name: form[name].data for name in rules.QUESTIONS}
            surveys.answer(found, ratings, form.comment.data or "", today)
            flash(_("Merci. Votre avis est reçu, sans votre nom."), "good")
            return redirect(url_for(".mine", _anchor="message"))
    return render_template("registers/opinion.html", asked=found, form=form, is_open=is_open)


@bp.get("/my/complaints/<int:record_id>")
@guards.asks(Action.SEE_OWN_RECORDS)
def my_complaint(record_id: int) -> str:
    """One's own complaint, and its answer."""
    guards.require(Action.SEE_OWN_RECORDS)
    found = list(services.versions_of(record_id))
    if not found or found[0].kind != Register.COMPLAINTS or found[0].person_id != current_user.id:
        abort(404)
    return _followed(found[0], "")


@bp.route("/complaints/new", methods=["GET", "POST"])
@guards.public
def complain() -> Response | str:
    """A complaint of anybody: a learner, a company, a funder. Nobody has to say their name."""
    place, form = forms.ComplaintPlaceForm(), forms.complaint_form()
    today = clock.today()
    schools, is_listed = _offered(place.school.data if form.is_submitted() else _first_school(), today)
    if not schools and not form.is_submitted():
        return _asked_by_name(today)
    place.school.choices = [SelectChoice(number, name) for number, name in schools or open_schools(today)]
    if is_listed and len(place.school.choices) > 1:
        place.school.choices.insert(0, SelectChoice("", _("Choisissez dans la liste")))
    if not form.is_submitted():
        _say_first(place, form)
    is_placed = form.is_submitted() and place.validate()
    if form.validate_on_submit() and is_placed:
        with form.refusals():
            count_complaint(request.remote_addr or "", clock.now())
            secret = services.new_secret()
            author = current_user if current_user.is_authenticated and form.name.data else None
            facts = {name: form[name].data or "" for name in rules.FIELDS[Register.COMPLAINTS]}
            draft = rules.Draft(today, facts)
            services.write(Register.COMPLAINTS, place.school.data, draft, author, clock.now(), today, secret=secret)
            flash(_("Votre réclamation est reçue. Gardez cette adresse : la réponse sera ici."), "good")
            return redirect(url_for(".followed", secret=secret, _anchor="message"))
    return render_template(
        "registers/complain.html", form=form, place=place, school=schools[0] if schools and not is_listed else None
    )


def _offered(wanted: int | None, today: date) -> tuple[list[tuple[int, str]], bool]:
    """Return the schools to choose from, or the wanted one where there are too many; and whether it is a list."""
    few = open_schools(today, LISTED_SCHOOLS)
    if few or wanted is None:
        return few, True
    return open_schools(today, only=wanted), False


def _asked_by_name(today: date) -> str:
    """Ask which school it is about, by a part of its name: a country has more of them than anybody looks through."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    found = find_open_schools(text, today, LINES + 1) if text else []
    who = request.args.get("who") if request.args.get("who") in rules.CHOICES["who"] else None
    return render_template(
        "registers/complain.html", text=text, who=who, found=found[:LINES], has_more=bool(found[LINES:])
    )


def _first_school() -> int | None:
    """Return the school that is known: by the page that led here or by the account, unless one asks for another."""
    known = current_user.home_school_id if current_user.is_authenticated and "q" not in request.args else None
    return request.args.get("school", type=int) or known


def _say_first(place: forms.ComplaintPlaceForm, form: Any) -> None:
    """Choose what is known: the school and who one is."""
    wanted, who = _first_school(), request.args.get("who")
    place.school.data = wanted if wanted in [one.value for one in place.school.choices] else None
    form.who.data = who if who in rules.CHOICES["who"] else None
    if current_user.is_authenticated and guards.actor().learns_in:
        form.who.data = "learner"


@bp.get("/complaints/<secret>")
@guards.public
def followed(secret: str) -> tuple[str, int] | str:
    """A complaint as its author follows it, by the link that was given to them."""
    found = services.complaint_at(secret)
    if found is None:
        return render_template("registers/followed.html", record=None, line=None, secret=""), 404
    return _followed(found, secret)


def _followed(first: Record, secret: str) -> str:
    return render_template(
        "registers/followed.html", record=first, line=services.line_of(first, clock.today()), secret=secret
    )
