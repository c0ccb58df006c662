"""Reading the record of acts: a school's, for those who answer for it; one's own, for anybody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from popschool.audit import AuditAbout, AuditEntry, FileReading
from popschool.db import count_up_to, db
from popschool.schools.models import Person
from popschool.schools.rules import search_key

READINGS_SHOWN = 40
EXPORTED = 5000


@dataclass(frozen=True)
class Asked:
    """Which acts somebody wants to read; nothing means all of them. `until` is excluded."""

    school_id: int | None = None
    person_id: int | None = None
    actions: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    name: str = ""


@dataclass(frozen=True)
class Act:
    """One act: who, and the people whom it is about, by name."""

    entry: AuditEntry
    actor: Person | None
    people: Sequence[str]


def count_acts(asked: Asked, most: int) -> int:
    """Return how many acts there are, or one more than `most`: the record only grows."""
    return count_up_to(_chosen(select(AuditEntry.id), asked), most)


def read_acts(asked: Asked, skipped: int, most: int) -> list[Act]:
    """Read some acts, the latest first. Two queries."""
    actor = aliased(Person)
    rows = db.session.execute(
        _chosen(select(AuditEntry, actor), asked)
        .outerjoin(actor, actor.id == AuditEntry.actor_id)
        .order_by(*_latest_first(asked))
        .offset(skipped)
        .limit(most)
    ).all()
    names: dict[int, list[str]] = {}
    about = (
        select(AuditAbout.entry_id, Person)
        .join(Person, Person.id == AuditAbout.person_id)
        .where(AuditAbout.entry_id.in_([entry.id for entry, _actor in rows]))
        .order_by(AuditAbout.entry_id, Person.last_name, Person.first_name)
    )
    for entry_id, person in db.session.execute(about):
        names.setdefault(entry_id, []).append(person.name)
    return [Act(entry, who, names.get(entry.id, [])) for entry, who in rows]


def _latest_first(asked: Asked) -> list[Any]:
    """Of everything, the order of the numbers is that of the acts, and read as it lies, however many share a moment."""
    is_whole = asked == Asked(actions=asked.actions)
    return [AuditEntry.id.desc()] if is_whole else [AuditEntry.at.desc(), AuditEntry.id.desc()]


def _chosen(statement: Select, asked: Asked) -> Select:
    if asked.school_id is not None:
        statement = statement.where(AuditEntry.school_id == asked.school_id)
    if asked.actions:
        statement = statement.where(AuditEntry.action.in_(asked.actions))
    if asked.since is not None:
        statement = statement.where(AuditEntry.at >= asked.since)
    if asked.until is not None:
        statement = statement.where(AuditEntry.at < asked.until)
    if asked.person_id is not None:
        statement = statement.where(_is_about(AuditAbout.person_id == asked.person_id))
    for word in search_key(asked.name).split()[:4]:
        named = select(Person.id).where(Person.search_key.contains(word, autoescape=True))
        statement = statement.where(AuditEntry.actor_id.in_(named) | _is_about(AuditAbout.person_id.in_(named)))
    return statement


def _is_about(condition: Any) -> Any:
    return AuditEntry.id.in_(select(AuditAbout.entry_id).where(condition))


def read_readers(person_id: int) -> list[tuple[FileReading, Person]]:
    """Read who opened a person's file lately, the latest first. One query."""
    rows = db.session.execute(
        select(FileReading, Person)
        .join(Person, Person.id == FileReading.reader_id)
        .where(FileReading.person_id == person_id)
        .order_by(FileReading.at.desc(), FileReading.id.desc())
        .limit(READINGS_SHOWN)
    )
    return [(reading, person) for reading, person in rows]
