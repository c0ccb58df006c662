"""Popschool as it really runs: its commands and its server, in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parent.parent
# How long another process may take on a machine that does many things: only what is broken ever waits so long.
SECONDS = 240
_held: list[socket.socket] = []


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes


@dataclass
class Serving:
    """A server that answers at `address`; `log` is what it says."""

    process: subprocess.Popen
    address: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def get(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Ask for an address, or send it a form when there is a `body`."""
        request = urllib.request.Request(self.address + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def stop(self) -> int:
        return end(self.process)


def end(process: subprocess.Popen) -> int:
    """Ask a process to end, wait until it has, and return how it did. One that does not listen is killed."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def free_port() -> int:
    """Find a port for a server that is about to start.

    It is held, without a word, as long as this process lives: the machine gives it to nobody else in the meantime, and
    lets a server that asks for it by its number have it.
    """
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    _held.append(sock)
    return sock.getsockname()[1]


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment of an installation in `folder`, and of no other."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    given = {"DATA_DIR": str(folder), "LOG": "json"} | settings
    return environ | {f"POPSCHOOL_{name}": value for name, value in given.items()}


def popschool(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess:
    """Run one command to its end."""
    command = [sys.executable, "-m", "popschool.cli", *arguments]
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)


@contextmanager
def serving(folder: Path, *arguments: str, environ: dict[str, str]) -> Iterator[Serving]:
    """Serve until the end of the block, from the moment that it says where it is."""
    port, log = free_port(), folder / "server.log"
    command = [sys.executable, "-m", "popschool.cli", "serve", "--port", str(port), *arguments]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out)
    try:
        latest = time.monotonic() + SECONDS
        while "Popschool is at" not in log.read_text():
            assert process.poll() is None and time.monotonic() < latest, log.read_text()
            time.sleep(0.1)
        yield Serving(process, f"http://127.0.0.1:{port}", log)
    finally:
        if process.poll() is None:
            end(process)


def wait_until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait for what others are about to do."""
    latest = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < latest, "it never happened"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Say whether something listens at a port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
