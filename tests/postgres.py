"""A real PostgreSQL server for the tests: the binaries of the machine, a folder of its own, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import SECONDS, free_port


def binaries() -> Path | None:
    """Return the folder that holds initdb and pg_ctl, or None."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = [folder for folder in versions if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if found:
        return found[0]
    path = shutil.which("pg_ctl")
    return Path(path).resolve().parent if path else None


@dataclass
class Server:
    """A server of our own, that can be stopped and started again with all that it holds."""

    folder: Path
    home: Path
    port: int
    as_owner: dict

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-F -p {self.port} -k {self.home} -c listen_addresses=127.0.0.1 -c full_page_writes=off"
        options += " -c max_connections=60"
        self._control("-w", "-l", self.home / "log", "-o", options, "start")

    def stop(self, mode: str) -> None:
        self._control("-m", mode, "stop")

    def _control(self, *arguments: object) -> None:
        _run([self.folder / "pg_ctl", "-D", self.home / "data", *arguments], self.as_owner)


@contextmanager
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an empty database. Without a server the test fails: both databases are promised."""
    if os.environ.get("TEST_POSTGRES_URL"):
        yield os.environ["TEST_POSTGRES_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with server() as started:
        yield started.url


@contextmanager
def server() -> Iterator[Server]:
    """Start a server of our own, gone afterwards."""
    folder = binaries()
    if folder is None:
        pytest.fail("PostgreSQL is not installed: `make test` installs it, or set TEST_POSTGRES_URL")
    home = Path(tempfile.mkdtemp(prefix="popschool-pg-"))
    as_owner = _unprivileged(home)
    try:
        initdb = [folder / "initdb", "-D", home / "data", "--no-sync", "--auth=trust", "--locale=C.UTF-8", "-U", "test"]
        _run(initdb, as_owner)
        started = Server(folder, home, free_port(), as_owner)
        started.start()
        try:
            yield started
        finally:
            with suppress(subprocess.CalledProcessError):  # it may be stopped already
                started.stop("immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged(home: Path) -> dict:
    """PostgreSQL refuses to run as root: give the folder to another account and run as it."""
    if os.geteuid() != 0:
        return {"cwd": home}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = names.get("postgres") or names["nobody"]
    os.chown(home, owner.pw_uid, owner.pw_gid)
    return {"cwd": home, "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _run(command: list, as_owner: dict) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=SECONDS, **as_owner)
