"""A copy sheet made of places alone."""

from collections.abc import Mapping, Sequence

from popschool.completion.rules_report import Place, Sheet, part_of, sheet_of


def sheet_from(places: Sequence[Place], payers: Mapping[str, list[str]] | None = None) -> Sheet:
    """Return the sheet of some places; `payers` are what is shown of agreements, by line of frame C."""
    found = sheet_of(part_of(places, {}), {one.enrolment_id: one.name for one in places})
    found.payers = dict(payers or {})
    return found
