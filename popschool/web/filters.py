"""Dates, hours, weights and numbers as people write them, in French and in English. Pure: the zone is given."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

NO_BREAK, THIN = "\u00a0", "\u202f"
FRENCH, ENGLISH = "fr", "en"
COMMAS = {"ar": "،", "fa": "،"}
DAYS = {
    FRENCH: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    FRENCH: tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
    ),
    ENGLISH: tuple(
        "January February March April May June July August September October November December".split()  # noqa: SIM905
    ),
}


@lru_cache
def day_names(language: str) -> tuple[str, ...]:
    """Return the names of the days, Monday first."""
    return DAYS.get(language) or tuple(name for _place, name in sorted(get_day_names("wide", locale=language).items()))


@lru_cache
def _months(language: str) -> tuple[str, ...]:
    names = get_month_names if language not in MONTHS else None
    return tuple(names("wide", locale=language).values()) if names else MONTHS[language]


# What is read from the right has its own units: Latin letters between two numbers would change their places.
SPANS = {"ar": ("س", "د"), "fa": ("ساعت", "دقیقه"), "uk": ("год", "хв"), "tr": ("sa", "dk")}
UNITS = {FRENCH: ("o", "ko", "Mo", "Go"), ENGLISH: ("B", "kB", "MB", "GB")}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def first_capital(text: str) -> str:
    """Return a text that begins with a capital; the others stay, as in "Monday 8 March"."""
    return text[:1].upper() + text[1:]


def together(text: str) -> str:
    """Return a number in groups, as that of a phone, in one piece: from the right, groups would change places."""
    return text.replace(" ", NO_BREAK)


def day(value: date | datetime, language: str, zone: ZoneInfo, today: date) -> str:
    """Return "lundi 8 mars", with the year when it is not this one."""
    when = value.astimezone(zone).date() if isinstance(value, datetime) else value
    number = "1er" if when.day == 1 and language == FRENCH else str(when.day)
    text = f"{day_names(language)[when.weekday()]} {number} {_months(language)[when.month - 1]}"
    return text if when.year == today.year else f"{text} {when.year}"


def hour(value: datetime, language: str, zone: ZoneInfo) -> str:
    """Return "9 h", "9 h 02"; in English "9:02"."""
    local = value.astimezone(zone) if hasattr(value, "astimezone") else value
    if language != FRENCH:
        return f"{local.hour}:{local.minute:02}"
    return f"{local.hour}{NO_BREAK}h{NO_BREAK}{local.minute:02}" if local.minute else f"{local.hour}{NO_BREAK}h"


def comma(language: str) -> str:
    """Return the sign that a list of words is read by."""
    return COMMAS.get(language, ",")


def moment(value: datetime, language: str, zone: ZoneInfo, today: date) -> str:
    """Return "lundi 8 mars, 9 h"."""
    return f"{day(value, language, zone, today)}{comma(language)} {hour(value, language, zone)}"


def month(value: date, language: str) -> str:
    """Return "mars 2027"."""
    return f"{_months(language)[value.month - 1]} {value.year}"


@lru_cache(maxsize=4096)
def number(value: float | Decimal | None, language: str, digits: int = 1) -> str:
    """Return "1 740,3": at most `digits` decimals, none when they are zero. Nothing when it is unknown."""
    if value is None:
        return ""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if language == ENGLISH:
        return text
    return text.replace(",", THIN).replace(".", ",")


def weight(size: int, language: str) -> str:
    """Return "3 Mo": thousands of bytes, one decimal under ten."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < 3:
        amount, unit = amount / 1000, unit + 1
    digits = 1 if unit > 1 and amount < 9.95 else 0
    return f"{number(amount, language, digits)}{NO_BREAK}{UNITS.get(language, UNITS[ENGLISH])[unit]}"


@lru_cache(maxsize=4096)
def duration(minutes: int | None, language: str) -> str:
    """Return "1 h 30", "45 min"; in English "1 h 30 min"."""
    if minutes is None:
        return ""
    hours, rest = divmod(int(minutes), 60)
    of_hours, of_minutes = SPANS.get(language, ("h", "min"))
    if not hours:
        return f"{rest}{NO_BREAK}{of_minutes}"
    text = f"{number(hours, language)}{NO_BREAK}{of_hours}"
    if not rest:
        return text
    return f"{text} {rest}{NO_BREAK}{of_minutes}" if language != FRENCH else f"{text}{NO_BREAK}{rest:02}"


def elapsed(since: date | datetime, now: datetime, zone: ZoneInfo) -> tuple[str, int]:
    """Say how long ago: ("days", 7), ("hours", 3) or ("minutes", 12). Days are calendar days where the school is."""
    if isinstance(since, datetime):
        gap = now - since
        if gap < DAY:
            return ("hours", gap // HOUR) if gap >= HOUR else ("minutes", max(gap // MINUTE, 0))
        since = since.astimezone(zone).date()
    return "days", max((now.astimezone(zone).date() - since).days, 0)
