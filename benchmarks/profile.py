"""Where the time of a page goes, without a network. Prints the functions that take most, for each of three pages.

    python -m benchmarks.profile [--times 300] [--lines 12]

The pages are those that most people open at the same minute: today's page and a project for learners, the half-day for
trainers. Seconds are those of the processor, in the function itself; what the profiler adds is in them, so only shares
are to be read.
"""

import argparse
import cProfile
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.pages import free_port, pages_to_visit, seed, served

PAGES = ("learner home", "learner project page", "trainer half-day")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--child", nargs=2, metavar=("MAIL", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return show(*options.child, options.times, options.lines)
    with tempfile.TemporaryDirectory() as folder:
        environ, accounts = seed(Path(folder), "")
        port = free_port()
        with served([sys.executable, "-m", "popschool.cli", "serve", "--port", str(port)], port, environ, "/healthz"):
            visits = pages_to_visit(port, accounts)
        for name in PAGES:
            mail, _visitor, path = visits[name]
            print(f"== {name}", flush=True)
            command = [sys.executable, "-m", "benchmarks.profile", "--child", mail, path]
            command += ["--times", str(options.times), "--lines", str(options.lines)]
            subprocess.run(command, env=environ, check=True)
    return None


def show(mail: str, path: str, times: int, lines: int) -> None:
    from app import create_app
    from benchmarks.statements import session_id
    from popschool import collector

    app = create_app()
    collector.keep_what_is_loaded()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = session_id(app, mail)
    for _ in range(5):
        client.get(path)
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for _ in range(times):
        client.get(path)
    profile.disable()
    stats = pstats.Stats(profile, stream=sys.stdout)
    print(f"{1000 * stats.total_tt / times:.1f} ms a page, profiled")
    stats.sort_stats("tottime").print_stats(lines)


if __name__ == "__main__":
    main()
