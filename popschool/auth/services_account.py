"""What people do with their own account: password, second factor, language, sessions."""

import secrets
from datetime import datetime

from sqlalchemy import select

from popschool import audit
from popschool.auth import codes, letters, passwords, totp
from popschool.auth import rules_signing as rules
from popschool.auth.models import Account, Passkey
from popschool.auth.rules_signing import AppCodeRefused, Way, WrongPassword
from popschool.auth.services_signing import (
    close_attempt,
    ensure_account,
    forgive,
    note_refused,
    open_attempt,
    person_key,
)
from popschool.db import db, transaction
from popschool.schools.models import Person


def check_new_password(person: Person, password: str) -> None:
    """Raises PasswordTooShort, PasswordTooLong or PasswordCommon."""
    own = [person.first_name, person.last_name, person.name, person.mail, person.learner_number, person.phone]
    own.append((person.mail or "").partition("@")[0])
    rules.check_password(password, passwords.common_words(), [word for word in own if word])


def set_password(person: Person, password: str, now: datetime) -> Account:
    """Keep a new password, end every session and tell the person. Raises what `check_new_password` does."""
    check_new_password(person, password)
    kept = passwords.make_hash(password)
    with transaction(lock=person):
        account = ensure_account(person.id, now)
        keep_password(account, person, kept, now)
        audit.record("password.set", person, actor_id=person.id, now=now)
    return account


def keep_password(account: Account, person: Person, kept: str, now: datetime) -> None:
    """Keep the hash of a new password, inside the caller's transaction: wrong tries of the former no longer count."""
    if account.password_hash is not None:
        letters.tell_password_changed(person)
    account.password_hash = kept
    account.session_token = codes.session_token()
    forgive(person.id, Way.PASSWORD, now)


def confirm_password(account: Account, password: str, address: str, now: datetime) -> None:
    """Ask for the password before a change that matters. Raises TooManyAttempts or WrongPassword."""
    attempt_id = open_attempt(person_key(account.person_id, Way.CONFIRM), Way.CONFIRM, address, now)
    if not passwords.matches(account.password_hash, password):
        note_refused(account.person_id, Way.CONFIRM, now)
        raise WrongPassword
    with transaction():
        close_attempt(attempt_id)


def end_sessions(account: Account, now: datetime) -> None:
    """Sign a person out everywhere."""
    with transaction(lock=account):
        account.session_token = codes.session_token()
        audit.record("sessions.ended", account.person, actor_id=account.person_id, now=now)


def start_totp(account: Account, secret: str, code: str, now: datetime) -> str:
    """Begin to ask for a second factor, once a first code proves that the application is set up.

    Returns the nonce of the recovery codes. Raises AppCodeRefused.
    """
    step = totp.matching_step(secret, rules.normalise_code(code), now, None)
    if step is None:
        raise AppCodeRefused
    with transaction(lock=account):
        account.totp_secret_encrypted = codes.encrypted("totp", secret)
        account.totp_last_step = step
        nonce = new_recovery_codes(account)
        forgive(account.person_id, Way.SECOND, now)
        letters.tell_second_factor(account.person, is_on=True)
        audit.record("totp.started", account.person, actor_id=account.person_id, now=now)
    return nonce


def renew_recovery_codes(account: Account, now: datetime) -> str:
    """Replace every recovery code; returns the nonce of the new ones."""
    with transaction(lock=account):
        nonce = new_recovery_codes(account)
        audit.record("totp.codes_renewed", account.person, actor_id=account.person_id, now=now)
    return nonce


def stop_totp(account: Account, actor_id: int | None, now: datetime) -> None:
    """Ask for a password or a code alone again, and tell the person. Stopped twice, it was the first time."""
    with transaction(lock=account):
        db.session.refresh(account)
        if account.totp_secret_encrypted is None:
            return
        account.totp_secret_encrypted = None
        account.totp_last_step = None
        if not has_passkeys(account.person_id):
            account.recovery_code_hashes = []
        letters.tell_second_factor(account.person, is_on=False)
        audit.record("totp.stopped", account.person, actor_id=actor_id, now=now)


def has_passkeys(person_id: int) -> bool:
    open_ones = select(Passkey.id).where(Passkey.person_id == person_id, Passkey.ended_at.is_(None))
    return db.session.scalars(open_ones.limit(1)).first() is not None


def new_recovery_codes(account: Account) -> str:
    """Replace the recovery codes, inside the caller's transaction."""
    nonce = secrets.token_hex(16)
    account.recovery_code_hashes = [
        codes.fingerprint("recovery code", account.person_id, rules.normalise_code(code))
        for code in totp.recovery_codes(nonce)
    ]
    return nonce


def keep_comfort(person: Person, chosen: dict[str, str]) -> None:
    """Copy what was chosen before signing in to an account that has no settings yet."""
    if not chosen or person.preferences:
        return
    with transaction():
        person.preferences = {name: value for name, value in chosen.items() if name != "language"}
        person.language = chosen.get("language", person.language)
        db.session.add(person)
