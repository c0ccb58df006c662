"""Half-days and daily summaries added up. Minutes are integers."""

from collections.abc import Iterable
from dataclasses import dataclass

from popschool.attendance.rules import Standing


@dataclass(frozen=True)
class Tally:
    """Minutes added up: planned = attended + distance + justified + unjustified + missing."""

    planned: int = 0
    attended: int = 0
    distance: int = 0
    justified: int = 0
    unjustified: int = 0
    missing: int = 0

    @property
    def followed(self) -> int:
        """Return the minutes really followed, there or at a distance."""
        return self.attended + self.distance

    @property
    def rate(self) -> float | None:
        """Return the share of the planned minutes that was attended, in percent; None when nothing was planned."""
        return 100 * self.followed / self.planned if self.planned else None


def add_up(totals: Iterable[Tally]) -> Tally:
    """Add up several totals."""
    figures = [0] * 6
    for one in totals:
        parts = (one.planned, one.attended, one.distance, one.justified, one.unjustified, one.missing)
        figures = [kept + more for kept, more in zip(figures, parts, strict=True)]
    return Tally(*figures)


def tally(standings: Iterable[Standing]) -> Tally:
    """Add up half-days."""
    planned = attended = distance = justified = unjustified = missing = 0
    for one in standings:
        planned += one.planned
        attended += one.attended
        distance += one.distance
        justified += one.justified
        unjustified += one.unjustified
        missing += one.missing
    return Tally(planned, attended, distance, justified, unjustified, missing)
