"""The record of who did what to whom: rows that are added and never rewritten."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from popschool.db import Base, Json, Moment, db


class AuditEntry(Base):
    """One act on one thing. `facts` holds ids and values, never a password, a code or a motive."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "subject_type", "subject_id"), Index(None, "school_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    school_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None]
    facts: Mapped[Json]


def record(
    action: str, subject: Any, *, actor_id: int | None, now: datetime, school_id: int | None = None, **facts: Any
) -> AuditEntry:
    """Add one entry inside the caller's transaction. A subject just added gets its id first."""
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
    )
    db.session.add(entry)
    return entry
