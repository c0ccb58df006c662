"""From one table to parts, and back: what migrations call, on PostgreSQL. No row is read or written on the way there.

The table that is there becomes the first part, with its rows and indexes; a new table of its name takes it in.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, text

from popschool.parts import FUNCTIONS, LEAST, PART, Group, further_parts

INDEXES = """
SELECT i.relname AS name, pg_get_indexdef(i.oid) AS made, c.conname AS rule, c.contype AS kind,
       pg_get_constraintdef(c.oid) AS ruled
FROM pg_index JOIN pg_class i ON i.oid = indexrelid
LEFT JOIN pg_constraint c ON c.conindid = i.oid AND c.conrelid = indrelid
WHERE indrelid = CAST(:name AS regclass) ORDER BY i.relname
"""
LINKS = """
SELECT conname AS name, conrelid::regclass::text AS owner, confrelid::regclass::text AS goal,
       pg_get_constraintdef(oid) AS rule
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
AND (conrelid = CAST(:name AS regclass) OR confrelid = CAST(:name AS regclass)) ORDER BY conname
"""
TRIGGERS = """
SELECT tgname AS name, pg_get_triggerdef(oid) AS made FROM pg_trigger
WHERE tgrelid = CAST(:name AS regclass) AND NOT tgisinternal ORDER BY tgname
"""
ALLOWED = """
SELECT grantee::regrole::text AS account, string_agg(privilege_type, ', ') AS acts
FROM pg_class, aclexplode(relacl)
WHERE oid = CAST(:name AS regclass) AND grantee <> relowner AND grantee <> 0 GROUP BY 1
"""


def divide(connection: Connection, group: Group, without: Iterable[str] = (), adding: Iterable[str] = ()) -> None:
    """Divide the tables of a group. `without`: rules that parts cannot have; `adding`: what takes their place.

    Nobody else uses the tables meanwhile: as long as it takes to read the numbers of the first part, and its links.
    """
    run = _runner(connection)
    for statement in FUNCTIONS:
        run(statement)
    links = _links(connection, group)
    for owner, name in links:
        run(f"ALTER TABLE {owner} DROP CONSTRAINT {name}")
    high = _first_high(connection, group)
    for owner, column in group.tables.items():
        _divide_one(connection, owner, column, high, frozenset(without))
    for (owner, name), rule in links.items():
        run(f"ALTER TABLE {owner} ADD CONSTRAINT {name} {rule}")
    for statement in adding:
        run(statement)


def _runner(connection: Connection) -> Callable[[str], Any]:
    return lambda statement: connection.execute(text(statement))


def _first_high(connection: Connection, group: Group) -> int:
    """Return where the first part ends: at the next whole million, with room for what is written meanwhile."""
    column = group.tables[group.first]
    asked = f"SELECT pg_sequence_last_value(pg_get_serial_sequence('{group.first}', '{column}')::regclass)"
    last = connection.scalar(text(asked)) or 0
    last = max(last, connection.scalar(text(f"SELECT max({column}) FROM {group.first}")) or 0)
    return (last // LEAST + 1) * LEAST


def _links(connection: Connection, group: Group) -> dict[tuple[str, str], str]:
    """Return the links from and to the tables of a group: of which table, by what name, saying what."""
    found: dict[tuple[str, str], str] = {}
    for owner in group.tables:
        for one in connection.execute(text(LINKS), {"name": owner}):
            found[one.owner, one.name] = one.rule
    return found


def _divide_one(connection: Connection, owner: str, column: str, high: int, without: frozenset[str]) -> None:
    run = _runner(connection)
    first = f"{owner}{PART}0"
    triggers = connection.execute(text(TRIGGERS), {"name": owner}).all()
    allowed = connection.execute(text(ALLOWED), {"name": owner}).all()
    for one in triggers:
        run(f"DROP TRIGGER {one.name} ON {owner}")
    indexes = []
    for one in connection.execute(text(INDEXES), {"name": owner}).all():
        if one.name in without:
            run(f"ALTER TABLE {owner} DROP CONSTRAINT {one.rule}" if one.rule else f"DROP INDEX {one.name}")
        else:
            run(f"ALTER INDEX {one.name} RENAME TO {_of_part(one.name)}")
            indexes.append(one)
    run(f"ALTER TABLE {owner} RENAME TO {first}")
    run(f"CREATE TABLE {owner} (LIKE {first} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ({column})")
    for one in indexes:
        run(f"ALTER TABLE {owner} ADD CONSTRAINT {one.rule} {one.ruled}" if one.rule else one.made)
    run(f"ALTER TABLE {owner} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ({high})")
    for statement in further_parts(owner, high):
        run(statement)
    for one in triggers:
        run(one.made)
    for one in allowed:
        run(f"GRANT {one.acts} ON {owner} TO {one.account}")
    _keep_numbers(connection, owner, column)


def _of_part(index: str) -> str:
    return f"{index[:55]}{PART}0"


def _keep_numbers(connection: Connection, owner: str, column: str) -> None:
    """Let the sequence belong to the table that has the name now."""
    default = connection.scalar(
        text(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid "
            "AND attnum = adnum WHERE adrelid = CAST(:name AS regclass) AND attname = :column"
        ),
        {"name": owner, "column": column},
    )
    if default and default.startswith("nextval('"):
        connection.execute(text(f"ALTER SEQUENCE {default.split(chr(39))[1]} OWNED BY {owner}.{column}"))


def join(connection: Connection, group: Group, adding: Iterable[str] = ()) -> None:
    """Make one table of each again, its rows copied. `adding`: the rules that only one table can have."""
    run = _runner(connection)
    links = _links(connection, group)
    for owner, name in links:
        run(f"ALTER TABLE {owner} DROP CONSTRAINT {name}")
    for owner, column in group.tables.items():
        whole = f"{owner}_whole"
        triggers = connection.execute(text(TRIGGERS), {"name": owner}).all()
        allowed = connection.execute(text(ALLOWED), {"name": owner}).all()
        indexes = connection.execute(text(INDEXES), {"name": owner}).all()
        run(f"CREATE TABLE {whole} (LIKE {owner} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        run(f"INSERT INTO {whole} SELECT * FROM {owner}")
        _keep_numbers(connection, whole, column)
        run(f"DROP TABLE {owner}")
        run(f"ALTER TABLE {whole} RENAME TO {owner}")
        for one in indexes:
            made = one.made.replace(" ON ONLY ", " ON ")
            run(f"ALTER TABLE {owner} ADD CONSTRAINT {one.rule} {one.ruled}" if one.rule else made)
        for one in triggers:
            run(one.made)
        for one in allowed:
            run(f"GRANT {one.acts} ON {owner} TO {one.account}")
    for (owner, name), rule in links.items():
        run(f"ALTER TABLE {owner} ADD CONSTRAINT {name} {rule}")
    for statement in adding:
        run(statement)
