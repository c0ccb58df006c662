"""Passkeys: one is added, used, ended. Each challenge is answered once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from popschool import audit
from popschool.auth import codes, letters, passkeys, services_account, services_signing
from popschool.auth import rules_signing as rules
from popschool.auth.models import Account, Passkey, SpentChallenge
from popschool.auth.rules_signing import PasskeyRefused, TooManyPasskeys, Way
from popschool.auth.services_signing import read_account
from popschool.db import db, transaction


def open_keys(person_id: int) -> Sequence[Passkey]:
    """Read the passkeys of a person, the oldest first. One query."""
    return db.session.scalars(
        select(Passkey).where(Passkey.person_id == person_id, Passkey.ended_at.is_(None)).order_by(Passkey.id)
    ).all()


def has_second(account: Account) -> bool:
    """Say whether more than a password or a code sent is asked for: an application, or a passkey."""
    return account.totp_secret_encrypted is not None or services_account.has_passkeys(account.person_id)


def enrol(account: Account, name: str, answer: str, challenge: str, now: datetime) -> str | None:
    """Keep a new passkey, and tell its owner.

    Returns the nonce of recovery codes when this is the first that is asked for beside a password; None otherwise.
    Raises PasskeyRefused or TooManyPasskeys.
    """
    made = passkeys.enrolled(answer, challenge)
    with transaction(lock=(account, f"passkey/{made.credential_id}")):
        _spend(challenge, now)
        db.session.refresh(account)
        known = open_keys(account.person_id)
        if len(known) >= rules.MOST_PASSKEYS:
            raise TooManyPasskeys(rules.MOST_PASSKEYS)
        if _find(made.credential_id) is not None:
            raise PasskeyRefused
        key = Passkey(
            person_id=account.person_id, name=name, credential_id=made.credential_id, public_key=made.public_key,
            sign_count=made.sign_count, created_at=now,
        )  # fmt: skip
        db.session.add(key)
        is_first = account.totp_secret_encrypted is None and not known
        nonce = services_account.new_recovery_codes(account) if is_first else None
        letters.tell_passkey(account.person, name, is_added=True)
        audit.record("passkey.added", account.person, actor_id=account.person_id, now=now)
    return nonce


def use(answer: str, challenge: str, now: datetime, person_id: int | None = None) -> Account:
    """Return the account that a passkey opens; with `person_id`, theirs alone. Raises PasskeyRefused.

    An answer is taken once, even when it is sent twice at the same moment.
    """
    key = _find(passkeys.credential_of(answer))
    if key is None or (person_id is not None and key.person_id != person_id):
        raise PasskeyRefused
    try:
        return _use(key, answer, challenge, now)
    except PasskeyRefused:
        services_signing.note_refused(key.person_id, Way.PASSKEY, now)
        raise


def _use(key: Passkey, answer: str, challenge: str, now: datetime) -> Account:
    count = passkeys.used(answer, challenge, key.person_id, key.public_key, key.sign_count)
    with transaction(lock=(key, f"challenge/{challenge}")):
        db.session.refresh(key)
        account = read_account(key.person_id)
        if key.ended_at is not None or account.closed_at is not None or (count and count <= key.sign_count):
            raise PasskeyRefused
        _spend(challenge, now)
        key.sign_count, key.last_used_at = count, now
    return account


def end(passkey_id: int, person_id: int, now: datetime) -> bool:
    """End one of a person's passkeys. Says whether there was one; ended twice, it was the first time."""
    with transaction(lock=f"Account/{person_id}"):
        key = db.session.get(Passkey, passkey_id, populate_existing=True)
        if key is None or key.person_id != person_id:
            return False
        if key.ended_at is None:
            _end(read_account(person_id), [key], person_id, now)
    return True


def stop_second(account: Account, actor_id: int | None, now: datetime) -> None:
    """Ask for a password or a code alone again: the application and every passkey are ended, and the person told."""
    with transaction(lock=account):
        _end(account, open_keys(account.person_id), actor_id, now)
        services_account.stop_totp(account, actor_id, now)


def _end(account: Account, keys: Sequence[Passkey], actor_id: int | None, now: datetime) -> None:
    for key in keys:
        key.ended_at = now
        letters.tell_passkey(account.person, key.name, is_added=False)
        audit.record("passkey.ended", account.person, actor_id=actor_id, now=now)
    db.session.flush()
    if not has_second(account):
        account.recovery_code_hashes = []


def forget_challenges(before: datetime) -> None:
    """Remove the challenges that nobody could answer any more."""
    with transaction():
        db.session.execute(delete(SpentChallenge).where(SpentChallenge.at < before))


def _find(credential_id: str) -> Passkey | None:
    return db.session.scalars(select(Passkey).where(Passkey.credential_id == credential_id)).first()


def _spend(challenge: str, now: datetime) -> None:
    """Use a challenge up, inside the caller's transaction that holds its lock. Raises PasskeyRefused."""
    mark = codes.fingerprint("challenge", challenge)
    if db.session.get(SpentChallenge, mark, populate_existing=True) is not None:
        raise PasskeyRefused
    db.session.add(SpentChallenge(challenge_hash=mark, at=now))
