"""What PostgreSQL takes to plan the statements of busy pages, and locks for them, as large tables get more parts.

    python -m benchmarks.parts URL [--today 2027-03-10] [--parts 3 12 120]

URL is a copy of a database that `popschool demo` filled: empty parts are added to it, and stay. Of each page, found by
links as in `growth`: the milliseconds of planning, all its statements together and each at its quickest; the most
tables and indexes that one of them locks; and the milliseconds of the processor of the whole page, on a connection that
keeps its plans. Prints a table, then one line of JSON.
"""

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.growth import Site, timed

PAGES = (
    ("learner", "/today"),
    ("learner", "/assignments/<int:assignment_id>"),
    ("learner", "/presence"),
    ("trainer", "/attendance"),
    ("trainer", "/queue"),
    ("school manager", "/schools/<int:school_id>/log"),
    ("funder", "/doors/<int:door_id>/people/<int:enrolment_id>"),
)
TIMES, ROUNDS = 7, 25
LOCKED = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"


def divide(site: Site, count: int) -> int:
    """Add empty parts until each divided table has so many; return how many the first one has."""
    from popschool import parts
    from popschool.db import db

    with site.app.app_context(), db.engine.begin() as connection:
        for group in parts.GROUPS.values():
            while (had := len(parts.found(connection, group.first))) < count:
                last = parts.found(connection, group.first)[-1].high
                if parts.make_room(connection, group, last) == 0:
                    raise SystemExit(f"{group.first} has {had} parts and takes no more")
        return len(parts.found(connection, next(iter(parts.GROUPS.values())).first))


def planned(site: Site, client: Any, path: str) -> tuple[float, int]:
    """Return the milliseconds of planning of a page's statements, and the most relations that one of them locks."""
    spent, locks = 0.0, 0

    def hear(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        nonlocal spent, locks
        site.backends.add(cursor.connection.info.backend_pid)
        if not statement.startswith(("SELECT", "WITH")):
            return
        with site.aside.transaction(), site.aside.cursor() as other:
            asked = f"EXPLAIN (SUMMARY, FORMAT JSON) {statement}"
            plans = [other.execute(asked, parameters, prepare=False).fetchone()[0][0] for _time in range(TIMES)]
            [held] = other.execute(LOCKED).fetchone()
        spent += min(plan["Planning Time"] for plan in plans)
        locks = max(locks, held)

    with site.watched(hear):
        client.get(path)
    return spent, locks


def figures(site: Site, counts: list[int]) -> list[dict[str, Any]]:
    """Return, for each page, what it costs with each number of parts."""
    reached = {role: site.pages(role) for role in {role for role, _rule in PAGES}}
    found = [{"role": role, "page": rule} for role, rule in PAGES if rule in reached[role]]
    for count in counts:
        parts = divide(site, count)
        for line in found:
            client, path = site.open().clients[line["role"]], reached[line["role"]][line["page"]]
            planned(site, client, path)  # what the connection has to learn of the tables first
            spent, locks = planned(site, client, path)
            best = min(timed(client, path, site.backends) for _round in range(ROUNDS))
            line[f"with {parts}"] = {"planning": round(spent, 2), "locks": locks, "ms": round(best, 1)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database", metavar="URL")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2027, 3, 10))
    parser.add_argument("--parts", type=int, nargs="+", default=[3, 12, 120])
    options = parser.parse_args()
    import psycopg

    with tempfile.TemporaryDirectory() as folder, psycopg.connect(options.database) as aside:
        site = Site("parts", options.database, Path(folder), options.today)
        site.aside = aside
        found = figures(site, options.parts)
    for line in found:
        print(f"{line['role']:16}{line['page']:52}", *(one for key, one in line.items() if key.startswith("with")))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
