"""The chain of a record, of presence or of acts.

Each entry holds the hash of the one before, and the salted hash of its personal content.

An entry's hash is that of the hash before it and of the hash of what it says, a line each.

The form is fixed, and anybody can compute it again: JSON in UTF-8, keys sorted, no spaces, moments as ISO 8601 in UTC.
`docs/verify.md` says how.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

START = "0" * 64
FORM = 1


def canonical(value: Any) -> bytes:
    """Return the one way to write a value down."""
    return ENCODER.encode(value).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return in_utc.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


# Kept ready: a ledger has millions of lines.
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def content_hash(salt: str, content: Mapping[str, Any]) -> str:
    """Return the hash of what concerns a person; without the salt, nobody can guess the content from it."""
    return hashlib.sha256(salt.encode() + b"\n" + canonical(content)).hexdigest()


def fields_hash(fields: Mapping[str, Any]) -> str:
    """Return the hash of what an entry says: with it, a chain is followed past an entry that is not shown."""
    return hashlib.sha256(canonical({"form": FORM, **fields})).hexdigest()


def chained(previous: str, said: str) -> str:
    """Return the hash of an entry from the hash of the one before and that of what it says."""
    return hashlib.sha256(f"{previous}\n{said}".encode()).hexdigest()


def entry_hash(previous: str, fields: Mapping[str, Any]) -> str:
    """Return the hash of one entry, chained to the one before; the first follows START."""
    return chained(previous, fields_hash(fields))


def wrong_line(expected: int, previous: str, sequence: int, follows: str, said: Mapping[str, Any], kept: str) -> str:
    """Say what is wrong with a line of a chain; nothing when it is sound.

    `expected` and `previous` are the number and the hash that it must have and follow; `follows` and `kept` its own.
    """
    if sequence != expected:
        return "a line is missing"
    if follows != previous:
        return "it does not follow the line before"
    return "" if entry_hash(previous, said) == kept else "the line was changed"
