"""What the passkeys of somebody are asked in this browser: a challenge at a time, each for one purpose."""

from typing import Any

from flask import request, session

from popschool import clock
from popschool.auth import passkeys, rules_signing, services_passkeys
from popschool.auth.models import Account
from popschool.auth.rules_signing import PasskeyRefused

CHALLENGE = "challenge"
ADD, ENTER, SECOND, PROVE = "add", "enter", "second", "prove"


def asked_of(person_id: int, purpose: str) -> dict[str, Any] | None:
    """Return what the passkeys of a person are asked; None for somebody who has none."""
    keys = services_passkeys.open_keys(person_id)
    return passkeys.request(give(purpose), [key.credential_id for key in keys]) if keys else None


def answers() -> bool:
    """Say whether a passkey answers here, rather than a code or a password."""
    return "credential" in request.form


def use(person_id: int, purpose: str) -> Account:
    """Take what a passkey of this person answered. Raises PasskeyRefused."""
    return services_passkeys.use(request.form["credential"], spent(purpose), clock.now(), person_id)


def spent(purpose: str) -> str:
    """Return the challenge that this browser was last given for this, and forget it. Raises PasskeyRefused."""
    asked, challenge, since = session.pop(CHALLENGE, None) or ("", "", 0)
    age = clock.now().timestamp() - since
    if asked != purpose or not 0 <= age < rules_signing.PENDING_LIFE.total_seconds():
        raise PasskeyRefused
    return challenge


def give(purpose: str) -> str:
    """Return a new challenge, and remember that this browser has it."""
    challenge = passkeys.new_challenge()
    session[CHALLENGE] = [purpose, challenge, int(clock.now().timestamp())]
    return challenge
