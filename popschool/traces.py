"""Traces for a collector of OpenTelemetry (OTLP over HTTP): an option, of which nothing is loaded when it is off.

A span says what was done and how long it took: a request by its rule, a statement without its values, a job by its
task, a call out by its kind. Never an address, a name, a value or the words of an error: a test reads every byte.
Spans leave from a thread of their own. A collector that is away or slow loses spans, and delays nobody.

Each process has its own exporter, made at its first span: a thread does not survive the division of a server.
"""

import atexit
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.engine import Engine

    from popschool.config import Settings

NAME = "popschool.traces"
LIBRARY = "opentelemetry.exporter.otlp.proto.http"
MISSING = "TRACES_URL needs libraries that are not installed: install popschool[traces]"
SECONDS_TO_SEND = 3
SECONDS_TO_END = 2.0
LONGEST_TEXT = 2000
SPAN = "popschool_span"
WRITTEN_VALUE = re.compile(r"'(?:[^']|'')*'")
_is_on = False


def init_app(app: "Flask") -> None:
    """Trace requests, statements, jobs and calls when TRACES_URL says where to."""
    global _is_on
    settings = app.config["POPSCHOOL"]
    if not settings.traces_url or not is_installed():
        return
    _is_on = True
    app.extensions[NAME] = Tracing(settings)
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            _listen(engine)


def is_installed() -> bool:
    try:
        return find_spec(LIBRARY) is not None
    except ModuleNotFoundError:
        return False


def tracing() -> "Tracing | None":
    """Return where the spans of this application go; None when it is off."""
    if not _is_on:
        return None
    from flask import current_app, has_app_context

    return current_app.extensions.get(NAME) if has_app_context() else None


@contextmanager
def call(name: str, **facts: str | int) -> Iterator[Any]:
    """Measure a call to another program, within the request or job that goes on; yields its span, or None."""
    kept = tracing()
    if kept is None or not kept.is_within:
        yield None
        return
    with kept.span(name, kept.api.SpanKind.CLIENT, facts) as span:
        yield span


@contextmanager
def job(task: str, attempt: int, asked_by: str | None) -> Iterator["Traced"]:
    """Measure a job, linked to what asked for it: `here()` at that time."""
    kept = tracing()
    if kept is None:
        yield Traced()
        return
    facts = {"popschool.job.task": task, "popschool.job.attempt": attempt}
    name = f"job {task.removeprefix('popschool.')}"
    with kept.span(name, kept.api.SpanKind.CONSUMER, facts, asked_by=asked_by) as span:
        yield Traced(kept, span)


class Traced:
    """A job that is measured, or not: what its log lines carry, and how it says that it failed."""

    def __init__(self, kept: "Tracing | None" = None, span: Any = None):
        self._kept, self._span = kept, span
        self.marks: dict[str, str] = kept.marks(span) if kept is not None else {}

    def fail(self, kind: str) -> None:
        if self._kept is not None:
            self._kept.fail(self._span, kind)


def here() -> str | None:
    """Return the mark of the span that goes on, as `traceparent` writes it: for work that is done later."""
    kept = tracing()
    return kept.mark() if kept is not None else None


