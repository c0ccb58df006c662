"""Large tables in parts, on PostgreSQL: lines lie by their number, which follows time. SQLite keeps them whole.

A part holds about a year, at least a million lines; the next one is made before it is needed, in the night. What comes
when none is ready falls into the part that takes the rest: nothing is ever refused. Several tables may be one group:
their parts begin and end together, by the number that the first of them gives.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import DDL, Connection, ForeignKeyConstraint, event, text

from popschool import clock, jobs
from popschool.db import db

LEAST, MOST = 1_000_000, 50_000_000
LAST_NUMBER = 2**31 - 1
A_YEAR = timedelta(days=365)
IN_FLIGHT = 10_000
PART, REST = "_part_", "rest"
GROUPS: dict[str, "Group"] = {}
SIGNATURE = "add_part(text, bigint, bigint)"
ADD_PART = """
CREATE OR REPLACE FUNCTION add_part(owner text, low bigint, high bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I.%I PARTITION OF %I.%I FOR VALUES FROM (%s) TO (%s) '
        'WITH (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)',
        current_schema(), owner || '_part_' || low, current_schema(), owner, low, high);
END $$
"""
FUNCTIONS = (ADD_PART, f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
FOUND = """
SELECT parent.relname AS owner, part.relname AS name, pg_get_expr(part.relpartbound, part.oid) AS bound
FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class part ON part.oid = inhrelid
WHERE parent.relkind = 'p' AND parent.relnamespace = current_schema()::regnamespace AND part.relkind = 'r'
"""


@dataclass(frozen=True)
class Group:
    """Tables divided together: name → the column that holds the number. The first one gives it, and has moments."""

    tables: dict[str, str]

    @property
    def first(self) -> str:
        return next(iter(self.tables))


@dataclass(frozen=True, order=True)
class Part:
    """Lines from `low` on, up to `high`, which is not in it; a group's first part has all that lies before too."""

    low: int
    high: int
    owner: str
    name: str


