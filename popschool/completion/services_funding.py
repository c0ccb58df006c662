"""Funders, their agreements, who is paid by which, and what each agreement decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.completion import rules_funding, rules_settings
from popschool.completion.models import (
    EnrolmentFunding,
    Funder,
    Funding,
    FundingSetting,
    Signatory,
    TrainingAction,
)
from popschool.completion.rules_funding import FunderKind, FundingKind, Share
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Enrolment, Person, School
from popschool.schools.rules import check_dates


@dataclass(frozen=True)
class FundingLine:
    """An agreement with how many places it pays for."""

    funding: Funding
    places: int


def funders_of(school_id: int) -> Sequence[Funder]:
    """Return the funders that a school may choose: its own, and those of the whole network."""
    return db.session.scalars(
        select(Funder)
        .where(or_(Funder.school_id == school_id, Funder.school_id.is_(None)), Funder.retired_at.is_(None))
        .order_by(Funder.name)
    ).all()


def fundings_of(school_id: int) -> list[FundingLine]:
    """Return the agreements of a school, the newest first, each with its places. One query."""
    places = (
        select(EnrolmentFunding.funding_id, func.count().label("places"))
        .join(Funding, Funding.id == EnrolmentFunding.funding_id)
        .where(Funding.school_id == school_id)
        .group_by(EnrolmentFunding.funding_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Funding, func.coalesce(places.c.places, 0))
        .outerjoin(places, places.c.funding_id == Funding.id)
        .where(Funding.school_id == school_id)
        .order_by(Funding.starts_on.desc(), Funding.id.desc())
        .options(joinedload(Funding.funder))
    )
    return [FundingLine(funding, places) for funding, places in rows]


def add_funder(
    school_id: int | None, kind: FunderKind, name: str, siret: str, mail: str, actor_id: int, now: datetime
) -> Funder:
    with transaction():
        funder = Funder(
            school_id=school_id, kind=str(kind), name=name.strip(), siret=siret, mail=mail.strip(), created_at=now
        )
        db.session.add(funder)
        audit.record("add_funder", funder, actor_id=actor_id, now=now, name=funder.name)
    return funder


def save_funding(
    school: School, funding: Funding | None, values: dict[str, Any], actor_id: int, now: datetime
) -> Funding:
    """Write an agreement, or change one. Raises DatesInverted, or HoursTooMany when its places promise more."""
    check_dates(values["starts_on"], values["ends_on"])
    with transaction(lock=f"fundings/{school.id}"):
        if funding is None:
            funding = Funding(school_id=school.id, created_at=now)
            db.session.add(funding)
            promised: list[int | None] = []
        else:
            promised = [one.minutes_agreed for one in places_of(funding.id)]
        rules_funding.check_agreed(values.get("minutes_agreed"), promised)
        for name, value in values.items():
            setattr(funding, name, value)
        db.session.flush()
        audit.record("save_funding", funding, actor_id=actor_id, now=now, agreement=funding.agreement)
    return funding


def places_of(funding_id: int) -> Sequence[EnrolmentFunding]:
    """Return the places that an agreement pays for, by name."""
    return db.session.scalars(
        select(EnrolmentFunding)
        .join(Enrolment, Enrolment.id == EnrolmentFunding.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(EnrolmentFunding.funding_id == funding_id)
        .order_by(Person.last_name, Person.first_name, EnrolmentFunding.starts_on)
        .options(
            joinedload(EnrolmentFunding.enrolment).joinedload(Enrolment.person),
            joinedload(EnrolmentFunding.enrolment).joinedload(Enrolment.cohort),
        )
    ).all()


def shares_of(enrolment_id: int) -> Sequence[EnrolmentFunding]:
    """Return who pays for a place, in order."""
    return db.session.scalars(
        select(EnrolmentFunding)
        .where(EnrolmentFunding.enrolment_id == enrolment_id)
        .order_by(EnrolmentFunding.starts_on, EnrolmentFunding.id)
        .options(joinedload(EnrolmentFunding.funding).joinedload(Funding.funder))
    ).all()


def fund(
    enrolment: Enrolment, funding: Funding, starts_on: date, ends_on: date | None, actor_id: int, now: datetime,
    *, minutes_agreed: int | None = None, file_number: str = "", employer: str = "", voucher: str = "",
) -> EnrolmentFunding:  # fmt: skip
    """Let an agreement pay for a place, for some dates.

    Raises OutsideTheFunding, FundedTwice, HoursTooMany, or EmployerMissing for a company that pays for its staff.
    """
    if funding.kind == FundingKind.COMPANY and not employer.strip():
        raise rules_funding.EmployerMissing
    with transaction(lock=f"fundings/{enrolment.school_id}"):
        share = Share(funding.id, starts_on, ends_on, minutes_agreed)
        others = [one.share for one in shares_of(enrolment.id)]
        rules_funding.check_share(
            share, others, (enrolment.starts_on, enrolment.ends_on), (funding.starts_on, funding.ends_on)
        )
        promised = [one.minutes_agreed for one in places_of(funding.id)]
        rules_funding.check_agreed(funding.minutes_agreed, [*promised, minutes_agreed])
        made = EnrolmentFunding(
            school_id=enrolment.school_id,
            enrolment_id=enrolment.id,
            funding_id=funding.id,
            starts_on=starts_on,
            ends_on=ends_on,
            minutes_agreed=minutes_agreed,
            file_number=file_number.strip(),
            employer=employer.strip(),
            voucher=voucher.strip(),
            created_at=now,
        )
        db.session.add(made)
        audit.record("fund_place", made, actor_id=actor_id, now=now, funding=funding.id, enrolment=enrolment.id)
    return made


def fund_cohort(
    cohort: Cohort, funding: Funding, minutes_agreed: int | None, actor_id: int, now: datetime
) -> tuple[int, int]:
    """Let an agreement pay for every place of a cohort that it does not pay for yet, for all the days they share.

    Returns how many places were added, and how many share no day with the agreement. Raises HoursTooMany.
    """
    added = left_out = 0
    with transaction(lock=f"fundings/{cohort.school_id}"):
        enrolments = db.session.scalars(select(Enrolment).where(Enrolment.cohort_id == cohort.id)).all()
        paid = {one.enrolment_id for one in places_of(funding.id)}
        for enrolment in enrolments:
            first, last = max(enrolment.starts_on, funding.starts_on), min(enrolment.ends_on, funding.ends_on)
            if enrolment.id in paid:
                continue
            if last < first or enrolment.last_day < first:
                left_out += 1
                continue
            fund(enrolment, funding, first, last, actor_id, now, minutes_agreed=minutes_agreed)
            added += 1
    return added, left_out


def end_share(share: EnrolmentFunding, ends_on: date, reason: str, actor_id: int, now: datetime) -> None:
    """Let a funding of a place end on a day: a change on the way. Raises OutsideTheFunding."""
    if not share.starts_on <= ends_on <= share.enrolment.ends_on:
        raise rules_funding.OutsideTheFunding(share.starts_on, share.enrolment.ends_on)
    with transaction(lock=f"fundings/{share.school_id}"):
        before = share.ends_on
        share.ends_on, share.end_reason = ends_on, reason.strip()
        audit.record(
            "end_funding", share, actor_id=actor_id, now=now, ends_on=ends_on.isoformat(),
            before=before.isoformat() if before else None,
        )  # fmt: skip


def say_setting(
    school_id: int, key: str, value: str, since: date, is_confirmed: bool, by: Person, now: datetime,
    *, funder_id: int | None = None, funding_id: int | None = None,
) -> FundingSetting:  # fmt: skip
    """Say what an agreement decides, from a day on; what was said before stays. Raises ValueRefused."""
    kept = rules_settings.check_value(key, value)
    with transaction():
        saying = FundingSetting(
            school_id=school_id,
            funder_id=funder_id,
            funding_id=funding_id,
            key=key,
            value=kept,
            since=since,
            is_confirmed=is_confirmed,
            said_by_id=by.id,
            said_at=now,
        )
        db.session.add(saying)
        audit.record("say_setting", saying, actor_id=by.id, now=now, key=key, value=kept)
    return saying


def say_signatory(
    school_id: int, first_name: str, last_name: str, quality: str, city: str, since: date, by: Person, now: datetime
) -> Signatory:
    """Say who signs the papers of a school from a day on; the papers issued before stay as they are."""
    with transaction():
        signatory = Signatory(
            school_id=school_id,
            first_name=first_name.strip(),
            last_name=last_name.strip(),
            quality=quality.strip(),
            city=city.strip(),
            since=since,
            said_by_id=by.id,
            said_at=now,
        )
        db.session.add(signatory)
        audit.record("say_signatory", signatory, actor_id=by.id, now=now, since=since.isoformat())
    return signatory


def save_action(
    cohort: Cohort, nature: str, objectives: Sequence[str], speciality: str, actor_id: int, now: datetime
) -> TrainingAction:
    """Keep what the agreement of a cohort says of its action; the papers issued before stay as they are."""
    with transaction(lock=cohort):
        action = db.session.get(TrainingAction, cohort.id, populate_existing=True)
        if action is None:
            action = TrainingAction(cohort_id=cohort.id, school_id=cohort.school_id)
            db.session.add(action)
        action.nature, action.speciality = nature, speciality
        action.objectives = [one.strip() for one in objectives if one.strip()]
        action.changed_by_id, action.changed_at = actor_id, now
        audit.record("save_action", cohort, actor_id=actor_id, now=now, nature=nature)
    return action
