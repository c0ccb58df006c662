"""Where samples run."""

from pathlib import Path

import pytest

from tests.curriculum.running import Tools


@pytest.fixture
def tools(tmp_path: Path, request: pytest.FixtureRequest) -> Tools:
    """What samples need: the browser and PostgreSQL start only for those that ask."""

    def ask(name: str):
        return lambda: request.getfixturevalue(name)

    return Tools(tmp_path, ask("browser"), ask("postgres"))
