"""The PIN with which somebody signs on another's device: kept as a hash, with a few tries before a trainer helps."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from popschool.attendance.models import SigningPin
from popschool.auth.passwords import make_hash, matches
from popschool.db import db, transaction
from popschool.errors import RuleBroken

MOST_FAILURES = 6


@dataclass
class PinWrong(RuleBroken):
    """This is not the person's PIN."""


@dataclass
class PinBlocked(RuleBroken):
    """Too many tries: the person signs in another way, then chooses a new PIN."""


def has_one(person_id: int) -> bool:
    return db.session.scalar(select(SigningPin.person_id).where(SigningPin.person_id == person_id)) is not None


def choose(person_id: int, pin: str, now: datetime) -> None:
    """Set a person's PIN, or another one."""
    with transaction(lock=f"pin/{person_id}"):
        kept = db.session.get(SigningPin, person_id) or SigningPin(person_id=person_id)
        kept.pin_hash, kept.failures, kept.set_at = make_hash(pin), 0, now
        db.session.add(kept)


def check(person_id: int, pin: str) -> None:
    """Raises PinWrong or PinBlocked; failures are counted, a right PIN forgets them."""
    with transaction(lock=f"pin/{person_id}"):
        kept = db.session.get(SigningPin, person_id)
        if kept is None or kept.failures >= MOST_FAILURES:
            raise PinBlocked
        is_theirs = matches(kept.pin_hash, pin.replace(" ", ""))
        kept.failures = 0 if is_theirs else kept.failures + 1
    if not is_theirs:
        raise PinWrong
