"""The demonstration network: made once in an empty database, the same each time for the same options."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from flask import current_app
from sqlalchemy import select

from popschool import audit
from popschool.auth.models import Account, RoleGrant
from popschool.auth.passwords import make_hash
from popschool.auth.rules import Role
from popschool.config import DEMO_DAY
from popschool.courses.models import Programme, Revision
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.pace import Pace
from popschool.portal import demo_bulk as bulk
from popschool.portal import demo_plan as plan
from popschool.portal.demo_attendance import Attendance
from popschool.portal.demo_courses import publish_courses
from popschool.portal.demo_funding import make_fundings
from popschool.portal.demo_review import make_reviews
from popschool.portal.demo_work import make_work
from popschool.rows import tidy
from popschool.schools.models import Accommodation, Cohort, Enrolment, Network, Person, Posting, School, Site
from popschool.schools.rules import person_key

PASSWORD = "popschool-demo"
SALT = b"demonstration"
SEED = 37674
HALF_DAYS_A_WEEK = 10
USUAL_WEEKS = 5


@dataclass
class NotEmpty(RuleBroken):
    """The database already has people in it: a demonstration goes into an empty one."""


@dataclass
class Demo:
    """A demonstration being made: its day, its chance, and the accounts to print."""

    day: date
    now: datetime
    random: Random = field(default_factory=lambda: Random(SEED))
    accounts: list[dict[str, str]] = field(default_factory=list)
    password_hash: str = ""
    phones: int = 0
    weeks_past: int = 0
    is_large: bool = False

    def account(self, role: Role, person: Person, school: str) -> None:
        said = str(role).replace("_", " ")
        self.accounts.append({"role": said, "email": person.mail, "password": PASSWORD, "school": school})


def make_demo(
    day: date,
    now: datetime,
    learners: int | None = None,
    half_days: int | None = None,
    tell: Callable[[str], None] = lambda _said: None,
) -> list[dict[str, str]]:
    """Fill an empty database; return the accounts that sign in. Raises NotEmpty, TooLittleRoom or CoursesRefused.

    `half_days` is how many half-days of people there are in all: cohorts then began as long ago as that takes. `tell`
    hears how far a large one has come.
    """
    if db.session.scalar(select(Person.id).limit(1)) is not None:
        raise NotEmpty
    demo = Demo(day, now, password_hash=make_hash(PASSWORD, SALT))
    planned = plan.schools_for(learners)
    people = learners or sum(one.size * one.cohorts for one in planned)
    if half_days is not None:
        demo.weeks_past = -(-half_days // (people * HALF_DAYS_A_WEEK))
    in_all = people * (HALF_DAYS_A_WEEK * (demo.weeks_past or USUAL_WEEKS) + 2 * day.weekday() + 1)  # this week's too
    demo.is_large = in_all >= bulk.LARGE
    progress = Pace(in_all, "half-days", tell if demo.is_large else lambda _said: None)
    progress.say(f"{bulk.check_room(people, in_all) / 1e9:.1f} GB of the database's disk are wanted")
    revision = publish_courses(now)
    with transaction():
        cohorts = _fill(demo, planned, learners, revision, progress)
        make_reviews(demo, cohorts[0])
        make_fundings(demo, cohorts)
        _second_network_manager(demo)
    if demo.is_large:
        progress.say("chaining the record of acts")
        audit.chain_rest()
        progress.say("tidying up the tables")
    tidy()
    (current_app.config["POPSCHOOL"].data_dir / DEMO_DAY).write_text(day.isoformat())
    return demo.accounts


def _fill(
    demo: Demo,
    planned: Sequence[plan.DemoSchool],
    learners: int | None,
    revision: Revision,
    progress: Pace,
) -> list[Cohort]:
    """Make the schools with their people, then what each cohort has done; return the cohorts."""
    with bulk.bare(demo.is_large):
        schools = _schools(planned)
        _network_people(demo)
        cohorts = [
            cohort
            for one, school, size in zip(planned, schools, _sizes(planned, learners), strict=True)
            for cohort in _school(demo, one, school, size, revision)
        ]
        progress.say(f"{len(schools):,} schools and {len(cohorts):,} cohorts have their people")
        attendance = Attendance(demo, Random(SEED + 1))
        attendance.expect(progress.total)
        for cohort in cohorts:
            make_work(demo, cohort, revision)
            attendance.cohort(cohort)
            progress.add(len(attendance.expected))
            attendance.write()
        attendance.finish()
        progress.say("making indexes and links")
    return cohorts


def _sizes(planned: Sequence[plan.DemoSchool], learners: int | None) -> list[int | None]:
    """Share a number of learners between the schools that have a cohort; None keeps each school's own size."""
    if learners is None:
        return [None] * len(planned)
    share, rest = divmod(learners, sum(school.cohorts > 0 for school in planned))
    sizes: list[int | None] = []
    for school in planned:
        sizes.append(0 if not school.cohorts else share + (1 if rest > 0 else 0))
        rest -= 1 if school.cohorts else 0
    return sizes


