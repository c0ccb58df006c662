"""From SQLite and a folder to PostgreSQL and S3: every row and file copied, then counted and compared by hash.

It may run while people work, and again: the second time it copies what has changed since. So the last run, with the
server stopped, is short, and nothing that was kept in between is lost.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Row, String, Table, bindparam, delete, insert, select, text
from sqlalchemy.sql.elements import ColumnElement

from popschool import locked, migration, parts, storage
from popschool.db import db, transaction
from popschool.plain_rows import one_moment, plain
from popschool.rows import (
    derived_tables,
    follow_sequences,
    links_checked_at_the_end,
    rebuild,
    stored_tables,
    tidy,
)

AT_ONCE = 500
FILES_AT_ONCE = 8
MEND = "remove it there, look at the one here, and run this again"
Told = Callable[[str], None]


class CannotMove(RuntimeError):
    """Why nothing was moved, or what differs afterwards."""


@dataclass
class Moved:
    """What one run did: rows added, changed and removed there, files copied, and what is there in all."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    copied: int = 0
    rows: int = 0
    files: int = 0


def move(there: Flask, tell: Told = lambda line: None) -> Moved:
    """Make the database and the store of another application those of this one. Raises CannotMove.

    Files come first and last: a row that names one is never there before it. All the rows or none.
    """
    version = migration.database_version()
    with there.app_context():
        if db.engine.dialect.name != "postgresql":
            raise CannotMove("the database to move to is not PostgreSQL")
        if migration.database_version() is None:
            tell("making the tables")
            migration.upgrade(version or "head")
        found = migration.database_version()
        if found != version:
            raise CannotMove(f"this database is at {version}, the other at {found}: bring both to one version")
        target, other = db.engine, storage.store()
    done = Moved()
    with one_moment() as source, target.connect() as goal, goal.begin():
        _copy_files(storage.store(), other, done, tell)
        _copy_rows(source, goal, done, tell)
        # Those that came while rows were copied: the first question about rows has fixed the moment they are of.
        names = _copy_files(storage.store(), other, done, tell)
        _check_rows(source, goal, done, tell)
    with there.app_context(), transaction():
        for table in derived_tables():
            db.session.execute(delete(table))
            rebuild(table)
    with there.app_context():
        tidy()
    done.files = _check_files(names, storage.store(), other, tell)
    return done


def _copy_rows(source: Connection, goal: Connection, done: Moved, tell: Told) -> None:
    guarded = _triggers(goal)
    for name in guarded:
        goal.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    with links_checked_at_the_end(goal):
        for table in stored_tables().values():
            before = (done.added, done.changed, done.removed)
            _copy_table(source, goal, table, done)
            if (done.added, done.changed, done.removed) != before:
                tell(f"{table.name}: {done.added - before[0]} rows added, {done.changed - before[1]} changed, "
                     f"{done.removed - before[2]} removed")  # fmt: skip
    for name in guarded:
        goal.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
    follow_sequences(goal, stored_tables().values())


def _triggers(goal: Connection) -> list[str]:
    """Return the tables whose triggers refuse a change; here they bow to what the first database says."""
    asked = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    return list(goal.scalars(text(asked)))


def _copy_table(source: Connection, goal: Connection, table: Table, done: Moved) -> None:
    """Take out there what is not the same here, then add what is missing: so no two rows ever claim one key or name."""
    kept = locked.as_kept(table)
    keys = [column.name for column in table.primary_key.columns]
    by_key = delete(kept).where(*(kept.c[name] == bindparam(f"key_{name}") for name in keys))
    changed = 0
    with _by_batch(goal, by_key) as take_out:
        for mine, other in _beside(source, goal, table):
            if other is not None and (mine is None or _line(mine) != _line(other)):
                take_out({f"key_{name}": getattr(other, name) for name in keys})
                changed += mine is not None
                done.removed += mine is None
    with _by_batch(goal, insert(kept)) as add:
        for mine, other in _beside(source, goal, table):
            if other is None:
                add(dict(mine._mapping))
                done.added += 1
    done.added -= changed
    done.changed += changed


