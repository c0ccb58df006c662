"""A form that could not be taken: what it held, without its secrets, and whether it was ours at all."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import request

SECRETS = ("csrf_token", "password", "secret")
SECRET_CODES = frozenset({"code", "current"})


def typed() -> list[tuple[str, str]]:
    """Return what somebody typed, field by field; never a password, nor a code that lets one in."""
    return [(name, value) for name, value in request.form.items(multi=True) if not _is_secret(name)]


def texts(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Return what a person would call text, among some fields: not the value of a choice."""
    return [value for _name, value in fields if re.search(r"\s|://", value.strip())]


def _is_secret(name: str) -> bool:
    """A cohort has a code too, that must not be lost: only those of signing in are secret."""
    return any(word in name.lower() for word in SECRETS) or (request.blueprint == "auth" and name in SECRET_CODES)


def is_foreign() -> bool:
    """Say whether another site made this request. Browsers name the site that a form was sent from."""
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(origin) and urlsplit(origin).netloc != request.host
