"""A span for each request: its rule, never its path; its method, its status and the id that its log lines carry."""

import structlog
from flask import Flask, Response, g, request

from popschool import traces
from popschool.logs import QUIET_ENDPOINTS
from popschool.metrics import METHODS, NO_RULE, OTHER


def init_app(app: Flask) -> None:
    """Call before `logs.init_app`: the id of the request is known when its span begins."""
    traces.init_app(app)
    if traces.NAME in app.extensions:
        app.before_request_funcs.setdefault(None, []).insert(0, begin)
        app.after_request(answered)
        app.teardown_request(end)


def begin() -> None:
    """Begin a trace, or go on with the one of a proxy that is believed."""
    if request.endpoint in QUIET_ENDPOINTS:
        return
    kept = traces.tracing()
    believed = request.headers.get("traceparent") if kept.settings.trusted_proxies else None
    method = request.method if request.method in METHODS else OTHER
    rule = request.url_rule.rule if request.url_rule else NO_RULE
    facts = {"http.request.method": method, "http.route": rule, "popschool.request_id": g.get("request_id", "")}
    span = kept.tracer.start_span(f"{method} {rule}", kept.parent(believed), kept.api.SpanKind.SERVER, facts)
    g.trace = span, kept.context.attach(kept.api.set_span_in_context(span))
    structlog.contextvars.bind_contextvars(**kept.marks(span))


def answered(response: Response) -> Response:
    if "trace" in g:
        span, _token = g.trace
        span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 500:
            traces.tracing().fail(span, str(response.status_code))
    return response


def end(error: BaseException | None) -> None:
    span, token = g.pop("trace", (None, None))
    if span is None:
        return
    kept = traces.tracing()
    if error is not None:
        kept.fail(span, type(error).__name__)
    kept.context.detach(token)
    span.end()
