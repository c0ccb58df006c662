"""The server that mails are handed to: smtp:// and smtps://.

`smtp://user:password@host:587?starttls=1`, `smtps://user:password@host:465`; `cafile=/path` names a certificate
authority of one's own. A password is never sent without encryption, except to this machine.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from popschool import outbox, traces
from popschool.config import SettingRefused

SECONDS = 20


@dataclass(frozen=True)
class Gateway:
    """What a MAIL_URL says."""

    host: str
    port: int
    is_tls: bool
    starts_tls: bool
    user: str
    password: str
    cafile: str | None


def read_url(url: str) -> Gateway:
    """Read a MAIL_URL. Raises SettingRefused."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingRefused("MAIL_URL: write keep:, smtp://user:password@host:587?starttls=1 or smtps://…")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    is_tls, starts_tls = parts.scheme == "smtps", asked.get("starttls") == "1"
    if parts.password and not (is_tls or starts_tls) and parts.hostname not in outbox.LOCAL_HOSTS:
        raise SettingRefused("MAIL_URL: this password would travel in clear; add ?starttls=1, or write smtps://")
    return Gateway(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 587 if starts_tls else 25),
        is_tls=is_tls,
        starts_tls=starts_tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        cafile=asked.get("cafile"),
    )


def hand_over(outgoing: outbox.Outgoing) -> None:
    """Send one mail. Raises outbox.Refused when the server will never take it, smtplib's errors for a while."""
    settings = current_app.config["POPSCHOOL"]
    message = compose(settings.mail_from, outgoing)
    with traces.call("mail"), connect(settings.mail_url) as server:
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, reason)] = error.recipients.values()
            _raise_if_final(code, reason)
            raise
        except smtplib.SMTPDataError as error:
            _raise_if_final(error.smtp_code, error.smtp_error)
            raise


def _raise_if_final(code: int, reason: bytes | str) -> None:
    """5xx is a no; 4xx is a not now."""
    if code >= 500:
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise outbox.Refused(f"{code} {said}")


def compose(sender: str, outgoing: outbox.Outgoing) -> EmailMessage:
    """Write the message: text only, no picture, no tracker, and an identity that a second try keeps."""
    message = EmailMessage(policy=SMTP)
    domain = parseaddr(sender)[1].partition("@")[2] or "localhost"
    message["From"], message["To"], message["Subject"] = sender, outgoing.recipient, outgoing.subject
    message["Date"] = format_datetime(outgoing.created_at)
    message["Message-ID"] = f"<outgoing-{outgoing.id}-{outgoing.created_at:%Y%m%d%H%M%S}@{domain}>"
    message["List-Id"] = f"Popschool <popschool.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(outgoing.text, cte="quoted-printable")
    return message


@contextlib.contextmanager
def connect(url: str) -> Iterator[smtplib.SMTP]:
    """Open a conversation with the server of a MAIL_URL, encrypted and signed in when it says so."""
    gateway = read_url(url)
    context = ssl.create_default_context(cafile=gateway.cafile)
    if gateway.is_tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(gateway.host, gateway.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(gateway.host, gateway.port, timeout=SECONDS)
    with server:
        if gateway.starts_tls:
            server.starttls(context=context)
        if gateway.user:
            server.login(gateway.user, gateway.password)
        yield server
