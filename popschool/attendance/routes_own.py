"""What one sets for oneself: the PIN that signs on another's device, and the addresses of one's calendars."""

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import calendars, pins, services_half_days
from popschool.attendance.forms import ButtonForm, NewPinForm
from popschool.attendance.models_planning import CalendarFeed
from popschool.attendance.routes_base import bp
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.db import db
from popschool.schools.models import Cohort, School
from popschool.web import addresses

FRESH = "fresh_calendar"
MANAGERS = (Role.SCHOOL_MANAGER,)


@bp.route("/presence/pin", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_PRESENCE)
def pin() -> Response | str:
    """Choose the PIN with which one signs on the tablet of the room."""
    guards.require(Action.SEE_OWN_PRESENCE)
    form = NewPinForm()
    if form.validate_on_submit():
        pins.choose(current_user.id, form.pin.data, clock.now())
        flash(_("Votre code secret est gardé. Il sert sur la tablette de la salle."), "good")
        return redirect(url_for(".mine"))
    return render_template("attendance/pin.html", form=form, has_one=pins.has_one(current_user.id))


@bp.route("/calendars", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_PRESENCE)
def my_calendars() -> Response | str:
    """The addresses at which a phone or a computer reads one's half-days; each is shown once and can be stopped."""
    guards.require(Action.SEE_OWN_PRESENCE)
    kinds = _kinds()
    if ButtonForm().validate_on_submit():
        about = kinds.get(request.form.get("kind", ""))
        if about is None:
            abort(404)
        session[FRESH] = calendars.make_feed(current_user.id, clock.now(), **about[1])
        return redirect(url_for(".my_calendars"))
    secret = session.pop(FRESH, None)
    address = addresses.whole("attendance.calendar", secret=secret) if secret else ""
    return render_template(
        "attendance/calendars.html", kinds=kinds, feeds=calendars.feeds_of(current_user.id), address=address, name=_name
    )


def _kinds() -> dict[str, tuple[str, dict[str, int]]]:
    """Return the calendars that the person here may follow: their own, and those of their cohorts and schools."""
    kinds: dict[str, tuple[str, dict[str, int]]] = {"own": (_("Mes séances"), {"person_id": current_user.id})}
    actor = guards.actor()
    if guards.allowed(Action.SEE_ATTENDANCE):
        schools = actor.schools_as(*MANAGERS)
        for cohort in services_half_days.cohorts_with_half_days(schools, actor.trains_in, clock.today()):
            kinds[f"cohort-{cohort.id}"] = (cohort.code, {"cohort_id": cohort.id})
        for school_id in schools:
            kinds[f"school-{school_id}"] = (db.session.get_one(School, school_id).name, {"school_id": school_id})
    return kinds


def _name(feed: CalendarFeed) -> str:
    if feed.cohort_id is not None:
        return db.session.get_one(Cohort, feed.cohort_id).code
    return db.session.get_one(School, feed.school_id).name if feed.school_id is not None else _("Mes séances")


@bp.post("/calendars/<int:feed_id>/revoke")
@guards.asks(Action.SEE_OWN_PRESENCE)
def revoke_calendar(feed_id: int) -> Response:
    """Stop an address: whoever has it reads nothing any more."""
    guards.require(Action.SEE_OWN_PRESENCE)
    feed = db.get_or_404(CalendarFeed, feed_id)
    if feed.owner_id != current_user.id:
        abort(404)
    calendars.revoke(feed, clock.now())
    flash(_("Cette adresse ne marche plus."), "good")
    return redirect(url_for(".my_calendars"))


@bp.get("/calendars/<secret>.ics")
@guards.public
def calendar(secret: str) -> Response:
    """A calendar at its secret address. It holds dates, places and subjects; no name of a learner."""
    feed = calendars.feed_at(secret)
    if feed is None:
        abort(404)
    half_days = calendars.half_days_in(feed, clock.today())
    body = calendars.write(_name(feed), half_days, current_app.config["POPSCHOOL"].base_url)
    response = current_app.response_class(body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'inline; filename="popschool.ics"'
    response.headers["Cache-Control"] = "private, max-age=900"
    return response
