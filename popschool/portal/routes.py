"""Pages that gather: where each role begins, a learner's day, one person's file, opening a cohort."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.attendance import services_own
from popschool.auth import guards, services
from popschool.auth.rules import Action, Role
from popschool.courses.services import live_programmes
from popschool.db import db
from popschool.grading import services_competences
from popschool.portal import (
    api_words,
    routes_api,
    routes_api_more,
    routes_barriers,
    routes_data,
    routes_keys,
    routes_log,
    routes_requests,
    routes_webhooks,
    rules,
    services_today,
)
from popschool.portal.forms import OpenCohortForm
from popschool.portal.routes_base import api, bp
from popschool.projects import services_reading as reading
from popschool.schools import cohorts, people
from popschool.schools.models import Person, School

__all__ = [
    "api_words",
    "bp",
    "routes_api",
    "routes_api_more",
    "routes_barriers",
    "routes_data",
    "routes_keys",
    "routes_log",
    "routes_requests",
    "routes_webhooks",
]

bp.register_blueprint(api)


@bp.get("/")
@guards.asks(Action.SEE_HOME)
def home() -> Response | str:
    """Go where this person's day begins."""
    guards.require(Action.SEE_HOME)
    actor = guards.actor()
    if actor.learns_in:
        return redirect(url_for(".today"))
    if actor.holds(Role.NETWORK_MANAGER):
        return redirect(url_for("schools.network"))
    managed = actor.schools_as(Role.SCHOOL_MANAGER)
    if managed:
        school_id = current_user.home_school_id if current_user.home_school_id in managed else min(managed)
        return redirect(url_for("schools.school", school_id=school_id))
    if actor.holds(Role.TRAINER):
        return redirect(url_for("grading.queue"))
    if actor.holds(Role.AUTHOR):
        return redirect(url_for("courses.sources"))
    if actor.learnt_in:
        return redirect(url_for(".today"))
    kept = actor.schools_as(Role.DISABILITY_CONTACT)
    if kept:
        return redirect(url_for("schools.accommodations", school_id=min(kept)))
    if actor.holds(Role.FUNDER, Role.AUDITOR):
        return redirect(url_for("reports.mine"))
    coming = people.next_place_of(current_user.id, clock.today())
    return render_template("portal/welcome.html", coming=coming)


@bp.get("/today")
@guards.asks(Action.SEE_HOME)
def today() -> Response | str:
    """A learner's day: the next thing to do first. Whoever comes to work here has another."""
    guards.require(Action.SEE_HOME)
    now, actor = clock.now(), guards.actor()
    if actor.roles and not (actor.learns_in or actor.learnt_in):
        return redirect(url_for(".home"))
    works, news = services_today.works_and_news(current_user.id, actor.learns_in, now, has_moved=actor.has_moved)
    stands = [rules.Stand(work.state(now), work.window) for work in works]
    step, place, day = rules.Step.NOWHERE, None, None
    if actor.learns_in:
        step, place = rules.next_step(stands, now)
    else:
        places = [(one.starts_on, one.last_day) for one in people.enrolments_of(current_user.id)]
        step, day = rules.outside(places, clock.today())
    coming = sorted((work for work in works if work.window.due_at > now), key=lambda work: work.window.due_at)[:5]
    answered = [(work, one) for work in works for one in work.asked if one.decision and one.sent is not None]
    answered.sort(key=lambda pair: pair[1].decided_at, reverse=True)
    return render_template(
        "portal/today.html",
        here=services_own.own_day(current_user.id, actor.learns_in, clock.today(), now),
        works=works,
        step=step,
        first=works[place] if place is not None else None,
        day=day,
        news=news,
        to_do=[works[one] for one in rules.to_do(stands)],
        coming=coming,
        answered=answered[:4],
        now=now,
    )


@bp.get("/people/<int:person_id>/file")
@guards.asks(Action.SEE_PERSON)
def file(person_id: int) -> str:
    """One person's whole way: places, work and competences."""
    enrolments = people.enrolments_of(person_id)
    person = enrolments[0].person if enrolments else db.get_or_404(Person, person_id)
    guards.require(Action.SEE_PERSON, services.place_of(person))
    guards.note_reading(person.id, "file")
    now = clock.now()
    places = {one.cohort_id: one.cohort.code for one in enrolments}
    works = reading.work_of(person.id, frozenset(places), now, has_moved=len(places) > 1)
    here = {one.cohort_id for one in enrolments if one.last_day >= clock.today()} or set(places)
    works = [work for work in works if work.assignment.cohort_id in here or work.own_sent]
    found = services_competences.standings(person.id, enrolments[0].cohort_id if enrolments else None, with_next=False)
    return render_template(
        "portal/file.html",
        person=person,
        enrolments=enrolments,
        works=works,
        cohorts=places if len(places) > 1 else {},
        standings=found,
        now=now,
    )


@bp.route("/schools/<int:school_id>/cohorts/new", methods=["GET", "POST"])
@guards.asks(Action.OPEN_COHORT)
def open_cohort(school_id: int) -> Response | str:
    """Open a cohort on one of the programmes that are live."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.OPEN_COHORT, school.place)
    programmes = live_programmes()
    form = OpenCohortForm(code=f"{school.code}-{clock.today().year}-", starts_on=clock.today())
    form.programme.choices = [SelectChoice(version.programme_id, version.title) for version, _revision in programmes]
    if programmes and form.validate_on_submit():
        revision = next(one for version, one in programmes if version.programme_id == form.programme.data)
        with form.refusals():
            cohort = cohorts.open_cohort(
                school,
                programme_id=form.programme.data,
                revision_id=revision.id,
                code=form.code.data,
                name=form.name.data or "",
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                actor_id=current_user.id,
                now=clock.now(),
            )
            flash(_("La promo %(code)s est ouverte. Ajoutez maintenant les personnes.", code=cohort.code), "good")
            return redirect(url_for("schools.cohort", cohort_id=cohort.id))
    return render_template("portal/open_cohort.html", form=form, school=school, programmes=programmes)
