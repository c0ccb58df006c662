"""Values that only this installation reads: locked before they reach the database, with keys kept outside it.

The keys are lines of a file (setting LOCK_KEYS): the first locks, all of them open. A locked value names its key, so
that a wrong file is told from a broken value. Without its key a value stays as it is: nothing is lost, nothing shown.
"""

import base64
import contextlib
import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import Column, Table, Text, func, inspect, literal, literal_column, select, type_coerce, update
from sqlalchemy import column as bare_column
from sqlalchemy import table as bare_table
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

from popschool import jobs
from popschool.db import Base, db, transaction
from popschool.errors import RuleBroken

if TYPE_CHECKING:
    from cryptography.fernet import Fernet  # heavy, and most requests never need it

HEAD = "lock1:"
ID_LENGTH = 8
BATCH = 200
ABOUT = "# Keys of what Popschool locks. Keep a copy of this file, away from the database. The first key locks.\n"


@dataclass
class LockedAway(DontWrapMixin, RuleBroken):
    """A value is locked with a key that is not here, or is not what was locked. It stays as it is."""

    key_id: str


class KeysMissing(DontWrapMixin, RuleBroken):
    """The file of keys is not there, and the database holds locked values: no new key is made over it."""


class KeysUnreadable(DontWrapMixin, RuleBroken):
    """The file of keys holds a line that is no key."""


@dataclass(frozen=True)
class Key:
    """One key, and the name that a locked value gives it: it says nothing of the key."""

    id: str
    text: str
    box: "Fernet"


def _key(text: str) -> Key:
    from cryptography.fernet import Fernet

    try:
        box = Fernet(text)
    except ValueError as error:
        raise KeysUnreadable from error
    name = hashlib.sha256(b"popschool lock" + base64.urlsafe_b64decode(text)).hexdigest()[:ID_LENGTH]
    return Key(name, text, box)


def _new_text() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def path() -> Path:
    return Path(current_app.config["POPSCHOOL"].lock_path)


_read: dict[Path, tuple[tuple[int, int, int], list[Key]]] = {}


def keyring() -> list[Key]:
    """Return the keys, the one that locks first; made the first time. Raises KeysMissing or KeysUnreadable."""
    place = path()
    try:
        state = os.stat(place)
    except FileNotFoundError:
        if any(any(counted(one)) for one in columns()):
            raise KeysMissing from None
        _write(place, [_key(_new_text())], is_first=True)
        state = os.stat(place)
    stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
    known = _read.get(place)
    if known is None or known[0] != stamp:
        lines = [line.strip() for line in place.read_text().splitlines()]
        found = [_key(line) for line in lines if line and not line.startswith("#")]
        if not found:
            raise KeysUnreadable
        known = _read[place] = (stamp, found)
    return known[1]


def _write(place: Path, found: list[Key], is_first: bool = False) -> None:
    """Put the whole file in place at once, readable by its owner alone."""
    place.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=place.parent, prefix=".lock_keys")
    try:
        with os.fdopen(number, "w") as file:
            file.write(ABOUT + "".join(f"{key.text}\n" for key in found))
            file.flush()
            os.fsync(file.fileno())
        if not is_first:
            os.replace(name, place)
            return
        with contextlib.suppress(FileExistsError):  # another process made it a moment ago
            os.link(name, place)
    finally:
        Path(name).unlink(missing_ok=True)


def lock(value: Any) -> str:
    """Return a value as a text that only the keys open; twice the same value gives two texts."""
    first = keyring()[0]
    return f"{HEAD}{first.id}:{first.box.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()}"


def unlock(text: str) -> Any:
    """Return what was locked. Raises LockedAway, KeysMissing or KeysUnreadable."""
    from cryptography.fernet import InvalidToken

    _head, name, token = text.split(":", 2)
    for key in keyring():
        if key.id == name:
            try:
                return json.loads(key.box.decrypt(token.encode()))
            except InvalidToken as error:
                raise LockedAway(name) from error
    raise LockedAway(name)


def is_locked(text: str) -> bool:
    return text.startswith(HEAD)


class LockedText(TypeDecorator):
    """A text that lies locked. Nothing stays nothing; what a version before left open is read as it is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return lock(value) if value else value

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return unlock(value) if value and is_locked(value) else value


class LockedJson(TypeDecorator):
    """Values that lie locked together; always locked, even when they are empty."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else lock(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else unlock(value)


def columns() -> list[Column]:
    """Return every column that is locked, in the order of its table's name."""
    tables = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    return [one for table in tables for one in table.columns if isinstance(one.type, LockedText | LockedJson)]


def as_kept(table: Table) -> Any:
    """Return a table whose locked values come and go as they lie, for who copies rows and must not open them."""
    if not any(isinstance(one.type, LockedText | LockedJson) for one in table.columns):
        return table
    kept = [
        bare_column(one.name, Text() if isinstance(one.type, LockedText | LockedJson) else one.type)
        for one in table.columns
    ]
    return bare_table(table.name, *kept)


