"""How many complaints may come from one network in a while: a person has few of them, a program has many."""

from datetime import datetime

from sqlalchemy import select

from popschool.auth import codes, rules_signing
from popschool.auth.models import SignInAttempt
from popschool.db import db, transaction

MOST = 10


def count_complaint(address: str, now: datetime) -> None:
    """Count a complaint. Raises TooManyAttempts after many from one network, which is known by its hash alone."""
    key = codes.fingerprint("complaint", rules_signing.network_of(address))
    with transaction(lock=f"complaint/{key}"):
        since = now - rules_signing.ATTEMPTS_WINDOW
        oldest = db.session.scalar(
            select(SignInAttempt.at)
            .where(SignInAttempt.handle_hash == key, SignInAttempt.at > since)
            .order_by(SignInAttempt.at.desc())
            .offset(MOST - 1)
            .limit(1)
        )
        if oldest is not None:
            raise rules_signing.TooManyAttempts(oldest + rules_signing.ATTEMPTS_WINDOW)
        db.session.add(SignInAttempt(handle_hash=key, address_hash=key, at=now, succeeded=False))
