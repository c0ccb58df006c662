"""Signing in: by password, by a code sent, by a second factor. Every try is counted before it is judged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import contains_eager

from popschool import jobs
from popschool.auth import codes, passwords, totp
from popschool.auth import rules_signing as rules
from popschool.auth.models import Account, SignInAttempt, SignInCode
from popschool.auth.rules_signing import CodeRefused, Handle, Purpose, SignInRefused, TooManyAttempts
from popschool.db import db, transaction
from popschool.schools.models import Person

COLUMNS = {rules.MAIL: Person.mail, rules.PHONE: Person.phone, rules.NUMBER: Person.learner_number}
SEND_CODE = "popschool.auth.tasks:send_code"
ROWS_READ = 100


@dataclass(frozen=True)
class Known:
    """Who has a handle: nobody, a person who never came in, or a person with an account."""

    key: str
    person: Person | None
    account: Account | None

    @property
    def may_enter(self) -> bool:
        return self.person is not None and (self.account is None or self.account.closed_at is None)


def find(handle: Handle) -> Known:
    """Look a handle up. Unknown or known, it costs the same and gives a key under which tries are counted."""
    row = db.session.execute(
        select(Person, Account)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(COLUMNS[handle.kind] == handle.value)
    ).first()
    if row is None:
        return Known(codes.fingerprint("handle", handle.kind, handle.value), None, None)
    return Known(person_key(row.Person.id), row.Person, row.Account)


def person_key(person_id: int) -> str:
    """Return the key of a person's tries: the same for their mail, phone and number."""
    return codes.fingerprint("person", person_id)


def open_attempt(key: str, address: str, now: datetime, mark: str = "") -> int:
    """Count a try before it is judged, so that tries at the same moment are all counted. Raises TooManyAttempts.

    Many wrong tries on one account stop it for a while; an address is stopped far later, since a school shares one.
    """
    address_hash = codes.fingerprint("address", address)
    with transaction(lock=f"sign-in/{key}"):
        since = now - rules.ATTEMPTS_WINDOW
        recent = db.session.execute(
            select(SignInAttempt.at, SignInAttempt.succeeded)
            .where(SignInAttempt.handle_hash == key, SignInAttempt.at > since)
            .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
            .limit(ROWS_READ)
        ).all()
        failures = []
        for at, succeeded in recent:
            if succeeded:
                break
            failures.append(at)
        again_at = rules.next_try(failures, rules.FAILURES_PER_ACCOUNT, rules.ATTEMPTS_WINDOW)
        again_at = again_at or _address_again_at(address_hash, since)
        if again_at is not None and again_at > now:
            raise TooManyAttempts(again_at)
        attempt = SignInAttempt(handle_hash=key, address_hash=address_hash, at=now, succeeded=False, mark=mark)
        db.session.add(attempt)
        db.session.flush()  # its id is known even when the transaction goes on
    return attempt.id


def _address_again_at(address_hash: str, since: datetime) -> datetime | None:
    """Return when an address may try again; None means now. Reads one row, however many there are."""
    oldest = db.session.scalar(
        select(SignInAttempt.at)
        .where(
            SignInAttempt.address_hash == address_hash,
            SignInAttempt.at > since,
            SignInAttempt.succeeded.is_(False),
        )
        .order_by(SignInAttempt.at.desc())
        .offset(rules.FAILURES_PER_ADDRESS - 1)
        .limit(1)
    )
    return None if oldest is None else oldest + rules.ATTEMPTS_WINDOW


def close_attempt(attempt_id: int) -> None:
    """Remember that a try was right: the wrong ones before it no longer count for the account."""
    db.session.get_one(SignInAttempt, attempt_id).succeeded = True


def mark_of(visit: str, code: str) -> str:
    """Return what a browser and a code make together; nothing for a browser that keeps no cookie."""
    return codes.fingerprint("visit", visit, rules.normalise_code(code)) if visit else ""


def is_second_click(key: str, mark: str, now: datetime) -> bool:
    """Say whether the same browser was right with the same code a few seconds ago: a double click, not a replay."""
    if not mark:
        return False
    found = select(SignInAttempt.id).where(
        SignInAttempt.handle_hash == key,
        SignInAttempt.at > now - rules.DOUBLE_CLICK,
        SignInAttempt.succeeded.is_(True),
        SignInAttempt.mark == mark,
    )
    return db.session.scalars(found.limit(1)).first() is not None


def forget_tries(now: datetime) -> None:
    """Remove the tries and the codes that no longer count."""
    limit = now - rules.ATTEMPTS_KEPT
    with transaction():
        db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < limit))
        db.session.execute(delete(SignInCode).where(SignInCode.created_at < limit))


def sign_in_with_password(handle: Handle, password: str, address: str, now: datetime) -> Account:
    """Return the account that this password opens. Always costs one hash. Raises TooManyAttempts or SignInRefused."""
    known = find(handle)
    attempt_id = open_attempt(known.key, address, now)
    kept = known.account.password_hash if known.account else None
    is_theirs = passwords.matches(kept, password)
    if not is_theirs or not known.may_enter:
        raise SignInRefused
    outdated = passwords.make_hash(password) if passwords.is_outdated(kept) else None
    with transaction():
        close_attempt(attempt_id)
        if outdated:
            known.account.password_hash = outdated
    return known.account


