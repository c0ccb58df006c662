"""The pages of the shipped courses are whole, and easy to read."""

import re

import pytest

from popschool.courses.build import MemoryShelf, build
from popschool.courses.front import split_front
from popschool.courses.lines import readable
from popschool.courses.prose import page_ease
from popschool.courses.rules import variant_of
from popschool.courses.trees import FolderTree
from tests.curriculum.fences import COURSES, pages, projects

EASIEST_ASKED = 70
FRENCH = [page for page in pages() if variant_of(page.name)[1] in ("", "simple")]
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
HINT = re.compile(r"^\?\?\? ", re.MULTILINE)
PARTS = {"Contexte", "Ce que vous saurez faire", "Les étapes", "Comment on évalue", "Aide", "Pour aller plus loin"}
PHONE = 328  # pixels left to a figure on a screen of 360
SMALLEST = 10
STEP = re.compile(r"^### .*\((?:(\d+) h ?(\d+)?|(\d+) min)(?:,[^)]*)?\)\s*$", re.MULTILINE)


def name(page):
    return str(page.relative_to(COURSES))


@pytest.fixture(scope="module")
def made():
    return build(FolderTree(COURSES), "pop-school", "Pop School", {}, MemoryShelf())


def test_the_courses_are_checked_without_an_error_or_advice(made):
    said = [f"{one.path}:{one.line}: {one.message} {one.mend}" for one in made.problems]

    assert said == []


@pytest.mark.parametrize("page", FRENCH, ids=name)
def test_every_page_is_easy_to_read(page):
    _front, body, first_line = split_front(page.read_text())

    assert page_ease(readable(body, first_line)) >= EASIEST_ASKED


@pytest.mark.parametrize("folder", projects(), ids=name)
def test_every_project_has_all_that_learners_and_their_team_need(folder):
    """A need, aims, steps, a way in, help, a stretch, a quiz, a start; for the team, a plan and arrangements."""
    brief, team = (folder / "projet.md").read_text(), (folder / "equipe.md").read_text()
    parts, notes = HEADING.findall(brief), HEADING.findall(team)

    assert set(parts) >= PARTS
    assert parts.index("Contexte") < parts.index("Ce que vous saurez faire") < parts.index("Les étapes")
    assert len(HINT.findall(brief)) >= 3
    assert STEP.findall(brief) and "### " in (folder / "projet.simple.md").read_text()
    assert list(folder.glob("quiz*.md"))
    assert any((folder / "depart").iterdir())
    assert "Le déroulé" in notes
    assert any(note.startswith("Pour valider") for note in notes)
    assert any(note.startswith("Aménag") for note in notes)


@pytest.mark.parametrize("folder", projects(), ids=name)
def test_the_hours_of_the_steps_are_those_of_the_project(folder, made):
    project = next(one for one in made.course.projects if one.path == f"{name(folder)}/projet.md")
    steps = STEP.findall((folder / "projet.md").read_text())

    minutes = sum(60 * int(hours or 0) + int(more or alone or 0) for hours, more, alone in steps)

    assert minutes == 60 * project.hours


@pytest.mark.parametrize("figure", sorted(COURSES.glob("*/*/img/*.svg")), ids=name)
def test_the_words_of_a_figure_can_be_read_on_a_phone(figure):
    drawn = figure.read_text()
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', drawn)[1])
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn)]

    assert len(sizes) >= drawn.count("<text")
    assert [size for size in sizes if size * PHONE / width < SMALLEST] == [], "draw it taller, in fewer columns"
