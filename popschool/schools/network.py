"""The network and its schools: opened, described, closed, listed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from popschool import audit
from popschool.db import db, transaction
from popschool.schools import rules
from popschool.schools.models import Cohort, Enrolment, Network, School
from popschool.schools.rules import search_key

PAPERS = ("name", "region", "address", "phone", "mail", "siret", "time_zone")


@dataclass(frozen=True)
class SchoolLine:
    """A school in the list, with its open cohorts and the people who learn there today."""

    school: School
    cohorts: int
    people: int


def list_schools(today: date, text: str = "", region: str = "") -> list[SchoolLine]:
    """Return every school, or those whose name or code holds `text`, by name; closed ones last. Two queries."""
    open_cohorts = dict(
        db.session.execute(
            select(Cohort.school_id, func.count())
            .where(Cohort.archived_at.is_(None), Cohort.ends_on >= today)
            .group_by(Cohort.school_id)
        ).all()
    )
    people = (
        select(Enrolment.school_id, func.count(func.distinct(Enrolment.person_id)).label("people"))
        .where(Enrolment.starts_on <= today, func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today)
        .group_by(Enrolment.school_id)
        .subquery()
    )
    rows = db.session.execute(
        select(School, func.coalesce(people.c.people, 0))
        .outerjoin(people, people.c.school_id == School.id)
    )
    wanted = search_key(text)
    lines = [
        SchoolLine(school, open_cohorts.get(school.id, 0), count)
        for school, count in rows
        if wanted in search_key(school.name, school.code) and region in ("", school.region)
    ]
    # A database sorts É after Z, or not, as it was installed.
    return sorted(lines, key=lambda line: (line.school.closed_on is not None, search_key(line.school.name)))


def open_school(code: str, papers: dict[str, str], opened_on: date, actor_id: int, now: datetime) -> School:
    """Open a school with its identity papers. Raises CodeTaken."""
    code = code.strip().upper()
    with transaction(lock=f"school/{code}"):
        if db.session.scalar(select(School.id).where(School.code == code)) is not None:
            raise rules.CodeTaken(code)
        network = db.session.scalars(select(Network)).first()
        if network is None:
            network = Network(name="Pop School")
            db.session.add(network)
            db.session.flush()
        school = School(
            network_id=network.id, code=code, opened_on=opened_on, **{name: papers[name] for name in PAPERS}
        )
        db.session.add(school)
        audit.record("open_school", school, actor_id=actor_id, now=now, code=code)
    return school


def edit_school(school: School, papers: dict[str, str], closed_on: date | None, actor_id: int, now: datetime) -> None:
    """Change the papers of a school, or say when it closed. Raises DatesInverted."""
    rules.check_dates(school.opened_on, closed_on)
    with transaction(lock=school):
        before = {name: getattr(school, name) for name in PAPERS}
        for name in PAPERS:
            setattr(school, name, papers[name])
        school.closed_on = closed_on
        audit.record("edit_school", school, actor_id=actor_id, now=now, before=before)
