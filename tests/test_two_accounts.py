"""PostgreSQL with two accounts: one owns the tables and migrates, the other serves and reads and writes rows alone."""

import os

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from popschool import audit, cli, config, parts
from popschool.db import db, transaction
from popschool.server import check_before_serving
from tests.conftest import NOW, make_app
from tests.factories import make_learner, save


@pytest.fixture
def two(postgres, tmp_path):
    """An installation whose tables are not its own account's, and the names of both accounts."""
    owner, serving, name = (f"{what}_{os.getpid()}" for what in ("owner", "serving", "two"))
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for account in (owner, serving):
            connection.execute(text(f"CREATE ROLE {account} LOGIN PASSWORD 'secret'"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {owner}"))
    address = make_url(postgres).set(database=name, password="secret")
    urls = [address.set(username=one).render_as_string(hide_password=False) for one in (serving, owner)]
    app = make_app(tmp_path, urls[0], database_owner_url=urls[1])
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        for account in (owner, serving):
            connection.execute(text(f"DROP ROLE {account}"))
    admin.dispose()


def run(app, *arguments):
    return CliRunner().invoke(cli.main, arguments, obj=ScriptInfo(create_app=lambda: app))


def test_the_account_that_serves_writes_rows_and_neither_tables_nor_triggers(two, tmp_path):
    first, again = run(two, "migrate"), run(two, "migrate")
    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    with two.app_context():
        check_before_serving(two)
        learner = make_learner()
        save()
        with transaction():
            audit.record("act", learner, actor_id=None, now=NOW)
        for refused in (
            "CREATE TABLE mine (id integer)",
            "ALTER TABLE person ADD COLUMN mine integer",
            "ALTER TABLE audit_entry DISABLE TRIGGER USER",
            "DROP TRIGGER audit_entry_no_update ON audit_entry",
            "TRUNCATE audit_entry CASCADE",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            with pytest.raises(ProgrammingError, match="must be owner|permission denied"):
                db.session.execute(text(refused))
            db.session.rollback()
        assert db.session.scalar(text("SELECT count(*) FROM person")) == 1
        db.session.execute(text(f"SELECT nextval('audit_entry_id_seq') FROM generate_series(1, {parts.LEAST})"))
        db.session.rollback()
        parts.make_ready()
        found = parts.found(db.session.connection(), "audit_link")
        assert [one.low for one in found] == [0, parts.LEAST, 2 * parts.LEAST]
        db.session.remove()


def test_the_demonstration_is_made_by_the_account_that_owns_the_tables(two):
    assert run(two, "migrate").exit_code == 0

    made = run(two, "demo", "--json")

    assert made.exit_code == 0, made.output
    with two.app_context():
        assert db.engine.url.username.startswith("serving")
        learner = make_learner()
        save()
        assert db.session.scalar(text("SELECT max(id) FROM person")) == learner.id


def test_only_postgresql_has_accounts():
    with pytest.raises(config.SettingRefused, match="DATABASE_OWNER_URL"):
        config.read_settings({"POPSCHOOL_DATABASE_OWNER_URL": "postgresql://a@b/c", "POPSCHOOL_SECRET_KEY": "x" * 40})
