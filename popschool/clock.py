"""The time, asked for in one place. Only routes, commands and jobs ask; below them the moment is an argument."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_shift = timedelta(0)
_frozen: datetime | None = None


def start_at(moment: datetime | None) -> None:
    """Let the clock start at `moment` and go on from there; None gives the real time back."""
    global _shift
    _shift = timedelta(0) if moment is None else moment - datetime.now(UTC)


def freeze(moment: datetime | None) -> None:
    """Stop the clock at `moment`; None lets it run again. For tests."""
    global _frozen
    _frozen = moment


def is_moved() -> bool:
    """Say whether this clock shows another time than the real one."""
    return bool(_shift) or _frozen is not None


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return _frozen or datetime.now(UTC) + _shift


def today(zone: ZoneInfo = PARIS) -> date:
    """Return the current day where a school is."""
    return local_day(now(), zone)


def local_day(moment: datetime, zone: ZoneInfo = PARIS) -> date:
    """Return the day that a moment falls on where a school is."""
    return moment.astimezone(zone).date()
