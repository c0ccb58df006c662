"""The process that does jobs beside an embedded server: started for work, ended when idle, no job left behind."""

import signal
import sys
import time
from dataclasses import replace

import pytest

from popschool import clock, inside, jobs
from popschool.config import JOBS_INSIDE, read_settings
from popschool.db import transaction
from tests.processes import wait_until

SAY = "import os, sys, time; open(sys.argv[1], 'a').write(os.environ.get('POPSCHOOL_NOW', '-') + '\\n'); "


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def settings(tmp_path):
    folder = tmp_path / "données"
    folder.mkdir()
    return read_settings({"POPSCHOOL_DATA_DIR": str(folder)})


@pytest.fixture
def start(settings, tmp_path):
    """Start a child that runs `code` after noting its start; give it and the file of its notes."""
    started = []

    def starting(code, *, is_at_once=True, **environ):
        notes, environ = tmp_path / "notes", {"PATH": "/usr/bin"} | environ
        command = (sys.executable, "-c", SAY + code, str(notes))
        child = inside.Child(settings, command, environ, is_at_once=is_at_once)
        child.start()
        started.append(child)
        return child, notes

    yield starting
    for child in started:
        child.stop()


GO_ON = "-go"
UNTIL_IT_GOES_ON = f"[time.sleep(0.02) for _ in iter(lambda: os.path.exists(sys.argv[1] + '{GO_ON}'), True)]; "
NOTHING_WAITS = "print('{\"next_due_seconds\": null}')"


def go_on(notes):
    """Let the child end that waits for it, and those after it."""
    notes.with_name(notes.name + GO_ON).touch()


def test_it_looks_once_when_the_server_starts_then_sleeps(start):
    child, notes = start(NOTHING_WAITS)

    wait_until(lambda: lines(notes))
    time.sleep(0.5)
    assert child.starts == 1


def test_it_waits_for_a_call_when_the_server_has_better_to_do(start, settings):
    child, notes = start(NOTHING_WAITS, is_at_once=False)
    time.sleep(0.5)
    assert child.starts == 0

    inside.wake(settings)

    wait_until(lambda: lines(notes))


def test_a_call_starts_it_again(start, settings):
    child, notes = start(NOTHING_WAITS)
    wait_until(lambda: lines(notes) and child.process.poll() is not None)

    inside.wake(settings)

    wait_until(lambda: len(lines(notes)) == 2)


def test_a_call_made_while_it_ends_starts_it_again(start, settings):
    _child, notes = start(UNTIL_IT_GOES_ON + NOTHING_WAITS)
    wait_until(lambda: lines(notes))

    inside.wake(settings)
    go_on(notes)

    wait_until(lambda: len(lines(notes)) == 2)


def test_calls_that_the_child_has_heard_do_not_start_another(start, settings):
    child, notes = start(UNTIL_IT_GOES_ON + NOTHING_WAITS)
    wait_until(lambda: lines(notes))
    inside.wake(settings)
    inside.drain_calls(settings)
    go_on(notes)

    wait_until(lambda: child.process.poll() is not None)
    time.sleep(0.5)
    assert child.starts == 1


def test_it_starts_again_when_the_next_job_is_due(start):
    _child, notes = start("print('{\"next_due_seconds\": 0.3}')")

    wait_until(lambda: len(lines(notes)) >= 3)


def test_a_child_that_fails_is_started_again_after_a_pause(start):
    at = "open(sys.argv[1] + '-at', 'a').write(f'{time.monotonic()}\\n'); "
    _child, notes = start(at + "sys.exit(3)")
    moments = notes.with_name(notes.name + "-at")

    wait_until(lambda: len(lines(moments)) == 2)

    first, second = map(float, lines(moments))
    assert second - first >= 1


def test_it_is_asked_to_end_with_the_server(start):
    child, notes = start("time.sleep(60)")
    wait_until(lambda: lines(notes))

    child.stop()

    assert child.process.poll() == -signal.SIGTERM
    child.start = child.stop = lambda: None


def test_it_has_the_time_that_the_server_has(start, now):
    clock.freeze(now)
    try:
        _child, notes = start(NOTHING_WAITS)
        wait_until(lambda: lines(notes))
    finally:
        clock.freeze(None)

    assert lines(notes)[0] == now.isoformat()


def test_a_call_that_nobody_hears_is_no_matter(settings):
    inside.wake(settings)
    inside.drain_calls(settings)
    assert not inside.pipe_path(settings).exists()


def test_only_an_embedded_server_is_called(app, monkeypatch):
    called = []
    monkeypatch.setattr(inside, "wake", lambda settings: called.append(settings.jobs))
    before = app.config["POPSCHOOL"]
    app.config["POPSCHOOL"] = replace(before, jobs=JOBS_INSIDE)
    try:
        with transaction():
            jobs.enqueue("popschool.jobs:forget_done")
        with transaction():
            pass
    finally:
        app.config["POPSCHOOL"] = before

    assert called == [JOBS_INSIDE]
