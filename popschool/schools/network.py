"""The network and its schools: opened, described, closed, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Row, func, or_, select

from popschool import audit, kept
from popschool.db import db, transaction
from popschool.kept import Counting
from popschool.schools import rules
from popschool.schools.models import Cohort, Enrolment, Network, School
from popschool.schools.rules import is_closed, order_key, search_key

PAPERS = ("name", "region", "address", "phone", "mail", "siret", "activity_number", "time_zone")
LEARNING = "learning in order"
OWN_PAPERS = ("name", "legal_name", "siret", "activity_number", "address", "phone", "mail")

NAME = "Pop School"


@dataclass(frozen=True)
class SchoolLine:
    """A school in the list, with its open cohorts and the people who learn there today."""

    school: School
    cohorts: int
    people: int


@dataclass(frozen=True)
class FoundSchools:
    """The schools that were looked for, in the order of a list: each one's number, its open cohorts and its people."""

    counts: Sequence[tuple[int, int, int]]

    @property
    def cohorts(self) -> int:
        return sum(cohorts for _school, cohorts, _people in self.counts)

    @property
    def people(self) -> int:
        return sum(people for _school, _cohorts, people in self.counts)

    def __len__(self) -> int:
        return len(self.counts)


def find_schools(today: date, text: str = "", region: str = "") -> FoundSchools:
    """Find every school, or those whose name or code holds `text`, by name; closed ones last.

    One query while nothing changed, and one more to look for some.
    """
    found, wanted = kept.whole(learning_on(today)), search_key(text)
    if wanted or region:
        named = db.session.execute(select(School.id, School.code, School.name, School.region))
        held = {one.id for one in named if region in ("", one.region) and wanted in order_key(one.name, one.code)}
        found = [counts for counts in found if counts[0] in held]
    return FoundSchools(found)


def lines_of(found: FoundSchools, first: int, count: int) -> list[SchoolLine]:
    """Return `count` lines of what was found, after the `first` ones. One query."""
    shown = found.counts[first : first + count]
    asked = select(School).where(School.id.in_([school for school, _cohorts, _people in shown]))
    schools = {one.id: one for one in db.session.scalars(asked)}
    return [SchoolLine(schools[school], *counts) for school, *counts in shown if school in schools]


def _in_order(today: date) -> list[Row]:
    """Return what names every school, by name, closed ones last. One query."""
    rows = db.session.execute(select(School.id, School.code, School.name, School.region, School.closed_on))
    # A database sorts É after Z, or not, as it was installed.
    return sorted(rows, key=lambda one: (is_closed(one.closed_on, today), order_key(one.name), one.id))


def learning_on(today: date) -> Counting:
    """Return how the open cohorts of each school are counted, and the people who learn there on a day."""
    return Counting(
        LEARNING,
        today,
        lambda: db.session.scalars(select(School.id)).all(),
        lambda schools: _learning(schools, today),
        lambda found: [[one.id, *found[one.id]] for one in _in_order(today) if one.id in found],
    )


def _learning(schools: Sequence[int], today: date) -> dict[int, list[int]]:
    cohorts = (
        select(Cohort.school_id, func.count())
        .where(Cohort.school_id.in_(schools), Cohort.archived_at.is_(None), Cohort.ends_on >= today)
        .group_by(Cohort.school_id)
    )
    people = (
        select(Enrolment.school_id, func.count(func.distinct(Enrolment.person_id)))
        .where(Enrolment.school_id.in_(schools), Enrolment.starts_on <= today)
        .where(func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today)
        .group_by(Enrolment.school_id)
    )
    found = [dict(db.session.execute(asked).all()) for asked in (cohorts, people)]
    return {school: [counts.get(school, 0) for counts in found] for school in schools}


kept.HOW[LEARNING] = lambda _what, today: learning_on(today)


def open_schools(today: date, most: int | None = None, only: int | None = None) -> list[tuple[int, str]]:
    """Return the number and the name of the schools that are open, by name; none when there are more than `most`.

    `only` is the one that is asked about. One query, which reads no more than it needs.
    """
    asked = select(School.id, School.name).where(or_(School.closed_on.is_(None), School.closed_on > today))
    asked = asked if only is None else asked.where(School.id == only)
    asked = asked if most is None else asked.limit(most + 1)
    found = sorted((tuple(row) for row in db.session.execute(asked)), key=lambda one: order_key(one[1]))
    return found if most is None or len(found) <= most else []


def find_open_schools(text: str, today: date, limit: int) -> list[Row]:
    """Return the number, the name and the region of open schools whose name, code or region holds a text. One query."""
    wanted = search_key(text)
    found = (
        one
        for one in _in_order(today)
        if not is_closed(one.closed_on, today) and wanted in order_key(one.name, one.code, one.region)
    )
    return list(islice(found, limit))


def all_schools() -> list[School]:
    """Return every school, by name. One query."""
    return sorted(db.session.scalars(select(School)), key=lambda one: order_key(one.name))


def read_contact() -> tuple[str, str]:
    """Return the phone and the mail of the network; nothing while it has no papers.

    The frame of every page asks, the first one too: the table and not the model, which is prepared later.
    """
    kept = Network.__table__.c
    row = db.session.execute(select(kept.phone, kept.mail).limit(1)).first()
    return tuple(row) if row is not None else ("", "")


def open_school(code: str, papers: dict[str, str], opened_on: date, actor_id: int, now: datetime) -> School:
    """Open a school with its identity papers; the same one asked for twice is opened once. Raises CodeTaken."""
    code = code.strip().upper()
    wanted = {name: papers[name] for name in PAPERS} | {"opened_on": opened_on}
    with transaction(lock="network"):
        known = db.session.scalars(select(School).where(School.code == code)).first()
        if known is not None:
            if all(getattr(known, name) == value for name, value in wanted.items()):
                return known
            raise rules.CodeTaken(code)
        school = School(network_id=own_network().id, code=code, **wanted)
        db.session.add(school)
        audit.record("open_school", school, actor_id=actor_id, now=now, code=code)
    return school


def own_network() -> Network:
    """Return the network of this installation, made when its first school opens. Inside a transaction."""
    network = read_network()
    if network is None:
        network = Network(name=NAME)
        db.session.add(network)
        db.session.flush()
    return network


def shown_network() -> Network:
    """Return the network of this installation, or what it will be when its first school opens: nothing is written."""
    return read_network() or Network(name=NAME, legal_name="", mail="")


def read_network() -> Network | None:
    return db.session.scalars(select(Network)).first()


def edit_school(
    school: School, papers: dict[str, str], opened_on: date, closed_on: date | None, actor_id: int, now: datetime
) -> None:
    """Change the papers of a school, when it opened, or when it closed. Raises DatesInverted."""
    rules.check_dates(opened_on, closed_on)
    with transaction(lock=school):
        db.session.refresh(school)
        before = {name: getattr(school, name) for name in PAPERS}
        before |= {"opened_on": str(school.opened_on), "closed_on": str(school.closed_on)}
        for name in PAPERS:
            setattr(school, name, papers[name])
        school.opened_on, school.closed_on = opened_on, closed_on
        audit.record("edit_school", school, actor_id=actor_id, now=now, school_id=school.id, before=before)


def edit_network(papers: dict[str, str], actor_id: int, now: datetime) -> Network:
    """Change the network's own papers."""
    with transaction(lock="network"):
        network = own_network()
        before = {name: getattr(network, name) for name in OWN_PAPERS}
        for name in OWN_PAPERS:
            setattr(network, name, papers[name])
        audit.record("edit_network", network, actor_id=actor_id, now=now, before=before)
    return network
