"""What routes ask before they act. A view that answers without having asked is our own mistake, and fails loudly."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, g, redirect, session, url_for
from flask_login import current_user

from popschool import audit, clock
from popschool.auth.actors import place_of, read_actor, read_actors, staff_of
from popschool.auth.rules import Action, Actor, NotAllowed, can_see, may
from popschool.auth.rules_devices import PROOF_LASTS
from popschool.auth.rules_granting import OutOfReach, may_vouch
from popschool.db import transaction
from popschool.schools.models import Person
from popschool.schools.rules import Place

PUBLIC = "public"
PROVED_AT, SET_UP = "proved_at", "set_up"

__all__ = [
    "ProofNeeded", "allowed", "asks", "names_nobody", "note_export", "note_proof", "note_reading", "note_readings",
    "place_of", "public", "require", "require_in", "require_proof", "require_standing_over", "staff_of",
    "those_vouched",
]  # fmt: skip


class PermissionNeverAsked(RuntimeError):
    """A route answered without asking for the permission that it declares."""


class ProofNeeded(Exception):
    """This act asks who is there once more: the last proof is too old. What was typed is carried along."""


class ExportNeverNoted(RuntimeError):
    """A route gave people's data away as a file, and did not write down who took it."""


# What leaves with people's data in it. A work that somebody handed in is read, as a page is, and is none of these.
TAKEN_AWAY = frozenset({
    "text/csv", "application/zip", "application/pdf", "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
})  # fmt: skip


def names_nobody(view: Callable) -> Callable:
    """Declare that the file of a route holds nothing about anybody, so that nobody needs to know who took it."""
    view.names_nobody = True
    return view


def note_export(what: str, subject: Any, *, people: Iterable[int] = (), **facts: Any) -> None:
    """Write down, before the answer, who takes people's data away: what, of whom, under which filters.

    Whoever comes by a link has no account: `facts` then name the link.
    """
    actor_id = getattr(current_user, "id", None)
    with transaction():
        audit.record(f"export_{what}", subject, actor_id=actor_id, now=clock.now(), concerns=people, **facts)
    g.export_noted = True


def note_reading(person_id: int, part: str) -> None:
    """Remember that the person here opened this part of somebody else's file; they may ask who did."""
    note_readings([person_id], part)


def note_readings(people: Iterable[int], part: str) -> None:
    """Remember that the person here opened this part of several people's files."""
    audit.note_readings(current_user.id, people, part, clock.now(), clock.today())


def _check_export(view: Callable, answer: Any) -> None:
    kind = getattr(answer, "mimetype", "")
    if kind in TAKEN_AWAY and not g.get("export_noted") and not getattr(view, "names_nobody", False):
        raise ExportNeverNoted(f"{view.__module__}.{view.__name__} gives {kind}")


def asks(action: Action) -> Callable:
    """Declare what a route asks for. It needs a person, and `require(action, …)` before it answers."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()
            if SET_UP in session and action is not Action.SEE_OWN_ACCOUNT:
                return redirect(url_for("auth.second"))
            g.permissions_asked = set()
            answer = view(*args, **kwargs)
            if action not in g.permissions_asked:
                raise PermissionNeverAsked(f"{view.__module__}.{view.__name__} never asked for {action}")
            _check_export(view, answer)
            return answer

        guarded.allowed = action
        return guarded

    return decorate


def public(view: Callable) -> Callable:
    """Declare that a route answers anybody, signed in or not."""
    view.allowed = PUBLIC
    return view


def require(action: Action, place: Place | None = None) -> None:
    """Go on only when the person here may do that there: 404 for what is not theirs, NotAllowed for the rest."""
    place = place or Place()
    g.setdefault("permissions_asked", set()).add(action)
    here = actor()
    if may(here, action, place):
        return
    if place != Place() and not can_see(here, place):
        abort(404)
    raise NotAllowed(action)


def require_in(action: Action, school_id: int | None) -> None:
    """As `require`, for a thing of a school; one of no school is the network's, and 404 for anybody else."""
    if school_id is None and not allowed(action):
        abort(404)
    require(action, Place.of(school=school_id))


def allowed(action: Action, place: Place | None = None) -> bool:
    """Say whether the person here may; for pages that show or hide a way."""
    return current_user.is_authenticated and may(actor(), action, place or Place())


def actor() -> Actor:
    """Return the person here as the table sees them, read once a request."""
    if "actor" not in g:
        g.actor = read_actor(current_user.id, clock.today())
    return g.actor


def require_standing_over(person_id: int) -> None:
    """Go on only when the person here may hand that person a way in, or take it away. Raises OutOfReach."""
    if not may_vouch(actor(), read_actor(person_id, clock.today())):
        raise OutOfReach


def note_proof() -> None:
    """Remember that the person here has just proved who they are."""
    session[PROVED_AT] = int(clock.now().timestamp())


def require_proof() -> None:
    """Go on only when the person here proved who they are a moment ago: for acts that do great harm in wrong hands.

    It is asked after the permission, both where a form is shown and where it is sent. Raises ProofNeeded.
    """
    since = clock.now().timestamp() - session.get(PROVED_AT, 0)
    if not 0 <= since < PROOF_LASTS.total_seconds():
        raise ProofNeeded


def those_vouched(people: Sequence[Person]) -> list[Person]:
    """Return those of these people whom the person here may hand a way in. One query."""
    here, others = actor(), read_actors([person.id for person in people], clock.today())
    return [person for person in people if may_vouch(here, others[person.id])]


def register(app: Flask) -> None:
    """Keep what every endpoint asks for, for `popschool routes` and the tests. Raises for a route without an entry."""
    asked: dict[str, str] = {}
    for endpoint, view in app.view_functions.items():
        declared = PUBLIC if endpoint == "static" else getattr(view, "allowed", None)
        if declared is None:
            raise PermissionNeverAsked(f"the route {endpoint} declares no permission")
        asked[endpoint] = str(declared)
    app.extensions["popschool.guards"] = asked
