"""The code of the room: six digits that change every thirty seconds, from a secret of the half-day."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from popschool.errors import RuleBroken

STEP = timedelta(seconds=30)
STEPS_KEPT = 1
STEPS_MORE = 4


@dataclass
class CodeWrong(RuleBroken):
    """This is not the code of the room, now."""


@dataclass
class CodeTooOld(RuleBroken):
    """This was the code of the room a while ago: a photo of it, or a slow network."""


def room_code(secret: str, now: datetime) -> str:
    """Return the six digits shown in the room at this moment."""
    return _code(secret, _step(now))


def changes_at(now: datetime) -> datetime:
    """Return the moment at which the code shown changes."""
    return datetime.fromtimestamp((_step(now) + 1) * STEP.total_seconds(), UTC)


def valid_until(now: datetime) -> datetime:
    """Return the moment until which the code shown now is taken."""
    return changes_at(now) + STEPS_KEPT * STEP


def check_code(secret: str, written: str, now: datetime, *, has_more_time: bool = False) -> None:
    """Take the code of now and of the step before: a minute at most, three for a person with extra time.

    Raises CodeTooOld for one of the last ten minutes, CodeWrong for any other.
    """
    digits = "".join(char for char in written if char.isdigit())
    step = _step(now)
    kept = STEPS_KEPT + (STEPS_MORE if has_more_time else 0)
    found = [back for back in range(21) if hmac.compare_digest(_code(secret, step - back), digits)]
    if not found:
        raise CodeWrong
    if min(found) > kept:
        raise CodeTooOld


def _step(now: datetime) -> int:
    return int(now.timestamp() // STEP.total_seconds())


def _code(secret: str, step: int) -> str:
    digest = hmac.new(secret.encode(), step.to_bytes(8, "big", signed=True), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06}"
