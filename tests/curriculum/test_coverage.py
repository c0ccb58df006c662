"""What the shipped courses cover, worked out from their files, keeps what the programmes promise."""

import re

import pytest

from popschool.courses.build import MemoryShelf, build
from popschool.courses.coverage import eases, projects_of, proofs_of, report
from popschool.courses.trees import FolderTree
from tests.curriculum.fences import COURSES

TABLE = COURSES.parent / "docs" / "curriculum.md"
# Programme: projects, hours of projects, hours beside them (rituals: 3 h in each of 17 weeks).
PROMISED = {
    "dwwm": (28, 544, 17 * 3),
    "fabnum": (10, 19 * 7, 0),
    "pop-cafe": (8, 8 * 3, 0),
    "entreprise": (3, 3 * 7, 0),
}
# Those that lead to a level 3: a certification, and a path of five aims.
TO_THE_TOP = ("dwwm", "fabnum")
FEWEST_PROOFS = 4
FARTHEST = 8  # points of reading, before a page is measured again


@pytest.fixture(scope="module")
def made():
    return build(FolderTree(COURSES), "pop-school", "Pop School", {}, MemoryShelf())


@pytest.fixture(scope="module")
def programmes(made):
    return {one.key: (one, projects_of(made.course, one)) for one in made.course.programmes}


@pytest.mark.parametrize("key", PROMISED)
def test_a_programme_has_its_projects_and_its_hours(programmes, key):
    programme, projects = programmes[key]
    inside = sum(project.hours for project in projects)

    assert (len(projects), inside, programme.hours - inside) == PROMISED[key]


def test_no_programme_is_left_out(programmes):
    assert set(programmes) == set(PROMISED)


@pytest.mark.parametrize("key", TO_THE_TOP)
def test_each_competence_reaches_level_three_and_is_proven_four_times(programmes, key):
    programme, projects = programmes[key]
    proofs = proofs_of(projects)

    for block in programme.data["blocks"]:
        for item in block["competences"]:
            levels = [level for _project, level in proofs.get(item["id"], [])]
            assert len(levels) >= FEWEST_PROOFS, item["title"]
            assert set(levels) == {1, 2, 3}, item["title"]


@pytest.mark.parametrize("key", PROMISED)
def test_each_project_proves_every_competence_that_it_names(programmes, key):
    _programme, projects = programmes[key]
    proved = {(project.key, key) for key, own in proofs_of(projects).items() for project, _level in own}

    assert {(project.key, aim["id"]) for project in projects for aim in project.data["competences"]} == proved


@pytest.mark.parametrize("key", PROMISED)
def test_each_project_has_criteria_for_every_deliverable(programmes, key):
    for project in programmes[key][1]:
        judged = {one["of"] for one in project.data["criteria"]}
        asked = {one["id"] for one in project.data["deliverables"]}
        assert None in judged or asked <= judged, project.key
        assert len(project.data["criteria"]) >= 3, project.key


def test_the_tables_of_the_document_are_those_of_the_files(made):
    """Competences, levels and hours to the letter; a page may have moved a little since it was measured."""
    reading = eases(FolderTree(COURSES))
    told, written = report(made.course, reading, made.weights, "courses"), TABLE.read_text()
    again = "write it again: popschool courses coverage courses > docs/curriculum.md"

    assert written.partition("## Pages")[0] == told.partition("## Pages")[0], again
    measured = dict(re.findall(r"^\| (\S+\.md) \| (\d+) \|", written, re.MULTILINE))
    assert len(measured) > 150
    assert [path for path, ease in measured.items() if abs(reading.get(path, 0) - int(ease)) > FARTHEST] == [], again