def next_size(a_million_took: timedelta | None) -> int:
    """Return how many lines the next part holds: about a year's, never less than a million nor more than fifty.

    >>> next_size(None), next_size(timedelta(days=730)), next_size(timedelta(days=30)), next_size(timedelta(hours=1))
    (1000000, 1000000, 13000000, 50000000)
    """
    if not a_million_took:
        return LEAST
    return min(max(-(-A_YEAR // a_million_took) * LEAST, LEAST), MOST)


def in_parts(group: str, by: str) -> Callable[[Any], Any]:
    """Divide a model's table on PostgreSQL by the number in its column `by`. The first of a group gives the numbers."""

    def divide_model(model: Any) -> Any:
        name, table = model.__tablename__, model.__table__
        GROUPS.setdefault(group, Group({})).tables[name] = by
        table.dialect_options["postgresql"]["partition_by"] = f"RANGE ({by})"
        for statement in (*FUNCTIONS, *first_parts(name, LEAST)):
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect="postgresql"))
        return model

    return divide_model


def first_parts(owner: str, high: int) -> list[str]:
    """Return the statements that give an empty divided table its first part, the next one, and the rest's."""
    return [
        f"CREATE TABLE {owner}{PART}0 PARTITION OF {owner} FOR VALUES FROM (MINVALUE) TO ({high})",
        *further_parts(owner, high),
    ]


def further_parts(owner: str, high: int) -> list[str]:
    """Return the statements that add the part after the first one, and the rest's."""
    return [
        f"CREATE TABLE {owner}{PART}{high} PARTITION OF {owner} FOR VALUES FROM ({high}) TO ({high + LEAST})",
        f"CREATE TABLE {owner}{PART}{REST} PARTITION OF {owner} DEFAULT",
    ]


def is_part(table: str) -> bool:
    """Say whether a table of the database is a part of another."""
    return PART in table


def is_compared(thing: Any, dialect: str) -> bool:
    """Say whether the tables in code and those of a database are compared by this rule of theirs.

    Some are for one kind of database alone; PostgreSQL shows a link to a divided table once more for each of its parts.
    """
    condition = getattr(thing, "_ddl_if", None)
    if isinstance(thing, ForeignKeyConstraint) and any(is_part(one.target_fullname) for one in thing.elements):
        return False
    return condition is None or condition.dialect == dialect


def found(connection: Connection, owner: str) -> list[Part]:
    """Return the parts of a table, in order, without the rest's."""
    rows = connection.execute(text(f"{FOUND} AND parent.relname = :owner"), {"owner": owner})
    return sorted(_read(row) for row in rows if row.bound != "DEFAULT")


def _read(row: Any) -> Part:
    low, high = row.bound.removeprefix("FOR VALUES FROM (").removesuffix(")").split(") TO (")
    return Part(0 if low == "MINVALUE" else int(low.strip("'")), int(high.strip("'")), row.owner, row.name)


def reached(connection: Connection, group: Group) -> int:
    """Return the last number that a group gave; 0 when there is none."""
    column = group.tables[group.first]
    asked = f"SELECT pg_sequence_last_value(pg_get_serial_sequence('{group.first}', '{column}')::regclass)"
    return connection.scalar(text(asked)) or 0


def make_room(connection: Connection, group: Group, up_to: int, size: int = LEAST) -> int:
    """Add parts until one that is wholly free lies after the number `up_to`; return how many were added."""
    added = 0
    while True:
        last = found(connection, group.first)[-1]
        if last.low > up_to or last.high == LAST_NUMBER:
            return added
        low, high = _next_bounds(connection, group, last, size)
        for owner in group.tables:
            connection.execute(text("SELECT add_part(:owner, :low, :high)"), {"owner": owner, "low": low, "high": high})
        added += 1


def _next_bounds(connection: Connection, group: Group, last: Part, size: int) -> tuple[int, int]:
    """Return where the next part begins and ends: after the last one, and after what the rest's part took meanwhile."""
    low = last.high
    for owner, column in group.tables.items():
        rest = connection.scalar(text(f"SELECT max({column}) FROM {owner}{PART}{REST}"))
        low = max(low, 0 if rest is None else rest + 1 + IN_FLIGHT)
    return low, min(low + size, LAST_NUMBER)


def expect(connection: Connection, table: str, lines: int) -> None:
    """Let the next part hold so many lines that will come together: each part costs every page that looks into all."""
    group = next((one for one in GROUPS.values() if one.first == table), None)
    if group is not None and connection.dialect.name == "postgresql" and lines > LEAST:
        make_room(connection, group, found(connection, table)[-1].low, min(lines, MOST))


def room_for(connection: Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Have a part ready for rows that come from elsewhere with their numbers."""
    group = next((one for one in GROUPS.values() if one.first == table), None)
    if group is not None and connection.dialect.name == "postgresql":
        numbers = [row[group.tables[table]] for row in rows if group.tables[table] in row]
        make_room(connection, group, max(numbers, default=0))


def make_ready() -> None:
    """Add the parts that will be needed; a job does it each night."""
    if db.engine.dialect.name != "postgresql":
        return
    for group in GROUPS.values():
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))  # pages wait behind it: another night will do
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('parts'))"))
            last = reached(connection, group)
            make_room(connection, group, last, next_size(_a_million_took(connection, group, last)))


def look_over() -> None:
    """Let PostgreSQL know what the tables hold as a whole: by itself it looks at their parts only, and plans badly.

    It reads a sample of some thousands of lines of each part. Whoever does not own the tables is not let.
    """
    if db.engine.dialect.name != "postgresql":
        return
    names = ", ".join(name for group in GROUPS.values() for name in group.tables)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT", writes=True) as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(f"ANALYZE {names}"))
        connection.invalidate()  # its limit is no longer the one that pages have


def _a_million_took(connection: Connection, group: Group, last: int) -> timedelta | None:
    if last <= LEAST:
        return None
    column = group.tables[group.first]
    asked = f"SELECT at FROM {group.first} WHERE {column} >= :first ORDER BY {column} LIMIT 1"
    began: datetime | None = connection.scalar(text(asked), {"first": last - LEAST})
    return clock.now() - began if began is not None else None


def missing(connection: Connection) -> list[str]:
    """Return the tables whose lines fall into the rest's part, for want of one of their own."""
    return [
        group.first
        for group in GROUPS.values()
        if found(connection, group.first)[-1].high <= reached(connection, group)
    ]


jobs.recur("parts.make_ready", "popschool.parts:make_ready", at=time(3, 35))
jobs.recur("parts.look_over", "popschool.parts:look_over", at=time(3, 45))
