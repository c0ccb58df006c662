"""What a school, a funder or an agreement decides: each rule, its value, where it was said, and saying another."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_settings, words
from popschool.completion import services_funding as services
from popschool.completion.forms import NumberSettingForm, SettingForm
from popschool.completion.models import Funder, Funding
from popschool.completion.routes_base import bp, school_for
from popschool.completion.rules_settings import Saying
from popschool.completion.services_facts import heard_by, sayings_of
from popschool.db import db
from popschool.schools.models import School


@bp.get("/schools/<int:school_id>/rules")
@guards.asks(Action.MANAGE_FUNDING)
def school_rules(school_id: int) -> str:
    """What holds for a whole school, or for one funder there; an agreement may still say otherwise."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    funder = _funder(school)
    heard = heard_by(sayings_of(school.id), None, funder.id if funder else None)
    return render_template(
        "completion/rules.html",
        school=school,
        funder=funder,
        values=rules_settings.resolve_all(heard, clock.today()).values(),
        address=lambda key: url_for(".school_rule", school_id=school.id, key=key, funder=funder.id if funder else None),
    )


@bp.route("/schools/<int:school_id>/rules/<key>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def school_rule(school_id: int, key: str) -> Response | str:
    """Say what holds for a whole school, or for one funder there, from a day on."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    funder = _funder(school)
    funder_id = funder.id if funder else None
    back = url_for(".school_rules", school_id=school.id, funder=funder_id)
    heard = heard_by(sayings_of(school.id), None, funder_id)
    name = funder.name if funder else school.name
    return _say(school.id, key, heard, back, name, clock.today().replace(month=1, day=1), funder_id=funder_id)


@bp.route("/funding/<int:funding_id>/rules/<key>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def say_setting(funding_id: int, key: str) -> Response | str:
    """Say what an agreement decides, from a day on."""
    found = db.get_or_404(Funding, funding_id)
    school_for(found.school_id, Action.MANAGE_FUNDING)
    heard = heard_by(sayings_of(found.school_id), found)
    back = url_for(".funding", funding_id=found.id)
    return _say(found.school_id, key, heard, back, found.funder.name, found.starts_on, funding_id=found.id)


def _funder(school: School) -> Funder | None:
    """Return the funder that the address asks for, of those that the school may choose."""
    asked = request.args.get("funder", type=int)
    if asked is None:
        return None
    found = db.get_or_404(Funder, asked)
    if found.school_id not in (None, school.id):
        abort(404)
    return found


def _say(school_id: int, key: str, heard: list[Saying], back: str, name: str, since: Any, **scope: Any) -> Any:
    """Show a rule and what was said of it, and keep what is said now."""
    if key not in rules_settings.SETTINGS:
        abort(404)
    setting = rules_settings.SETTINGS[key]
    heard = [one for one in heard if one.key == key]
    now_said = rules_settings.resolve(heard, key, clock.today())
    given = {"value": now_said.value, "since": since, "is_confirmed": now_said.is_confirmed}
    form = SettingForm(data=given) if setting.choices else NumberSettingForm(data=given)
    if setting.choices:
        form.value.choices = [SelectChoice(one, words.shown_value(one)) for one in setting.choices]
    if form.validate_on_submit():
        with form.refusals("value"):
            services.say_setting(
                school_id, key, form.value.data, form.since.data, form.is_confirmed.data, current_user, clock.now(),
                **scope,
            )  # fmt: skip
            flash(_("C'est gardé. Les papiers déjà faits ne changent pas."), "good")
            return redirect(f"{back}#message")
    return render_template(
        "completion/setting.html", back=back, name=name, key=key, setting=setting, form=form, heard=heard,
        times=rules_settings.times_of(heard, key), now_said=now_said,
    )  # fmt: skip
