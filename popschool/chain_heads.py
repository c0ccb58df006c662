"""The last line of each chain, in a row of its own that the database keeps: a line that does not follow it is refused.

So no chain can fork, though its lines lie in several parts (parts.py) and no index spans them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import DDL, Connection, event, text


@dataclass(frozen=True)
class Kept:
    """`lines`: the table of a chain's lines, `chain` their column that says which; `head`: the table of last lines."""

    lines: str
    chain: str
    head: str

    @property
    def trigger(self) -> str:
        return f"{self.lines}_follows"

    def made(self) -> list[tuple[str, str]]:
        """Return the statements that keep the last lines, each with the database it is for.

        On SQLite a unique rule keeps a chain from forking; its trigger only notes the last line.
        """
        last = f"NEW.{self.chain}, NEW.sequence, NEW.hash"
        function = (
            f"CREATE OR REPLACE FUNCTION {self.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.sequence = 1 THEN INSERT INTO {self.head} ({self.chain}, sequence, hash) VALUES ({last}); "
            f"RETURN NEW; END IF; "
            f"UPDATE {self.head} SET sequence = NEW.sequence, hash = NEW.hash WHERE {self.chain} = NEW.{self.chain} "
            f"AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash; "
            f"IF NOT FOUND THEN RAISE unique_violation USING MESSAGE = "
            f"format('line %s of chain %s in {self.lines} does not follow the last one', NEW.sequence, "
            f"NEW.{self.chain}), CONSTRAINT = '{self.trigger}'; END IF; RETURN NEW; END $$"
        )
        return [
            (function, "postgresql"),
            (
                f"CREATE TRIGGER {self.trigger} BEFORE INSERT ON {self.lines} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.trigger}()",
                "postgresql",
            ),
            (
                f"CREATE TRIGGER {self.trigger} AFTER INSERT ON {self.lines} BEGIN "
                f"INSERT INTO {self.head} ({self.chain}, sequence, hash) VALUES ({last}) ON CONFLICT ({self.chain}) "
                f"DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash "
                f"WHERE excluded.sequence > {self.head}.sequence; END",
                "sqlite",
            ),
        ]

    def catch_up(self) -> str:
        """Return the statement that brings the last lines to what the lines say; one that lies further stays."""
        return (
            f"INSERT INTO {self.head} ({self.chain}, sequence, hash) SELECT {self.chain}, sequence, hash "
            f"FROM {self.lines} WHERE ({self.chain}, sequence) IN (SELECT {self.chain}, max(sequence) "
            f"FROM {self.lines} GROUP BY {self.chain}) ON CONFLICT ({self.chain}) DO UPDATE SET "
            f"sequence = excluded.sequence, hash = excluded.hash WHERE excluded.sequence > {self.head}.sequence"
        )


@dataclass(frozen=True)
class Claimed:
    """`lines`: a table whose `key`, where there is one, is of one line alone; `claims`: the table of those keys."""

    lines: str
    key: str
    claims: str

    @property
    def trigger(self) -> str:
        return f"{self.lines}_claims"

    def made(self) -> list[tuple[str, str]]:
        """Return the statements that keep the keys, each with its database; on SQLite a unique rule refuses."""
        into = f"INTO {self.claims} ({self.key}) VALUES (NEW.{self.key})"
        return [
            (
                f"CREATE OR REPLACE FUNCTION {self.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"INSERT {into}; RETURN NEW; END $$",
                "postgresql",
            ),
            (
                f"CREATE TRIGGER {self.trigger} BEFORE INSERT ON {self.lines} FOR EACH ROW "
                f"WHEN (NEW.{self.key} IS NOT NULL) EXECUTE FUNCTION {self.trigger}()",
                "postgresql",
            ),
            (
                f"CREATE TRIGGER {self.trigger} AFTER INSERT ON {self.lines} WHEN NEW.{self.key} IS NOT NULL "
                f"BEGIN INSERT OR IGNORE {into}; END",
                "sqlite",
            ),
        ]

    def catch_up(self) -> str:
        """Return the statement that notes the keys that are not noted yet."""
        return (
            f"INSERT INTO {self.claims} ({self.key}) SELECT {self.key} FROM {self.lines} WHERE {self.key} IS NOT NULL "
            f"ON CONFLICT DO NOTHING"
        )


KEPT: dict[str, Kept] = {}
CLAIMED: dict[str, Claimed] = {}


def follows_its_head(head: str, chain: str) -> Callable[[Any], Any]:
    """Give a model's table the trigger that keeps its last lines in `head`, when it is created."""

    def keep(model: Any) -> Any:
        kept = KEPT[model.__tablename__] = Kept(model.__tablename__, chain, head)
        return _made_with(model, kept)

    return keep


def claims_its_key(claims: str, key: str) -> Callable[[Any], Any]:
    """Give a model's table the trigger that keeps its keys in `claims`, when it is created."""

    def keep(model: Any) -> Any:
        claimed = CLAIMED[model.__tablename__] = Claimed(model.__tablename__, key, claims)
        return _made_with(model, claimed)

    return keep


def _made_with(model: Any, kept: Kept | Claimed) -> Any:
    for statement, dialect in kept.made():
        event.listen(model.__table__, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))
    return model


@contextmanager
def not_followed(connection: Connection) -> Iterator[None]:
    """Let lines come back in any order, for the account that owns the tables; the last ones are noted at the end."""
    if connection.dialect.name != "postgresql":
        yield
        return
    there = [
        one
        for one in (*KEPT.values(), *CLAIMED.values())
        if connection.scalar(text(f"SELECT count(*) FROM pg_trigger WHERE tgname = '{one.trigger}'"))
    ]
    for kept in there:
        connection.execute(text(f"ALTER TABLE {kept.lines} DISABLE TRIGGER {kept.trigger}"))
    yield
    for kept in there:
        connection.execute(text(kept.catch_up()))
        connection.execute(text(f"ALTER TABLE {kept.lines} ENABLE TRIGGER {kept.trigger}"))
