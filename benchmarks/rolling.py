"""Restart every part of an installation in turn while people work, and count what failed. Prints JSON.

    python -m benchmarks.rolling [--seconds 20]

nginx stands before two `popschool serve`, each of two processes; two `popschool worker` do the jobs; PgBouncer stands
before PostgreSQL, which has a streaming copy; files are in an S3 store. People sign, hand in texts and files, answer
works, and look at a report. A failure is any answer that is no answer: an error, a refused or broken connection.
"""

import argparse
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path

import requests

from benchmarks.crash import Away, Day, Hand, Strange, child, count, is_sound, popschool, when_all_has_left, working
from tests.faults.installations import bucket
from tests.postbox import Postbox, listening
from tests.postgres import Server, pgbouncer, server
from tests.processes import ROOT, SECONDS, environment, free_port, wait_until

WEB, WORKERS = 2, 2
KEEPALIVE = 16
READERS = 2


class Process:
    """A process of Popschool, that can be stopped, killed and started again."""

    def __init__(self, environ: dict[str, str], log: Path, *arguments: str):
        self.command = [sys.executable, "-m", "popschool.cli", *arguments]
        self.environ, self.log = environ, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.command, env=self.environ, cwd=ROOT, stdout=out, stderr=out)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(SECONDS)


class Web(Process):
    def __init__(self, environ: dict[str, str], log: Path):
        self.port = free_port()
        super().__init__(environ, log, "serve", "--port", str(self.port), "--workers", "2")

    def wait_until_ready(self) -> None:
        wait_until(self.is_ready)

    def is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).ok
        except requests.RequestException:
            return False


