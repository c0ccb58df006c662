"""The rows of a database as what they say, so that what two people did can be compared."""

import json
import re
from collections import Counter

from sqlalchemy import DateTime, Integer, LargeBinary, Table, select

from popschool.db import Base, db
from tests.journeys.installation import Installation

# What the installation does on its own, sooner or later: jobs, messages on their way, copies made ready.
ASIDE = re.compile(
    "job|outgoing|notice|summary|sync_run|review_copy|sheet_paper|presence_day|rendered|search|page_draft|audit|device|attempt"
)
# What is drawn by chance, or differs with the person.
BY_CHANCE = re.compile(
    "key|token|secret|hash|salt|receipt|device|address|commit|blob|patch|session|seal|previous|number|outcome|branch"
)


def everything(where: Installation) -> Counter:
    """Return each row of the database as what it says, without its ids, its moments and what is drawn by chance."""
    with where.records():
        return Counter(
            (table.name, *line)
            for table in Base.metadata.sorted_tables
            if not ASIDE.search(table.name)
            for line in lines_of(table)
        )


def lines_of(table: Table) -> list[tuple]:
    kept = [
        column
        for column in table.columns
        if not column.primary_key and not column.foreign_keys and not BY_CHANCE.search(column.name)
        and not isinstance(column.type, LargeBinary)
    ]  # fmt: skip
    return [tuple(map(plain, kept, row)) for row in db.session.execute(select(*kept))] if kept else []


def plain(column, value) -> tuple[str, str]:
    """Return a value that can be compared: numbers in words are the numbers of people and things."""
    if isinstance(column.type.dialect_impl(db.engine.dialect), DateTime) or hasattr(value, "hour"):
        return column.name, str(value is not None)
    if isinstance(column.type, Integer) and column.name.endswith("_id"):
        return column.name, ""
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return column.name, re.sub(r"\d+", "#", re.sub(r"\b[0-9a-f]{8,}\b", "…", text.replace("\r", "").replace("\\r", "")))
