"""What a disability contact writes down for themselves about somebody: under lock, one school at a time.

The record of acts says that a note was written or erased, never what it says.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.db import db, transaction
from popschool.schools.models import ContactNote, Person

ONE_CLICK = timedelta(minutes=2)


def about(person_id: int, school_id: int) -> Sequence[ContactNote]:
    """Return the notes of a school about somebody, the latest first. One query."""
    return db.session.scalars(
        select(ContactNote)
        .where(ContactNote.person_id == person_id, ContactNote.school_id == school_id)
        .options(joinedload(ContactNote.by))
        .order_by(ContactNote.id.desc())
    ).all()


def write(person: Person, school_id: int, words: str, by_id: int, now: datetime) -> ContactNote:
    """Keep a note; the second of two clicks finds the first one's."""
    words = words.strip()
    with transaction(lock=person):
        latest = next(iter(about(person.id, school_id)), None)
        if (
            latest is not None
            and (latest.words, latest.by_id) == (words, by_id)
            and now - latest.written_at < ONE_CLICK
        ):
            return latest
        note = ContactNote(person_id=person.id, school_id=school_id, words=words, by_id=by_id, written_at=now)
        db.session.add(note)
        audit.record("write_contact_note", note, actor_id=by_id, now=now)
    return note


def erase(note: ContactNote, by_id: int, now: datetime) -> None:
    """Erase a note for good."""
    with transaction():
        audit.record("erase_contact_note", note, actor_id=by_id, now=now)
        db.session.delete(note)
