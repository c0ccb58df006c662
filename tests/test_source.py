"""What the source never does: run what it reads, make patterns or sentences of what people type, use plain chance."""

import ast
import re
from functools import cache
from pathlib import Path

from popschool.auth import codes

ROOT = Path(__file__).parent.parent
# Patterns that are put together: of our own words and signs, or of what `re.escape` has made harmless.
MADE_PATTERNS = {
    "popschool/courses/front.py", "popschool/courses/rules_search.py", "popschool/courses/words.py",
    "popschool/markdown.py", "popschool/messages/rules.py", "popschool/projects/services_margins.py",
    "popschool/review/anonymous.py",
}  # fmt: skip
# Plain chance deals reviews, teams and samples of proofs, and plays the demonstration. `Random` is given its seed.
PLAIN_CHANCE = re.compile(r"popschool/(review|completion|projects|reports)/|popschool/portal/demo")
RUNS = {"eval", "exec", "compile", "__import__"}
UNPACKS = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}


@cache
def calls():
    """Return every call of the source: its file, and the call."""
    return [(file, node) for file, tree in trees().items() for node in ast.walk(tree) if isinstance(node, ast.Call)]


@cache
def trees():
    files = sorted((ROOT / "popschool").rglob("*.py"))
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text()) for file in files}


def imported(tree):
    """Return the first names of what a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def is_constant(node):
    """Say whether a value is written in the source, there or at its top."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def test_nothing_that_is_read_is_run():
    for file, call in calls():
        assert getattr(call.func, "id", "") not in RUNS, f"{file}:{call.lineno}"
        assert all(one.arg != "shell" for one in call.keywords), f"{file}:{call.lineno}"
        assert ast.unparse(call.func) not in ("os.system", "os.popen"), f"{file}:{call.lineno}"
    assert {file for file, tree in trees().items() if UNPACKS & set(imported(tree))} == set()
    assert len(calls()) > 10_000


def test_a_pattern_or_a_form_of_words_is_never_what_somebody_typed():
    made, formats = set(), set()
    for file, call in calls():
        function = call.func
        if not isinstance(function, ast.Attribute):
            continue
        if getattr(function.value, "id", "") == "re" and function.attr != "escape" and not is_constant(call.args[0]):
            made.add(file)
        if function.attr in ("format", "format_map") and not is_constant(function.value):
            formats.add(f"{file}:{call.lineno}")
    assert made == MADE_PATTERNS
    assert formats == set()


def test_what_must_not_be_guessed_is_never_made_by_plain_chance():
    plain = {file for file, tree in trees().items() if "random" in imported(tree)}

    assert plain and all(PLAIN_CHANCE.match(file) for file in plain)
    assert len({codes.six_digits() for _ in range(200)}) > 190 and all(
        re.fullmatch(r"\d{6}", codes.six_digits()) for _ in range(20)
    )
    assert len(codes.token()) * 5.7 > 128 and len(codes.session_token()) >= 43


def test_the_scripts_of_the_site_run_nothing_and_name_no_field_after_what_they_read():
    scripts, named = sorted((ROOT / "popschool").rglob("static/**/*.js")), set()
    for script in scripts:
        said = script.read_text()
        assert not re.search(r"\beval\(|new Function|document\.write|__proto__|\.prototype\b", said), script.name
        named |= {f"{script.name} {field}" for field in re.findall(r"\w+\[[a-z][\w.]*\](?=\s*=[^=>])", said)}
    # The fields of an answer that the browser makes, from a list; a count for each half-day of one's own device.
    assert named == {"passkey.js response[name]", "phone.js marked[act.half]"}
    assert len(scripts) > 5
