"""Count the SQL statements and the gzipped bytes of pages, without any clock."""

import gzip

from flask import Flask
from sqlalchemy import event, select

from app import create_app
from popschool.auth.models import Account
from popschool.db import db
from popschool.schools.models import Person


def count(visits: list[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
    """`visits` are (name, mail of the person, path); returns {name: (statements, bytes)}.

    Each page is asked for outside of any application context, as a server would: the person is read anew each time.
    """
    app = create_app()
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    figures = {}
    for name, address, path in visits:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = session_id(app, address)
        client.get(path)
        statements.clear()
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        figures[name] = (len(statements), len(gzip.compress(answer.get_data(), 6)))
    return figures


def session_id(app: Flask, address: str) -> str:
    """Return what the session of somebody holds."""
    with app.app_context():
        found = select(Account).join(Person, Person.id == Account.person_id).where(Person.mail == address)
        account = db.session.scalars(found).one()
        return f"{account.person_id}:{account.session_token}"
