"""Where samples and solutions run."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.curriculum.running import Tools

MEMORY = Path("/dev/shm")
ROOM = 2**29


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Path]:
    """A folder to throw away: in memory where there is room, as git and SQLite wait for a disk at each change."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="curriculum-") as folder:
        yield Path(folder)


@pytest.fixture
def tools(workplace: Path, request: pytest.FixtureRequest) -> Tools:
    """What samples need: the browser and PostgreSQL start only for those that ask."""

    def ask(name: str):
        return lambda: request.getfixturevalue(name)

    return Tools(workplace, ask("browser"), ask("postgres"))
