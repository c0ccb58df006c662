"""The network between the browsers and a server: a relay that carries what they say, and that can be cut.

A browser that plays being offline has pages and workers that learn of it one after the other, and something can still
pass in between. Here nothing passes, from the moment that `cut()` begins to its end.
"""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

# A network far away: how long each packet takes, in milliseconds.
DELAY = int(os.environ.get("JOURNEY_DELAY", "0")) / 1000
AT_ONCE = struct.pack("ii", 1, 0)
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Relay:
    """Listens from its making; `carry_to` says where the server is."""

    def __init__(self, name: str = "127.0.0.1") -> None:
        self.name = name
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._server: int | None = None
        self._instead = b""
        self._loses_answers = self._is_stalled = False
        self._lock, self._open = threading.Lock(), set[socket.socket]()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://{self.name}:{self.port}"

    def carry_to(self, port: int | None) -> None:
        """Join whoever comes to this port of the machine from now on; None breaks every line, and lets none be made."""
        with self._lock:
            self._server = port
            for line in self._open if port is None else ():
                _break(line)

    @contextlib.contextmanager
    def cut(self, instead: bytes = b"") -> Iterator[None]:
        """Let nothing through until the end of the block. `instead` is what a proxy in between then answers."""
        port, self._instead = self._server, instead
        self.carry_to(None)
        try:
            yield
        finally:
            self.carry_to(port)

    @contextlib.contextmanager
    def answers_lost(self) -> Iterator[None]:
        """Carry what is asked until the end of the block, and lose what is answered."""
        self._loses_answers = True
        try:
            yield
        finally:
            self._loses_answers = False

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """Take everything until the end of the block, carry nothing and say nothing; the lines break afterwards."""
        port, self._is_stalled = self._server, True
        try:
            yield
        finally:
            self._is_stalled = False
            self.carry_to(None)
            self.carry_to(port)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.carry_to(None)

    def _listen(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with self._lock:
            try:
                if self._server is None:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                self._refuse(near)
                return
            self._open |= {near, far}
        back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
        back.start()
        self._carry(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _carry(self, source: socket.socket, goal: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := source.recv(65536):
                if DELAY:
                    time.sleep(DELAY)
                if self._is_stalled:
                    continue
                if self._loses_answers and self._is_server(source):
                    _break(goal)
                goal.sendall(said)
        with contextlib.suppress(OSError):
            goal.shutdown(socket.SHUT_WR)

    def _is_server(self, line: socket.socket) -> bool:
        return line.getpeername()[1] == self._server

    def _refuse(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._instead and near.recv(65536):
                near.sendall(self._instead)
                near.shutdown(socket.SHUT_WR)
                near.recv(65536)
            else:
                _break(near)
        near.close()


def _break(line: socket.socket) -> None:
    """End a connection without a goodbye, whatever was still on its way."""
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        line.shutdown(socket.SHUT_RDWR)
