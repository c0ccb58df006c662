"""A call to another program's address: checked, pinned to the numbers that were checked, and over in seconds."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from popschool import outbound, traces

SECONDS = 5.0
ANSWER_READ = 2_000


@dataclass(frozen=True)
class Answer:
    """What came back: a status, 0 when nothing did, with the reason; how long it took; the body, as far as read."""

    status: int
    error: str
    milliseconds: int
    body: bytes = b""


class _Pinned(http.client.HTTPSConnection):
    """A connection to an address that was checked: the name is not asked again, and its certificate is."""

    def __init__(self, destination: outbound.Destination, seconds: float):
        super().__init__(destination.host, destination.port, timeout=seconds, context=ssl.create_default_context())
        self.address = destination.addresses[0]

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = plain
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def post(
    url: str, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS, most: int = ANSWER_READ
) -> Answer:
    """Send a body to an https address; it never raises. A redirection is an answer, and is not followed.

    The whole call ends within `seconds`: a receiver that answers one byte at a time is cut. `most` bytes are read.
    """
    return _call("POST", url, body, headers, seconds, most)


def get(url: str, headers: Mapping[str, str], seconds: float = SECONDS, most: int = ANSWER_READ) -> Answer:
    """Ask an https address, as `post` does."""
    return _call("GET", url, None, headers, seconds, most)


def _call(method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float, most: int) -> Answer:
    began = time.monotonic()
    with traces.call(f"call {method}") as span:
        status, error, read = _try(method, url, body, headers, seconds, most)
        if span is not None:
            span.set_attribute("http.response.status_code", status)
    return Answer(status, error[:200], round(1000 * (time.monotonic() - began)), read)


def _try(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float, most: int
) -> tuple[int, str, bytes]:
    try:
        destination = outbound.check_url(url, schemes=("https",))
    except outbound.OutboundRefused as refused:
        return 0, type(refused).__name__, b""
    connection, is_over = _Pinned(destination, seconds), threading.Event()
    cut = threading.Timer(seconds, _cut, [connection, is_over])
    cut.daemon = True
    cut.start()
    try:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        read = answer.read(most)
        if is_over.is_set():  # half a line that says 200 would pass for an answer
            return 0, f"TimeoutError: no whole answer in {seconds:g} seconds", b""
        return answer.status, "" if 200 <= answer.status < 300 else f"HTTP {answer.status}", read
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return 0, f"{type(problem).__name__}: {problem}", b""
    finally:
        cut.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection, is_over: threading.Event) -> None:
    """End a call that lasts too long, from beside it."""
    is_over.set()
    held = connection.sock
    if held is not None:
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
