"""Messages that leave: one row each, written in the transaction of the act that sends them, delivered by a job."""

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from popschool import clock, jobs
from popschool.db import Base, Moment, db, transaction

MAIL, SMS = "mail", "sms"


class Outgoing(Base):
    """A mail or an SMS. Its text is erased once it is delivered, unless messages are kept for a demonstration."""

    __tablename__ = "outgoing"
    __table_args__ = (Index(None, "school_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(4))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(index=True)
    school_id: Mapped[int | None]
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    is_kept: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(String(500), default="")


def add(channel: str, recipient: str, subject: str, text: str, *, keeps: bool, **more: object) -> Outgoing:
    """Write the row and, unless it is only kept, enqueue its delivery. Inside the caller's transaction."""
    run_at, key = more.pop("run_at", None), more.pop("key", None)
    now = clock.now()
    message = Outgoing(
        channel=channel, recipient=recipient, subject=subject[:200], text=text, created_at=now, is_kept=keeps, **more
    )
    db.session.add(message)
    db.session.flush()
    if keeps and run_at is None:
        message.sent_at = now
    else:
        jobs.enqueue("popschool.outbox:deliver", key=key, run_at=run_at, message_id=message.id)
    return message


def deliver(message_id: int) -> None:
    """Hand one message to its gateway. Raises what the gateway says, so that the job is tried again."""
    from popschool import mail, sms

    message = db.session.get(Outgoing, message_id)
    if message is None or message.sent_at is not None:
        return
    channel, recipient, subject, text, is_kept = (
        message.channel,
        message.recipient,
        message.subject,
        message.text,
        message.is_kept,
    )
    db.session.commit()
    if not is_kept:
        try:
            if channel == MAIL:
                mail.deliver(recipient, subject, text, message_id)
            else:
                sms.deliver(recipient, text)
        except mail.Refused as refused:
            _close(message_id, f"{refused}")
            return
    _close(message_id, "")


def _close(message_id: int, error: str) -> None:
    with transaction():
        message = db.session.get(Outgoing, message_id)
        message.sent_at, message.error = clock.now(), error[:500]
        if not message.is_kept:
            message.text = ""