class Proxy:
    """nginx, set as deploy/nginx sets it, without the certificate."""

    def __init__(self, folder: Path, webs: list[Web]):
        self.port, self.folder = free_port(), folder
        upstream, _, place = (
            (ROOT / "deploy" / "nginx" / "popschool.conf").read_text().partition("server {\n    listen 80")
        )
        before, server, after = upstream.partition("    server 127.0.0.1:8000")
        how, _second, rest = after.split("\n", 2)  # the line of the second server is a comment
        servers = "".join(f"{server.replace('8000', str(one.port))}{how}\n" for one in webs)
        location = place[place.index("    client_max_body_size") :]
        (folder / "nginx.conf").write_text(
            f"{'user root; ' if os.geteuid() == 0 else ''}pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
            "worker_processes 2; daemon off;\n"
            "events { worker_connections 512; }\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f"{before}{servers}{rest}server {{ listen 127.0.0.1:{self.port};\n{location}}}\n"
        )
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen([nginx(), "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)])

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def end(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(SECONDS)


def nginx() -> str:
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    return found or sys.exit("nginx is not installed: apt-get install nginx-light")


class Counting:
    """What people asked while a part was away, and what failed."""

    def __init__(self, day: Day, address: str):
        self.day, self.address = day, address
        self.read, self.failed = 0, []
        self.kinds: Counter[str] = Counter()

    def look(self) -> None:
        """Look at the board of the cohort again and again: a page that only reads."""
        hand, is_in = Hand(self.address), False
        while not self.day.over.is_set():
            try:
                if not is_in:
                    hand.sign_in(self.day.rows["trainer"])
                    is_in = True
                if hand.get(self.day.rows["report"]).status_code != 200:
                    raise Strange("the report was not shown")
                self.read += 1
            except (Away, Strange) as error:
                self.failed.append(f"{type(error).__name__}: {error.__cause__ or error}"[:300])
                time.sleep(0.05)

    def during(self, what: Callable[[], None], seconds: float) -> dict:
        """Do something to the installation, let people go on for a moment, and say what they met meanwhile."""
        before = self._figures()
        began = time.monotonic()
        what()
        took = time.monotonic() - began
        time.sleep(max(seconds - took, 2))
        acts, read, again, strange, failed = (now - then for now, then in zip(self._figures(), before, strict=True))
        return {"acts": acts, "reports": read, "seconds": round(took, 1), "failed": again + strange + failed}

    def _figures(self) -> tuple[int, ...]:
        return self.day.done, self.read, self.day.again, len(self.day.strange), len(self.failed)


@contextmanager
def installation(folder: Path) -> Iterator[tuple[dict[str, str], dict]]:
    """Start all the parts; give the environment of the program beside its database, and the parts by name."""
    with ExitStack() as stack:
        primary: Server = stack.enter_context(server())
        copy = stack.enter_context(primary.copied())
        pool, store = stack.enter_context(pgbouncer(primary)), stack.enter_context(bucket())
        postbox = Postbox()
        post = listening(postbox)
        stack.callback(post.stop)
        beside = environment(
            folder, DATABASE_URL=primary.url, STORAGE_URL=store.url.format("rolling"), JOBS="worker",
            MAIL_URL=f"smtp://127.0.0.1:{post.port}", SECRET_KEY="s" * 40,
        )  # fmt: skip
        popschool(beside, "migrate")
        environ = beside | {
            "POPSCHOOL_DATABASE_URL": pool.url, "POPSCHOOL_DATABASE_POOLED": "1", "POPSCHOOL_TRUSTED_PROXIES": "1",
            "POPSCHOOL_DATABASE_REPLICA_URL": copy.url,
        }  # fmt: skip
        webs = [Web(environ, folder / f"web-{number}.log") for number in range(WEB)]
        workers = [Process(environ, folder / f"worker-{number}.log", "worker") for number in range(WORKERS)]
        for one in (*webs, *workers):
            stack.callback(one.end)
        for one in webs:
            one.wait_until_ready()
        proxy = Proxy(folder, webs)
        stack.callback(proxy.end)
        yield beside, {
            "primary": primary, "copy": copy, "pool": pool, "webs": webs, "workers": workers, "proxy": proxy,
            "postbox": postbox,
        }  # fmt: skip


def upgrade(webs: list[Web], workers: list[Process]) -> None:
    """Put a version in as docs/operate.md says: each process in turn, the next once the one before is ready."""
    for one in webs:
        one.end()
        one.start()
        one.wait_until_ready()
    for one in workers:
        one.end()
        one.start()


def run(folder: Path, seconds: float, people: int) -> dict:
    with installation(folder) as (beside, parts):
        day = Day(child("seed", beside, "--people", str(people)))
        counting = Counting(day, parts["proxy"].address)
        readers = [threading.Thread(target=counting.look) for _ in range(READERS)]
        found = {}
        with working(day, parts["proxy"].address):
            for one in readers:
                one.start()
            turns: dict[str, Callable[[], None]] = {
                "nothing happens": lambda: None,
                "each process is put anew": lambda: upgrade(parts["webs"], parts["workers"]),
                "a worker is killed": lambda: kill(parts["workers"][0]),
                "the replica is lost": lambda: parts["copy"].stop("immediate"),
                "the replica comes back": parts["copy"].start,
                "nginx reads its settings again": parts["proxy"].reload,
                "nginx is stopped and started": lambda: (parts["proxy"].end(), parts["proxy"].start()),
                "PgBouncer is stopped and started": lambda: (parts["pool"].stop(), parts["pool"].start()),
                "PostgreSQL is stopped and started": lambda: (parts["primary"].stop("fast"), parts["primary"].start()),
            }
            for name, what in turns.items():
                found[name] = counting.during(what, seconds)
                print(f"{name}: {found[name]}", file=sys.stderr, flush=True)
        for one in readers:
            one.join()
        for one in parts["workers"]:
            one.end()
        later = beside | {"POPSCHOOL_NOW": when_all_has_left().isoformat()}
        popschool(later, "worker", "--until-idle")
        kept = child("found", later)
        receipts = [mail["Message-ID"] for mail in parts["postbox"].taken if mail["Subject"].startswith("Travail")]
        result = count(day, kept, Counter(receipts), 0)
        found |= {"kept": result, "failures": sorted(set(counting.failed)), "sound": is_sound(result)}
        for one in parts["workers"]:
            one.start()  # the end stops them once more
    return found


def kill(one: Process) -> None:
    one.end(signal.SIGKILL)
    one.start()


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the S3 store tells each thing it is asked
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long each turn lasts at least")
    parser.add_argument("--people", type=int, default=2000, help="how many there are to sign")
    parser.add_argument("--folder", help="an empty folder, to look at the logs afterwards")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):  # the S3 store says that it starts
        result = run(Path(given.folder or folder), given.seconds, given.people)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(0 if result["sound"] else 1)


if __name__ == "__main__":
    main()
