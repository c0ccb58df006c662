"""Samples run in the language they are written in: what each one says, and whether it failed."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import html5lib
import psycopg
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, Error, Page
from ruamel.yaml import YAML, YAMLError

from tests.curriculum.fences import Fence, looks_like
from tests.processes import SECONDS

GIT = "[user]\n\tname = Binôme\n\temail = binome@example.org\n[init]\n\tdefaultBranch = main\n"
HEAD = '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title></head>'
DOCUMENT = HEAD + "<body>\n{}\n</body></html>"
MARK = "\x1e"
# By the page's own clock: what it planned for an earlier moment comes first, however slow the machine is.
WHAT_IT_LEFT_FOR_LATER = "() => new Promise((done) => setTimeout(done, 50))"
XHTML = "{http://www.w3.org/1999/xhtml}"
DECLARATION = re.compile(r"(?:^|[{;])\s*([a-z][a-z-]*)\s*:\s*([^;{}]+?)\s*(?=[;}])")


def _installed(name: str) -> str:
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert found, f"{name} is missing: deploy/install-test-tools and the development requirements bring it"
    return found


# Node always comes with Playwright.
INTERPRETERS = {
    "node": lambda: shutil.which("node") or str(compute_driver_executable()[0]),
    "php": lambda: _installed("php"),
    "caddy": lambda: _installed("caddy"),
}


@dataclass(frozen=True)
class Ran:
    """What a sample said, on its output or as an error, and whether it failed."""

    said: str
    failed: bool


@dataclass
class Tools:
    """Where samples run: a folder that is thrown away, a browser, the address of a PostgreSQL when one asks for it."""

    folder: Path
    browser: Callable[[], Browser]
    postgres: Callable[[], str]


def run(fence: Fence, tools: Tools) -> Ran:
    """Run a sample as its reader would, in a folder of its own."""
    if fence.inside:
        shutil.copytree(fence.project / fence.inside, tools.folder, dirs_exist_ok=True)
    runs = LANGUAGES.get(fence.language)
    assert runs, f"{fence}: « {fence.language} » cannot be run; use file, fragment or output"
    return runs(fence, tools)


def run_file(fence: Fence, tools: Tools) -> Ran:
    """Run the file that an output comes from, beside the other files of its project."""
    copy = tools.folder / "projet"
    shutil.copytree(fence.project, copy)
    path = copy / fence.path
    if path.suffix == ".sql":
        return _sqlite(path.read_text(), None, tools.folder)
    command = {".py": sys.executable, ".sh": "bash", ".php": "php"}[path.suffix]
    return _process([command, path.name], path.parent, tools.folder)


def _process(command: list, where: Path, home: Path) -> Ran:
    (home / ".gitconfig").write_text(GIT)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "GIT_EDITOR": "true",
    }
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return Ran(done.stdout + (done.stderr if done.returncode else ""), done.returncode != 0)


def _python(fence: Fence, tools: Tools) -> Ran:
    return _process([sys.executable, "-c", fence.code], tools.folder, tools.folder)


def _php(fence: Fence, tools: Tools) -> Ran:
    """Run a script as `php exemple.php` would."""
    code = fence.code if fence.code.startswith("<?php") else f"<?php\n{fence.code}"
    script = tools.folder / "exemple.php"
    script.write_text(code)
    return _process([INTERPRETERS["php"](), "-d", "error_reporting=-1", script.name], tools.folder, tools.folder)


def _shell(fence: Fence, tools: Tools) -> Ran:
    """Run commands; those of the file that the fence names come first, and say nothing of interest."""
    if fence.path:
        before = _process(["bash", "-eu", str(fence.named())], tools.folder, tools.folder)
        assert not before.failed, f"{fence}: {fence.path}\n{before.said}"
    return _process(["bash", "-eu", "-o", "pipefail", "-c", fence.code], tools.folder, tools.folder)


def _console(fence: Fence, tools: Tools) -> Ran:
    """Run the lines that start with a dollar; each must print what stands under it."""
    asked: list[tuple[str, list[str]]] = []
    for line in fence.code.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            asked.append((line[2:], []))
        else:
            assert asked, f"{fence}: start with « $ »"
            asked[-1][1].append(line)
    if fence.path:
        _process(["bash", "-eu", str(fence.named())], tools.folder, tools.folder)
    script = "\n".join(f"{command}\nprintf '{MARK}'" for command, _ in asked)
    ran = _process(["bash", "-c", f"exec 2>&1\n{script}"], tools.folder, tools.folder)
    for (command, expected), said in zip(asked, ran.said.split(MARK), strict=False):
        if expected and not looks_like(said, "\n".join(expected)):
            return Ran(f"$ {command}\n{said}", True)
    return Ran(ran.said.replace(MARK, ""), ran.failed)


def _sql(fence: Fence, tools: Tools) -> Ran:
    before = fence.named() if fence.path else None
    runs = {"sqlite": lambda: _sqlite(fence.code, before, tools.folder)}
    runs["postgresql"] = lambda: _postgresql(fence.code, before, tools.postgres())
    found = [runs[engine]() for engine in fence.engines]
    failed = next((one for one in found if one.failed), None)
    if failed is None and len({one.said for one in found}) > 1:
        return Ran("The two engines answer differently:\n" + "\n".join(one.said for one in found), True)
    return failed or found[0]


def _sqlite(script: str, before: Path | None, folder: Path) -> Ran:
    path = folder / "base.sqlite"
    if before is not None and before.suffix != ".sql":
        shutil.copy(before, path)
    said: list[str] = []
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
            base.execute("PRAGMA foreign_keys = ON")
            if before is not None and before.suffix == ".sql":
                base.executescript(before.read_text())
            for statement in _statements(script):
                said += _rows(base.execute(statement).fetchall())
    except sqlite3.Error as error:
        return Ran("\n".join([*said, str(error)]), True)
    return Ran("\n".join(said), False)


def _postgresql(script: str, before: Path | None, url: str) -> Ran:
    said: list[str] = []
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as base:
        base.execute("DROP SCHEMA IF EXISTS essai CASCADE")
        base.execute("CREATE SCHEMA essai")
        base.execute("SET search_path TO essai")
        try:
            for statement in [*(_statements(before.read_text()) if before else ()), *_statements(script)]:
                found = base.execute(statement)
                said += _rows(found.fetchall() if found.description else ())
        except psycopg.Error as error:
            return Ran("\n".join([*said, str(error)]), True)
        finally:
            base.execute("ROLLBACK")
            base.execute("DROP SCHEMA essai CASCADE")
    return Ran("\n".join(said), False)


def _statements(script: str) -> list[str]:
    found, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return [*found, current] if re.sub(r"--[^\n]*", "", current).strip() else found


def _rows(rows) -> list[str]:
    return ["|".join("" if value is None else str(value) for value in row) for row in rows]


def html_faults(text: str) -> list[str]:
    """Return what is wrong in a page, as a validator would say it, and what is empty or doubled in it."""
    text = text if re.match(r"\s*<!doctype", text, re.IGNORECASE) else DOCUMENT.format(text)
    parser = html5lib.HTMLParser(namespaceHTMLElements=True)
    tree = parser.parse(text)
    faults = [f"line {place[0]}: {code} {' '.join(map(str, facts.values()))}" for place, code, facts in parser.errors]
    elements = list(tree.iter())
    names = [str(one.tag).removeprefix(XHTML) for one in elements]
    ids = Counter(one.get("id") for one in elements if isinstance(one.tag, str) and one.get("id"))
    faults += [f"id used twice: {name}" for name, count in ids.items() if count > 1]
    for name, one in zip(names, elements, strict=True):
        if name in ("p", "h1", "h2", "h3", "li", "a") and not len(one) and not (one.text or "").strip():
            is_filled_later = one.get("id") or one.get("role") or one.get("hidden") is not None
            faults += [] if is_filled_later else [f"empty {name}"]
        if name == "img" and one.get("alt") is None:
            faults.append("img without alt")
    if names.count("h1") > 1:
        faults.append("more than one h1")
    html = tree if str(tree.tag) == f"{XHTML}html" else tree.find(f".//{XHTML}html")
    return faults if html is not None and html.get("lang") else [*faults, "html without lang"]


def _html(fence: Fence, tools: Tools) -> Ran:
    faults = html_faults(fence.code)
    whole = fence.code if "<!doctype" in fence.code.lower() else DOCUMENT.format(fence.code)
    with _page(tools) as (page, said):
        page.set_content(whole)
        said += [one["id"] for one in unreachable(page)]
        text = page.inner_text("body")
    return Ran("\n".join([*faults, *said, text]), bool(faults or said))


def _script(fence: Fence, tools: Tools) -> Ran:
    """Run a script in an empty page, or in the page that it names; what it writes in the console is what it says."""
    with _page(tools) as (page, errors):
        printed: list[str] = []
        page.on("console", lambda message: printed.append(message.text))
        page.goto(fence.named().as_uri() if fence.path else "about:blank")
        try:
            page.add_script_tag(content=fence.code, type="module" if re.search(r"^\s*await ", fence.code, re.M) else "")
            page.evaluate(WHAT_IT_LEFT_FOR_LATER)
        except Error as error:
            errors.append(str(error))
        text = page.inner_text("body") if errors or fence.said else ""
    return Ran("\n".join([*printed, *errors, *([text] if fence.said else [])]), bool(errors))


def unreachable(page: Page) -> list[dict]:
    """Return what axe finds in the page that is open: what keeps somebody out."""
    page.evaluate((Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js").read_text())
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    return page.evaluate("options => axe.run(document, options)", options)["violations"]


@contextlib.contextmanager
def _page(tools: Tools):
    page, errors = tools.browser().new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page, errors
    finally:
        page.close()


def _css(fence: Fence, tools: Tools) -> Ran:
    """A sheet is right when the browser knows each of its declarations."""
    code = re.sub(r"/\*.*?\*/", "", fence.code, flags=re.DOTALL)
    pairs = [[name, value] for name, value in DECLARATION.findall(f"{code}}}") if not name.startswith("--")]
    with _page(tools) as (page, _):
        unknown = page.evaluate("pairs => pairs.filter(([name, value]) => !CSS.supports(name, value))", pairs)
    balanced = code.count("{") == code.count("}")
    faults = [": ".join(one) for one in unknown] + ([] if balanced else ["a brace is missing"])
    return Ran("\n".join(faults), bool(faults))


def _read_with(reader: Callable[[str], object], *errors: type[Exception]):
    def read(fence: Fence, tools: Tools) -> Ran:
        try:
            reader(fence.code)
        except errors as error:
            return Ran(str(error), True)
        return Ran("", False)

    return read


LANGUAGES = {
    **dict.fromkeys(("python", "py"), _python),
    **dict.fromkeys(("sh", "bash", "shell"), _shell),
    "php": _php,
    "console": _console,
    "sql": _sql,
    "html": _html,
    **dict.fromkeys(("js", "javascript"), _script),
    "css": _css,
    "json": _read_with(json.loads, ValueError),
    "toml": _read_with(tomllib.loads, ValueError),
    **dict.fromkeys(("yaml", "yml"), _read_with(YAML(typ="safe").load, YAMLError)),
}
