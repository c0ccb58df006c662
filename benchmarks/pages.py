"""Time Popschool's main pages against the bare page, in turn, in one run; with SQL statements and bytes.

Usage: python -m benchmarks.pages [--database URL] [--rounds 30] [--blocks 5]. Prints a table, then one line of JSON.
"""

import argparse
import gzip
import http.client
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from popschool.portal.demo_plan import morning_of

DAY = date(2027, 3, 11)  # a Thursday: a page shows the same people and half-days whenever it is measured
TARGETS = {
    "learner home": 1.5,
    "learner project page": 1.5,
    "trainer queue": 2,
    "trainer correction": 2,
    "cohort board": 6,
    "learner signing": 1.5,
    "trainer half-day": 2,
    "week grid": 2,
    "month statement": 2,
}


class Visitor:
    """One keep-alive client with its cookies, that accepts gzip as a browser does."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, bytes]:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        return self._ask("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def timed(self, path: str) -> float:
        start = time.perf_counter()
        status, _ = self.get(path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        return time.perf_counter() - start

    def _ask(self, method: str, path: str, body: str | None = None, more: dict | None = None) -> tuple[int, bytes]:
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "fr"} | (more or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            response = self._answer(method, path, body, headers)
        except ConnectionError:  # a server ends connections that wait for long: a browser opens another, and asks again
            self.connection.close()
            response = self._answer(method, path, body, headers)
        content = response.read()
        for header, value in response.getheaders():
            if header.lower() == "set-cookie":
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.split(";")[0]
            if header.lower() == "location":
                self.location = value
        if response.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return response.status, content

    def _answer(self, method: str, path: str, body: str | None, headers: dict) -> http.client.HTTPResponse:
        self.connection.request(method, path, body, headers)
        return self.connection.getresponse()

    def sign_in(self, address: str, password: str) -> None:
        _, page = self.get("/sign-in/password")
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
        fields = {"csrf_token": token.group(1).decode() if token else "", "handle": address, "password": password}
        status, _ = self.post("/sign-in/password", fields)
        if status not in (302, 303):
            raise SystemExit(f"signing in as {address} answered {status}")


@contextmanager
def served(command: list[str], port: int, environ: dict[str, str], path: str):
    """Start a server and wait until it answers."""
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                connection.getresponse().read()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise SystemExit(f"{command} does not answer") from None
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def ratio(visitor: Visitor, path: str, bare: Visitor, rounds: int, blocks: int) -> tuple[float, float]:
    """Return the median over blocks of the median ratio of pairs, and the page's own median in seconds."""
    medians, times = [], []
    for _ in range(blocks):
        for _ in range(3):
            bare.timed("/page")
            visitor.timed(path)
        pairs = [(bare.timed("/page"), visitor.timed(path)) for _ in range(rounds)]
        medians.append(statistics.median(ours / theirs for theirs, ours in pairs))
        times.extend(ours for _, ours in pairs)
    return statistics.median(medians), statistics.median(times)


def count_statements(environ: dict[str, str], visits: list[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
    """Return statements and gzipped bytes per page, counted inside a process of their own."""
    script = "import json,sys; from benchmarks.statements import count; print(json.dumps(count(json.load(sys.stdin))))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(visits),
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: tuple(figures) for name, figures in json.loads(done.stdout.splitlines()[-1]).items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--blocks", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environ, accounts = seed(Path(folder), options.database)
        port, bare_port = free_port(), free_port()
        bare_url = options.database or f"sqlite:///{folder}/bare.sqlite"
        stack.enter_context(
            served([sys.executable, "-m", "benchmarks.bare", bare_url, str(bare_port)], bare_port, environ, "/hello")
        )
        command = [sys.executable, "-m", "popschool.cli", "serve", "--port", str(port)]
        stack.enter_context(served(command, port, environ, "/healthz"))
        visits = pages_to_visit(port, accounts)
        statements = count_statements(environ, [(name, address, path) for name, (address, _, path) in visits.items()])
        results = []
        print(f"{'page':24}{'ratio':>8}{'target':>8}{'ms':>8}{'SQL':>6}{'gzip bytes':>12}")
        for name, (_, visitor, path) in visits.items():
            measured, seconds = ratio(visitor, path, Visitor(bare_port), options.rounds, options.blocks)
            sql, size = statements[name]
            results.append(
                {"page": name, "ratio": round(measured, 2), "target": TARGETS[name], "sql": sql, "bytes": size}
            )
            print(f"{name:24}{measured:8.2f}{TARGETS[name]:8}{seconds * 1000:8.2f}{sql:6}{size:12}")
        print(json.dumps(results))


def seed(folder: Path, database: str) -> tuple[dict[str, str], list[dict]]:
    """Make the demo network of `DAY` in a folder; return the environment that serves that morning, and its accounts."""
    import os

    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    environ |= {"POPSCHOOL_DATA_DIR": str(folder / "data"), "POPSCHOOL_JOBS": "worker"}
    environ["POPSCHOOL_NOW"] = morning_of(DAY).isoformat()
    if database:
        environ["POPSCHOOL_DATABASE_URL"] = database
    run = [sys.executable, "-m", "popschool.cli"]
    subprocess.run([*run, "migrate"], env=environ, check=True, capture_output=True)
    made = subprocess.run([*run, "demo", "--json"], env=environ, check=True, capture_output=True, text=True)
    return environ, json.loads(made.stdout)


def pages_to_visit(port: int, accounts: list[dict]) -> dict[str, tuple[str, Visitor, str]]:
    """Sign in as a learner and as a trainer, and find their pages by following their links."""
    learner_account = next(account for account in accounts if account["role"] == "learner")
    trainer_account = next(account for account in accounts if account["role"] == "trainer")
    learner, trainer = Visitor(port), Visitor(port)
    learner.sign_in(learner_account["email"], learner_account["password"])
    trainer.sign_in(trainer_account["email"], trainer_account["password"])
    project = first_link(learner.get("/projects")[1], r"/assignments/\d+")
    correction = first_link(trainer.get("/queue")[1], r"/submissions/\d+/answer")
    cohort = first_link(trainer.get("/cohorts")[1], r"/cohorts/\d+")
    presence = trainer.get("/attendance")[1]
    half_day = half_day_of(learner, presence)
    week = first_link(presence, rf"{cohort}/weeks/[\d-]+")
    return {
        "learner home": (learner_account["email"], learner, "/today"),
        "learner project page": (learner_account["email"], learner, project),
        "trainer queue": (trainer_account["email"], trainer, "/queue"),
        "trainer correction": (trainer_account["email"], trainer, correction),
        "cohort board": (trainer_account["email"], trainer, f"{cohort}/board"),
        "learner signing": (learner_account["email"], learner, f"{half_day}/sign"),
        "trainer half-day": (trainer_account["email"], trainer, half_day),
        "week grid": (trainer_account["email"], trainer, week),
        "month statement": (trainer_account["email"], trainer, f"{cohort}/months"),
    }


def half_day_of(learner: Visitor, presence: bytes) -> str:
    """Return the first half-day that a trainer's page leads to and that a learner signs."""
    for path in re.findall(r'href="(/half-days/\d+)"', presence.decode()):
        if learner.get(f"{path}/sign")[0] == 200:
            return path
    raise SystemExit("the trainer's page leads to no half-day of the learner")


def first_link(page: bytes, pattern: str) -> str:
    found = re.search(f'href="({pattern})"', page.decode())
    if not found:
        raise SystemExit(f"no link like {pattern} on the page")
    return found.group(1)


if __name__ == "__main__":
    main()
