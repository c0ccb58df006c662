"""SMS through any HTTP gateway. `keep:` shows messages on a page.

`{to}` and `{text}` in the address stand for the number (as +33639980007) and the message:

- `https://host/send?to={to}&text={text}` is called with GET;
- `form+https://host/send?To={to}&Body={text}` is called with POST, the query's fields as a form;
- `json+https://host/send?to={to}&text={text}` is called with POST, the query's fields as a JSON object.

`user:password@` before the host signs in (Basic); after `#` come headers, such as `#Authorization=Bearer%20abc`.
"""

import base64
import json
import re
import unicodedata
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from flask import current_app

from popschool import outbox, traces
from popschool.config import SettingRefused

LONGEST = 160
SECONDS = 15
ANSWER_READ = 10_000
TRY_AGAIN = frozenset({408, 425, 429})
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
    outbox.deliver(outgoing_id, _hand_over)


def _hand_over(outgoing: outbox.Outgoing) -> None:
    call = call_for(current_app.config["POPSCHOOL"].sms_url, outgoing.recipient, outgoing.text)
    try:
        with traces.call("sms"), _opener().open(call, timeout=SECONDS) as answer:
            answer.read(ANSWER_READ)
    except urllib.error.HTTPError as error:
        error.close()
        if 400 <= error.code < 500 and error.code not in TRY_AGAIN:
            raise outbox.Refused(f"the gateway answered {error.code}") from None
        raise ConnectionError(f"the gateway answered {error.code}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that answers with another address would be handed the message and the key: it is refused."""

    def redirect_request(self, *_args: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def read_url(url: str) -> tuple[str, Any]:
    """Split a SMS_URL into its way (get, form, json) and its address. Raises SettingRefused."""
    way, address = "get", url
    for one in ("form", "json"):
        if url.startswith(f"{one}+"):
            way, address = one, url[len(one) + 1 :]
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingRefused("SMS_URL: write keep:, https://host/send?to={to}&text={text}, form+https://… or json+…")
    if "{to}" not in parts.query + parts.path or "{text}" not in parts.query + parts.path:
        raise SettingRefused("SMS_URL: say where the number and the message go, with {to} and {text}")
    return way, parts


def call_for(url: str, to: str, text: str) -> urllib.request.Request:
    """Return the call that a SMS_URL describes. Raises SettingRefused."""
    way, parts = read_url(url)
    host = parts.netloc.rpartition("@")[2]
    headers = dict(parse_qsl(parts.fragment))
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    fields = {
        name: value.replace("{to}", to).replace("{text}", text)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    }
    path = parts.path.replace("{to}", quote(to, safe="")).replace("{text}", quote(text, safe=""))
    if way == "get":
        return urllib.request.Request(urlunsplit((parts.scheme, host, path, urlencode(fields), "")), headers=headers)
    if way == "json":
        body, headers["Content-Type"] = json.dumps(fields).encode(), "application/json"
    else:
        body, headers["Content-Type"] = urlencode(fields).encode(), "application/x-www-form-urlencoded"
    return urllib.request.Request(urlunsplit((parts.scheme, host, path, "", "")), data=body, headers=headers)
