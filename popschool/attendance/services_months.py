"""A month of presence: one person's days, and the statement of a cohort, from the daily summaries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sqlalchemy import CompoundSelect, Date, Select, bindparam, func, select

from popschool.attendance.models import CompanyPeriod, CompanyWeek, PresenceDay
from popschool.attendance.rules_totals import Tally
from popschool.db import db
from popschool.rules_tables import Column, Kind
from popschool.schools.models import Enrolment, Person

FIGURES = ("planned", "attended", "distance", "justified", "unjustified", "missing")
COLUMNS = (
    Column("last_name", "Nom"),
    Column("first_name", "Prénom"),
    Column("number", "Numéro"),
    Column("starts_on", "Entrée", Kind.DAY),
    Column("ends_on", "Sortie prévue", Kind.DAY),
    Column("left_on", "Sortie", Kind.DAY),
    Column("planned", "Heures prévues du mois", Kind.HUNDREDTHS),
    Column("attended", "Heures réalisées", Kind.HUNDREDTHS),
    Column("distance", "Heures à distance", Kind.HUNDREDTHS),
    Column("company", "Heures en entreprise", Kind.HUNDREDTHS),
    Column("justified", "Absences justifiées", Kind.HUNDREDTHS),
    Column("unjustified", "Absences injustifiées", Kind.HUNDREDTHS),
    Column("missing", "Non saisies", Kind.HUNDREDTHS),
    Column("rate", "Taux d'assiduité", Kind.TENTHS),
)


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
    """Return the month of a cohort, each enrolment a line, by name: those with no hour at all are left out.

    Two queries, whatever the number of people and of half-days: the summaries are added up by the database.
    Source: the reference of funders' documents, 3.5.
    """
    last = last_day(first)
    rows = db.session.execute(_sums(), {"cohort": cohort_id, "first": first, "last": last}).all()
    company = _company_days(cohort_id, first, last)
    lines = []
    for row in rows:
        place = row.Enrolment
        spent = [minutes for day, minutes in company.get(row.Person.id, ()) if place.starts_on <= day <= place.last_day]
        if row.planned is not None or spent:
            total = Tally(*(getattr(row, name) or 0 for name in FIGURES))
            lines.append(MonthLine(row.Person, place, total, sum(spent)))
    return lines


@cache
def _sums() -> Select:
    return (
        select(Person, Enrolment, *(func.sum(getattr(PresenceDay, name)).label(name) for name in FIGURES))
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(
            PresenceDay,
            (PresenceDay.enrolment_id == Enrolment.id)
            & PresenceDay.on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
        )
        .where(Enrolment.cohort_id == bindparam("cohort"))
        .group_by(Person.id, Enrolment.id)
        .order_by(Person.last_name, Person.first_name, Person.id, Enrolment.starts_on)
    )


def _company_days(cohort_id: int, first: date, last: date) -> dict[int, list[tuple[date, int]]]:
    """Return the days in companies that a tutor signed, each with its minutes, by person.

    A later version of a week takes the place of the one before, and counts once its tutor has signed it.
    """
    newest: dict[tuple[int, int, date], CompanyWeek] = {}
    given = {"cohort": cohort_id, "first": first - timedelta(days=6), "last": last}
    for week in db.session.scalars(_company_weeks(), given):
        newest[week.person_id, week.period_id, week.monday] = week
    found: dict[int, list[tuple[date, int]]] = {}
    for week in newest.values():
        if week.tutor_signed_at is not None:
            days = ((date.fromisoformat(day), minutes) for day, minutes in week.days.items())
            found.setdefault(week.person_id, []).extend(one for one in days if first <= one[0] <= last)
    return found


@cache
def _company_weeks() -> Select:
    return (
        select(CompanyWeek)
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .where(
            CompanyPeriod.cohort_id == bindparam("cohort"),
            CompanyWeek.monday.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
        )
        .order_by(CompanyWeek.version)
    )


def months_of(cohort_id: int) -> list[date]:
    """Return the months in which a cohort has hours, in the centre or in a company, the last first. One query."""
    days = [day for row in db.session.execute(_first_and_last(), {"cohort": cohort_id}) for day in row if day]
    if not days:
        return []
    first, last = min(days), max(days)
    found, month = [], last.replace(day=1)
    while month >= first.replace(day=1):
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


@cache
def _first_and_last() -> CompoundSelect:
    cohort, monday = bindparam("cohort"), CompanyWeek.monday
    here = select(func.min(PresenceDay.on), func.max(PresenceDay.on)).where(PresenceDay.cohort_id == cohort)
    away = select(func.min(monday), func.max(monday)).join(CompanyPeriod).where(CompanyPeriod.cohort_id == cohort)
    return here.union_all(away)


def rows(lines: Sequence[MonthLine]) -> Iterator[tuple]:
    """Yield the statement as a table: hours are decimal, what is unknown is None."""
    for line in lines:
        total = line.total
        yield (
            line.person.last_name,
            line.person.first_name,
            line.person.learner_number or "",
            line.enrolment.starts_on,
            line.enrolment.ends_on,
            line.enrolment.left_on,
            hours(total.planned),
            hours(total.attended),
            hours(total.distance),
            hours(line.company_minutes),
            hours(total.justified),
            hours(total.unjustified),
            hours(total.missing),
            round(total.rate, 1) if total.rate is not None and line.is_whole else None,
        )


def hours(minutes: int) -> float:
    """Return minutes as hours with two decimals, for a spreadsheet; kept and added up in minutes."""
    return round(minutes / 60, 2)
