"""What `solution/essai_*.py` may ask for: a pytest plugin, loaded for them alone.

`page` is a page of a real browser, `serveur` the address at which the project's files are served, `axe` what keeps
somebody out of the page that is open, `postgresql` the address of an empty database, `langages` where
the other languages are.
"""

import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browsers import launch
from tests.curriculum.running import INTERPRETERS, unreachable

# A machine that does other things too is slow: only what is broken ever waits so long.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *parts: object) -> None:
        """Say nothing."""


@pytest.fixture
def solution() -> Path:
    """The folder of the solution, in a copy that may be written in."""
    return Path.cwd()


@pytest.fixture
def depart(solution: Path) -> Path:
    return solution.parent / "depart"


@pytest.fixture(scope="session")
def _chromium() -> Iterator:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def page(_chromium) -> Iterator[Page]:
    """A page whose scripts may not fail: an error in one fails the test."""
    context = _chromium.new_context(viewport={"width": 360, "height": 740}, locale="fr-FR", timezone_id="Europe/Paris")
    context.set_default_timeout(PATIENCE)
    opened, errors = context.new_page(), []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Name what keeps somebody out of a page: `assert axe(page) == []`."""
    return lambda page: [f"{one['id']}: {one['help']}" for one in unreachable(page)]


@pytest.fixture
def serveur(solution: Path) -> Iterator[str]:
    """The address of the project's folder: `page.goto(f"{serveur}/solution/index.html")`."""
    handler = functools.partial(_Quiet, directory=str(solution.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def langages() -> dict[str, str]:
    """Where `node`, `php` and `caddy` are."""
    return {name: find() for name, find in INTERPRETERS.items()}


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of a database with nothing in it."""
    url = os.environ["CURRICULUM_POSTGRES"]
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("DROP DATABASE IF EXISTS essai WITH (FORCE)")
        base.execute("CREATE DATABASE essai")
        yield f"{url.rpartition('/')[0]}/essai"
        base.execute("DROP DATABASE essai WITH (FORCE)")
