"""What a key of the API opens, for how long and how often; and how a long list is read page after page."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from popschool.auth.rules import Action, Actor, may
from popschool.errors import RuleBroken
from popschool.schools.rules import Place

MOST_KEYS = 20
LONGEST = timedelta(days=366)
WINDOW = timedelta(minutes=1)
MOST_IN_WINDOW = 120
USUAL_LINES, MOST_LINES = 50, 200
MOST_ID = 2**31 - 1


class Scope(StrEnum):
    """What a key may be made for. It never opens more than its owner may see or do."""

    SCHOOLS = "schools:read"
    ENROLMENTS = "enrolments:read"
    WORK = "work:read"
    AWARDS = "awards:read"
    ATTENDANCE = "attendance:read"
    ATTENDANCE_WRITE = "attendance:write"
    COMPLETION = "completion:read"
    DOCUMENTS = "documents:read"


@dataclass
class ScopeNotYours(RuleBroken):
    """A key was asked for with what its owner may not see or do anywhere."""


@dataclass
class KeyWithoutScope(RuleBroken):
    """A key that opens nothing."""


@dataclass
class KeyTooLong(RuleBroken):
    """A key ends within a year."""


@dataclass
class TooManyKeys(RuleBroken):
    """This person has many keys already."""

    most: int


class BodyRefused(ValueError):
    """What was sent is not what is asked; `errors` says where."""

    def __init__(self, errors: list[Mapping[str, str]]):
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


class CursorUnreadable(ValueError):
    """This is not the cursor that a page gave."""


@dataclass(frozen=True)
class Reach:
    """Where somebody may do something: everywhere, or in these schools and cohorts, and for themselves."""

    is_everywhere: bool = False
    schools: frozenset[int] = frozenset()
    cohorts: frozenset[int] = frozenset()
    person_id: int | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.is_everywhere or self.schools or self.cohorts)


def reach(actor: Actor, action: Action) -> Reach:
    """Ask the table of permissions where this person may do that: it decides, place by place.

    A list holds what a row alone would be answered: each relation of the table looks at schools, cohorts or people, and
    a row is open when one of them is.
    """
    if may(actor, action, Place()):
        return Reach(is_everywhere=True)
    schools = {school for school in actor.roles if school is not None}
    cohorts = actor.trains_in | actor.learns_in | actor.learnt_in
    return Reach(
        schools=frozenset(one for one in schools if may(actor, action, Place.of(school=one))),
        cohorts=frozenset(one for one in cohorts if may(actor, action, Place.of(cohort=one))),
        person_id=actor.person_id if may(actor, action, Place.of(people=[actor.person_id])) else None,
    )


def check_key(
    scopes: Collection[Scope], offered: Collection[Scope], kept: int, now: datetime, expires_at: datetime
) -> None:
    """Raises KeyWithoutScope, ScopeNotYours, KeyTooLong or TooManyKeys."""
    if not scopes:
        raise KeyWithoutScope
    if not set(scopes) <= set(offered):
        raise ScopeNotYours
    if not now < expires_at <= now + LONGEST:
        raise KeyTooLong
    if kept >= MOST_KEYS:
        raise TooManyKeys(MOST_KEYS)


@dataclass(frozen=True)
class Allowance:
    """How many calls a key has left, and in how many seconds it has all of them again."""

    most: int
    used: int
    seconds: int

    @property
    def left(self) -> int:
        return max(self.most - self.used, 0)

    @property
    def is_spent(self) -> bool:
        return self.used > self.most


def allowance(window_began_at: datetime, used: int, now: datetime, most: int) -> Allowance:
    """Return what is left of a window of a minute, the present call being counted in `used`."""
    left = window_began_at + WINDOW - now
    return Allowance(most, used, max(1, -(-int(left.total_seconds() * 1000) // 1000)))


def moment(value: datetime | None) -> datetime | None:
    """Return a moment that a database can hold; none for one out of all sense."""
    return value if value is None or 2000 <= value.year < 2200 else None


def write_cursor(values: Sequence[int | date]) -> str:
    """Return the place after a line, to be sent back as it is.

    >>> read_cursor(write_cursor([12]), [int])
    [12]
    """
    plain = [one.isoformat() if isinstance(one, date) else one for one in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_cursor(text: str, kinds: Sequence[type]) -> list[int | date]:
    """Return the keys of the last line read. Raises CursorUnreadable."""
    try:
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise CursorUnreadable from error
    if not isinstance(values, list) or len(values) != len(kinds):
        raise CursorUnreadable
    return [_key(value, kind) for value, kind in zip(values, kinds, strict=True)]


def _key(value: object, kind: type) -> int | date:
    if kind is int and type(value) is int and 0 <= value < 2**31:
        return value
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise CursorUnreadable from error
    raise CursorUnreadable
