"""Rows as they lie, table by table: what an archive and a move to another database have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Integer, Table, text

from popschool import audit, jobs, locked, outbox  # noqa: F401  the ground's own tables
from popschool.chain_heads import not_followed
from popschool.counted import not_noted
from popschool.db import db

DERIVED: dict[str, str] = {}


def follows(table_name: str, call: str) -> None:
    """Declare a table that follows from the others: "module:function" fills it when it is empty."""
    DERIVED[table_name] = call


def stored_tables() -> dict[str, Table]:
    """Return every table, but those that follow from the others, which say what fills them."""
    return {name: table for name, table in sorted(db.metadata.tables.items()) if name not in DERIVED}


def derived_tables() -> list[Table]:
    """Return the tables that follow from the others."""
    return [table for name, table in sorted(db.metadata.tables.items()) if name in DERIVED]


def rebuild(table: Table) -> None:
    """Fill a table that follows from the others, once those are back."""
    module, _, call = DERIVED[table.name].partition(":")
    getattr(import_module(module), call)()


def tidy() -> None:
    """Let PostgreSQL know what rows there are when they have just come: it guesses badly until it looks by itself."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM (ANALYZE)"))
            connection.invalidate()  # its limit is no longer the one that pages have


@contextmanager
def links_checked_at_the_end(connection: Connection) -> Iterator[None]:
    """Let rows come in any order: links, the ends of chains and what is counted are seen to once all are there."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        yield
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    links = connection.execute(
        text(
            "SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name, "
            "pg_get_constraintdef(l.oid) AS rule, there.relkind = 'p' AS has_parts "
            "FROM pg_constraint l JOIN pg_class there ON there.oid = confrelid "
            "WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace"
        )
    ).all()
    for link in links:
        connection.execute(text(f"ALTER TABLE {link.owner} DROP CONSTRAINT {link.name}"))
    with not_followed(connection), not_noted(connection):
        yield
    for link in links:
        _look_up_each_line(connection, link.has_parts)
        connection.execute(text(f"ALTER TABLE {link.owner} ADD CONSTRAINT {link.name} {link.rule}"))
    _look_up_each_line(connection, False)


def _look_up_each_line(connection: Connection, is_wanted: bool) -> None:
    """Let PostgreSQL look up what lines lead to, each in its own part: it would read all of them for each part."""
    way = "off" if is_wanted else "on"
    connection.execute(text(f"SET LOCAL enable_hashjoin = {way}"))
    connection.execute(text(f"SET LOCAL enable_mergejoin = {way}"))


def follow_sequences(connection: Connection, tables: Any) -> None:
    """Let PostgreSQL count on from the highest id that was put back."""
    for table in tables:
        if "id" in table.columns and isinstance(table.columns["id"].type, Integer):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) "
                    f"FROM {table.name} HAVING max(id) IS NOT NULL"
                )
            )
