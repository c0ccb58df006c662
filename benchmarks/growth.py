"""What each page costs in networks of several sizes, in one run; and how PostgreSQL finds its rows in the last.

    python -m benchmarks.growth NAME=URL[@DATE] … [--today 2027-03-10] [--rounds 15] [--only TEXT] [--clock] [--write]

Each database was filled by `popschool demo --learners N --today DATE`, the smallest is named first; one whose days were
lived since then is looked at on a DATE of its own. Pages are found as people find them, by links from each role's home.
A page counts once, by its rule. Of each, the quickest of the rounds is kept, in milliseconds of the processor, the
program's and its database's together where that one is of this machine (--clock: of the clock): others work on the
machine. Beside it are its ratio to the bare page, in the same rounds, the bytes that leave and the most memory that the
page asked for, in kB. Growth is that of a page whose list is as long in the largest network as in the smallest, by its
HTML; beside it are the growth of the whole page and that of its HTML: a list of 25 lines costs more than one of three.
Prints a table, then one line of JSON; --only keeps the pages whose role and rule hold a text, or one of several;
--write writes every-page.md too.
"""

import argparse
import gzip
import json
import math
import os
import re
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.bare import create_bare_app
from popschool.web import paging

ROLES = {
    "learner": "apprenant01.val-{year}-1@example.org",
    "trainer": "equipe01.val@example.org",
    "school manager": "direction.val@example.org",
    "network manager": "reseau01@example.org",
    "author": "autrice01@example.org",
    "funder": "financeur01@example.org",
    "auditor": "auditrice01@example.org",
}
LINK = re.compile(r'href="(/[^"#]*)"')
DAY = re.compile(r"@(\d{4}-\d{2}-\d{2})$")
HEAD = """# Every page that a link leads to

Written by `python -m benchmarks.growth … --write`: each type of page that a role reaches from home in two links, in
networks of several sizes on PostgreSQL, without a server before it. × is the ratio to the bare page in the smallest
network, and ms are of the processor, the program's and PostgreSQL's together, the quickest of the rounds; kB are those
that leave, compressed; memory is the most that one page asks for. Growth is the time in the largest network divided by
that in the smallest, with as many lines of its list as there, by the HTML. "With all" is the growth with all that it
shows, 25 lines a page at most, and shown its HTML divided by the other's: where both grow there is more to read.

"""
MOST_PAGES, DEPTH, ROWS = 150, 2, 2_000
AS_FILE = ("export", "csv", "pdf", "xlsx", "ods", "zip", "calendar", "static", "sign_out", "download", "file", "image")


class Site:
    """One network: its application, and a browser for each role."""

    def __init__(self, name: str, url: str, folder: Path, day: date):
        from tests.conftest import make_app

        self.day = day
        self.open()
        self.name, self.app = name, make_app(folder, url, log="quiet")
        self.backends: set[int] = set()
        self.app.test_client_class = None
        self.people = {role: mail.format(year=day.year) for role, mail in ROLES.items()}
        self.clients = {role: client for role, mail in self.people.items() if (client := self._client(mail))}

    def _client(self, mail: str) -> Any:
        from sqlalchemy import select

        from popschool import clock
        from popschool.auth.guards import PROVED_AT
        from popschool.auth.models import Account
        from popschool.db import db
        from popschool.schools.models import Person

        with self.app.app_context():
            asked = select(Account).join(Person, Person.id == Account.person_id).where(Person.mail == mail)
            account = db.session.scalars(asked).first()
            if account is None:
                return None
            key = f"{account.person_id}:{account.session_token}"
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = key, True
            session["began"] = session[PROVED_AT] = int(clock.now().timestamp())
        return client

    def open(self) -> "Site":
        """Let it be the morning of its day."""
        from popschool import clock
        from popschool.portal import demo_plan

        clock.freeze(demo_plan.morning_of(self.day))
        return self

    def keep(self) -> None:
        """Count what is kept, as the job does every five minutes."""
        from popschool.reports.tasks import keep_figures

        self.open()
        with self.app.app_context():
            keep_figures()

    def pages(self, role: str) -> dict[str, str]:
        """Return an address for each rule that a role reaches from home by links."""
        client, found, seen = self.open().clients[role], {}, {"/"}
        ahead = ["/"]
        for _depth in range(DEPTH):
            following: list[str] = []
            for path in ahead:
                answer = client.get(path, follow_redirects=True)
                if answer.status_code != 200 or answer.mimetype != "text/html":
                    continue
                rule = answer.request.url_rule if hasattr(answer.request, "url_rule") else None
                name = self.rule_of(answer.request.path) if rule is None else rule.rule
                if name is not None:
                    found.setdefault(name, answer.request.full_path.rstrip("?"))
                for link in LINK.findall(answer.text):
                    link_rule = self.rule_of(link.split("?")[0])
                    if link_rule and link_rule not in seen and not any(word in link_rule for word in AS_FILE):
                        seen.add(link_rule)
                        following.append(link.replace("&amp;", "&"))
            ahead = following[: MOST_PAGES - len(found)]
        return found

    def rule_of(self, path: str) -> str | None:
        from werkzeug.exceptions import HTTPException

        try:
            return self.app.url_map.bind("localhost").match(path, method="GET", return_rule=True)[0].rule
        except HTTPException:
            return None

    @contextmanager
    def watched(self, hear: Any):
        """Hear every statement on its way to the database."""
        from sqlalchemy import event

        from popschool.db import db

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", hear)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", hear)


