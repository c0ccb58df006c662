"""Serving: is the process alive, is the installation ready, and the server itself."""

import contextlib
import signal
from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from popschool import clock, heaps, inside, jobs, migration, storage, traces
from popschool.db import db, is_reachable
from popschool.errors import CannotServe
from popschool.opening import Opening

PUBLIC = "public"
THREADS = 8
READ_TO_REFUSE = 4
log = structlog.get_logger("popschool.server")
bp = Blueprint("server", __name__)


def init_app(app: Flask) -> None:
    """Add the two addresses that machines ask, and believe as many proxies as the settings say."""
    settings = app.config["POPSCHOOL"]
    app.register_blueprint(bp)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and is at this version, and files can be kept; with how long jobs wait."""
    checks = {"database": _holds(lambda: is_reachable(db.engine))}
    checks["migrations"] = checks["database"] and _holds(migration.is_current)
    checks["storage"] = _holds(storage.is_writable)
    is_ready = all(checks.values())
    waiting = None
    if checks["migrations"]:
        with contextlib.suppress(SQLAlchemyError):
            waiting = round(jobs.waiting_since(clock.now()).total_seconds())
    answer = {"status": "ok" if is_ready else "not ready", "checks": checks, "oldest_job_seconds": waiting}
    return jsonify(answer), 200 if is_ready else 503


healthz.allowed = PUBLIC
readyz.allowed = PUBLIC


def _holds(check: Callable[[], Any]) -> bool:
    """Say whether a check passes; the reason of a failure is for the log, not for whoever asks."""
    try:
        return bool(check())
    except Exception:
        log.warning("not ready", exc_info=True)
        db.session.rollback()
        return False


def check_before_serving(app: Flask) -> None:
    """Raises CannotServe for unsafe settings, an old database, or one that does not answer."""
    problems = app.config["POPSCHOOL"].problems()
    if problems:
        raise CannotServe("these settings are not safe in production:\n" + "\n".join(f"- {one}" for one in problems))
    if app.config["POPSCHOOL"].traces_url and not traces.is_installed():
        raise CannotServe(traces.MISSING)
    with app.app_context():
        try:
            is_current = migration.is_current()
        except SQLAlchemyError as error:
            raise CannotServe(f"the database does not answer: {type(error).__name__}") from error
        if not is_current:
            found, wanted = migration.database_version() or "empty", migration.code_version()
            raise CannotServe(f"the database is {found}, this version needs {wanted}: run popschool migrate")
        db.session.remove()
        db.engine.dispose()  # processes that are started from here open their own connections


def serve(app: Opening, host: str, port: int, on_ready: Callable[[], None]) -> None:
    """Serve from this process until stopped. Raises CannotServe, and what loading the whole raised."""
    with inside.jobs_done(app.config["POPSCHOOL"], is_at_once=False):
        _serve_with_waitress(app, host, port, on_ready)
    if app.failure is not None:
        raise app.failure


def _serve_with_waitress(app: Opening, host: str, port: int, on_ready: Callable[[], None]) -> None:
    from waitress import create_server

    heaps.share()
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            # What is a little too heavy is read to its end, so that whoever sends it reads why it is refused.
            max_request_body_size=READ_TO_REFUSE * app.config["MAX_CONTENT_LENGTH"],
            # Without a proxy to believe, waitress drops the headers of one; with one, ProxyFix counts them.
            clear_untrusted_proxy_headers=not app.config["POPSCHOOL"].trusted_proxies,
        )
    except OSError as error:
        raise CannotServe(f"{host}:{port} cannot be listened at: {error.strerror}") from error
    signal.signal(signal.SIGTERM, _leave)
    app.begin(then=lambda: inside.wake(app.config["POPSCHOOL"]))
    on_ready()
    server.run()


def _leave(_number: int, _frame: Any) -> None:
    raise SystemExit(0)
