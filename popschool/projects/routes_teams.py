"""Teams: formed by the trainer, by chance, or by learners."""

import secrets

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects import services_teams as services
from popschool.projects.forms import TeamForm
from popschool.projects.models import Assignment
from popschool.projects.routes_base import bp
from popschool.projects.rules_teams import TeamGone
from popschool.projects.services_assignments import learners_of


@bp.route("/assignments/<int:assignment_id>/teams", methods=["GET", "POST"])
@guards.asks(Action.FORM_TEAMS)
def teams(assignment_id: int) -> Response | str:
    """Who works with whom; the trainer places people, or lets chance do it."""
    found = db.get_or_404(Assignment, assignment_id)
    guards.require(Action.FORM_TEAMS, found.place)
    if found.work == "alone" or found.withdrawn_at is not None:
        abort(404)
    now = clock.now()
    people = learners_of(found.cohort_id, now)
    formed = services.teams_of(found)
    placed = {person.id for _team, members in formed for person in members}
    form = TeamForm()
    form.person.choices = [SelectChoice(person.id, person.name) for person in people]
    teams_there = [SelectChoice(team.id, team.name) for team, _members in formed]
    form.team.choices = [SelectChoice(0, _("Une nouvelle équipe")), *teams_there]
    if request.method == "POST" and request.form.get("do") == "draw":
        with form.refusals():
            made = services.draw(found, people, now, secrets.randbits(32))
            flash(ngettext("%(num)d équipe est formée.", "%(num)d équipes sont formées.", len(made)), "good")
            return redirect(url_for(".teams", assignment_id=found.id))
    elif form.validate_on_submit():
        person = next(one for one in people if one.id == form.person.data)
        team = next((one for one, _members in formed if one.id == form.team.data), None)
        with form.refusals("team"):
            if team is None:
                services.form(found, [person], now)
            else:
                services.place(team, found, person.id, now)
            flash(_("%(name)s est dans son équipe. Ce qui est déjà envoyé ne bouge pas.", name=person.name), "good")
            return redirect(url_for(".teams", assignment_id=found.id))
    return render_template(
        "projects/teams.html",
        assignment=found,
        formed=formed,
        form=form,
        free=[person for person in people if person.id not in placed],
    )


@bp.route("/assignments/<int:assignment_id>/team", methods=["GET", "POST"])
@guards.asks(Action.JOIN_TEAM)
def my_team(assignment_id: int) -> Response | str:
    """A learner joins or makes a team, when learners form them."""
    found = db.get_or_404(Assignment, assignment_id)
    guards.require(Action.JOIN_TEAM, found.place)
    if found.work == "alone" or found.teams_by != "learners" or found.withdrawn_at is not None:
        abort(404)
    now, form = clock.now(), TeamForm()
    formed = services.teams_of(found)
    if request.method == "POST":
        with form.refusals():
            asked = request.form.get("team", "")
            if asked == "new":
                services.form(found, [current_user._get_current_object()], now)
            elif asked == "leave":
                services.leave(found, current_user.id, now)
            else:
                team = next((one for one, _members in formed if str(one.id) == asked), None)
                if team is None:
                    raise TeamGone
                services.join(team, found, current_user.id, now)
            flash(_("C'est fait."), "good")
            return redirect(url_for(".my_team", assignment_id=found.id))
    return render_template("projects/my_team.html", assignment=found, formed=formed, form=form)
