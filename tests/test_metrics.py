"""A Prometheus with the token reads what is asked, how long it takes and what waits; nobody else reads anything."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from popschool import clock, jobs, migration, processes
from popschool.db import db, transaction
from popschool.jobs import Job
from tests.conftest import NOW
from tests.processes import environment, popschool, serving

TOKEN = "t" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def read(app, monkeypatch):
    """Ask the pages of an installation that lets itself be read, then read it: {name and labels: value}."""
    monkeypatch.setattr(migration, "database_version", migration.code_version)
    measured = create_app(replace(app.config["POPSCHOOL"], metrics_token=TOKEN))
    client = measured.test_client()

    def look(*addresses):
        for address in addresses:
            client.get(address)
        answer = client.get("/metrics", headers=BEARER)
        assert answer.status_code == 200
        return figures(answer.text)

    look.client = client
    yield look
    with measured.app_context():
        db.engine.dispose()


def figures(text):
    return {
        (sample.name.removeprefix("popschool_"), *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_without_a_token_there_is_nothing_to_read(client):
    assert client.get("/metrics", headers=BEARER).status_code == 404


@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer other", f"Basic {TOKEN}", f"Bearer {TOKEN}é"])
def test_whoever_has_not_the_token_reads_nothing(app, given):
    client = create_app(replace(app.config["POPSCHOOL"], metrics_token=TOKEN)).test_client()

    answer = client.get("/metrics", headers={"Authorization": given} if given else {})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"popschool" not in answer.data


def test_requests_are_counted_by_rule_and_never_by_path(read):
    secret = "/check/a-secret-number"

    found = read("/sign-in", "/sign-in", secret, "/nowhere-at-all")

    asked = "requests_total", ("method", "GET")
    assert found[*asked, ("rule", "/sign-in"), ("status", "200")] == 2
    assert found[*asked, ("rule", "none"), ("status", "404")] == 1
    assert found["request_seconds_count", ("rule", "/sign-in")] == 2
    assert found["request_statements_bucket", ("le", "6.0"), ("rule", "/sign-in")] == 2
    assert found["request_seconds_count", ("rule", "/check/<code>")] == 1
    assert not [key for key in found if "secret" in str(key) or "nowhere" in str(key)]


def test_methods_that_somebody_invents_are_counted_as_one(read):
    read.client.open("/sign-in", method="SPAM1")
    read.client.open("/sign-in", method="SPAM2")

    assert not [key for key in read() if "SPAM" in str(key)]


def test_what_waits_and_what_was_given_up_is_said_by_task(read):
    task, late = "popschool.jobs:forget_done", NOW - timedelta(minutes=5)
    with transaction():
        jobs.enqueue(task, run_at=late)
        jobs.enqueue(task, run_at=NOW + timedelta(hours=1))
        for ended in (NOW - timedelta(hours=1), NOW - timedelta(days=2)):
            given_up = {"outcome": jobs.FAILED, "done_at": ended, "created_at": late}
            db.session.add(Job(task=task, arguments={}, run_at=late, **given_up))

    found = read()

    named = ("task", "jobs:forget_done")
    assert found["jobs_due", named] == found["jobs_failed_last_day", named] == 1
    assert 300 <= found["jobs_oldest_seconds",] <= (clock.now() - late).total_seconds()
    assert found["ready", ("part", "database")] == found["ready", ("part", "storage")] == 1


def test_an_installation_that_is_not_ready_says_which_part(read, monkeypatch):
    monkeypatch.setattr(migration, "database_version", lambda: "an old one")

    found = read()

    assert (found["ready", ("part", "migrations")], found["ready", ("part", "database")]) == (0, 1)
    assert not [key for key in found if key[0].startswith("jobs_")]


def test_processes_of_one_server_add_up(tmp_path):
    environ = environment(tmp_path) | {"POPSCHOOL_METRICS_TOKEN": TOKEN}
    popschool("migrate", environ=environ)
    with serving(tmp_path, "--workers", "2", environ=environ) as site:
        for _ in range(12):
            site.get("/sign-in")
        found = figures(site.get("/metrics", **BEARER).body.decode())
    assert found["requests_total", ("method", "GET"), ("rule", "/sign-in"), ("status", "200")] == 12


def test_a_new_server_begins_at_nothing_and_leaves_the_one_beside_it_alone(tmp_path, app, monkeypatch):
    monkeypatch.setenv(processes.SHARED_FIGURES, "")
    left, beside = (tmp_path / "metrics" / port / "counter_1.db" for port in ("8000", "8001"))
    for path in (left, beside):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"written")

    processes.share_figures(replace(app.config["POPSCHOOL"], metrics_token=TOKEN, data_dir=tmp_path), 8000)

    assert left.parent.is_dir() and not left.exists()
    assert beside.exists()
