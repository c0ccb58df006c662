"""How long each kind of data is kept, and what goes at once when somebody asks.

Nothing here is about totals: rows that are counted stay, and lose what says who.
Source: the reference of funders' documents, 9.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from popschool.errors import RuleBroken


class Kept(StrEnum):
    """A kind of data of one person."""

    NEEDS = "needs"
    ACCOUNT = "account"
    WORK = "work"
    EVIDENCE = "evidence"
    NAME = "name"


YEARS_AFTER = {Kept.NEEDS: 1, Kept.ACCOUNT: 3, Kept.WORK: 3}
# Somebody was invited, or named in a proposal, and never came: a year later nothing is kept of them.
YEARS_UNUSED = 1
GO_WHEN_ASKED = frozenset({Kept.NEEDS, Kept.ACCOUNT})


@dataclass
class StillHere(RuleBroken):
    """Somebody with a place today or to come, or with a role, needs their account: leaving comes first."""


def years_on(day: date, years: int) -> date:
    """Return the same day some years later; 28 February for a 29th that is not there.

    >>> years_on(date(2028, 2, 29), 1)
    datetime.date(2029, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def kept_through(kept: Kept, left_on: date | None, evidence_until: date | None, asked_on: date | None) -> date | None:
    """Return the last day on which a kind of data is kept; None when nothing says so yet.

    `left_on` is the last day of somebody's last place, `evidence_until` what their payers ask, `asked_on` the day on
    which the school agreed to erase. A name goes last, with the evidence that it is on, and never before the work.
    """
    if kept in GO_WHEN_ASKED and asked_on is not None:
        return asked_on - timedelta(days=1)
    if left_on is None:
        return asked_on - timedelta(days=1) if asked_on is not None else None
    if kept in YEARS_AFTER:
        return years_on(left_on, YEARS_AFTER[kept])
    work = years_on(left_on, YEARS_AFTER[Kept.WORK])
    if evidence_until is None:
        return work if kept is Kept.NAME else None
    return max(evidence_until, work) if kept is Kept.NAME else evidence_until


def is_due(kept: Kept, left_on: date | None, evidence_until: date | None, asked_on: date | None, today: date) -> bool:
    """Say whether a kind of data goes today."""
    last = kept_through(kept, left_on, evidence_until, asked_on)
    return last is not None and last < today
