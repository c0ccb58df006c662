"""Old parts of large tables, put away in files: written, read back, and only then taken out of the database.

A file is a zip: `CHAIN.jsonl` holds the lines of one chain in their order, each with all that its tables say of it,
and `part.json` says what there is. It is kept in the store under its SHA-256, so backups hold it; chains are verified
through it as before; and it can be put back. Broken off anywhere, the command is run again: nothing is lost.
"""

import hashlib
import heapq
import json
import shutil
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any, BinaryIO

from sqlalchemy import BigInteger, Connection, String, Table, UniqueConstraint, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from popschool import parts, storage
from popschool.chain_heads import KEPT, Kept, not_followed
from popschool.db import Base, Moment, db, transaction
from popschool.parts import A_YEAR, GROUPS, Group, Part
from popschool.plain_rows import one_moment, plain, typed

FORMAT = 1
BATCH = 1000
LISTED = "part.json"
# Of each group: why a part must still stay, as the feature that owns it says; nothing when it may go.
STAYS: dict[str, Callable[[Connection, Part], str]] = {}


class CannotArchive(RuntimeError):
    """Why nothing was put away, or back."""


class ArchivedPart(Base):
    """A part that was written to a file. `away_at`: since when its rows are in the file alone."""

    __tablename__ = "archived_part"
    __table_args__ = (UniqueConstraint("part_of", "low", "hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    part_of: Mapped[str] = mapped_column(String(20))
    low: Mapped[int] = mapped_column(BigInteger)
    high: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int]
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]
    hash: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[Moment]
    away_at: Mapped[Moment | None]

    @property
    def name(self) -> str:
        return f"{self.part_of}/{self.low}"


@dataclass(frozen=True)
class Seen:
    """What the command says of one part; `hash` is that of its file, `outcome` what was done or why nothing was."""

    part: str
    lines: int
    first_at: datetime | None
    last_at: datetime | None
    hash: str
    outcome: str


def put_away(before: datetime, now: datetime, *, is_dry: bool = False) -> list[Seen]:
    """Put away each part whose last line is older than `before`, at least a year ago. Raises CannotArchive."""
    _only_postgresql()
    if before > now - A_YEAR:
        raise CannotArchive("parts are put away a year after their last line at the earliest")
    return [_put_one_away(name, part, before, now, is_dry) for name, group in GROUPS.items() for part in _closed(group)]


def seen(kept: ArchivedPart, outcome: str) -> Seen:
    """Return what the command says of a part that has its file."""
    return Seen(kept.name, kept.lines, kept.first_at, kept.last_at, kept.hash, outcome)


def _only_postgresql() -> None:
    if db.engine.dialect.name != "postgresql":
        raise CannotArchive("SQLite keeps its tables whole: only PostgreSQL has parts")


def _closed(group: Group) -> list[Part]:
    """Return the parts that take no more lines, oldest first."""
    with db.engine.connect() as connection:
        last = parts.reached(connection, group)
        return [part for part in parts.found(connection, group.first) if part.high <= last]


def _put_one_away(name: str, part: Part, before: datetime, now: datetime, is_dry: bool) -> Seen:
    group = GROUPS[name]
    with one_moment() as connection:
        lines, first_at, last_at = _extent(connection, group, part)
        stays = _why_it_stays(connection, name, part, lines, last_at, before)
    said = (f"{name}/{part.low}", lines, first_at, last_at)
    if stays or is_dry:
        return Seen(*said, "", stays or "would be put away")
    kept = _written(name, part, now)
    _read_back(kept)
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        _take_out(connection, group, part, kept, now)
    return Seen(*said, kept.hash, "put away")


def _extent(connection: Connection, group: Group, part: Part) -> tuple[int, datetime | None, datetime | None]:
    return connection.execute(text(f"SELECT count(*), min(at), max(at) FROM {part.name}")).one()


def _why_it_stays(
    connection: Connection, name: str, part: Part, lines: int, last_at: datetime | None, before: datetime
) -> str:
    if not lines or last_at is None:
        return "stays: it is empty"
    if last_at >= before:
        return "stays: its last line is too recent"
    chained = connection.scalar(text(f"SELECT count(*) FROM {_of(_kept(GROUPS[name]).lines, part)}"))
    if chained != lines:
        return "stays: some of its lines wait for their place in a chain"
    return STAYS[name](connection, part) if name in STAYS else ""


def _kept(group: Group) -> Kept:
    return next(KEPT[table] for table in group.tables if table in KEPT)


def _of(table: str, part: Part) -> str:
    return f"{table}{parts.PART}{part.name.rpartition(parts.PART)[2]}"


