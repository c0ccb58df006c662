"""What the tests of signing in do again and again: passwords, codes that were sent, the clock that goes on."""

import re
from contextlib import contextmanager
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select

from popschool import clock, jobs
from popschool.auth import codes, passwords
from popschool.auth.models import Account, SignInAttempt
from popschool.db import db
from popschool.outbox import Outgoing
from tests.factories import make_person

PASSWORD = "trois chats dans la cour"
HERE, THERE = "192.0.2.1", "198.51.100.7"


def make_account(password: str | None = PASSWORD, **given):
    """A person who comes in with a password; with `secret`, a second factor too."""
    secret = given.pop("secret", None)
    person = make_person(**given)
    account = db.session.get(Account, person.id)
    account.password_hash = passwords.make_hash(password) if password else None
    if secret:
        account.totp_secret_encrypted = codes.encrypted("totp", secret)
    db.session.commit()
    return account


def never_came(**given):
    """A person who has no account yet."""
    person = make_person(**given)
    db.session.delete(db.session.get(Account, person.id))
    db.session.commit()
    return person


def run_jobs() -> None:
    """Do what pages left for later."""
    while claimed := jobs.claim(clock.now()):
        assert jobs.perform(claimed)
    db.session.commit()  # what is read from now on is what they left
    db.session.expire_all()


def sent_to(recipient: str) -> list[Outgoing]:
    """Return what was sent to an address or a phone, the oldest first."""
    run_jobs()
    return list(db.session.scalars(select(Outgoing).where(Outgoing.recipient == recipient).order_by(Outgoing.id)))


def code_sent_to(recipient: str) -> str:
    """Return the six digits of the last message."""
    return re.findall(r"\b\d{6}\b", sent_to(recipient)[-1].text)[0]


def link_sent_to(recipient: str) -> str:
    """Return the path of the link of the last message."""
    return re.findall(r"https?://[^/\s]+(/\S+)", sent_to(recipient)[-1].text)[0]


def wrong(code: str) -> str:
    """Return six other digits."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def totp_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


@contextmanager
def later(**delay):
    """Let the clock stand later until the end of the block."""
    before = clock.now()
    clock.freeze(before + timedelta(**delay))
    try:
        yield clock.now()
    finally:
        clock.freeze(before)


def tries() -> list[bool]:
    """Return whether each try counted so far was right."""
    return list(db.session.scalars(select(SignInAttempt.succeeded).order_by(SignInAttempt.id)))
