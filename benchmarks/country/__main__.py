"""Replay a day of the country against the program as it runs in production, and count what was kept. Prints JSON.

    make country ARGS="--database postgresql://… --data FOLDER [--share 0.03] [--seconds 600]"

The database was filled by `popschool demo --learners N`, FOLDER is its POPSCHOOL_DATA_DIR. Two processes serve, another
does jobs; locust is every learner, trainer and manager of a share of the schools, each with a session of their own: in
the morning everyone opens a link or today's page, signs and reads the receipt, trainers open their half-day and look at
it; projects are read, some ask for help; everyone hands a work in, trainers answer; managers take the month's reports.
Each run takes the next day that nobody opened. A part of the day is squeezed into its share of the seconds: when the
machine cannot follow, people come late to their acts, and `late` says how late. At the end what was acknowledged is
looked for in the database; it exits with 1 when something is missing or is there twice.
"""

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import requests

from benchmarks.country import plan
from benchmarks.meter import Meter
from benchmarks.pages import free_port
from benchmarks.server import answers
from popschool import clock
from tests.processes import wait_until

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "popschool.cli"]
LOCUST = ROOT / ".venv" / "locust" / "bin" / "locust"
PATIENCE = 6 * 3600
MONTHLY, YEARLY = frozenset({"months", "statement"}), frozenset({"year", "register_of_year", "network"})


