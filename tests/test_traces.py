"""Traces are an option: what they say, from every process that works, to a real collector; and what they never cost."""

import json
from dataclasses import replace

import pytest

from app import create_app
from popschool import doctor, jobs, logs, migration, traces
from popschool.config import SettingRefused, read_settings
from popschool.db import db, transaction
from tests import job_probe
from tests.collector import collecting
from tests.processes import environment, popschool, serving, wait_until
from tests.test_server import application, enqueue

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def collector():
    with collecting() as collector:
        yield collector


@pytest.fixture
def site(app, collector, monkeypatch):
    """The application, traced; `site(**settings)` gives one with other settings."""
    monkeypatch.setattr(migration, "database_version", migration.code_version)
    made = []

    def make(**changes):
        made.append(create_app(replace(app.config["POPSCHOOL"], traces_url=f"{collector.url}/v1/traces", **changes)))
        return made[-1]

    yield make
    for one in made:
        one.extensions[traces.NAME].close()
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def sent(site):
    site.extensions[traces.NAME].close()


def test_nothing_is_traced_unless_it_is_asked_for(app):
    assert traces.NAME not in app.extensions
    with traces.call("mail") as span, traces.job("popschool.jobs:forget_done", 1, None) as traced:
        assert (span, traced.marks, traces.here()) == (None, {}, None)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("", ""),
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://collector.example.org/", "https://collector.example.org/v1/traces"),
        ("https://example.org/own/way", "https://example.org/own/way"),
    ],
)
def test_an_address_without_a_path_takes_the_usual_one(given, found):
    assert read_settings({"POPSCHOOL_TRACES_URL": given, "POPSCHOOL_SECRET_KEY": "x" * 40}).traces_url == found


@pytest.mark.parametrize("given", ["collector:4318", "grpc://collector:4317", "http://"])
def test_an_address_that_is_none_is_refused(given):
    with pytest.raises(SettingRefused, match="TRACES_URL"):
        read_settings({"POPSCHOOL_TRACES_URL": given, "POPSCHOOL_SECRET_KEY": "x" * 40})


def test_a_request_its_statements_and_its_log_line_are_one_trace(site, collector, capsys):
    traced = site(log="json")

    traced.test_client().get("/readyz")
    traced.test_client().get("/check/very-secret?code=123456", headers={"X-Request-ID": "proxy-0123.abc"})
    sent(traced)
    logs.configure("auto")

    [request] = collector.named("GET /")
    assert request.facts == {
        "http.request.method": "GET",
        "http.route": "/check/<code>",
        "popschool.request_id": "proxy-0123.abc",
        "http.response.status_code": 404,
    }
    statements = collector.named("SELECT")
    assert statements and {span.parent for span in statements} == {request.id}
    assert b"secret" not in collector.bytes and b"123456" not in collector.bytes
    line = next(json.loads(one) for one in capsys.readouterr().err.splitlines() if '"/check/<code>"' in one)
    assert line["trace_id"] == request.trace


def test_only_a_proxy_that_is_believed_goes_on_with_its_own_trace(site, collector):
    for proxies in (0, 1):
        traced = site(trusted_proxies=proxies)
        traced.test_client().get("/sign-in", headers={"traceparent": TRACEPARENT, "tracestate": "a=very-secret"})
        traced.test_client().get("/sign-in", headers={"traceparent": "nonsense-<script>"})
        sent(traced)

    stranger, _, believed, nonsense = collector.named("GET /sign-in")
    assert (believed.trace, believed.parent) == (TRACE, PARENT)
    assert stranger.trace != TRACE and not stranger.parent and not nonsense.parent
    assert b"very-secret" not in collector.bytes


def test_the_words_of_an_error_stay_here(site, collector):
    traced = site()
    traced.config["PROPAGATE_EXCEPTIONS"] = False

    def broken():
        with traces.call("mail"):
            db.session.execute(db.text("SELECT 'marie@example.org' FROM nowhere WHERE name = :name"), {"name": "Marie"})

    traced.view_functions["server.healthz"] = broken
    traced.view_functions["auth.sign_in"] = broken
    answer = traced.test_client().get("/sign-in")
    sent(traced)

    spans = {span.name: span for span in collector.spans}
    assert answer.status_code in {500, 503}
    assert spans["SELECT"].facts["db.query.text"].startswith("SELECT '…' FROM nowhere WHERE name = ")
    for name in ("SELECT", "mail", "GET /sign-in"):
        assert spans[name].status.code == 2 and not spans[name].status.message and not spans[name].events
    assert spans["mail"].parent == spans["GET /sign-in"].id and spans["SELECT"].parent == spans["mail"].id
    assert b"arie" not in collector.bytes


