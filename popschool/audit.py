"""The record of who did what to whom, from where: rows that are added, never rewritten, and chained school by school.

A line of a chain is written just before the commit of the act, when every other lock is held: it is always the last
lock taken, so no two acts wait for each other. `verify` computes every chain again. Who opened somebody's file is
remembered beside, once a day: it is no act.
"""

import heapq
import ipaddress
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import count, groupby
from typing import Any

from flask import has_request_context
from flask.globals import request
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from popschool import archive, jobs, pace
from popschool.append_only import append_only
from popschool.chain_heads import follows_its_head
from popschool.db import Base, Json, Moment, db, hold, transaction, upsert
from popschool.parts import in_parts
from popschool.rules_chain import START, entry_hash, wrong_line

NETWORK = 0
BATCH = 1000
UNCHAINED = "audit_unchained"
FIELDS = ("id", "at", "actor_id", "school_id", "action", "subject_type", "subject_id", "facts", "origin")


@in_parts("audit", by="id")
@append_only
class AuditEntry(Base):
    """One act on one thing. `facts` holds ids and values, never a password, a code or a motive."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "subject_type", "subject_id"), Index(None, "school_id", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    school_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None]
    facts: Mapped[Json]
    origin: Mapped[str] = mapped_column(String(40), default="", server_default="")


@in_parts("audit", by="entry_id")
@append_only
class AuditAbout(Base):
    """A person whom an act is about."""

    __tablename__ = "audit_about"

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, index=True)


class AuditHead(Base):
    """The last line of each chain, which the database keeps itself: no other line can follow the same one."""

    __tablename__ = "audit_head"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


@in_parts("audit", by="entry_id")
@follows_its_head("audit_head", "chain")
@append_only
class AuditLink(Base):
    """The place of an entry in the chain of its school; `chain` 0 is the network's."""

    __tablename__ = "audit_link"
    __table_args__ = (
        UniqueConstraint("chain", "sequence").ddl_if(dialect="sqlite"),
        Index(None, "chain", "sequence").ddl_if(dialect="postgresql"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    chain: Mapped[int]
    sequence: Mapped[int]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class FileReading(Base):
    """Somebody opened another's file; once for each of them, each part of the file and each day."""

    __tablename__ = "file_reading"
    __table_args__ = (UniqueConstraint("person_id", "on", "reader_id", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    on: Mapped[date]
    reader_id: Mapped[int]
    part: Mapped[str] = mapped_column(String(20))
    at: Mapped[Moment] = mapped_column(index=True)


@dataclass
class Checked:
    """What a verification has seen. `waiting`: entries that an older version wrote, chained in the night."""

    chains: int = 0
    entries: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Break:
    """The first place where a chain is not what it was."""

    chain: int
    sequence: int
    what: str


@dataclass(frozen=True)
class Head:
    """The last line of a chain, as it was at a moment."""

    chain: int
    sequence: int
    hash: str


def last_moment() -> datetime | None:
    """Return the latest moment that the last lines of the record name; None when there is none."""
    last = select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(BATCH)
    return max(db.session.scalars(last), default=None)


def record(
    action: str,
    subject: Any,
    *,
    actor_id: int | None,
    now: datetime,
    school_id: int | None = None,
    concerns: Iterable[int] = (),
    **facts: Any,
) -> AuditEntry:
    """Add one entry inside the caller's transaction. A subject just added gets its id first.

    `concerns` names people, beside the person that the subject is or belongs to.
    """
    if subject is not None and getattr(subject, "id", None) is None:
        db.session.flush()
    entry = AuditEntry(
        at=now,
        actor_id=actor_id,
        school_id=school_id if school_id is not None else getattr(subject, "school_id", None),
        action=action,
        subject_type=type(subject).__name__ if subject is not None else "",
        subject_id=getattr(subject, "id", None),
        facts=facts,
        origin=rough_network(request.remote_addr or "") if has_request_context() else "",
    )
    db.session.add(entry)
    db.session.info.setdefault(UNCHAINED, []).append((entry, _concerned(subject, concerns)))
    return entry


def _concerned(subject: Any, concerns: Iterable[int]) -> set[int]:
    is_person = type(subject).__name__ == "Person"
    owner = subject.id if is_person else getattr(subject, "person_id", getattr(subject, "learner_id", None))
    return {*concerns} | ({owner} if isinstance(owner, int) else set())


def rough_network(address: str) -> str:
    """Return the part of an address that says from which network somebody comes, and not which of its machines.

    >>> rough_network("192.0.2.77"), rough_network("2001:db8:1:2:3:4:5:6")
    ('192.0.2.…', '2001:db8:1::…')
    """
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if read.version == 6 and read.ipv4_mapped is not None:
        read = read.ipv4_mapped
    if read.version == 4:
        return f"{str(read).rpartition('.')[0]}.…"
    return f"{ipaddress.ip_network((read, 48), strict=False).network_address}…"


@event.listens_for(db.session, "before_commit")
def _chain_before_commit(session: Session) -> None:
    """Give each entry of this transaction its line, school by school."""
    if session.in_nested_transaction():
        return
    waiting = session.info.pop(UNCHAINED, [])
    if not waiting:
        return
    session.flush()
    session.add_all(
        AuditAbout(entry_id=entry.id, person_id=person_id) for entry, people in waiting for person_id in sorted(people)
    )
    _chain(session, [(entry, sorted(people)) for entry, people in waiting])


@event.listens_for(db.session, "after_rollback")
def _forget_after_rollback(session: Session) -> None:
    session.info.pop(UNCHAINED, None)


def _chain(session: Session, entries: list[tuple[AuditEntry, list[int]]]) -> None:
    entries.sort(key=lambda one: (one[0].school_id or NETWORK, one[0].id))
    for chain, lines in groupby(entries, key=lambda one: one[0].school_id or NETWORK):
        hold(f"audit/{chain}")
        last = session.execute(select(AuditHead.sequence, AuditHead.hash).where(AuditHead.chain == chain)).first()
        sequence, previous = (last.sequence, last.hash) if last else (0, START)
        for entry, people in lines:
            sequence += 1
            made = AuditLink(entry_id=entry.id, chain=chain, sequence=sequence, previous_hash=previous)
            made.hash = previous = entry_hash(previous, _said(entry, chain, sequence, people))
            session.add(made)


def _said(entry: Any, chain: int, sequence: int, people: list[int]) -> dict[str, Any]:
    """Return what a line says; `facts` as the database gives them back."""
    said = {name: getattr(entry, name) for name in FIELDS}
    return said | {
        "facts": json.loads(json.dumps(entry.facts)), "chain": chain, "sequence": sequence, "about": people,
    }  # fmt: skip


def chain_rest() -> None:
    """Chain the entries that an older version wrote, while it still served beside this one."""
    loose = select(AuditEntry).outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
    for _batch in jobs.stoppable(count()):
        with transaction(lock="audit/rest"):
            found = db.session.scalars(
                loose.where(AuditLink.entry_id.is_(None)).order_by(AuditEntry.id).limit(BATCH)
            ).all()
            people = _people_of([entry.id for entry in found])
            _chain(db.session, [(entry, people.get(entry.id, [])) for entry in found])
        db.session.expunge_all()
        if len(found) < BATCH:
            return


def _people_of(entry_ids: list[int]) -> dict[int, list[int]]:
    rows = db.session.execute(
        select(AuditAbout.entry_id, AuditAbout.person_id)
        .where(AuditAbout.entry_id.in_(entry_ids))
        .order_by(AuditAbout.entry_id, AuditAbout.person_id)
    )
    return {entry_id: [row.person_id for row in group] for entry_id, group in groupby(rows, key=lambda row: row[0])}


def verify(checked: Checked) -> Break | None:
    """Compute every chain again; return the first break, None when all are sound. Reads in batches."""
    loose = select(AuditEntry.id).outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
    checked.waiting = len(db.session.scalars(loose.where(AuditLink.entry_id.is_(None))).all())
    last = {head.chain: head for head in heads()}
    known = db.session.scalars(select(AuditLink.chain).distinct()).all()
    try:
        with archive.opened("audit") as away:
            return _verify(sorted({*last, *known, *away.chains()}), last, away, checked)
    except archive.CannotArchive as found:
        return Break(NETWORK, 0, str(found))


def _verify(chains: list[int], last: dict[int, "Head"], away: archive.Opened, checked: Checked) -> Break | None:
    for chain in pace.each(chains, len(chains), "chains"):
        expected, previous, head = 1, START, last.get(chain)
        for line, entry, people in _lines(chain, away):
            said = _said(entry, chain, line.sequence, people)
            wrong = wrong_line(expected, previous, line.sequence, line.previous_hash, said, line.hash)
            if not wrong and (entry.school_id or NETWORK) != chain:
                wrong = "the line is in another school's chain"
            if not wrong and head is not None and line.sequence == head.sequence and line.hash != head.hash:
                wrong = "it is not the line that was the last one"
            if wrong:
                return Break(chain, expected, wrong)
            expected, previous = expected + 1, line.hash
        if head is None or expected <= head.sequence:
            return Break(chain, expected, "the lines at the end are missing")
        checked.entries += expected - 1
        checked.chains += 1
    return None


def heads() -> list[Head]:
    """Return the last line of each chain. Kept elsewhere, it says later that nothing before it was rewritten."""
    rows = db.session.execute(select(AuditHead.chain, AuditHead.sequence, AuditHead.hash).order_by(AuditHead.chain))
    return [Head(*row) for row in rows]


def unanchored(kept: Iterable[Head]) -> Break | None:
    """Return the first line that was kept elsewhere and is not here any more as it was."""
    with archive.opened("audit") as away:
        for head in kept:
            here = db.session.scalar(
                select(AuditLink.hash).where(AuditLink.chain == head.chain, AuditLink.sequence == head.sequence)
            )
            if here is None and (found := away.line(head.chain, head.sequence)):
                here = found["audit_link"][0].hash
            if here is None:
                return Break(head.chain, head.sequence, "a line that was anchored is missing")
            if here != head.hash:
                return Break(head.chain, head.sequence, "it is not the line that was anchored")
    return None


def _lines(chain: int, away: archive.Opened) -> Iterator[tuple[Any, Any, list[int]]]:
    """Yield the lines of a chain, with their entries and people: those of parts that are away among those here."""
    put_away = (
        (one["audit_link"][0], one["audit_entry"][0], [row.person_id for row in one.get("audit_about", ())])
        for one in away.lines(chain)
    )
    return heapq.merge(put_away, _lines_here(chain), key=lambda found: found[0].sequence)


def _lines_here(chain: int) -> Iterator[tuple[AuditLink, AuditEntry, list[int]]]:
    after = 0
    while True:
        rows = db.session.execute(
            select(AuditLink, AuditEntry)
            .join(AuditEntry, AuditEntry.id == AuditLink.entry_id)
            .where(AuditLink.chain == chain, AuditLink.sequence > after)
            .order_by(AuditLink.sequence)
            .limit(BATCH)
            .execution_options(populate_existing=True)
        ).all()
        people = _people_of([entry.id for _line, entry in rows])
        for line, entry in rows:
            yield line, entry, people.get(entry.id, [])
        db.session.expunge_all()
        if len(rows) < BATCH:
            return
        after = rows[-1][0].sequence


def note_readings(reader_id: int, people: Iterable[int], part: str, now: datetime, today: date) -> None:
    """Remember that somebody opened others' files. One statement, whether or not it is known already today."""
    rows = [
        {"person_id": one, "on": today, "reader_id": reader_id, "part": part, "at": now}
        for one in sorted(set(people) - {reader_id})
    ]
    if rows:
        with transaction():
            db.session.execute(upsert(FileReading).values(rows).on_conflict_do_nothing())


def forget_readings(before: datetime) -> None:
    """Remove what is known of files opened long ago: connection logs are kept for a year."""
    with transaction():
        db.session.execute(delete(FileReading).where(FileReading.at < before))


jobs.recur("audit.chain_rest", "popschool.audit:chain_rest", at=time(3, 55))
