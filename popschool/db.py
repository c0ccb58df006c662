"""The database: SQLite or PostgreSQL, one way to write to it.

`transaction()` is that way. The outermost one commits; any error undoes the lot. Reads need nothing.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    MetaData,
    Select,
    bindparam,
    event,
    func,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapper, mapped_column, registry
from sqlalchemy.orm.util import identity_key
from sqlalchemy.types import TypeDecorator
from sqlalchemy.util import LRUCache

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MOST_FORMS = 500
REPLICA = "replica"
SAFE = frozenset({"GET", "HEAD"})
READING = "AUTOCOMMIT"
READING_ENGINE = "popschool.reading_engine"
_turn = threading.RLock()
POSTGRES_LIMITS = (
    "-c statement_timeout=15000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000"
    # to compile takes longer than a page's statement: a wrong guess of rows asks for it
    " -c jit=off"
    # the tables that pages ask stay in memory, where a page of an index costs little more than the next of a table
    " -c random_page_cost=1.1"
)


class UtcMoment(TypeDecorator):
    """An aware moment, kept in UTC on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        return _moment_in_sqlite if dialect.name == "sqlite" else _moment_in_utc


def _moment_in_utc(moment: datetime | None) -> datetime | None:
    """Read a moment of PostgreSQL, which comes in the time zone of its server."""
    return moment.astimezone(UTC) if moment is not None else None


def _moment_in_sqlite(text: str | None) -> datetime | None:
    """Read a moment at once: a page has hundreds of them, and the usual way takes three calls for each."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, mapped_column(UtcMoment())]
Json = Annotated[Any, mapped_column(JSON().with_variant(JSONB(), "postgresql"))]


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map={datetime: UtcMoment()})


@event.listens_for(Base, "before_mapper_configured", propagate=True)
def _give_events(mapper: Mapper, _model: type[Base]) -> None:
    """Give each attribute of a model its place for events.

    SQLAlchemy would look whether it has one by a question that makes a second copy of the column: half of what its
    last preparation of the models takes in memory, and a quarter of its time.
    """
    for attribute in mapper.class_manager.attributes:
        try:
            object.__getattribute__(attribute, "_slots_dispatch")
        except AttributeError:
            attribute._slots_dispatch = type(attribute).dispatch._for_instance(attribute)


class ReadingSession(Session):
    """A session that reads the replica where a page asked for it (replica.py), and writes to the primary alone.

    Pages that only show take the engine whose statements need no transaction (postgres.py), `transaction` the other.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        found = super().get_bind(*args, **kwargs)
        if self.info.get("transaction_depth") or found is not self._db.engine:
            return found
        if has_app_context() and g.get("reads_replica"):
            return self._db.engines[REPLICA]
        return current_app.extensions[READING_ENGINE] if has_request_context() and request.method in SAFE else found


class Database(SQLAlchemy):
    """Flask-SQLAlchemy's, that finds a row by its number with a statement that is kept."""

    def get_or_404(self, entity: Any, ident: Any, **options: Any) -> Any:
        if not options and identity_key(entity, ident) not in self.session.identity_map:
            found = self.session.scalars(_by_number(entity), {"number": ident}).unique().first()
            if found is not None:
                return found
        return super().get_or_404(entity, ident, **options)


@cache
def _by_number(entity: type[Base]) -> Select:
    [key] = inspect(entity).primary_key
    return select(entity).where(key == bindparam("number"))


db = Database(model_class=Base, session_options={"expire_on_commit": False, "class_": ReadingSession})


def unchanging(values: Iterable[str]) -> list[ColumnElement[str]]:
    """Return a list for `in_` that is the same each time: SQLAlchemy writes it once, and not at each execution."""
    return [literal(value) for value in values]