def _written(name: str, part: Part, now: datetime) -> ArchivedPart:
    """Write a part to a file of the store, unless it is there already, and note it."""
    with tempfile.TemporaryFile() as file:
        with one_moment() as connection:
            listed = _write(connection, name, part, file)
        file.seek(0)
        stored = storage.put(file)
    known = (ArchivedPart.part_of == name, ArchivedPart.low == part.low, ArchivedPart.hash == stored.hash)
    kept = db.session.scalars(select(ArchivedPart).where(*known)).first()
    if kept is None:
        kept = ArchivedPart(
            part_of=name, low=part.low, high=part.high, lines=listed["lines"],
            first_at=datetime.fromisoformat(listed["first_at"]), last_at=datetime.fromisoformat(listed["last_at"]),
            hash=stored.hash, size=stored.size, made_at=now,
        )  # fmt: skip
        with transaction():
            db.session.add(kept)
    db.session.commit()  # ends the read: what follows takes the tables for itself
    return kept


def _write(connection: Connection, name: str, part: Part, file: BinaryIO) -> dict[str, Any]:
    group = GROUPS[name]
    kept = _kept(group)
    lines, first_at, last_at = _extent(connection, group, part)
    chains: dict[str, dict] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for chain in _chains(connection, group, part):
            said = {"lines": 0, "first": None, "last": None}
            with packed.open(_entry(f"{chain}.jsonl"), "w", force_zip64=True) as member:
                for sequence, line in _lines_of_chain(connection, group, part, chain):
                    member.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
                    hash_ = line[kept.lines][0]["hash"]
                    said["first"] = said["first"] or [sequence, hash_]
                    said["last"] = [sequence, hash_]
                    said["lines"] += 1
            chains[str(chain)] = said
        listed = {
            "format": FORMAT, "part_of": name, "low": part.low, "high": part.high, "lines": lines,
            "first_at": first_at.isoformat(), "last_at": last_at.isoformat(), "chains": chains,
        }  # fmt: skip
        packed.writestr(_entry(LISTED), json.dumps(listed, indent=1).encode())
    return listed


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a member's name without a moment: the same lines make the same file."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _chains(connection: Connection, group: Group, part: Part) -> list[int]:
    kept = _kept(group)
    return list(connection.scalars(text(f"SELECT DISTINCT {kept.chain} FROM {_of(kept.lines, part)} ORDER BY 1")))


def _lines_of_chain(
    connection: Connection, group: Group, part: Part, chain: int
) -> Iterator[tuple[int, dict[str, list[dict]]]]:
    """Yield each line's place in its chain, and the rows that each table has of it."""
    kept = _kept(group)
    number, after = group.tables[kept.lines], 0
    asked = text(
        f"SELECT sequence, {number} AS number FROM {_of(kept.lines, part)} WHERE {kept.chain} = :chain "
        "AND sequence > :after ORDER BY sequence LIMIT :most"
    )
    while places := connection.execute(asked, {"chain": chain, "after": after, "most": BATCH}).all():
        rows: dict[int, dict[str, list[dict]]] = defaultdict(dict)
        for name, column in group.tables.items():
            table = Base.metadata.tables[name]
            query = select(table).where(table.c[column].in_([one.number for one in places]))
            for row in connection.execute(query.order_by(*table.primary_key.columns)):
                said = {key: plain(value) for key, value in row._mapping.items()}
                rows[said[column]].setdefault(name, []).append(said)
        for one in places:
            yield one.sequence, rows[one.number]
        after = places[-1].sequence


def _read_back(kept: ArchivedPart) -> None:
    """Read a file from the store as a restore would, and compare it with its list. Raises CannotArchive."""
    with Opened([kept]) as away:
        listed = away.listed(kept)
        count, lines = 0, _kept(GROUPS[kept.part_of]).lines
        for chain, said in listed["chains"].items():
            last = None
            for one in away.lines(int(chain)):
                last = [one[lines][0].sequence, one[lines][0].hash]
                count += 1
            if last != said["last"]:
                raise CannotArchive(f"{kept.name}: the chain {chain} was not read back as it was written")
    if count != kept.lines or listed["lines"] != kept.lines:
        raise CannotArchive(f"{kept.name}: {kept.lines} lines were written, {count} read back")


