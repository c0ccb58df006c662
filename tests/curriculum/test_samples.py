"""Every block of code in the courses is what it says: it runs, it is a file, it is what a program prints, it fails."""

from dataclasses import replace

import pytest

from tests.curriculum.fences import COURSES, KINDS, Fence, fences, is_fragment, looks_like, pages
from tests.curriculum.running import Ran, Tools, run, run_file

WITH_CODE = [page for page in pages() if fences(page)]


def name(page):
    return str(page.relative_to(COURSES))


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_block_of_code_says_how_it_is_checked(page):
    unmarked = [f"{fence}: « {fence.kind} »" for fence in fences(page) if fence.kind not in KINDS]

    assert unmarked == [], "write « <!-- code: … --> » above each, as docs/authoring.md says"


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_every_block_of_code_is_what_it_says(page, tools):
    before: Ran | None = None
    for number, fence in enumerate(fences(page)):
        folder = tools.folder / str(number)
        folder.mkdir()
        before = check(fence, replace(tools, folder=folder), before)


def check(fence: Fence, tools: Tools, before: Ran | None) -> Ran | None:
    """Check one block; return what the last program said."""
    if fence.kind == "file":
        assert fence.code == fence.named().read_text(), f"{fence}: it is no longer {fence.path}"
    elif fence.kind == "fragment":
        assert is_fragment(fence.code, fence.named().read_text()), f"{fence}: no such lines in {fence.path}"
    elif fence.kind == "output":
        before = run_file(fence, tools) if fence.path else before
        assert before, f"{fence}: nothing ran before"
        assert looks_like(before.said, fence.code), f"{fence}: it prints\n{before.said}"
    elif fence.kind == "faux":
        before = run(fence, tools)
        assert fence.said, f"{fence}: say after « faux » what the failure says"
        assert fence.said in before.said, f"{fence}: it says\n{before.said}"
    else:
        before = run(fence, tools)
        assert not before.failed, f"{fence}:\n{before.said}"
    return before
