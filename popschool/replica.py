"""Pages that read much and write nothing may read a streaming copy of the database, when there is one.

The copy is asked whether it still follows; while it is away, lags behind or refuses, the database itself answers. So it
does to whoever has just written there: the next page must show it.
"""

import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import structlog
from flask import Flask, current_app, g, request, session
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from popschool import clock
from popschool.config import Settings
from popschool.db import READING, REPLICA, SAFE, db, engine_options

WROTE_AT = "wrote_at"
MOST_SECONDS_BEHIND = 10
SECONDS_BETWEEN_LOOKS = 5
SECONDS_AFTER_WRITING = 60
SECONDS_TO_CONNECT = 3
# Without news of the primary for some seconds it may be at any moment of the past; an idle primary sends some too.
FOLLOWS = text("""
    SELECT pg_is_in_recovery()
    AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver)
    AND (pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
        OR now() - pg_last_xact_replay_timestamp() < make_interval(secs => :most))
""")
log = structlog.get_logger("popschool.replica")


def binds(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the engines that Flask-SQLAlchemy makes beside the main one."""
    if not settings.database_replica_url:
        return {}
    options = engine_options(settings.database_replica_url)
    options["connect_args"] = options["connect_args"] | {"connect_timeout": SECONDS_TO_CONNECT}
    options["isolation_level"] = READING
    return {REPLICA: {"url": settings.database_replica_url, **options}}


def init_app(app: Flask, blueprints: Sequence[str]) -> None:
    """Let the pages of these blueprints be read from the replica, when the settings name one."""
    if REPLICA in app.config["SQLALCHEMY_BINDS"]:
        for endpoint, view in app.view_functions.items():
            if endpoint.partition(".")[0] in blueprints:
                app.view_functions[endpoint] = _read(view)


def _read(view: Callable) -> Callable:
    """Return a view that reads the replica; what fails there is begun again on the primary."""

    @wraps(view)
    def read(*args: Any, **kwargs: Any) -> Any:
        if request.method not in SAFE:
            session[WROTE_AT] = int(clock.now().timestamp())
        g.reads_replica = request.method in SAFE and not _has_just_written() and _is_near(current_app)
        try:
            return view(*args, **kwargs)
        except DBAPIError:
            if not g.reads_replica:
                raise
            log.warning("the replica failed: the database answers", exc_info=True)
            _remember(current_app, is_near=False)
            db.session.rollback()
            g.reads_replica = False
            return view(*args, **kwargs)

    return read


def _has_just_written() -> bool:
    return clock.now().timestamp() - session.get(WROTE_AT, 0) < SECONDS_AFTER_WRITING


def _is_near(app: Flask) -> bool:
    """Say whether the replica follows, as it was seen some seconds ago at most."""
    looked, is_near = app.extensions.get("popschool.replica", (-SECONDS_BETWEEN_LOOKS, False))
    if time.monotonic() - looked < SECONDS_BETWEEN_LOOKS:
        return is_near
    _remember(app, is_near=is_near)  # the others go on as before while this one looks
    try:
        is_near = follows(db.engines[REPLICA])
    except SQLAlchemyError as error:
        is_near = False
        log.warning("the replica does not answer", why=type(error).__name__)
    _remember(app, is_near=is_near)
    return is_near


def _remember(app: Flask, is_near: bool) -> None:
    app.extensions["popschool.replica"] = time.monotonic(), is_near


def follows(engine: Engine) -> bool:
    """Say whether a replica receives what happens on the primary, and is at most some seconds behind."""
    with engine.connect() as connection:
        return bool(connection.execute(FOLLOWS, {"most": MOST_SECONDS_BEHIND}).scalar())