def _take_out(connection: Connection, group: Group, part: Part, kept: ArchivedPart, now: datetime) -> None:
    """Take a part out of the database, if it still holds as many lines as its file."""
    for name in reversed(group.tables):  # what points to the first table goes before it
        connection.execute(text(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
    if _extent(connection, group, part)[0] != kept.lines:
        raise CannotArchive(f"{kept.name}: lines came meanwhile; run the command again")
    for name in reversed(group.tables):
        connection.execute(text(f"ALTER TABLE {name} DETACH PARTITION {_of(name, part)}"))
        connection.execute(text(f"DROP TABLE {_of(name, part)}"))
    table = ArchivedPart.__table__
    connection.execute(table.update().where(table.c.id == kept.id).values(away_at=now))


def bring_back(name: str) -> ArchivedPart:
    """Put a part that is away back into its tables, each row compared with its file, which stays.

    In the database that it came from or in another, restored from a backup: SQLite too, whose tables are whole. Raises
    CannotArchive.
    """
    kept = next((one for one in away() if one.name == name), None)
    if kept is None:
        raise CannotArchive(f"no part {name} is away: popschool archive lists those that are")
    group = GROUPS[kept.part_of]
    _read_back(kept)
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            _have_a_part(connection, group, kept)
        with not_followed(connection), Opened([kept]) as opened:
            for chain in opened.listed(kept)["chains"]:
                lines = opened.lines(int(chain))
                while some := list(islice(lines, BATCH)):
                    _add(connection, group, some, kept)
        table = ArchivedPart.__table__
        connection.execute(table.update().where(table.c.id == kept.id).values(away_at=None))
    db.session.expire_all()
    return kept


def _have_a_part(connection: Connection, group: Group, kept: ArchivedPart) -> None:
    """Make the part again, unless the tables have room for its lines: those of a database that was restored have."""
    for name in group.tables:
        if not any(one.low <= kept.low < one.high for one in parts.found(connection, name)):
            said = {"owner": name, "low": kept.low, "high": kept.high}
            connection.execute(text("SELECT add_part(:owner, :low, :high)"), said)


def _add(
    connection: Connection, group: Group, lines: list[dict[str, list[SimpleNamespace]]], kept: ArchivedPart
) -> None:
    """Add lines to each table of the group, and read them again: they are what the file says, or nothing is kept."""
    first, number = next(iter(group.tables.items()))
    numbers = [getattr(line[first][0], number) for line in lines]
    for name, column in group.tables.items():
        table = Base.metadata.tables[name]
        rows = [vars(row) for line in lines for row in line.get(name, ())]
        if rows:
            connection.execute(insert(table), rows)
        found = connection.execute(select(table).where(table.c[column].in_(numbers)))
        if _told(row._mapping for row in found) != _told(rows):
            raise CannotArchive(f"{kept.name}: {name} did not take the rows as its file has them")


def _told(rows: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return rows as their file tells them, in no order."""
    return Counter(json.dumps({key: plain(value) for key, value in row.items()}, sort_keys=True) for row in rows)


def away(part_of: str | None = None) -> list[ArchivedPart]:
    """Return the parts whose rows are in their file alone, oldest first."""
    query = select(ArchivedPart).where(ArchivedPart.away_at.is_not(None))
    query = query.order_by(ArchivedPart.part_of, ArchivedPart.low)
    return list(db.session.scalars(query if part_of is None else query.where(ArchivedPart.part_of == part_of)))


@contextmanager
def opened(part_of: str) -> Iterator["Opened"]:
    """Open every part of a group that is away. Nothing is read before a line is asked for."""
    with Opened(away(part_of)) as found:
        yield found


class Opened:
    """The files of parts that are away: each is fetched once, when a line of it is asked for."""

    def __init__(self, kept: list[ArchivedPart]):
        self.kept = kept
        self._files: dict[str, zipfile.ZipFile] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stack.close()

    def listed(self, one: ArchivedPart) -> dict[str, Any]:
        """Return what a file says that it holds."""
        return json.loads(self._file(one).read(LISTED))

    def chains(self) -> set[int]:
        return {int(chain) for one in self.kept for chain in self.listed(one)["chains"]}

    def lines(self, chain: int, after: int = 0) -> Iterator[dict[str, list[SimpleNamespace]]]:
        """Yield the lines of a chain in their order, from every file: table → its rows, as a model has them."""
        found = [self._lines_in(one, chain, after) for one in self.kept if str(chain) in self.listed(one)["chains"]]
        for _sequence, line in heapq.merge(*found, key=lambda pair: pair[0]):
            yield line

    def line(self, chain: int, sequence: int) -> dict[str, list[SimpleNamespace]] | None:
        """Return one line of a chain; None when no file has it."""
        for one in self.kept:
            said = self.listed(one)["chains"].get(str(chain))
            if said and said["first"][0] <= sequence <= said["last"][0]:
                found = next(self._lines_in(one, chain, sequence - 1), None)
                if found is not None and found[0] == sequence:
                    return found[1]
        return None

    def _lines_in(
        self, one: ArchivedPart, chain: int, after: int
    ) -> Iterator[tuple[int, dict[str, list[SimpleNamespace]]]]:
        lines = _kept(GROUPS[one.part_of]).lines
        with self._file(one).open(f"{chain}.jsonl") as member:
            for written in member:
                said = json.loads(written)
                if said[lines][0]["sequence"] > after:
                    yield said[lines][0]["sequence"], {name: _typed(name, rows) for name, rows in said.items()}

    def _file(self, one: ArchivedPart) -> zipfile.ZipFile:
        if one.hash not in self._files:
            copy = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack closes it
            try:
                with storage.open(one.hash) as content:
                    shutil.copyfileobj(content, copy, storage.CHUNK)
            except storage.FileMissing as error:
                raise CannotArchive(f"{one.name}: its file {one.hash} is missing") from error
            copy.seek(0)
            if hashlib.file_digest(copy, "sha256").hexdigest() != one.hash:
                raise CannotArchive(f"{one.name}: its file has not the content of its name")
            self._files[one.hash] = self._stack.enter_context(zipfile.ZipFile(copy))
        return self._files[one.hash]


def _typed(name: str, rows: list[dict]) -> list[SimpleNamespace]:
    table: Table = Base.metadata.tables[name]
    return [SimpleNamespace(**{key: typed(table.c[key].type, value) for key, value in row.items()}) for row in rows]
