"""Which stored files are still named somewhere: the same content is kept once, whoever sent it."""

from collections.abc import Collection, Iterator
from itertools import islice

from sqlalchemy import JSON, Column, String, Text, cast, or_, select

from popschool.db import Base, db

LENGTH = 64
AT_ONCE = 50


def named_in_rows(names: Collection[str], besides: Collection[Column] = ()) -> set[str]:
    """Return those of these files that a row names, in any table, `besides` left out.

    A name stands alone in a column called hash, or ..._hash, or anywhere in a column of JSON.
    """
    found: set[str] = set()
    columns = [one for table in Base.metadata.sorted_tables for one in table.columns if one not in set(besides)]
    for some in _portions(sorted(names)):
        for column in columns:
            left = [name for name in some if name not in found]
            if left and _is_name(column):
                found.update(db.session.scalars(select(column).where(column.in_(left)).distinct()))
            elif left and isinstance(column.type, JSON):
                found.update(_inside(column, left))
    return found


def names_inside(texts: Iterator[str], names: Collection[str]) -> set[str]:
    """Return those of these names that stand in texts."""
    found: set[str] = set()
    for text in texts:
        found.update(name for name in names if name in text)
    return found


def _inside(column: Column, names: Collection[str]) -> set[str]:
    written = cast(column, Text)
    query = select(written).where(or_(*(written.contains(name) for name in names)))
    return names_inside(db.session.scalars(query.execution_options(yield_per=AT_ONCE)), names)


def _is_name(column: Column) -> bool:
    is_hash = column.name == "hash" or column.name.endswith("_hash")
    return is_hash and isinstance(column.type, String) and column.type.length == LENGTH


def _portions(names: list[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, AT_ONCE)):
        yield some
