"""Threads of a server share two heaps, whatever they ask for."""

import platform
import subprocess
import sys

import pytest

ASKING = """
import ctypes, sys, threading
from popschool import heaps
if sys.argv[1] == "shared":
    heaps.share()
at_once, free = threading.Barrier(8), ctypes.CDLL(None)
free.malloc.restype, free.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
def ask():
    at_once.wait()
    for _ in range(200):
        free.malloc(1000)
    at_once.wait()
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
free.fopen.restype = ctypes.c_void_p
free.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
out = ctypes.c_void_p.in_dll(free, "stdout")
free.malloc_info(0, out)
free.fflush(None)
"""


def heaps_of(how: str) -> int:
    said = subprocess.run([sys.executable, "-c", ASKING, how], capture_output=True, text=True, check=True).stdout
    return said.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no heap for each thread")
def test_threads_share_two_heaps():
    assert heaps_of("shared") == 2 < heaps_of("apart")
