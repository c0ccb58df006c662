"""Serving: is the process alive, is the installation ready, and the server itself."""

import shutil
import subprocess
import sys
from datetime import timedelta

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue

from popschool import clock, jobs, storage
from popschool.db import db, is_reachable
from popschool.places import migrations_folder

bp = Blueprint("server", __name__)
PUBLIC = "public"
LATE_JOBS = timedelta(minutes=15)
THREADS = 8


class OldDatabase(RuntimeError):
    """The database is not at this version: `popschool migrate` brings it there."""


def init_app(app: Flask) -> None:
    for view in (healthz, readyz):
        view.allowed = PUBLIC
    app.register_blueprint(bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and is at this version, files can be kept, jobs are done in time."""
    checks = {"database": _is_true(lambda: is_reachable(db.engine))}
    checks["migrations"] = checks["database"] and _is_true(is_current)
    checks["storage"] = _is_true(lambda: storage.exists(storage.put(b"ready").hash))
    checks["jobs"] = checks["migrations"] and _is_true(lambda: jobs.waiting_since(clock.now()) < LATE_JOBS)
    is_ready = checks["database"] and checks["migrations"] and checks["storage"]
    return jsonify(status="ok" if is_ready else "not ready", checks=checks), 200 if is_ready else 503


def _is_true(check) -> bool:
    try:
        return bool(check())
    except Exception:
        db.session.rollback()
        return False


def head_revision() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    return ScriptDirectory.from_config(config).get_current_head()


def database_revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current() -> bool:
    """Say whether the database is at the version of this code."""
    return database_revision() == head_revision()


def check_before_serving(app: Flask) -> None:
    """Raises OldDatabase."""
    with app.app_context():
        if not is_current():
            raise OldDatabase


def serve(app: Flask, host: str, port: int, workers: int) -> None:
    """Serve until stopped: waitress in one process, gunicorn when several are asked for."""
    if workers > 1:
        serve_with_gunicorn(host, port, workers)
        return
    from waitress import serve as waitress_serve

    settings = app.config["POPSCHOOL"]
    jobs.init_inside(app)
    with app.app_context():
        if settings.jobs == "inside" and jobs.waiting_since(clock.now()):
            app.extensions["popschool.jobs"].wake()
        db.session.remove()
        db.engine.dispose()
    options: dict = {"host": host, "port": port, "threads": THREADS, "ident": None, "channel_timeout": 120}
    if settings.trusted_proxies:
        options |= {
            "trusted_proxy": "*",
            "trusted_proxy_count": settings.trusted_proxies,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
            "clear_untrusted_proxy_headers": True,
        }
    waitress_serve(app, **options)


def serve_with_gunicorn(host: str, port: int, workers: int) -> None:
    """Replace this process by gunicorn. Raises RuntimeError when it is not installed."""
    program = shutil.which("gunicorn") or shutil.which("gunicorn", path=str(sys.prefix) + "/bin")
    if program is None:
        raise RuntimeError("several workers need gunicorn: install the extra `prod`")
    command = [
        program,
        "-k",
        "gthread",
        "-w",
        str(workers),
        "--threads",
        "4",
        "-b",
        f"{host}:{port}",
        "--max-requests",
        "20000",
        "--max-requests-jitter",
        "2000",
        "app:app",
    ]
    raise SystemExit(subprocess.call(command))
