"""How long an installation takes to come back: after a kill, from a backup, through retention and migrations.

    python -m benchmarks.recovery [--learners 300] [--megabytes 50] [--storage folder|s3] [--database URL --other URL]

Makes a demonstration network of `--learners` people with `--megabytes` of files, on SQLite or on the empty PostgreSQL
database of `--database`; archives it while it serves, and puts the archive back into another database
and store. Prints JSON: seconds, and the size of the archive.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

import requests

from benchmarks.pages import free_port

FILE = 4 << 20
TRIES = 3
SECONDS = 300
FAR = "2041-01-02T12:00:00+01:00"
BEFORE = "0032"


def popschool(environ: dict[str, str], *arguments: str) -> float:
    """Run a command; return its seconds, the start of Python included."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "popschool.cli", *arguments], env=environ, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"popschool {' '.join(arguments)}: {done.stderr[-4000:]}")
    return time.monotonic() - began


class Spent(dict):
    """What was measured, by name; each is told as it comes."""

    def __setitem__(self, name: str, seconds: float) -> None:
        print(f"{name}: {seconds:.1f} s", file=sys.stderr, flush=True)
        super().__setitem__(name, seconds)


class Server:
    """A server that can be killed without a word."""

    def __init__(self, environ: dict[str, str]):
        self.environ, self.port, self.process = environ, free_port(), None

    def start(self) -> float:
        """Start, and return the seconds until the first page."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "popschool.cli", "serve", "--port", str(self.port)],
            env=self.environ, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while time.monotonic() < began + SECONDS:
            with suppress(requests.RequestException):
                if requests.get(f"http://127.0.0.1:{self.port}/sign-in", timeout=5).ok:
                    return time.monotonic() - began
            time.sleep(0.02)
        raise SystemExit("the server did not answer")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def fill(megabytes: int) -> None:
    """Put files that cannot be made smaller into the store of this process's settings."""
    from app import create_app
    from popschool import storage

    chance = random.Random(1)
    with create_app().app_context():
        for _ in range(max(1, (megabytes << 20) // FILE)):
            storage.put(chance.randbytes(FILE))


@contextmanager
def stores(kind: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Give a function that names an empty store."""
    if kind == "folder":
        yield lambda name: f"file://{folder / name}"
        return
    from tests.faults.installations import bucket

    with bucket() as server:
        yield server.url.format


def measure(folder: Path, store: Callable[[str], str], asked: argparse.Namespace) -> dict:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    here = environ | {"POPSCHOOL_DATA_DIR": str(folder / "here"), "POPSCHOOL_STORAGE_URL": store("first")}
    there = environ | {"POPSCHOOL_DATA_DIR": str(folder / "there"), "POPSCHOOL_STORAGE_URL": store("second")}
    if asked.database:
        here["POPSCHOOL_DATABASE_URL"], there["POPSCHOOL_DATABASE_URL"] = asked.database, asked.other
    archive, spent = folder / "first.tar.gz", Spent()
    popschool(here, "migrate")
    spent["demonstration"] = popschool(here, "demo", "--learners", str(asked.learners))
    subprocess.run([sys.executable, "-m", "benchmarks.recovery", "--fill", str(asked.megabytes)], env=here, check=True)
    server = Server(here)
    server.start()
    starts = []
    for _ in range(TRIES):
        server.kill()
        starts.append(server.start())
    spent["killed, to the first page"] = median(starts)
    spent["backup, while serving"] = popschool(here, "backup", str(archive))
    server.kill()
    spent["check"] = popschool(there, "restore", "--check", str(archive))
    popschool(there, "migrate")
    spent["restore"] = popschool(there, "restore", str(archive))
    server = Server(there)
    spent["restored, to the first page"] = server.start()
    server.kill()
    spent["retention, an ordinary night"] = popschool(there, "retention", "run")
    popschool(there, "migrate", "--down-to", BEFORE)
    spent["migration from " + BEFORE] = popschool(there, "migrate")
    spent["retention, everybody gone"] = popschool(here | {"POPSCHOOL_NOW": FAR}, "retention", "run")
    size = archive.stat().st_size
    return {
        "learners": asked.learners,
        "database": asked.database.partition(":")[0] or "sqlite",
        "storage": asked.storage,
        "archive_megabytes": round(size / 1e6, 1),
        "seconds": {name: round(value, 1) for name, value in spent.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--storage", choices=["folder", "s3"], default="folder")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite by default")
    parser.add_argument("--other", default="", help="another one, where the archive is put back")
    parser.add_argument("--fill", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.fill:
        fill(asked.fill)
        return
    with tempfile.TemporaryDirectory() as name, stores(asked.storage, Path(name)) as store:
        print(json.dumps(measure(Path(name), store, asked), indent=1))


if __name__ == "__main__":
    main()
