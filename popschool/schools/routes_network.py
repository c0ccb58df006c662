"""The network's pages: its schools and their papers."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools import cohorts
from popschool.schools import network as services
from popschool.schools.forms import REGIONS, NetworkForm, PapersForm, SchoolForm
from popschool.schools.models import School
from popschool.schools.routes_base import bp, reach_of_cohorts
from popschool.web import languages
from popschool.web.paging import LINES, Page, offset, page_number


def _papers(form: PapersForm, names: tuple[str, ...]) -> dict[str, str]:
    return {name: (form[name].data or "").strip() for name in names}


@bp.get("/network")
@guards.asks(Action.SEE_NETWORK)
def network() -> str:
    """Every school, with its cohorts and its people."""
    guards.require(Action.SEE_NETWORK)
    text, region = request.args.get("q", "").strip()[:80], request.args.get("region", "")
    found = services.find_schools(clock.today(), text, region if region in REGIONS else "")
    number = page_number(request.args.get("page"), len(found))
    lines = services.lines_of(found, offset(number), LINES)
    return render_template(
        "schools/network.html",
        page=Page(lines, number, len(found)),
        people=found.people,
        cohorts=found.cohorts,
        text=text,
        region=region,
        regions=REGIONS,
        today=clock.today(),
    )


@bp.route("/network/papers", methods=["GET", "POST"])
@guards.asks(Action.OPEN_SCHOOL)
def network_papers() -> Response | str:
    """The network's own papers: those that every school's documents are headed with."""
    guards.require(Action.OPEN_SCHOOL)
    form = NetworkForm(obj=services.read_network())
    if form.validate_on_submit():
        with form.refusals():
            services.edit_network(_papers(form, services.OWN_PAPERS), current_user.id, clock.now())
            flash(_("Les papiers du réseau sont à jour."), "good")
            return redirect(url_for(".network"))
    return render_template("schools/network_form.html", form=form)


@bp.route("/schools/new", methods=["GET", "POST"])
@guards.asks(Action.OPEN_SCHOOL)
def open_school() -> Response | str:
    """Open a school with its identity papers."""
    guards.require(Action.OPEN_SCHOOL)
    form = SchoolForm(opened_on=clock.today())
    if form.validate_on_submit():
        with form.refusals("code"):
            school = services.open_school(
                form.code.data, _papers(form, services.PAPERS), form.opened_on.data, current_user.id, clock.now()
            )
            flash(_("L'école %(name)s est ouverte. Invitez maintenant sa direction.", name=school.name), "good")
            return redirect(url_for("auth.invite_school_staff", school_id=school.id))
    return render_template("schools/school_form.html", form=form, school=None)


@bp.route("/schools/<int:school_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.EDIT_SCHOOL)
def edit_school(school_id: int) -> Response | str:
    """Change a school's papers, or close it."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.EDIT_SCHOOL, school.place)
    form = SchoolForm(obj=school)
    if form.validate_on_submit():
        with form.refusals("closed_on"):
            papers = _papers(form, services.PAPERS)
            services.edit_school(school, papers, form.opened_on.data, form.closed_on.data, current_user.id, clock.now())
            flash(_("Les papiers de l'école %(whose)s sont à jour.", whose=languages.of_place(school.name)), "good")
            return redirect(url_for(".school", school_id=school.id))
    return render_template("schools/school_form.html", form=form, school=school)


@bp.get("/schools/<int:school_id>")
@guards.asks(Action.SEE_SCHOOL)
def school(school_id: int) -> str:
    """One school: its cohorts, its people, its papers."""
    found = db.get_or_404(School, school_id)
    guards.require(Action.SEE_SCHOOL, found.place)
    reach = reach_of_cohorts(at=found.id)
    total, count_open, count_people = cohorts.tally(reach, clock.today())
    number = page_number(request.args.get("page"), total)
    return render_template(
        "schools/school.html",
        school=found,
        page=Page(cohorts.list_cohorts(reach, clock.today(), offset(number), LINES), number, total),
        count_open=count_open,
        count_people=count_people,
        today=clock.today(),
        may_open=guards.allowed(Action.OPEN_COHORT, found.place),
        may_edit=guards.allowed(Action.EDIT_SCHOOL, found.place),
        may_invite=guards.allowed(Action.INVITE_STAFF, found.place),
    )
