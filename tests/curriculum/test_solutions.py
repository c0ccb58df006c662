"""The solutions that trainers keep pass their own checks, in a copy of their project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.curriculum.fences import COURSES, projects
from tests.curriculum.running import html_faults, unreachable
from tests.processes import SECONDS

ROOT = Path(__file__).parent.parent.parent
CODE = {".html", ".css", ".js", ".py", ".sql", ".sh"}
SOLVED = [
    folder
    for folder in projects()
    if any(path.suffix in CODE for path in (folder / "solution").rglob("*") if path.is_file())
]
PAGES = sorted(path for folder in SOLVED for path in (folder / "solution").rglob("*.html"))
# Templates are pages only once filled in: the checks of their own solution open what they make.
WHOLE = [path for path in PAGES if not {"templates", "gabarits"} & set(path.parts)]
# Where people practise, nothing is there to be mended: the pages that they are given must be right.
PRACTICE = [path for kind in ("fabnum", "pop-cafe", "entreprise") for path in COURSES.glob(f"{kind}/*/depart/*.html")]


def name(path):
    return str(path.relative_to(COURSES))


@pytest.mark.parametrize("folder", SOLVED, ids=name)
def test_a_solution_passes_its_own_checks(folder, workplace, request):
    assert list((folder / "solution").glob("essai_*.py")), "write solution/essai_….py, as courses/README.md says"
    copy = workplace / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    (workplace / "tmp").mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "POPSCHOOL"))}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    environment["TMPDIR"] = str(workplace / "tmp")
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the plugins of our own tests take longer than most solutions
    if any("postgresql" in path.read_text() for path in (folder / "solution").glob("essai_*.py")):
        environment["CURRICULUM_POSTGRES"] = request.getfixturevalue("postgres").replace("+psycopg", "")
    options = ["-q", "--rootdir=.", "-c", os.devnull, "-p", "no:cacheprovider", "-p", "tests.curriculum.essais"]
    names = ["-o", "python_files=essai_*.py", "-o", "python_functions=test_*"]
    command = [sys.executable, "-m", "pytest", *options, *names, "."]

    done = subprocess.run(
        command,
        cwd=copy / "solution",
        env=environment,
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("path", [*WHOLE, *sorted(PRACTICE)], ids=name)
def test_a_page_of_a_solution_or_to_practise_on_is_valid_and_open_to_everybody(path, browser):
    assert html_faults(path.read_text()) == []
    page = browser.new_page(viewport={"width": 320, "height": 640})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())

    assert errors == []
    assert [one["id"] for one in unreachable(page)] == []
    if page.evaluate("document.styleSheets.length"):  # the first pages have none: they are read before styles are
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, "it slides sideways on a small screen"
    page.close()
