"""Let an older version serve while the database is brought to this one, and count what failed. Prints JSON.

    python -m benchmarks.two_versions --before COMMIT [--database URL]

The older version is real code, taken from the history of the repository; COMMIT must hold benchmarks/crash_rows.py.
People sign, hand in and answer with it before, during and after `popschool migrate` of this version; then this version
takes its place, and all that was acknowledged is looked for. It exits with 1 when something failed or is missing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import requests

from benchmarks.crash import Day, count, is_sound, when_all_has_left, working
from benchmarks.pages import free_port
from tests.postbox import Postbox, listening

ROOT = Path(__file__).parents[1]
PEOPLE, ACTS, SECONDS = 600, 25, 240


def run(place: Path, environ: dict[str, str], *arguments: str) -> str:
    """Run a module of the version that lies in a folder; return what it prints."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=place, env=environ, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr[-4000:]}{done.stdout[-4000:]}")
    return done.stdout


class Serving:
    """One version at work: its pages and its jobs."""

    def __init__(self, place: Path, environ: dict[str, str], port: int, log: Path):
        self.out = out = log.open("ab")
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "popschool.cli", *arguments], cwd=place, env=environ, stdout=out, stderr=out
            )
            for arguments in (["serve", "--port", str(port)], ["worker"])
        ]  # fmt: skip
        end = time.monotonic() + SECONDS
        while not _answers(port):
            if time.monotonic() > end:
                raise SystemExit("a version does not answer:\n" + log.read_text(errors="replace")[-4000:])
            time.sleep(0.05)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(SECONDS)
        self.out.close()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def wait_for(day: Day, more: int) -> None:
    """Wait until people have done so many things more, or something failed."""
    until, end = day.done + more, time.monotonic() + SECONDS
    while day.done < until and not day.strange and time.monotonic() < end:
        time.sleep(0.02)


def measure(before: Path, folder: Path, database: str) -> dict:
    postbox = Postbox()
    post = listening(postbox)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
    environ |= {"POPSCHOOL_DATA_DIR": str(folder / "data"), "POPSCHOOL_LOG": "json", "POPSCHOOL_JOBS": "worker"}
    environ |= {"POPSCHOOL_MAIL_URL": f"smtp://127.0.0.1:{post.port}"}
    environ |= {"POPSCHOOL_DATABASE_URL": database} if database else {}
    port, acts = free_port(), {}
    try:
        run(before, environ, "popschool.cli", "migrate")
        seeded = run(before, environ, "benchmarks.crash", "--child", "seed", "--people", str(PEOPLE))
        day = Day(json.loads(seeded.splitlines()[-1]))
        old = Serving(before, environ, port, folder / "old.log")
        with working(day, f"http://127.0.0.1:{port}"):
            wait_for(day, ACTS)
            acts["before"], began = day.done, time.monotonic()
            run(ROOT, environ, "popschool.cli", "migrate")
            seconds, acts["during"] = time.monotonic() - began, day.done - acts["before"]
            wait_for(day, ACTS)
            acts["after, the version before"] = day.done - acts["before"] - acts["during"]
            again, done = day.again, day.done
            old.stop()
            new = Serving(ROOT, environ, port, folder / "new.log")
            wait_for(day, ACTS)
        acts["after, this version"] = day.done - done
        new.stop()
        later = {"POPSCHOOL_NOW": when_all_has_left().isoformat()}
        run(ROOT, environ | later, "popschool.cli", "worker", "--until-idle")
        kept = json.loads(run(ROOT, environ | later, "benchmarks.crash", "--child", "found").splitlines()[-1])
        run(ROOT, environ, "popschool.cli", "attendance", "verify")
        run(ROOT, environ, "popschool.cli", "audit", "verify")
    finally:
        post.stop()
    receipts = [mail["Message-ID"] for mail in postbox.taken if mail["Subject"].startswith("Travail")]
    found = count(day, kept, Counter(receipts), 0)
    return {"seconds": round(seconds, 1), "acts": acts, "not_answered_until_the_change": again} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", required=True, help="the commit of the older version")
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder by default")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        before = Path(name) / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(before), asked.before], check=True)
        try:
            run(before, dict(os.environ), "popschool.web.catalogues", "compile")
            result = measure(before, Path(name), asked.database)
        finally:
            subprocess.run([*git, "remove", "--force", str(before)], check=True)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(0 if is_sound(result) else 1)


if __name__ == "__main__":
    main()
