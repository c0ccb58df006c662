"""What the documents say is true: their links lead somewhere, their settings, commands and labels exist."""

import dataclasses
import re
import shlex
from pathlib import Path

import click
import pytest
from PIL import Image

from popschool.cli import main
from popschool.config import PREFIX, Settings
from popschool.web import catalogues

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *DOCS.rglob("*.md")])
GUIDE = sorted((DOCS / "guide").glob("*.md"))
HEAVIEST_IMAGE = 60_000
WIDTHS = {390, 1100}
# Read by one command, and told there: it is no setting of the installation.
OF_ONE_COMMAND = {"POPSCHOOL_SOURCE_TOKEN"}


def name(page):
    return str(page.relative_to(ROOT))


def prose(page):
    """Return a page without its blocks of code: what they show need not lead anywhere."""
    return re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def links(page):
    """Return each link and image of a page that leads to a file of ours, with its anchor."""
    written = re.sub(r"`[^`]*`", "", prose(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", written):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield target, (page.parent / path).resolve() if path else page, anchor


def anchors(page):
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_and_picture_of_a_page_is_there(page):
    broken = [
        target
        for target, path, anchor in links(page)
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path))
    ]

    assert broken == []


def test_a_link_to_nowhere_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("[là](autre.md) [ici](#absent) [bon](page.md#titre) [dehors](https://example.org)\n\n# Titre\n")

    found = [(target, path.exists(), anchor in anchors(page)) for target, path, anchor in links(page)]

    assert found == [("autre.md", False, False), ("#absent", True, False), ("page.md#titre", True, True)]


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [path for _target, path, _anchor in links(page) if path.suffix == ".md" and path.exists()]

    assert [name(page) for page in PAGES if page not in reached] == []


def test_every_picture_is_shown_somewhere_light_and_of_a_known_width():
    shown = {path for page in PAGES for _target, path, _anchor in links(page)}

    for picture in sorted(IMAGES.glob("*")):
        assert picture in shown, f"{picture.name} is shown by no page"
        assert picture.stat().st_size <= HEAVIEST_IMAGE, picture.name
        with Image.open(picture) as image:
            assert (image.format, image.width in WIDTHS) == ("PNG", True), picture.name


def test_every_picture_can_be_taken_again():
    taken = set(re.findall(r'Shot\("([\w-]+)"', (DOCS / "take-screenshots").read_text()))

    assert {picture.stem for picture in IMAGES.glob("*")} == taken


def test_the_settings_told_are_those_that_exist():
    exist = {PREFIX + field.name.upper() for field in dataclasses.fields(Settings) if field.name != "given"}
    told = set(re.findall(r"^\| `(POPSCHOOL_[A-Z_]+)`", (DOCS / "operate.md").read_text(), re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"POPSCHOOL_[A-Z]+(?:_[A-Z]+)*", page.read_text())}

    assert told == exist
    assert named - OF_ONE_COMMAND <= exist


def test_the_defaults_told_are_those_that_run():
    text = (DOCS / "operate.md").read_text()
    rows = dict(re.findall(r"^\| `POPSCHOOL_([A-Z_]+)` \| `([^`]+)` \|", text, re.MULTILINE))
    defaults = {field.name.upper(): field.default for field in dataclasses.fields(Settings)}

    assert rows.pop("DATA_DIR") == "data"
    assert rows == {setting: str(defaults[setting]) for setting in rows}
    assert {"MAIL_URL", "JOBS", "LOG"} <= set(rows)


def commands(group=main, path=()):
    """Return every command that is no group, by its words: ("courses", "sync")."""
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, word))
        else:
            yield (*path, word), command


def calls(page):
    """Return each call of popschool that a page writes in code: the words after its name."""
    text = page.read_text()
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", text)
    for line in lines:
        found = re.match(r"(?:\S*/)?popschool ((?!\().+)", line.strip())
        if found:
            yield shlex.split(re.sub(r"[\[\]…]|#.*", " ", found[1]))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_a_page_writes_exists_with_its_options(page):
    known = dict(commands())

    for words in calls(page):
        path = next((tuple(words[:length]) for length in (2, 1) if tuple(words[:length]) in known), None)
        assert path is not None, f"popschool {' '.join(words)}"
        options = {option for param in known[path].params for option in param.opts} | {"--help"}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, words


def test_every_command_is_told_to_operators():
    told = {tuple(words[:length]) for words in calls(DOCS / "operate.md") for length in (1, 2)}

    assert [path for path, _command in commands() if path not in told] == []


@pytest.mark.parametrize("page", GUIDE, ids=name)
def test_the_guide_quotes_what_the_pages_say(page):
    """What stands between « » in the guide is a button, a link, a title or a word of a page, as it is today."""
    texts = {message.id for message in catalogues.extract() if isinstance(message.id, str)}
    quoted = re.findall(r"«\s*([^»]+?)\s*»", re.sub(r"\s+", " ", prose(page)))

    assert [words for words in quoted if not {words, words[:1].lower() + words[1:]} & texts] == []


def test_the_readme_has_one_page_for_each_role():
    assert {path.name for _target, path, _anchor in links(ROOT / "README.md") if path in GUIDE} == {
        page.name for page in GUIDE
    }


def test_what_security_promises_is_shown_by_tests_that_exist():
    named = set(re.findall(r"`(test_\w+)`", (DOCS / "security.md").read_text()))
    existing = {
        name for file in ROOT.glob("tests/**/test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())
    }

    assert len(named) > 30
    assert named - existing == set()
