"""Signing in: by password, by a code sent, by a second factor. Every try is counted before it is judged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import contains_eager

from popschool import audit, jobs
from popschool.auth import codes, passwords, totp
from popschool.auth import rules_signing as rules
from popschool.auth.models import Account, SignInAttempt, SignInCode
from popschool.auth.rules_signing import (
    AppCodeRefused,
    CodeRefused,
    Handle,
    Purpose,
    SignInRefused,
    TooManyAttempts,
    Way,
)
from popschool.db import db, transaction
from popschool.schools.models import Person

COLUMNS = {rules.MAIL: Person.mail, rules.PHONE: Person.phone, rules.NUMBER: Person.learner_number}
SEND_CODE = "popschool.auth.tasks:send_code"
ROWS_READ = 100


@dataclass(frozen=True)
class Known:
    """Who has a handle: nobody, a person who never came in, or a person with an account."""

    handle: Handle
    person: Person | None
    account: Account | None

    @property
    def may_enter(self) -> bool:
        return self.person is not None and (self.account is None or self.account.closed_at is None)

    @property
    def person_id(self) -> int | None:
        return self.person.id if self.person is not None else None

    def key(self, way: Way) -> str:
        """Return the key of the tries that are made this way, by whoever has this handle."""
        if self.person is not None:
            return person_key(self.person.id, way)
        return codes.fingerprint("handle", self.handle.kind, self.handle.value, way)


def find(handle: Handle) -> Known:
    """Look a handle up. Unknown or known, it costs the same and gives a key under which tries are counted."""
    row = db.session.execute(
        select(Person, Account)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(COLUMNS[handle.kind] == handle.value)
    ).first()
    return Known(handle, row.Person, row.Account) if row is not None else Known(handle, None, None)


def person_key(person_id: int, way: Way) -> str:
    """Return the key of a person's tries in one way: the same for their mail, phone and number."""
    return codes.fingerprint("person", person_id, way)


def address_key(address: str) -> str:
    return codes.fingerprint("address", rules.network_of(address))


def open_attempt(key: str, way: Way, address: str, now: datetime, mark: str = "") -> int:
    """Count a try before it is judged, so that tries at the same moment are all counted. Raises TooManyAttempts.

    Many wrong tries stop one way into one account for a while. An address is stopped far later, since a school shares
    one, and not for the ways that nobody can guess.
    """
    with transaction(lock=f"sign-in/{key}"):
        since = now - rules.ATTEMPTS_WINDOW
        recent = db.session.execute(
            select(SignInAttempt.at, SignInAttempt.succeeded)
            .where(SignInAttempt.handle_hash == key, SignInAttempt.at > since, SignInAttempt.at <= _latest(now))
            .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
            .limit(ROWS_READ)
        ).all()
        failures = []
        for at, succeeded in recent:
            if succeeded:
                break
            failures.append(at)
        again_at = rules.next_try(failures, rules.FAILURES_PER_ACCOUNT, rules.ATTEMPTS_WINDOW)
        if way in rules.STOPPED_BY_ADDRESS:
            again_at = again_at or _address_again_at(address, now)
        if again_at is not None and again_at > now:
            raise TooManyAttempts(again_at)
        attempt = SignInAttempt(handle_hash=key, address_hash=address_key(address), at=now, succeeded=False, mark=mark)
        db.session.add(attempt)
        db.session.flush()  # its id is known even when the transaction goes on
    return attempt.id


def _latest(now: datetime) -> datetime:
    """Return the latest moment at which a try can have been: one that is later was made while a clock was wrong.

    Another machine may be some minutes ahead; a day ahead, and set right, it would keep people out for a day.
    """
    return now + rules.ATTEMPTS_WINDOW


def _address_again_at(address: str, now: datetime) -> datetime | None:
    """Return when an address may try again; None means now. Reads one row, however many there are."""
    oldest = db.session.scalar(
        select(SignInAttempt.at)
        .where(
            SignInAttempt.address_hash == address_key(address),
            SignInAttempt.at > now - rules.ATTEMPTS_WINDOW,
            SignInAttempt.at <= _latest(now),
            SignInAttempt.succeeded.is_(False),
        )
        .order_by(SignInAttempt.at.desc())
        .offset(rules.FAILURES_PER_ADDRESS - 1)
        .limit(1)
    )
    return None if oldest is None else oldest + rules.ATTEMPTS_WINDOW


def forgive(person_id: int, way: Way, now: datetime) -> None:
    """Forget the wrong tries of one way, inside the caller's transaction: it opens with something new from now on."""
    db.session.add(SignInAttempt(handle_hash=person_key(person_id, way), address_hash="", at=now, succeeded=True))


def close_attempt(attempt_id: int, is_second: bool = False) -> None:
    """Remember that a try was right: the wrong ones before it no longer count for the account.

    A second click leaves no mark: from one to the next, a replay would never end.
    """
    attempt = db.session.get_one(SignInAttempt, attempt_id)
    attempt.succeeded = True
    if is_second:
        attempt.mark = ""


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
        SignInAttempt.at <= now + rules.DOUBLE_CLICK,
        SignInAttempt.succeeded.is_(True),
        SignInAttempt.mark == mark,
    )
    return db.session.scalars(found.limit(1)).first() is not None


def note_refused(person_id: int | None, way: Way, now: datetime) -> None:
    """Write a wrong try down in the record, after it was counted and so at most as often as tries are allowed.

    It costs the same for a handle that nobody has: the account is among the facts, not among the people concerned.
    """
    with transaction():
        audit.record("sign_in.refused", None, actor_id=None, now=now, way=str(way), account=person_id)


