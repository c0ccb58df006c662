"""Structured logs: one line per request, with an id that the answer carries too. No name, no address, no text."""

import logging
import re
import sys
import threading
import time
import uuid
from contextlib import suppress
from typing import Any

import structlog
from flask import Flask, Response, g, request
from sqlalchemy import event

from popschool.db import db

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# PostgreSQL quotes the row or the key that it refuses, which may have lines of its own.
QUOTED_ROW = re.compile(
    r"^DETAIL:.*?(?=^(?:CONTEXT|HINT|LINE \d+):|^\[SQL:|^\(Background|^The above exception|^During handling|\Z)",
    re.DOTALL | re.MULTILINE,
)
QUIET_ENDPOINTS = frozenset({"static", "web.asset", "server.healthz", "server.readyz", "metrics.metrics"})
QUIET_LIBRARIES = ("alembic", "botocore", "urllib3", "werkzeug", "waitress.queue", "PIL", "asyncio")
LEVELS = {"quiet": logging.WARNING}
log = structlog.get_logger("popschool.requests")


def init_app(app: Flask) -> None:
    """Write JSON in production, readable lines in a terminal; other libraries' lines have the same form."""
    configure(app.config["POPSCHOOL"].log)
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(end)
    app.log_exception = _log_exception  # Flask's own line would hold the path, where a link's secret may be
    with app.app_context():
        if not event.contains(db.engine, "before_cursor_execute", _count):
            event.listen(db.engine, "before_cursor_execute", _count)


def configure(form: str) -> None:
    """Send every line to standard error. `form`: json, plain, quiet (warnings only), or auto.

    Our own lines are written at once; those of other libraries come through `logging`, and end in the same form.
    """
    is_json = form == "json" or (form in {"auto", "quiet"} and not sys.stderr.isatty())
    level = LEVELS.get(form, logging.INFO)
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    in_form = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if is_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    last = [structlog.processors.format_exc_info, mask, in_form]
    structlog.configure(
        processors=[*first, *last],
        logger_factory=OurLogger,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = OurHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, OurHandler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


class OurLogger:
    """Writes to the standard error of the moment. Nobody goes without an answer because a line could not be written."""

    turn = threading.Lock()

    def __init__(self, *_names: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        with self.turn, suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


class OurHandler(logging.StreamHandler):
    """Writes to the standard error of the moment, which tests and servers may replace."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def mask(logger: Any, name: str, entry: dict) -> dict:
    """Hide mail addresses and rows, which servers quote in their errors."""
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = masked(value)
    return entry


def masked(said: str) -> str:
    """Return what a server said of an error, without the mail addresses and the rows that it quotes."""
    if "@" in said or "DETAIL:" in said:
        return MAIL_ADDRESS.sub("…@…", QUOTED_ROW.sub("DETAIL:  …\n", said))
    return said


def _count(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if g:
        g.queries = g.get("queries", 0) + 1


def begin() -> None:
    asked = request.headers.get("X-Request-ID", "")
    g.request_id = asked if SANE_ID.fullmatch(asked) else uuid.uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Write the request's line. The rule stands for the path, whose parts may be secrets."""
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint not in QUIET_ENDPOINTS or response.status_code >= 500:
        log.info(
            "request",
            method=request.method,
            rule=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            queries=g.get("queries", 0),
            person=_person_id(),
        )
    return response


def _person_id() -> int | None:
    """Return who asked, without a query: the session's first part, when the page has looked."""
    user = g.get("_login_user")
    session_id = user.get_id() if user is not None else None
    number = (session_id or "").partition(":")[0]
    return int(number) if number.isdigit() else None


def _log_exception(exc_info: Any) -> None:
    log.error("request failed", rule=request.url_rule.rule if request.url_rule else None, exc_info=exc_info)
