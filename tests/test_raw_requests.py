"""Requests that two servers could read in two ways, sent as bytes to the server that serves."""

import socket
import threading

import pytest
from waitress import create_server

SMUGGLED = b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
TWO_WAYS = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "a length that is no number": b"Content-Length: +5\r\n\r\n" + SMUGGLED,
    "a length below zero": b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "two lengths in one": b"Content-Length: 5, 0\r\n\r\n" + SMUGGLED,
    "pieces in another way": b"Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
    "pieces said twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a space before the colon": b"Content-Length : 5\r\n\r\nhello" + SMUGGLED,
    "a piece that is no number": b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + SMUGGLED,
}


@pytest.fixture(scope="module")
def server():
    """The server of `popschool serve`, before an application that says which paths reached it."""
    reached = []

    def application(environ, start_response):
        environ["wsgi.input"].read()
        reached.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    found = create_server(application, host="127.0.0.1", port=0, threads=1, ident=None)
    threading.Thread(target=found.run, daemon=True).start()
    yield found.effective_port, reached
    found.close()


@pytest.mark.parametrize("way", TWO_WAYS)
def test_a_request_that_could_be_read_in_two_ways_is_refused(server, way):
    port, reached = server
    reached.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as caller:
        caller.sendall(b"POST /form HTTP/1.1\r\nHost: a\r\n" + TWO_WAYS[way])
        caller.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: caller.recv(65536), b""))

    assert "/admin" not in reached
    assert answer.count(b"HTTP/1.1 ") <= 2 and b"HTTP/1.1 500" not in answer


def test_pieces_count_and_not_the_length_that_is_said_beside_them(server):
    port, reached = server
    reached.clear()
    said = b"POST /form HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as caller:
        caller.sendall(said + b"\r\n\r\n1d\r\n" + SMUGGLED[:29] + b"\r\n0\r\n\r\n")
        answer = b"".join(iter(lambda: caller.recv(65536), b""))

    assert reached == ["/form"] and answer.startswith(b"HTTP/1.1 200")
