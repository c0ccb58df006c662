"""A worker process for the tests, with tasks that write what they did to a file. Usage: job_probe LEASE_SECONDS"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from app import create_app
from popschool import jobs
from tests.processes import SECONDS

sys.modules["popschool.probe"] = sys.modules[__name__]


def note(path: str, text: str) -> None:
    """Append one line, whole, whoever else writes."""
    with Path(path).open("a", buffering=1) as file:
        file.write(f"{text} {os.getpid()}\n")


def meet(path: str, text: str) -> None:
    """Write a line, and wait until another process has written one."""
    note(path, text)
    latest = time.monotonic() + SECONDS
    while len({line.split()[1] for line in Path(path).read_text().splitlines()}) < 2:
        assert time.monotonic() < latest, "nobody else comes"
        time.sleep(0.02)


def hold(path: str, seconds: float) -> None:
    """Say that it began, take time, say that it ended."""
    note(path, "began")
    time.sleep(seconds)
    note(path, "ended")


def break_down() -> None:
    raise RuntimeError("it broke")


def main() -> None:
    app = create_app()
    with app.app_context():
        lease = timedelta(seconds=float(sys.argv[1]))
        jobs.work(until_idle=True, idle_seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 0.5, lease=lease)


if __name__ == "__main__":
    main()
