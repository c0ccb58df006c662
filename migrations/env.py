"""Alembic's way into the application: its engine, its tables, batches so that SQLite can change a table too.

All the migrations asked for run in one transaction, on both databases: they all succeed, or nothing has changed.
"""

from alembic import context
from sqlalchemy import JSON, text

from popschool import audit, jobs, outbox, parts  # noqa: F401  the ground's own tables
from popschool.db import UtcMoment, db
from popschool.locked import LockedJson, LockedText

LOCK = 0x706F70  # "pop": one process migrates, the others wait and find nothing left to do


def render_item(kind, item, autogenerating):
    """Write our own column types by the plain ones they are kept as."""
    if kind == "type" and isinstance(item, UtcMoment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, LockedJson | LockedText):
        return "sa.Text()"
    if kind == "type" and isinstance(item, JSON):
        autogenerating.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def compare_type(_context, _inspected, _column, _inspected_type, type_in_code):
    """Our moments and JSON are what they say on both databases; the rest is compared as usual."""
    return False if isinstance(type_in_code, UtcMoment | JSON | LockedJson | LockedText) else None


def include_name(name, kind, _parents):
    """Leave out the tables that SQLite keeps behind the virtual table of the index of words, and parts of others."""
    return kind != "table" or not (name.startswith("search_index") or parts.is_part(name))


def include_object(thing, _name, _kind, _reflected, _compared):
    return parts.is_compared(thing, db.engine.dialect.name)


def run() -> None:
    with db.engine.connect().execution_options(writes=True) as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # A table that is copied is dropped for a moment; this has no effect inside a transaction.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=is_sqlite,
            transactional_ddl=True,
            compare_type=compare_type,
            render_item=render_item,
            include_name=include_name,
            include_object=include_object,
        )
        with connection.begin():
            prepare(connection)
            context.run_migrations()
            check(connection)
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")


def prepare(connection) -> None:
    """Take the time it needs, but never wait long for a lock: the version before may still be serving."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))


def check(connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"rows that point nowhere after this migration: {broken[:5]}")


run()
