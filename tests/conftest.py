"""Fixtures: a migrated, empty database on each engine, a client, a clock that stands still, a count of queries."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import event

from app import create_app
from popschool import clock, collector
from popschool.auth.guards import PROVED_AT
from popschool.auth.models import Account
from popschool.config import read_settings
from popschool.db import db
from tests.browsers import launch
from tests.postgres import postgres_url

# A machine that does other things too is slow: that is no failure of what is tested.
settings.register_profile("school", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("school")

NOW = datetime(2027, 3, 8, 9, 5, tzinfo=UTC)
ENGINES = ("sqlite", "postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Leave Python's collector out of what stays to the end anyway: the program, and fourteen thousand tests."""
    with collector.paused():
        found = yield
    collector.keep_what_is_loaded()
    return found


# Only the tables that a test wrote in: emptying all of them costs more than most tests.
EMPTY_POSTGRESQL = """
DO $$
DECLARE name text; is_used boolean; counter text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY string_to_array(current_setting('popschool.tables'), ',') LOOP
        EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || quote_ident(name) || ')' INTO is_used;
        IF is_used THEN EXECUTE 'DELETE FROM ' || quote_ident(name); END IF;
    END LOOP;
    FOR counter IN SELECT quote_ident(sequencename) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP EXECUTE 'ALTER SEQUENCE ' || counter || ' RESTART'; END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a real PostgreSQL for this process, or use TEST_POSTGRES_URL."""
    with postgres_url(tmp_path_factory) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One real Chromium for this file of tests.

    Playwright keeps an event loop running in this thread until it stops: a test after it could start none.
    """
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Flask]:
    return {}


@pytest.fixture(params=ENGINES)
def app(
    request: pytest.FixtureRequest, apps: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application on one engine, its database empty."""
    engine = request.param
    if engine not in apps:
        folder = tmp_path_factory.mktemp(engine)
        url = request.getfixturevalue("postgres") if engine == "postgresql" else f"sqlite:///{folder / 'test.sqlite'}"
        apps[engine] = make_app(folder, url)
        with apps[engine].app_context():
            db.create_all()
            if engine == "sqlite":
                keep_template(folder)
    application = apps[engine]
    clock.freeze(NOW)
    with application.app_context():
        yield application
        db.session.remove()
        _empty(application)
    clock.freeze(None)


def make_app(folder: Path, url: str, **changes: object) -> Flask:
    """Return an application for tests, with its files in `folder`."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    environ |= {"POPSCHOOL_DATA_DIR": str(folder), "POPSCHOOL_DATABASE_URL": url, "POPSCHOOL_SECRET_KEY": "s" * 40}
    environ |= {"POPSCHOOL_JOBS": "worker"}
    application = create_app(replace(read_settings(environ), **changes))
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=True)
    application.test_client_class = OneBrowser
    return application


class OneBrowser(FlaskClient):
    """A browser whose every request starts from nothing, though the context is the whole test's."""

    def open(self, *args: object, **kwargs: object) -> object:
        forget_request()
        return super().open(*args, **kwargs)


def forget_request() -> None:
    """Forget what a request kept for itself, such as who was there."""
    for name in list(g) if has_app_context() else ():
        g.pop(name)


def keep_template(folder: Path) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    shutil.copy(folder / "test.sqlite", folder / "template.sqlite")


def _empty(application: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        replace_file(Path(db.engine.url.database))
        return
    tables = [table.name for table in db.metadata.sorted_tables]
    with db.engine.begin() as connection:
        connection.exec_driver_sql("SELECT set_config('popschool.tables', %s, true)", (",".join(tables),))
        connection.exec_driver_sql(EMPTY_POSTGRESQL)


def replace_file(file: Path) -> None:
    """Put the empty database in the place of a test's.

    It is another file, not the same one written over: a connection that a failed test left open keeps its own, and the
    tests after it do not read what that connection still holds.
    """
    db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    fresh = file.with_name("fresh.sqlite")
    shutil.copy(file.with_name("template.sqlite"), fresh)
    fresh.replace(file)


@pytest.fixture
def now() -> datetime:
    """The moment at which the clock stands: Monday 8 March 2027, 10.05 in Paris."""
    return NOW


@pytest.fixture
def client(app: Flask):
    return app.test_client()


@pytest.fixture
def log_in(client):
    """Sign a person in, as they would be after the sign-in page."""

    def sign_in(person, client=client):
        account = db.session.get(Account, person.id)
        if account is None:
            account = Account(person_id=person.id, session_token="token", created_at=NOW)
            db.session.add(account)
        db.session.commit()
        with client.session_transaction() as session:
            session["_user_id"] = f"{person.id}:{account.session_token}"
            session["_fresh"] = True
            session[PROVED_AT] = int(clock.now().timestamp())
        return person

    return sign_in


@pytest.fixture
def queries(app: Flask):
    """Count the SQL statements of a block: `with queries() as seen: …; assert len(seen) <= 6`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def keep(connection, cursor, statement, parameters, context, executemany):
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", keep)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", keep)

    return counting
