"""What a funder's agreement decides: each setting, its default, and where it was said.

Every one of them is to be confirmed with the funder. The narrowest place that says something wins: the funding, then
its funder, then the school; without any, the default. What is said holds from a day, so that the past stays as it was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from popschool.errors import RuleBroken


class Scope(IntEnum):
    """Where a value was said, the widest first."""

    DEFAULT = 0
    SCHOOL = 1
    FUNDER = 2
    FUNDING = 3


@dataclass(frozen=True)
class Setting:
    """One thing that a funder decides. Without choices it is a number, between `least` and `most`."""

    key: str
    default: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0


YES_NO = ("no", "yes")
SETTINGS = {
    one.key: one
    for one in (
        Setting("attendance_formula", "plain", ("plain", "justified_added", "justified_removed")),
        Setting("rounding", "minute", ("minute", "quarter", "half_day")),
        Setting("company_in_certificate", "no", YES_NO),
        Setting("company_in_report", "no", YES_NO),
        Setting("certificate_rhythm", "final", ("final", "monthly")),
        Setting("annex", "yes", YES_NO),
        Setting("employer_line", "no", YES_NO),
        Setting("union_emblem", "yes", YES_NO),
        Setting("billing", "hours", ("hours", "flat")),
        Setting("hour_price", "0", least=0, most=100_000),
        Setting("positive_exits", "employment_training", ("employment_training", "employment", "none")),
        Setting("success_base", "presented", ("presented", "entered")),
        Setting("exit_base", "leavers", ("leavers", "answered")),
        Setting("retention_years", "3", least=3, most=30),
        Setting("survey_months", "12", least=1, most=60),
    )
}


@dataclass(frozen=True)
class Saying:
    """One value said somewhere, from a day on. A later one of the same day and place takes over."""

    id: int
    key: str
    scope: Scope
    value: str
    since: date
    is_confirmed: bool = False


@dataclass(frozen=True)
class Value:
    """What holds on a day: the value, where it comes from, and whether the funder confirmed it."""

    key: str
    value: str
    scope: Scope = Scope.DEFAULT
    since: date | None = None
    is_confirmed: bool = False

    @property
    def is_yes(self) -> bool:
        return self.value == "yes"

    @property
    def number(self) -> int:
        return int(self.value)


@dataclass
class ValueRefused(RuleBroken):
    """This setting does not take this value."""

    key: str
    least: int
    most: int


def check_value(key: str, value: str) -> str:
    """Return a value as it is kept. Raises ValueRefused."""
    setting = SETTINGS[key]
    if setting.choices:
        if value not in setting.choices:
            raise ValueRefused(key, 0, 0)
        return value
    if not value.strip().isdecimal() or not setting.least <= int(value) <= setting.most:
        raise ValueRefused(key, setting.least, setting.most)
    return str(int(value))


def resolve(sayings: Iterable[Saying], key: str, on: date) -> Value:
    """Return what holds for a key on a day."""
    heard = [one for one in sayings if one.key == key and one.since <= on]
    if not heard:
        return Value(key, SETTINGS[key].default)
    found = max(heard, key=lambda one: (one.scope, one.since, one.id))
    return Value(key, found.value, found.scope, found.since, found.is_confirmed)


def resolve_all(sayings: Sequence[Saying], on: date) -> dict[str, Value]:
    return {key: resolve(sayings, key, on) for key in SETTINGS}


def times_of(sayings: Sequence[Saying], key: str) -> list[tuple[date | None, str]]:
    """Return what holds for a key, one time after another, with the day each begins; None: from the start."""
    found: list[tuple[date | None, str]] = [(None, SETTINGS[key].default)]
    for day in sorted({one.since for one in sayings if one.key == key}):
        value = resolve(sayings, key, day).value
        if value != found[-1][1]:
            found.append((day, value))
    return found


def changed_within(sayings: Sequence[Saying], key: str, first: date, last: date) -> list[date]:
    """Return the days, after the first, on which another value of a key begins to hold in a period."""
    days = sorted({one.since for one in sayings if one.key == key and first < one.since <= last})
    changed, before = [], resolve(sayings, key, first).value
    for day in days:
        value = resolve(sayings, key, day).value
        if value != before:
            changed.append(day)
        before = value
    return changed
