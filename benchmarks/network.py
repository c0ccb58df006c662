"""Time each type of page in Chromium over a bad network on an old phone, cold and warm, beside its budgets.

Usage: python -m benchmarks.network [--rounds 3] [--markdown]. Prints a table, then one line of JSON: first paint and
load in milliseconds (medians), requests and bytes that travelled, bytes of the HTML, gzip level 6. `--markdown` prints
the table of docs/inclusion.md instead. Exits 1 when a budget is exceeded.
"""

import argparse
import gzip
import json
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.pages import Visitor, first_link, free_port, half_day_of, seed, served

# 50 kB/s down, 20 kB/s up, 400 ms, and a processor six times slower.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
SLOWER = 6
PAINT_COLD, PAINT_WARM, LOAD_COLD = 1800, 1200, 2500
REQUESTS_COLD, REQUESTS_WARM = 4, 1
PHONE = {"width": 360, "height": 740}
TIMES = """() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const [page] = performance.getEntriesByType('navigation');
  return {paint: paint ? paint.startTime : null, load: page.loadEventEnd};
}"""


@dataclass(frozen=True)
class Visit:
    """A type of page: who opens it, where, and the most that its HTML may weigh, gzip level 6."""

    kind: str
    role: str
    path: str
    most: int


@dataclass(frozen=True)
class Loaded:
    """One load: milliseconds to the first paint and to the end, requests, bytes with their headers."""

    paint: float
    load: float
    requests: int
    travelled: int


@dataclass(frozen=True)
class Line:
    """What a type of page costs."""

    page: str
    html_bytes: int
    html_budget: int
    cold_bytes: int
    warm_bytes: int
    cold_requests: int
    warm_requests: int
    cold_paint_ms: int
    warm_paint_ms: int
    cold_load_ms: int
    warm_load_ms: int

    @property
    def broken(self) -> list[str]:
        """Return the budgets that this page exceeds."""
        measured = {
            "HTML": (self.html_bytes, self.html_budget),
            "first paint, cold": (self.cold_paint_ms, PAINT_COLD),
            "first paint, warm": (self.warm_paint_ms, PAINT_WARM),
            "load, cold": (self.cold_load_ms, LOAD_COLD),
            "requests, cold": (self.cold_requests, REQUESTS_COLD),
            "requests, warm": (self.warm_requests, REQUESTS_WARM),
        }
        return [name for name, (value, most) in measured.items() if value > most]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environ, accounts = seed(Path(folder), "")
        port = free_port()
        command = [sys.executable, "-m", "popschool.cli", "serve", "--port", str(port)]
        stack.enter_context(served(command, port, environ, "/healthz"))
        visitors = {role: _signed_in(port, accounts, role) for role in ("learner", "trainer", "school manager")}
        visits = list(_visits(visitors))
        browser = stack.enter_context(_browser())
        # The demonstration as a warm server has it: what is timed is the network and the phone.
        lines = [_measure(browser, port, visitors, one, options.rounds) for one in visits]
    print(_markdown(lines) if options.markdown else _table(lines))
    if not options.markdown:
        print(json.dumps([asdict(line) | {"broken": line.broken} for line in lines]))
    sys.exit(any(line.broken for line in lines))


def _signed_in(port: int, accounts: list[dict], role: str) -> Visitor:
    account = next(one for one in accounts if one["role"] == role)
    visitor = Visitor(port)
    visitor.sign_in(account["email"], account["password"])
    return visitor


def _visits(visitors: dict[str, Visitor]) -> Iterator[Visit]:
    """Find one page of each type, by the links that lead to it."""
    learner, trainer, manager = visitors["learner"], visitors["trainer"], visitors["school manager"]
    project = first_link(learner.get("/projects")[1], r"/assignments/\d+")
    deliverable = first_link(learner.get(project)[1], r"/deliverables/\d+/submit")
    presence = trainer.get("/attendance")[1]
    half_day = half_day_of(learner, presence)
    cohort = first_link(trainer.get("/cohorts")[1], r"/cohorts/\d+")
    week = first_link(presence, rf"{cohort}/weeks/[\d-]+")
    correction = first_link(trainer.get("/queue")[1], r"/submissions/\d+/answer")
    review = _review(learner)
    school = manager.location if manager.get("/")[0] in (302, 303) else "/"
    yield Visit("sign-in", "", "/sign-in", 4_000)
    yield Visit("help", "", "/help", 5_000)
    yield Visit("site map", "learner", "/site-map", 5_000)
    yield Visit("learner home", "learner", "/today", 8_000)
    yield Visit("signature", "learner", f"{half_day}/sign", 5_000)
    yield Visit("project page", "learner", project, 12_000)
    yield Visit("hand in, one step", "learner", deliverable, 6_000)
    if review:
        yield Visit("peer review, one step", "learner", review, 10_000)
    yield Visit("learner's competences", "learner", "/competences", 20_000)
    yield Visit("correction queue", "trainer", "/queue", 14_000)
    yield Visit("one correction", "trainer", correction, 14_000)
    yield Visit("cohort sheet, one week", "trainer", week, 25_000)
    yield Visit("half-day", "trainer", half_day, 20_000)
    yield Visit("cohort board", "trainer", f"{cohort}/board", 25_000)
    yield Visit("cohorts", "trainer", "/cohorts", 20_000)
    yield Visit("people", "school manager", "/people", 20_000)
    yield Visit("school", "school manager", school, 18_000)


