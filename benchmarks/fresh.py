"""How long `make run` takes in a fresh clone until the demonstration answers, beside the bare page. Prints JSON.

    python -m benchmarks.fresh [--times 3]

The last commit is cloned, and `make run` called there, from nothing: libraries are installed, the demonstration made
and served. One clone comes before, and is not counted: what a package cache has not, it brings. The middle is kept.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.pages import free_port
from benchmarks.server import answers, started

ROOT = Path(__file__).parents[1]
PATIENCE = 600
OURS = ("POPSCHOOL_", "PYTHON", "VIRTUAL_ENV", "MAKE")


def fresh(folder: Path) -> float:
    """Return the seconds from `make run` to the first page, in a clone of its own."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    port, log = free_port(), folder.with_suffix(".log")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | {"PORT": str(port)}
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env=environ, stdout=out, stderr=out, start_new_session=True
        )
        try:
            while not answers(port, "/sign-in"):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                    raise SystemExit("it does not answer:\n" + log.read_text(errors="replace")[-4000:])
                time.sleep(0.05)
            return time.perf_counter() - began
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, took, bare = Path(name), [], []
        fresh(folder / "before")
        for turn in range(options.times):
            took.append(fresh(folder / str(turn)))
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.bare", f"sqlite:///{folder / 'bare.sqlite'}", str(port)]
            with started(command, port, dict(os.environ), "/page") as (_pid, one):
                bare.append(one["seconds"])
    found = {"seconds": round(statistics.median(took), 1), "all": [round(one, 1) for one in took]}
    print(json.dumps(found | {"bare_seconds": round(statistics.median(bare), 2)}))


if __name__ == "__main__":
    main()
