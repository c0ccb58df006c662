"""Migrations go up, down and up again on both databases, and lead to the tables that the code has."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from popschool import audit, locked, migration, parts
from popschool.courses import search
from popschool.db import db, transaction
from popschool.places import migrations_folder
from popschool.schools.models import Accommodation
from tests.conftest import NOW, make_app
from tests.factories import make_cohort, make_enrolment, make_person, make_school
from tests.processes import ROOT, SECONDS, environment, popschool


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request, tmp_path):
    """The application on a database where there is nothing yet."""
    folder = tmp_path / "un dossier, 100 %"
    folder.mkdir()
    if request.param == "sqlite":
        with opened(folder, f"sqlite:///{folder / 'new.sqlite'}") as app:
            yield app
        return
    whole = request.getfixturevalue("postgres")
    name = f"new_{os.getpid()}"
    engine = create_engine(whole, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        with opened(folder, whole.rpartition("/")[0] + f"/{name}") as app:
            yield app
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@contextmanager
def opened(folder, url):
    app = make_app(folder, url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_go_up_down_and_up_again(empty_app):
    migration.upgrade()
    first = tables()
    migration.downgrade("base")
    assert tables() == set()
    assert migration.database_version() is None
    migration.upgrade()

    assert tables() == first == set(db.metadata.tables)
    assert migration.is_current()


@pytest.mark.parametrize("empty_app", ["sqlite"], indirect=True)
def test_an_empty_sqlite_database_begins_with_what_the_migrations_make(empty_app, tmp_path):
    kept = (migrations_folder() / migration.FIRST_TABLES).read_text(encoding="utf-8")
    version = re.search(r"INSERT INTO alembic_version VALUES \('(\w+)'\);\n\Z", kept)[1]

    migration.upgrade(version)  # by each migration, one after the other

    made = list(migration.statements(migration.tables_as_they_stand()))
    assert sorted(map(alike, migration.statements(kept))) == sorted(map(alike, made)), "write it again"
    with opened(tmp_path, f"sqlite:///{tmp_path / 'begun.sqlite'}"):
        migration._begin_with_first_tables()
        assert everything_in(tmp_path / "begun.sqlite") == everything_in(migrated_file(empty_app))


def alike(statement):
    """Return the lines of a statement in one order: a table that is remade has its constraints and indexes in any."""
    return sorted(line.strip().rstrip(",;") for line in statement.splitlines())


def everything_in(file):
    """What a new database holds: how each thing was made, and every row, SQLite's own tables included."""
    with closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()
        tables = [name for kind, name, _table, _sql in made if kind == "table"]
        made = sorted((kind, name, table, alike(sql or "")) for kind, name, table, sql in made)
        return made, {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}


def migrated_file(app):
    return app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")


def test_a_database_that_is_current_runs_no_migration(empty_app, monkeypatch):
    migration.upgrade()
    monkeypatch.setattr(migration, "_alembic", None)

    migration.upgrade()

    assert migration.is_current()


def tables():
    """The tables that are the code's own: the index of words keeps others behind its virtual table."""
    return {name for name in inspect(db.engine).get_table_names() if is_ours(name)} - {migration.VERSION_TABLE}


def is_ours(name, kind="table", parents=None):
    return kind not in ("table", "index") or not (name.startswith("search_index") or parts.is_part(name))


def is_compared(thing, name, kind, reflected, compared):
    return parts.is_compared(thing, db.engine.dialect.name)


def test_they_lead_to_the_tables_of_the_code(empty_app):
    migration.upgrade()

    def same_type(context, inspected, column, inspected_type, type_in_code):
        return False

    with db.engine.connect() as connection:
        options = {"compare_type": same_type, "render_as_batch": True, "include_name": is_ours}
        options["include_object"] = is_compared
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
    assert differences == []


def test_they_lead_to_the_triggers_of_the_code(empty_app):
    def triggers():
        if db.engine.dialect.name == "sqlite":
            asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'search%'"
        else:
            asked = (
                "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t "
                "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
            )
        with db.engine.connect() as connection:
            return {row[0]: " ".join(map(str, row[1:])) for row in connection.execute(text(asked))}

    migration.upgrade()
    migrated = {name: said for name, said in triggers().items() if "_counted_" in name}
    migration.downgrade("base")
    db.create_all()
    made = {name: said for name, said in triggers().items() if "_counted_" in name}
    db.drop_all()

    assert migrated == made
    assert len(made) > 75


