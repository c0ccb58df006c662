"""Work done later, by another process: rows in the same database, written in the same transaction as the fact.

A job is claimed under a lease. When its process dies, the lease ends and the job comes back: every task may run more
than once, and must bear it. `attempts` is also the claim's mark: only the latest claim may close the job.

A process that is asked to end does not wait for a long job: its task goes through what it does with `stoppable`, which
leaves it between two of them. The next worker takes the job again at once, and facts say what is done already.
"""

import threading
import time as real_time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib import import_module
from typing import Any, TypeVar

import structlog
from flask import current_app
from sqlalchemy import Connection, Index, String, Text, case, delete, event, exists, func, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from popschool import clock, inside, traces
from popschool.db import Base, Json, Moment, db, upsert
from popschool.logs import masked

LEASE = timedelta(seconds=60)
POLL_SECONDS = 0.5
CLOCKS_DIFFER = timedelta(minutes=1)
MOST_ATTEMPTS = 8
LONGEST_DELAY = timedelta(hours=6)
DAYS_KEPT = 30
ERROR_LENGTH = 2000
ENQUEUED = "jobs_enqueued"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
WAITING = text("done_at IS NULL AND leased_until IS NULL")
log = structlog.get_logger("popschool.jobs")
T = TypeVar("T")
_stop: ContextVar[threading.Event | None] = ContextVar("popschool_jobs_stop", default=None)


class Interrupted(BaseException):
    """The process is asked to end: its job is left here, and comes back. No failure, so no `except Exception`."""


class Job(Base):
    """One call to make: `task` is "module:function", `arguments` its keywords. `outcome`: done, failed, cancelled.

    The arguments of a job that is done are erased: they may hold what nobody needs any more, such as a code.

    `trace` names the span of the request that asked for it, when traces are on.

    Among the jobs that wait, a key is unique. One that has begun no longer counts: what it read may have changed since.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_key", "key", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
        Index(
            "ix_job_due",
            "run_at",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(120))
    arguments: Mapped[Json]
    key: Mapped[str | None] = mapped_column(String(200))
    run_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[Moment | None]
    error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[Moment | None] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[Moment]
    trace: Mapped[str | None] = mapped_column(String(60))


@dataclass(frozen=True)
class Claim:
    """A job that this process holds until its lease ends."""

    id: int
    task: str
    arguments: dict[str, Any]
    key: str | None
    attempts: int
    trace: str | None = None


@dataclass(frozen=True)
class Recurring:
    """A job that comes back: every so often, or each day at an hour of Paris."""

    name: str
    task: str
    every: timedelta | None = None
    at: time | None = None

    def following(self, now: datetime) -> datetime:
        """Return the first moment after `now` at which it is due."""
        if self.every is not None:
            seconds = int(self.every.total_seconds())
            return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)
        local = now.astimezone(clock.PARIS)
        day = local.date() if local.time() < self.at else local.date() + timedelta(days=1)
        return datetime.combine(day, self.at, clock.PARIS).astimezone(UTC)


RECURRING: dict[str, Recurring] = {}


def recur(name: str, task: str, *, every: timedelta | None = None, at: time | None = None) -> None:
    """Declare a recurring job when a feature is imported. Several workers still run each turn once."""
    _check_task(task)
    if (every is None) == (at is None):
        raise ValueError("a recurring job has either `every` or `at`")
    RECURRING[name] = Recurring(name, task, every, at)


def enqueue(task: str, *, key: str | None = None, run_at: datetime | None = None, **arguments: Any) -> None:
    """Add a job in the caller's transaction. With a key, one that already waits is kept, at the earlier moment."""
    _check_task(task)
    now = clock.now()
    row = _row(task, arguments, key, run_at or now, now)
    db.session.execute(_insert(row | {"trace": traces.here()}))
    db.session.info[ENQUEUED] = True


def stoppable(things: Iterable[T]) -> Iterator[T]:
    """Yield what a long job does one after the other, each in transactions of its own.

    When this process is asked to end, the job is left before the next: Interrupted, which `perform` answers.
    """
    stop = _stop.get()
    for thing in things:
        if stop is not None and stop.is_set():
            raise Interrupted
        yield thing


def is_waiting(key: str) -> bool:
    """Say whether a job under this key has not begun yet. One query."""
    return db.session.scalar(select(exists().where(Job.key == key, WAITING)))


def cancel(key: str, now: datetime) -> None:
    """Take back a job that waits under this key, in the caller's transaction."""
    db.session.execute(
        update(Job)
        .where(Job.key == key, Job.done_at.is_(None), Job.leased_until.is_(None))
        .values(done_at=now, outcome=CANCELLED)
    )


