"""Count the SQL statements and the gzipped bytes of pages, without any clock."""

import gzip

from sqlalchemy import event, select

from app import create_app
from popschool.auth.models import Account
from popschool.db import db
from popschool.schools.models import Person


def count(visits: list[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
    """`visits` are (name, mail of the person, path); returns {name: (statements, bytes)}."""
    app = create_app()
    figures = {}
    with app.app_context():
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        for name, address, path in visits:
            client = app.test_client()
            found = select(Account).join(Person, Person.id == Account.person_id).where(Person.mail == address)
            account = db.session.scalars(found).one()
            with client.session_transaction() as session:
                session["_user_id"] = f"{account.person_id}:{account.session_token}"
            db.session.remove()
            client.get(path)
            statements.clear()
            answer = client.get(path)
            figures[name] = (len(statements), len(gzip.compress(answer.get_data(), 6)))
    return figures
