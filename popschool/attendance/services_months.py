"""A month of presence: one person's days, and the statement of a cohort, from the daily summaries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, Select, bindparam, func, select

from popschool.attendance.models import CompanyWeek, PresenceDay
from popschool.attendance.rules_totals import Tally
from popschool.db import db
from popschool.schools.models import Enrolment, Person

FIGURES = ("planned", "attended", "distance", "justified", "unjustified", "missing")
HEADS = (
    "Nom", "Prénom", "Numéro", "Entrée", "Sortie prévue", "Sortie", "Heures prévues du mois", "Heures réalisées",
    "Heures à distance", "Heures en entreprise", "Absences justifiées", "Absences injustifiées",
    "Non saisies", "Taux d'assiduité",
)  # fmt: skip


@dataclass(frozen=True)
class MonthLine:
    """One person's month in a cohort, in minutes. `company_minutes` are those that a tutor signed."""

    person: Person
    enrolment: Enrolment
    total: Tally
    company_minutes: int

    @property
    def is_whole(self) -> bool:
        """Say whether every half-day of the month is entered: nothing is missing."""
        return self.total.missing == 0


def month_of(text: str) -> date:
    """Return the first day of a month written "2027-03". Raises ValueError."""
    return date.fromisoformat(f"{text}-01")


def last_day(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def statement(cohort_id: int, first: date) -> list[MonthLine]:
    """Return the month of a cohort, each enrolment a line, by name: those with no planned hour are left out.

    Two queries, whatever the number of people and of half-days: the summaries are added up by the database.
    Source: the reference of funders' documents, 3.5.
    """
    last = last_day(first)
    rows = db.session.execute(_sums(), {"cohort": cohort_id, "first": first, "last": last}).all()
    company = _company_minutes([row.Person.id for row in rows], first, last)
    return [
        MonthLine(
            row.Person,
            row.Enrolment,
            Tally(row.planned, row.attended, row.distance, row.justified, row.unjustified, row.missing),
            company.get(row.Person.id, 0),
        )
        for row in rows
    ]


@cache
def _sums() -> Select:
    return (
        select(Person, Enrolment, *(func.sum(getattr(PresenceDay, name)).label(name) for name in FIGURES))
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(PresenceDay, PresenceDay.enrolment_id == Enrolment.id)
        .where(
            Enrolment.cohort_id == bindparam("cohort"),
            PresenceDay.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
        )
        .group_by(Person.id, Enrolment.id)
        .order_by(Person.last_name, Person.first_name, Person.id, Enrolment.starts_on)
    )


def _company_minutes(people: Sequence[int], first: date, last: date) -> dict[int, int]:
    """Return the minutes in a company that a tutor signed, by person. A later version of a week takes its place."""
    newest: dict[tuple[int, int, date], CompanyWeek] = {}
    given = {"people": list(people), "first": first - timedelta(days=6), "last": last}
    for week in db.session.scalars(_company_weeks(), given):
        newest[week.person_id, week.period_id, week.monday] = week
    minutes: dict[int, int] = {}
    for (person_id, _period, _monday), week in newest.items():
        for day, spent in week.days.items():
            if first <= date.fromisoformat(day) <= last:
                minutes[person_id] = minutes.get(person_id, 0) + spent
    return minutes


@cache
def _company_weeks() -> Select:
    return (
        select(CompanyWeek)
        .where(
            CompanyWeek.person_id.in_(bindparam("people", expanding=True)),
            CompanyWeek.monday.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
            CompanyWeek.tutor_signed_at.is_not(None),
        )
        .order_by(CompanyWeek.version)
    )


def months_of(cohort_id: int) -> list[date]:
    """Return the months in which a cohort has summaries, the last first. One query."""
    first, last = db.session.execute(_first_and_last(), {"cohort": cohort_id}).one()
    if first is None:
        return []
    found, month = [], last.replace(day=1)
    while month >= first.replace(day=1):
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


@cache
def _first_and_last() -> Select:
    return select(func.min(PresenceDay.on), func.max(PresenceDay.on)).where(
        PresenceDay.cohort_id == bindparam("cohort")
    )


def rows(lines: Sequence[MonthLine]) -> Iterator[tuple]:
    """Yield the statement as a table: hours are decimal, unknown is empty."""
    for line in lines:
        total = line.total
        yield (
            line.person.last_name,
            line.person.first_name,
            line.person.learner_number or "",
            line.enrolment.starts_on.isoformat(),
            line.enrolment.ends_on.isoformat(),
            line.enrolment.left_on.isoformat() if line.enrolment.left_on else "",
            hours(total.planned),
            hours(total.attended),
            hours(total.distance),
            hours(line.company_minutes),
            hours(total.justified),
            hours(total.unjustified),
            hours(total.missing),
            round(total.rate, 1) if total.rate is not None and line.is_whole else "",
        )


def hours(minutes: int) -> float:
    """Return minutes as hours with two decimals, for a spreadsheet; kept and added up in minutes."""
    return round(minutes / 60, 2)