def _review(learner: Visitor) -> str:
    """Open the next work to review, and return the page of its first criterion; nothing when no round is under way."""
    page = learner.get("/reviews")[1].decode()
    goal, token = (
        re.search(r'action="(/rounds/\d+/next)', page),
        re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page),
    )
    if goal and token and learner.post(goal[1], {"csrf_token": token[1]})[0] in (302, 303):
        return f"{learner.location.partition('#')[0]}/criteria/1"
    begun = re.search(r'href="(/reviews/[\w-]+)"', page)
    return f"{begun[1]}/criteria/1" if begun else ""


@contextmanager
def _browser() -> Iterator[Browser]:
    path = next(filter(None, map(which, ("chromium-headless-shell", "chromium"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def _measure(browser: Browser, port: int, visitors: dict[str, Visitor], visit: Visit, rounds: int) -> Line:
    base = f"http://127.0.0.1:{port}"
    visitor = visitors.get(visit.role) or Visitor(port)
    status, html = visitor.get(visit.path)
    if status != 200:
        raise SystemExit(f"{visit.path} answered {status}")
    cold, warm = [], []
    for _round in range(rounds):
        # The service worker keeps pages for later on its own time: here is the page and nothing else.
        context = browser.new_context(viewport=PHONE, is_mobile=True, locale="fr-FR", service_workers="block")
        cookies = [{"name": name, "value": value, "url": base} for name, value in visitor.cookies.items()]
        context.add_cookies(cookies)
        cold.append(_load(context, base + visit.path))
        warm.append(_load(context, base + visit.path))
        context.close()
    return Line(
        visit.kind, len(gzip.compress(html, 6, mtime=0)), visit.most,
        _median(cold, "travelled"), _median(warm, "travelled"), _median(cold, "requests"), _median(warm, "requests"),
        _median(cold, "paint"), _median(warm, "paint"), _median(cold, "load"), _median(warm, "load"),
    )  # fmt: skip


def _median(loads: list[Loaded], name: str) -> int:
    return round(statistics.median(getattr(one, name) for one in loads))


def _load(context: BrowserContext, url: str) -> Loaded:
    """Open a page in a new tab of a slow phone; what the browser has kept of an earlier one is not asked for again."""
    page: Page = context.new_page()
    session = context.new_cdp_session(page)
    travelled: list[int] = []
    kept: set[str] = set()
    session.on("Network.requestServedFromCache", lambda told: kept.add(told["requestId"]))
    session.on("Network.loadingFinished", lambda told: _count(told, kept, travelled))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="load", timeout=60_000)
    for sign in ("getEntriesByType('navigation')[0].loadEventEnd", "getEntriesByName('first-contentful-paint').length"):
        while not page.evaluate(f"performance.{sign} > 0"):  # the policy of the site lets a page wait for no text
            page.wait_for_timeout(20)
    times = page.evaluate(TIMES)
    page.close()
    return Loaded(times["paint"], times["load"], len(travelled), sum(travelled))


def _count(told: dict[str, Any], kept: set[str], travelled: list[int]) -> None:
    if told["requestId"] not in kept and told["encodedDataLength"] > 0:
        travelled.append(int(told["encodedDataLength"]))


def _table(lines: list[Line]) -> str:
    heads = ("HTML", "most", "cold B", "warm B", "cold req", "warm req", "cold paint", "warm paint", "cold load")
    said = [f"{'page':24}" + "".join(f"{head:>11}" for head in heads)]
    for one in lines:
        figures = (
            one.html_bytes, one.html_budget, one.cold_bytes, one.warm_bytes, one.cold_requests, one.warm_requests,
            one.cold_paint_ms, one.warm_paint_ms, one.cold_load_ms,
        )  # fmt: skip
        said.append(f"{one.page:24}" + "".join(f"{figure:>11}" for figure in figures) + f"  {', '.join(one.broken)}")
    return "\n".join(said)


def _markdown(lines: list[Line]) -> str:
    heads = (
        "page", "HTML, bytes (budget)", "cold: bytes, requests", "warm: bytes, requests", "first paint: cold, warm",
        "load, cold",
    )  # fmt: skip
    said = [f"| {' | '.join(heads)} |", "| --- |" + " ---: |" * (len(heads) - 1)]
    for one in lines:
        cells = (
            one.page,
            f"{one.html_bytes:,} ({one.html_budget:,})",
            f"{one.cold_bytes:,}, {one.cold_requests}",
            f"{one.warm_bytes:,}, {one.warm_requests}",
            f"{one.cold_paint_ms / 1000:.2f} s, {one.warm_paint_ms / 1000:.2f} s",
            f"{one.cold_load_ms / 1000:.2f} s",
        )
        said.append(f"| {' | '.join(cells)} |")
    return "\n".join(said)


if __name__ == "__main__":
    main()
