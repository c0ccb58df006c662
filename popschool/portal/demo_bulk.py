"""Rows by the million in the caller's transaction: COPY on PostgreSQL, insertions on SQLite; and the room they take."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import JSON, Column, func, insert, select, text

from popschool import locked, parts
from popschool import rows as stored
from popschool.attendance.models import Entry, Expected, PresenceDay
from popschool.db import db
from popschool.errors import RuleBroken
from popschool.grading.models import Award, CriterionMark, Feedback
from popschool.projects.models import Submission, SubmissionFile, SubmissionOwner, SubmissionState

BATCH = 2000
LARGE = 200_000
LARGEST = (
    Entry, Expected, PresenceDay, Submission, SubmissionFile, SubmissionOwner, SubmissionState, Feedback,
    CriterionMark, Award,
)  # fmt: skip
# Measured on what `demo` makes, indexes and write-ahead log included, and a fifth more: bytes on (PostgreSQL, SQLite).
BYTES_A_HALF_DAY = (1_300, 1_600)
BYTES_A_LEARNER = (20_000, 40_000)
LOCAL = (None, "", "localhost", "127.0.0.1", "::1")
OWNED = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'attendance_entry'::regclass"
SECONDARY = """
SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS owner, pg_get_indexdef(i.indexrelid) AS made,
       quote_ident(c.conname) AS rule, pg_get_constraintdef(c.oid) AS ruled
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
WHERE i.indrelid = ANY(CAST(:tables AS regclass[])) AND NOT i.indisprimary ORDER BY i.indexrelid
"""


@dataclass
class TooLittleRoom(RuleBroken):
    """The disk of the database has not the room that this demonstration needs; both in bytes."""

    needed: int
    free: int


def take_ids(model: Any, count: int) -> list[int]:
    """Return that many ids of a table, in order, that nothing else will take."""
    if not count:
        return []
    db.session.flush()
    if db.engine.dialect.name == "postgresql":
        asked = text("SELECT nextval(pg_get_serial_sequence(:owner, 'id')) FROM generate_series(1, :count)")
        return list(db.session.scalars(asked, {"count": count, "owner": model.__tablename__}))
    last = db.session.scalar(select(func.coalesce(func.max(model.id), 0)))
    return list(range(last + 1, last + count + 1))


def add(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows that all name the same columns."""
    db.session.flush()
    if db.engine.dialect.name == "postgresql":
        if rows:
            parts.room_for(db.session.connection(), model.__tablename__, rows)
        _copy(model, rows)
        return
    for start in range(0, len(rows), BATCH):
        db.session.execute(insert(model), rows[start : start + BATCH])


def _copy(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    table = model.__table__
    usual = {column.name: value for column in table.columns if (value := _default(column)) is not None}
    columns = [column for column in table.columns if column.name in rows[0] or column.name in usual]
    names = [column.name for column in columns]
    jsons = frozenset(column.name for column in columns if isinstance(column.type, JSON))
    listed = ", ".join(f'"{name}"' for name in names)
    cursor = db.session.connection().connection.cursor()
    with cursor.copy(f'COPY "{table.name}" ({listed}) FROM STDIN') as copy:
        for row in rows:
            whole = usual | row
            copy.write_row([Jsonb(whole[name]) if name in jsons else whole[name] for name in names])
    cursor.close()


def _default(column: Column) -> Any:
    """Return what the program writes into a column when nothing is said; None when the database knows itself."""
    return column.default.arg if column.default is not None and column.default.is_scalar else None


@contextmanager
def bare(is_large: bool) -> Iterator[None]:
    """Leave out links, and indexes of the largest tables, while rows come by the million; make them again at the end.

    Whoever uses the database meanwhile waits. On SQLite, and for an account that does not own the tables, rows come as
    ever.
    """
    if not is_large or db.engine.dialect.name != "postgresql" or not db.session.scalar(text(OWNED)):
        yield
        return
    locked.keyring()  # looks into the tables on another connection when it makes its first key
    connection = db.session.connection()
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    with stored.links_checked_at_the_end(connection):
        tables = [model.__tablename__ for model in LARGEST]
        found = connection.execute(text(SECONDARY), {"tables": tables}).all()
        for one in found:
            connection.execute(
                text(f"ALTER TABLE {one.owner} DROP CONSTRAINT {one.rule}" if one.rule else f"DROP INDEX {one.name}")
            )
        yield
        db.session.flush()
        for one in found:
            added = f"ALTER TABLE {one.owner} ADD CONSTRAINT {one.rule} {one.ruled}"
            connection.execute(text(added if one.rule else one.made.replace(" ON ONLY ", " ON ")))
        for owner in tables:
            connection.execute(text(f"ANALYZE {owner}"))


def check_room(learners: int, half_days: int) -> int:
    """Return the bytes that a demonstration needs. Raises TooLittleRoom when the disk has less, if it can be seen."""
    kind = 0 if db.engine.dialect.name == "postgresql" else 1
    needed = learners * BYTES_A_LEARNER[kind] + half_days * BYTES_A_HALF_DAY[kind]
    folder = _folder()
    free = shutil.disk_usage(folder).free if folder is not None and folder.exists() else None
    if free is not None and free < needed:
        raise TooLittleRoom(needed, free)
    return needed


def _folder() -> Path | None:
    """Return where the database lies; None when it is another machine's, or does not say."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        return Path(url.database).resolve().parent if url.database else None
    if url.host not in LOCAL and not str(url.host).startswith("/"):
        return None
    found = db.session.scalar(text("SELECT setting FROM pg_settings WHERE name = 'data_directory'"))
    return Path(found) if found else None
