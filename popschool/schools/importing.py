"""Bringing a roster in: looked at first, then all of it or nothing."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select

from popschool import audit
from popschool.db import db, transaction
from popschool.errors import Problem, RuleBroken
from popschool.schools import cohorts, people
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.roster import RosterLine, read_roster
from popschool.schools.rules import overlap, search_key


@dataclass
class RosterRefused(RuleBroken):
    """The roster has problems; nothing was brought in."""

    problems: list[Problem]


@dataclass
class Plan:
    """What an import would do: people to make, people known, places to give, places already held."""

    problems: list[Problem] = field(default_factory=list)
    fresh: list[RosterLine] = field(default_factory=list)
    known: list[tuple[RosterLine, Person]] = field(default_factory=list)
    held: list[tuple[RosterLine, Person]] = field(default_factory=list)


def plan_import(text: str, cohort: Cohort, today: date, name: str = "liste.csv") -> Plan:
    """Say what a roster would do to a cohort, and everything that forbids it."""
    roster = read_roster(text, name)
    plan = Plan(problems=list(roster.problems))
    by_handle = _known(roster.lines)
    places: dict[int, list[tuple[date, date]]] = {}
    for enrolment in db.session.scalars(select(Enrolment).where(Enrolment.cohort_id == cohort.id)):
        places.setdefault(enrolment.person_id, []).append((enrolment.starts_on, enrolment.last_day))
    for line in roster.lines:
        starts_on, ends_on = dates_of(line, cohort, today)
        if starts_on < cohort.starts_on or ends_on > cohort.ends_on or ends_on < starts_on:
            plan.problems.append(
                Problem(
                    name,
                    line.line,
                    0,
                    "error",
                    "Ces dates ne sont pas dans celles de la promo.",
                    f"La promo va du {cohort.starts_on:%d/%m/%Y} au {cohort.ends_on:%d/%m/%Y}.",
                )
            )
        found = {by_handle[handle].id: by_handle[handle] for handle in _handles(line) if handle in by_handle}
        if len(found) > 1:
            names = " et ".join(sorted(person.name for person in found.values()))
            plan.problems.append(
                Problem(
                    name,
                    line.line,
                    0,
                    "error",
                    f"Cette ligne mélange deux personnes : {names}.",
                    "Vérifiez le mail, le téléphone et le numéro.",
                )
            )
        elif found:
            _place(plan, line, next(iter(found.values())), places, (starts_on, ends_on), name)
        else:
            plan.fresh.append(line)
    plan.problems.sort()
    return plan


def _place(plan: Plan, line: RosterLine, person: Person, places: dict, wanted: tuple[date, date], name: str) -> None:
    if search_key(person.first_name, person.last_name) != search_key(line.first_name, line.last_name):
        plan.problems.append(
            Problem(
                name,
                line.line,
                0,
                "error",
                f"Ce mail, téléphone ou numéro est celui de {person.name}.",
                "Corrigez le nom, ou donnez une autre adresse.",
            )
        )
    elif any(overlap(wanted, held) for held in places.get(person.id, [])):
        plan.held.append((line, person))
    else:
        plan.known.append((line, person))


def dates_of(line: RosterLine, cohort: Cohort, today: date) -> tuple[date, date]:
    """Return a line's dates; without them, from today (or the cohort's first day) to the cohort's last."""
    default = min(max(today, cohort.starts_on), cohort.ends_on)
    return line.starts_on or default, line.ends_on or cohort.ends_on


def _handles(line: RosterLine) -> list[str]:
    return [value for value in (line.mail, line.phone, line.number) if value]


def _known(lines: list[RosterLine]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    handles = [value for line in lines for value in _handles(line)]
    for start in range(0, len(handles), 400):
        part = handles[start : start + 400]
        query = select(Person).where(
            or_(Person.mail.in_(part), Person.phone.in_(part), Person.learner_number.in_(part))
        )
        for person in db.session.scalars(query):
            for value in (person.mail, person.phone, person.learner_number):
                if value:
                    found[value] = person
    return found


def import_roster(
    text: str, cohort: Cohort, actor_id: int | None, now: datetime, today: date, name: str = "liste.csv"
) -> Plan:
    """Bring everybody in, or nobody. Raises RosterRefused or CohortArchived. The same file again changes nothing."""
    cohorts.check_open(cohort)
    with transaction(lock=("people", cohort)):
        plan = plan_import(text, cohort, today, name)
        if plan.problems:
            raise RosterRefused(plan.problems)
        everybody = [(line, _make(line, cohort, now)) for line in plan.fresh] + plan.known
        for line, person in everybody:
            starts_on, ends_on = dates_of(line, cohort, today)
            cohorts.enrol(person, cohort, starts_on, ends_on, actor_id, now)
        audit.record("import_roster", cohort, actor_id=actor_id, now=now, made=len(plan.fresh), enrolled=len(everybody))
    return plan


def _make(line: RosterLine, cohort: Cohort, now: datetime) -> Person:
    return people.new_person(
        line.first_name,
        line.last_name,
        now=now,
        mail=line.mail,
        phone=line.phone,
        learner_number=line.number,
        home_school_id=cohort.school_id,
    )