def _check_task(task: str) -> None:
    module, colon, function = task.partition(":")
    if not (module.startswith("popschool.") and colon and function.isidentifier()):
        raise ValueError(f"a task is written popschool.module:function, not {task!r}")


def _row(task: str, arguments: dict, key: str | None, run_at: datetime, now: datetime) -> dict:
    waiting = {"attempts": 0, "error": "", "outcome": ""}
    return {"task": task, "arguments": arguments, "key": key, "run_at": run_at, "created_at": now} | waiting


def _insert(row: dict) -> Any:
    statement = upsert(Job).values(**row)
    if row["key"] is None:
        return statement
    asked = statement.excluded.run_at
    earlier = case((asked < Job.run_at, asked), else_=Job.run_at)
    return statement.on_conflict_do_update(index_elements=[Job.key], index_where=WAITING, set_={"run_at": earlier})


@event.listens_for(db.session, "after_commit")
def _wake_after_commit(session: Session) -> None:
    if not session.in_nested_transaction() and session.info.pop(ENQUEUED, False):
        inside.wake(current_app.config["POPSCHOOL"])


@event.listens_for(db.session, "after_rollback")
def _forget_after_rollback(session: Session) -> None:
    session.info.pop(ENQUEUED, None)


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection, connection.execution_options(writes=True).begin():
        yield connection


def _due(now: datetime) -> Any:
    is_free = Job.leased_until.is_(None) | (Job.leased_until <= now)
    return select(Job.id).where(Job.done_at.is_(None), Job.run_at <= now, is_free).order_by(Job.run_at, Job.id).limit(1)


def claim(now: datetime, lease: timedelta = LEASE) -> Claim | None:
    """Take the oldest job that is due, for as long as `lease`; None when there is none."""
    with db.engine.connect() as connection:
        if connection.execute(_due(now)).first() is None:
            return None
    statement = (
        update(Job)
        .where(Job.id == _due(now).with_for_update(skip_locked=True).scalar_subquery())
        .values(attempts=Job.attempts + 1, leased_until=now + lease)
        .returning(Job.id, Job.task, Job.arguments, Job.key, Job.attempts, Job.trace)
    )
    with _writing(db.engine) as connection:
        row = connection.execute(statement).first()
    return Claim(*row) if row else None


def perform(claimed: Claim, lease: timedelta = LEASE, stop: threading.Event | None = None) -> bool:
    """Call the task in an application context of its own, and close the job. Says whether it was done.

    Once `stop` is set, a `stoppable` task is left where it is, for the next worker.
    """
    started = real_time.monotonic()
    with (
        traces.job(claimed.task, claimed.attempts, claimed.trace) as traced,
        structlog.contextvars.bound_contextvars(job=claimed.id, task=claimed.task, **traced.marks),
        _renewing(claimed, lease),
    ):
        asked = _stop.set(stop)
        try:
            if claimed.attempts > MOST_ATTEMPTS:
                raise RuntimeError(f"the process ended {claimed.attempts - 1} times while doing it")
            with current_app._get_current_object().app_context():
                _resolve(claimed.task)(**claimed.arguments)
        except Interrupted:
            log.info("job left for the next worker", attempt=claimed.attempts)
            _give_back(claimed)
            return False
        except Exception as error:
            log.warning("job failed", attempt=claimed.attempts, exc_info=True)
            traced.fail(type(error).__name__)
            _close_failed(claimed, masked(f"{type(error).__name__}: {error}")[:ERROR_LENGTH])
            return False
        finally:
            _stop.reset(asked)
        _close(claimed, done_at=clock.now(), outcome=DONE, leased_until=None, error="", arguments={})
        log.info("job done", attempt=claimed.attempts, ms=round(1000 * (real_time.monotonic() - started)))
        return True


def _give_back(claimed: Claim) -> None:
    """End the lease of a job that was left, which is no failed attempt: it is due since before it began."""
    _close(claimed, attempts=claimed.attempts - 1, leased_until=Job.run_at)


