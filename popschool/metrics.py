"""Figures for Prometheus at /metrics, for whoever holds METRICS_TOKEN: requests by rule, and the jobs that wait.

Off without that token. Labels are rules, never paths, whose parts may be secrets. Several processes of one machine add
up through files in DATA_DIR/metrics, which `serve` empties when it starts.
"""

import hmac
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from popschool import clock, jobs, migration, storage
from popschool.db import db, is_reachable
from popschool.processes import SHARED_FIGURES

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

PUBLIC = "public"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
STATEMENTS = (0, 2, 4, 6, 8, 12, 16, 32)
NO_RULE = "none"
# Anybody may invent a method: each would be kept for ever.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
A_DAY = timedelta(days=1)
bp = Blueprint("metrics", __name__)


def init_app(app: Flask) -> None:
    """Add the address, and count requests when somebody may read it."""
    app.register_blueprint(bp)
    if not app.config["POPSCHOOL"].metrics_token:
        return
    # Here alone: a school without a Prometheus pays nothing for it.
    from prometheus_client import CollectorRegistry, Counter, Histogram

    registry = CollectorRegistry()
    kept = {
        "registry": registry,
        "requests": Counter(
            "popschool_requests", "Requests answered.", ["method", "rule", "status"], registry=registry
        ),
        "seconds": Histogram(
            "popschool_request_seconds", "Time to an answer.", ["rule"], buckets=SECONDS, registry=registry
        ),
        "statements": Histogram(
            "popschool_request_statements", "SQL statements of a request.", ["rule"],
            buckets=STATEMENTS, registry=registry,
        ),
    }  # fmt: skip
    app.extensions["popschool.metrics"] = kept
    app.after_request(count)


def count(response: Response) -> Response:
    """Count a request that is answered."""
    kept = current_app.extensions["popschool.metrics"]
    rule = request.url_rule.rule if request.url_rule else NO_RULE
    method = request.method if request.method in METHODS else OTHER
    kept["requests"].labels(method, rule, response.status_code).inc()
    started = g.get("started")
    if started is not None and request.url_rule is not None:
        kept["seconds"].labels(rule).observe(time.perf_counter() - started)
        kept["statements"].labels(rule).observe(g.get("queries", 0))
    return response


@bp.get("/metrics")
def metrics() -> Response:
    """Everything that Prometheus reads; 404 when it is off, 401 without the token."""
    token = current_app.config["POPSCHOOL"].metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        return Response("401\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain; charset=utf-8")
    from prometheus_client import CollectorRegistry, generate_latest, multiprocess
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    registry = CollectorRegistry()
    if os.environ.get(SHARED_FIGURES):
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(current_app.extensions["popschool.metrics"]["registry"])
    registry.register(Now())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


metrics.allowed = PUBLIC


class Now:
    """What the installation is at this moment: ready or not, and what waits. Asked at each reading, never kept."""

    def collect(self) -> Iterator["Metric"]:
        from prometheus_client.core import GaugeMetricFamily

        ready = GaugeMetricFamily("popschool_ready", "1 when this part answers as it should.", labels=["part"])
        parts = {"database": lambda: is_reachable(db.engine), "migrations": migration.is_current}
        holds = {name: _holds(check) for name, check in (parts | {"storage": storage.is_writable}).items()}
        for name, is_sound in holds.items():
            ready.add_metric([name], float(is_sound))
        yield ready
        version = GaugeMetricFamily("popschool_version", "1, with the migration of this program.", labels=["migration"])
        version.add_metric([migration.code_version() or ""], 1)
        yield version
        if not (holds["database"] and holds["migrations"]):
            return
        yield from _jobs_now()


def _holds(check: Any) -> bool:
    try:
        return bool(check())
    except Exception:  # a part that is broken says 0; the reason is in the log of /readyz
        db.session.rollback()
        return False


def _jobs_now() -> Iterator["Metric"]:
    """Yield what waits to be done, what is late and what was given up. Three queries, each on an index."""
    from prometheus_client.core import GaugeMetricFamily

    now = clock.now()
    job = jobs.Job
    try:
        waiting = db.session.execute(
            select(job.task, func.count()).where(job.done_at.is_(None), job.run_at <= now).group_by(job.task)
        ).all()
        failed = db.session.execute(
            select(job.task, func.count())
            .where(job.outcome == jobs.FAILED, job.done_at > now - A_DAY)
            .group_by(job.task)
        ).all()
        waited = jobs.waiting_since(now).total_seconds()
    except SQLAlchemyError:
        db.session.rollback()
        return
    for name, help_text, counted in (
        ("due", "Jobs whose moment has come, those at work included.", waiting),
        ("failed_last_day", "Jobs that were given up since yesterday.", failed),
    ):
        gauge = GaugeMetricFamily(f"popschool_jobs_{name}", help_text, labels=["task"])
        for task, count_of in counted:
            gauge.add_metric([task.removeprefix("popschool.")], count_of)
        yield gauge
    yield GaugeMetricFamily("popschool_jobs_oldest_seconds", "How long the oldest due job has waited.", value=waited)


def forget_process(number: int) -> None:
    """Forget the momentary figures of a process that has ended; what it counted stays in the sums."""
    if os.environ.get(SHARED_FIGURES):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(number)
