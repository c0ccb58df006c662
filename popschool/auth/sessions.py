"""Who is here: flask-login's wiring. A session names a person and a token; a new token ends every session."""

from flask import Flask, redirect, request, url_for
from flask_login import LoginManager
from sqlalchemy import select
from werkzeug.wrappers import Response

from popschool.auth.models import Account
from popschool.db import db
from popschool.schools.models import Person, School

login_manager = LoginManager()


def init_app(app: Flask) -> None:
    """Let flask-login know how a session becomes a person."""
    login_manager.session_protection = None  # phones change network in the middle of a page
    login_manager.init_app(app)


@login_manager.user_loader
def load_person(session_id: str) -> Person | None:
    """Read the person, the account and the school together; None when the session was ended or the account closed."""
    person_id, _, token = session_id.partition(":")
    if not person_id.isdigit():
        return None
    row = db.session.execute(
        select(Person, Account.session_token, School)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(School, School.id == Person.home_school_id)
        .where(Person.id == int(person_id), Account.closed_at.is_(None))
    ).first()
    if row is None or row.session_token != token:
        return None
    row.Person.session_id = session_id
    return row.Person


@login_manager.unauthorized_handler
def ask_to_sign_in() -> Response:
    return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None))
