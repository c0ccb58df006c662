"""The long jobs of the day: left where they are when their worker is asked to end, gone on with by the next one."""

import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from popschool import clock, jobs, migration
from popschool.attendance import reminders, services, services_marks
from popschool.attendance.models import Expected, HalfDay
from popschool.attendance.rules import Absence, Mark
from popschool.db import db, transaction
from popschool.jobs import Job
from popschool.messages.models import Notice
from tests.factories import NOW, TODAY, make_cohort, make_half_day, make_learner, make_school, make_trainer, save
from tests.processes import ROOT, SECONDS, environment, wait_until

SCHOOLS = 6
on_postgresql = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


@pytest.fixture
def migrated(app):
    """Say that the tables of the tests are those of this version, which a worker asks for."""
    with transaction():
        db.session.execute(text("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"))
        db.session.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": migration.code_version()})
    yield app
    with transaction():
        db.session.execute(text("DROP TABLE alembic_version"))


@contextmanager
def worker(app, *options):
    """Start `popschool worker` on the test's database, at the test's moment."""
    settings = app.config["POPSCHOOL"]
    given = {"DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key, "JOBS": "worker"}
    environ = environment(settings.data_dir, **given, NOW=clock.now().isoformat())
    command = [sys.executable, "-m", "popschool.cli", "worker", *options]
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def finish(app):
    with worker(app, "--until-idle") as successor:
        assert successor.wait(SECONDS) == 0


def waits_for_a_lock() -> bool:
    with db.engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")))


def count(asked) -> int:
    with db.engine.connect() as connection:
        return connection.scalar(asked)


def opened() -> int:
    return count(select(func.count()).select_from(HalfDay).where(HalfDay.opened_at.is_not(None)))


def told() -> int:
    return count(select(func.count()).select_from(Notice).where(Notice.kind == reminders.ABSENCE))


def make_school_day() -> list[int]:
    """Half-days that began at nine in six schools, of two learners each. Returns their ids."""
    half_days = []
    for _school in range(SCHOOLS):
        cohort = make_cohort()
        make_learner(cohort), make_learner(cohort)
        half_days.append(make_half_day(cohort, make_trainer(cohort)))
    save()
    return [one.id for one in half_days]


def make_absences(people: int, cohort=None, days: int = 3) -> list:
    """Mark so many learners of a cohort absent for three mornings."""
    cohort = cohort or make_cohort()
    trainer, learners = make_trainer(cohort), [make_learner(cohort) for _one in range(people)]
    half_days = [make_half_day(cohort, trainer, on=TODAY - timedelta(days=3 + day)) for day in range(days)]
    save()
    for half_day in half_days:
        services.open_half_day(half_day, trainer.id, half_day.span.starts_at)
        for person in learners:
            said = services_marks.Said(Mark.ABSENT, Absence.UNJUSTIFIED)
            services_marks.mark(half_day, person, said, trainer, half_day.span.starts_at)
    return learners


@on_postgresql
def test_a_worker_that_is_asked_to_end_opens_the_present_half_day_and_the_next_worker_the_others(migrated):
    ids = make_school_day()
    clock.freeze(NOW + timedelta(minutes=40))
    with transaction():
        jobs.enqueue("popschool.attendance.reminders:run_day")

    with worker(migrated) as first:
        with transaction(lock=f"half-day/{ids[2]}"):
            wait_until(waits_for_a_lock)
            first.terminate()
        assert first.wait(SECONDS) == 0
    assert opened() == 3
    job = db.session.scalars(select(Job).where(Job.key.is_(None))).one()
    assert (job.done_at, job.attempts, job.error) == (None, 0, "")

    finish(migrated)

    assert opened() == SCHOOLS
    assert count(select(func.count()).select_from(Expected)) == 2 * SCHOOLS
    assert count(select(func.count()).select_from(Notice).where(Notice.kind == reminders.SIGN)) == 2 * SCHOOLS
    db.session.refresh(job)
    assert (job.outcome, job.attempts) == ("done", 1)


@on_postgresql
def test_a_worker_that_is_asked_to_end_tells_the_present_absence_and_the_next_worker_the_others(migrated):
    schools = [make_absences(2) for _school in range(3)]
    with transaction():
        jobs.enqueue("popschool.attendance.reminders:alert_absences")
    held = schools[1][0]

    with worker(migrated) as first:
        with transaction():  # the same row, not yet written: whoever adds it waits
            key = f"absence/{held.id}/{clock.today():%Y-%m}/1"
            db.session.add(Notice(person_id=held.id, kind="held", title="", url="", key=key, created_at=clock.now()))
            db.session.flush()
            wait_until(waits_for_a_lock)
            first.terminate()
            db.session.rollback()
        assert first.wait(SECONDS) == 0
    present = told()
    assert 2 <= present < 12

    finish(migrated)
    finish(migrated)

    assert told() == 12  # two people of each of three schools, each with one trainer
    per_person = select(func.count()).select_from(Notice).where(Notice.kind == reminders.ABSENCE)
    for learners in schools:
        for person in learners:
            assert count(per_person.where(Notice.person_id == person.id)) == 1


def test_a_job_that_was_left_is_due_at_once_and_has_failed_no_attempt(app):
    make_school_day()
    with transaction():
        jobs.enqueue("popschool.attendance.reminders:run_day")
    stop = threading.Event()
    stop.set()

    for _time in range(jobs.MOST_ATTEMPTS + 1):
        assert not jobs.perform(jobs.claim(clock.now()), stop=stop)
    assert opened() == 0

    assert jobs.perform(jobs.claim(clock.now()))
    assert opened() == SCHOOLS


def test_an_absence_is_told_to_who_trains_the_cohort_however_large_the_school(app):
    school = make_school()
    [person] = make_absences(1, make_cohort(school))
    for _cohort in range(5):
        make_trainer(make_cohort(school))
    save()

    reminders.alert_school(school.id, date.isoformat(clock.today()))

    assert told() == 2
    assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.person_id == person.id)) == 1


def test_a_cohort_that_nobody_trains_is_everybodys(app):
    school = make_school()
    cohort = make_cohort(school)
    make_absences(1, cohort)
    with transaction():
        db.session.execute(text("DELETE FROM posting"))
    make_trainer(school=school)
    save()

    reminders.alert_school(school.id, date.isoformat(clock.today()))

    assert told() == 3


def test_absences_cost_as_much_each_in_a_large_school_as_in_a_small_one(app, queries):
    costs = []
    for cohorts in (2, 8):
        school = make_school()
        for _cohort in range(cohorts):
            make_absences(2, make_cohort(school))
        db.session.expunge_all()
        with queries() as seen:
            reminders.alert_school(school.id, date.isoformat(clock.today()))
        with queries() as again:
            reminders.alert_school(school.id, date.isoformat(clock.today()))
        assert len(again) <= 7
        costs.append(len(seen))

    assert costs[1] <= 4 * costs[0]


def test_each_school_is_a_job_of_its_own_once(app):
    for _school in range(3):
        make_school()
    save()

    reminders.alert_absences()
    reminders.alert_absences()

    assert count(select(func.count()).select_from(Job).where(Job.key.like("absences/%"))) == 3
