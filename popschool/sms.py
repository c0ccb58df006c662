"""SMS: short, in the alphabet of every telephone. `keep:` shows them on a page; sms_gateway.py sends them."""

import re
import unicodedata
from datetime import datetime

from flask import current_app

from popschool import outbox

LONGEST = 160
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
NEAREST = str.maketrans(
    {"ç": "c", "œ": "oe", "Œ": "OE", "’": "'", "‘": "'", "“": '"', "”": '"'}
    | {"–": "-", "—": "-", "‑": "-", "…": "...", "€": "EUR", "•": "-", "°": "o", "·": ".", "\u00a0": " ", "\u202f": " "}
    | {"\u2009": " ", "\t": " ", "[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "|": "/", "~": "-", "^": ""}
)


class SmsTooLong(ValueError):
    """More than 160 characters, the link included: it would leave as two, and cost as two."""


def plain(text: str) -> str:
    """Return the text in the GSM-7 alphabet: a letter that it lacks becomes its nearest, a picture goes.

    Raises SmsTooLong.

    >>> plain("Ça y est : « être prêt », là-bas…")
    'Ça y est : "etre pret", là-bas...'
    """
    quoted = re.sub(r"«\s*|\s*»", '"', text)
    written = "".join(_plain_letter(char) for char in quoted.translate(NEAREST))
    written = " ".join(part for part in written.split(" ") if part)
    if len(written) > LONGEST:
        raise SmsTooLong(f"{len(written)} characters")
    return written


def _plain_letter(char: str) -> str:
    if char in GSM7:
        return char
    return "".join(part for part in unicodedata.normalize("NFKD", char) if part in GSM7)


def send(
    to: str,
    text: str,
    *,
    person_id: int | None = None,
    school_id: int | None = None,
    run_at: datetime | None = None,
    key: str | None = None,
) -> outbox.Outgoing:
    """Send an SMS once the caller's transaction is committed. Raises SmsTooLong."""
    return outbox.add(
        outbox.SMS,
        to,
        "",
        plain(text),
        delivery="popschool.sms:deliver",
        is_kept=current_app.config["POPSCHOOL"].keeps_sms,
        person_id=person_id,
        school_id=school_id,
        run_at=run_at,
        key=key,
    )


def deliver(outgoing_id: int) -> None:
    """Hand one SMS to the gateway."""
    from popschool.sms_gateway import hand_over  # pages ask for SMS, and send none

    outbox.deliver(outgoing_id, hand_over)