def plans(site: Site, client: Any, path: str) -> tuple[int, set[str], int]:
    """Return how many statements a page asks, the tables that PostgreSQL reads whole for it, and its status."""
    asked: list[str] = []
    whole: set[str] = set()
    site.open()

    def hear(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append(statement)
        if hasattr(cursor.connection, "pgconn"):
            site.backends.add(cursor.connection.info.backend_pid)
        if statement.startswith(("SELECT", "WITH")) and hasattr(cursor.connection, "pgconn"):
            with cursor.connection.cursor() as other:
                [plan] = other.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters).fetchone()
            whole.update(read_whole(plan[0]["Plan"]))

    with site.watched(hear):
        status = client.get(path).status_code
    return len(asked), whole, status


def read_whole(node: dict[str, Any]) -> set[str]:
    """Return the tables that a plan reads from one end to the other."""
    found = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" else set()
    for one in node.get("Plans", ()):
        found |= read_whole(one)
    return found


def timed(client: Any, path: str, backends: set[int] | None = None) -> float:
    """Return the milliseconds of a visit: the clock's, or the processor's when its database's processes are given."""
    began = _now(backends)
    client.get(path)
    return 1000 * (_now(backends) - began)


def _now(backends: set[int] | None) -> float:
    if backends is None:
        return time.perf_counter()
    return time.thread_time() + sum(map(_had, backends))