def upsert(table: Any) -> Any:
    """Return an INSERT of rows that may be there already: it has `on_conflict_do_nothing` and `…_do_update`."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def count_up_to(query: Select, most: int | None) -> int:
    """Return how many rows a query gives, or one more than `most` when there are more: they are not read to the end."""
    some = query if most is None else query.limit(most + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


class Forms(LRUCache):
    """How statements were compiled.

    SQLAlchemy looks for a statement by its whole tree, which takes as long as reading a few rows. Those that pages ask
    all day are built once: their tree is the same object each time, and known at once.
    """

    def __init__(self) -> None:
        super().__init__(MOST_FORMS)
        self._of_tree: dict[tuple, tuple[Any, Any]] = {}

    def get(self, key: tuple, default: Any = None) -> Any:
        tree, short = key[1], (key[0], id(key[1]), *key[2:])
        known, form = self._of_tree.get(short, (None, None))
        if known is tree:
            return form
        form = super().get(key, default)
        if form is not None:
            if len(self._of_tree) >= MOST_FORMS:
                self._of_tree.clear()
            self._of_tree[short] = tree, form
        return form


def engine_options(url: str, is_pooled: bool = False) -> dict:
    """Return what SQLAlchemy's engine needs for this kind of database.

    PgBouncer in transaction mode takes no options of a connection and keeps no prepared statement: it sets the limits
    itself (deploy/pgbouncer), and every statement goes out whole.
    """
    # An error that names a statement names no value: it is read in logs.
    kept = {"execution_options": {"compiled_cache": Forms()}, "hide_parameters": True}
    if url.startswith("sqlite"):
        return kept | {"connect_args": {"timeout": 15, "check_same_thread": False}}
    limits = {"prepare_threshold": None} if is_pooled else {"options": POSTGRES_LIMITS}
    return kept | {
        "pool_recycle": 1800,
        "pool_size": 8,
        "max_overflow": 4,
        "connect_args": limits,
    }


def init_app(app: Flask) -> None:
    """Bind the database to the application: SQLite made safe for several writers, PostgreSQL quick to read."""
    db.init_app(app)
    db.metadatas.pop(REPLICA, None)  # a copy has the tables of the database, and none of its own
    with app.app_context():
        app.extensions[READING_ENGINE] = db.engine
        if db.engine.dialect.name == "sqlite" and not event.contains(db.engine, "connect", _on_sqlite_connect):
            event.listen(db.engine, "connect", _on_sqlite_connect)
            event.listen(db.engine, "begin", _on_sqlite_begin)
        if db.engine.dialect.name == "postgresql":
            from popschool import postgres

            app.extensions[READING_ENGINE] = db.engine.execution_options(isolation_level=READING)
            for engine in db.engines.values():
                postgres.watch(engine)


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Any) -> None:
    """Begin reads DEFERRED and writes IMMEDIATE: a read that grew into a write would lose against another writer."""
    writes = connection.get_execution_options().get("writes")
    statement = "BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED"
    try:
        connection.connection.dbapi_connection.execute(statement)
    except sqlite3.OperationalError as refused:  # a disk that takes no more, a lock held too long: as of any statement
        raise OperationalError(statement, None, refused) from refused


@contextmanager
def transaction(lock: Any = ()) -> Iterator[None]:
    """Write to the database: commit at the end of the outermost one, undo everything on any error.

    `lock` is a thing or several (rows or plain names) that no other transaction may hold at the same time, so that what
    is read inside stays true until the commit. SQLite has one writer anyway; PostgreSQL takes advisory locks.
    """
    session = db.session
    if session.info.get("transaction_depth"):
        _take_locks(lock)
        session.info["transaction_depth"] += 1
        try:
            yield
        finally:
            session.info["transaction_depth"] -= 1
        return
    names = _lock_names(lock)
    session.commit()  # ends the read that the request began, and keeps what is loaded
    with _own_turn():
        session.info["transaction_depth"] = 1
        try:
            session.connection(execution_options={"writes": True})
            _advisory_locks(names)
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["transaction_depth"] = 0


def _own_turn() -> AbstractContextManager:
    """Let the threads of this process write to SQLite one after the other.

    It has one writer, and those who wait look again at longer and longer intervals: in a crowd one of them would never
    see it free.
    """
    return _turn if db.engine.dialect.name == "sqlite" else nullcontext()


def hold(*names: str) -> None:
    """Take locks in the transaction that goes on; they are let go at its end."""
    _advisory_locks(sorted(names))


def _take_locks(lock: Any) -> None:
    _advisory_locks(_lock_names(lock))


def _lock_names(lock: Any) -> list[str]:
    if isinstance(lock, str) or not isinstance(lock, Iterable):
        lock = (lock,)
    return sorted(_lock_name(thing) for thing in lock)


def _lock_name(thing: Any) -> str:
    if isinstance(thing, str):
        return thing
    return f"{type(thing).__name__}/{'/'.join(str(part) for part in inspect(thing).identity or ())}"


def _advisory_locks(names: list[str]) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    for name in names:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def is_reachable(engine: Engine) -> bool:
    """Say whether the database answers a trivial question."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1")).scalar_one() == 1
