"""A limit on how long one page may take."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TooSlow(Exception):
    """A page took longer than any page should."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooSlow after some seconds of work: what a busy machine makes a page wait is not its fault.

    Only a main thread can be woken; elsewhere nothing is measured.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def wake(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, wake)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
