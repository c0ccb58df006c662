"""The antivirus of an installation that has one: clamd, asked about each file that people send before it is kept.

`clamd:///run/clamav/clamd.ctl` is a socket of this machine, `clamd://host:3310` another one's. When it does not answer,
nothing is kept, as when the store is away: what was typed stays, and the file is sent again.
"""

import socket
import struct
from urllib.parse import urlsplit

from flask import current_app

from popschool import traces
from popschool.storage import StoreAway

SECONDS = 20
CHUNK = 1 << 16
LONGEST_ANSWER = 4096


class ScannerAway(StoreAway):
    """clamd does not say whether a file is harmless."""


def harm_in(data: bytes) -> str:
    """Return what clamd calls the harm that it finds, or nothing; it may not be asked. Raises ScannerAway."""
    url = current_app.config["POPSCHOOL"].scan_url
    if not url:
        return ""
    pieces = [
        struct.pack("!L", len(data[at : at + CHUNK])) + data[at : at + CHUNK] for at in range(0, len(data), CHUNK)
    ]
    answer = _asked(url, b"zINSTREAM\0", *pieces, struct.pack("!L", 0))
    if answer == "stream: OK":
        return ""
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerAway(f"clamd says: {answer[:200]}")


def is_there(url: str) -> bool:
    """Say whether clamd answers. Raises ScannerAway when nothing does."""
    return _asked(url, b"zPING\0") == "PONG"


def _asked(url: str, *sent: bytes) -> str:
    parts = urlsplit(url)
    try:
        with traces.call("scan"), _connected(parts.hostname, parts.port, parts.path) as line:
            for piece in sent:
                line.sendall(piece)
            said = b""
            while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER and (more := line.recv(LONGEST_ANSWER)):
                said += more
    except OSError as error:
        raise ScannerAway(f"clamd is away: {error}") from error
    return said.rstrip(b"\0").decode(errors="replace")


def _connected(host: str | None, port: int | None, path: str) -> socket.socket:
    if host:
        return socket.create_connection((host, port), SECONDS)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(SECONDS)
    line.connect(path)
    return line
