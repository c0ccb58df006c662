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
MANY_IMAGES = 6
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


def test_making_many_images_light_loads_what_draws_in_other_processes_alone(tmp_path):
    for number in range(MANY_IMAGES):
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle r="{number}"/></svg>'
        (tmp_path / f"{number}.svg").write_text(drawing)
    shown = "".join(f"![Un rond de {number} points]({number}.svg)\n\n" for number in range(MANY_IMAGES))
    (tmp_path / "page.md").write_text(f"---\ntitle: Des ronds\n---\n# Des ronds\n\n{shown}")
    all_made = f"assert len(made.file_names()) == {MANY_IMAGES}, made.file_names()"

    here = loaded(BUILDING + all_made, tmp_path, str(tmp_path), "1")

    assert "PIL" not in here
    assert "typst" not in here


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
