"""Messages that leave: one row each, written in the transaction of the act that sends them, delivered by a job."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Index, String, Text, delete
from sqlalchemy.orm import Mapped, mapped_column

from popschool import clock, jobs
from popschool.db import Base, Moment, db, transaction

MAIL, SMS = "mail", "sms"
ERROR_LENGTH = 500
# Whoever hands a message over to this machine itself may do so unencrypted.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Refused(Exception):
    """It will never be taken: no such address, or a message that they do not want. Trying again is no use."""


class Outgoing(Base):
    """A mail or an SMS. Its text is erased once it is delivered, unless messages are kept for a demonstration.

    `sent_at` is when it left, or when a kept one would have. A refused one has its reason in `error` and never leaves.
    """

    __tablename__ = "outgoing"
    __table_args__ = (Index(None, "school_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(4))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(index=True)
    school_id: Mapped[int | None]
    key: Mapped[str | None] = mapped_column(String(120), index=True)
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    refused_at: Mapped[Moment | None]
    is_kept: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(ERROR_LENGTH), default="")


def add(
    channel: str,
    recipient: str,
    subject: str,
    text: str,
    *,
    delivery: str,
    is_kept: bool,
    person_id: int | None,
    school_id: int | None,
    run_at: datetime | None,
    key: str | None,
) -> Outgoing:
    """Write the row, in the caller's transaction, and enqueue its `delivery`, unless it is only kept."""
    now = clock.now()
    message = Outgoing(
        channel=channel,
        recipient=recipient,
        subject=subject,
        text=text,
        person_id=person_id,
        school_id=school_id,
        key=key,
        created_at=now,
        is_kept=is_kept,
        sent_at=(run_at or now) if is_kept else None,
    )
    db.session.add(message)
    db.session.flush()
    if not is_kept:
        jobs.enqueue(delivery, run_at=run_at, outgoing_id=message.id)
    return message


def take_back(key: str, now: datetime) -> None:
    """Remove what was to leave later under this key, in the caller's transaction. What has left has left."""
    has_not_left = Outgoing.sent_at.is_(None) | (Outgoing.is_kept & (Outgoing.sent_at > now))
    db.session.execute(delete(Outgoing).where(Outgoing.key == key, has_not_left, Outgoing.refused_at.is_(None)))


def deliver(outgoing_id: int, hand_over: Callable[[Outgoing], None]) -> None:
    """Hand one message to its gateway, and note how it went. Safe to repeat: what has left does not leave again.

    Raises what the gateway says, so that the job is tried again; Refused ends it.
    """
    with transaction():
        message = db.session.get(Outgoing, outgoing_id)
        if message is None or message.sent_at is not None or message.refused_at is not None:
            return
        message.attempts += 1
    try:
        hand_over(message)
    except Refused as refused:
        _note(outgoing_id, refused_at=clock.now(), error=str(refused), text="")
    except Exception as error:
        _note(outgoing_id, error=f"{type(error).__name__}: {error}")
        raise
    else:
        _note(outgoing_id, sent_at=clock.now(), error="", text="")


def _note(outgoing_id: int, **values: object) -> None:
    with transaction():
        message = db.session.get_one(Outgoing, outgoing_id)
        for name, value in values.items():
            setattr(message, name, value[:ERROR_LENGTH] if name == "error" else value)
