"""A real PostgreSQL server for the tests: the binaries of the machine, a folder of its own, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an empty database. Without a server the test fails: both databases are promised."""
    if os.environ.get("TEST_POSTGRES_URL"):
        yield os.environ["TEST_POSTGRES_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
        return
    folder = binaries()
    if folder is None:
        pytest.fail("PostgreSQL is not installed: `make test` installs it, or set TEST_POSTGRES_URL")
    home = Path(tempfile.mkdtemp(prefix="popschool-pg-"))
    as_owner = _unprivileged(home)
    port = free_port()
    try:
        _run(
            [folder / "initdb", "-D", home / "data", "--no-sync", "--auth=trust", "--locale=C.UTF-8", "-U", "test"],
            as_owner,
        )
        options = f"-F -p {port} -k {home} -c listen_addresses=127.0.0.1 -c full_page_writes=off -c max_connections=60"
        _run([folder / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log", "-o", options, "start"], as_owner)
        try:
            yield f"postgresql+psycopg://test@127.0.0.1:{port}/postgres"
        finally:
            _run([folder / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop"], as_owner)
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
