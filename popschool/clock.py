"""The time, asked for in one place. Only routes, commands and jobs ask; below them the moment is an argument.

Hours are shown, and days begin, where the school is: that of whoever looks, or of the half-day that a page is about.
"""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_here: ContextVar[ZoneInfo] = ContextVar("here", default=PARIS)
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


def here() -> ZoneInfo:
    """Return the zone of the page being made; Paris for what is no page of a school."""
    return _here.get()


def stand_in(zone: ZoneInfo) -> None:
    """Show hours and days as they are in a zone, until the end of the request."""
    _here.set(zone)


def today(zone: ZoneInfo | None = None) -> date:
    """Return the current day where a school is."""
    return local_day(now(), zone)


def local_day(moment: datetime, zone: ZoneInfo | None = None) -> date:
    """Return the day that a moment falls on where a school is."""
    return moment.astimezone(zone or here()).date()