def forget_tries(now: datetime) -> None:
    """Remove the tries and the codes that no longer count."""
    limit = now - rules.ATTEMPTS_KEPT
    with transaction():
        db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < limit))
        db.session.execute(delete(SignInCode).where(SignInCode.created_at < limit))


def sign_in_with_password(handle: Handle, password: str, address: str, now: datetime) -> Account:
    """Return the account that this password opens. Always costs one hash. Raises TooManyAttempts or SignInRefused."""
    known = find(handle)
    attempt_id = open_attempt(known.key(Way.PASSWORD), Way.PASSWORD, address, now)
    kept = known.account.password_hash if known.account else None
    is_theirs = passwords.matches(kept, password)
    if not is_theirs or not known.may_enter:
        note_refused(known.person_id, Way.PASSWORD, now)
        raise SignInRefused
    outdated = passwords.make_hash(password) if passwords.is_outdated(kept) else None
    with transaction():
        close_attempt(attempt_id)
        if outdated:
            known.account.password_hash = outdated
    return known.account


def request_code(handle: Handle, purpose: Purpose, address: str, now: datetime) -> None:
    """Send a new code to a mail or a phone, if somebody who may enter has it; a double click sends one.

    The same rows are written for an unknown handle; only the job that sends knows the difference. Raises
    TooManyAttempts.
    """
    known = find(handle)
    key, since = known.key(Way.CODE), now - rules.ATTEMPTS_WINDOW
    with transaction(lock=f"sign-in/{key}"):
        earlier = db.session.execute(
            select(SignInCode.created_at, SignInCode.purpose, SignInCode.used_at).where(
                SignInCode.handle_hash == key, SignInCode.created_at > since, SignInCode.created_at <= _latest(now)
            )
        ).all()
        just_now = [one for one in earlier if abs(one.created_at - now) < rules.DOUBLE_CLICK]
        if any(one.purpose == purpose and one.used_at is None for one in just_now):
            return
        asked = [one.created_at for one in earlier]
        again_at = rules.next_try(asked, rules.CODES_ASKED, rules.ATTEMPTS_WINDOW)
        again_at = again_at or _address_again_at(address, now)
        if again_at is not None and again_at > now:
            raise TooManyAttempts(again_at)
        code = codes.six_digits()
        sent = SignInCode(
            person_id=known.person.id if known.may_enter else None,
            handle_hash=key,
            purpose=purpose,
            code_hash=codes.fingerprint("code", key, purpose, code),
            created_at=now,
            expires_at=now + rules.CODE_LIFE,
            attempts=0,
        )
        asking = SignInAttempt(
            handle_hash=codes.fingerprint("code asked", address),
            address_hash=address_key(address),
            at=now,
            succeeded=False,
        )
        db.session.add_all([sent, asking])
        db.session.flush()
        jobs.enqueue(SEND_CODE, code_id=sent.id, code=code, by=handle.kind)


def sign_in_with_code(
    handle: Handle, purpose: Purpose, code: str, address: str, now: datetime, visit: str = ""
) -> Account:
    """Return the account that this code opens; a first visit makes it. Raises TooManyAttempts or CodeRefused.

    Only the last code sent works, once, for ten minutes and five tries. `visit` is a secret of the browser.
    """
    known = find(handle)
    key, mark = known.key(Way.CODE), mark_of(visit, code)
    attempt_id = open_attempt(key, Way.CODE, address, now, mark)
    account = None
    with transaction(lock=f"sign-in/{key}"):
        is_right = _use_code(key, purpose, code, now)
        if known.person is not None and (is_right or is_second_click(key, mark, now)):
            account = ensure_account(known.person.id, now)
            if account.closed_at is None:
                close_attempt(attempt_id, is_second=not is_right)
            else:
                account = None
    if account is None:
        note_refused(known.person_id, Way.CODE, now)
        raise CodeRefused
    return account


def _use_code(key: str, purpose: Purpose, code: str, now: datetime) -> bool:
    """Say whether this is the last code sent, and use it up. A wrong one is counted."""
    sent = db.session.scalars(
        select(SignInCode)
        .where(SignInCode.handle_hash == key, SignInCode.purpose == purpose)
        .order_by(SignInCode.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    if sent is None or sent.used_at is not None or now >= sent.expires_at or sent.attempts >= rules.CODE_TRIES:
        return False
    sent.attempts += 1
    given = codes.fingerprint("code", key, purpose, rules.normalise_code(code))
    if not codes.same(sent.code_hash, given) or sent.person_id is None:
        return False
    sent.used_at = now
    return True


def ensure_account(person_id: int, now: datetime) -> Account:
    """Return the account of a person, made at their first visit, once."""
    with transaction(lock=f"Account/{person_id}"):
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

    Raises TooManyAttempts or AppCodeRefused.
    """
    key, mark = person_key(person_id, Way.SECOND), mark_of(visit, code)
    attempt_id = open_attempt(key, Way.SECOND, address, now, mark)
    is_right = is_second = False
    with transaction(lock=f"sign-in/{key}"):
        account = db.session.get_one(Account, person_id, populate_existing=True)
        if account.closed_at is None:
            is_right = _use_totp(account, code, now) or _use_recovery_code(account, code)
            is_second = not is_right and is_second_click(key, mark, now)
        if is_right or is_second:
            close_attempt(attempt_id, is_second)
    if not (is_right or is_second):
        note_refused(person_id, Way.SECOND, now)
        raise AppCodeRefused
    return account


def _use_totp(account: Account, code: str, now: datetime) -> bool:
    secret = codes.decrypted("totp", account.totp_secret_encrypted or "")
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
