"""Doors as the school keeps them: opened, listed, closed; and the questions that came through them."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.reports import services_doors as services
from popschool.reports import services_questions as questions
from popschool.reports import words  # noqa: F401  their sentences
from popschool.reports.forms import LINK, AnswerForm, ButtonForm, DoorForm
from popschool.reports.models import Door
from popschool.reports.routes_base import bp
from popschool.reports.rules_doors import DoorKind
from popschool.reports.services_doors import Wish
from popschool.schools.models import School
from popschool.web.paging import LINES, Page, offset, page_number


@bp.get("/schools/<int:school_id>/doors")
@guards.asks(Action.MANAGE_DOORS)
def school_doors(school_id: int) -> str:
    """The doors of a school: who may come in, until when."""
    return _listed(_school(school_id))


@bp.get("/network/doors")
@guards.asks(Action.MANAGE_DOORS)
def network_doors() -> str:
    """The doors to the whole network."""
    guards.require(Action.MANAGE_DOORS)
    return _listed(None)


def _listed(school: School | None) -> str:
    number = page_number(request.args.get("page"))
    found, total = services.doors_of(school.id if school else None, offset(number), LINES)
    return render_template(
        "reports/doors.html",
        school=school,
        page=Page(found, min(number, max(1, -(-total // LINES))), total),
        today=clock.today(),
        is_open=services.is_open,
    )


@bp.route("/schools/<int:school_id>/doors/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_DOORS)
def open_school_door(school_id: int) -> Response | str:
    """Open a door to a school's rows."""
    return _opening(_school(school_id))


@bp.route("/network/doors/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_DOORS)
def open_network_door() -> Response | str:
    """Open a door to the whole network."""
    guards.require(Action.MANAGE_DOORS)
    return _opening(None)


def _opening(school: School | None) -> Response | str:
    school_id = school.id if school else None
    form = DoorForm()
    form.funder.choices = [SelectChoice(number, name) for number, name in services.funders_for(school_id)]
    if form.validate_on_submit():
        with form.refusals():
            door = services.open_door(school_id, _wish(form), current_user, clock.now(), clock.today())
            flash(_("La porte est ouverte."), "good")
            return redirect(url_for(".door_key", door_id=door.id, _anchor="message"))
    return render_template("reports/open_door.html", school=school, form=form)


def _wish(form: DoorForm) -> Wish:
    return Wish(
        kind=DoorKind(form.kind.data),
        is_link=form.way.data == LINK,
        for_whom=form.for_whom.data,
        mail=form.mail.data or "",
        funder_id=form.funder.data if form.kind.data == DoorKind.FUNDER else None,
        covers_from=form.covers_from.data,
        covers_to=form.covers_to.data,
        ends_on=form.ends_on.data,
    )


@bp.route("/doors/<int:door_id>/key", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_DOORS)
def door_key(door_id: int) -> Response | str:
    """One door as the school keeps it: its link, the looks through it, and the button that closes it."""
    door = services.read_door(door_id) or abort(404)
    guards.require_in(Action.MANAGE_DOORS, door.school_id)
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusals():
            services.close_door(door, current_user, clock.now())
            flash(_("La porte est fermée. Plus rien ne s'ouvre par là."), "good")
            return redirect(url_for(".door_key", door_id=door.id, _anchor="message"))
    return render_template(
        "reports/door_key.html",
        door=door,
        form=form,
        link=_link(door),
        is_open=services.is_open(door, clock.today()),
        looks=services.looks_of(door),
    )


def _link(door: Door) -> str:
    secret = services.secret_of(door)
    return f"{current_app.config['POPSCHOOL'].base_url}{url_for('.link_board', secret=secret)}" if secret else ""


@bp.get("/schools/<int:school_id>/questions")
@guards.asks(Action.MANAGE_DOORS)
def school_questions(school_id: int) -> str:
    """What a school was asked by those who pay or audit; what waits for an answer comes first."""
    school = _school(school_id)
    number = page_number(request.args.get("page"))
    found, total = questions.questions_for(school.id, offset(number), LINES)
    return render_template("reports/questions.html", school=school, page=Page(found, number, total))


@bp.route("/questions/<int:question_id>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_DOORS)
def question(question_id: int) -> Response | str:
    """One question, and the school's answer."""
    found = questions.read_question(question_id) or abort(404)
    guards.require(Action.MANAGE_DOORS, found.place)
    form = AnswerForm()
    if form.validate_on_submit():
        with form.refusals("text"):
            questions.answer(found, form.text.data, current_user, clock.now())
            flash(_("Votre réponse est partie."), "good")
            return redirect(url_for(".question", question_id=found.id, _anchor="message"))
    return render_template("reports/question.html", question=found, form=form)


def _school(school_id: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_DOORS, school.place)
    return school