def request_code(handle: Handle, purpose: Purpose, address: str, now: datetime) -> None:
    """Send a new code to a mail or a phone, if somebody who may enter has it. Raises TooManyAttempts.

    The same rows are written for an unknown handle; only the job that sends knows the difference.
    """
    known = find(handle)
    with transaction(lock=f"sign-in/{known.key}"):
        asked = db.session.scalars(
            select(SignInCode.created_at).where(
                SignInCode.handle_hash == known.key, SignInCode.created_at > now - rules.ATTEMPTS_WINDOW
            )
        ).all()
        again_at = rules.next_try(asked, rules.CODES_ASKED, rules.ATTEMPTS_WINDOW)
        address_hash = codes.fingerprint("address", address)
        again_at = again_at or _address_again_at(address_hash, now - rules.ATTEMPTS_WINDOW)
        if again_at is not None and again_at > now:
            raise TooManyAttempts(again_at)
        code = codes.six_digits()
        sent = SignInCode(
            person_id=known.person.id if known.may_enter else None,
            handle_hash=known.key,
            purpose=purpose,
            code_hash=codes.fingerprint("code", known.key, purpose, code),
            created_at=now,
            expires_at=now + rules.CODE_LIFE,
            attempts=0,
        )
        asking = codes.fingerprint("code asked", address)
        db.session.add_all(
            [sent, SignInAttempt(handle_hash=asking, address_hash=address_hash, at=now, succeeded=False)]
        )
        db.session.flush()
        jobs.enqueue(SEND_CODE, code_id=sent.id, code=code, by=handle.kind)


def sign_in_with_code(
    handle: Handle, purpose: Purpose, code: str, address: str, now: datetime, visit: str = ""
) -> Account:
    """Return the account that this code opens; a first visit makes it. Raises TooManyAttempts or CodeRefused.

    Only the last code sent works, once, for ten minutes and five tries. `visit` is a secret of the browser.
    """
    known = find(handle)
    mark = mark_of(visit, code)
    attempt_id = open_attempt(known.key, address, now, mark)
    account = None
    with transaction(lock=f"sign-in/{known.key}"):
        sent = db.session.scalars(
            select(SignInCode)
            .where(SignInCode.handle_hash == known.key, SignInCode.purpose == purpose)
            .order_by(SignInCode.id.desc())
            .limit(1)
            .execution_options(populate_existing=True)
        ).first()
        given = codes.fingerprint("code", known.key, purpose, rules.normalise_code(code))
        if sent is not None and sent.used_at is None and now < sent.expires_at and sent.attempts < rules.CODE_TRIES:
            sent.attempts += 1
            if codes.same(sent.code_hash, given) and sent.person_id is not None and known.may_enter:
                sent.used_at = now
                close_attempt(attempt_id)
                account = ensure_account(known.person.id, now)
        if account is None and known.may_enter and is_second_click(known.key, mark, now):
            close_attempt(attempt_id)
            account = ensure_account(known.person.id, now)
    if account is None:
        raise CodeRefused
    return account


def ensure_account(person_id: int, now: datetime) -> Account:
    """Return the account of a person, made at their first visit. Call it inside a transaction."""
    account = db.session.get(Account, person_id, populate_existing=True)
    if account is None:
        account = Account(
            person_id=person_id, session_token=codes.session_token(), recovery_code_hashes=[], created_at=now
        )
        db.session.add(account)
        db.session.flush()
    return account


def check_second_factor(person_id: int, code: str, address: str, now: datetime, visit: str = "") -> Account:
    """Return the account when the code is its application's, or one of its recovery codes. Each works once.

    Raises TooManyAttempts or CodeRefused.
    """
    key = person_key(person_id)
    mark = mark_of(visit, code)
    attempt_id = open_attempt(key, address, now, mark)
    is_right = False
    with transaction(lock=f"sign-in/{key}"):
        account = db.session.get_one(Account, person_id, populate_existing=True)
        if account.closed_at is None and account.totp_secret_encrypted is not None:
            is_right = _use_totp(account, code, now) or _use_recovery_code(account, code)
            is_right = is_right or is_second_click(key, mark, now)
        if is_right:
            close_attempt(attempt_id)
    if not is_right:
        raise CodeRefused
    return account


def _use_totp(account: Account, code: str, now: datetime) -> bool:
    secret = codes.decrypted("totp", account.totp_secret_encrypted)
    if secret is None:
        return False
    step = totp.matching_step(secret, rules.normalise_code(code), now, account.totp_last_step)
    if step is not None:
        account.totp_last_step = step
    return step is not None


def _use_recovery_code(account: Account, code: str) -> bool:
    given = codes.fingerprint("recovery code", account.person_id, rules.normalise_code(code))
    left = [kept for kept in account.recovery_code_hashes if not codes.same(kept, given)]
    if len(left) == len(account.recovery_code_hashes):
        return False
    account.recovery_code_hashes = left
    return True


def read_account(person_id: int) -> Account | None:
    """Read an account with its person."""
    return db.session.scalars(
        select(Account)
        .join(Person, Person.id == Account.person_id)
        .options(contains_eager(Account.person))
        .where(Account.person_id == person_id)
    ).first()
