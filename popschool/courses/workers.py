"""Pages read and rendered, images made light: a few here, more in two other processes. One that fails stops no other.

Work is named, "module:function", so that what it needs of Markdown and YAML is loaded where it is done, not elsewhere.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pkgutil import resolve_name
from typing import Any

from popschool.markdown_page import Rendered

READ, RENDER = "popschool.courses.documents:read_job", "popschool.courses.rendering:render_job"
ENCODE = "popschool.courses.images:encode_job"
PROCESSES = 2
# How many are done here, and how many go to a process at a time: an image takes as long as twenty pages.
FEW, BATCH = {ENCODE: 4}, {ENCODE: 2}
FEW_PAGES, BATCH_OF_PAGES = 50, 20


@dataclass(frozen=True)
class Text:
    """One file to read for what it says of itself and of others."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Job:
    """One page to render: its text, what its addresses stand for, and whether it is a quiz."""

    hash: str
    path: str
    data: bytes
    links: dict[str, str]
    images: dict[str, tuple] = field(default_factory=dict)
    is_quiz: bool = False


@dataclass(frozen=True)
class Done:
    """A page rendered, or why it could not be."""

    hash: str
    path: str
    rendered: Rendered | None
    failure: str = ""


class Workers:
    """Does work here until there is much of it, then in two other processes, which leave when it is closed."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: str, things: Iterable) -> Iterator:
        """Yield the answer of `work` for each thing, in order."""
        things, few = iter(things), FEW.get(work, FEW_PAGES)
        first = list(islice(things, few + 1))
        if len(first) <= few:
            for thing in first:
                yield do(work, thing)
            return
        yield from self._apart(work, first, things)

    def _apart(self, work: str, first: list, things: Iterator) -> Iterator:
        self._pool = self._pool or ProcessPoolExecutor(PROCESSES, mp_context=_context())
        waiting = []
        batch, many = first, BATCH.get(work, BATCH_OF_PAGES)
        while batch or waiting:
            while batch and len(waiting) < PROCESSES * 2:
                waiting.append(self._pool.submit(_work_through, work, batch[:many]))
                batch = batch[many:] or list(islice(things, many))
            yield from waiting.pop(0).result()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def do(work: str, thing: Any) -> Any:
    """Do one piece of work in this process."""
    return resolve_name(work)(thing)


def _context() -> ForkServerContext:
    """Return what starts processes that share the libraries of Markdown, and nothing of this one.

    What reading needs besides is loaded by those that read, and goes with them.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([RENDER.partition(":")[0], "popschool.courses.settled"])
    return context


def _work_through(work: str, batch: list) -> list:
    return [do(work, thing) for thing in batch]
