"""Many pages rendered: here for a few, in two other processes for more. One that fails stops no other."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext

from popschool.courses.front import body_of
from popschool.courses.limits import TooSlow, within
from popschool.courses.quiz_rendering import render_quiz
from popschool.markdown import Image, Rendered, Video, render

FEW, BATCH, PROCESSES = 50, 20, 2
LONGEST_SECONDS = 10
IMAGE_PARTS = 3


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
    """Does work here until there is much of it, then in two other processes. Close it after use."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: Callable, things: Iterable) -> Iterator:
        """Yield the answer of `work` for each thing, in order."""
        things = iter(things)
        first = list(islice(things, FEW + 1))
        if len(first) <= FEW:
            yield from map(work, first)
            return
        yield from self._apart(work, first, things)

    def _apart(self, work: Callable, first: list, things: Iterator) -> Iterator:
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


def render_job(job: Job) -> Done:
    """Render one page within its time."""

    def image(src: str) -> Image | Video | None:
        found = job.images.get(src)
        return None if not found else Image(*found) if len(found) == IMAGE_PARTS else Video(*found)

    try:
        with within(LONGEST_SECONDS):
            make = render_quiz if job.is_quiz else render
            return Done(job.hash, job.path, make(body_of(job.data), link=job.links.get, image=image))
    except TooSlow:
        return Done(job.hash, job.path, None, "Cette page prend trop de temps à préparer.")
    except (RecursionError, MemoryError):
        return Done(job.hash, job.path, None, "Cette page emboîte trop de choses les unes dans les autres.")
    except Exception as error:  # an author sees which page it was; the others are still read
        return Done(job.hash, job.path, None, f"Cette page ne peut pas être préparée ({type(error).__name__}).")


def _context() -> ForkServerContext:
    """Return what starts processes that share the libraries of rendering, and nothing of this one."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["popschool.courses.rendering"])
    return context


def _work_through(work: Callable, batch: list) -> list:
    return [work(thing) for thing in batch]
