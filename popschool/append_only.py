"""Tables to which rows are only added, against SQL too: triggers on both databases refuse to change or delete one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import DDL, JSON, Table, event

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME; END $$
"""


def append_only(model: Any = None, *, deletes: bool = False, empties: tuple[str, ...] = ()) -> Any:
    """Give a model's table its triggers when it is created. `deletes`: rows may be removed, never changed.

    `empties` names texts, and facts in JSON, that retention may empty; they, and everything else, never become
    something else.
    """
    if model is None:
        return lambda one: append_only(one, deletes=deletes, empties=empties)
    table: Table = model.__table__
    acts = ("UPDATE",) if deletes else ("UPDATE", "DELETE")
    kept = tuple(column.name for column in table.columns if column.name not in empties) if empties else ()
    facts = tuple(name for name in empties if isinstance(table.columns[name].type, JSON))
    for statement, dialect in statements(table.name, acts, empties, kept, facts):
        event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))
    return model


def statements(
    table: str,
    acts: tuple[str, ...],
    empties: tuple[str, ...] = (),
    kept: tuple[str, ...] = (),
    facts: tuple[str, ...] = (),
) -> list[tuple[str, str]]:
    """Return the statements that protect a table, each with the database it is for.

    `facts` are those of `empties` that are JSON.
    """
    made = [(FUNCTION, "postgresql")]
    for act in acts:
        spared = (empties, kept, facts) if act == "UPDATE" and empties else None
        made += [
            (on_sqlite(table, act, _when(spared, "IS")), "sqlite"),
            (on_postgresql(table, act, _when(spared, "IS NOT DISTINCT FROM")), "postgresql"),
        ]
    return made


def _when(spared: tuple[tuple[str, ...], ...] | None, equals: str) -> str:
    """Return for which changes a trigger refuses: all, or all but those that only empty some texts."""
    if spared is None:
        return ""
    empties, kept, facts = spared
    nothing = {name: "{}" if name in facts else "" for name in empties}
    same = [f'NEW."{name}" {equals} OLD."{name}"' for name in kept]
    emptied = [f'(NEW."{name}" {equals} OLD."{name}" OR NEW."{name}" = \'{nothing[name]}\')' for name in empties]
    return f"WHEN (NOT ({' AND '.join(same + emptied)})) "


def on_sqlite(table: str, act: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {when}BEGIN "
        f"SELECT RAISE(ABORT, 'rows of {table} are never changed or removed'); END"
    )


def on_postgresql(table: str, act: str, when: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"FOR EACH ROW {when}EXECUTE FUNCTION refuse_change()"
    )


def protect(execute: Callable[[str], Any], dialect: str, table: str, acts: tuple[str, ...]) -> None:
    """Run the statements of one table on one database; migrations call it."""
    for statement, kind in statements(table, acts):
        if kind == dialect:
            execute(statement)


def spare(
    execute: Callable[[str], Any],
    dialect: str,
    table: str,
    empties: tuple[str, ...],
    kept: tuple[str, ...],
    facts: tuple[str, ...] = (),
) -> None:
    """Let the trigger of a table that is there already spare what only empties some texts; migrations call it.

    Without `empties`, the trigger refuses every change again.
    """
    execute(f"DROP TRIGGER {table}_no_update" + (f" ON {table}" if dialect == "postgresql" else ""))
    for statement, kind in statements(table, ("UPDATE",), empties, kept, facts):
        if kind == dialect:
            execute(statement)


def forget(execute: Callable[[str], Any], dialect: str) -> None:
    """Drop what the triggers called, once their tables are gone; migrations call it on the way down."""
    if dialect == "postgresql":
        execute("DROP FUNCTION IF EXISTS refuse_change()")
