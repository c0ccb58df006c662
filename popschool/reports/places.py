"""The places that a board or a door looks at, as SQL: built once for each way to choose them."""

from functools import cache

from sqlalchemy import CTE, ColumnElement, Date, bindparam, exists, func, or_, select

from popschool.attendance.models import PresenceDay
from popschool.completion.models import EnrolmentFunding, Funder, Funding
from popschool.schools.models import Cohort, Enrolment, School
from popschool.schools.rules import ExitReason

FIRST, LAST, TODAY = (bindparam(name, type_=Date) for name in ("first", "last", "today"))
LAST_DAY = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
Narrowed = tuple[str, ...]


@cache
def places(narrowed: Narrowed) -> CTE:
    """Return the places that have a day in the period. Somebody who never came never entered."""
    return (
        select(
            Enrolment.id,
            Enrolment.school_id,
            Enrolment.cohort_id,
            Enrolment.person_id,
            Enrolment.starts_on,
            Enrolment.ends_on,
            Enrolment.left_on,
            LAST_DAY.label("last_day"),
            func.coalesce(Enrolment.exit_reason, "").label("exit_reason"),
        )
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(School, School.id == Enrolment.school_id)
        .where(chosen(narrowed))
        .cte("places")
    )


def chosen(narrowed: Narrowed) -> ColumnElement[bool]:
    """Say, in SQL, that a place is looked at. It needs its cohort and its school joined."""
    asked = (
        (Enrolment.starts_on <= LAST)
        & (LAST_DAY >= FIRST)
        & (func.coalesce(Enrolment.exit_reason, "") != ExitReason.NEVER_CAME)
    )
    columns = {
        "school_id": Enrolment.school_id,
        "cohort_id": Enrolment.cohort_id,
        "region": School.region,
        "programme_id": Cohort.programme_id,
        "enrolment_id": Enrolment.id,
    }
    for name, column in columns.items():
        if name in narrowed:
            asked &= column == bindparam(name)
    if "schools" in narrowed:
        asked &= Enrolment.school_id.in_(bindparam("schools", expanding=True))
    if pays(narrowed) is not None:
        asked &= exists(
            select(EnrolmentFunding.id)
            .join(Funding, Funding.id == EnrolmentFunding.funding_id)
            .join(Funder, Funder.id == Funding.funder_id)
            .where(
                EnrolmentFunding.enrolment_id == Enrolment.id,
                EnrolmentFunding.starts_on <= func.coalesce(Enrolment.left_on, LAST),
                EnrolmentFunding.starts_on <= LAST,
                or_(EnrolmentFunding.ends_on.is_(None), EnrolmentFunding.ends_on >= FIRST),
                pays(narrowed),
            )
            .correlate(Enrolment)
        )
    return asked


def pays(narrowed: Narrowed) -> ColumnElement[bool] | None:
    """Say which payers are looked at; None when they all are."""
    if "funder_id" in narrowed:
        return Funder.id == bindparam("funder_id")
    return Funder.name == bindparam("funder") if "funder" in narrowed else None


def days(narrowed: Narrowed, place_id: ColumnElement[int] = PresenceDay.enrolment_id) -> ColumnElement[bool]:
    """Say, in SQL, that a daily summary is counted: in the period, over, and paid for when a payer is chosen.

    Today goes on: what nobody has said of it yet is not missing. Two agreements of one payer on one day count it once.
    """
    asked = PresenceDay.on.between(FIRST, LAST) & (PresenceDay.on < TODAY)
    payer = pays(narrowed)
    if payer is None:
        return asked
    return asked & exists(
        select(EnrolmentFunding.id)
        .join(Funding, Funding.id == EnrolmentFunding.funding_id)
        .join(Funder, Funder.id == Funding.funder_id)
        .where(
            EnrolmentFunding.enrolment_id == place_id,
            EnrolmentFunding.starts_on <= PresenceDay.on,
            or_(EnrolmentFunding.ends_on.is_(None), EnrolmentFunding.ends_on >= PresenceDay.on),
            payer,
        )
        .correlate(PresenceDay)
    )
