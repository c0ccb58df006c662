"""What the API does beside lists: who calls, attendance in and out, presence added up, completion."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import abort, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import pins, services_half_days
from popschool.attendance import services_reading as reading
from popschool.attendance.models import Entry, HalfDay
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.attendance.statements import statement, statement_version
from popschool.auth import codes, guards
from popschool.auth.rules import Action
from popschool.completion.services_completion import standing_at
from popschool.db import db
from popschool.portal import rules_api, services_terminals
from popschool.portal.api_fields import written
from popschool.portal.api_table import COMPLETION, ENTRY, LINE, ME, OPERATIONS, PRESENCE, Operation
from popschool.portal.routes_api import add_view, answer, check_scope, lines, parameters
from popschool.schools.models import Cohort, Person
from popschool.web.problems import Refusal

BY_NAME = {operation.name: operation for operation in OPERATIONS}


def operation(view: Callable[..., Response]) -> Callable[..., Response]:
    """Put a view on the API as the operation of the table that has its name."""
    add_view(BY_NAME[view.__name__], view)
    return view


@operation
def me() -> Response:
    guards.require(Action.USE_API)
    here = SimpleNamespace(
        person_id=current_user.id, key=_key_here(), calls_a_minute=rules_api.MOST_IN_WINDOW
    )  # fmt: skip
    return answer(written(ME, here))


def _key_here() -> dict | None:
    key = g.get("api_key")
    return {"name": key.name, "scopes": key.scopes, "expires_at": key.expires_at} if key is not None else None


def _half_day(asked: Operation, number: int) -> HalfDay:
    """Return a half-day that the caller may do that with. Its hours are read where it is held."""
    check_scope(asked)
    found = services_half_days.read_half_day(number)
    if found is None:
        abort(404)
    guards.require(asked.action, found.place)
    clock.stand_in(found.span.zone)
    return found


@operation
def list_attendance(number: int) -> Response:
    found = _half_day(BY_NAME["list_attendance"], number)
    [listed] = reading.lists_of([found])
    with_pin = services_terminals.those_with_pin([line.person.id for line in listed.lines])
    return lines(LINE, [_attendance(found, line, line.person.id in with_pin) for line in listed.lines])


def _attendance(half_day: HalfDay, line: reading.Line, has_pin: bool) -> SimpleNamespace:
    stands, person = line.standing, line.person
    return SimpleNamespace(
        person_id=person.id,
        enrolment_id=line.expected.enrolment_id,
        first_name=person.first_name,
        last_name=person.last_name,
        expectation=line.expected.expectation,
        state=str(stands.state),
        is_signed=stands.is_signed,
        planned=stands.planned,
        attended=stands.attended,
        distance=stands.distance,
        justified=stands.justified,
        unjustified=stands.unjustified,
        missing=stands.missing,
        statement=statement(half_day, person),
        has_pin=has_pin,
    )


def _body(asked: Operation) -> Any:
    from popschool.portal import api_bodies  # slow to load, and few send anything

    if not request.is_json:
        raise Refusal(415)
    try:
        return api_bodies.read(asked.body, request.get_data())
    except rules_api.BodyRefused as refused:
        raise Refusal(400, errors=refused.errors) from refused


def _entry(entry: Entry) -> Response:
    here = SimpleNamespace(
        entry_id=entry.id, half_day_id=entry.half_day_id, person_id=entry.person_id, kind=str(entry.kind), at=entry.at,
        hash=entry.hash,
    )  # fmt: skip
    return answer(written(ENTRY, here), 201)


@operation
def mark(number: int) -> Response:
    asked = BY_NAME["mark"]
    found = _half_day(asked, number)
    body = _body(asked)
    kind = Mark(body.mark)
    is_partial = kind is Mark.PARTIAL
    said = Said(
        kind,
        Absence(body.absence) if kind in (Mark.PARTIAL, Mark.ABSENT) else None,
        late_minutes=body.late_minutes if is_partial else 0,
        early_minutes=body.early_minutes if is_partial else 0,
        reason=body.reason,
        role="trainer" if found.cohort_id in guards.actor().trains_in else "school",
        signed_at=rules_api.moment(body.made_at),
        key=f"api/{found.id}/{body.key}",
    )
    return _entry(services_terminals.mark(found, body.person, said, current_user, clock.now()))


@operation
def sign(number: int) -> Response:
    asked = BY_NAME["sign"]
    found = _half_day(asked, number)
    body = _body(asked)
    person = db.session.get(Person, body.person) or Person(first_name="", last_name="")
    given = Act(
        Method.PIN if pins.has_one(body.person) else Method.TABLET,
        statement(found, person),
        statement_version(),
        by_id=body.person,
        device=codes.fingerprint("device", f"key/{g.api_key.id}")[:16],
        signed_at=rules_api.moment(body.made_at),
        key=f"api/{found.id}/{body.key}",
    )
    return _entry(services_terminals.sign(found, body.person, given, body.statement, body.pin, clock.now()))


@operation
def sum_presence(number: int) -> Response:
    asked = BY_NAME["sum_presence"]
    check_scope(asked)
    cohort = db.session.get(Cohort, number) or abort(404)
    guards.require(asked.action, cohort.place)
    given = parameters(asked)
    return lines(PRESENCE, services_terminals.presence_of(cohort.id, given.get("from"), given.get("to")))


@operation
def read_completion(number: int) -> Response:
    asked = BY_NAME["read_completion"]
    check_scope(asked)
    found = standing_at(number, clock.today()) or abort(404)
    [one] = found.lines
    guards.require(asked.action, one.enrolment.place)
    parts = [
        {"part": str(line.part), "done": line.done, "asked": line.asked, "total": line.total, "is_done": line.is_done}
        for line in one.completion.lines
    ]
    blocks = [
        {"title": block.title, "done": block.done, "total": block.total, "is_done": block.is_done}
        for block in one.completion.blocks
    ]
    here = SimpleNamespace(
        enrolment_id=one.enrolment.id, person_id=one.person.id, is_complete=one.completion.is_complete,
        exit=str(one.exit), lines=parts, blocks=blocks,
    )  # fmt: skip
    return answer(written(COMPLETION, here))