@contextmanager
def _by_batch(goal: Connection, statement: Any) -> Iterator[Callable[[dict], None]]:
    """Give what runs one statement for many rows, some hundreds at a time."""
    waiting: list[dict] = []

    def act(values: dict) -> None:
        waiting.append(values)
        if len(waiting) == AT_ONCE:
            run()

    def run() -> None:
        if statement.is_insert:
            parts.room_for(goal, statement.table.name, waiting)
        goal.execute(statement, waiting)
        waiting.clear()

    yield act
    if waiting:
        run()


def _beside(source: Connection, goal: Connection, table: Table) -> Iterator[tuple[Row | None, Row | None]]:
    """Walk both in the order of their key, and yield each row beside the other's of the same key."""
    ours, theirs = _walk(source, table), _walk(goal, table)
    mine, other = next(ours, None), next(theirs, None)
    while mine or other:
        if other is None or (mine is not None and mine[0] < other[0]):
            yield mine[1], None
            mine = next(ours, None)
        elif mine is None or other[0] < mine[0]:
            yield None, other[1]
            other = next(theirs, None)
        else:
            yield mine[1], other[1]
            mine, other = next(ours, None), next(theirs, None)


def _walk(connection: Connection, table: Table) -> Iterator[tuple[tuple, Row]]:
    """Yield each row with its key, in the order that both databases have: text by its code points."""
    kept = locked.as_kept(table)
    keys = [kept.c[column.name] for column in table.primary_key.columns]
    query = select(kept).order_by(*(_in_bytes(key, connection) for key in keys))
    for row in connection.execute(query.execution_options(yield_per=AT_ONCE)):
        yield tuple(getattr(row, key.name) for key in keys), row


def _in_bytes(key: ColumnElement, connection: Connection) -> ColumnElement:
    return key.collate("C") if isinstance(key.type, String) and connection.dialect.name == "postgresql" else key


def _line(row: Row) -> bytes:
    """Return what a row says, in a form that is one for both databases."""
    return json.dumps([plain(value) for value in row], sort_keys=True, ensure_ascii=False).encode()


def _check_rows(source: Connection, goal: Connection, done: Moved, tell: Told) -> None:
    """Read both once more and compare each table's count and hash. Raises CannotMove."""
    for table in stored_tables().values():
        ours, theirs = _fingerprint(source, table), _fingerprint(goal, table)
        if ours != theirs:
            raise CannotMove(f"{table.name} is not the same there: {ours[0]} rows here, {theirs[0]} there")
        done.rows += ours[0]
    tell(f"{done.rows} rows are the same on both sides, by count and SHA-256")


def _fingerprint(connection: Connection, table: Table) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    for _, row in _walk(connection, table):
        digest.update(_line(row) + b"\n")
        count += 1
    return count, digest.hexdigest()


def _copy_files(here: storage.Store, there: storage.Store, done: Moved, tell: Told) -> list[str]:
    """Copy the files that are not there yet, several at a time. Returns the names of all of them."""
    known, names = set(there.names()), list(here.names())

    def copy(name: str) -> int:
        try:
            with here.open(name) as content:
                there.keep(name, content)
        except storage.FileMissing:  # removed since it was listed
            return 0
        return 1

    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        for count in pool.map(copy, (name for name in names if name not in known)):
            done.copied += count
            if done.copied and done.copied % AT_ONCE == 0:
                tell(f"{done.copied} files copied")
    return names


def _check_files(names: list[str], here: storage.Store, there: storage.Store, tell: Told) -> int:
    """Read every file back from there, and compare it with its name. Returns how many there are. Raises CannotMove."""

    def differs(name: str) -> str:
        try:
            with there.open(name) as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
        except storage.FileMissing:
            return "" if not here.exists(name) else f"{name} is not there: run this again"
        return "" if digest == name else f"{name} has not the content of its name there: {MEND}"

    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        for problem in pool.map(differs, names):
            if problem:
                raise CannotMove(problem)
    tell(f"{len(names)} files are the same on both sides, by count and SHA-256")
    return len(names)
