"""The gateway that SMS are handed to, any that speaks HTTP.

`{to}` and `{text}` in the address stand for the number (as +33639980007) and the message:

- `https://host/send?to={to}&text={text}` is called with GET;
- `form+https://host/send?To={to}&Body={text}` is called with POST, the query's fields as a form;
- `json+https://host/send?to={to}&text={text}` is called with POST, the query's fields as a JSON object.

`user:password@` before the host signs in (Basic); after `#` come headers, such as `#Authorization=Bearer%20abc`.
Neither is ever sent without encryption, except to this machine.
"""

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from flask import current_app

from popschool import outbox, traces
from popschool.config import SettingRefused

SECONDS = 15
ANSWER_READ = 10_000
TRY_AGAIN = frozenset({408, 425, 429})


def hand_over(outgoing: outbox.Outgoing) -> None:
    """Send one SMS. Raises outbox.Refused when the gateway will never take it, OSError for a while."""
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
    if parts.scheme == "http" and (parts.password or parts.fragment) and parts.hostname not in outbox.LOCAL_HOSTS:
        raise SettingRefused("SMS_URL: this password or this header would travel in clear; write https://")
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
