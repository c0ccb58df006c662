"""Jobs are done at least once, by whoever is there: real processes, both databases."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from pathlib import Path

import pytest
from sqlalchemy import func, select

from popschool import clock, jobs
from popschool.db import db, transaction
from popschool.jobs import Job
from tests import job_probe
from tests.processes import SECONDS, wait_until

ROOT = Path(__file__).parent.parent
NOTE, MEET, HOLD = "popschool.probe:note", "popschool.probe:meet", "popschool.probe:hold"
BREAK = "popschool.probe:break_down"
LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def probe(monkeypatch):
    monkeypatch.setitem(sys.modules, "popschool.probe", job_probe)


@contextmanager
def workers(app, count, lease_seconds=30.0, idle_seconds=0.5):
    """Start real worker processes on the test's database, at the test's time."""
    settings = app.config["POPSCHOOL"]
    environ = os.environ | {
        "POPSCHOOL_DATABASE_URL": settings.database_url,
        "POPSCHOOL_DATA_DIR": str(settings.data_dir),
        "POPSCHOOL_SECRET_KEY": settings.secret_key,
        "POPSCHOOL_NOW": clock.now().isoformat(),
    }
    command = [sys.executable, "-m", "tests.job_probe", str(lease_seconds), str(idle_seconds)]
    started = [subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_two_hundred_jobs_by_four_processes_are_each_done_once(app, tmp_path):
    done = tmp_path / "done"
    with transaction():
        for number in range(200):
            task = MEET if number < 2 else NOTE  # whoever does one of the first two waits for whoever does the other
            jobs.enqueue(task, path=str(done), text=str(number))

    with workers(app, 4) as started:
        statuses = [process.wait(SECONDS) for process in started]

    written = [line.split() for line in lines(done)]
    assert statuses == [0, 0, 0, 0]
    assert sorted(int(number) for number, _ in written) == list(range(200))
    assert len({worker for _, worker in written}) > 1
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.outcome == "done")) == 200


def test_the_job_of_a_killed_worker_comes_back(app, tmp_path):
    done = tmp_path / "done"
    with transaction():
        jobs.enqueue(HOLD, path=str(done), seconds=60)
    with workers(app, 1, lease_seconds=2) as [victim]:
        wait_until(lambda: lines(done))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    job = db.session.scalars(select(Job)).one()
    assert (job.attempts, job.done_at) == (1, None)

    job.arguments = {"path": str(done), "seconds": 0}
    db.session.commit()
    clock.freeze(clock.now() + timedelta(seconds=30))
    with workers(app, 1, lease_seconds=2) as [successor]:
        assert successor.wait(SECONDS) == 0

    db.session.refresh(job)
    assert [line.split()[0] for line in lines(done)] == ["began", "began", "ended"]
    assert (job.attempts, job.outcome) == (2, "done")


def test_a_job_longer_than_its_lease_stays_with_its_worker(app, now, monkeypatch):
    lease, others = timedelta(seconds=0.3), []

    def leased_until():
        db.session.rollback()  # ends the reading of what was before
        return db.session.scalar(select(Job.leased_until))

    def hold():
        clock.freeze(now + timedelta(hours=1))
        wait_until(lambda: leased_until() > clock.now())
        others.append(jobs.claim(clock.now()))

    monkeypatch.setattr(job_probe, "hold", hold)
    with transaction():
        jobs.enqueue(HOLD)

    assert jobs.perform(jobs.claim(now, lease), lease)

    assert others == [None]
    assert [(job.attempts, job.outcome) for job in db.session.scalars(select(Job))] == [(1, "done")]


def test_a_job_is_written_with_the_fact_or_not_at_all(app, tmp_path):
    with pytest.raises(ValueError, match="refused"), transaction():
        jobs.enqueue(NOTE, path="unused", text="1")
        raise ValueError("refused")

    assert db.session.scalars(select(Job)).all() == []


def test_a_failure_is_tried_again_later_each_time_after_longer(app, now):
    with transaction():
        jobs.enqueue(BREAK)

    delays = []
    for _ in range(jobs.MOST_ATTEMPTS):
        assert jobs.work(until_idle=True) == 1
        db.session.rollback()  # ends the reading of what was before
        job = db.session.scalars(select(Job)).one()
        if job.done_at is None:
            delays.append(job.run_at - clock.now())
            clock.freeze(job.run_at)

    assert delays == sorted(delays)
    assert delays[0] == timedelta(seconds=10)
    assert (job.outcome, job.attempts, job.error) == ("failed", 8, "RuntimeError: it broke")
    assert jobs.work(until_idle=True) == 0


def test_what_is_kept_of_a_failure_quotes_no_row(app, monkeypatch):
    def refuse():
        raise ValueError("null value\nDETAIL:  Failing row contains (Amina, amina@example.org).")

    monkeypatch.setattr(job_probe, "break_down", refuse)
    with transaction():
        jobs.enqueue(BREAK)

    jobs.work(until_idle=True)

    db.session.rollback()  # ends the reading of what was before
    assert db.session.scalars(select(Job.error)).one().strip() == "ValueError: null value\nDETAIL:  …"


def test_a_job_that_ends_its_worker_each_time_is_given_up(app, now):
    with transaction():
        jobs.enqueue(NOTE, path="unused", text="1")
    job = db.session.scalars(select(Job)).one()
    job.attempts = jobs.MOST_ATTEMPTS
    db.session.commit()

    jobs.work(until_idle=True)

    db.session.refresh(job)
    assert job.outcome == "failed"
    assert "ended 8 times" in job.error


def test_a_key_waits_once_at_the_earlier_moment(app, now, tmp_path):
    with transaction():
        jobs.enqueue(NOTE, key="sync", run_at=now + timedelta(hours=1), path="a", text="1")
        jobs.enqueue(NOTE, key="sync", path="b", text="2")
        jobs.enqueue(NOTE, key="sync", run_at=now + timedelta(hours=2), path="c", text="3")

    job = db.session.scalars(select(Job)).one()
    assert (job.run_at, job.arguments["path"]) == (now, "a")


def test_what_is_asked_while_a_job_runs_is_not_lost(app, now):
    with transaction():
        jobs.enqueue(NOTE, key="sync", path="a", text="1")
    assert jobs.claim(now) is not None

    with transaction():
        jobs.enqueue(NOTE, key="sync", path="a", text="2")

    assert [job.arguments["text"] for job in db.session.scalars(select(Job).order_by(Job.id))] == ["1", "2"]


def test_a_failed_job_gives_way_to_one_that_waits_under_its_key(app, now):
    with transaction():
        jobs.enqueue(BREAK, key="sync")
    claimed = jobs.claim(now)
    with transaction():
        jobs.enqueue(BREAK, key="sync")

    jobs.perform(claimed)

    assert [job.outcome for job in db.session.scalars(select(Job).order_by(Job.id))] == ["failed", ""]


def test_a_worker_that_lost_its_lease_does_not_close_the_job(app, now, tmp_path):
    with transaction():
        jobs.enqueue(NOTE, path=str(tmp_path / "done"), text="1")
    late = jobs.claim(now, LEASE)
    jobs.claim(now + 2 * LEASE, LEASE)

    jobs.perform(late)

    assert db.session.scalars(select(Job)).one().done_at is None


def test_a_job_waits_for_its_moment(app, now, tmp_path):
    done = tmp_path / "done"
    with transaction():
        jobs.enqueue(NOTE, run_at=now + timedelta(minutes=10), path=str(done), text="1")

    assert jobs.work(until_idle=True) == 0
    assert jobs.next_due(now) == 600
    clock.freeze(now + timedelta(minutes=10))
    assert jobs.work(until_idle=True) == 1
    db.session.rollback()
    assert jobs.next_due(clock.now()) is None


def test_a_job_taken_back_is_not_done(app, now, tmp_path):
    with transaction():
        jobs.enqueue(NOTE, key="feedback/7", run_at=now + timedelta(minutes=10), path="unused", text="1")
        jobs.cancel("feedback/7", now)
    clock.freeze(now + timedelta(minutes=20))

    assert jobs.work(until_idle=True) == 0
    assert db.session.scalars(select(Job)).one().outcome == "cancelled"


def test_a_recurring_job_is_done_once_a_turn_whoever_works(app, now, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "RECURRING", {})
    jobs.recur("probe", "popschool.probe:ring", every=timedelta(minutes=15))
    rung = []
    monkeypatch.setattr(job_probe, "ring", lambda: rung.append(clock.now()), raising=False)
    for moment in (now, now + timedelta(minutes=15), now + timedelta(hours=3)):
        clock.freeze(moment)
        for _worker in range(3):
            jobs.schedule_recurring(clock.now())
            jobs.work(until_idle=True)

    # The turns missed between 9.20 and 12.05 are made up for by one.
    assert rung == [now + timedelta(minutes=15), now + timedelta(hours=3)]
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.done_at.is_(None))) == 1


def test_the_lag_is_how_long_the_oldest_due_job_has_waited(app, now):
    assert jobs.waiting_since(now) == timedelta(0)
    with transaction():
        jobs.enqueue(NOTE, path="unused", text="1")
        jobs.enqueue(NOTE, run_at=now + timedelta(hours=9), path="unused", text="2")

    assert jobs.waiting_since(now + timedelta(minutes=3)) == timedelta(minutes=3)


def test_jobs_done_a_month_ago_are_forgotten(app, now, tmp_path):
    with transaction():
        jobs.enqueue(NOTE, path=str(tmp_path / "done"), text="1")
    jobs.work(until_idle=True)

    clock.freeze(now + timedelta(days=31))
    jobs.forget_done()

    assert db.session.scalars(select(Job)).all() == []


def test_two_processes_never_claim_the_same_job(app, now, tmp_path):
    with transaction():
        for number in range(20):
            jobs.enqueue(NOTE, path="unused", text=str(number))
    claims = []

    def take():
        with app.app_context():
            while (claimed := jobs.claim(now)) is not None:
                claims.append(claimed.id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(claims) == len(set(claims)) == 20


@pytest.mark.parametrize("task", ["os:remove", "popschool.jobs", "popschool.jobs:a b", "popschoolx:f", ""])
def test_only_tasks_of_popschool_are_called(app, task):
    with pytest.raises(ValueError, match="a task is written"):
        jobs.enqueue(task)


def test_a_daily_job_keeps_its_hour_when_the_clocks_change():
    daily = jobs.Recurring("report", NOTE, at=hour(3, 40))
    winter = datetime(2027, 3, 27, 2, 40, tzinfo=UTC)

    summer = daily.following(winter)

    assert daily.following(winter - timedelta(seconds=1)) == winter
    assert summer == datetime(2027, 3, 28, 1, 40, tzinfo=UTC)
