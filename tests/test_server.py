"""An installation says whether it is alive and ready, refuses what is unsafe, and serves as it does in production."""

import json
import os
import signal
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

from app import create_app
from popschool import clock, jobs, migration, server, storage
from popschool.config import read_settings
from popschool.db import db, transaction
from popschool.errors import CannotServe
from popschool.jobs import Job
from tests.processes import SECONDS, environment, popschool, serving, wait_until

TASK = "popschool.jobs:forget_done"


@pytest.fixture(autouse=True)
def same_version(monkeypatch):
    """The tests' tables are those of the code, whatever migrations say."""
    monkeypatch.setattr(migration, "database_version", migration.code_version)


@pytest.fixture
def change_settings(app):
    before = app.config["POPSCHOOL"]

    def change(**changes):
        app.config["POPSCHOOL"] = replace(before, **changes)
        app.extensions.pop("popschool.storage.writable", None)

    yield change
    change()


def test_the_process_says_that_it_is_alive(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_an_installation_that_is_ready_says_so(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "checks": {"database": True, "migrations": True, "storage": True},
        "oldest_job_seconds": 0,
    }


def test_an_old_database_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(migration, "database_version", lambda: "an old one")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": True, "migrations": False, "storage": True}


def test_a_database_out_of_reach_is_not_ready_and_says_no_secret(client, monkeypatch):
    def broken(_engine):
        raise OSError("postgresql://user:secret@host")

    monkeypatch.setattr(server, "is_reachable", broken)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"]["database"] is False
    assert b"secret" not in answer.data


def test_a_store_that_cannot_be_written_is_not_ready(client, change_settings, tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")
    change_settings(storage_url=f"file://{tmp_path / 'files'}")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"]["storage"] is False


def test_the_store_is_not_tried_at_each_question(client, change_settings, monkeypatch):
    change_settings()
    tried = []
    monkeypatch.setattr(storage.Folder, "try_writing", lambda self: tried.append(1))

    for _ in range(5):
        client.get("/readyz")

    assert tried == [1]


def test_jobs_that_wait_are_counted_in_seconds(client, now):
    with transaction():
        jobs.enqueue(TASK)
    clock.freeze(now + timedelta(minutes=3))

    assert client.get("/readyz").json["oldest_job_seconds"] == 180


def test_neither_address_begins_a_session(client):
    for path in ("/healthz", "/readyz"):
        assert "Set-Cookie" not in client.get(path).headers


@contextmanager
def application(folder, **settings):
    """An application of its own, in this process."""
    environ = {f"POPSCHOOL_{name}": value for name, value in ({"DATA_DIR": str(folder)} | settings).items()}
    app = create_app(read_settings(environ))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"NOW": "2027-03-08T09:05:00+01:00"}, "NOW"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"MAIL_URL": "keep:"}, "MAIL_URL"),
        ({"ALLOW_INSIDE": "1"}, "ALLOW_INSIDE"),
    ],
)
def test_an_unsafe_setting_is_refused_in_production_with_its_reason(tmp_path, settings, reason):
    safe = {"BASE_URL": "https://pop.example.org", "MAIL_URL": "smtps://host", "SECRET_KEY": "k" * 40}
    try:
        with application(tmp_path, **safe | settings) as app, pytest.raises(CannotServe, match=reason):
            server.check_before_serving(app)
    finally:
        clock.start_at(None)


def test_as_many_proxies_are_believed_as_the_settings_say(tmp_path):
    for count, address in ((0, "127.0.0.1"), (1, "203.0.113.7")):
        with application(tmp_path, TRUSTED_PROXIES=str(count)) as app:
            seen = []
            app.before_request_funcs[None].insert(0, lambda seen=seen: seen.append(_address()))
            app.test_client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"})
        assert seen == [address]


def _address():
    from flask import request

    return request.remote_addr


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, tmp_path):
    """A migrated database of its own, with the environment that its processes read."""
    folder = tmp_path / "un dossier"
    folder.mkdir()
    if request.param == "sqlite":
        environ = environment(folder)
        assert popschool("migrate", environ=environ).returncode == 0
        yield folder, environ
        return
    whole = request.getfixturevalue("postgres")
    name = f"serve_{os.getpid()}_{tmp_path.name[-12:].replace('-', '_')}".lower()
    engine = create_engine(whole, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        environ = environment(folder, DATABASE_URL=whole.rpartition("/")[0] + f"/{name}")
        assert popschool("migrate", environ=environ).returncode == 0
        yield folder, environ
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_was_never_migrated_is_refused_with_the_command(tmp_path, workers):
    answer = popschool("serve", "--workers", workers, environ=environment(tmp_path))

    assert answer.returncode == 1
    assert "popschool migrate" in answer.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_does_the_jobs_that_others_leave_and_stops(installation, workers):
    folder, environ = installation
    with serving(folder, "--workers", workers, environ=environ) as site:
        assert site.get("/healthz").status == 200
        assert json.loads(site.get("/badges/issuer").body)["id"] == f"{site.address}/badges/issuer"
        ready = site.get("/readyz", **{"X-Request-ID": "from-the-proxy-1"})
        assert (ready.status, ready.headers["X-Request-ID"]) == (200, "from-the-proxy-1")
        own = {
            name.removeprefix("POPSCHOOL_"): value for name, value in environ.items() if name.startswith("POPSCHOOL_")
        }
        with application(folder, **own):
            job_id = enqueue()
            wait_until(lambda: outcome(job_id) == "done")
        assert site.get("/login?token=very-secret").status < 500
        heavy = site.get("/sign-in", b"handle=" + b"a" * 61_000_000)
        assert heavy.status == 413 and "trop lourd" in heavy.body.decode()
        assert site.stop() == 0
        said = site.log.read_text()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert any(line["event"] == "job done" and line["task"] == TASK for line in lines)
    assert any(line["event"] == "request" and line["rule"] is None and line["status"] == 404 for line in lines)
    assert "very-secret" not in said


def enqueue():
    with transaction():
        jobs.enqueue(TASK)
    return db.session.scalars(select(Job.id).where(Job.task == TASK, Job.key.is_(None))).one()


def outcome(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True).outcome


def test_a_port_that_is_taken_is_said(tmp_path):
    environ = environment(tmp_path)
    assert popschool("migrate", environ=environ).returncode == 0
    with serving(tmp_path, environ=environ) as site:
        answer = popschool("serve", "--port", site.address.rpartition(":")[2], environ=environ)

    assert answer.returncode == 1
    assert "cannot be listened at" in answer.stderr


def test_control_c_stops_it(tmp_path):
    environ = environment(tmp_path)
    assert popschool("migrate", environ=environ).returncode == 0
    # what runs in the background of a shell ignores Control-C, and so does all that it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with serving(tmp_path, environ=environ) as site:
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(SECONDS) in (0, 1)


def test_nobody_else_on_the_machine_enters_the_folder_of_the_data(tmp_path):
    """SQLite writes a file that everybody may read: what is around it must keep them out."""
    before = os.umask(0o022)
    try:
        with application(tmp_path / "given", SECRET_KEY="s" * 40), application(tmp_path / "made"):
            modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("given", "made")]
    finally:
        os.umask(before)

    assert modes == [0o700, 0o700]
