"""The ledger of attendance: adding an entry to a cohort's chain, and computing every chain again."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, union

from popschool import archive, pace
from popschool.attendance.models import ChainHead, ContentRemoval, Entry, EntryContent, HalfDay
from popschool.attendance.models_sheets import Sheet, SheetContent, SheetRemoval
from popschool.attendance.rules import Kind, Method
from popschool.attendance.rules_ledger import START, canonical, content_hash, entry_hash
from popschool.db import db
from popschool.rules_chain import wrong_line

BATCH = 2000
archive.STAYS["attendance"] = lambda _connection, _part: "stays: sheets are verified by its lines"
ENTRY_FIELDS = (
    "cohort_id",
    "sequence",
    "half_day_id",
    "half_day_hash",
    "kind",
    "person_id",
    "by_id",
    "role",
    "method",
    "statement_version",
    "facts",
    "at",
    "received_at",
    "device_sequence",
    "corrects_id",
    "key",
    "content_hash",
)
SHEET_FIELDS = (
    "cohort_id",
    "sequence",
    "monday",
    "version",
    "number",
    "reason",
    "last_entry",
    "last_entry_hash",
    "closed_by_id",
    "second_person_id",
    "closed_at",
    "content_hash",
)


@dataclass(frozen=True)
class Line:
    """What an entry says, before it is chained. `content` is personal; `facts` is what the rules read."""

    kind: Kind
    person_id: int
    by_id: int
    role: str
    at: datetime
    received_at: datetime
    facts: Mapping[str, Any]
    content: Mapping[str, Any]
    method: Method | None = None
    statement_version: str = ""
    device_sequence: int | None = None
    corrects_id: int | None = None
    key: str | None = None


@dataclass(frozen=True)
class Break:
    """The first place where a chain is not what it was: of which cohort, at which line, and what is wrong there."""

    cohort_id: int
    sequence: int
    what: str
    where: str


@dataclass
class Checked:
    """What a verification has seen. `removed`: contents that retention removed. `waiting`: papers not made yet."""

    chains: int = 0
    entries: int = 0
    sheets: int = 0
    removed: int = 0
    papers: int = 0
    waiting: int = 0


def chain_name(cohort_id: int) -> str:
    """Return the name of the lock under which a cohort's chain grows."""
    return f"chain/{cohort_id}"


def half_day_hash(half_day: HalfDay) -> str:
    """Return the hash of a half-day as people see it when they sign."""
    shown = {
        "on": half_day.on,
        "half": half_day.half,
        "starts": half_day.starts.strftime("%H:%M"),
        "ends": half_day.ends.strftime("%H:%M"),
        "pause_minutes": half_day.pause_minutes,
        "time_zone": half_day.time_zone,
        "where": half_day.where,
        "link": half_day.link,
        "module": half_day.module,
        "trainers": sorted(one.person_id for one in half_day.leaders),
    }
    return hashlib.sha256(canonical(shown)).hexdigest()


def append(half_day: HalfDay, line: Line) -> Entry:
    """Add one entry at the end of its cohort's chain. The caller's transaction holds `chain_name`."""
    last = db.session.execute(_last_line(), {"cohort": half_day.cohort_id}).first()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, START)
    salt, content = secrets.token_hex(16), dict(line.content)
    entry = Entry(
        school_id=half_day.school_id,
        cohort_id=half_day.cohort_id,
        sequence=sequence,
        half_day_id=half_day.id,
        half_day_hash=half_day_hash(half_day),
        kind=str(line.kind),
        person_id=line.person_id,
        by_id=line.by_id,
        role=line.role,
        method=str(line.method or ""),
        statement_version=line.statement_version,
        facts=dict(line.facts),
        at=line.at,
        received_at=line.received_at,
        device_sequence=line.device_sequence,
        corrects_id=line.corrects_id,
        key=line.key,
        content_hash=content_hash(salt, content),
        previous_hash=previous,
    )
    entry.hash = entry_hash(previous, {name: getattr(entry, name) for name in ENTRY_FIELDS})
    db.session.add(entry)
    db.session.flush()
    db.session.add(EntryContent(entry_id=entry.id, salt=salt, content=content))
    return entry


@cache
def _last_line() -> Select:
    return select(ChainHead.sequence, ChainHead.hash).where(ChainHead.cohort_id == bindparam("cohort"))


