"""The blueprint, and what several pages of attendance share: the half-day asked for, statements, the device."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, current_app, g, request, send_file
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock, storage
from popschool.attendance import services_half_days
from popschool.attendance.models import HalfDay, PaperScan
from popschool.attendance.models_planning import AttendanceSettings
from popschool.attendance.rules import Method
from popschool.attendance.services import Act
from popschool.attendance.statements import statement_version, where
from popschool.attendance.words import DOUBTS, METHODS, STATES, WHY, closed_name, half_day_name
from popschool.auth import codes, guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects.rules_files import PICTURES
from popschool.schools.models import Person
from popschool.web import filters, languages

bp = Blueprint("attendance", __name__)

DEVICE_COOKIE = "popschool_device"
DEVICE_AGE = timedelta(days=400)

bp.add_app_template_global(half_day_name, "half_day_name")
bp.add_app_template_filter(closed_name)


@bp.context_processor
def _names() -> dict[str, Any]:
    """Give the pages the words for methods, states and what is missing."""
    return {"names": Names}


class Names:
    """The words of the pages, by what they name."""

    methods = METHODS
    states = STATES
    why = WHY
    doubts = DOUBTS


@bp.app_template_filter()
def local_day(value: datetime) -> date:
    """Return the day of a moment, where the school is."""
    return clock.local_day(value)


@bp.app_template_filter()
def week_day(value: date) -> str:
    """Return "Lundi 8"."""
    name = filters.day_names(languages.code())[value.weekday()]
    return f"{name.capitalize()}{filters.NO_BREAK}{value.day}"


@bp.app_template_filter()
def hour_exact(value: datetime) -> str:
    """Return "9 h 04 min 30 s"."""
    local = value.astimezone(clock.here())
    return _(
        "%(hour)s h %(minute)s min %(second)s s",
        hour=local.hour,
        minute=f"{local.minute:02}",
        second=f"{local.second:02}",
    )


@bp.app_template_test("endpoint")
def is_endpoint(name: str) -> bool:
    """Say whether a page of this name exists."""
    return name in current_app.view_functions


def half_day_for(half_day_id: int, action: Action) -> HalfDay:
    """Return a half-day that the person here may do that with; 404 otherwise."""
    half_day = half_day_at(half_day_id)
    guards.require(action, half_day.place)
    return half_day


def half_day_at(half_day_id: int) -> HalfDay:
    """Return a half-day, or 404. The page shows its hours as they are where it is held, whoever looks."""
    half_day = services_half_days.read_half_day(half_day_id)
    if half_day is None:
        abort(404)
    clock.stand_in(half_day.span.zone)
    return half_day


def settings_of(school_id: int) -> AttendanceSettings:
    """Return what the school decided; each default when it decided nothing."""
    return db.session.get(AttendanceSettings, school_id) or usual_settings(school_id)


def usual_settings(school_id: int) -> AttendanceSettings:
    """Return what holds in a school that decided nothing."""
    return AttendanceSettings(
        school_id=school_id,
        opens_before_minutes=15,
        delay_hours=24,
        needs_code=False,
        keeps_address=False,
        alert_half_days=3,
    )


def trainer_statement(half_day: HalfDay, person: Person, present: int, expected: int) -> str:
    """Return the sentence that a trainer signs."""
    led = _(
        "Je suis %(name)s. J'ai mené la séance de %(half_day)s, de %(starts)s à %(ends)s%(where)s.",
        name=person.name,
        half_day=half_day_name(half_day.on, half_day.half),
        starts=languages.hour(half_day.starts),
        ends=languages.hour(half_day.ends),
        where=where(half_day),
    )
    counted = ngettext(
        "%(num)d personne sur %(expected)d était là, comme noté sur cette feuille.",
        "%(num)d personnes sur %(expected)d étaient là, comme noté sur cette feuille.",
        present,
        expected=expected,
    )
    return f"{led} {counted}"


def act(method: Method, text: str, **more: Any) -> Act:
    """Return how the person here signs, with their device and address."""
    return Act(method, text, statement_version(), device=device(), address=address(), **more)


def ago(device_now: Any, at: Any) -> timedelta:
    """Return how long ago an act was made, by the device's own clock, in milliseconds; none when it says no sense."""
    if not isinstance(device_now, int | float) or not isinstance(at, int | float):
        return timedelta(0)
    return timedelta(milliseconds=min(max(device_now - at, 0), 30 * 24 * 3600 * 1000))


def device() -> str:
    """Return what names this device, and nothing else: a number made by chance, kept in a cookie."""
    if "device" not in g:
        g.device = request.cookies.get(DEVICE_COOKIE, "")
        if len(g.device) != 24 or not g.device.isalnum():
            g.device = g.fresh_device = secrets.token_hex(12)
    return codes.fingerprint("device", g.device)[:16]


@bp.after_app_request
def _keep_device(response: Any) -> Any:
    if "fresh_device" in g:
        response.set_cookie(
            DEVICE_COOKIE,
            g.fresh_device,
            max_age=DEVICE_AGE,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def address() -> str:
    """Return the network address, its last part masked unless the school keeps it whole."""
    found = request.remote_addr or ""
    school_id = getattr(current_user, "home_school_id", None)
    if school_id is not None and settings_of(school_id).keeps_address:
        return found
    if ":" in found:
        return ":".join(found.split(":")[:3]) + "::"
    return ".".join(found.split(".")[:3]) + ".0" if found else ""


def is_over(half_day: HalfDay) -> bool:
    return clock.now() >= half_day.span.ends_at


def send_kept(kept: PaperScan) -> Response:
    """Give a kept paper back: a picture as a picture, anything else as a download, never as a page of ours."""
    try:
        content = storage.open(kept.hash)
    except storage.FileMissing:
        abort(404)
    is_picture = kept.media_type in PICTURES
    response = send_file(
        content,
        mimetype=kept.media_type if is_picture else "application/octet-stream",
        as_attachment=not is_picture,
        download_name=kept.name,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
