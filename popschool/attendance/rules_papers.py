"""What papers say besides the facts: the prefect of a declaration, half-days that share one heading."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import TypeVar

# The first two digits of an activity number are the region that registered it; regions merged in 2016.
REGIONS = {
    "01": "Guadeloupe", "02": "Martinique", "03": "Guyane", "04": "La Réunion", "06": "Mayotte",
    "11": "Île-de-France", "21": "Grand Est", "22": "Hauts-de-France", "23": "Normandie", "24": "Centre-Val de Loire",
    "25": "Normandie", "26": "Bourgogne-Franche-Comté", "27": "Bourgogne-Franche-Comté", "28": "Normandie",
    "31": "Hauts-de-France", "32": "Hauts-de-France", "41": "Grand Est", "42": "Grand Est",
    "43": "Bourgogne-Franche-Comté", "44": "Grand Est", "52": "Pays de la Loire", "53": "Bretagne",
    "54": "Nouvelle-Aquitaine", "72": "Nouvelle-Aquitaine", "73": "Occitanie", "74": "Nouvelle-Aquitaine",
    "75": "Nouvelle-Aquitaine", "76": "Occitanie", "82": "Auvergne-Rhône-Alpes", "83": "Auvergne-Rhône-Alpes",
    "84": "Auvergne-Rhône-Alpes", "91": "Occitanie", "93": "Provence-Alpes-Côte d'Azur", "94": "Corse",
    "95": "Guadeloupe", "96": "Guyane", "97": "Martinique", "98": "La Réunion",
}  # fmt: skip

Shown = TypeVar("Shown")
Text = TypeVar("Text")


def prefect_region(activity_number: str) -> str:
    """Return the region whose prefect registered a training body; nothing when its number does not say."""
    return REGIONS.get(activity_number[:2], "")


def declaration(activity_number: str, region: str) -> str:
    """Return the sentence that every paper of a registered body prints. Source: Code du travail, L6352-12."""
    if not activity_number:
        return ""
    return (
        f"Déclaration d'activité enregistrée sous le n° {activity_number} auprès du préfet de région {region} – "
        "Cet enregistrement ne vaut pas agrément de l'État"
    )


def read_funders(text: str) -> list[dict[str, str]]:
    """Return the funders written one a line, each with its agreement after a semicolon, if it has one."""
    found = []
    for line in text.splitlines():
        name, _semicolon, agreement = (part.strip() for part in line.partition(";"))
        if name:
            found.append({"name": name, "agreement": agreement})
    return found


def write_funders(funders: Iterable[Mapping[str, str]]) -> str:
    """Return funders as `read_funders` reads them."""
    return "\n".join("; ".join(part for part in (one["name"], one["agreement"]) if part) for one in funders)


def runs(things: Iterable[Shown], said: Callable[[Shown], Text]) -> list[tuple[Text, int]]:
    """Return what consecutive things say, each with how many say it."""
    return [(text, len(list(some))) for text, some in groupby(things, key=said)]
