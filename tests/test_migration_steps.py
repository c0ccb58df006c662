"""Two versions run while a migration does: each migration leaves the version before all that it reads and writes.

A migration adds. What must go is first no longer used by a version that is out, and then taken away by a migration that
says so: `SECOND_STEP_OF = "0042"`, the number of the one that made it useless.
"""

import ast
import re

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import MetaData, insert, inspect, select, text

from popschool import cli, clock, doctor, migration
from popschool.db import db
from popschool.places import migrations_folder
from popschool.schools.models import School
from tests.conftest import NOW
from tests.test_migration import empty_app  # noqa: F401

FILES = sorted(migrations_folder().glob("versions/*.py"))
TAKES_AWAY = {"drop_table", "drop_column", "rename_table", "create_unique_constraint", "create_check_constraint"}
SQL = re.compile(r"\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|SET\s+NOT\s+NULL)\b", re.IGNORECASE)
DECLARED = "SECOND_STEP_OF"


def called_by(tree, name, seen=()):
    """Yield the calls of a function, and of those of the same file that it calls."""
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    for node in ast.walk(functions[name]):
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.Name) and node.id in functions and node.id not in (*seen, name):
            yield from called_by(tree, node.id, (*seen, name))


def said(call, name):
    """Return what a call gives under a name, when it is written there."""
    return next((one.value.value for one in call.keywords if one.arg == name and hasattr(one.value, "value")), None)


def dangers(source):
    """Return what a migration does that the version before would not bear, when it declares no first step."""
    tree, found = ast.parse(source), []
    declared = [one for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id == DECLARED]
    for call in called_by(tree, "upgrade"):
        name = getattr(call.func, "attr", "")
        if name in TAKES_AWAY:
            found.append(name)
        if name == "alter_column" and (said(call, "new_column_name") or said(call, "nullable") is False):
            found.append("alter_column")
        if name == "add_column":
            for column in ast.walk(call):
                is_column = isinstance(column, ast.Call) and getattr(column.func, "attr", "") == "Column"
                has_default = any(one.arg == "server_default" for one in getattr(column, "keywords", ()))
                if is_column and said(column, "nullable") is False and not has_default:
                    found.append("add_column")
        for word in ast.walk(call):
            if isinstance(word, ast.Constant) and isinstance(word.value, str) and SQL.search(word.value):
                found.append(SQL.search(word.value)[0])
    return [] if declared else sorted(set(found))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_migration_leaves_the_version_before_what_it_uses(file):
    assert dangers(file.read_text()) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('op.drop_table("a")', ["drop_table"]),
        ('op.drop_column("a", "b")', ["drop_column"]),
        ('op.rename_table("a", "b")', ["rename_table"]),
        ('op.alter_column("a", "b", new_column_name="c")', ["alter_column"]),
        ('op.alter_column("a", "b", nullable=False)', ["alter_column"]),
        ('op.alter_column("a", "b", type_=sa.Text(), nullable=True)', []),
        ('op.add_column("a", sa.Column("b", sa.Integer(), nullable=False))', ["add_column"]),
        ('op.add_column("a", sa.Column("b", sa.Integer(), nullable=False, server_default="0"))', []),
        ('op.add_column("a", sa.Column("b", sa.Integer(), nullable=True))', []),
        ('op.execute("ALTER TABLE a DROP COLUMN b")', ["DROP COLUMN"]),
        ('op.execute(f"alter table {a} rename column b to c")', ["rename column"]),
        ('op.create_unique_constraint("u", "a", ["b"])', ["create_unique_constraint"]),
        ('op.create_table("a")', []),
        ("_more()", ["drop_table"]),
    ],
)
def test_what_the_version_before_would_not_bear_is_refused_unless_it_is_a_second_step(body, found):
    others = "".join(f"\n\ndef {name}():\n    op.drop_table('a')\n" for name in ("_more", "downgrade"))
    source = f"def upgrade():\n    {body}\n{others}"

    assert dangers(source) == found
    assert dangers(f'{DECLARED} = "0001"\n{source}') == []


def test_a_second_step_names_a_migration_that_is_out():
    for file in FILES:
        named = re.search(rf'^{DECLARED} = "(\w+)"', file.read_text(), re.MULTILINE)
        assert named is None or any(other.stem.startswith(named[1]) for other in FILES if other < file)


def test_the_version_before_goes_on_while_this_one_waits_and_after(empty_app):  # noqa: F811
    """The version before is its tables, as it knows them: what it writes and reads works before, and after."""
    clock.freeze(NOW)
    before = migration._ids(FILES[-1])[1]
    migration.upgrade(before)
    old = MetaData()
    old.reflect(db.engine)
    write_as(old, "A1")

    found = next(one for one in doctor.examine(empty_app.config["POPSCHOOL"]) if one.name == "migrations")
    assert not found.is_sound and "popschool migrate" in found.detail
    ready = empty_app.test_client().get("/readyz")
    assert ready.status_code == 503 and "migrations" in ready.text
    for command in ("serve", "worker"):
        refused = CliRunner().invoke(cli.main, [command], obj=ScriptInfo(create_app=lambda: empty_app))
        assert refused.exit_code == 1 and "popschool migrate" in refused.output

    migration.upgrade()

    write_as(old, "B2")
    assert read_as(old) == ["A1", "B2"] == list(db.session.scalars(select(School.code).order_by(School.code)))
    now = inspect(db.engine)
    for table in old.tables.values():
        columns = {one["name"]: one for one in now.get_columns(table.name)}
        assert {one.name for one in table.columns} <= set(columns), table.name
        for name, one in columns.items():
            known = table.columns.get(name)
            if known is None or known.nullable:
                assert one["nullable"] or (known is None and one["default"] is not None), f"{table.name}.{name}"
    clock.freeze(None)


def write_as(known, code):
    """Open a school as a version that knows these tables does."""
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        network = connection.execute(select(known.tables["network"].c.id)).scalar()
        if network is None:
            values = filled(known.tables["network"], name="Pop School")
            network = connection.execute(insert(known.tables["network"]).values(values)).inserted_primary_key[0]
        values = filled(known.tables["school"], network_id=network, code=code, name=code, opened_on=NOW.date())
        connection.execute(insert(known.tables["school"]).values(values))


def filled(table, **values):
    """Give every column that must have a value one, as the version that knows it would."""
    wanted = [one.name for one in table.columns if not one.nullable and not one.primary_key]
    return {name: values.get(name, "Europe/Paris" if name == "time_zone" else "") for name in wanted}


def read_as(known):
    with db.engine.connect() as connection:
        return list(connection.execute(select(known.tables["school"].c.code).order_by(text("code"))).scalars())
