"""Work that happens later: rows in the database, enqueued in the transaction of the act, done at least once.

A task is "popschool.module:function", resolved only in the process that does it. A job that a dead worker held comes
back when its lease ends, so every task must be safe to repeat.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Index, String, Text, event, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from popschool import clock
from popschool.config import JOBS_INSIDE
from popschool.db import Base, Json, Moment, db, transaction

log = structlog.get_logger()
LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 8
IDLE_SECONDS = 5
KEPT = timedelta(days=30)


class Job(Base):
    """One task to do. `key` is unique among those that wait; `leased_until` says that somebody is at it."""

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "done_at", "run_at"),
        Index(
            "uq_job_key_waiting",
            "key",
            unique=True,
            sqlite_where=text("done_at IS NULL AND key IS NOT NULL"),
            postgresql_where=text("done_at IS NULL AND key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(120))
    arguments: Mapped[Json] = mapped_column(default=dict)
    key: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[Moment]
    run_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[Moment | None]
    error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[Moment | None]
    outcome: Mapped[str] = mapped_column(String(10), default="")


_recurring: list[tuple[str, str, timedelta]] = []


def every(name: str, task: str, period: timedelta) -> None:
    """Register a task that comes back; one of the workers does it in each period."""
    _recurring.append((name, task, period))


def enqueue(task: str, *, key: str | None = None, run_at: datetime | None = None, **arguments: Any) -> Job | None:
    """Add a job inside the caller's transaction. With a `key` that already waits, nothing is added."""
    if not task.startswith("popschool."):
        raise ValueError(f"a task lives in popschool: {task}")
    now = clock.now()
    if key is not None:
        waiting = db.session.scalar(select(Job).where(Job.key == key, Job.done_at.is_(None)))
        if waiting is not None:
            return waiting
    json.dumps(arguments)
    job = Job(task=task, arguments=arguments, key=key, created_at=now, run_at=run_at or now)
    db.session.add(job)
    db.session.info["jobs_added"] = True
    return job


def cancel(key: str, now: datetime) -> None:
    """Take back a job that waits under this key, inside the caller's transaction."""
    db.session.execute(
        update(Job).where(Job.key == key, Job.done_at.is_(None)).values(done_at=now, outcome="cancelled")
    )


def work(app: Flask, *, until_idle: bool = False, idle_seconds: float = IDLE_SECONDS) -> int:
    """Do jobs one after another; return how many were done. Ends when idle, or never."""
    done, idle_since = 0, time.monotonic()
    while True:
        with app.app_context():
            plan_recurring(clock.now())
            job = claim(clock.now())
            if job is not None:
                run(job)
                done += 1
                idle_since = time.monotonic()
            db.session.remove()
        if job is None:
            if until_idle and time.monotonic() - idle_since >= idle_seconds:
                return done
            time.sleep(min(0.5, idle_seconds or 0.05))


def claim(now: datetime) -> Job | None:
    """Take the oldest job that is due and that nobody holds, for ten minutes."""
    is_due = (Job.done_at.is_(None), Job.run_at <= now, or_(Job.leased_until.is_(None), Job.leased_until < now))
    oldest = select(Job.id).where(*is_due).order_by(Job.run_at, Job.id).limit(1)
    if db.engine.dialect.name == "sqlite" and db.session.scalar(oldest) is None:
        db.session.rollback()
        return None  # an idle worker does not take the write lock
    with transaction():
        job_id = db.session.scalar(oldest.with_for_update(skip_locked=True))
        if job_id is None:
            return None
        job = db.session.get(Job, job_id, populate_existing=True)
        job.attempts += 1
        job.leased_until = now + LEASE
    return job


def run(job: Job) -> None:
    """Do one job; a failure is tried again later, each time after a longer while."""
    started = time.perf_counter()
    task, arguments, attempts, job_id = job.task, dict(job.arguments), job.attempts, job.id
    try:
        resolve(task)(**arguments)
    except Exception as error:
        db.session.rollback()
        log.exception("job failed", task=task, job=job_id, attempts=attempts)
        _fail(job_id, attempts, f"{type(error).__name__}: {error}"[:2000])
        return
    with transaction():
        db.session.execute(update(Job).where(Job.id == job_id).values(done_at=clock.now(), outcome="done", error=""))
    log.info("job done", task=task, job=job_id, ms=round((time.perf_counter() - started) * 1000))


def _fail(job_id: int, attempts: int, error: str) -> None:
    now = clock.now()
    values: dict[str, Any] = {"error": error, "leased_until": None, "run_at": now + timedelta(seconds=10 * 3**attempts)}
    if attempts >= MOST_ATTEMPTS:
        values |= {"done_at": now, "outcome": "failed"}
    with transaction():
        db.session.execute(update(Job).where(Job.id == job_id).values(**values))


def resolve(task: str) -> Callable[..., Any]:
    """Return the function that a task names."""
    module, _, function = task.partition(":")
    return getattr(import_module(module), function)


def plan_recurring(now: datetime) -> None:
    """Enqueue the recurring tasks whose period has no job yet. The period's number is in the key."""
    for name, task, period in _recurring:
        number = int(now.timestamp() // period.total_seconds())
        key = f"every:{name}:{number}"
        if db.session.scalar(select(Job.id).where(Job.key == key)) is None:
            with transaction(lock=f"every:{name}"):
                if db.session.scalar(select(Job.id).where(Job.key == key)) is None:
                    enqueue(task, key=key)


def forget_old(now: str | None = None) -> None:
    """Remove jobs that were done a month ago."""
    with transaction():
        db.session.query(Job).filter(Job.done_at < clock.now() - KEPT).delete()


def waiting_since(now: datetime) -> timedelta:
    """Say for how long the oldest job that is due has waited."""
    oldest = db.session.scalar(
        select(Job.run_at).where(Job.done_at.is_(None), Job.run_at <= now).order_by(Job.run_at).limit(1)
    )
    return now - oldest if oldest else timedelta(0)


class Child:
    """The process that does jobs beside an embedded server: started when there is work, ended when idle."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.checked = 0.0

    def wake(self) -> None:
        """Start the process unless it lives. It looks again before it ends, so no job is left behind."""
        if self.process is not None and self.process.poll() is None:
            return
        command = [sys.executable, "-m", "popschool.cli", "worker", "--until-idle"]
        self.process = subprocess.Popen(command, env=os.environ.copy(), stdin=subprocess.DEVNULL)


def init_inside(app: Flask) -> None:
    """Let an embedded server start its child after each commit that added jobs."""
    settings = app.config["POPSCHOOL"]
    if settings.jobs != JOBS_INSIDE:
        return
    app.extensions["popschool.jobs"] = child = Child()

    @event.listens_for(Session, "after_commit")
    def wake(session: Session) -> None:
        if session.info.pop("jobs_added", False) and current_app.extensions.get("popschool.jobs") is child:
            child.wake()


every("forget old jobs", "popschool.jobs:forget_old", timedelta(days=1))
