"""French public holidays, from the holidays library."""

from datetime import date


def public_holidays(first: date, last: date) -> dict[date, str]:
    """Return the public holidays of a period with their French names."""
    import holidays

    years = range(first.year, last.year + 1)
    found = holidays.country_holidays("FR", years=years, language="fr")
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}
