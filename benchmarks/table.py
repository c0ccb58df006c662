"""Run every benchmark in turn, keep what each says, and write the table of README.md from it.

    python -m benchmarks.table [NAME…] [--postgresql URL]

Without names all are run, twenty minutes on a machine at rest. What they say is kept in figures.json, so that one
can be taken again alone. Those on PostgreSQL are given databases of their own, made on the server whose address is
given, and dropped.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KEPT, PAGE = FOLDER / "figures.json", FOLDER / "README.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
ON = "-postgresql"
SHEET = "a sheet of 24 people and 10 half-days"
RUNS = {
    "pages": ["pages"],
    "pages-postgresql": ["pages"],
    "server": ["server"],
    "server-2-postgresql": ["server", "--workers", "2", "--starts", "1"],
    "fresh": ["fresh"],
    "crowd": ["crowd", "--schools", "15"],
    "crowd-postgresql": ["crowd", "--schools", "15", "--workers", "2", "--most", "4"],
    "search": ["search"],
    "search-postgresql": ["search"],
    "sync": ["sync"],
    "attendance": ["attendance"],
    "reports": ["reports"],
    "reports-postgresql": ["reports"],
    "completion": ["completion"],
    "exports": ["exports"],
}


@dataclass(frozen=True)
class Line:
    """A row of the table: what was asked for, and where to read what was found in what a benchmark says."""

    what: str
    asked: str
    of: str
    read: Callable[[Any], str]


def page(name: str, asked: str) -> list[Line]:
    def read(said: list[dict]) -> str:
        [found] = [one for one in said if one["page"] == name]
        return f"{found['ratio']} ×, {found['sql']} statements, {found['bytes'] / 1000:.1f} kB"

    return [Line(name.capitalize(), asked, of, read) for of in ("pages", f"pages{ON}")]


def named(said: dict, what: str) -> dict:
    [found] = [one for one in said["costs"] if one["what"] == what]
    return found


def sized(said: dict) -> str:
    counts = sorted(int(name) for name in said if name.isdigit())
    most = max(said[str(counts[-1])].values(), key=lambda one: one["ms"])
    growths = ", ".join(f"{growth} ×" for growth in said["growth"].values())
    return f"{growths}; slowest {most['ms']} ms of {counts[-1]:,} rows"


def signatures(said: dict) -> str:
    signing = said["signing"]
    return f"{said['signatures']} of {said['asked']}; half in {signing['median_ms']} ms, all in {signing['slowest_ms']}"


def most_signatures(said: dict) -> str:
    best = max(said["crowds"], key=lambda one: one["a_second"])
    cores = ", ".join(f"{name} {best['cores'][name]}" for name in ("web", "database", "people", "others"))
    return f"{best['a_second']} a second of {best['asked']:,} people; cores: {cores}"


LINES = [
    *page("learner home", "1.5 ×, 6"),
    *page("learner project page", "1.5 ×, 6"),
    *page("trainer queue", "2 ×, 8"),
    *page("trainer correction", "2 ×, 8"),
    *page("cohort board", "6 ×, 8"),
    *page("learner signing", "1.5 ×, 6"),
    *page("trainer half-day", "2 ×, 8"),
    *page("week grid", "2 ×, 8"),
    *page("month statement", "2 ×, 8"),
    Line("Start to the first page", "1.5 ×", "server", lambda said: f"{said['start']['ratio']} ×"),
    Line("Start to any page", "", "server", lambda said: f"{said['start']['ratio_of_whole']} ×"),
    Line("Start, time of processor", "", "server", lambda said: f"{said['start']['ratio_of_processor']} ×"),
    Line("`make run` in a fresh clone", "30 s", "fresh", lambda said: f"{said['seconds']} s"),
    Line("Memory of an idle server", "120 MB", "server", lambda said: f"{said['memory']['idle_mb']} MB"),
    Line("Memory of a busy server", "250 MB", "server", lambda said: f"{said['memory']['busy_mb']} MB"),
    Line("Growth of it over 10,000 pages", "1.05 ×", "server", lambda said: f"{said['memory']['growth']} ×"),
    *[
        Line("Project pages a second", "0.6 ×", of, lambda said: f"{said['throughput']['ratio']} × the bare page's")
        for of in ("server", f"server-2{ON}")
    ],
    *[Line("360 people sign within 10 s", "all", of, signatures) for of in ("crowd", f"crowd{ON}")],
    Line("The most that sign in a second", "", f"crowd{ON}", most_signatures),
    *[
        Line("A search among 10,000 pages, the slowest", "2 ×", of, lambda said: f"{max(o['ratio'] for o in said)} ×")
        for of in ("search", f"search{ON}")
    ],
    Line(
        "Courses: first reading of 1,000 pages",
        "20 s",
        "sync",
        lambda said: f"{said['first sync of 1000 pages']['seconds']:.1f} s",
    ),
    Line(
        "Courses: one page changed among 10,000",
        "0.6 s",
        "sync",
        lambda said: f"{said['one page changed in 10000, 2']['seconds']:.2f} s",
    ),
    Line(
        "1,000,000 half-days: `summaries rebuild --check`",
        "60 s",
        "attendance",
        lambda said: f"{named(said, 'summaries rebuild --check')['seconds']:.0f} s",
    ),
    Line(
        "A sheet of 24 people and 10 half-days, drawn and sealed",
        "",
        "attendance",
        lambda said: f"{sum(named(said, SHEET)['said']['seconds'].values()):.2f} s",
    ),
    *[
        Line("Reports of a school and year, whatever the history", "2 ×, 300 ms", of, sized)
        for of in ("reports", f"reports{ON}")
    ],
    Line(
        "Certificates, on all cores",
        "40 a second",
        "completion",
        lambda said: f"{said['certificates']['a_second']:.0f} a second",
    ),
    Line("Why somebody has completed", "2 ×", "completion", lambda said: f"{said['completion_page']['ratio']} ×"),
    Line(
        "XLSX of 100,000 lines",
        "15 s, 200 MB",
        "exports",
        lambda said: next(f"{o['seconds']} s, {o['peak_mb']} MB" for o in said["files"] if o["form"] == "xlsx"),
    ),
]


def said_by(output: str) -> Any:
    """Return the JSON that a benchmark printed: all of its output, or the last line of it."""
    with suppress(json.JSONDecodeError):
        return json.loads(output)
    return json.loads(output.strip().splitlines()[-1])


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """Make an empty database on a server, dropped afterwards."""
    from sqlalchemy import create_engine, make_url, text

    own = f"bench_{name.replace('-', '_')}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {own}"))
            connection.execute(text(f"CREATE DATABASE {own}"))
        yield make_url(server).set(database=own).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {own} WITH (FORCE)"))
    finally:
        engine.dispose()


def taken(name: str, more: list[str]) -> dict[str, Any]:
    """Run a benchmark; return what it says, when, and how busy the machine was before."""
    module, *arguments = RUNS[name]
    load, now = os.getloadavg()[0], datetime.now(UTC)
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments, *more]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {"on": f"{now:%Y-%m-%d}", "load": round(load, 1), "cores": os.cpu_count(), "said": said_by(done.stdout)}


def written(figures: dict[str, Any]) -> str:
    """Return the table, in Markdown."""
    rows = [
        "| what | asked, at most or at least | found | database | taken |",
        "| --- | --- | --- | --- | --- |",
    ]
    for line in LINES:
        if line.of in figures:
            found = figures[line.of]
            where = "PostgreSQL" if line.of.endswith(ON) else "SQLite"
            when = f"{found['on']}, load {found['load']}"
            rows.append(f"| {line.what} | {line.asked} | {line.read(found['said'])} | {where} | {when} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *RUNS], metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("--postgresql", default="", help="a server on which databases may be made and dropped")
    options = parser.parse_args()
    figures = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in options.names or RUNS:
        if name.endswith(ON) and not options.postgresql:
            print(f"{name}: left out, no --postgresql", file=sys.stderr)
            continue
        print(f"{name}…", file=sys.stderr, flush=True)
        if name.endswith(ON):
            with database(options.postgresql, name) as url:
                figures[name] = taken(name, ["--database", url])
        else:
            figures[name] = taken(name, [])
        KEPT.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
        write(figures)


def write(figures: dict[str, Any]) -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + "\n" + written(figures) + "\n" + END + after)


if __name__ == "__main__":
    main()
