"""When Python's collector looks for garbage: neither while the program loads, nor in what it loaded."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = (10_000, 20, 20)


@contextmanager
def paused() -> Iterator[None]:
    """Load the program without looking through it again and again: that is a quarter of the time that it takes."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def keep_what_is_loaded() -> None:
    """Tell the collector that the program itself is no garbage: looking through it again would be paid by requests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
