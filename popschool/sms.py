"""SMS through any HTTP gateway. `keep:` shows messages on a page.

`SMS_URL=https://host/send?to={to}&text={text}` is called with GET; `post+https://…` sends `to` and `text` as a form,
`json+https://…` as JSON.
"""

import json
import urllib.error
import urllib.request
from datetime import datetime
from urllib.parse import quote, urlencode

from flask import current_app

from popschool import mail, outbox

LONGEST = 160
SECONDS = 15
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
PLAIN = str.maketrans(
    {
        "ç": "c",
        "ê": "e",
        "ë": "e",
        "î": "i",
        "ï": "i",
        "ô": "o",
        "û": "u",
        "â": "a",
        "À": "A",
        "È": "E",
        "Ê": "E",
        "œ": "oe",
        "Œ": "OE",
        "’": "'",
        "‘": "'",
        "«": '"',
        "»": '"',
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "€": "EUR",
    }
)


class NotGsm7(ValueError):
    """A character that would make one SMS into three."""


def plain(text: str) -> str:
    """Return the text in the GSM-7 alphabet, at most 160 characters. Raises NotGsm7."""
    text = text.translate(PLAIN)
    strange = {char for char in text if char not in GSM7}
    if strange:
        raise NotGsm7("".join(sorted(strange)))
    if len(text) > LONGEST:
        raise ValueError(f"an SMS has {LONGEST} characters, this one {len(text)}")
    return text


def send(
    to: str,
    text: str,
    *,
    person_id: int | None = None,
    school_id: int | None = None,
    run_at: datetime | None = None,
    key: str | None = None,
) -> outbox.Outgoing:
    """Send an SMS once the caller's transaction is committed."""
    keeps = current_app.config["POPSCHOOL"].keeps_sms
    return outbox.add(
        outbox.SMS, to, "", plain(text), keeps=keeps, person_id=person_id, school_id=school_id, run_at=run_at, key=key
    )


def deliver(to: str, text: str) -> None:
    """Call the gateway. Raises mail.Refused for a 4xx, OSError for now."""
    url = current_app.config["POPSCHOOL"].sms_url
    try:
        with urllib.request.urlopen(request_for(url, to, text), timeout=SECONDS) as response:
            response.read(10_000)
    except urllib.error.HTTPError as error:
        if 400 <= error.code < 500 and error.code not in (408, 429):
            raise mail.Refused(f"{error.code} {error.reason}") from error
        raise


def request_for(url: str, to: str, text: str) -> urllib.request.Request:
    """Return the call that a SMS_URL describes."""
    if url.startswith("json+"):
        body = json.dumps({"to": to, "text": text}).encode()
        return urllib.request.Request(url[5:], data=body, headers={"Content-Type": "application/json"})
    if url.startswith("post+"):
        return urllib.request.Request(url[5:], data=urlencode({"to": to, "text": text}).encode())
    return urllib.request.Request(url.replace("{to}", quote(to, safe="")).replace("{text}", quote(text, safe="")))
