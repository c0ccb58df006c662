"""Every benchmark still speaks of what there is: a figure that nobody can take again is no figure.

Most are run by hand, once in a while. So their files are read: what they import exists and takes what it is given,
pages are pages of the site, and commands, their own and those of Popschool, take the options that are written.
"""

import argparse
import ast
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import click
import pytest

from popschool.cli import main
from tests.test_docs import PAGES, commands

ROOT = Path(__file__).parent.parent
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "benchmarks").rglob("*.py"))
}
OURS = ("app", "popschool", "tests", "benchmarks")
BY_LOCUST = "benchmarks.country.locustfile"  # locust comes when it is wanted: its names are read, nothing is imported
RUN = [name.removesuffix(".__main__") for name, path in FILES.items() if "ArgumentParser(" in path.read_text()]
WRITTEN = re.compile(r"-m (benchmarks\.[\w.]+)([^`\n;]*)")
NOT_OURS = ("/page", "/hello", "/proc", "/usr")  # the bare page's, and files of the machine


def is_ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] in OURS


def brought(node: ast.ImportFrom) -> Iterator[tuple[str, Any]]:
    """Yield each name that an import of ours brings, with what it is; the error when there is no such thing."""
    for one in node.names:
        try:
            module = importlib.import_module(node.module)
            is_there = hasattr(module, one.name)
            found = getattr(module, one.name) if is_there else importlib.import_module(f"{node.module}.{one.name}")
            yield one.asname or one.name, found
        except ImportError as error:
            yield one.asname or one.name, error


