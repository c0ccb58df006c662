"""Bringing people in: one from a form, or a whole roster, looked at first, then all of it or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from popschool import audit
from popschool.db import db, transaction
from popschool.errors import Problem
from popschool.schools import people, places
from popschool.schools.cohorts import check_open
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.roster import RosterLine, RosterRefused, read_roster
from popschool.schools.rules import name_key, overlap

HANDLES_AT_ONCE = 400
NAME = "liste.csv"


@dataclass(frozen=True)
class Planned:
    """One line of a roster: the cohort it leads to, from when until when, and the person if they are known."""

    line: RosterLine
    cohort: Cohort
    starts_on: date
    ends_on: date
    person: Person | None = None


@dataclass
class Plan:
    """What an import would do: people to make, people known, places already held; what forbids it, what to look at."""

    problems: list[Problem] = field(default_factory=list)
    advice: list[Problem] = field(default_factory=list)
    fresh: list[Planned] = field(default_factory=list)
    known: list[Planned] = field(default_factory=list)
    held: list[Planned] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def enrolled(self) -> list[Planned]:
        return self.fresh + self.known


def plan_import(text: str, cohort: Cohort | None, today: date, name: str = NAME) -> Plan:
    """Say what a roster would do, and everything that forbids it. Raises CohortArchived.

    Without a cohort, each line names its own.
    """
    if cohort is not None:
        check_open(cohort)
    roster = read_roster(text, name)
    planning = _Planning(name, today)
    planning.plan.problems += roster.problems
    planning.plan.ignored = roster.ignored
    planning.read_database(roster.lines, cohort)
    for line in roster.lines:
        planning.take(line, cohort)
    planning.plan.problems.sort()
    planning.plan.advice.sort()
    return planning.plan


class _Planning:
    """A plan being made, with what the database says of the people and the cohorts of the roster."""

    def __init__(self, name: str, today: date):
        self.name, self.today, self.plan = name, today, Plan()
        self.cohorts: dict[str, Cohort] = {}
        self.by_handle: dict[tuple[str, str], Person] = {}
        self.held: dict[tuple[int, int], list[Enrolment]] = {}
        self.schools: dict[int, set[int]] = {}
        self.named: dict[int, set[tuple[str, ...]]] = {}
        self.taken: dict[tuple[int, int], int] = {}
        self.twins: dict[tuple[str, ...], int] = {}

    def read_database(self, lines: list[RosterLine], cohort: Cohort | None) -> None:
        """Read everything in a few queries, whatever the number of lines."""
        if cohort is None:
            codes = {line.cohort for line in lines if line.cohort}
            found = db.session.scalars(select(Cohort).where(Cohort.code.in_(codes)))
            self.cohorts = {one.code: one for one in found}
        else:
            self.cohorts = {cohort.code: cohort}
        self._read_people(lines)
        wanted = {one.id for one in self.cohorts.values()}
        known = {person.id for person in self.by_handle.values()}
        for enrolment in _enrolments(wanted, known):
            self.held.setdefault((enrolment.cohort_id, enrolment.person_id), []).append(enrolment)
            self.schools.setdefault(enrolment.person_id, set()).add(enrolment.school_id)
            person = enrolment.person
            self.named.setdefault(enrolment.cohort_id, set()).add(name_key(person.first_name, person.last_name))

    def _read_people(self, lines: list[RosterLine]) -> None:
        handles = [handle for line in lines for handle in line.handles().values()]
        for start in range(0, len(handles), HANDLES_AT_ONCE):
            part = handles[start : start + HANDLES_AT_ONCE]
            query = select(Person).where(
                or_(Person.mail.in_(part), Person.phone.in_(part), Person.learner_number.in_(part))
            )
            for person in db.session.scalars(query):
                for column in ("mail", "phone", "learner_number"):
                    self.by_handle[column, getattr(person, column)] = person

    def problem(self, line: int, message: str, mend: str) -> None:
        self.plan.problems.append(Problem(self.name, line, 0, "error", message, mend))

    def advise(self, line: int, message: str, mend: str) -> None:
        self.plan.advice.append(Problem(self.name, line, 0, "advice", message, mend))

    def take(self, line: RosterLine, cohort: Cohort | None) -> None:
        """Find out what one line means."""
        goal = self._goal(line, cohort)
        if goal is None:
            return
        starts_on, ends_on = dates_of(line, goal, self.today)
        if starts_on < goal.starts_on or ends_on > goal.ends_on or ends_on < starts_on:
            days = {"first": f"{goal.starts_on:%d/%m/%Y}", "last": f"{goal.ends_on:%d/%m/%Y}"}
            mend = _("La promo va du %(first)s au %(last)s.", **days)
            self.problem(line.line, _("Ces dates ne sont pas dans celles de la promo."), mend)
        found = {self.by_handle[handle].id: self.by_handle[handle] for handle in line.handles().items()
                 if handle in self.by_handle}  # fmt: skip
        planned = Planned(line, goal, starts_on, ends_on, next(iter(found.values()), None))
        if len(found) > 1:
            mend = _("Vérifiez le mail, le téléphone et le numéro.")
            self.problem(line.line, _("Cette ligne mélange deux personnes que nous connaissons."), mend)
        elif planned.person is None:
            self._take_fresh(planned)
        elif name_key(planned.person.first_name, planned.person.last_name) != _key(line):
            mend = _("Corrigez le nom, ou donnez une autre adresse.")
            self.problem(line.line, self._whose(planned), mend)
        else:
            self._take_known(planned)

    def _goal(self, line: RosterLine, cohort: Cohort | None) -> Cohort | None:
        if cohort is not None and line.cohort in (None, cohort.code):
            return cohort
        if cohort is not None:
            mend = _("Ajoutez cette ligne dans sa promo.")
            self.problem(line.line, _("Cette ligne est pour la promo %(code)s.", code=line.cohort), mend)
            return None
        if line.cohort is None:
            self.problem(line.line, _("Cette ligne ne dit pas sa promo."), _("Remplissez la colonne « promo »."))
            return None
        goal = self.cohorts.get(line.cohort)
        if goal is None:
            self.problem(line.line, _("La promo %(code)s n'existe pas.", code=line.cohort), _("Vérifiez son code."))
        elif goal.archived_at is not None:
            mend = _("Ouvrez-la d'abord de nouveau.")
            self.problem(line.line, _("La promo %(code)s est archivée.", code=goal.code), mend)
            return None
        return goal

    def _whose(self, planned: Planned) -> str:
        """Say whose handle this is, by name only when that person is of the same school."""
        person = planned.person
        ours = planned.cohort.school_id
        if person.home_school_id == ours or ours in self.schools.get(person.id, ()):
            return _("Ce mail, téléphone ou numéro est celui d'une autre personne : %(name)s.", name=person.name)
        return _("Ce mail, téléphone ou numéro est celui d'une autre personne.")

    def _take_fresh(self, planned: Planned) -> None:
        line, key = planned.line, _key(planned.line)
        first = self.twins.setdefault(key, line.line)
        if first != line.line:
            message = _("%(name)s est aussi à la ligne %(line)s.", name=line.name, line=first)
            self.advise(line.line, message, _("Gardez les deux si ce sont deux personnes."))
        elif key in self.named.get(planned.cohort.id, ()):
            message = _("%(name)s est déjà dans la promo, avec une autre adresse.", name=line.name)
            self.advise(line.line, message, _("Ajoutez cette ligne si ce sont deux personnes."))
        self.plan.fresh.append(planned)

    def _take_known(self, planned: Planned) -> None:
        line, person = planned.line, planned.person
        first = self.taken.setdefault((planned.cohort.id, person.id), line.line)
        if first != line.line:
            message = _("C'est la même personne qu'à la ligne %(line)s.", line=first)
            self.problem(line.line, message, _("Une personne, une ligne."))
            return
        for column, value in line.handles().items():
            kept = getattr(person, column)
            if kept is not None and kept != value:
                mend = _("Corrigez la liste, ou d'abord sa fiche.")
                self.problem(line.line, _("« %(value)s » n'est pas sur la fiche de cette personne.", value=value), mend)
                return
            if kept is None:
                message = _("« %(value)s » n'est pas encore sur la fiche de cette personne.", value=value)
                self.advise(line.line, message, _("Ajoutez-le sur sa fiche."))
        held = self.held.get((planned.cohort.id, person.id), [])
        wanted = (planned.starts_on, planned.ends_on)
        is_held = any(overlap(wanted, (one.starts_on, one.last_day)) for one in held)
        if held and not is_held and line.starts_on is None:
            message = _("%(name)s a quitté la promo, et n'y revient pas avec cette liste.", name=line.name)
            self.advise(line.line, message, _("Écrivez sa date de début pour lui donner une nouvelle place."))
            is_held = True
        (self.plan.held if is_held else self.plan.known).append(planned)


def _key(line: RosterLine) -> tuple[str, ...]:
    return name_key(line.first_name, line.last_name)


def _enrolments(cohorts: set[int], people_known: set[int]) -> Iterable[Enrolment]:
    """Read the places of some cohorts, and those of some people, each with its person."""
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(or_(Enrolment.cohort_id.in_(cohorts), Enrolment.person_id.in_(people_known)))
    )


def dates_of(line: RosterLine, cohort: Cohort, today: date) -> tuple[date, date]:
    """Return a line's dates; without them, from today (or the cohort's first day) to the cohort's last."""
    default = min(max(today, cohort.starts_on), cohort.ends_on)
    return line.starts_on or default, line.ends_on or cohort.ends_on


