"""French public holidays. Source: Code du travail, L3133-1."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum


class Holiday(StrEnum):
    """The eleven days on which France rests."""

    NEW_YEAR = "new_year"
    EASTER_MONDAY = "easter_monday"
    LABOUR_DAY = "labour_day"
    VICTORY_DAY = "victory_day"
    ASCENSION = "ascension"
    WHIT_MONDAY = "whit_monday"
    NATIONAL_DAY = "national_day"
    ASSUMPTION = "assumption"
    ALL_SAINTS = "all_saints"
    ARMISTICE = "armistice"
    CHRISTMAS = "christmas"


FIXED: Mapping[tuple[int, int], Holiday] = {
    (1, 1): Holiday.NEW_YEAR,
    (5, 1): Holiday.LABOUR_DAY,
    (5, 8): Holiday.VICTORY_DAY,
    (7, 14): Holiday.NATIONAL_DAY,
    (8, 15): Holiday.ASSUMPTION,
    (11, 1): Holiday.ALL_SAINTS,
    (11, 11): Holiday.ARMISTICE,
    (12, 25): Holiday.CHRISTMAS,
}
AFTER_EASTER: Mapping[int, Holiday] = {1: Holiday.EASTER_MONDAY, 39: Holiday.ASCENSION, 50: Holiday.WHIT_MONDAY}


def easter(year: int) -> date:
    """Return Easter Sunday. Source: Meeus, Jones and Butcher's method for the Gregorian calendar."""
    century, within = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (within // 4) - moon - within % 4) % 7
    month, day = divmod(moon + sunday - 7 * ((year % 19 + 11 * moon + 22 * sunday) // 451) + 114, 31)
    return date(year, month, day + 1)


def public_holidays(first: date, last: date) -> dict[date, Holiday]:
    """Return the public holidays of a period, the last day included, in order."""
    found: dict[date, Holiday] = {}
    for year in range(first.year, last.year + 1):
        found |= {date(year, month, day): name for (month, day), name in FIXED.items()}
        for days, name in AFTER_EASTER.items():
            found.setdefault(easter(year) + timedelta(days=days), name)
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}
