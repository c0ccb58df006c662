"""A crowd signs within ten seconds while the trainers' pages are open. Prints JSON.

    python -m benchmarks.crowd [--schools 1] [--people 24] [--seconds 10] [--workers 1] [--database URL] [--most 6]

Each person opens the link that they were sent and presses its button, at a moment of their own; each trainer's page is
asked for every second. A bare page answers beside them, so that a slow machine can be told from slow pages.

With `--most`, a crowd follows that has half as many schools again, and another, so many times at most: until one in
twenty waits for the receipt for more than two seconds. Of each it is said how many signed in a second, who had the
processor, and what the sessions of PostgreSQL waited for.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path

from benchmarks.meter import Meter, sessions_of
from benchmarks.pages import Visitor, free_port, served
from benchmarks.server import started

PASSWORD = "une phrase longue pour les essais"
GROWS = 1.5
A_THREAD = 0.0005  # seconds that it takes to make one, and there is one for each person
PATIENCE = 2  # seconds from the first page to the receipt, for nineteen in twenty
TOKEN = re.compile(rb'name="(csrf_token|key)"[^>]*value="([^"]*)"')


def seed(schools: int, people: int) -> list[dict]:
    """Fill an empty database with a room open now in each school; return its links and its trainer's session."""
    from datetime import timedelta

    from app import create_app
    from popschool import clock
    from popschool.attendance import services, signing_links
    from popschool.auth.models import Account
    from popschool.auth.passwords import make_hash
    from popschool.db import db
    from tests import factories

    with create_app().app_context():
        now, hashed = clock.now(), make_hash(PASSWORD)
        local = now.astimezone(clock.PARIS)
        rooms = []
        for _ in range(schools):
            first = local.date() - timedelta(days=30)
            cohort = factories.make_cohort(starts_on=first, ends_on=local.date() + timedelta(days=30))
            trainer = factories.make_trainer(cohort)
            db.session.get_one(Account, trainer.id).password_hash = hashed
            learners = [factories.make_learner(cohort) for _ in range(people)]
            hours = {"starts": local.time().replace(hour=0, minute=0), "ends": local.time().replace(hour=23, minute=59)}
            half_day = factories.make_half_day(cohort, trainer, on=local.date(), **hours)
            factories.save()
            services.open_half_day(half_day, trainer.id, now)
            links = [signing_links.path_of(half_day.id, person.id) for person in learners]
            rooms.append({"half_day": half_day.id, "links": links, "trainer": trainer.mail})
        return rooms


def recorded() -> dict[str, int]:
    """Return how many signatures there are, and how many people signed; one line of JSON for the parent."""
    from sqlalchemy import func, select

    from app import create_app
    from popschool.attendance.models import Entry
    from popschool.db import db

    with create_app().app_context():
        entries, people = db.session.execute(select(func.count(), func.count(Entry.person_id.distinct()))).one()
        return {"signatures": entries, "people": people}


def child(name: str, environ: dict[str, str], *arguments: str) -> dict | list:
    command = [sys.executable, "-m", "benchmarks.crowd", "--child", name, *arguments]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def sign(port: int, link: str, due: float, times: list[float], whole: list[float]) -> None:
    """Open a link when it is due, press its button, read the receipt: three pages, each timed, and the whole."""
    time.sleep(max(0.0, due - time.perf_counter()))
    visitor = Visitor(port)
    started = time.perf_counter()
    _status, page = visitor.get(link)
    times.append(time.perf_counter() - started)
    fields = {name.decode(): value.decode() for name, value in TOKEN.findall(page)}
    for ask in (lambda: visitor.post(link, fields), lambda: visitor.get(link)):
        started = time.perf_counter()
        status, _page = ask()
        times.append(time.perf_counter() - started)
        if status not in (200, 302, 303):
            raise SystemExit(f"{link} answered {status}")
    whole.append(time.perf_counter() - due)


