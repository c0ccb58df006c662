"""Pages that only show read PostgreSQL without a transaction; what they write has one; a dead line is replaced."""

import contextlib
import os

import psycopg
import pytest
from psycopg import _queries
from psycopg._queries import _split_query
from psycopg.pq import TransactionStatus
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import NotSupportedError, OperationalError

from popschool import postgres
from popschool.db import db, transaction
from popschool.schools.models import Person
from tests.factories import make_person
from tests.processes import environment, popschool

pytestmark = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


@pytest.fixture
def url(app) -> str:
    return db.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def engine(url):
    """An engine of one connection, watched as the application's is."""
    engine = create_engine(url, pool_size=1, max_overflow=0)
    postgres.watch(engine)
    yield engine
    engine.dispose()


def state() -> TransactionStatus:
    return db.session.connection().connection.dbapi_connection.info.transaction_status


def number_of(engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))


def test_a_page_that_shows_reads_without_a_transaction(app):
    with app.test_request_context("/", method="GET"):
        db.session.execute(select(Person.id)).all()

        assert state() is TransactionStatus.IDLE


def test_a_database_that_cannot_keep_every_alphabet_is_refused(url, tmp_path):
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"ascii_{os.getpid()}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"))
    try:
        environ = environment(tmp_path, DATABASE_URL=url.rpartition("/")[0] + f"/{name}")
        told = popschool("migrate", environ=environ)
        assert told.returncode == 1
        assert f"the database {name} keeps its text in SQL_ASCII" in told.stderr
        assert "ENCODING 'UTF8'" in told.stderr and "Traceback" not in told.stderr
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def test_no_statement_of_a_page_is_compiled_and_indexes_are_followed(app):
    assert db.session.scalar(text("SHOW jit")) == "off"
    assert db.session.scalar(text("SHOW random_page_cost")) == "1.1"


def test_a_form_that_is_sent_reads_and_writes_in_one(app):
    with app.test_request_context("/", method="POST"):
        db.session.execute(select(Person.id)).all()

        assert state() is TransactionStatus.INTRANS


def test_what_a_page_writes_is_undone_whole_by_an_error(app):
    with app.test_request_context("/", method="GET"):
        db.session.execute(select(Person.id)).all()
        with pytest.raises(ZeroDivisionError), transaction():
            make_person()
            db.session.flush()
            raise ZeroDivisionError
        assert db.session.scalars(select(Person.id)).all() == []

        with transaction():
            make_person()
        assert len(db.session.scalars(select(Person.id)).all()) == 1
        assert state() is TransactionStatus.IDLE


def test_columns_are_described_to_who_asks_as_they_always_were(url):
    line = url.replace("+psycopg", "")
    question = "SELECT 1 AS one, 'two'::varchar(8) AS two, 3.5::numeric(6, 2) AS three"
    with psycopg.connect(line) as plain, psycopg.connect(line, cursor_factory=postgres.Cursor) as ours:
        expected, found = plain.execute(question).description, ours.execute(question).description

        assert [tuple(column) for column in found] == [tuple(column) for column in expected]
        assert (len(found), found[1].name, [column.name for column in found[1:]]) == (3, "two", ["two", "three"])
        assert ours.execute("SET search_path TO public").description is None


def test_a_connection_that_the_server_ended_is_replaced_before_anybody_uses_it(engine, url):
    first = number_of(engine)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    assert number_of(engine) != first


def test_a_connection_that_has_said_nothing_for_long_is_asked(engine, monkeypatch):
    asked = []
    first = number_of(engine)
    monkeypatch.setattr(postgres, "SECONDS_TRUSTED", 0)
    monkeypatch.setattr(psycopg.Connection, "execute", lambda *_: asked.append(1) or _cut())

    assert number_of(engine) != first
    assert asked == [1]


def test_a_statement_stays_prepared_when_a_transaction_is_undone(engine):
    question = text("SELECT 1 AS asked_often")
    count = text(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%asked_often%' AND name LIKE '_pg3%'"
    )
    with engine.connect() as connection:
        for _ in range(6):
            connection.execute(question)
        connection.rollback()

        assert connection.scalar(count) == 1
        assert connection.scalar(question) == 1


@pytest.mark.parametrize(("level", "refused"), [("AUTOCOMMIT", 0), ("READ COMMITTED", 1)])
def test_a_column_that_a_migration_widens_is_read_on_by_the_version_before(engine, url, level, refused):
    """What was prepared on it is of no use any more: a read asks anew, and a form that is sent fails once at most."""
    answers = []

    def ask():
        with engine.connect().execution_options(isolation_level=level) as connection:
            return connection.execute(text("SELECT name FROM widened")).all()

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as migration:
        migration.execute("CREATE TABLE widened (name varchar(8))")
        try:
            for _ in range(7):
                ask()
            migration.execute("ALTER TABLE widened ALTER name TYPE varchar(20)")
            for _ in range(3):
                with contextlib.suppress(NotSupportedError):
                    answers.append(ask())
        finally:
            migration.execute("DROP TABLE widened")

    assert answers == [[]] * (3 - refused)


def test_a_long_statement_is_read_once(engine, monkeypatch):
    read, question = [], text(f"SELECT CAST(:number AS INTEGER) -- {'long' * 2_000}")
    with engine.connect() as connection:
        monkeypatch.setattr(_queries, "_split_query", lambda *given: read.append(1) or _split_query(*given))
        for number in range(3):
            assert connection.scalar(question, {"number": number}) == number

    assert read == [1]


def _cut() -> None:
    raise psycopg.OperationalError("the line was cut without a word")


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "READ COMMITTED"])
def test_a_connection_that_was_asked_begins_transactions_as_before(url, monkeypatch, level):
    engine = create_engine(url, pool_size=1, max_overflow=0, isolation_level=level)
    postgres.watch(engine)
    first = number_of(engine)
    monkeypatch.setattr(postgres, "SECONDS_TRUSTED", 0)

    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) == first
        assert connection.connection.dbapi_connection.autocommit is (level == "AUTOCOMMIT")
    engine.dispose()


def test_a_connection_that_is_well_is_kept_and_not_asked(engine, monkeypatch):
    first = number_of(engine)
    monkeypatch.setattr(psycopg.Connection, "execute", lambda *_: _cut())

    assert number_of(engine) == first


def test_a_server_that_is_away_is_an_error_of_the_database(url):
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    postgres.watch(away)
    with pytest.raises(OperationalError):
        away.connect()