def faults(scope: ast.AST, known: Mapping[str, Any] = MappingProxyType({})) -> Iterator[str]:
    """Yield what a file asks of ours that is not there, and the calls of ours that would be refused.

    `known` are the names of ours that stand around this scope.
    """
    own = list(_own(scope))
    hidden = {node.id for node in own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    hidden |= {node.arg for node in own if isinstance(node, ast.arg)}
    hidden |= {node.name for node in own if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    known = {name: what for name, what in known.items() if name not in hidden}
    for node in own:
        if isinstance(node, ast.ImportFrom) and is_ours(node.module):
            for name, what in brought(node):
                if isinstance(what, ImportError):
                    yield f"line {node.lineno}: {what}"
                else:
                    known[name] = what
    for node in own:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holder = known.get(node.value.id)
            if isinstance(holder, ModuleType | type) and not hasattr(holder, node.attr):
                yield f"line {node.lineno}: {node.value.id} has no {node.attr}"
        if isinstance(node, ast.Call) and (fault := _refused(node, known)):
            yield f"line {node.lineno}: {ast.unparse(node.func)}: {fault}"
    for node in own:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield from faults(node, known)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a scope, down to where another one begins."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield from _own(node)


def _refused(call: ast.Call, known: Mapping[str, Any]) -> str:
    """Return why a function of ours would refuse what it is given; nothing when it takes it, or nobody can tell."""
    match call.func:
        case ast.Name(id=name):
            called = known.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if isinstance(known.get(name), ModuleType):
            called = getattr(known[name], attr, None)
        case _:
            return ""
    if not inspect.isfunction(called):
        return ""
    is_whole = not any(isinstance(one, ast.Starred) for one in call.args) and all(one.arg for one in call.keywords)
    given = [None for one in call.args if not isinstance(one, ast.Starred)]
    signature = inspect.signature(called)
    try:
        bind = signature.bind if is_whole else signature.bind_partial
        bind(*given, **{one.arg: None for one in call.keywords if one.arg})
    except TypeError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", FILES)
def test_what_a_benchmark_asks_of_ours_is_there(name):
    if name != BY_LOCUST:
        importlib.import_module(name)

    assert list(faults(ast.parse(FILES[name].read_text()))) == []


@pytest.mark.parametrize(
    "written",
    [
        "from popschool.attendance import no_such_file",
        "from popschool.clock import no_such_name",
        "def run():\n    from popschool import clock\n    clock.no_such_name()",
        "from popschool import clock\nclock.freeze()",
        "from popschool import clock\ndef run(moments):\n    return clock.freeze(1, 2, *moments)",
        "from popschool.schools.models import Person\nPerson.no_such_column",
    ],
)
def test_a_name_that_has_gone_is_seen(written):
    assert len(list(faults(ast.parse(written)))) == 1


def test_a_name_of_their_own_is_left_to_them():
    assert list(faults(ast.parse("from popschool import clock\ndef run(clock):\n    clock.no_such_name()"))) == []


class Asked(Exception):
    """A benchmark has said what it may be given, and goes no further."""


def parser_of(name: str, monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser:
    """Return what reads the command line of a benchmark."""
    found = []

    def stop(parser: argparse.ArgumentParser, *_given: Any, **_named: Any) -> None:
        found.append(parser)
        raise Asked

    module = importlib.import_module(f"{name}.__main__" if f"{name}.__main__" in FILES else name)
    with monkeypatch.context() as changed, pytest.raises(Asked):
        changed.setattr(argparse.ArgumentParser, "parse_args", stop)
        module.main()
    return found[0]


def written_lines() -> dict[str, list[tuple[str, str]]]:
    """Return each command line of a benchmark that a page or the head of one writes: {name: [(where, its words)]}."""
    pages = [*PAGES, *sorted((ROOT / "benchmarks").rglob("*.md")), ROOT / "Makefile"]
    texts = {str(page.relative_to(ROOT)): page.read_text() for page in pages}
    texts |= {name: ast.get_docstring(ast.parse(path.read_text())) or "" for name, path in FILES.items()}
    found: dict[str, list[tuple[str, str]]] = {}
    for where, text in texts.items():
        for name, words in WRITTEN.findall(re.sub(r"\$\(.*\)", "", text)):
            found.setdefault(name.rstrip("."), []).append((where, words))
        for words in re.findall(r'make country ARGS="([^"]*)"', text):
            found.setdefault("benchmarks.country", []).append((where, words))
    return found


def test_each_benchmark_that_is_run_says_at_its_head_how():
    written = written_lines()

    assert [name for name in RUN if not any(where.startswith(name) for where, _words in written.get(name, []))] == []
    assert written.keys() - FILES.keys() - set(RUN) == set()


@pytest.mark.parametrize("name", RUN)
def test_a_benchmark_takes_the_options_that_are_written(name, monkeypatch):
    parser = parser_of(name, monkeypatch)
    options = {option for action in parser._actions for option in action.option_strings}

    for where, words in written_lines().get(name, []):
        named = re.findall(r"(?<!\w)--[a-z][\w-]*", words.partition(". ")[0])
        assert set(named) <= options, where


def command_lines(tree: ast.Module) -> Iterator[list[str]]:
    """Yield the commands of Popschool that a file runs, by the words that are written in it."""
    for node in ast.walk(tree):
        match node:
            case ast.List(elts=[*given]):
                words = [one.value if isinstance(one, ast.Constant) else "…" for one in given]
                if "popschool.cli" in words:
                    yield words[words.index("popschool.cli") + 1 :]
            case ast.Call(func=ast.Name(id="popschool"), args=[_environ, *given]):
                yield [one.value if isinstance(one, ast.Constant) else "…" for one in given]


@pytest.mark.parametrize("name", FILES)
def test_a_benchmark_runs_commands_that_exist_with_their_options(name):
    known = {path: {option for one in command.params for option in one.opts} for path, command in commands()}
    for words in command_lines(ast.parse(FILES[name].read_text())):
        if words and words[0] != "…":
            path = next((tuple(words[:length]) for length in (2, 1) if tuple(words[:length]) in known), None)
            if path is None and words[1:2] == ["…"]:
                assert isinstance(main.get_command(click.Context(main), words[0]), click.Group), words
                continue
            assert path is not None, words
            assert {word for word in words if word.startswith("--")} <= known[path], words


def addresses(tree: ast.Module) -> Iterator[str]:
    """Yield the addresses that a file writes from their beginning; what is put in them is a %."""
    parts = {id(one) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for one in node.values}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(first)), *_] as values) if first.startswith("/"):
                yield "".join(one.value if isinstance(one, ast.Constant) else "%" for one in values)
            case ast.Constant(value=str(text)) if id(node) not in parts and re.fullmatch(r"/[a-z][\w<>:/-]*", text):
                yield text


def shape(address: str) -> str:
    """Return the steps of an address, each that is given something as a %."""
    steps = re.sub(r"<[^>]*>|\.csv$", "%", address.partition("?")[0]).strip("/").split("/")
    return "/".join(["", *("%" if "%" in step else step for step in steps), ""])


def test_the_pages_that_benchmarks_open_exist(app):
    pages = {shape(rule.rule) for rule in app.url_map.iter_rules()}
    asked = {one: name for name, path in FILES.items() for one in addresses(ast.parse(path.read_text()))}
    ours = {one for one in asked if not one.startswith(NOT_OURS)}

    assert len(ours) > 30
    assert {one: asked[one] for one in ours if not any(shape(one) in page for page in pages)} == {}