def test_they_lead_to_the_search_of_the_code(empty_app):
    migration.upgrade()

    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            made = "SELECT sql FROM sqlite_master WHERE name = 'search_index'"
            assert connection.execute(text(made)).scalar_one() == search.CREATE
        else:
            made = "SELECT prosrc FROM pg_proc WHERE proname = 'search_pages'"
            body = connection.execute(text(made)).scalar_one()
            assert search.CREATE_FUNCTION.endswith(f" AS $${body}$$")


def test_an_upgrade_of_a_current_database_does_nothing(empty_app):
    migration.upgrade()
    migration.upgrade()

    assert migration.is_current()


def test_a_reason_of_health_that_was_kept_is_forgotten(empty_app):
    migration.upgrade()
    with transaction():
        place = make_enrolment(make_person(), make_cohort(), left_on=date(2027, 3, 8), exit_reason="health")
        audit.record("end_enrolment", place, actor_id=None, now=NOW, before=["None", None], reason="health")
    db.session.remove()

    migration.downgrade("0004")
    migration.upgrade()

    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT exit_reason FROM enrolment")).scalars().all() == ["other"]
        assert "health" not in str(connection.execute(text("SELECT facts FROM audit_entry")).all())


def test_notes_that_lay_open_are_locked_in_place_and_open_again_on_the_way_down(empty_app):
    migration.upgrade()
    with transaction():
        person, school = make_person().id, make_school().id
    db.session.remove()
    migration.downgrade("0026")
    with transaction():
        db.session.execute(
            text(
                "INSERT INTO accommodation (id, person_id, school_id, deadline_days, extra_time_percent, format, "
                "breaks, starts_on, created_at) VALUES (7, :person, :school, 0, 0, 'grands caractères', '', :day, :now)"
            ),
            {"person": person, "school": school, "day": date(2027, 3, 8), "now": NOW},
        )
    db.session.remove()

    migration.upgrade()
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT format, breaks FROM accommodation")).one()
    assert db.session.get(Accommodation, 7).format == "grands caractères"
    db.session.remove()
    migration.downgrade("0026")

    assert locked.is_locked(kept.format)
    assert kept.breaks == ""
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT format FROM accommodation")).scalar() == "grands caractères"


def test_several_processes_may_upgrade_at_once(empty_app):
    settings = empty_app.config["POPSCHOOL"]
    environ = environment(settings.data_dir, DATABASE_URL=settings.database_url)
    command = [sys.executable, "-m", "popschool.cli", "migrate"]
    started = [subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE) for _ in range(3)]

    said = [process.communicate(timeout=SECONDS)[1] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], said
    assert migration.is_current()


def test_the_version_read_without_alembic_is_alembics():
    script = ScriptDirectory(str(migrations_folder()))

    assert migration.code_version() == script.get_current_head()


def test_two_newest_migrations_are_a_mistake(tmp_path):
    folder = tmp_path / "versions"
    folder.mkdir()
    for name, follows in (("a", None), ("b", "a"), ("c", "a")):
        (folder / f"{name}.py").write_text(f"revision = {name!r}\ndown_revision = {follows!r}\n")

    with pytest.raises(migration.SeveralHeads, match="b, c"):
        migration.code_version(tmp_path)


def test_a_migration_is_written_with_our_types(tmp_path):
    """On a copy of the tree, as a developer does it."""
    copy = tmp_path / "tree"
    copy.mkdir()
    subprocess.run(["cp", "-r", "popschool", "migrations", "app.py", str(copy)], cwd=ROOT, check=True)
    for former in (copy / "migrations/versions").glob("*.py"):
        former.unlink()
    environ = environment(tmp_path / "data") | {"PYTHONPATH": str(copy)}
    command = [sys.executable, "-m", "popschool.cli", "migrate", "--write", "First tables"]

    answer = subprocess.run(
        command, cwd=copy, env=environ, capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert answer.returncode == 0, answer.stderr
    [written] = (copy / "migrations/versions").glob("*_first_tables.py")
    content = written.read_text()
    assert "sa.DateTime(timezone=True)" in content
    assert 'postgresql.JSONB(), "postgresql"' in content
    assert "popschool" not in content


def test_the_command_names_the_version(tmp_path):
    answer = popschool("migrate", environ=environment(tmp_path))

    assert answer.returncode == 0
    assert migration.code_version() in answer.stderr
    assert answer.stdout == ""
