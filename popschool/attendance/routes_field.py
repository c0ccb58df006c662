"""A half-day with no network: a page that opens without it, and the acts that it sends when the network is back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import jsonify, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import rules, services, services_half_days, services_marks
from popschool.attendance import services_reading as reading
from popschool.attendance.models import HalfDay
from popschool.attendance.routes_base import act, ago, bp, half_day_for
from popschool.attendance.routes_half_days import role_here
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services_marks import Said
from popschool.attendance.statements import statement
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.errors import RuleBroken
from popschool.schools.models import Person
from popschool.web import wording

MOST_ACTS = 500
SIGN, ABSENT, LATE = "sign", "absent", "late"


@bp.get("/half-days/<int:half_day_id>/field")
@guards.asks(Action.RUN_HALF_DAY)
def field(half_day_id: int) -> str:
    """The list of a half-day for a device that will lose its network: it keeps what is signed and sends it later."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    now = clock.now()
    if found.opened_at is None and now >= rules.opening_moment(
        found.span, services_half_days.delays_of(found.school_id)
    ):
        services.open_half_day(found, current_user.id, now)
    [listed] = reading.lists_of([found])
    texts = {line.person.id: statement(found, line.person) for line in listed.expected}
    return render_template("attendance/field.html", half_day=found, list=listed, texts=texts)


@bp.post("/half-days/<int:half_day_id>/field")
@guards.asks(Action.RUN_HALF_DAY)
def field_send(half_day_id: int) -> Response | tuple[Response, int]:
    """Take what a device kept, in its order. Sent twice, it is once; what cannot be is said, for each act.

    The device says what time it has now: each act is placed by how long ago it was made, so a clock that is wrong by a
    day changes nothing.
    """
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("acts"), list) or len(body["acts"]) > MOST_ACTS:
        return jsonify({"error": "acts"}), 400
    now, answers = clock.now(), {}
    people = {line.person.id: line.person for [listed] in [reading.lists_of([found])] for line in listed.lines}
    for one in sorted((one for one in body["acts"] if _is_act(one)), key=lambda one: one["sequence"]):
        answers[one["key"]] = _take(found, people, one, ago(body.get("now"), one["at"]), now)
    return jsonify(answers)


def _is_act(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("key"), str)
        and 8 <= len(one["key"]) <= 60
        and isinstance(one.get("sequence"), int)
        and isinstance(one.get("at"), int | float)
        and str(one.get("person", "")).isdigit()
        and one.get("kind") in (SIGN, ABSENT, LATE)
    )


def _take(
    half_day: HalfDay, people: dict[int, Person], one: dict[str, Any], since: timedelta, now: datetime
) -> dict[str, Any]:
    person = people.get(int(one["person"]))
    if person is None:
        return {"done": False, "why": _("Cette personne n'est pas sur la liste.")}
    key, at = f"field/{half_day.id}/{one['key']}", (now - since).astimezone(UTC)
    try:
        if one["kind"] == SIGN:
            text = statement(half_day, person)
            signed = act(Method.TABLET, text, by_id=person.id, signed_at=at, device_sequence=one["sequence"], key=key)
            services.sign(half_day, person, signed, now)
        else:
            services_marks.mark(half_day, person, _said(half_day, one, at, key), current_user, now)
    except RuleBroken as fact:
        return {"done": False, "why": wording.sentence(fact)}
    return {"done": True}


def _said(half_day: HalfDay, one: dict[str, Any], at: datetime, key: str) -> Said:
    minutes = one.get("minutes")
    is_late = one["kind"] == LATE
    return Said(
        Mark.PARTIAL if is_late else Mark.ABSENT,
        Absence.UNJUSTIFIED,
        late_minutes=int(minutes) if is_late and isinstance(minutes, int | float) else 0,
        reason=_("Noté pendant la séance, sans réseau"),
        role=role_here(half_day),
        signed_at=at,
        device_sequence=one["sequence"],
        key=key,
    )