def test_a_job_is_its_own_trace_and_names_what_asked_for_it(site, collector, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "popschool.probe", job_probe)
    traced = site()

    def asking():
        with transaction():
            jobs.enqueue("popschool.probe:break_down", key="person/marie@example.org")
        return "ok"

    traced.view_functions["auth.sign_in"] = asking
    traced.test_client().get("/sign-in")
    with traced.app_context():
        claimed = jobs.claim(jobs.clock.now())
        assert claimed.trace
        assert not jobs.perform(claimed)
    sent(traced)

    [request], [job] = collector.named("GET /sign-in"), collector.named("job ")
    assert (job.name, job.links) == ("job probe:break_down", [request.id])
    assert job.facts == {
        "popschool.job.task": "popschool.probe:break_down",
        "popschool.job.attempt": 1,
        "error.type": "RuntimeError",
    }
    assert job.trace != request.trace and not job.parent
    assert b"marie" not in collector.bytes and b"it broke" not in collector.bytes


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_sends_its_own(tmp_path, collector, workers):
    environ = environment(tmp_path, TRACES_URL=collector.url) | {"OTEL_BSP_SCHEDULE_DELAY": "200"}
    popschool("migrate", environ=environ)

    with serving(tmp_path, "--workers", str(workers), environ=environ) as server:
        for _ in range(8):
            assert server.get("/sign-in").status == 200
        wait_until(lambda: len(collector.named("GET /sign-in")) == 8)
        environ = environ | {"POPSCHOOL_JOBS": "worker"}
        popschool("people", "invite", "marie@example.org", "--role", "network_manager", environ=environ)
        with application(tmp_path):
            enqueue()
        popschool("worker", "--until-idle", environ=environ)
        wait_until(lambda: collector.named("job "))

    assert {span.facts["popschool.job.attempt"] for span in collector.named("job ")} == {1}
    assert b"marie" not in collector.bytes


def test_a_collector_that_does_not_answer_delays_no_page_and_no_end(tmp_path, collector):
    collector.wait.clear()
    environ = environment(tmp_path, TRACES_URL=collector.url) | {"OTEL_BSP_MAX_QUEUE_SIZE": "20"}
    environ |= {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5", "OTEL_BSP_SCHEDULE_DELAY": "10"}
    popschool("migrate", environ=environ)

    with serving(tmp_path, environ=environ) as server:
        asked = [server.get("/sign-in").status for _ in range(60)]
        is_waiting_still = not collector.bodies
        assert server.stop() == 0

    assert asked == [200] * 60 and is_waiting_still


def test_a_collector_that_is_away_is_said_once_and_once_that_it_is_back(site, collector, capsys):
    traced = site(log="json")
    collector.status = 400
    kept = traced.extensions[traces.NAME]
    _ = kept.tracer
    for status in (400, 400, 200, 200):
        collector.status = status
        traced.test_client().get("/sign-in")
        kept._provider.force_flush()
    logs.configure("auto")

    said = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert [one for one in said if one.startswith("traces")] == ["traces not taken", "traces taken again"]
    assert not [one for one in said if "export" in one.lower()]


def test_the_doctor_asks_the_collector(site, collector):
    traced = site()
    settings = traced.config["POPSCHOOL"]
    with traced.app_context():
        assert [one.detail for one in doctor.examine(settings) if one.name == "traces"] == ["the collector answers"]
        collector.status = 403
        assert [one.is_sound for one in doctor.examine(settings) if one.name == "traces"] == [False]


def test_a_server_without_the_libraries_says_which(tmp_path, monkeypatch, app):
    monkeypatch.setattr(traces, "is_installed", lambda: False)
    settings = replace(app.config["POPSCHOOL"], traces_url="http://127.0.0.1:9/v1/traces")

    [found] = [one for one in doctor.examine(settings) if one.name == "traces"]

    assert traces.NAME not in create_app(settings).extensions
    assert not found.is_sound and "popschool[traces]" in found.detail
