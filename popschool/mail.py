"""Mail: plain text, short, one link. `keep:` shows messages on a page; smtp:// and smtps:// send them."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from popschool import outbox

LONGEST = 10_000
SECONDS = 20


class Refused(Exception):
    """The server will never take this message: the address does not exist, or is not one."""


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
    """Send a mail once the caller's transaction is committed."""
    settings = current_app.config["POPSCHOOL"]
    return outbox.add(
        outbox.MAIL,
        to,
        subject,
        text[:LONGEST],
        keeps=settings.keeps_mail,
        person_id=person_id,
        school_id=school_id,
        run_at=run_at,
        key=key,
    )


def deliver(to: str, subject: str, text: str, message_id: int) -> None:
    """Speak SMTP. Raises Refused for good, OSError or SMTPException for now."""
    settings = current_app.config["POPSCHOOL"]
    message = compose(settings.mail_from, to, subject, text, message_id)
    with connect(settings.mail_url) as server:
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            if code >= 500:
                raise Refused(f"{code} {reason.decode(errors='replace')}") from error
            raise


def compose(sender: str, to: str, subject: str, text: str, message_id: int) -> EmailMessage:
    """Write the message: no picture, no tracker, an identity that a retry keeps."""
    message = EmailMessage()
    domain = parseaddr(sender)[1].partition("@")[2] or "localhost"
    message["From"], message["To"], message["Subject"] = sender, to, subject.replace("\n", " ")
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(idstring=f"popschool-{message_id}", domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def connect(url: str) -> smtplib.SMTP:
    """Open the connection of a MAIL_URL: smtp://user:password@host:port?starttls=1, or smtps://."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    context = ssl.create_default_context()
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
        if asked.get("starttls", ["0"])[-1] == "1":
            server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
