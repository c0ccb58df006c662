"""How many heaps the C library keeps for the threads of a server."""

import ctypes

MOST = 2
ARENA_MAX = -8  # M_ARENA_MAX of <malloc.h>


def share() -> None:
    """Let threads share two heaps. Call before they start.

    The GNU library gives each thread a heap of its own, where what a page needed stays when it is over: a fifth of what
    a busy server held. Threads of Python wait for each other anyway. Other libraries have no such heaps.
    """
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(ARENA_MAX, MOST)