class Tracing:
    """The libraries, loaded once, and the exporter of this process."""

    def __init__(self, settings: "Settings"):
        import logging

        # Loaded here, before a server divides: its processes share them.
        from opentelemetry import context, trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk import resources
        from opentelemetry.sdk import trace as sdk
        from opentelemetry.sdk.trace import export
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # Courier says it, once
        self.api, self.context, self.sdk, self.export, self.resources = trace, context, sdk, export, resources
        self.exporter = OTLPSpanExporter
        self.propagator = TraceContextTextMapPropagator()
        self.settings = settings
        self._lock = threading.Lock()
        self._pid = 0
        self._provider: Any = None
        self._courier: Courier | None = None

    @property
    def tracer(self) -> Any:
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():
                    self._begin()
        return self._tracer

    def _begin(self) -> None:
        self._courier = Courier(self.new_exporter(), self.export.SpanExportResult)
        resource = self.resources.Resource.create({"service.name": "popschool"})
        limits = self.sdk.SpanLimits(max_attribute_length=LONGEST_TEXT)
        self._provider = self.sdk.TracerProvider(resource=resource, span_limits=limits, shutdown_on_exit=False)
        self._provider.add_span_processor(self.export.BatchSpanProcessor(self._courier))
        self._tracer = self._provider.get_tracer("popschool")
        self._pid = os.getpid()
        atexit.register(self.close)

    def new_exporter(self) -> Any:
        return self.exporter(endpoint=self.settings.traces_url, timeout=SECONDS_TO_SEND)

    def close(self) -> None:
        """Send what is left, in a few seconds or not at all. Whatever comes afterwards makes a new exporter."""
        if self._pid == os.getpid():
            self._pid = 0
            self._courier.end_by(time.monotonic() + SECONDS_TO_END)
            self._provider.shutdown()
            atexit.unregister(self.close)

    @property
    def is_within(self) -> bool:
        return self.api.get_current_span().is_recording()

    def mark(self) -> str | None:
        carrier: dict[str, str] = {}
        self.propagator.inject(carrier)
        return carrier.get("traceparent")

    def parent(self, mark: str | None) -> Any:
        """Return the context that a `traceparent` names; an empty one when it names none."""
        carrier = {"traceparent": mark} if mark else {}
        return self.propagator.extract(carrier, context=self.context.Context())

    def marks(self, span: Any) -> dict[str, str]:
        """Return what log lines carry."""
        found = span.get_span_context()
        return {"trace_id": f"{found.trace_id:032x}"} if found.is_valid else {}

    @contextmanager
    def span(self, name: str, kind: Any, facts: dict, asked_by: str | None = None) -> Iterator[Any]:
        """Measure what is done in the block. Of an error its kind alone is told: its words may quote anything."""
        where, links = None, []
        if kind is self.api.SpanKind.CONSUMER:
            where = self.context.Context()  # days may lie between a request and its job: each has its own trace
            asking = self.api.get_current_span(self.parent(asked_by)).get_span_context()
            links = [self.api.Link(asking)] if asking.is_valid else []
        with self.tracer.start_as_current_span(
            name, where, kind, facts, links, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                self.fail(span, type(error).__name__)
                raise

    def fail(self, span: Any, kind: str) -> None:
        span.set_attribute("error.type", kind)
        span.set_status(self.api.StatusCode.ERROR)


class Courier:
    """Carries spans to the collector, from the thread that gathers them; says once that it is away, and back."""

    def __init__(self, exporter: Any, results: Any):
        import structlog

        self.exporter, self.results, self.log = exporter, results, structlog.get_logger(NAME)
        self.is_away = False
        self._ends_at: float | None = None

    def export(self, spans: Sequence[Any]) -> Any:
        if self._ends_at is not None and (self.is_away or time.monotonic() > self._ends_at):
            return self.results.FAILURE
        found = self.exporter.export(spans)
        is_away = found is not self.results.SUCCESS
        if is_away != self.is_away:
            self.is_away = is_away
            (self.log.warning if is_away else self.log.info)("traces not taken" if is_away else "traces taken again")
        return found

    def end_by(self, moment: float) -> None:
        self._ends_at = moment

    def shutdown(self) -> None:
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return True


def takes(settings: "Settings") -> bool:
    """Say whether the collector takes traces now: it is sent none."""
    kept = Tracing(settings)
    exporter = kept.new_exporter()
    try:
        return exporter.export([]) is kept.export.SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()


def _listen(engine: "Engine") -> None:
    from sqlalchemy import event

    for name, heard in (
        ("before_cursor_execute", _begin_statement),
        ("after_cursor_execute", _end_statement),
        ("handle_error", _fail_statement),
    ):
        if not event.contains(engine, name, heard):
            event.listen(engine, name, heard)


def without_values(statement: str) -> str:
    """Return a statement as it may be told: values stand beside it, and one that was written in it is hidden.

    >>> without_values("SELECT id FROM person WHERE email = ? AND code = 'L''un'")
    "SELECT id FROM person WHERE email = ? AND code = '…'"
    """
    return WRITTEN_VALUE.sub("'…'", statement)


def _begin_statement(connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
    kept = tracing()
    if kept is None or context is None or not kept.is_within:
        return
    verb = statement.split(None, 1)[0].upper() if statement.strip() else "SQL"
    facts = {"db.system.name": connection.dialect.name, "db.query.text": without_values(statement)}
    setattr(context, SPAN, kept.tracer.start_span(verb, None, kept.api.SpanKind.CLIENT, facts))


def _end_statement(_connection: Any, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
    span = _taken(context)
    if span is not None:
        if cursor.rowcount >= 0:
            span.set_attribute("db.response.returned_rows", cursor.rowcount)
        span.end()


def _fail_statement(failed: Any) -> None:
    span, kept = _taken(failed.execution_context), tracing()
    if span is not None:
        if kept is not None:
            kept.fail(span, type(failed.original_exception).__name__)
        span.end()


def _taken(context: Any) -> Any:
    return vars(context).pop(SPAN, None) if context is not None else None
