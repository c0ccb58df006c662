"""Tables to which rows are only added, against SQL too: triggers on both databases refuse to change or delete one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import DDL, Table, event

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME; END $$
"""


def append_only(model: Any = None, *, deletes: bool = False) -> Any:
    """Give a model's table its triggers when it is created. `deletes`: rows may be removed, never changed."""
    if model is None:
        return lambda one: append_only(one, deletes=deletes)
    table: Table = model.__table__
    acts = ("UPDATE",) if deletes else ("UPDATE", "DELETE")
    for statement, dialect in statements(table.name, acts):
        event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))
    return model


def statements(table: str, acts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the statements that protect a table, each with the database it is for."""
    made = [(FUNCTION, "postgresql")]
    for act in acts:
        made += [(on_sqlite(table, act), "sqlite"), (on_postgresql(table, act), "postgresql")]
    return made


def on_sqlite(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'rows of {table} are never changed or removed'); END"
    )


def on_postgresql(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def protect(execute: Callable[[str], Any], dialect: str, table: str, acts: tuple[str, ...]) -> None:
    """Run the statements of one table on one database; migrations call it."""
    for statement, kind in statements(table, acts):
        if kind == dialect:
            execute(statement)


def forget(execute: Callable[[str], Any], dialect: str) -> None:
    """Drop what the triggers called, once their tables are gone; migrations call it on the way down."""
    if dialect == "postgresql":
        execute("DROP FUNCTION IF EXISTS refuse_change()")
