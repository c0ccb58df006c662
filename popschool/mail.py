"""Mail: plain text, short, one link. `keep:` shows messages on a page; mail_server.py sends them."""

from datetime import datetime

from flask import current_app

from popschool import outbox

HEAVIEST = 10_000
ROOM_FOR_HEADERS = 1_500


class TooHeavy(ValueError):
    """A mail of more than 10 kB: it should be a page, and the mail its link."""


def send(
    to: str,
    subject: str,
    text: str,
    *,
    person_id: int | None = None,
    school_id: int | None = None,
    run_at: datetime | None = None,
    key: str | None = None,
) -> outbox.Outgoing:
    """Send a mail once the caller's transaction is committed. Raises TooHeavy."""
    weight = len(text.encode())
    if weight > HEAVIEST - ROOM_FOR_HEADERS:
        raise TooHeavy(f"{weight} bytes")
    return outbox.add(
        outbox.MAIL,
        to,
        " ".join(subject.split())[:200],
        text,
        delivery="popschool.mail:deliver",
        is_kept=current_app.config["POPSCHOOL"].keeps_mail,
        person_id=person_id,
        school_id=school_id,
        run_at=run_at,
        key=key,
    )


def deliver(outgoing_id: int) -> None:
    """Hand one mail to the server."""
    from popschool.mail_server import hand_over  # pages ask for mails, and send none

    outbox.deliver(outgoing_id, hand_over)
