"""Two people press at the same moment: what happens once, happens once, and no mail is two people's."""

from datetime import timedelta

from sqlalchemy import func, select

from popschool.db import db
from popschool.schools import cohorts, importing, network, people, places
from popschool.schools.models import Cohort, Enrolment, Person, School
from tests.factories import (
    TODAY,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_programme,
    make_school,
)
from tests.threads import THREADS, count, row, together

DAY = timedelta(days=1)


def test_one_person_is_added_once_by_many_presses(app, now):
    cohort = make_cohort()
    cohort_id, manager_id = cohort.id, make_manager(cohort.school).id
    before = count(Person)

    def add():
        importing.bring_in(
            row(Cohort, cohort_id), "Élodie", "Test", mail="e@example.org", phone=None, number=None,
            starts_on=TODAY, ends_on=TODAY + DAY, actor_id=manager_id, now=now,
        )  # fmt: skip

    assert together(app, *[add] * THREADS) == {"done": THREADS}
    assert (count(Person) - before, count(Enrolment)) == (1, 1)


def test_one_mail_goes_to_one_person_whoever_adds_them_where(app, now):
    first, second = make_cohort(), make_cohort()
    manager_id = make_manager(first.school).id
    ids = [first.id, second.id]

    def add(cohort_id, name):
        importing.bring_in(
            row(Cohort, cohort_id), name, "Test", mail="e@example.org", phone=None, number=None,
            starts_on=TODAY, ends_on=TODAY + DAY, actor_id=manager_id, now=now,
        )  # fmt: skip

    said = together(app, lambda: add(ids[0], "Élodie"), lambda: add(ids[1], "Karim"))

    assert said == {"done": 1, "HandleTaken": 1}
    assert db.session.scalar(select(func.count()).where(Person.mail == "e@example.org")) == 1


def test_a_correction_never_takes_a_mail_that_was_just_given(app, now):
    one, other, manager = make_person(), make_person(), make_manager()
    ids, manager_id = [one.id, other.id], manager.id

    def correct(person_id):
        people.edit_person(row(Person, person_id), "A", "B", "prise@example.org", None, None, manager_id, now)

    assert together(app, lambda: correct(ids[0]), lambda: correct(ids[1])) == {"done": 1, "HandleTaken": 1}


def test_a_roster_is_brought_in_once_by_many_presses(app, now):
    cohort = make_cohort()
    cohort_id, manager_id = cohort.id, make_manager(cohort.school).id
    text = "prenom;nom;numero\n" + "".join(f"A{n};Test;V{n}\n" for n in range(10))

    def bring():
        importing.import_roster(text, row(Cohort, cohort_id), manager_id, now, TODAY)

    assert together(app, *[bring] * THREADS) == {"done": THREADS}
    assert count(Enrolment) == 10


def test_a_learner_moves_to_one_cohort(app, now):
    cohort = make_cohort()
    goals = [make_cohort(cohort.school).id for _ in range(2)]
    make_learner(cohort)
    place_id, manager_id = db.session.scalars(select(Enrolment.id)).one(), make_manager(cohort.school).id

    def move(goal_id):
        places.move(row(Enrolment, place_id), row(Cohort, goal_id), TODAY, manager_id, now)

    assert together(app, *[lambda goal=goal: move(goal) for goal in goals]) == {"done": 1, "AlreadyLeft": 1}
    assert count(Enrolment) == 2


def test_one_cohort_and_one_school_are_opened(app, now):
    school, programme, boss = make_school(), make_programme(), make_network_manager()
    make_cohort(school, programme)
    revision_id = db.session.scalars(select(Cohort.revision_id)).one()
    ids = (school.id, programme.id, boss.id)
    papers = dict.fromkeys(network.PAPERS, "") | {"name": "Denain", "time_zone": "Europe/Paris"}

    def open_cohort():
        cohorts.open_cohort(
            row(School, ids[0]), programme_id=ids[1], revision_id=revision_id, code="VAL-9", name="",
            starts_on=TODAY, ends_on=TODAY, actor_id=ids[2], now=now,
        )  # fmt: skip

    def open_school():
        network.open_school("DEN", papers, TODAY, ids[2], now)

    assert together(app, *[open_cohort] * 3, *[open_school] * 3) == {"done": 6}
    assert (count(Cohort), count(School)) == (2, 2)


def test_a_cohort_is_archived_while_somebody_is_added(app, now):
    """Whichever comes first, nobody is in an archived cohort who was not there before it was."""
    cohort = make_cohort()
    cohort_id, manager_id, person_id = cohort.id, make_manager(cohort.school).id, make_person().id

    said = together(
        app,
        lambda: cohorts.archive(row(Cohort, cohort_id), manager_id, now),
        lambda: places.enrol(row(Person, person_id), row(Cohort, cohort_id), TODAY, TODAY, manager_id, now),
    )

    assert said["done"] + said["CohortArchived"] == 2
    assert count(Enrolment) == said["done"] - 1
