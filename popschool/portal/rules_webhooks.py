"""What is told to another program, how it is signed, when it is tried again, and when a receiver is given up."""

import base64
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from popschool.errors import RuleBroken

MOST_HOOKS = 20
SECRET_PREFIX = "whsec_"
GONE = 410
# A receiver that answers one of these, or nothing, is not there: nothing else is sent to it meanwhile.
AWAY = frozenset({0, 429, 502, 503, 504})
DELAYS = (
    timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3),
    timedelta(hours=6), timedelta(hours=12), timedelta(hours=24),
)  # fmt: skip


class Event(StrEnum):
    """What happens in a school that another program may be told."""

    SUBMISSION = "submission.handed_in"
    FEEDBACK = "feedback.given"
    AWARD = "award.given"
    HALF_DAY = "half_day.closed"
    WEEK = "week.sealed"
    DOCUMENT = "document.issued"
    REVOKED = "document.revoked"
    BEGUN = "enrolment.begun"
    ENDED = "enrolment.ended"


class Outcome(StrEnum):
    """Where one sending stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass
class EventsMissing(RuleBroken):
    """An address that nothing would be sent to."""


@dataclass
class TooManyHooks(RuleBroken):
    """This school tells many programs already."""

    most: int


@dataclass
class HookStopped(RuleBroken):
    """Nothing is sent to this address until it is started again."""


def check_hook(events: Collection[Event], kept: int) -> None:
    """Raises EventsMissing or TooManyHooks."""
    if not events:
        raise EventsMissing
    if kept >= MOST_HOOKS:
        raise TooManyHooks(MOST_HOOKS)


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """Return the signature of a message (Standard Webhooks): HMAC-SHA256 of its id, its moment and its body.

    >>> from datetime import UTC
    >>> signature("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...     datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = b".".join((message_id.encode(), str(int(at.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def is_accepted(status: int) -> bool:
    return 200 <= status < 300


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after that many tries, later and later; None when it was tried enough."""
    return now + DELAYS[attempts - 1] if attempts <= len(DELAYS) else None


def stops_hook(status: int, is_given_up: bool, has_worked_since: bool) -> bool:
    """Say whether a receiver is left alone: it says that it is gone, or took nothing for as long as one was tried."""
    return status == GONE or (is_given_up and not has_worked_since)
