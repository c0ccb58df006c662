"""Kill the server again and again while people work, and count what it had acknowledged and lost. Prints JSON.

    python -m benchmarks.crash [--kills 200] [--database URL] [--seed N]

People sign, hand in texts and files, and answer works, of which jobs send receipts. At moments drawn by chance the
server is killed with SIGKILL, with the process that does jobs or without it, then started again; what was not
acknowledged is sent again. At the end every acknowledged act is looked for in the database and the store. It exits
with 1 when one is missing or is there twice.
"""

import argparse
import hashlib
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import requests

from benchmarks.crash_rows import PASSWORD
from benchmarks.pages import free_port
from popschool import clock
from popschool.messages.rules import after_quiet

INPUT = re.compile(r'<input[^>]*\bname="([^"]+)"[^>]*>')
VALUE = re.compile(r'\bvalue="([^"]*)"')
DONE = (302, 303)
SECONDS = 60
SIGNERS = 2
VICTIMS = (("server",), ("jobs", "server"), ("server", "jobs"))
DOWN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Away(Exception):
    """The server did not answer, or not to the end, or says to send it again: nothing is known of what was asked."""


class Strange(Exception):
    """An answer that nobody should get, even from a server that was killed a moment ago."""


class Hand:
    """Somebody with a browser."""

    def __init__(self, address: str):
        self.address, self.session = address, requests.Session()

    def get(self, path: str) -> requests.Response:
        return self._ask("GET", path)

    def post(self, path: str, page: requests.Response, fields: dict, files: dict | None = None) -> requests.Response:
        return self._ask("POST", path, data=hidden(page.text) | fields, files=files)

    def _ask(self, method: str, path: str, **given: object) -> requests.Response:
        try:
            answer = self.session.request(method, self.address + path, timeout=SECONDS, allow_redirects=False, **given)
        except DOWN as error:
            raise Away from error
        if answer.status_code == 503 and "Retry-After" in answer.headers:
            raise Away("the page says to send it again")
        if answer.status_code >= 400:
            raise Strange(f"{method} {path} answered {answer.status_code}: {answer.text[:3000]}")
        return answer

    def sign_in(self, mail: str) -> None:
        page = self.get("/sign-in/password")
        if self.post("/sign-in/password", page, {"handle": mail, "password": PASSWORD}).status_code not in DONE:
            raise Strange(f"{mail} could not sign in")


def hidden(page: str) -> dict[str, str]:
    """Return what a page's form sends by itself: its token and its keys."""
    inputs = [(name.group(1), name.group(0)) for name in INPUT.finditer(page) if 'type="hidden"' in name.group(0)]
    return {name: unescape(value.group(1)) for name, tag in inputs if (value := VALUE.search(tag))}


