"""Bringing a database to this version, and saying at which one it is.

Only the command loads Alembic: the version of this code is read from the migrations' files, so that a server can answer
`/readyz` without it.
"""

import re
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, make_url, text

from popschool import parts
from popschool.db import db
from popschool.places import migrations_folder

VERSION_TABLE = "alembic_version"
FIRST_TABLES = "sqlite.sql"
# Read as text, and no further than its place: to parse some fifty files would be a tenth of a start.
HEAD = 4_000
ID = re.compile(r"""^(revision|down_revision)\b[^=]*=\s*["']([^"']+)["']""", re.MULTILINE)


class SeveralHeads(RuntimeError):
    """Two migrations follow the same one: they must be put in line before anybody can upgrade."""


def code_version(folder: Path | None = None) -> str | None:
    """Return the newest migration's id; None when there is none. Raises SeveralHeads."""
    found = [_ids(path) for path in sorted((folder or migrations_folder()).glob("versions/*.py"))]
    followed = {follows for _, follows in found}
    heads = [revision for revision, _ in found if revision not in followed]
    if len(heads) > 1:
        raise SeveralHeads(", ".join(heads))
    return heads[0] if heads else None


def _ids(path: Path) -> tuple[str, str | None]:
    with path.open(encoding="utf-8") as file:
        values = dict(ID.findall(file.read(HEAD)))
    return values["revision"], values.get("down_revision")


def database_version() -> str | None:
    """Return the migration that the database is at; None when it was never migrated."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def is_current() -> bool:
    """Say whether the database is at the version of this code."""
    return database_version() == code_version()


def upgrade(to: str = "head") -> None:
    """Run the migrations that are missing. Several processes may try: one does it, the others wait.

    An empty SQLite database begins with the tables that the first migrations lead to: to make them and remake them, one
    migration after the other, takes ten times as long.
    """
    if to == "head":
        if db.engine.dialect.name == "sqlite":
            _begin_with_first_tables()
        if is_current():
            return
    _alembic("upgrade", to)


def _begin_with_first_tables() -> None:
    db.session.remove()
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.scalar(text("SELECT count(*) FROM sqlite_master")):
            return
        for statement in statements((migrations_folder() / FIRST_TABLES).read_text(encoding="utf-8")):
            connection.exec_driver_sql(statement)


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; a trigger has several inside it, and is one."""
    waiting = ""
    for line in script.splitlines(keepends=True):
        waiting += line
        if sqlite3.complete_statement(waiting):
            yield waiting.strip()
            waiting = ""


def tables_as_they_stand() -> str:
    """Return the script that makes the tables of this SQLite database, without their rows, and says its version.

    What SQLite makes by itself, behind a virtual table or a key, is not written.
    """
    with db.engine.connect() as connection:
        made = connection.scalars(
            text(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
                " AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY rowid"
            )
        ).all()
    version = f"INSERT INTO {VERSION_TABLE} VALUES ('{database_version()}')"
    return "".join(f"{statement};\n" for statement in [*made, version])


def let_serve(url: str) -> None:
    """Let the account of an address read and write rows, and nothing more: neither tables, triggers nor the version.

    It may add a part to a large table, in the night, by the one function that does.

    Runs as the account that owns the tables.
    """
    with db.engine.connect() as connection, connection.begin():
        quote = connection.dialect.identifier_preparer.quote
        user, schema = quote(make_url(url).username), quote(connection.scalar(text("SELECT current_schema()")))
        numbered = connection.scalar(text(f"SELECT to_regprocedure('{parts.SIGNATURE}')"))
        for allowed in (
            f"GRANT USAGE ON SCHEMA {schema} TO {user}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {user}",
            f"GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {user}",
            f"REVOKE INSERT, UPDATE, DELETE ON {VERSION_TABLE} FROM {user}",
            *([f"GRANT EXECUTE ON FUNCTION {parts.SIGNATURE} TO {user}"] if numbered else []),
        ):
            connection.execute(text(allowed))


def downgrade(to: str) -> None:
    """Undo migrations down to one, or to "base"."""
    _alembic("downgrade", to)


def write(subject: str) -> None:
    """Write a migration from the differences between the tables in code and those of the database."""
    _alembic("revision", message=subject, autogenerate=True)


def _alembic(name: str, *given: str, **more: Any) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(toml_file=None)
    # Alembic reads % as the beginning of a variable.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.set_main_option("timezone", "UTC")
    db.session.remove()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping unsupported ALTER")
        getattr(command, name)(config, *given, **more)
