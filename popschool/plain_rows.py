"""Rows as they are at one moment, and their values as JSON can say them, both ways."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Date, DateTime, LargeBinary, Numeric, Time, text

from popschool.db import UtcMoment, db


@contextmanager
def one_moment() -> Iterator[Connection]:
    """Read everything as it is at one moment, whatever is written meanwhile."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


def plain(value: Any) -> Any:
    """Return a value as JSON can say it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def typed(kind: Any, value: Any) -> Any:
    """Return a value of a column from what `plain` made of it."""
    if value is None:
        return None
    readers: list[tuple[Any, Any]] = [
        ((DateTime, UtcMoment), datetime.fromisoformat),
        (Date, date.fromisoformat),
        (Time, time.fromisoformat),
        (Numeric, Decimal),
        (LargeBinary, base64.b64decode),
    ]
    for types, reader in readers:
        if isinstance(kind, types) and isinstance(value, str):
            return reader(value)
    return value