def _had(pid: int) -> float:
    """Return the seconds of the processor that another process had; 0 when it is not of this machine."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return 0.0


def weighed(client: Any, path: str) -> tuple[int, int, int]:
    """Return the compressed bytes of a page, the most kB that it held while it was made, and its bytes of HTML."""
    tracemalloc.start()
    answer = client.get(path)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return len(gzip.compress(answer.get_data(), 6)), most // 1000, len(answer.get_data())


def large_tables(site: Site) -> frozenset[str]:
    """Return the tables that have more rows than a page shows."""
    from sqlalchemy import text

    from popschool.db import db

    with site.app.app_context():
        if db.engine.dialect.name != "postgresql":
            return frozenset()
        asked = text("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples > :rows")
        return frozenset(db.session.scalars(asked, {"rows": ROWS}))


def figures(sites: list[Site], rounds: int, only: Sequence[str] = (), clock: bool = False) -> list[dict[str, Any]]:
    """Return what each page costs in each network."""
    found, large, bare = [], large_tables(sites[-1]), create_bare_app("sqlite://").test_client()
    for role in ROLES:
        if any(role not in site.clients for site in sites):
            continue
        reached = [site.pages(role) for site in sites]
        for rule in [one for one in reached[0] if all(one in pages for pages in reached)]:
            if only and not any(text in f"{role} {rule}" for text in only):
                continue
            visits = [Visit(site, role, pages[rule]) for site, pages in zip(sites, reached, strict=True)]
            line = {"role": role, "page": rule} | measured(visits, bare, rounds, large, clock)
            found.append(line)
            print(
                f"{role:16}{rule:52.52}{line['growth']:6} {line['longer']:6} {line['shown']:6} {line['ms']} "
                f"{line['sql']} {line['whole']}",
                flush=True,
            )
    return found


@dataclass(frozen=True)
class Visit:
    """A page of one network, as one role opens it."""

    site: Site
    role: str
    path: str

    @property
    def client(self) -> Any:
        return self.site.open().clients[self.role]


def measured(visits: list[Visit], bare: Any, rounds: int, large: frozenset[str], clock: bool) -> dict[str, Any]:
    """Return what a page costs in each network; and in the largest, with lists as long as in the smallest."""
    best, bare_best, same_best = [math.inf] * len(visits), math.inf, math.inf
    seen = [plans(one.site, one.client, one.path) for one in visits]
    smallest, largest = visits[0], visits[-1]
    size, memory, short = weighed(smallest.client, smallest.path)
    *_rest, long = weighed(largest.client, largest.path)
    lines = as_many_lines(largest, short)
    for _round in range(rounds):
        bare_best = min(bare_best, timed(bare, "/page", None if clock else set()))
        for place, one in enumerate(visits):
            best[place] = min(best[place], timed(one.client, one.path, None if clock else one.site.backends))
        with lists_of(lines):
            same = timed(largest.client, largest.path, None if clock else largest.site.backends)
            same_best = min(same_best, same)
    return {
        "ms": [round(one, 1) for one in best],
        "sql": [one for one, _, _ in seen],
        "ratio": round(best[0] / bare_best, 2),
        "bytes": size,
        "kilobytes": memory,
        "growth": round(same_best / best[0], 2),
        "longer": round(best[-1] / best[0], 2),
        "shown": round(long / short, 2),
        "lines": lines,
        "whole": sorted(seen[-1][1] & large),
        "failed": [one.site.name for one, (_, _, status) in zip(visits, seen, strict=True) if status >= 500],
    }


def as_many_lines(visit: Visit, wanted: int) -> int:
    """Return how many lines of its list bring a page nearest to some bytes of HTML; the most that do."""

    def away(lines: int) -> int:
        with lists_of(lines):
            return abs(len(visit.client.get(visit.path).get_data()) - wanted)

    return min(range(paging.LINES, 0, -1), key=away)


@contextmanager
def lists_of(lines: int):
    """Let every list have so many lines a page."""
    before = paging.LINES
    modules = [one for name, one in sys.modules.items() if name.startswith("popschool.") and "LINES" in vars(one)]
    for module in modules:
        module.LINES = lines
    try:
        yield
    finally:
        for module in modules:
            module.LINES = before


def written(sizes: list[str], pages: list[dict[str, Any]]) -> str:
    """Return the table of all pages, in Markdown, the ones that grow most first."""
    heads = ["role", "page", "×", *(f"ms, {size}" for size in sizes)]
    heads += ["growth", "with all", "shown", "statements", "kB", "memory, kB"]
    rows = [f"| {' | '.join(heads)} |", "| --- | --- |" + " ---: |" * (len(heads) - 2)]
    for page in sorted(pages, key=lambda page: -page["growth"]):
        cells = [page["role"], f"`{page['page']}`", page["ratio"], *page["ms"], page["growth"], page["longer"]]
        cells += [page["shown"], max(page["sql"]), round(page["bytes"] / 1000, 1), page["kilobytes"]]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return HEAD + "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("databases", nargs="+", metavar="NAME=URL")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2027, 3, 10))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", action="append", default=[], help="a text that the role and the rule of a page hold")
    parser.add_argument("--clock", action="store_true", help="milliseconds of the clock, on a machine at rest")
    parser.add_argument("--write", action="store_true", help="write every-page.md from it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sites = []
        for given in options.databases:
            name, _, url = given.partition("=")
            (Path(folder) / name).mkdir()
            day = DAY.search(url)
            sites.append(
                Site(name, DAY.sub("", url), Path(folder) / name, date.fromisoformat(day[1]) if day else options.today)
            )
        for site in sites:
            site.keep()
        pages = figures(sites, options.rounds, options.only, options.clock)
    said = {"sizes": [site.name for site in sites], "load": os.getloadavg()[0], "pages": pages}
    print(json.dumps(said), file=sys.stdout)
    if options.write:
        (Path(__file__).parent / "every-page.md").write_text(written(said["sizes"], pages))


if __name__ == "__main__":
    main()
