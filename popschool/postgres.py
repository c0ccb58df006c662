"""What reading PostgreSQL need not cost: a question to every connection, a transaction, names of columns, plans again.

Reads need no transaction: each statement sees what was committed when it began, inside one or not, and two journeys to
the database are spared. Writing takes one, always (`db.transaction`).
"""

import select
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Self, overload

import psycopg
from psycopg import Column
from psycopg._preparing import PrepareManager
from psycopg._queries import MAX_CACHED_STATEMENT_PARAMS, PostgresQuery, _query2pg_nocache
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError

from popschool.errors import CannotServe

SECONDS_TRUSTED = 30
MOST_TEXTS = 256
_read = lru_cache(MOST_TEXTS)(lambda text, encoding: _query2pg_nocache(text.encode(encoding), encoding))


class Columns(Sequence[Column]):
    """What the columns of an answer are called, looked up only by who asks: SQLAlchemy knows them already, mostly."""

    def __init__(self, cursor: psycopg.Cursor, count: int):
        self._cursor, self._count = cursor, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Column: ...
    @overload
    def __getitem__(self, index: slice) -> list[Column]: ...
    def __getitem__(self, index: int | slice) -> Column | list[Column]:
        if isinstance(index, slice):
            return [Column(self._cursor, each) for each in range(*index.indices(self._count))]
        return Column(self._cursor, range(self._count)[index])

    def __iter__(self) -> Iterator[Column]:
        return iter(self[:])


class Question(PostgresQuery):
    """A statement whose text is read once however long it is: psycopg reads one of 4,096 letters again each time."""

    def convert(self, query: Any, vars: Any) -> None:
        if type(query) is not str or vars is None or len(vars) > MAX_CACHED_STATEMENT_PARAMS:
            return super().convert(query, vars)
        self.query, self._want_formats, self._order, self._parts = _read(query, self._tx.encoding)
        return self.dump(vars)


class Cursor(psycopg.Cursor):
    """A cursor that describes its columns when it is asked for them."""

    _query_cls = Question

    @property
    def description(self) -> Sequence[Column] | None:
        answer = self.pgresult
        if answer is not None and answer.nfields:
            return Columns(self, answer.nfields)
        return super().description

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        """Ask; what was prepared on a table that a migration has since changed is forgotten, and a read asks anew."""
        try:
            return super().execute(query, params, **how)
        except psycopg.errors.FeatureNotSupported:  # "cached plan must not change result type"
            self.connection._prepared.forget()
            if not self.connection.autocommit:
                raise
        return super().execute(query, params, **how)


class Prepared(PrepareManager):
    """The statements that the server has prepared, which it keeps when a transaction is undone.

    psycopg forgets them then, lest a table made in that transaction be made otherwise later: none is. After each form
    that was sent, pages would be planned anew, which takes longer than they do.
    """

    def clear(self) -> bool:
        return False

    def forget(self) -> None:
        """Prepare everything anew."""
        super().clear()


class Connection(psycopg.Connection):
    """A connection that keeps what it has prepared."""

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more)
        self.cursor_factory = Cursor
        self._prepared = Prepared()


def watch(engine: Engine) -> None:
    """Look at each connection before it is used again: one that the server has ended is replaced, with all others."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _remember)
    event.listen(engine, "checkout", _look)


def _connect(_dialect: Any, _record: Any, given: Any, more: Any) -> Connection:
    """Open a connection. Raises CannotServe when the database does not keep its text in UTF-8."""
    connection = Connection.connect(*given, **more)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in ("UTF8", None):
        name = connection.info.dbname
        connection.close()
        raise CannotServe(
            f"the database {name} keeps its text in {encoding}, and names come in all alphabets: make it again with "
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
        )
    return connection


def _remember(_connection: Any, record: Any) -> None:
    record.info["left_at"] = time.monotonic()


def _look(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection whether it still answers, if it has something to say or has said nothing for long.

    A server that stops, or that ends a connection, says so on it: looking costs a thousandth of asking.
    """
    left_at = record.info.get("left_at")
    if left_at is None or (time.monotonic() - left_at < SECONDS_TRUSTED and not _has_news(connection)):
        return
    as_before = connection.autocommit
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = as_before
    except psycopg.Error as gone:
        raise InvalidatePoolError from gone


def _has_news(connection: psycopg.Connection) -> bool:
    if connection.closed:
        return True
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    return bool(news.poll(0))