def child(environ: dict[str, str], name: str, given: Any) -> Any:
    """Ask something of the rows, in a process that has the program's settings."""
    command = [sys.executable, "-m", "benchmarks.country", "--child", name]
    asked = json.dumps(given)
    done = subprocess.run(command, env=environ, input=asked, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(done.stderr or f"{name} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def answer(name: str, given: Any) -> Any:
    """Answer as a child."""
    from app import create_app
    from benchmarks.country import rows

    app = create_app()
    with app.app_context():
        if name == "found":
            return rows.found(date.fromisoformat(given["day"]), given["name"])
        day = rows.next_day(date.fromisoformat(given["after"]))
        morning, end = (datetime.combine(day, part.begins, clock.PARIS) for part in (plan.PARTS[0], plan.PARTS[-1]))
        clock.freeze(morning)
        schools, network = rows.schools_of(day, given["share"]), rows.network_manager()
        return {
            "day": day.isoformat(),
            "schools": [asdict(one) for one in schools],
            "network": network,
            "size": rows.size(),
            "links": rows.links(schools),
            "cookies": rows.sessions(app, rows.people_of(schools, network), end),
        }


def _school(kept: dict[str, Any]) -> plan.School:
    groups = [
        plan.Group(**one | {key: tuple(one[key]) for key in ("learners", "asks", "waiting")}) for one in kept["groups"]
    ]
    return plan.School(**kept | {"groups": tuple(groups)})


def acts_of(
    part: plan.Part, schools: list[plan.School], network: int | None, day: date, seconds: float
) -> list[plan.Act]:
    """Return the acts of a part, with the month and the year that its reports are of."""
    acts = plan.plan(part, schools, seconds, Random(day.toordinal()))
    if not part.is_months_end:
        return acts
    if network is not None:
        acts.append(plan.Act(0.0, network, "network", {}))
    month = f"{day.year - (day.month == 1)}-{(day.month - 2) % 12 + 1:02}"
    said = {name: {"month": month} for name in MONTHLY} | {name: {"year": day.year} for name in YEARLY}
    return [act._replace(facts=act.facts | said.get(act.what, {})) for act in acts]


def live(
    part: plan.Part, acts: list[plan.Act], environ: dict[str, str], given: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Serve at the moment of a part, let everybody live their acts, and say what it took."""
    environ = environ | {"POPSCHOOL_NOW": datetime.combine(given["day"], part.begins, clock.PARIS).isoformat()}
    people = plan.people_of(acts)
    links, cookies = given["links"], given["cookies"]
    kept = [
        {"who": who, "cookie": cookies[str(who)], "link": links.get(str(who), ""), "acts": _said(mine)}
        for who, mine in people.items()
    ]
    (folder / "plan.json").write_text(json.dumps({"name": given["name"], "people": kept}))
    (folder / "found.json").unlink(missing_ok=True)
    port = given["port"] or free_port()
    with ExitStack() as stack:
        web = _started(
            stack, [*PROGRAM, "serve", "--port", str(port), "--workers", str(given["workers"])], environ, folder
        )
        worker = _started(stack, [*PROGRAM, "worker"], environ, folder)
        wait_until(lambda: web.poll() is not None or answers(port, "/healthz"))
        if web.poll() is not None:
            raise SystemExit("the server did not start:\n" + (folder / "program.log").read_text()[-4000:])
        command = [given["locust"], "-f", str(ROOT / "benchmarks/country/locustfile.py"), "--headless"]
        command += ["-u", str(len(kept)), "-r", str(max(100, len(kept))), "--host", f"http://127.0.0.1:{port}"]
        command += ["--only-summary"]
        apart = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
        apart |= {"COUNTRY_PLAN": str(folder / "plan.json"), "COUNTRY_FOUND": str(folder / "found.json")}
        with (folder / "locust.log").open("ab") as log:
            load = subprocess.Popen(command, env=apart | {"PYTHONPATH": str(ROOT)}, cwd=folder, stdout=log, stderr=log)
        meter = Meter({"web": web.pid, "jobs": worker.pid, "database": given["postmaster"], "people": load.pid})
        while load.poll() is None and time.monotonic() - meter.began < PATIENCE:
            cores = meter.cores()
            time.sleep(0.5)
        if not (folder / "found.json").exists():
            raise SystemExit("locust found nothing:\n" + (folder / "locust.log").read_text()[-4000:])
        jobs = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=60).json()["oldest_job_seconds"]
    told = json.loads((folder / "found.json").read_text())
    return told | {
        "people": len(kept),
        "acts": len(acts),
        "cores": cores,
        "oldest_job_seconds": jobs,
        "planned": given["seconds"] * part.share,
    }


def _said(acts: list[plan.Act]) -> list[tuple[float, str, dict[str, Any]]]:
    return [(act.at, act.what, act.facts) for act in acts]


def _started(stack: ExitStack, command: list[str], environ: dict[str, str], folder: Path) -> subprocess.Popen:
    with (folder / "program.log").open("ab") as log:
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=log, stderr=log)
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen) -> None:
    """End a process; a job that it is in the middle of is taken up again by the next."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def said_of(lived: dict[str, Any]) -> dict[str, Any]:
    """Return what is printed of a part."""
    asked, failed = sum(one["asked"] for one in lived["pages"]), sum(one["failed"] for one in lived["pages"])
    late = lived["late"]
    return {
        "people": lived["people"],
        "acts": lived["acts"],
        "requests": asked,
        "failed": failed,
        "strange": len(lived["strange"]),
        "seconds_planned": round(lived["planned"], 1),
        "seconds": round(lived["seconds"], 1),
        "requests_a_second": round(asked / lived["seconds"], 1),
        "late_middle": round(statistics.median(late), 1) if late else 0,
        "late_95": round(late[int(len(late) * 0.95)], 1) if late else 0,
        "cores": lived["cores"],
        "oldest_job_seconds": lived["oldest_job_seconds"],
        "why": (lived["errors"] + lived["strange"])[:5],
        "pages": sorted(lived["pages"], key=lambda one: -one["asked"]),
    }


def counted(told: list[list[str]], kept: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Compare what people were told is done with what is there. What was kept without an answer is `unsure`."""
    acknowledged: dict[str, set[str]] = {kind: set() for kind in kept}
    for kind, name in told:
        acknowledged[kind].add(name)
    mine = {kind: set(names) for kind, names in kept.items()}
    return {
        "acknowledged": {kind: len(names) for kind, names in acknowledged.items()},
        "lost": sorted(f"{kind} {name}" for kind, names in acknowledged.items() for name in names - mine[kind]),
        "twice": sorted(f"{kind} {name}" for kind, names in kept.items() for name, times in names.items() if times > 1),
        "unsure": {kind: len(mine[kind] - names) for kind, names in acknowledged.items()},
    }


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    environ |= {
        "POPSCHOOL_DATABASE_URL": options.database,
        "POPSCHOOL_DATA_DIR": options.data,
        "POPSCHOOL_JOBS": "worker",
    }
    laid_around = (Path(options.data) / "demo-day").read_text().strip()
    given = vars(options) | child(environ, "people", {"after": laid_around, "share": options.share})
    day = given["day"] = date.fromisoformat(given["day"])
    given["name"] = name = f"pays-{day.isoformat()}-{secrets.token_hex(3)}"
    given["postmaster"] = given["size"].pop("postmaster", 0)
    schools, told, said = [_school(one) for one in given["schools"]], [], {}
    for part in plan.PARTS:
        acts = acts_of(part, schools, given["network"], day, options.seconds)
        lived = live(part, acts, environ, given, folder)
        told += lived["told"]
        said[part.name] = said_of(lived)
        short = {key: value for key, value in said[part.name].items() if key != "pages"}
        print(f"{part.name}: {json.dumps(short, ensure_ascii=False)}", file=sys.stderr, flush=True)
    kept = child(environ, "found", {"day": day.isoformat(), "name": name})
    ours = {f"{group.half_day}/" for school in schools for group in school.groups}
    kept["signature"] = {one: times for one, times in kept["signature"].items() if one.split("/")[0] + "/" in ours}
    kept["opened"] = {one: times for one, times in kept["opened"].items() if f"{one}/" in ours}
    country = {"schools_taken": len(schools), "learners_taken": sum(len(g.learners) for s in schools for g in s.groups)}
    return {"day": day.isoformat(), "country": given["size"] | country, "parts": said, "kept": counted(told, kept)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", default="", help="filled by `popschool demo`")
    parser.add_argument("--data", default="", help="its POPSCHOOL_DATA_DIR")
    parser.add_argument("--share", type=float, default=0.03, help="how much of the country takes part, by schools")
    parser.add_argument("--seconds", type=float, default=600, help="how long the whole day lasts")
    parser.add_argument("--workers", type=int, default=2, help="processes that serve")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--locust", default=str(LOCUST))
    parser.add_argument("--folder", help="an empty folder, to look at the logs afterwards")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(answer(options.child, json.load(sys.stdin))))
        return
    with tempfile.TemporaryDirectory() as folder:
        result = run(options, Path(options.folder or folder))
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(1 if result["kept"]["lost"] or result["kept"]["twice"] else 0)


if __name__ == "__main__":
    main()
