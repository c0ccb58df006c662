"""A server that starts shows the way in while the rest is loaded: nobody is refused, nobody sees half of Popschool."""

import json
import re
import signal
import subprocess
import sys
import threading

import pytest
from werkzeug.test import Client

from app import WAY_IN, create_app, create_way_in
from popschool import inside, opening, server
from popschool.opening import Opening
from tests.processes import environment, popschool

SOON = 60
FOR_ONE_ANSWER = re.compile(r'nonce="[^"]+"|<input id="csrf_token"[^>]+>')
LOADED = """
import json, sys
from app import create_way_in
assert create_way_in().test_client().get("/sign-in").status_code == 200
print(json.dumps([name for name in sys.modules if name.startswith("popschool.")]))
"""


def nothing():
    pass


def browser(opened):
    return Client(opened, use_cookies=False)


@pytest.fixture
def way_in(app):
    return create_way_in(app.config["POPSCHOOL"])


@pytest.fixture
def whole(app):
    """What loads the whole, and the word to let it."""
    let = threading.Event()

    def load():
        assert let.wait(SOON)
        return app

    return load, let


def test_the_sign_in_page_comes_before_the_rest_is_loaded(way_in, whole):
    load, let = whole
    opened = Opening(way_in, load)
    opened.begin(then=nothing)

    page = browser(opened).get("/sign-in")
    style = re.search(r"/static/style[^\"]+", page.text)[0]
    dressed = browser(opened).get(style, headers={"Cookie": "popschool=somebody"})
    alive = browser(opened).get("/healthz")
    let.set()

    assert [answer.status_code for answer in (page, dressed, alive)] == [200, 200, 200]


def test_it_is_the_page_that_the_whole_shows(app, way_in):
    # Each answer has its own nonce and its own token: all else is the same, addresses too.
    ours, theirs = (FOR_ONE_ANSWER.sub("", made.test_client().get("/sign-in").text) for made in (way_in, app))

    assert ours == theirs


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/help", {}),
        ("POST", "/sign-in", {}),
        ("GET", "/sign-in", {"Cookie": "popschool=somebody"}),
        ("GET", "/readyz", {}),
    ],
)
def test_whoever_asks_for_more_waits_for_the_whole(app, way_in, whole, method, path, headers):
    load, let = whole
    opened, answers = Opening(way_in, load), []
    opened.begin(then=nothing)
    asking = threading.Thread(
        target=lambda: answers.append(browser(opened).open(path, method=method, headers=headers)),
        daemon=True,
    )
    asking.start()
    asking.join(0.3)
    waited = not answers
    let.set()
    asking.join(SOON)

    assert waited
    assert (
        answers[0].status_code
        == app.test_client(use_cookies=False).open(path, method=method, headers=headers).status_code
    )


def test_jobs_are_looked_for_once_the_whole_is_there(way_in, whole):
    load, let = whole
    opened, called = Opening(way_in, load), threading.Event()
    opened.begin(then=called.set)
    was_called_early = called.wait(0.3)
    let.set()

    assert not was_called_early
    assert called.wait(SOON)


@pytest.mark.parametrize("reason", [RuntimeError("a feature is broken"), KeyboardInterrupt("a feature is broken")])
def test_what_cannot_be_loaded_ends_the_server_and_says_why(way_in, monkeypatch, reason):
    told = []
    monkeypatch.setattr(opening.os, "kill", lambda pid, number: told.append(number))

    def load():
        raise reason

    opened = Opening(way_in, load)
    opened.begin(then=nothing)

    assert browser(opened).get("/help").status_code == 503
    assert told == [signal.SIGTERM]
    monkeypatch.setattr(server, "_serve_with_waitress", lambda *given: None)
    monkeypatch.setattr(inside, "jobs_done", lambda settings, **_: threading.Lock())
    with pytest.raises(type(reason), match="a feature is broken"):
        server.serve(opened, "127.0.0.1", 0, lambda: None)


def test_the_way_in_loads_no_feature_but_its_own(tmp_path):
    environ = environment(tmp_path)
    assert popschool("migrate", environ=environ).returncode == 0

    said = subprocess.run([sys.executable, "-c", LOADED], env=environ, capture_output=True, text=True, check=True)

    pages = {name.split(".")[1] for name in json.loads(said.stdout.splitlines()[-1]) if ".routes_" in name}
    assert pages == set(WAY_IN)


def test_the_whole_is_made_after_the_way_in_as_if_it_came_first():
    create_way_in()

    assert "portal.home" in create_app().view_functions