class Site:
    """A server that is killed and started again, always at one address.

    A process that has already loaded the program forks each new server, so that most of a run is work and not loading.
    """

    def __init__(self, environ: dict[str, str], workers: int, log: Path):
        self.port, self.log, self.pids = free_port(), log, {}
        self.commands = {
            "server": ["serve", "--port", str(self.port), "--workers", str(workers)],
            "jobs": ["worker"],
        }
        command = [sys.executable, "-m", "benchmarks.crash", "--child", "nursery"]
        out = log.open("ab")
        self.nursery = subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start what does not live: the server, the process that does jobs."""
        for name, arguments in self.commands.items():
            if not is_alive(self.pids.get(name, 0)):
                self.nursery.stdin.write(json.dumps(arguments) + "\n")
                self.nursery.stdin.flush()
                self.pids[name] = int(self.nursery.stdout.readline() or 0)
        end = time.monotonic() + 4 * SECONDS
        while True:
            if not is_alive(self.pids["server"]) or time.monotonic() > end:
                raise SystemExit("the server did not come back:\n" + self.log.read_text(errors="replace")[-4000:])
            with suppress(requests.RequestException):
                if requests.get(self.address + "/healthz", timeout=5).ok:
                    return
            time.sleep(0.05)

    def kill(self, names: Iterable[str]) -> None:
        """End these processes without a word, with those that they started."""
        for name in names:
            os.killpg(self.pids[name], signal.SIGKILL)
        self._wait(names)

    def stop(self) -> None:
        for pid in self.pids.values():
            os.kill(pid, signal.SIGTERM)
        self._wait(self.pids)
        self.nursery.stdin.close()
        self.nursery.wait(SECONDS)

    def _wait(self, names: Iterable[str]) -> None:
        while any(is_alive(self.pids[name]) for name in names):
            time.sleep(0.01)


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return pid != 0
    return False


def nursery() -> None:
    """Load the program once, then fork a process for each line, a command; say its number."""
    from flask.cli import ScriptInfo

    from app import create_app
    from popschool import cli

    site = create_app()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            cli.main(json.loads(line), obj=ScriptInfo(create_app=lambda: site))
        print(pid, flush=True)


@dataclass
class Day:
    """What people do until `over`, and what they were told is done."""

    rows: dict
    over: threading.Event = field(default_factory=threading.Event)
    signed: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    again: int = 0
    strange: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        return len(self.signed) + len(self.texts) + len(self.drafts) + len(self.answers)

    def until_done(self, act: Callable[[], None]) -> None:
        """Do something, and do it again as long as the server goes away in the middle."""
        while True:
            try:
                return act()
            except Away:
                self.again += 1
                time.sleep(0.1)
            except Exception as error:
                self.strange.append(f"{type(error).__name__}: {error}")
                return None

    def sign(self, address: str, links: list[str]) -> None:
        while links and not self.over.is_set():
            self.until_done(lambda link=links.pop(): self._sign(Hand(address), link))

    def _sign(self, hand: Hand, link: str) -> None:
        page = hand.get(link)
        is_open = 'name="key"' in page.text
        if is_open and hand.post(link, page, {}).status_code not in DONE:
            raise Strange(f"{link} was not signed")
        self.signed.append(self.rows["links"][link])

    def hand_in(self, address: str, mail: str) -> None:
        hand, turn = Hand(address), 0
        self.until_done(lambda: hand.sign_in(mail))
        while not self.over.is_set():
            turn += 1
            self.until_done(lambda text=f"{mail} {turn}": self._hand_in(hand, text))

    def _hand_in(self, hand: Hand, text: str) -> None:
        path, content = f"/deliverables/{self.rows['deliverable']}", text.encode() * 3000
        page = hand.get(f"{path}/submit")
        kept = re.findall(r'name="remove"[^>]*value="([^"]+)"', page.text)
        if kept:  # a version begins with the files of the one before
            hand.post(f"{path}/submit", page, {"text": text, "remove": kept})
            page = hand.get(f"{path}/submit")
        answer = hand.post(f"{path}/submit", page, {"text": text}, {"files": ("a.txt", content, "text/plain")})
        if answer.status_code not in DONE:
            raise Strange(f"the draft {text} was not taken: {answer.text}")
        self.drafts.append(text)
        self.files.append(hashlib.sha256(content).hexdigest())
        self._confirm(hand, f"{path}/check", text)

    def _confirm(self, hand: Hand, path: str, text: str) -> None:
        """Press the button; when nothing answers, press it again on the page that is still open."""
        page = hand.get(path)
        while True:
            try:
                answer = hand.post(path, page, {})
            except Away:
                self.again += 1
                time.sleep(0.1)
                continue
            if answer.status_code not in DONE or "/receipt" not in answer.headers["Location"]:
                raise Strange(f"{text} was not sent")
            self.texts.append(text)
            return

    def answer(self, address: str, works: list[int]) -> None:
        hand = Hand(address)
        self.until_done(lambda: hand.sign_in(self.rows["trainer"]))
        while works and not self.over.is_set():
            self.until_done(lambda work=works.pop(): self._answer(hand, work))

    def _answer(self, hand: Hand, work: int) -> None:
        path, comment = f"/submissions/{work}/answer", f"Vu {work}."
        page = hand.get(path)
        if page.status_code in DONE or comment in page.text:
            self.answers.append(comment)
            return
        fields = {name: "2" for name in re.findall(r'name="(mark-[^"]+)"', page.text)}
        fields |= {name: "1" for name in re.findall(r'name="(level-[^"]+)"', page.text)}
        sent = hand.post(path, page, fields | {"comment": comment, "decision": "validated"})
        if sent.status_code not in DONE:
            raise Strange(f"the answer to {work} was not taken: {sent.text}")
        self.answers.append(comment)


def child(name: str, environ: dict[str, str], *arguments: str) -> dict:
    command = [sys.executable, "-m", "benchmarks.crash", "--child", name, *arguments]
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def popschool(environ: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-m", "popschool.cli", *arguments]
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"popschool {' '.join(arguments)}: {done.stderr[-4000:]}{done.stdout[-4000:]}")


@contextmanager
def working(day: Day, address: str) -> Iterator[None]:
    """Let everybody work until the end of the block, then let them finish what they began."""
    links, works = list(day.rows["links"]), list(day.rows["works"])
    hands = [threading.Thread(target=day.sign, args=(address, links)) for _ in range(SIGNERS)]
    hands += [threading.Thread(target=day.hand_in, args=(address, mail)) for mail in day.rows["writers"]]
    hands += [threading.Thread(target=day.answer, args=(address, works))]
    for hand in hands:
        hand.start()
    try:
        yield
    finally:
        day.over.set()
        for hand in hands:
            hand.join()


def run(
    environ: dict[str, str], kills: int, chance: random.Random, workers: int, log: Path, minutes: float = math.inf
) -> dict:
    """Kill the server `kills` times on an empty database, and return what was asked, acknowledged, lost and doubled."""
    from tests.postbox import Postbox, listening

    postbox, end = Postbox(), time.monotonic() + 60 * minutes
    post = listening(postbox)
    environ = environ | {"POPSCHOOL_MAIL_URL": f"smtp://127.0.0.1:{post.port}", "POPSCHOOL_JOBS": "worker"}
    try:
        popschool(environ, "migrate")
        day = Day(child("seed", environ, "--people", str(4 * kills + 20)))
        site = Site(environ, workers, log)
        site.start()
        with working(day, site.address):
            for turn in range(kills):
                if time.monotonic() > end:
                    kills = turn
                    break
                until = day.done + chance.randint(1, 12)
                while day.done < until and not day.strange:
                    time.sleep(0.005)
                time.sleep(chance.uniform(0, 0.1))
                site.kill(chance.choice(VICTIMS))
                site.start()
                print(f"{day.done} acts", file=sys.stderr, flush=True)
        site.stop()
        later = {"POPSCHOOL_NOW": when_all_has_left().isoformat()}
        popschool(environ | later, "worker", "--until-idle")
        kept = child("found", environ | later)
        popschool(environ, "attendance", "verify")
        popschool(environ, "audit", "verify")
    finally:
        post.stop()
    receipts = [mail["Message-ID"] for mail in postbox.taken if mail["Subject"].startswith("Travail")]
    return count(day, kept, Counter(receipts), kills)


def count(day: Day, kept: dict, mails: Counter, kills: int) -> dict:
    """Compare what people were told with what is there."""
    signatures = {int(number): times for number, times in kept["signatures"].items()}
    lost = [f"signature of {one}" for one in day.signed if one not in signatures]
    lost += [f"work {one}" for one in day.texts if one not in kept["texts"]]
    lost += [f"draft {one}" for one in day.drafts if one not in kept["texts"] and one not in kept["drafts"]]
    lost += [f"file {one}" for one in day.files if one not in kept["files"]]
    lost += [f"answer {one}" for one in day.answers if one not in kept["answers"]]
    twice = [
        f"{one}, {times} times" for one, times in (signatures | kept["texts"] | kept["answers"]).items() if times > 1
    ]
    twice += [f"receipt told {times} times" for times in kept["receipts"] if times != 1]
    return {
        "kills": kills,
        "acknowledged": {
            "signatures": len(day.signed),
            "works": len(day.texts),
            "drafts": len(day.drafts),
            "files": len(day.files),
            "answers": len(day.answers),
        },
        "sent_again": day.again,
        "lost": lost,
        "twice": twice,
        "strange": day.strange,
        "jobs_left": kept["jobs_left"],
        "jobs_failed": kept["jobs_failed"],
        "mails_not_left": kept["mails_not_left"],
        "mails": len(mails),
        "mails_due": kept["mails_due"],
        "mails_handed_over_twice": sum(times - 1 for times in mails.values()),
    }


def when_all_has_left() -> datetime:
    """Return a moment at which nothing has a reason to wait.

    What a dead process had begun comes back once its lease ends, and no mail leaves at night or at a weekend.
    """
    return after_quiet(datetime.now(UTC), clock.PARIS) + timedelta(minutes=3)


def is_sound(result: dict) -> bool:
    """Say whether nothing acknowledged is missing, nothing is there twice, and all that was to be done is."""
    wrong = ("lost", "twice", "strange", "jobs_left", "jobs_failed", "mails_not_left")
    return not any(result[name] for name in wrong) and result["mails"] == result["mails_due"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=math.inf, help="kill no more after so long")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder by default")
    parser.add_argument("--people", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--child", choices=["seed", "found", "nursery"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child == "nursery":
        nursery()
        return
    if given.child:
        from app import create_app
        from benchmarks import crash_rows

        with create_app().app_context():
            print(json.dumps(crash_rows.seed(given.people) if given.child == "seed" else crash_rows.found()))
        return
    with tempfile.TemporaryDirectory() as folder:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("POPSCHOOL_")}
        environ |= {"POPSCHOOL_DATA_DIR": folder, "POPSCHOOL_LOG": "json"}
        environ |= {"POPSCHOOL_DATABASE_URL": given.database} if given.database else {}
        result = run(
            environ, given.kills, random.Random(given.seed), given.workers, Path(folder) / "server.log", given.minutes
        )
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(0 if is_sound(result) else 1)


if __name__ == "__main__":
    main()
