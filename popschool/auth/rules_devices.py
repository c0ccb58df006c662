"""What is said of a device to the person who used it: its browser and its system."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from popschool.auth.rules import Role

# Who reads everybody's data signs in again after a while without doing anything; a learner's phone stays in.
END_WHEN_IDLE = frozenset(
    {Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER, Role.AUDITOR, Role.FUNDER, Role.DISABILITY_CONTACT}
)
IDLE_LIFE, SEEN_AGAIN = timedelta(hours=2), timedelta(minutes=5)
PROOF_LASTS = timedelta(minutes=15)
DEVICES_REMEMBERED = timedelta(days=365)

# In this order: a browser names those that it resembles.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def name_device(user_agent: str) -> tuple[str, str]:
    """Return the browser and the system that a browser says it is; empty for what is not known.

    >>> name_device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    ('Firefox', 'Linux')
    """
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return browser, system


def is_idle(roles: Iterable[Role], seen_at: datetime, now: datetime) -> bool:
    """Say whether somebody with these roles has done nothing for so long that they sign in again."""
    return not END_WHEN_IDLE.isdisjoint(roles) and now - seen_at > IDLE_LIFE