def _raw(one: Column) -> Any:
    return type_coerce(one, Text)


def counted(one: Column) -> Counter[str]:
    """Return how many values each key has locked; under no name, those that still lie open."""
    if not inspect(db.engine).has_table(one.table.name):
        return Counter()
    start = func.substr(_raw(one), 1, len(HEAD) + ID_LENGTH)
    # By its place: each engine must see one expression here and there, and parameters would make two.
    asked = select(start, func.count()).where(_raw(one).is_not(None), _raw(one) != "").group_by(literal_column("1"))
    found: Counter[str] = Counter()
    with db.engine.connect() as connection:
        for text, count in connection.execute(asked):
            found[text[len(HEAD) :] if is_locked(text) else ""] += count
    return found


def _values(column: Column, outside: str) -> Iterator[list[Any]]:
    """Yield, some at a time, the rows whose value a key has not locked, with what tells them apart."""
    table: Table = column.table
    owns = list(table.primary_key.columns)
    last: tuple | None = None
    while True:
        asked = select(*owns, _raw(column)).where(
            _raw(column).is_not(None), _raw(column) != "", _raw(column).not_like(f"{HEAD}{outside}:%")
        )
        if last is not None:
            asked = asked.where(owns[0] > last[0])
        rows = db.session.execute(asked.order_by(owns[0]).limit(BATCH)).all()
        if not rows:
            return
        yield list(rows)
        last = tuple(rows[-1])


def lock_again(tell: Callable[[str, int, int], None] = lambda *_: None) -> int:
    """Lock with the first key whatever another has locked, or lies open. Broken off, it goes on from there.

    Each batch is its own transaction; a value changed meanwhile is left, being locked anew. Raises LockedAway before
    anything is changed when a value needs a key that is not here.
    """
    first, known = keyring()[0].id, {key.id for key in keyring()}
    wanted = {column: counted(column) for column in columns()}
    for found in wanted.values():
        for name in found:
            if name and name not in known:
                raise LockedAway(name)
    done = 0
    for column, found in wanted.items():
        total, count = found.total() - found[first], 0
        owns = list(column.table.primary_key.columns)
        for rows in jobs.stoppable(_values(column, first)):
            with transaction():
                for row in rows:
                    old = row[-1]
                    if is_locked(old):
                        value = unlock(old)
                    else:
                        value = json.loads(old) if isinstance(column.type, LockedJson) else old
                    same = [own == value_ for own, value_ in zip(owns, row, strict=False)]
                    db.session.execute(
                        update(column.table)
                        .where(*same, _raw(column) == old)
                        .values({column: type_coerce(literal(lock(value)), Text)})
                    )
            count += len(rows)
            tell(f"{column.table.name}.{column.name}", count, total)
        done += count
    return done


def rotate(tell: Callable[[str, int, int], None] = lambda *_: None) -> tuple[str, int]:
    """Make a new key and lock everything with it; one that was broken off is finished first, without another key.

    The keys before stay in the file: backups made under them still open. Returns the key's name and how many values.
    """
    found = keyring()
    first = found[0].id
    is_broken_off = len(found) > 1 and any(counted(column).total() > counted(column)[first] for column in columns())
    if not is_broken_off:
        _write(path(), [_key(_new_text()), *found])
    return keyring()[0].id, lock_again(tell)


def forget_old() -> int:
    """Take out of the file the keys that lock nothing here any more. Backups made under them no longer open."""
    found = keyring()
    used = {name for column in columns() for name in counted(column)}
    kept = [key for place, key in enumerate(found) if place == 0 or key.id in used]
    if len(kept) < len(found):
        _write(path(), kept)
    return len(found) - len(kept)


@dataclass(frozen=True)
class State:
    """What lies locked: how many values, how many still open, and those whose key is not here."""

    locked: int
    open: int
    away: dict[str, int]


def state() -> State:
    """Count what is locked, and open one value of each key. Raises KeysMissing, KeysUnreadable or LockedAway."""
    total: Counter[str] = Counter()
    for column in columns():
        total += counted(column)
    if not total:
        return State(0, 0, {})
    known = {key.id for key in keyring()}
    away = {name: count for name, count in total.items() if name and name not in known}
    for column in columns():
        for name in counted(column):
            if name in known:
                _open_one(column, name)
    return State(total.total() - total[""], total[""], away)


def _open_one(column: Column, name: str) -> None:
    with db.engine.connect() as connection:
        text = connection.execute(select(_raw(column)).where(_raw(column).like(f"{HEAD}{name}:%")).limit(1)).scalar()
    if text is not None:
        unlock(text)


jobs.recur("lock what lies open", "popschool.locked:lock_again", at=time(3, 20))