def every_second(ask: Callable[[], None], phase: float, until: threading.Event, times: list[float]) -> None:
    until.wait(phase)
    while not until.wait(1):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schools", type=int, default=1)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=1, help="processes that serve; as many as cores on PostgreSQL")
    parser.add_argument(
        "--most", type=int, default=0, help="how many larger crowds follow, while they are kept up with"
    )
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder by default")
    parser.add_argument("--child", choices=["seed", "count"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(seed(given.schools, given.people) if given.child == "seed" else recorded()))
        return
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
        environ |= {"POPSCHOOL_DATA_DIR": folder, "POPSCHOOL_JOBS": "worker"}
        environ |= {"POPSCHOOL_DATABASE_URL": given.database} if given.database else {}
        subprocess.run([sys.executable, "-m", "popschool.cli", "migrate"], env=environ, check=True, capture_output=True)
        sizes = [round(given.schools * GROWS**turn) for turn in range(given.most + 1)]
        rooms = child("seed", environ, "--schools", str(sum(sizes)), "--people", str(given.people))
        port, bare_port = free_port(), free_port()
        bare = [sys.executable, "-m", "benchmarks.bare", f"sqlite:///{Path(folder) / 'bare.sqlite'}", str(bare_port)]
        stack.enter_context(served(bare, bare_port, environ, "/hello"))
        serve = [sys.executable, "-m", "popschool.cli", "serve", "--port", str(port), "--workers", str(given.workers)]
        web, _took = stack.enter_context(started(serve, port, environ, "/healthz"))
        crowds = list(growing(port, bare_port, web, rooms, sizes, given, environ))
        print(json.dumps(crowds[0] | ({"crowds": crowds} if given.most else {}), ensure_ascii=False, indent=1))


def growing(
    port: int,
    bare_port: int,
    web: int,
    rooms: list[dict],
    sizes: list[int],
    given: argparse.Namespace,
    environ: dict[str, str],
) -> Iterator[dict]:
    """Let crowds of so many schools sign one after the other, until one is not kept up with; count what each left."""
    before: dict[str, int] = {}
    for size in sizes:
        mine, rooms = rooms[:size], rooms[size:]
        found = {"schools": size} | crowd(port, bare_port, web, mine, given.seconds, given.database)
        counted = child("count", environ)
        found |= {name: number - before.get(name, 0) for name, number in counted.items()}
        before = counted
        if given.most:
            print(json.dumps(found, ensure_ascii=False), file=sys.stderr, flush=True)
        yield found
        if found["receipt_95_ms"] > PATIENCE * 1000:
            return


def crowd(port: int, bare_port: int, web: int, rooms: list[dict], seconds: float, database: str) -> dict:
    """Let everybody sign; return what the answers took, in milliseconds and as ratios to the bare page."""
    times: dict[str, list[float]] = {"signing": [], "trainer": [], "bare": []}
    over, chance = threading.Event(), random.Random(5)
    asked = [(partial(Visitor(bare_port).get, "/page"), times["bare"])]
    for room in rooms:
        trainer, page = Visitor(port), f"/half-days/{room['half_day']}"
        trainer.sign_in(room["trainer"], PASSWORD)
        asked.append((partial(trainer.get, page), times["trainer"]))
    watchers = [threading.Thread(target=every_second, args=(ask, chance.random(), over, into)) for ask, into in asked]
    links = [link for room in rooms for link in room["links"]]
    whole: list[float] = []
    began = time.perf_counter() + len(links) * A_THREAD
    people = [
        threading.Thread(target=sign, args=(port, link, began + chance.uniform(0, seconds), times["signing"], whole))
        for link in links
    ]
    with sessions_of(database) if database else nullcontext({}) as sessions:
        for thread in (*watchers, *people):
            thread.start()
        meter = Meter({"web": web, "people": os.getpid(), "database": sessions.pop("postmaster", 0)})
        for thread in people:
            thread.join()
        lasted, cores = time.perf_counter() - began, meter.cores()
    over.set()
    for thread in watchers:
        thread.join()
    usual = statistics.median(times["bare"])
    found: dict = {
        "asked": len(links),
        "answers": len(times["signing"]),
        "receipts": len(whole),
        "a_second": round(len(whole) / lasted, 1),
        "receipt_95_ms": round(statistics.quantiles(whole, n=20)[-1] * 1000),
        "bare_ms": round(usual * 1000, 1),
        "cores": cores,
        "sessions": sessions,
    }
    for name in ("signing", "trainer"):
        middle, slowest = statistics.median(times[name]), max(times[name])
        found[name] = {
            "median_ms": round(middle * 1000, 1),
            "slowest_ms": round(slowest * 1000, 1),
            "median_ratio": round(middle / usual, 1),
            "slowest_ratio": round(slowest / usual, 1),
        }
    return found


if __name__ == "__main__":
    main()
