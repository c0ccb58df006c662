"""Tables whose rows are counted in figures that are kept: each change of one is noted, by triggers on both databases.

A note is a row of its own, added in the transaction of the change and never waited for: 360 people who sign at once
change no common row. `kept.py` reads the notes, and counts again the schools that they name.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import DDL, Connection, Table, event, text
from sqlalchemy.orm import Mapped, mapped_column

from popschool.db import Base

ANY_DAY = date.min
ROW = "{row}"
OWN_SCHOOL = "SELECT {row}.school_id AS id"
EVERY_SCHOOL = "SELECT id FROM school"
SELECTED = "selected"
EVERY_SCHOOL_CHANGED = 'INSERT INTO figure_change (school_id, "on") SELECT id, :on FROM school'
TRIGGERS = r"""
SELECT tgrelid::regclass::text AS owner, quote_ident(tgname) AS name FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE NOT tgisinternal AND tgname ~ '_counted_(insert|update|delete|leave)$' AND tgparentid = 0
AND c.relnamespace = current_schema()::regnamespace
"""


class FigureChange(Base):
    """Something changed in what a school's figures count: on one day, or `ANY_DAY` when it has none."""

    __tablename__ = "figure_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int]
    on: Mapped[date] = mapped_column(index=True)


def counted(model: Any = None, *, on: str = "", schools: str = OWN_SCHOOL, when: str = "", moves: bool = False) -> Any:
    """Give a model's table its triggers when it is created.

    `on` is the column of the day that a row counts on: figures count days that are over. `schools` is SQL that selects
    the `id` of those whose figures count a row, and its day as `on` where `on` is SELECTED; `when` says which rows
    count; {row} is the row. `moves`: its school or its day may change.
    """
    if model is None:
        return lambda one: counted(one, on=on, schools=schools, when=when, moves=moves)
    table: Table = model.__table__
    table.info["counted"] = True
    for statement, dialect in statements(table.name, on, schools, when, moves):
        event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))
    return model


def statements(
    table: str, on: str = "", schools: str = OWN_SCHOOL, when: str = "", moves: bool = False
) -> list[tuple[str, str]]:
    """Return the statements that note the changes of a table, each with the database it is for."""
    acts = [("insert", "INSERT", "NEW"), ("update", "UPDATE", "NEW"), ("delete", "DELETE", "OLD")]
    if when or moves:
        acts.append(("leave", "UPDATE", "OLD"))
    made = [(_function(table, on, schools, when), "postgresql")]
    for name, act, row in acts:
        made.append((_on_sqlite(f"{table}_counted_{name}", act, row, table, on, schools, when), "sqlite"))
        made.append((
            f"CREATE TRIGGER {table}_counted_{name} AFTER {act} ON {table} REFERENCING {row} TABLE AS changed "
            f"FOR EACH STATEMENT EXECUTE FUNCTION note_change_of_{table}()",
            "postgresql",
        ))  # fmt: skip
    return made


def _function(table: str, on: str, schools: str, when: str) -> str:
    """Return what the triggers of a table call on PostgreSQL: one note for each school and day of a statement."""
    return (
        f"CREATE OR REPLACE FUNCTION note_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f'INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, {_day(on, "r")} FROM changed r '
        f"CROSS JOIN LATERAL ({schools.replace(ROW, 'r')}) AS s "
        f"WHERE s.id IS NOT NULL{' AND ' + when.replace(ROW, 'r') if when else ''}; RETURN NULL; END $$"
    )


def _on_sqlite(name: str, act: str, row: str, table: str, on: str, schools: str, when: str) -> str:
    return (
        f"CREATE TRIGGER {name} AFTER {act} ON {table} BEGIN "
        f'INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, {_day(on, row)} '
        f"FROM ({schools.replace(ROW, row)}) AS s "
        f"WHERE s.id IS NOT NULL{' AND ' + when.replace(ROW, row) if when else ''}; END"
    )


def _day(on: str, row: str) -> str:
    if on == SELECTED:
        return 's."on"'
    return f'{row}."{on}"' if on else ("DATE '0001-01-01'" if row == "r" else "'0001-01-01'")


def watch(execute: Callable[[str], Any], dialect: str, table: str, **how: Any) -> None:
    """Run the statements of one table on one database; migrations call it."""
    for statement, kind in statements(table, **how):
        if kind == dialect:
            execute(statement)


def forget(execute: Callable[[str], Any], dialect: str, table: str, **how: Any) -> None:
    """Drop the triggers of one table; migrations call it on the way down."""
    names = ["insert", "update", "delete", *(["leave"] if how.get("when") or how.get("moves") else [])]
    for name in names:
        execute(f"DROP TRIGGER {table}_counted_{name}" + (f" ON {table}" if dialect == "postgresql" else ""))
    if dialect == "postgresql":
        execute(f"DROP FUNCTION note_change_of_{table}()")


@contextmanager
def not_noted(connection: Connection) -> Iterator[None]:
    """Let rows come by the million without notes, for the account that owns the tables; then every school has changed.

    The note of a row that reaches its school through another one looks for that one among rows of which PostgreSQL
    knows nothing yet: it would read all of them each time.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    triggers = connection.execute(text(TRIGGERS)).all()
    for one in triggers:
        connection.execute(text(f"ALTER TABLE {one.owner} DISABLE TRIGGER {one.name}"))
    yield
    for one in triggers:
        connection.execute(text(f"ALTER TABLE {one.owner} ENABLE TRIGGER {one.name}"))
    if triggers:
        connection.execute(text(EVERY_SCHOOL_CHANGED), {"on": ANY_DAY})
