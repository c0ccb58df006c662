"""How many rows PostgreSQL takes from its tables and indexes for what is asked."""

from contextlib import contextmanager

from sqlalchemy import event

from popschool.db import db


@contextmanager
def rows_read():
    """Count the rows that PostgreSQL takes from tables and indexes. It prefers indexes, as where tables are large."""
    read = []

    def explain(_connection, cursor, statement, parameters, *_rest):
        if statement.startswith(("SELECT", "WITH")):
            with cursor.connection.cursor() as other:
                other.execute("SET LOCAL enable_seqscan = off")
                [plan] = other.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).fetchone()
            read.append(rows_of(plan[0]["Plan"]))

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        yield read
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)


def rows_of(node: dict) -> int:
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    taken = own * node["Actual Loops"] if "Relation Name" in node else 0
    return round(taken) + sum(rows_of(one) for one in node.get("Plans", ()))
