"""What the yearly report is copied from: the hours followed in a year, who led them, who paid. Five queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import contains_eager

from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay, HalfDayTrainer, PresenceDay
from popschool.completion import rules_report, rules_settings
from popschool.completion.models import EnrolmentFunding, Funding, TrainingAction
from popschool.completion.models_papers import Document, holds
from popschool.completion.rules_report import Agreement, Part, Place, Sheet
from popschool.completion.services_facts import heard_by, sayings_of_all
from popschool.courses.models import ProgrammeVersion, Revision
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person, School


def yearly_sheet(schools: Sequence[int], first: date, last: date) -> Sheet:
    """Return the copy sheet of some schools, taken together, for a financial year."""
    parts, places = parts_of_year(schools, first, last)
    return rules_report.sheet_of(rules_report.added(parts.values()), {one.enrolment_id: one.name for one in places})


def parts_of_year(schools: Sequence[int], first: date, last: date) -> tuple[dict[int, Part], list[Place]]:
    """Return what each school brings to the sheet of a year, and the places counted, by name. Five queries."""
    shares, agreements = _fundings(schools, first, last)
    places, followed_apart = _places(schools, first, last, shares)
    trainers, led_apart = _trainers(schools, first, last)
    own: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        own[place.school_id].append(place)
    return {
        school: rules_report.part_of(
            own[school], trainers[school], agreements[school], school in followed_apart | led_apart
        )
        for school in schools
    }, places


def places_of_year(schools: Sequence[int], first: date, last: date, enrolment_id: int | None = None) -> list[Place]:
    """Return the places that the report of a year counts, by name: the rows under its lines; or one. Four queries."""
    shares, _agreements = _fundings(schools, first, last, enrolment_id)
    return _places(schools, first, last, shares, enrolment_id)[0]


def days_of_year(enrolment_id: int, first: date, last: date) -> Sequence[PresenceDay]:
    """Return the days of a place on which something was followed. One query."""
    return db.session.scalars(
        select(PresenceDay)
        .where(
            PresenceDay.enrolment_id == enrolment_id,
            PresenceDay.on.between(first, last),
            PresenceDay.attended + PresenceDay.distance > 0,
        )
        .order_by(PresenceDay.on)
    ).all()


def documents_of_year(enrolment: Enrolment, first: date, last: date) -> Sequence[Document]:
    """Return the documents that hold, of a place or of its whole cohort, that say something of a year. One query."""
    shared = and_(Document.enrolment_id.is_(None), Document.cohort_id == enrolment.cohort_id)
    return db.session.scalars(
        select(Document)
        .where(
            or_(Document.enrolment_id == enrolment.id, shared),
            Document.starts_on <= last, Document.ends_on >= first,
            holds(),
        )
        .order_by(Document.number)
    ).all()  # fmt: skip


def _places(
    schools: Sequence[int],
    first: date,
    last: date,
    shares: dict[int, EnrolmentFunding],
    enrolment_id: int | None = None,
) -> tuple[list[Place], set[int]]:
    """Return the places followed in a year, and the schools of which something was followed at a distance."""
    followed = func.sum(PresenceDay.attended + PresenceDay.distance).label("minutes")
    apart = func.sum(PresenceDay.distance).label("apart")
    said = PresenceDay.attended + PresenceDay.distance + PresenceDay.justified + PresenceDay.unjustified
    wrong = func.sum(func.abs(PresenceDay.planned - said - PresenceDay.missing)).label("wrong")
    counted = (
        select(PresenceDay.enrolment_id, followed, apart, wrong)
        .where(PresenceDay.school_id.in_(schools), PresenceDay.on.between(first, last))
        .where(true() if enrolment_id is None else PresenceDay.enrolment_id == enrolment_id)
        .group_by(PresenceDay.enrolment_id)
        .subquery()
    )
    taught = (
        (ProgrammeVersion.programme_id == Cohort.programme_id)
        & (ProgrammeVersion.since <= Revision.number)
        & or_(ProgrammeVersion.until.is_(None), ProgrammeVersion.until >= Revision.number)
    )
    rows = db.session.execute(
        select(
            Enrolment.id, Enrolment.school_id, Enrolment.cohort_id, Enrolment.person_id,
            Person.first_name, Person.last_name, TrainingAction, counted.c.minutes, counted.c.apart, counted.c.wrong,
            # What a programme says whole is heavy, and would be read again for each of its people.
            ProgrammeVersion.data["certification"].label("certification"),
        )
        .select_from(Enrolment)
        .join(counted, counted.c.enrolment_id == Enrolment.id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(Revision, Revision.id == Cohort.revision_id)
        .outerjoin(ProgrammeVersion, taught)
        .outerjoin(TrainingAction, TrainingAction.cohort_id == Cohort.id)
        .order_by(Person.last_name, Person.first_name, Enrolment.id)
    ).all()  # fmt: skip
    sayings = sayings_of_all(schools)
    company = _company(schools, first, last)
    places = [_place(row, shares.get(row.id), sayings, company, last) for row in rows]
    return [one for one in places if one.minutes], {row.school_id for row in rows if row.apart}


def _place(
    row: Any, share: EnrolmentFunding | None, sayings: dict[int, list], company: dict[tuple[int, int], int], last: date
) -> Place:
    heard = heard_by(sayings.get(row.school_id, []), share.funding if share else None)
    counts_company = rules_settings.resolve(heard, "company_in_report", last).is_yes
    certification, action = row.certification or {}, row.TrainingAction
    return Place(
        enrolment_id=row.id,
        name=f"{row.first_name} {row.last_name}".strip(),
        minutes=row.minutes + (company.get((row.cohort_id, row.person_id), 0) if counts_company else 0),
        funder=share.funding.funder.kind if share else None,
        employer=share.employer if share else "",
        certification=certification.get("id", ""),
        level=certification.get("level"),
        nature=action.nature if action else "training",
        speciality=action.speciality if action else "",
        school_id=row.school_id,
        adds_up=not row.wrong,
    )


def _fundings(
    schools: Sequence[int], first: date, last: date, enrolment_id: int | None = None
) -> tuple[dict[int, EnrolmentFunding], dict[int, list[Agreement]]]:
    """Return who each place is counted for, and the agreements of a year, by school. One query.

    A place is counted for its employer if it has one, or for the first who paid: once.
    """
    is_asked = true() if enrolment_id is None else EnrolmentFunding.enrolment_id == enrolment_id
    rows = db.session.execute(
        select(Funding, EnrolmentFunding)
        .join(Funding.funder)
        .outerjoin(EnrolmentFunding, and_(EnrolmentFunding.funding_id == Funding.id, is_asked))
        .where(Funding.school_id.in_(schools))
        .order_by(EnrolmentFunding.employer != "", EnrolmentFunding.starts_on.desc(), EnrolmentFunding.id.desc())
        .options(
            contains_eager(Funding.funder),
            contains_eager(EnrolmentFunding.funding).contains_eager(Funding.funder),
        )
    ).all()
    shares = {share.enrolment_id: share for _funding, share in rows if share is not None}
    fundings = {one.id: one for one, _share in rows if one.starts_on <= last and one.ends_on >= first}
    agreements: dict[int, list[Agreement]] = defaultdict(list)
    for one in fundings.values():
        label = " ".join(part for part in (one.funder.name, one.agreement) if part)
        agreements[one.school_id].append(Agreement(one.report_line, one.agreement, one.id, label))
    return shares, agreements


def _company(schools: Sequence[int], first: date, last: date) -> dict[tuple[int, int], int]:
    """Return the minutes in a company that a tutor signed, by cohort and person; the last version of a week counts."""
    rows = db.session.execute(
        select(CompanyPeriod.cohort_id, CompanyWeek)
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .where(CompanyPeriod.school_id.in_(schools), CompanyWeek.tutor_signed_at.is_not(None))
        .where(CompanyWeek.monday <= last)
        .order_by(CompanyWeek.version)
    )
    weeks: dict[tuple, Any] = {
        (cohort_id, week.person_id, week.period_id, week.monday): week.days for cohort_id, week in rows
    }
    found: dict[tuple[int, int], int] = defaultdict(int)
    for (cohort_id, person_id, *_week), days in weeks.items():
        found[cohort_id, person_id] += sum(
            minutes for day, minutes in days.items() if first <= date.fromisoformat(day) <= last
        )
    return found


def led_in(schools: Sequence[int], first: date, last: date) -> ColumnElement[bool]:
    """Say, in SQL, that a half-day was led by this trainer, and is counted: countersigned, and not cancelled."""
    return and_(
        HalfDay.school_id.in_(schools), HalfDay.on.between(first, last), HalfDay.countersigned_at.is_not(None),
        HalfDay.cancelled_at.is_(None), HalfDayTrainer.replaced_at.is_(None),
    )  # fmt: skip


def _trainers(schools: Sequence[int], first: date, last: date) -> tuple[dict[int, dict[int, int]], set[int]]:
    """Return the minutes of the half-days that each trainer led, by school, and where one was led at a distance.

    The length of each half-day is counted once for each of its trainers.
    """
    rows = db.session.execute(
        select(
            HalfDay.school_id,
            HalfDayTrainer.person_id,
            HalfDay.starts,
            HalfDay.ends,
            HalfDay.pause_minutes,
            HalfDay.link,
        )
        .join(HalfDay, HalfDay.id == HalfDayTrainer.half_day_id)
        .where(led_in(schools, first, last))
    ).all()
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for school_id, person_id, starts, ends, pause, _link in rows:
        found[school_id][person_id] += (ends.hour - starts.hour) * 60 + ends.minute - starts.minute - pause
    return found, {row.school_id for row in rows if row.link}


EARLIEST = 2000


def is_known(school: School | None, year: int, today: date) -> bool:
    """Say whether a report may be opened: of any year since the school opened, or of the next, which may have begun."""
    opened = school.opened_on.year if school is not None and school.opened_on else EARLIEST
    return opened <= year <= today.year + 1


def years_of(school: School, today: date) -> list[int]:
    """Return the years that a page leads to: this one and the two before, none before the school opened.

    A financial year is named by the one in which it closes: the next may have begun.
    """
    opened = school.opened_on.year if school.opened_on else today.year - 2
    return [year for year in range(today.year, today.year - 3, -1) if year >= opened]
