"""The checks of the courses find what is wrong: one character broken is enough."""

import pytest

from tests.curriculum.fences import COURSES, Fence, is_fragment, looks_like
from tests.curriculum.running import html_faults, run
from tests.curriculum.test_samples import check

PAGE = COURSES / "dwwm" / "projet.md"


def fence(language: str, code: str, **more) -> Fence:
    return Fence(PAGE, 1, language, code, **more)


@pytest.mark.parametrize(
    ("language", "code", "broken", "said"),
    [
        ("python", "print(1 + 1)", "print(1 + )", "2"),
        ("bash", "echo deux", "ecko deux", "deux"),
        ("php", "echo 1 + 1;", "echo 1 + ;", "2"),
        ("console", "$ echo deux\ndeux", "$ echo deux\ntrois", "deux"),
        ("sql", "SELECT 1, NULL, 'a';", "SELECT 1,;", "1||a"),
        ("html", "<p>Bonjour</p>", "<p>Bonjour</b>", "Bonjour"),
        ("js", "console.log(1 + 1)", "console.log(un)", "2"),
        ("css", "p { color: red }", "p { colour: red }", ""),
        ("json", "[1]", "[1", ""),
        ("yaml", "a: [1]", "a: [1", ""),
        ("toml", "a = 1", "a = ", ""),
    ],
)
def test_a_sample_runs_and_a_broken_one_fails(language, code, broken, said, tools):
    right = run(fence(language, code), tools)

    assert not right.failed
    assert right.said.strip() == said
    assert run(fence(language, broken), tools).failed


def test_sql_must_say_the_same_on_both_engines(tools):
    both = ("sqlite", "postgresql")

    assert not run(fence("sql", "SELECT 7 / 2;", engines=both), tools).failed
    assert run(fence("sql", "SELECT typeof(1);", engines=both), tools).failed
    assert "differently" in run(fence("sql", "SELECT 1 = 1;", engines=both), tools).said


def test_faulty_code_must_fail_as_it_says(tools):
    check(fence("python", "print(plat)", kind="faux", said="NameError"), tools, None)

    with pytest.raises(AssertionError):
        check(fence("python", "print(1)", kind="faux", said="NameError"), tools, None)
    with pytest.raises(AssertionError):
        check(fence("python", "print(plat)", kind="faux", said=""), tools, None)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("b\nc", True),
        ("a\n…\nd", True),
        ("a\n# …\nd", True),
        ("    b\n    c", True),
        ("a\nd", False),
        ("c\n…\na", False),
        ("b\nC", False),
    ],
)
def test_a_fragment_is_whole_lines_of_its_file_in_order(code, expected):
    assert is_fragment(code, "a\nb\nc\nd\n") is expected


@pytest.mark.parametrize(
    ("said", "expected", "same"),
    [
        ("a\nb\n", "a\nb", True),
        ("[main 12ab34c] Titre\n", "[main …] Titre", True),
        ("a\nb\nc\n", "a\n…\nc", True),
        ("a\nb\n", "a", False),
        ("a\n", "a\nb", False),
    ],
)
def test_three_dots_stand_for_what_changes_in_an_output(said, expected, same):
    assert looks_like(said, expected) is same


def test_a_file_outside_of_the_project_cannot_be_named():
    with pytest.raises(AssertionError):
        fence("js", "", path="../../../pyproject.toml").named()


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>Un</p><p></p>", "empty p"),
        ('<img src="a.png">', "img without alt"),
        ('<p id="a">1</p><p id="a">2</p>', "id used twice: a"),
        ("<!doctype html><html><head><title>T</title></head><body></body></html>", "html without lang"),
        ("<h1>Un</h1><h1>Deux</h1>", "more than one h1"),
    ],
)
def test_a_page_is_read_as_a_validator_would(html, fault):
    assert html_faults(html) == [fault]
    assert html_faults("<p>Un</p>") == []
