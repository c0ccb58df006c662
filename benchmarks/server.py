"""What a server takes to start and to hold, and how many pages it gives, beside a bare one. Prints JSON.

    python -m benchmarks.server [--workers 1] [--starts 7] [--requests 10000] [--database URL]

Starts are taken in turn, ours and the bare one's, each to its first page. Memory is the proportional share (PSS) of the
server and of all that it started, the child that does jobs included, which is called whenever it has ended. Eight
people, each with a session, ask for the learner's project page; before and after, as many ask the bare Flask
application for its page as often. Both have as many processes and threads, and the libraries of production alone.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.meter import family, held, spent
from benchmarks.pages import Visitor, first_link, free_port, seed
from benchmarks.production import production_python

PEOPLE, SETTLED, TURNS = 8, 3, 10
ASKED = {"start": 1.5, "idle_mb": 120, "busy_mb": 250, "throughput": 0.6, "growth": 1.05}
USUAL = ("/today", "/projects", "/attendance")


@contextmanager
def started(command: list[str], port: int, environ: dict[str, str], path: str) -> Iterator[tuple[int, dict]]:
    """Start a server; give its number and what its first page took: seconds of the clock, of all its processes."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(port, path):
            if process.poll() is not None or time.perf_counter() - begun > 120:
                raise SystemExit(f"{command} does not answer")
            time.sleep(0.005)
        took = {"seconds": time.perf_counter() - begun, "processor": sum(map(spent, family(process.pid)))}
        yield process.pid, took
    finally:
        process.terminate()
        process.wait(30)


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    finally:
        connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return True


def in_a_second(visitors: list[Visitor], path: str, requests: int) -> float:
    """Return how many pages a second are given to people who ask at the same time, one page after the other each."""
    each = requests // len(visitors)
    threads = [threading.Thread(target=lambda one=one: [one.timed(path) for _ in range(each)]) for one in visitors]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * len(visitors) / (time.perf_counter() - begun)


def figures(folder: Path, options: argparse.Namespace) -> dict:
    python = production_python(folder)
    environ, accounts = seed(folder, options.database)
    bare_url = options.database or f"sqlite:///{folder}/bare.sqlite"
    port, bare_port = free_port(), free_port()
    workers = str(options.workers)
    ours = [python, "-m", "popschool.cli", "serve", "--port", str(port), "--workers", workers]
    bare = [python, "-m", "benchmarks.bare", bare_url, str(bare_port), workers]
    return {
        "workers": options.workers,
        "asked": ASKED,
        "start": starts(ours, bare, (port, bare_port), environ, options.starts),
        "memory": memory(ours, port, environ, accounts, options.requests),
        "throughput": throughput((ours, bare), (port, bare_port), environ, accounts, options.requests // 5),
    }


def starts(ours: list[str], bare: list[str], ports: tuple[int, int], environ: dict[str, str], rounds: int) -> dict:
    """Start both in turn; ratios are medians of pairs. `whole` is until a page that waits for everything is given."""
    pairs, wholes = [], []
    for _ in range(rounds):
        with started(bare, ports[1], environ, "/page") as (_pid, theirs):
            pass
        with started(ours, ports[0], environ, "/sign-in") as (_pid, mine):
            pass
        with started(ours, ports[0], environ, "/help") as (_pid, all_of_it):
            pass
        pairs.append((mine, theirs))
        wholes.append(all_of_it["seconds"] / theirs["seconds"])
    found = {name: statistics.median(mine[name] / theirs[name] for mine, theirs in pairs) for name in pairs[0][0]}
    return {
        "ratio": round(found["seconds"], 2),
        "ratio_of_whole": round(statistics.median(wholes), 2),
        "ratio_of_processor": round(found["processor"], 2),
        "processor_seconds": round(statistics.median(mine["processor"] for mine, _ in pairs), 2),
    }


def memory(command: list[str], port: int, environ: dict[str, str], accounts: list[dict], requests: int) -> dict:
    """Hold what an idle server takes, then a busy one: the most while pages are given, then what stays."""
    environ = environ | {"POPSCHOOL_JOBS": "inside"}
    with started(command, port, environ, "/sign-in") as (pid, _took):
        time.sleep(SETTLED)
        while len(family(pid)) > len(family_without_jobs(pid)):  # the child that does jobs ends when there are none
            time.sleep(0.5)
        idle = held(family(pid))
        visitors = [signed_in(port, account) for account in learners(accounts)]
        pages = [*USUAL, project_of(visitors[0])]
        peaks: list[int] = []
        with watched(pid, peaks, Path(environ["POPSCHOOL_DATA_DIR"]) / "jobs.wake"):
            for path in pages:
                in_a_second(visitors, path, requests // 20)
            settled = held(family_without_jobs(pid))
            for path in pages:
                in_a_second(visitors, path, requests // len(pages))
        end = held(family_without_jobs(pid))
    return {
        "idle_mb": round(idle / 1000),
        "busy_mb": round(max(peaks) / 1000),
        "growth": round(end / settled, 3),
        "requests": requests,
    }


def family_without_jobs(pid: int) -> list[int]:
    def does_jobs(one: int) -> bool:
        with suppress(OSError):
            return b"worker" in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
        return True

    return [one for one in family(pid) if not does_jobs(one)]


@contextmanager
def watched(pid: int, peaks: list[int], pipe: Path) -> Iterator[None]:
    """Note what all processes hold, and call the child that does jobs whenever it is not there."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            everybody = family(pid)
            peaks.append(held(everybody))
            if everybody == family_without_jobs(pid):
                call(pipe)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def call(pipe: Path) -> None:
    with suppress(OSError):
        end = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(end, b"1")
        finally:
            os.close(end)


def throughput(
    commands: tuple[list[str], list[str]],
    ports: tuple[int, int],
    environ: dict[str, str],
    accounts: list[dict],
    requests: int,
) -> dict:
    """Give pages to eight people at a time, in turn with the bare page; the middle of the ratios is kept."""
    ours, bare = commands
    with started(ours, ports[0], environ, "/sign-in"), started(bare, ports[1], environ, "/page"):
        visitors = [signed_in(ports[0], account) for account in learners(accounts)]
        others = [Visitor(ports[1]) for _ in visitors]
        path = project_of(visitors[0])
        for warm, page in ((others, "/page"), (visitors, path)):
            in_a_second(warm, page, requests // 5)
        pairs = [
            (in_a_second(others, "/page", requests // TURNS), in_a_second(visitors, path, requests // TURNS))
            for _ in range(TURNS)
        ]
    return {
        "pages_a_second": round(statistics.median(mine for _, mine in pairs)),
        "bare_a_second": round(statistics.median(theirs for theirs, _ in pairs)),
        "ratio": round(statistics.median(mine / theirs for theirs, mine in pairs), 2),
    }


def learners(accounts: list[dict]) -> list[dict]:
    """Return the accounts of eight learners of the first one's cohort: they have the same projects."""
    found = [account for account in accounts if account["role"] == "learner"]
    cohort = found[0]["email"].split(".", 1)[1]
    return [account for account in found if account["email"].endswith(cohort)][:PEOPLE]


def signed_in(port: int, account: dict) -> Visitor:
    visitor = Visitor(port)
    visitor.sign_in(account["email"], account["password"])
    return visitor


def project_of(visitor: Visitor) -> str:
    return first_link(visitor.get("/projects")[1], r"/assignments/\d+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder by default")
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(figures(Path(folder), parser.parse_args()), indent=1))


if __name__ == "__main__":
    main()
