"""Structured logs: one line per request, with an id that the answer carries too. No name, no mail, no text."""

import logging
import re
import sys
import time
import uuid

import structlog
from flask import Flask, Response, g, request

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Write JSON in production, readable lines in a terminal."""
    settings = app.config["POPSCHOOL"]
    is_json = settings.log == "json" or (settings.log == "auto" and not sys.stderr.isatty())
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False) if is_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if is_json else _as_is,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if settings.log == "quiet" else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    app.before_request(begin)
    app.after_request(end)


def _as_is(logger: object, name: str, event: dict) -> dict:
    return event


def begin() -> None:
    asked = request.headers.get("X-Request-ID", "")
    g.request_id = asked if SANE_ID.fullmatch(asked) else uuid.uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint not in ("web.asset", "server.healthz"):
        log.info(
            "request",
            method=request.method,
            rule=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            person=getattr(g.get("_login_user"), "id", None),
        )
    return response
