"""The courses that ship with Popschool, read and rendered once for all the demonstrations that a process makes.

What a file says and what a page becomes follow from the text alone: tests/courses sees to that, and renders each time.
"""

import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest

from popschool.courses import build
from popschool.courses.workers import Workers

_answers: dict[bytes, bytes] = {}


class Remembering(Workers):
    """Does only the work that was not done before. An answer is a copy; a failure is tried again."""

    def run(self, work: str, things: Iterable) -> Iterator[Any]:
        asked = {sha256(pickle.dumps((work, one))).digest(): one for one in things}
        missing = [name for name in asked if name not in _answers]
        failed = {}
        for name, answer in zip(missing, super().run(work, [asked[name] for name in missing]), strict=True):
            if getattr(answer, "failure", ""):
                failed[name] = answer
            else:
                _answers[name] = pickle.dumps(answer)
        for name in asked:
            yield failed[name] if name in failed else pickle.loads(_answers[name])


@contextmanager
def remembered() -> Iterator[None]:
    """Let what is synchronised in the block use what was read and rendered before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "Workers", Remembering)
        yield
