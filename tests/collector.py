"""A collector of traces as a test starts it: a real HTTP server, that reads OTLP in protobuf."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATH = "/v1/traces"


class Collector:
    """What came in: `bytes`, every body; `spans`, read from them, each with its attributes in `facts`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.status = 200
        self.wait = threading.Event()
        self.wait.set()

    @property
    def bytes(self) -> bytes:
        return b"".join(self.bodies)

    @property
    def spans(self) -> list["Span"]:
        read = [ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]
        return [
            Span(span)
            for request in read
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, start: str) -> list["Span"]:
        return [span for span in self.spans if span.name.startswith(start)]


class Span:
    def __init__(self, span: object):
        self.name, self.kind, self.status = span.name, span.kind, span.status
        self.trace, self.id, self.parent = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
        self.links = [link.span_id.hex() for link in span.links]
        self.events = list(span.events)
        self.facts = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}

    def __repr__(self) -> str:
        return f"{self.name} {self.facts}"


@contextmanager
def collecting() -> Iterator[Collector]:
    """Take traces at `collector.url` until the end of the block."""
    collector = Collector()

    class Taken(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.wait.wait()
            if self.path == PATH and collector.status == 200:
                collector.bodies.append(body)
            self.send_response(collector.status if self.path == PATH else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taken)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        collector.wait.set()
        server.shutdown()
        server.server_close()
