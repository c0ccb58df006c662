"""The API: who calls, what is read page after page, and what one thing is. Views are made from the table."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import abort, g, json, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action, NotAllowed, can_see, may
from popschool.db import db
from popschool.portal import rules_api, services_keys
from popschool.portal.api_fields import Field, written
from popschool.portal.api_resources import Filters, Resource, page_of, read_one
from popschool.portal.api_table import OPERATIONS, Operation
from popschool.portal.routes_base import api
from popschool.schools.models import Cohort
from popschool.schools.rules import Place
from popschool.web.problems import Refusal
from popschool.web.shell import csrf

READS = ("GET", "HEAD")
NUMBERS, DAYS = ("school", "cohort", "person"), ("from", "to")
LARGEST_BODY = 20_000
csrf.exempt(api)


@api.before_request
def come_in() -> None:
    """Let in whoever has a key. A browser that is signed in reads too, and never writes: another site could make it."""
    given = request.headers.get("Authorization")
    if given is not None:
        _use_key(given)
    elif request.method not in READS or not current_user.is_authenticated:
        raise Refusal(401, headers={"WWW-Authenticate": 'Bearer realm="Popschool"'})
    request.max_content_length = LARGEST_BODY


def _use_key(given: str) -> None:
    """Be the owner of the key, within its scopes, until the answer. Each call counts, refused or not."""
    kind, _space, text = given.partition(" ")
    now = clock.now()
    key = services_keys.key_that_opens(text.strip(), now) if kind.lower() == "bearer" else None
    if key is None:
        raise Refusal(401, headers={"WWW-Authenticate": 'Bearer realm="Popschool", error="invalid_token"'})
    g.allowance = services_keys.count_call(key.id, now)
    g.api_key, g._login_user = key, key.person
    g.pop("actor", None)
    if key.person.home_school is not None:
        clock.stand_in(key.person.home_school.zone)
    if g.allowance.is_spent:
        raise Refusal(429, headers={"Retry-After": str(g.allowance.seconds)})


@api.after_request
def _finish(response: Response) -> Response:
    """Say what the key has left. What was read before and did not change is not sent again."""
    if "allowance" in g:
        response.headers["RateLimit-Limit"] = str(g.allowance.most)
        response.headers["RateLimit-Remaining"] = str(g.allowance.left)
        response.headers["RateLimit-Reset"] = str(g.allowance.seconds)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.vary.update(["Authorization", "Cookie", "Accept-Language"])
    if request.method in READS and response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


def check_scope(operation: Operation) -> None:
    """Raises Refusal when the key was not made for this. A browser has no key: its person's rights are enough."""
    key = g.get("api_key")
    if key is not None and operation.scope is not None and str(operation.scope) not in key.scopes:
        raise Refusal(403, _("Cette clé n'a pas la portée « %(scope)s ».", scope=operation.scope))


def answer(content: dict[str, Any], status: int = 200) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, mimetype="application/json")


def lines(fields: Sequence[Field], rows: Sequence[Any]) -> Response:
    """Answer a list that is whole."""
    return answer({"data": [written(fields, row) for row in rows]})


# what a call may be narrowed to


def parameters(operation: Operation) -> dict[str, Any]:
    """Read the parameters of a call, all strictly: one that is misspelt would widen what comes. Raises Refusal."""
    possible = (*operation.filters, *(("after", "limit") if operation.is_page else ()))
    found, errors = {}, []
    for name, values in request.args.lists():
        if name not in possible:
            errors.append((name, _("Ce paramètre n'existe pas ici.")))
        elif len(values) > 1:
            errors.append((name, _("Ce paramètre ne se donne qu'une fois.")))
        else:
            try:
                found[name] = _value(operation, name, values[0])
            except ValueError:
                errors.append((name, _("Cette valeur n'est pas écrite comme attendu.")))
    if found.get("from") and found.get("to") and found["from"] > found["to"]:
        errors.append(("to", _("Le dernier jour vient avant le premier.")))
    if errors:
        raise Refusal(400, errors=[{"parameter": name[:60], "detail": detail} for name, detail in errors])
    return found


def _value(operation: Operation, name: str, text: str) -> Any:
    """Return the value of a parameter. Raises ValueError."""
    if name in DAYS:
        return date.fromisoformat(text)
    if name == "after":
        return rules_api.read_cursor(text, operation.resource.key_kinds)
    most = rules_api.MOST_ID if name in NUMBERS else rules_api.MOST_LINES
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= most):
        raise ValueError(name)
    return int(text)


def _check_place(resource: Resource, school: int | None, cohort: int | None) -> None:
    """Answer a school or a cohort that is asked for as its page would: 404 for another's, 403 for one's own."""
    if cohort is not None:
        found = db.session.get(Cohort, cohort) or abort(404)
        place = found.place
    elif school is not None:
        place = Place.of(school=school)
    else:
        return
    here = guards.actor()
    if may(here, resource.action, place):
        return
    if not can_see(here, place):
        abort(404)
    if rules_api.reach(here, resource.action).person_id is None:
        raise NotAllowed(resource.action)


# the views


def _lister(operation: Operation) -> Callable[[], Response]:
    resource = operation.resource

    def listed() -> Response:
        guards.require(Action.USE_API)
        check_scope(operation)
        given = parameters(operation)
        _check_place(resource, given.get("school"), given.get("cohort"))
        filters = Filters(
            given.get("school"), given.get("cohort"), given.get("person"), given.get("from"), given.get("to")
        )
        reach = rules_api.reach(guards.actor(), resource.action)
        limit = given.get("limit", rules_api.USUAL_LINES)
        data, last = page_of(resource, reach, filters, given.get("after", ()), limit)
        return answer({"data": data, "next": rules_api.write_cursor(last) if last else None})

    return listed


def _reader(operation: Operation) -> Callable[[int], Response]:
    def one(number: int) -> Response:
        check_scope(operation)
        found = read_one(operation.resource, number)
        if found is None:
            abort(404)
        guards.require(operation.action, found[1])
        return answer(found[0])

    return one


def add_view(operation: Operation, view: Callable[..., Response]) -> None:
    """Put an operation of the table on the API."""
    view.__name__ = operation.name
    guarded = guards.asks(operation.action)(view)
    api.add_url_rule(operation.rule, operation.name, guarded, methods=[operation.method])


for _operation in OPERATIONS:
    if _operation.resource is not None:
        add_view(_operation, _lister(_operation) if _operation.is_page else _reader(_operation))
