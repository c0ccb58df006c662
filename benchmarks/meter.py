"""Who has the processor and the memory of the machine, and what PostgreSQL waits for."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
SESSIONS = """
SELECT CASE WHEN state LIKE 'idle in transaction%' THEN 'the program, between two statements'
            WHEN wait_event IS NULL THEN 'the processor'
            ELSE wait_event_type || ': ' || wait_event END, count(*)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
GROUP BY 1
"""


def family(pid: int) -> list[int]:
    """Return a process and all that it started."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [one for child in children.read_text().split() for one in family(int(child))]
    return found


def held(pids: list[int]) -> int:
    """Return what processes hold in memory, in kB, what they share counted in proportion.

    A child of the first one that has its command line is about to become git, and still stands in the very memory of
    the first: that is counted once.
    """
    total, first = 0, b""
    for pid in pids:
        with suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if command == first:
                continue
            first = first or command
            said = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += sum(int(line.split()[1]) for line in said.splitlines() if line.startswith("Pss:"))
    return total


def spent(pid: int) -> float:
    """Return the seconds of processor that a process has had, with those of the ended ones that it started."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS
    return 0.0


class Meter:
    """Who had the processor between two moments: seconds of each kind of process, and of the whole machine."""

    def __init__(self, pids: dict[str, int]):
        self.pids, self.before = pids, self._now(pids)
        self.began = time.monotonic()

    def _now(self, pids: dict[str, int]) -> dict[str, float]:
        families = {name: set(family(pid)) for name, pid in pids.items() if pid}
        for name, mine in families.items():  # whoever started one of the others does not answer for it
            mine.difference_update(*(one for other, one in families.items() if other != name and pids[other] in mine))
        found = {name: sum(map(spent, mine)) for name, mine in families.items()}
        fields = [int(one) for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        return found | {"machine": (sum(fields[:8]) - fields[3] - fields[4]) / TICKS}

    def cores(self) -> dict[str, float]:
        """Return how many cores each had, on the average; `others` are what else ran on the machine."""
        lasted = time.monotonic() - self.began
        had = {name: (now - self.before[name]) / lasted for name, now in self._now(self.pids).items()}
        ours = sum(one for name, one in had.items() if name != "machine")
        return {name: round(one, 2) for name, one in (had | {"others": max(0.0, had["machine"] - ours)}).items()}


def postmaster_of(backend: int) -> int:
    """Return the process that started a connection's; 0 when it is of another machine, or not ours to see."""
    with suppress(OSError):
        name, _, rest = Path(f"/proc/{backend}/stat").read_text().rpartition(")")
        if "postgres" in name:
            return int(rest.split()[1])
    return 0


@contextmanager
def sessions_of(address: str, every: float = 0.1) -> Iterator[dict[str, Any]]:
    """Look at a PostgreSQL database; say its postmaster, and at the end what its sessions had, or waited for.

    Numbers are those of sessions, on the average. Raises psycopg.Error when the database cannot be looked at.
    """
    import psycopg
    from sqlalchemy import make_url

    seen: Counter[str] = Counter()
    looks, over = 0, threading.Event()
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        found: dict[str, Any] = {"postmaster": postmaster_of(connection.info.backend_pid)}

        def look() -> None:
            nonlocal looks
            while not over.wait(every):
                seen.update(dict(connection.execute(SESSIONS).fetchall()))
                looks += 1

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield found
        finally:
            over.set()
            watcher.join()
            found |= {what: round(times / max(looks, 1), 2) for what, times in seen.most_common()}
