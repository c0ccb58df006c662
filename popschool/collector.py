"""When Python's collector looks for garbage: neither while the program loads, nor in what it loaded."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECT_AFTER = (10_000, 20, 20)


@contextmanager
def paused() -> Iterator[None]:
    """Load the program without looking through it again and again, nor once at the end: that is a third of the time.

    Some hundreds of objects in a quarter of a million are garbage by then, and stay.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def keep_what_is_loaded() -> None:
    """Tell the collector that the program itself is no garbage: looking through it again would be paid by requests."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
