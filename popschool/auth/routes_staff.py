"""Who works where: the staff of a school or of the network, giving and ending roles, closing accounts."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards, services, services_passkeys, services_rights
from popschool.auth.forms import ConfirmForm, PostForm, PressForm, StaffForm
from popschool.auth.models import RoleGrant
from popschool.auth.models_decisions import Proposal
from popschool.auth.routes_base import bp
from popschool.auth.rules import Action, Role
from popschool.auth.services_signing import read_account
from popschool.auth.words import ROLES
from popschool.db import db
from popschool.schools import places
from popschool.schools.models import Cohort, Person, School
from popschool.web import languages
from popschool.web.paging import LINES, Page, offset, page_number

GIVEN_AT_SCHOOL = (Role.TRAINER, Role.DISABILITY_CONTACT, Role.SCHOOL_MANAGER)
GIVEN_IN_NETWORK = (Role.AUTHOR, Role.NETWORK_MANAGER, Role.AUDITOR, Role.FUNDER)


@bp.get("/schools/<int:school_id>/staff")
@guards.asks(Action.INVITE_STAFF)
def school_staff(school_id: int) -> Any:
    """List who works at a school."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.INVITE_STAFF, school.place)
    return _staff_page(school)


@bp.get("/staff")
@guards.asks(Action.INVITE_STAFF)
def network_staff() -> Any:
    """List who works for the whole network."""
    guards.require(Action.INVITE_STAFF)
    return _staff_page(None)


def _staff_page(school: School | None) -> str:
    school_id = school.id if school else None
    total = services.count_staff(school_id)
    number = page_number(request.args.get("page"), total)
    page = Page(services.read_staff(school_id, offset(number), LINES), number, total)
    return render_template("auth/staff.html", school=school, page=page, names=ROLES)