def _resolve(task: str) -> Callable[..., Any]:
    _check_task(task)
    module, _, function = task.partition(":")
    return getattr(import_module(module), function)


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts: 10 s, 40 s, 160 s … 6 hours."""
    return min(timedelta(seconds=10 * 4 ** (attempts - 1)), LONGEST_DELAY)


def _close_failed(claimed: Claim, error: str) -> None:
    now = clock.now()
    if claimed.attempts >= MOST_ATTEMPTS:
        log.error("job given up", attempt=claimed.attempts)
        _close(claimed, done_at=now, outcome=FAILED, leased_until=None, error=error)
        return
    try:
        _close(claimed, run_at=now + retry_delay(claimed.attempts), leased_until=None, error=error)
    except IntegrityError:  # one with the same key waits already: it will do this work
        _close(claimed, done_at=now, outcome=FAILED, leased_until=None, error=error)


def _close(claimed: Claim, **values: Any) -> None:
    """Write how this claim ended, unless another process holds the job since; a recurring job gets its next turn."""
    mine = (Job.id == claimed.id) & (Job.attempts == claimed.attempts)
    with _writing(db.engine) as connection:
        is_mine = connection.execute(update(Job).where(mine, Job.done_at.is_(None)).values(**values)).rowcount
        recurring = RECURRING.get((claimed.key or "").removeprefix("every:"))
        if is_mine and recurring and values.get("done_at"):
            connection.execute(_insert(_turn(recurring, clock.now())))


def _turn(recurring: Recurring, now: datetime) -> dict:
    return _row(recurring.task, {}, f"every:{recurring.name}", recurring.following(now), now)


def schedule_recurring(now: datetime) -> None:
    """Give each recurring job its next turn, unless it waits already.

    What was asked for while the clock was ahead, and would wait until that moment comes again, is due now.
    """
    with _writing(db.engine) as connection:
        ahead = (Job.done_at.is_(None), Job.leased_until.is_(None), Job.created_at > now + CLOCKS_DIFFER)
        connection.execute(update(Job).where(*ahead, Job.run_at > now).values(run_at=now))
        for recurring in RECURRING.values():
            connection.execute(_insert(_turn(recurring, now)))


@contextmanager
def _renewing(claimed: Claim, lease: timedelta) -> Iterator[None]:
    """Renew the lease from a thread while the job is done: a long job stays ours, a dead process loses it."""
    finished, engine = threading.Event(), db.engine

    def renew() -> None:
        while not finished.wait(lease.total_seconds() / 3):
            mine = (Job.id == claimed.id) & (Job.attempts == claimed.attempts) & Job.done_at.is_(None)
            try:
                with _writing(engine) as connection:
                    connection.execute(update(Job).where(mine).values(leased_until=clock.now() + lease))
            except DBAPIError:
                log.warning("lease not renewed", job=claimed.id)

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def work(
    *,
    until_idle: bool = False,
    idle_seconds: float = 0,
    stop: threading.Event | None = None,
    lease: timedelta = LEASE,
) -> int:
    """Do jobs as they fall due, until `stop` or, if asked, until there was none for `idle_seconds`. Returns how many.

    Before it ends for want of work, it forgets the calls heard so far and looks once more: a job enqueued after that
    look has left a call in the pipe, and the server starts another process.
    """
    stop = stop or threading.Event()
    performed, has_drained, idle_since = 0, False, real_time.monotonic()
    while not stop.is_set():
        claimed = _claim_or_wait(lease, stop, may_wait=not until_idle)
        if claimed is not None:
            perform(claimed, lease, stop)
            performed, has_drained, idle_since = performed + 1, False, real_time.monotonic()
        elif until_idle and real_time.monotonic() - idle_since >= idle_seconds:
            if has_drained:
                break
            inside.drain_calls(current_app.config["POPSCHOOL"])
            has_drained = True
        else:
            stop.wait(POLL_SECONDS)
    return performed


def _claim_or_wait(lease: timedelta, stop: threading.Event, may_wait: bool) -> Claim | None:
    try:
        return claim(clock.now(), lease)
    except DBAPIError:
        if not may_wait:
            raise
        log.warning("database out of reach", exc_info=True)
        stop.wait(10)
        return None


def next_due(now: datetime) -> float | None:
    """Return the seconds until the next job may be claimed, 0 when one may be already; None when nothing waits."""
    moment = case((Job.leased_until > Job.run_at, Job.leased_until), else_=Job.run_at)
    first = db.session.scalar(select(moment.label("moment")).where(Job.done_at.is_(None)).order_by("moment").limit(1))
    return None if first is None else max(0.0, (first - now).total_seconds())


def waiting_since(now: datetime) -> timedelta:
    """Say for how long the oldest job that is due has waited; nothing when none does."""
    oldest = db.session.scalar(
        select(func.min(Job.run_at)).where(Job.done_at.is_(None), Job.run_at <= now, Job.leased_until.is_(None))
    )
    return timedelta(0) if oldest is None else now - oldest


def forget_done() -> None:
    """Remove the jobs that ended a month ago."""
    with _writing(db.engine) as connection:
        connection.execute(delete(Job).where(Job.done_at < clock.now() - timedelta(days=DAYS_KEPT)))


recur("jobs.forget_done", "popschool.jobs:forget_done", at=time(3, 40))
