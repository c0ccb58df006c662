"""Many pages read or rendered: here for a few, in two other processes for more. One that fails stops no other.

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
FEW, BATCH, PROCESSES = 50, 20, 2


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
        things = iter(things)
        first = list(islice(things, FEW + 1))
        if len(first) <= FEW:
            for thing in first:
                yield do(work, thing)
            return
        yield from self._apart(work, first, things)

    def _apart(self, work: str, first: list, things: Iterator) -> Iterator:
        self._pool = self._pool or ProcessPoolExecutor(PROCESSES, mp_context=_context())
        waiting = []
        batch = first
        while batch or waiting:
            while batch and len(waiting) < PROCESSES * 2:
                waiting.append(self._pool.submit(_work_through, work, batch[:BATCH]))
                batch = batch[BATCH:] or list(islice(things, BATCH))
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
