"""What the work of the night and of each ten minutes costs in networks of several sizes: clock, processor, memory.

    python -m benchmarks.nights NAME=URL NAME=URL … [--only WORD] [--day 2027-03-10]

Each database was filled by `popschool demo --learners N --today DATE`, the smallest is named first; it is changed, so
give a copy; POPSCHOOL_DATA_DIR is the folder of them all, or none. Each recurring job is called at its own hour, and
each command that looks through everything, once each, in a process of its own that begins from nothing. Says the
seconds by the clock, those of the processor for the program and for PostgreSQL, the most memory in MB, and how many
statements were sent. Prints a table, then one line of JSON.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from benchmarks.meter import family, postmaster_of, spent

ROOT = Path(__file__).parents[1]
NOON = "12:05"
COMMANDS = {
    "attendance verify": ["attendance", "verify"],
    "audit verify": ["audit", "verify"],
    "summaries rebuild --check": ["summaries", "rebuild", "--check"],
    "doctor": ["doctor"],
}


def app_of(moment: str) -> Any:
    """Return the application at a moment, with the settings of the environment."""
    from app import create_app
    from popschool import clock

    app = create_app()
    clock.freeze(datetime.fromisoformat(moment).replace(tzinfo=clock.PARIS))
    return app


def done(name: str, moment: str) -> dict[str, Any]:
    """Do one of them, as a child."""
    from sqlalchemy import event

    from popschool import jobs
    from popschool.cli import main as command
    from popschool.db import db

    app, statements = app_of(moment), 0

    def hear(*_given: Any) -> None:
        nonlocal statements
        statements += 1

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", hear)
        postmaster = _postmaster()
        before, began, mine = _spent_by(postmaster), time.monotonic(), time.process_time()
        _call(name, jobs, command)
        mine, lasted = time.process_time() - mine, time.monotonic() - began
        db.session.remove()
        db.engine.dispose()
    time.sleep(0.2)
    return {
        "what": name,
        "seconds": round(lasted, 2),
        "program": round(mine, 2),
        "database": round(_spent_by(postmaster) - before, 2) if postmaster else None,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "statements": statements,
    }


def _call(name: str, jobs: Any, command: Callable) -> None:
    if name in COMMANDS:
        with suppress(SystemExit):  # doctor says what is not sound of a trial, which is no matter here
            command(COMMANDS[name], standalone_mode=False)
        return
    module, _, function = jobs.RECURRING[name].task.partition(":")
    getattr(__import__(module, fromlist=[function]), function)()
    _do_parts(jobs.RECURRING[name].task.partition(":")[0], jobs)


def _do_parts(module: str, jobs: Any) -> None:
    """Do the jobs of the same file that it asked for, one for each school: they are its work too."""
    from sqlalchemy import select

    from popschool.db import db

    due = select(jobs.Job.task, jobs.Job.arguments).where(
        jobs.Job.task.startswith(f"{module}:"), jobs.Job.key.not_like("every:%"), jobs.Job.done_at.is_(None)
    )
    for task, arguments in db.session.execute(due).all():
        getattr(__import__(module, fromlist=["_"]), task.partition(":")[2])(**arguments)
        db.session.expunge_all()  # each has a session of its own when a worker does it


def _postmaster() -> int:
    """Return the process that started the one of this connection, when it is of this machine; 0 otherwise."""
    from sqlalchemy import text

    from popschool.db import db

    if db.engine.dialect.name != "postgresql":
        return 0
    pid = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()
    return postmaster_of(pid)


def _spent_by(postmaster: int) -> float:
    return sum(map(spent, family(postmaster))) if postmaster else 0.0


def names(only: str) -> list[tuple[str, str]]:
    """Return what is to be done, and the hour of each."""
    from popschool import jobs

    app_of("2027-03-10T12:00")
    found = [(name, f"{one.at:%H:%M}" if one.at else NOON) for name, one in jobs.RECURRING.items()]
    found += [(name, "03:00") for name in COMMANDS]
    return [(name, at) for name, at in sorted(found, key=lambda one: one[1]) if only in name]


def run(databases: dict[str, str], day: date, only: str) -> list[dict[str, Any]]:
    """Do everything in each of the networks, and return what each cost."""
    found = []
    for name, at in names(only):
        line = {"what": name, "at": at, "of": []}
        for url in databases.values():
            line["of"].append(_in_a_child(name, f"{day}T{at}", url))
        found.append(line)
        print(f"{name:44} {at} {[_short(one) for one in line['of']]}", file=sys.stderr, flush=True)
    return found


def _in_a_child(name: str, moment: str, url: str) -> dict[str, Any]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POPSCHOOL_")}
    with tempfile.TemporaryDirectory() as folder:
        environ |= {"POPSCHOOL_DATABASE_URL": url, "POPSCHOOL_LOG": "quiet"}
        environ |= {"POPSCHOOL_DATA_DIR": os.environ.get("POPSCHOOL_DATA_DIR", folder)}
        command = [sys.executable, "-m", "benchmarks.nights", "--child", name, "--moment", moment, "x="]
        ended = subprocess.run(command, env=environ, capture_output=True, text=True, cwd=ROOT, check=False)
    if ended.returncode:
        return {"what": name, "failed": ended.stderr[-600:]}
    return json.loads(ended.stdout.splitlines()[-1])


def _short(one: dict[str, Any]) -> str:
    if "failed" in one:
        return "failed: " + one["failed"].strip().rpartition("\n")[2]
    return f"{one['seconds']} s ({one['program']} + {one['database']}), {one['megabytes']} MB, {one['statements']}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("databases", nargs="+", metavar="NAME=URL")
    parser.add_argument("--day", type=date.fromisoformat, default=date(2027, 3, 10))
    parser.add_argument("--only", default="", help="those whose name has this word")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--moment", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(done(options.child, options.moment)))
        return
    databases = dict(one.split("=", 1) for one in options.databases)
    print(json.dumps(run(databases, options.day, options.only)))


if __name__ == "__main__":
    main()