def verify(checked: Checked | None = None) -> Break | None:
    """Compute every chain again, entries then sheets, a cohort at a time; return the first break, None when sound.

    Rows are read in batches, so that memory does not grow with their number; no statement reads more than one chain.
    """
    checked = checked if checked is not None else Checked()
    cohorts = union(select(Entry.cohort_id), select(ChainHead.cohort_id), select(Sheet.cohort_id)).subquery()
    found = db.session.scalars(select(cohorts.c.cohort_id).order_by(cohorts.c.cohort_id)).all()
    db.session.rollback()  # PostgreSQL ends a transaction that waits: the batches have connections of their own
    for cohort_id in pace.each(found, len(found), "cohorts"):
        broken = _verify_entries(cohort_id, checked) or _verify_sheets(cohort_id, checked)
        if broken is not None:
            return broken
    return None


def _verify_entries(cohort_id: int, checked: Checked) -> Break | None:
    columns = [getattr(Entry, name) for name in ENTRY_FIELDS]
    statement = (
        select(
            *columns, Entry.previous_hash, Entry.hash, EntryContent.salt, EntryContent.content, ContentRemoval.entry_id
        )
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .outerjoin(ContentRemoval, ContentRemoval.entry_id == Entry.id)
        .where(Entry.cohort_id == cohort_id)
        .order_by(Entry.sequence)
    )
    expected, previous, last = 1, START, _head_of(cohort_id)
    for row in stream(statement):
        wrong = wrong_with(row, expected, previous, ENTRY_FIELDS, is_removed=row.entry_id is not None)
        if not wrong and last is not None and row.sequence == last.sequence and row.hash != last.hash:
            wrong = "it is not the line that was the last one"
        if wrong:
            return Break(cohort_id, expected, wrong, f"half-day {row.half_day_id}")
        checked.entries += 1
        checked.removed += row.salt is None
        expected, previous = expected + 1, row.hash
    if last is not None and expected <= last.sequence:
        return Break(cohort_id, expected, "the lines at the end are missing", f"line {expected} of this cohort")
    checked.chains += expected > 1
    return None


def _head_of(cohort_id: int) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(_last_line(), {"cohort": cohort_id}).first()


def _verify_sheets(cohort_id: int, checked: Checked) -> Break | None:
    columns = [getattr(Sheet, name) for name in SHEET_FIELDS]
    ledger = select(Entry.hash).where(Entry.cohort_id == Sheet.cohort_id, Entry.sequence == Sheet.last_entry)
    statement = (
        select(
            *columns,
            Sheet.previous_hash,
            Sheet.hash,
            SheetContent.salt,
            SheetContent.content,
            SheetRemoval.sheet_id,
            ledger.scalar_subquery().label("ledger_hash"),
        )
        .outerjoin(SheetContent, SheetContent.sheet_id == Sheet.id)
        .outerjoin(SheetRemoval, SheetRemoval.sheet_id == Sheet.id)
        .where(Sheet.cohort_id == cohort_id)
        .order_by(Sheet.sequence)
    )
    expected, previous = 1, START
    for row in stream(statement):
        wrong = wrong_with(row, expected, previous, SHEET_FIELDS, is_removed=row.sheet_id is not None)
        if not wrong and row.last_entry and row.ledger_hash != row.last_entry_hash:
            wrong = "the ledger is not the one that this sheet closed"
        if wrong:
            return Break(cohort_id, expected, wrong, f"sheet {row.number}")
        checked.sheets += 1
        expected, previous = expected + 1, row.hash
    return None


def wrong_with(row: Any, expected: int, previous: str, names: tuple[str, ...], *, is_removed: bool) -> str:
    """Say what is wrong with a line of a chain; nothing when it is sound. The row begins with `names`, in order."""
    said = dict(zip(names, row, strict=False))
    wrong = wrong_line(expected, previous, row.sequence, row.previous_hash, said, row.hash)
    if wrong:
        return wrong
    if row.salt is None:
        return "" if is_removed else "its content is gone, and no rule removed it"
    return "" if content_hash(row.salt, row.content) == row.content_hash else "its content was changed"


def stream(statement: Any) -> Iterator[Any]:
    """Yield the rows of a statement in batches, on a connection of its own."""
    with db.engine.connect().execution_options(yield_per=BATCH) as connection:
        yield from connection.execute(statement)