def import_roster(
    text: str, cohort: Cohort | None, actor_id: int | None, now: datetime, today: date, name: str = NAME
) -> Plan:
    """Bring everybody in, or nobody. Raises RosterRefused or CohortArchived. The same file again changes nothing."""
    with transaction(lock="roster"):
        if cohort is not None:
            db.session.refresh(cohort)
        plan = plan_import(text, cohort, today, name)
        if plan.problems:
            raise RosterRefused(plan.problems)
        for one in plan.enrolled:
            person = one.person or _make(one, now)
            places.enrol(person, one.cohort, one.starts_on, one.ends_on, actor_id, now)
        if plan.enrolled:
            facts = {"made": len(plan.fresh), "enrolled": len(plan.enrolled)}
            audit.record("import_roster", cohort, actor_id=actor_id, now=now, **facts)
    return plan


def _make(planned: Planned, now: datetime) -> Person:
    line = planned.line
    return people.new_person(
        line.first_name,
        line.last_name,
        now=now,
        mail=line.mail,
        phone=line.phone,
        learner_number=line.number,
        home_school_id=planned.cohort.school_id,
    )


def bring_in(
    cohort: Cohort,
    first_name: str,
    last_name: str,
    *,
    mail: str | None,
    phone: str | None,
    number: str | None,
    starts_on: date,
    ends_on: date,
    actor_id: int,
    now: datetime,
) -> Person:
    """Give a place to somebody: to the person who has this name and this mail, phone or number, or to a new one.

    Raises what `find_again`, `new_person` and `enrol` do.
    """
    with transaction(lock=cohort):
        handles = people.Handles.read(mail, phone, number)
        person = people.find_again(first_name, last_name, handles)
        if person is None:
            person = people.new_person(
                first_name, last_name, now=now, mail=mail, phone=phone, learner_number=number,
                home_school_id=cohort.school_id,
            )  # fmt: skip
            audit.record("create_person", person, actor_id=actor_id, now=now, school_id=cohort.school_id)
        places.enrol(person, cohort, starts_on, ends_on, actor_id, now)
    return person
