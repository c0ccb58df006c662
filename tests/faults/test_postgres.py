"""PgBouncer stands in front of the database, and reports are read from a replica that comes and goes."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import ProgrammingError

from popschool import clock, doctor, migration, replica
from popschool.auth.models import Account
from popschool.db import REPLICA, db, transaction
from popschool.schools.models import School
from tests.conftest import NOW, make_app
from tests.factories import make_manager, make_school, save
from tests.faults.installations import database
from tests.postgres import pgbouncer, server
from tests.processes import wait_until


@pytest.fixture(scope="module")
def primary():
    with server() as started:
        yield started


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    monkeypatch.setattr(migration, "database_version", migration.code_version)
    clock.freeze(NOW)
    yield
    clock.freeze(None)


@contextmanager
def installed(app):
    """An installation with one school; gives a browser of its manager, and the address of its board."""
    with app.app_context():
        db.create_all()
        school = make_school()
        manager = make_manager(school)
        save()
        db.session.get_one(Account, manager.id).session_token = "token"
        db.session.commit()
        client, address = app.test_client(), f"/schools/{school.id}/figures"
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = f"{manager.id}:token", True
        db.session.remove()
    try:
        yield client, address
    finally:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def has_a_school(engine):
    """Say whether a copy has received what was prepared."""
    with suppress(ProgrammingError), engine.connect() as connection:
        return connection.execute(select(School.id)).first() is not None
    return False


def counted(engine):
    """Count what a replica is asked, but for whether it follows."""
    asked = Counter()

    @event.listens_for(engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest):
        asked[REPLICA] += "pg_is_in_recovery" not in statement

    return asked


def found(app, name):
    with app.app_context():
        [one] = [one for one in doctor.examine(app.config["POPSCHOOL"]) if one.name == name]
    return one


def test_many_work_through_few_connections_of_pgbouncer(tmp_path, primary):
    with pgbouncer(primary) as pool:
        app = make_app(tmp_path, pool.url, database_pooled=True)

        def rename(turn):
            with app.app_context():
                with transaction(lock="a school"):
                    school = db.session.scalars(select(School)).one()
                    school.phone = f"{int(school.phone) + 1}"
                for _again in range(8):  # from the sixth time on, psycopg would have it prepared
                    db.session.scalars(select(School)).one()
                db.session.remove()

        with installed(app) as (client, address):
            with app.app_context(), transaction():
                db.session.scalars(select(School)).one().phone = "0"
            with ThreadPoolExecutor(8) as hands:
                list(hands.map(rename, range(40)))

            assert client.get(address).status_code == 200
            with app.app_context():
                assert db.session.scalars(select(School.phone)).one() == "40"
            assert found(app, "database").is_sound


def test_reports_are_read_from_a_replica_as_long_as_it_follows(tmp_path, primary, monkeypatch):
    monkeypatch.setattr(replica, "SECONDS_BETWEEN_LOOKS", 0)
    with database("postgresql", tmp_path, primary.url) as url, primary.copied() as copy:
        there = copy.url.rpartition("/")[0] + "/" + url.rpartition("/")[2]
        app = make_app(tmp_path, url, database_replica_url=there)
        with installed(app) as (client, address):
            with app.app_context():
                wait_until(lambda: has_a_school(db.engines[REPLICA]))
                asked = counted(db.engines[REPLICA])
            page = client.get(address)

            assert page.status_code == 200 and asked[REPLICA] > 0
            assert client.get(f"{address}.csv").status_code == 200  # it notes who took it, on the database
            assert found(app, "replica").is_sound

            client.post(address.replace("/figures", "/doors/new"))
            before = asked[REPLICA]
            assert client.get(address).status_code == 200 and asked[REPLICA] == before  # what one wrote must be there
            with client.session_transaction() as session:
                del session[replica.WROTE_AT]

            copy.stop("immediate")
            assert client.get(address).data == page.data
            assert not found(app, "replica").is_sound

            copy.start()
            wait_until(lambda: found(app, "replica").is_sound)
            before = asked[REPLICA]
            assert client.get(address).status_code == 200 and asked[REPLICA] > before
