"""Hours and rates, in minutes until they are printed. Source: the reference of funders' documents, 2.1 to 2.3."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

FORMULAS = ("plain", "justified_added", "justified_removed")
# A half-day is three hours and a half, as schools plan them and agreements count them.
ROUNDING = {"minute": 1, "quarter": 15, "half_day": 210}
ONE_DECIMAL, TWO_DECIMALS = Decimal("0.1"), Decimal("0.01")


@dataclass(frozen=True)
class Hours:
    """One person's minutes in a period. `due` is what was planned in half-days already past.

    In the centre, `due = attended + distance + justified + unjustified + missing`, at any moment. `missing` are minutes
    past of which nothing is said: neither presence nor absence.
    """

    planned: int = 0
    due: int = 0
    attended: int = 0
    distance: int = 0
    justified: int = 0
    unjustified: int = 0
    missing: int = 0
    company: int = 0
    company_planned: int = 0

    @property
    def realised(self) -> int:
        """Minutes really followed in the centre, on site or at a distance: what a funder pays for."""
        return self.attended + self.distance

    @property
    def adds_up(self) -> bool:
        """Say whether the identity of the centre's hours holds."""
        return self.due == self.realised + self.justified + self.unjustified + self.missing


def add_up(some: Iterable[Hours]) -> Hours:
    """Add up several people or several months."""
    names = [one.name for one in fields(Hours)]
    total = dict.fromkeys(names, 0)
    for one in some:
        for name in names:
            total[name] += getattr(one, name)
    return Hours(**total)


def _percent(part: int, whole: int, unit: Decimal = ONE_DECIMAL) -> Decimal | None:
    if whole <= 0:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(unit, rounding=ROUND_HALF_UP)


def attendance_rate(hours: Hours, formula: str = "plain") -> Decimal | None:
    """Return the share of the hours due that was followed, in percent; None when nothing was due.

    >>> attendance_rate(Hours(due=37800, attended=35340, justified=1470, unjustified=990))
    Decimal('93.5')
    """
    if formula == "justified_added":
        return _percent(hours.realised + hours.justified, hours.due)
    if formula == "justified_removed":
        return _percent(hours.realised, hours.due - hours.justified)
    return _percent(hours.realised, hours.due)


def unjustified_rate(hours: Hours) -> Decimal | None:
    return _percent(hours.unjustified, hours.due)


def realisation_rate(hours: Hours) -> Decimal | None:
    """Return what was done of the whole action, centre and company together, in percent."""
    return _percent(hours.realised + hours.company, hours.planned + hours.company_planned)


def cpf_rate(hours: Hours) -> int | None:
    """Return the rate of realisation that Mon Compte Formation takes: whole, halves up.

    100 only when the whole action was followed: 99.6 is 99.
    """
    done, whole = hours.realised + hours.company, hours.planned + hours.company_planned
    rate = _percent(done, whole, Decimal(1))
    if rate is None:
        return None
    return 99 if rate >= 100 and done < whole else min(int(rate), 100)


def rounded(hours: Hours, rounding: str) -> Hours:
    """Return hours as a paper prints them: in whole units, and still adding up.

    Each figure is its whole units; the units that are left go to those with the largest remainders.
    """
    unit = ROUNDING[rounding]
    if unit == 1 or not hours.adds_up:
        return hours
    names = ("attended", "distance", "justified", "unjustified", "missing")
    due = _nearest(hours.due, unit)
    whole = {name: getattr(hours, name) // unit * unit for name in names}
    order = sorted(names, key=lambda name: getattr(hours, name) % unit, reverse=True)
    for name in order[: (due - sum(whole.values())) // unit]:
        whole[name] += unit
    return replace(
        hours,
        due=due,
        planned=_nearest(hours.planned, unit),
        company=_nearest(hours.company, unit),
        company_planned=_nearest(hours.company_planned, unit),
        **whole,
    )


def _nearest(minutes: int, unit: int) -> int:
    return (2 * minutes + unit) // (2 * unit) * unit


def decimal_hours(minutes: int) -> Decimal:
    """Return minutes as hours with two decimals, rounded down: nobody pays for a hundredth that was not followed.

    >>> decimal_hours(35340), decimal_hours(430)
    (Decimal('589.00'), Decimal('7.16'))
    """
    return (Decimal(minutes) / 60).quantize(TWO_DECIMALS, rounding=ROUND_DOWN)


def printed_column(whole: int, followed: int, others: Sequence[int]) -> list[Decimal]:
    """Return minutes as decimal hours that still add up: the whole, what was followed, then the other parts.

    Each is rounded down. The hundredths that this loses go to the others with the largest remainders: a reader who adds
    the line up finds its whole, and what was followed is the same on every paper.
    """
    cents = [100 * part // 60 for part in others]
    left = 100 * whole // 60 - 100 * followed // 60 - sum(cents)
    order = sorted(range(len(others)), key=lambda place: 100 * others[place] % 60, reverse=True)
    for place in order[:left]:
        cents[place] += 1
    return [decimal_hours(whole), decimal_hours(followed), *(Decimal(one).scaleb(-2) for one in cents)]
