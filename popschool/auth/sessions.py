"""Who is here: flask-login's wiring. A session names a person and a token; a new token ends every session."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask, after_this_request, current_app, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import contains_eager
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import codes, guards, services_devices, services_passkeys
from popschool.auth.actors import actor_from, facts
from popschool.auth.models import Account, DeviceSession
from popschool.auth.rules import NEED_SECOND_FACTOR, Role
from popschool.auth.rules_devices import DEVICES_REMEMBERED, SEEN_AGAIN, is_idle
from popschool.auth.rules_signing import SESSION_LIFE
from popschool.db import db
from popschool.schools.models import Person, School
from popschool.web import visitor

BEGAN, ON_DEVICE, SEEN = "began", "on_device", "seen"
DEVICE_COOKIE = "popschool_device"
login_manager = LoginManager()


def init_app(app: Flask) -> None:
    """Let flask-login know how a session becomes a person, and keep forms whose session is over."""
    login_manager.session_protection = None  # phones change network in the middle of a page
    login_manager.init_app(app)
    otherwise = app.error_handler_spec[None].get(400, {}).get(CSRFError)

    @app.errorhandler(CSRFError)
    def csrf_failed(error: CSRFError) -> Any:
        """A form without its token is mostly one whose session is over: its text is kept, not refused."""
        view = app.view_functions.get(request.endpoint)
        if not current_user.is_authenticated and getattr(view, "allowed", guards.PUBLIC) != guards.PUBLIC:
            return login_manager.unauthorized()
        return otherwise(error) if otherwise else (str(error.description), 400)


def begin(account: Account, person: Person, *, is_shared: bool = False) -> None:
    """Sign a person in, in a session that holds nothing of the one before. A shared device keeps nothing of them.

    The token of its forms is made here, not by the first page that has one: of two pages asked for at the same time,
    the one that a person reads and one that the phone keeps, each would make its own, and the last would win.
    """
    forget()
    generate_csrf()
    if is_shared:
        session[visitor.SHARED] = True
    person.session_id = f"{account.person_id}:{account.session_token}"
    login_user(person)
    session[BEGAN] = int(clock.now().timestamp())
    session[ON_DEVICE] = services_devices.begin_session(
        account, person, _device(is_shared), request.user_agent.string, request.remote_addr or "", clock.now()
    )
    guards.note_proof()
    if _must_set_up(account):
        session[guards.SET_UP] = "/"


def _must_set_up(account: Account) -> bool:
    """Say whether this person's role asks for a second factor that they do not have yet."""
    if current_app.config["POPSCHOOL"].is_demonstration or not guards.actor().all_roles & NEED_SECOND_FACTOR:
        return False
    return not services_passkeys.has_second(account)


def _device(is_shared: bool) -> str:
    """Return the secret by which this browser is known again; it opens nothing."""
    kept = request.cookies.get(DEVICE_COOKIE, "")
    device = kept if len(kept) == codes.TOKEN_LENGTH else codes.token()

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            DEVICE_COOKIE,
            device,
            max_age=None if is_shared else DEVICES_REMEMBERED,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    return device


def leave() -> None:
    """Sign the person here out of this browser, at the server too: a copy of its cookie opens nothing any more."""
    if current_user.is_authenticated and ON_DEVICE in session:
        services_devices.end_session(session[ON_DEVICE], current_user.id, clock.now())
    end()


def end() -> None:
    """Take away what this browser holds of the person here."""
    logout_user()
    forget()


def forget() -> None:
    """Empty the session, and what this request has taken from it: a page shown now needs a token of the new one."""
    session.clear()
    g.pop("actor", None)
    g.pop("csrf_token", None)


def never_go_back_here() -> None:
    """Let no browser keep this page for going back: one leaves from it, and what it says must not stay behind.

    Leaving empties what a browser keeps, but not of the very page that one leaves from.
    """
    after_this_request(_kept_by_none)


def _kept_by_none(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@login_manager.user_loader
def load_person(session_id: str) -> Person | None:
    """Read the person, the account, the school, and what they may do, together: every page asks all of it.

    None when the session was ended or the account closed.
    """
    if g.get("without_database"):  # a page that says that it is away
        return None
    number, _, token = session_id.partition(":")
    if not number.isdigit() or _is_too_old():
        return None
    rows = db.session.execute(_visitor(), {"person": int(number), "device": session.get(ON_DEVICE)}).all()
    if not rows or rows[0].session_token != token or rows[0].device_ended_at is not None:
        return None
    person = rows[0].Person
    person.session_id = session_id
    if person.home_school is not None:
        clock.stand_in(person.home_school.zone)
    actor = actor_from(person.id, [row for row in rows if row.kind is not None], clock.today())
    if current_app.config["POPSCHOOL"].is_production and _was_idle(actor.all_roles):
        return None
    g.actor = actor
    return person


def _was_idle(roles: Iterable[Role]) -> bool:
    """Say whether nothing was done here for too long; remember otherwise, every few minutes, that something was."""
    now = clock.now()
    seen_at = datetime.fromtimestamp(session.get(SEEN, session.get(BEGAN, now.timestamp())), UTC)
    if is_idle(roles, seen_at, now):
        return True
    if SEEN not in session or not timedelta(0) <= now - seen_at < SEEN_AGAIN:
        session[SEEN] = int(now.timestamp())
    return False


@cache
def _visitor() -> Select:
    """Built once: every request asks it."""
    number = bindparam("person", type_=Integer)
    held = facts(lambda person_id: person_id == number).subquery()
    ended_at = select(DeviceSession.ended_at).where(DeviceSession.id == bindparam("device", type_=Integer))
    return (
        select(Person, Account.session_token, ended_at.scalar_subquery().label("device_ended_at"), held)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(School, School.id == Person.home_school_id)
        .outerjoin(held, held.c.person_id == Person.id)
        .options(contains_eager(Person.home_school))
        .where(Person.id == number, Account.closed_at.is_(None))
    )


def _is_too_old() -> bool:
    began = session.get(BEGAN)
    return began is not None and clock.now().timestamp() - began > SESSION_LIFE.total_seconds()