def _schools(planned: Sequence[plan.DemoSchool]) -> list[School]:
    network = Network(
        name="Pop School",
        legal_name="Pop School (démonstration)",
        siret="12345678200010",
        activity_number="32590000059",
        address="1 rue de la Démonstration, 59300 Valenciennes",
        phone="03 53 01 00 00",
        mail="reseau@example.org",
    )
    db.session.add(network)
    db.session.flush()
    schools = []
    for number, one in enumerate(planned, 1):
        school = School(
            network_id=network.id,
            code=one.code,
            name=one.name,
            region=one.region,
            opened_on=date(2015 + number % 9, 9, 1),
            address=f"{number} rue de la Fabrique, {one.name}",
            phone=f"03 53 01 00 {number:02}",
            mail=f"{one.code.lower()}@example.org",
            siret="",
            time_zone="Europe/Paris",
        )
        schools.append(school)
    db.session.add_all(schools)
    db.session.flush()
    db.session.add_all(
        Site(school_id=school.id, name="Atelier de Marcq-en-Barœul", address="2 place de l'Atelier, Marcq-en-Barœul")
        for school in schools
        if school.code == "LIL"
    )
    return schools


def _person(demo: Demo, first_name: str, last_name: str, mail: str, school: School | None, role: Role | None) -> Person:
    """Add one member of staff, with an account and a role."""
    person = Person(
        first_name=first_name,
        last_name=last_name,
        mail=mail,
        home_school_id=school.id if school else None,
        search_key=person_key(first_name, last_name, mail),
        preferences={},
        language="fr",
        created_at=demo.now,
    )
    db.session.add(person)
    db.session.flush()
    db.session.add(
        Account(
            person_id=person.id,
            password_hash=demo.password_hash,
            session_token=_token(demo),
            recovery_code_hashes=[],
            created_at=demo.now,
        )
    )
    if role is not None:
        db.session.add(
            RoleGrant(person_id=person.id, school_id=school.id if school else None, role=role, granted_at=demo.now)
        )
    return person


def _token(demo: Demo) -> str:
    return f"{demo.random.getrandbits(192):048x}"


def _network_people(demo: Demo) -> None:
    for role, first_name, mail in (
        (Role.NETWORK_MANAGER, "Responsable réseau", "reseau01@example.org"),
        (Role.AUTHOR, "Autrice", "autrice01@example.org"),
        (Role.FUNDER, "Financeur", "financeur01@example.org"),
        (Role.AUDITOR, "Auditrice", "auditrice01@example.org"),
    ):
        demo.account(role, _person(demo, first_name, "01", mail, None, role), "")


def _second_network_manager(demo: Demo) -> None:
    """Add who confirms what the first one proposes, after everybody else: their numbers stay as they are."""
    role = Role.NETWORK_MANAGER
    demo.account(role, _person(demo, "Responsable réseau", "02", "reseau02@example.org", None, role), "")