@bp.route("/schools/<int:school_id>/staff/invite", methods=["GET", "POST"])
@guards.asks(Action.INVITE_STAFF)
def invite_school_staff(school_id: int) -> Any:
    """Invite a trainer, a manager or a disability contact to a school."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.INVITE_STAFF, school.place)
    return _invite_page(school)


@bp.route("/staff/invite", methods=["GET", "POST"])
@guards.asks(Action.INVITE_STAFF)
def invite_network_staff() -> Any:
    """Invite somebody to a role of the whole network."""
    guards.require(Action.INVITE_STAFF)
    return _invite_page(None)


def _invite_page(school: School | None) -> Any:
    guards.require_proof()
    form = StaffForm()
    given = GIVEN_AT_SCHOOL if school else GIVEN_IN_NETWORK
    form.role.choices = [SelectChoice(str(role), ROLES[role]) for role in given]
    if form.validate_on_submit():
        with form.refusals():
            role, school_id = Role(form.role.data), school.id if school else None
            whom = (form.handle.handle, form.first_name.data.strip(), form.last_name.data.strip(), role)
            here = {"school_id": school_id, "by": guards.actor(), "now": clock.now()}
            if services_rights.needs_second(role):
                return _proposed(services_rights.propose_right(*whom, **here), school_id)
            person, is_invited = services.invite_staff(*whom, **here)
            words = _("%(name)s a ce rôle. L'invitation est partie.", name=person.name)
            flash(words if is_invited else _("%(name)s a ce rôle.", name=person.name), "good")
            return redirect(staff_address(school_id))
    return render_template("auth/staff_invite.html", form=form, school=school)


def _proposed(proposal: Proposal | None, school_id: int | None) -> Any:
    """Say that a right waits for a second person, or that it is held already."""
    if proposal is None:
        flash(_("Cette personne a déjà ce rôle."), "good")
        return redirect(staff_address(school_id))
    flash(_("Ce rôle se donne à deux. Une autre personne doit maintenant confirmer : elle est prévenue."), "good")
    return redirect(url_for("auth.decision", proposal_id=proposal.id, _anchor="message"))


@bp.route("/roles/<int:grant_id>/end", methods=["GET", "POST"])
@guards.asks(Action.INVITE_STAFF)
def end_role(grant_id: int) -> Any:
    """End a role, after a confirmation that says what changes."""
    grant = db.get_or_404(RoleGrant, grant_id)
    guards.require_in(Action.INVITE_STAFF, grant.school_id)
    guards.require_proof()
    back = staff_address(grant.school_id)
    person = db.session.get_one(Person, grant.person_id)
    form = ConfirmForm()
    if form.validate_on_submit():
        with form.refusals():
            services.end_role(grant, by=guards.actor(), now=clock.now())
            flash(_("%(name)s n'a plus ce rôle. Son travail passé reste.", name=person.name), "good")
            return redirect(back if grant.person_id != current_user.id else "/")
    school = db.session.get(School, grant.school_id) if grant.school_id else None
    role = ROLES[Role(grant.role)]
    return render_template(
        "auth/role_end.html", form=form, grant=grant, person=person, school=school, role=role, back=back
    )


def staff_address(school_id: int | None) -> str:
    if school_id is None:
        return url_for("auth.network_staff")
    return url_for("auth.school_staff", school_id=school_id)


@bp.route("/cohorts/<int:cohort_id>/trainers/new", methods=["GET", "POST"])
@guards.asks(Action.POST_TRAINER)
def post_trainer(cohort_id: int) -> Any:
    """Post a trainer of the school to the cohort, from a day on."""
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(Action.POST_TRAINER, cohort.place)
    trainers = services.read_trainers(cohort.school_id)
    form = PostForm(starts_on=max(clock.today(), cohort.starts_on))
    form.trainer.choices = [SelectChoice(person.id, person.name) for person in trainers]
    if form.validate_on_submit():
        with form.refusals("starts_on"):
            person = next(one for one in trainers if one.id == form.trainer.data)
            places.post(person, cohort, form.starts_on.data, form.ends_on.data, current_user.id, clock.now())
            flash(_("%(name)s suit maintenant cette promo.", name=person.name), "good")
            return redirect(url_for("schools.cohort", cohort_id=cohort.id))
    return render_template("auth/post_trainer.html", form=form, cohort=cohort, trainers=trainers)


@bp.route("/people/<int:person_id>/close-account", methods=["GET", "POST"])
@guards.asks(Action.CLOSE_ACCOUNT)
def close_account(person_id: int) -> Any:
    """Close a person's way in, after a confirmation that says what changes; a closed one offers to open again."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.CLOSE_ACCOUNT, guards.place_of(person))
    guards.require_standing_over(person.id)
    guards.require_proof()
    account = read_account(person.id)
    is_closed = account is not None and account.closed_at is not None
    form = PressForm() if is_closed else ConfirmForm()
    if form.validate_on_submit():
        with form.refusals():
            if is_closed:
                services.reopen_account(person, by_id=current_user.id, now=clock.now())
                flash(_("Le compte %(whose)s est rouvert.", whose=languages.of_person(person.name)), "good")
            else:
                services.close_account(person, by_id=current_user.id, now=clock.now())
                whose = languages.of_person(person.name)
                flash(_("Le compte %(whose)s est fermé. Son travail reste.", whose=whose), "good")
            return redirect(url_for(".close_account", person_id=person.id))
    return render_template(
        "auth/close_account.html",
        form=form,
        person=person,
        account=account,
        is_closed=is_closed,
        has_second=account is not None and services_passkeys.has_second(account),
    )


@bp.route("/people/<int:person_id>/second/stop", methods=["GET", "POST"])
@guards.asks(Action.CLOSE_ACCOUNT)
def stop_second_of(person_id: int) -> Any:
    """Let somebody in again who has lost both their telephone and their recovery codes."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.CLOSE_ACCOUNT, guards.place_of(person))
    guards.require_standing_over(person.id)
    guards.require_proof()
    account = read_account(person.id)
    if account is None or not services_passkeys.has_second(account):
        return redirect(url_for(".close_account", person_id=person.id))
    form = ConfirmForm()
    if form.validate_on_submit():
        services_passkeys.stop_second(account, current_user.id, clock.now())
        flash(_("C'est arrêté. %(name)s entre sans second code.", name=person.name), "good")
        return redirect(url_for("schools.person", person_id=person.id))
    return render_template("auth/second_stop_of.html", form=form, person=person)
