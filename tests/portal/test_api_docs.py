"""The examples of docs/api.md, run as they are written, on a real server."""

import os
import re
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from popschool import clock
from popschool.portal import rules_webhooks, services_keys
from popschool.portal.rules_api import Scope
from tests.conftest import NOW, forget_request
from tests.factories import make_cohort, make_half_day, make_learner, make_trainer, save
from tests.processes import SECONDS

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def examples(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def served(app):
    """A server of its own thread, whose every call starts from nothing."""

    def call(environ, start_response):
        forget_request()
        with app.app_context():
            return app(environ, start_response)

    server = make_server("127.0.0.1", 0, call)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def run(*words, url, key):
    given = os.environ | {"SCHOOL_URL": url, "SCHOOL_KEY": key}
    done = subprocess.run(words, env=given, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_example_runs_as_it_is_written(app, served):
    cohort = make_cohort()
    trainer, learners = make_trainer(cohort), [make_learner(cohort) for _ in range(3)]
    half_day = make_half_day(cohort, trainer)
    save()
    services_keys.make_key(trainer, "Essai", tuple(Scope), tuple(Scope), NOW + timedelta(days=9), "n", NOW)
    key = services_keys.key_from("n")
    assert clock.now() == NOW
    [shell], [reading, writing, _checking] = examples("sh"), examples("python")

    by_curl = run("sh", "-c", shell, url=served, key=key)
    by_python = run(
        sys.executable, "-c", f"PERSON, HALF_DAY = {learners[0].id}, {half_day.id}\n{reading}\n{writing}",
        url=served, key=key,
    )  # fmt: skip

    assert cohort.code in by_curl
    *names, fingerprint = by_python.splitlines()
    assert names == [f"{one.first_name} {one.last_name} {cohort.starts_on}" for one in learners]
    assert re.fullmatch("[0-9a-f]{64}", fingerprint)


def test_a_receiver_written_as_the_page_says_knows_who_speaks():
    here, secret, body = {}, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"type":"week.sealed"}'
    exec(examples("python")[-1], here)
    made = rules_webhooks.signature(secret, "msg_1", NOW, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-signature": made}

    assert here["is_ours"](secret, headers, body)
    assert not here["is_ours"](secret, headers, body + b" ")
    assert not here["is_ours"](secret, headers | {"webhook-id": "msg_2"}, body)
