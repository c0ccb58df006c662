"""The pieces of courses that documents show are those of the courses."""

from pathlib import Path

import pytest

from tests.curriculum.fences import COURSES, fences, is_fragment

ROOT = COURSES.parent
DOCUMENTS = [ROOT / "docs" / "authoring.md", COURSES / "README.md"]
SHOWN = [
    (page, fence)
    for page in DOCUMENTS
    for fence in fences(page)
    if fence.kind in ("file", "fragment") and fence.path.startswith("courses/")
]


@pytest.mark.parametrize(("page", "fence"), SHOWN, ids=[f"{page.name}:{fence.line}" for page, fence in SHOWN])
def test_a_piece_of_a_course_is_that_of_its_file(page, fence):
    path: Path = ROOT / fence.path

    assert is_fragment(fence.code, path.read_text()), f"{page.name}, line {fence.line}: it is no longer {fence.path}"


def test_documents_show_every_kind_of_file_that_a_project_holds():
    assert {Path(fence.path).name for _page, fence in SHOWN} >= {
        "projet.md",
        "projet.simple.md",
        "quiz.md",
        "equipe.md",
    }
