"""Passkeys (WebAuthn): what the browser asks a device for, and what the device signed in answer.

The device always checks who holds it (a finger, a face, a code), so that a passkey is two factors in one.
"""

import base64
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from popschool.auth import codes
from popschool.auth.rules_signing import PasskeyRefused

NAME = "Pop School"
ALGORITHMS = (-7, -257, -8)  # ES256, RS256, EdDSA
PATIENCE = 120_000
LONGEST_ANSWER = 20_000


@dataclass(frozen=True)
class Enrolled:
    """What is kept of a new passkey. Nothing of it opens anything by itself."""

    credential_id: str
    public_key: str
    sign_count: int


def new_challenge() -> str:
    return _text(secrets.token_bytes(32))


def creation(challenge: str, person_id: int, name: str, shown: str, known: Iterable[str]) -> dict[str, Any]:
    """Return what `navigator.credentials.create` is asked; a device that is `known` already is not taken twice."""
    return {
        "challenge": challenge,
        "rp": {"id": _site()[0], "name": NAME},
        "user": {"id": _handle(person_id), "name": name, "displayName": shown},
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": PATIENCE,
        "excludeCredentials": _descriptors(known),
        "authenticatorSelection": {"residentKey": "preferred", "userVerification": "required"},
        "attestation": "none",
    }


def request(challenge: str, known: Iterable[str] = ()) -> dict[str, Any]:
    """Return what `navigator.credentials.get` is asked; when none is `known`, the device finds those it has."""
    return {
        "challenge": challenge,
        "rpId": _site()[0],
        "timeout": PATIENCE,
        "allowCredentials": _descriptors(known),
        "userVerification": "required",
    }


def credential_of(answer: str) -> str:
    """Return which passkey answers, before anything it says is believed. Raises PasskeyRefused."""
    found = _read(answer).get("id")
    if not isinstance(found, str):
        raise PasskeyRefused
    return found


def enrolled(answer: str, challenge: str) -> Enrolled:
    """Check what a device answered when it made a passkey. Raises PasskeyRefused."""
    from webauthn import verify_registration_response  # only those who use a passkey load it

    host, origin = _site()
    made = _verified(
        verify_registration_response,
        credential=_read(answer),
        expected_challenge=_bytes(challenge),
        expected_rp_id=host,
        expected_origin=origin,
        require_user_verification=True,
    )
    return Enrolled(_text(made.credential_id), _text(made.credential_public_key), made.sign_count)


def used(answer: str, challenge: str, person_id: int, public_key: str, sign_count: int) -> int:
    """Check what a passkey signed, and return how often it says that it was used. Raises PasskeyRefused."""
    from webauthn import verify_authentication_response

    host, origin = _site()
    credential = _read(answer)
    told = credential["response"].get("userHandle")
    if told and told != _handle(person_id):
        raise PasskeyRefused
    return _verified(
        verify_authentication_response,
        credential=credential,
        expected_challenge=_bytes(challenge),
        expected_rp_id=host,
        expected_origin=origin,
        credential_public_key=_bytes(public_key),
        credential_current_sign_count=sign_count,
        require_user_verification=True,
    ).new_sign_count


def _verified(verify: Any, **given: Any) -> Any:
    """Run a check of the library. What an answer is made of comes from outside: whatever it breaks is a refusal."""
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return verify(**given)
    except (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as wrong:
        raise PasskeyRefused from wrong


def _read(answer: str) -> dict[str, Any]:
    """Return the answer of a browser as JSON with its response. Raises PasskeyRefused."""
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError) as wrong:
        raise PasskeyRefused from wrong
    if not isinstance(read, dict) or not isinstance(read.get("response"), dict):
        raise PasskeyRefused
    return read


def _site() -> tuple[str, str]:
    """Return the name that passkeys are bound to, and where their page is."""
    parts = urlsplit(current_app.config["POPSCHOOL"].base_url)
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


def _handle(person_id: int) -> str:
    """Return the name under which a device keeps a person: it says nothing about them."""
    return _text(bytes.fromhex(codes.fingerprint("passkey user", person_id)))


def _descriptors(known: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": one} for one in known]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
