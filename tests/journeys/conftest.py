"""What journeys start from: an installation on each database, and people who have a browser each."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import ENGINES
from tests.journeys.hands import PATIENCE, Hands, Keyboard
from tests.journeys.installation import Installation, empty_database, installed, migrated_database

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1280, "height": 800}
_numbers = itertools.count(1)
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def install(
    postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, ExitStack], Installation]]:
    """Give a way to install Popschool on a database, until the end of a block."""
    migrated: dict[str, str] = {}

    def make(engine: str, until: ExitStack, is_shared: bool = False) -> Installation:
        name = f"journey-{os.getpid()}-{next(_numbers)}"
        if engine not in migrated:
            first = tmp_path_factory.mktemp(f"migrated-{engine}")
            migrated[engine] = ends.enter_context(migrated_database(engine, first, postgres, f"{name}-migrated"))
        folder = tmp_path_factory.mktemp(f"installation-{engine}")
        url = until.enter_context(empty_database(engine, folder, postgres, name, like=migrated[engine]))
        return until.enter_context(installed(folder, url, is_shared, is_migrated=True))

    with ExitStack() as ends:
        yield make


@pytest.fixture
def fresh(engine: str, install: Callable) -> Iterator[Installation]:
    """An installation where nobody has been yet."""
    with ExitStack() as until:
        yield install(engine, until)


@pytest.fixture(scope="session")
def shared(install: Callable) -> Iterator[dict]:
    """The installations that several journeys share, one for each database."""
    with ExitStack() as until:
        made: dict[str, Installation] = {}

        def on(engine: str) -> Installation:
            if engine not in made:
                made[engine] = install(engine, until, is_shared=True)
            return made[engine]

        yield on


@pytest.fixture
def town(engine: str, shared: Callable) -> Installation:
    """An installation where other journeys have their own schools."""
    return shared(engine)


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Callable[..., Hands]]:
    """Let somebody sit down: `arrive(installation)`, in a browser of their own."""
    contexts, kinds = [], set()

    def sit(
        where: Installation, name: str = "", *, phone: bool = False, scripts: bool = True, keyboard: bool = False
    ) -> Hands:
        context = browser.new_context(
            viewport=PHONE if phone else DESK, java_script_enabled=scripts, locale="fr-FR", timezone_id="Europe/Paris"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if keyboard:
            return Keyboard(context.new_page(), where.address, name, kinds)
        return Hands(context.new_page(), where.address, name)

    yield sit
    for context in contexts:
        context.close()