def _school(demo: Demo, planned: plan.DemoSchool, school: School, size: int | None, revision: Revision) -> list[Cohort]:
    """Give a school its team, two trainers for two cohorts; its cohorts and its learners."""
    total = planned.size * planned.cohorts if size is None else size
    count = max(planned.cohorts, -(-total // plan.COHORT_SIZE)) if total else planned.cohorts
    lower = school.code.lower()
    manager = _person(
        demo, "Responsable", f"01 {school.code}", f"direction.{lower}@example.org", school, Role.SCHOOL_MANAGER
    )
    contact = _person(
        demo, "Référente", f"01 {school.code}", f"referente.{lower}@example.org", school, Role.DISABILITY_CONTACT
    )
    trainers = [
        _person(
            demo,
            plan.gendered(demo.random, "Formatrice", "Formateur"),
            f"{number:02} {school.code}",
            f"equipe{number:02}.{lower}@example.org",
            school,
            Role.TRAINER,
        )
        for number in range(1, 2 * max(1, -(-count // 2)) + 1)
    ]
    if school.code == "VAL":
        demo.account(Role.SCHOOL_MANAGER, manager, school.name)
        demo.account(Role.DISABILITY_CONTACT, contact, school.name)
        for trainer in trainers:
            demo.account(Role.TRAINER, trainer, school.name)
    elif school.code == "LEN":
        demo.account(Role.TRAINER, trainers[0], school.name)
    programme = db.session.scalars(select(Programme).where(Programme.key == planned.programme)).one()
    cohorts = []
    for number in range(1, count + 1):
        people = total // count + (1 if number <= total % count else 0)
        pair = trainers[(number - 1) // 2 * 2 :][:2]
        cohorts.append(_cohort(demo, school, programme.id, revision, number, people, pair))
    return cohorts


def _cohort(
    demo: Demo, school: School, programme_id: int, revision: Revision, number: int, people: int, trainers: list[Person]
) -> Cohort:
    """Open a cohort that began about five weeks ago; the second of a school is at the start of its path."""
    weeks = demo.weeks_past or (5 if number % 2 else 3)
    starts_on = plan.monday_of(demo.day) - timedelta(weeks=weeks)
    cohort = Cohort(
        school_id=school.id,
        programme_id=programme_id,
        revision_id=revision.id,
        code=f"{school.code}-{demo.day.year}-{number}",
        starts_on=starts_on,
        ends_on=max(starts_on + timedelta(weeks=26), demo.day + timedelta(weeks=8)) - timedelta(days=3),
    )
    db.session.add(cohort)
    db.session.flush()
    for trainer in trainers:
        db.session.add(
            Posting(
                school_id=school.id, cohort_id=cohort.id, person_id=trainer.id, starts_on=starts_on, created_at=demo.now
            )
        )
    _learners(demo, school, cohort, people)
    return cohort


def _learners(demo: Demo, school: School, cohort: Cohort, count: int) -> None:
    """Enrol people: one in ten with an accommodation."""
    people = list(_people_of(demo, school, cohort, count))
    ids, places = bulk.take_ids(Person, count), bulk.take_ids(Enrolment, count)
    bulk.add(Person, [person | {"id": person_id} for person_id, person in zip(ids, people, strict=True)])
    bulk.add(
        Account,
        [
            {
                "person_id": person_id,
                "password_hash": demo.password_hash,
                "session_token": _token(demo),
                "recovery_code_hashes": [],
                "created_at": demo.now,
            }
            for person_id in ids
        ],
    )
    of_cohort = {"school_id": school.id, "cohort_id": cohort.id, "starts_on": cohort.starts_on}
    bulk.add(
        Enrolment,
        [
            {"id": place, "person_id": person_id, "ends_on": cohort.ends_on, "created_at": demo.now, **of_cohort}
            for place, person_id in zip(places, ids, strict=True)
        ],
    )
    bulk.add(
        Accommodation,
        [
            {
                "person_id": person_id,
                "school_id": school.id,
                "deadline_days": 2,
                "extra_time_percent": 33,
                "format": "",
                "breaks": "",
                "starts_on": cohort.starts_on,
                "created_at": demo.now,
            }
            for place, person_id in enumerate(ids)
            if place % 10 == 4
        ],
    )
    if demo.is_large:
        _record_enrolments(demo, cohort, dict(zip(places, ids, strict=True)))
    if cohort.code == f"VAL-{demo.day.year}-1" and people:
        with_mail = [person_id for person_id, person in zip(ids, people, strict=True) if person["mail"]]
        for person_id in with_mail[5:7] or with_mail[:1]:
            demo.account(Role.LEARNER, db.session.get(Person, person_id), school.name)


def _people_of(demo: Demo, school: School, cohort: Cohort, count: int) -> Iterator[dict]:
    """Yield the rows of people: one in four without a mail."""
    for number in range(1, count + 1):
        first_name = plan.gendered(demo.random, "Apprenante", "Apprenant")
        last_name = f"{number:02} {cohort.code}"
        demo.phones += 1
        has_mail = number % 4 != 0
        has_phone = number % 8 != 0 and demo.phones < 10_000
        mail = f"apprenant{number:02}.{cohort.code.lower()}@example.org" if has_mail else None
        phone = f"+33639{980000 + demo.phones:06}" if has_phone and not has_mail else None
        learner_number = f"{cohort.code.replace('-', '')}{number:03}"
        yield {
            "first_name": first_name,
            "last_name": last_name,
            "mail": mail,
            "phone": phone,
            "learner_number": learner_number,
            "language": "fr",
            "preferences": {},
            "home_school_id": school.id,
            "search_key": person_key(first_name, last_name, mail, phone, learner_number),
            "created_at": demo.now,
        }


def _record_enrolments(demo: Demo, cohort: Cohort, places: dict[int, int]) -> None:
    """Record who was enrolled, as the act itself does; the lines are chained at the end."""
    entries = bulk.take_ids(audit.AuditEntry, len(places))
    bulk.add(
        audit.AuditEntry,
        [
            {
                "id": entry_id, "at": demo.now, "actor_id": None, "school_id": cohort.school_id, "action": "enrol",
                "subject_type": "Enrolment", "subject_id": place,
                "facts": {"person_id": person_id, "cohort_id": cohort.id}, "origin": "",
            }
            for entry_id, (place, person_id) in zip(entries, places.items(), strict=True)
        ],
    )  # fmt: skip
    bulk.add(
        audit.AuditAbout,
        [{"entry_id": one, "person_id": person_id} for one, person_id in zip(entries, places.values(), strict=True)],
    )
