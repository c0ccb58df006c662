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
from sqlalchemy import text

from popschool.db import db
from tests.processes import ROOT, SECONDS, free_port, listens, wait_until


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
    def copied(self) -> Iterator["Server"]:
        """Start a streaming copy of this server, gone afterwards."""
        with _home() as (home, as_owner):
            _run(
                [self.folder / "pg_basebackup", "-D", home / "data", "-R", "-X", "stream", "-c", "fast", "--no-sync"]
                + ["-h", "127.0.0.1", "-p", self.port, "-U", "test"],
                as_owner,
            )
            with _started(Server(self.folder, home, free_port(), as_owner)) as copy:
                yield copy


@contextmanager
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an empty database. Without a server the test fails: both databases are promised."""
    if os.environ.get("TEST_POSTGRES_URL"):
        yield os.environ["TEST_POSTGRES_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with server() as started:
        yield started.url


@dataclass
class Pool:
    """A PgBouncer of our own, that can be stopped and started again."""

    home: Path
    port: int
    as_owner: dict

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin") or pytest.fail(
            "PgBouncer is not installed: `make test` installs it"
        )
        self.process = subprocess.Popen([program, "-q", str(self.home / "pgbouncer.ini")], **self.as_owner)
        wait_until(lambda: listens(self.port))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(SECONDS)


@contextmanager
def pgbouncer(behind: Server) -> Iterator[Pool]:
    """Put PgBouncer in front of a server, set as deploy/pgbouncer sets it."""
    text = (ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini").read_text()
    port = free_port()
    here = {
        "popschool = host=127.0.0.1 port=5432 dbname=popschool": f"postgres = host=127.0.0.1 port={behind.port}",
        "listen_port = 6432": f"listen_port = {port}\nunix_socket_dir =",
        "auth_type = scram-sha-256": "auth_type = any",
        "auth_file = /etc/pgbouncer/userlist.txt": "",
    }
    for said, meant in here.items():
        assert said in text, said
        text = text.replace(said, meant)
    text = text.replace(f"port={behind.port}", f"port={behind.port} user=test")
    with _home() as (home, as_owner):
        (home / "pgbouncer.ini").write_text(text)
        pool = Pool(home, port, as_owner)
        pool.start()
        try:
            yield pool
        finally:
            pool.stop()


@contextmanager
def server() -> Iterator[Server]:
    """Start a server of our own, gone afterwards."""
    folder = binaries()
    if folder is None:
        pytest.fail("PostgreSQL is not installed: `make test` installs it, or set TEST_POSTGRES_URL")
    with _home() as (home, as_owner):
        initdb = [folder / "initdb", "-D", home / "data", "--no-sync", "--auth=trust", "--locale=C.UTF-8", "-U", "test"]
        _run(initdb, as_owner)
        with _started(Server(folder, home, free_port(), as_owner)) as started:
            yield started


@contextmanager
def _home() -> Iterator[tuple[Path, dict]]:
    """Give a folder to a server, and how to run what works in it."""
    home = Path(tempfile.mkdtemp(prefix="popschool-pg-"))
    try:
        yield home, _unprivileged(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _started(one: Server) -> Iterator[Server]:
    one.start()
    try:
        yield one
    finally:
        with suppress(subprocess.CalledProcessError):  # it may be stopped already
            one.stop("immediate")


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


def knows_its_rows(table: str) -> bool:
    """Say whether the database has looked at a table since its rows came; it guesses well only then."""
    if db.engine.dialect.name != "postgresql":
        return True
    return db.session.scalar(
        text("SELECT reltuples >= 0 FROM pg_class WHERE oid = CAST(:name AS regclass)"), {"name": table}
    )
