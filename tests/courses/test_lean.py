"""Web pages never load what only a sync needs, and a sync of many pages leaves it to the processes that it starts."""

import os
import subprocess
import sys

HEAVY = (
    "markdown",
    "bleach",
    "nh3",
    "pymdownx",
    "pygments",
    "latex2mathml",
    "PIL",
    "typst",
    "ruamel",
    "pydantic",
    "pyhanko",
    "webauthn",
    "OpenSSL",
    "authlib",
    "joserfc",
    "opentelemetry",
    "cryptography",
    "segno",
    "requests",
)
MANY = 60
BUILDING = """
import sys
from pathlib import Path
from popschool.courses import sync
from popschool.courses.build import MemoryShelf, build
from popschool.courses.trees import FolderTree

shelf = MemoryShelf()
made = build(FolderTree(Path(sys.argv[1])), "cours", "Cours", {}, shelf)
assert len(made.course.pages) == len(shelf.pages) == int(sys.argv[2]), len(shelf.pages)
"""


def test_serving_pages_loads_nothing_that_a_sync_needs(tmp_path):
    assert loaded("from app import create_app; create_app()", tmp_path) == "[]"


def test_reading_many_pages_loads_markdown_and_yaml_in_other_processes_alone(tmp_path):
    for number in range(MANY):
        (tmp_path / f"{number}.md").write_text(f"---\ntitle: Page {number}\n---\n# Page {number}\n\nDu `code`.\n")

    assert loaded(BUILDING, tmp_path, str(tmp_path), str(MANY)) == "[]"


def loaded(code: str, data, *arguments: str) -> str:
    """Run code in a process of its own, and return which heavy libraries it loaded.

    As where it is installed: a library that only the tests bring, and that structlog would take, is not there.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.modules['rich'] = None\n{code}\nprint([m for m in {HEAVY!r} if m in sys.modules])",
            *arguments,
        ],
        env=environ | {"POPSCHOOL_DATA_DIR": str(data), "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]
