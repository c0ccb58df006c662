"""Move a school from SQLite and a folder to PostgreSQL and S3 while people work, and count what is there. Prints JSON.

    python -m benchmarks.moving [--seconds 20]

People sign, hand in texts and files, answer works on one `popschool serve`. `popschool move` runs meanwhile, then once
more with the server stopped, then again with nothing to do. A row and a file are then damaged there: a further run must
find both. At the end everything that somebody was told is done is looked for in the new place, served from there. It
exits with 1 when something is missing, is there twice, or when a damage was not found.
"""

import argparse
import json
import logging
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

import boto3
import requests
from sqlalchemy import create_engine, text

from benchmarks.crash import Day, child, count, is_sound, popschool, when_all_has_left, working
from benchmarks.rolling import Process, Web
from tests.faults.installations import Bucket, bucket
from tests.postbox import Postbox, listening
from tests.postgres import server
from tests.processes import ROOT, environment

PREFIX = "moved"
SAID = re.compile(r"(\d+) rows \((\d+) added, (\d+) changed, (\d+) removed\) and (\d+) files \((\d+) copied\)")


def move(environ: dict[str, str], database: str, storage: str) -> dict:
    """Run the command; return what it said, with how long it took and with what it ended."""
    command = [sys.executable, "-m", "popschool.cli", "move", "--database", database, "--storage", storage]
    began = time.monotonic()
    done = subprocess.run(command, env=environ, cwd=ROOT, check=False, capture_output=True, text=True)
    said = SAID.search(done.stderr)
    names = ("rows", "added", "changed", "removed", "files", "copied")
    figures = dict(zip(names, map(int, said.groups()), strict=True)) if said else {"said": done.stderr[-500:]}
    found = {"ended": done.returncode, "seconds": round(time.monotonic() - began, 1)} | figures
    print(f"move: {found}", file=sys.stderr, flush=True)
    return found


def damage_row(database: str) -> None:
    """Change one letter of one work, past the triggers that refuse it."""
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE submission DISABLE TRIGGER USER"))
        connection.execute(
            text(
                "UPDATE submission SET text = text || '.' WHERE id = (SELECT min(id) FROM submission WHERE text <> '')"
            )
        )
        connection.execute(text("ALTER TABLE submission ENABLE TRIGGER USER"))
    engine.dispose()


def client(store: Bucket) -> Any:
    keys = {"aws_access_key_id": "KEY", "aws_secret_access_key": "SECRET", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{store.port}", **keys)


def damage_file(store: Bucket) -> str:
    """Put other bytes in the place of a file, and return its key."""
    s3 = client(store)
    found = s3.list_objects_v2(Bucket="popschool", Prefix=f"{PREFIX}/")["Contents"]
    key = next(one["Key"] for one in found if re.fullmatch(r"[0-9a-f]{64}", one["Key"].rpartition("/")[2]))
    s3.put_object(Bucket="popschool", Key=key, Body=b"damaged")
    return key


def run(folder: Path, seconds: float, people: int) -> dict:
    with ExitStack() as stack:
        primary, store = stack.enter_context(server()), stack.enter_context(bucket())
        postbox = Postbox()
        post = listening(postbox)
        stack.callback(post.stop)
        here = environment(folder, JOBS="worker", MAIL_URL=f"smtp://127.0.0.1:{post.port}", SECRET_KEY="s" * 40)
        popschool(here, "migrate")
        day = Day(child("seed", here, "--people", str(people)))
        web = Web(here, folder / "web.log")
        web.wait_until_ready()
        jobs = Process(here, folder / "jobs.log", "worker")
        database, storage = primary.url, store.url.format(PREFIX)
        with working(day, f"http://127.0.0.1:{web.port}"):
            time.sleep(seconds)
            before = day.done
            found = {"while people work": move(here, database, storage)}
            found["while people work"]["acts meanwhile"] = day.done - before
            time.sleep(seconds / 2)
        web.end()
        jobs.end()
        found["with the server stopped"] = move(here, database, storage)
        found["once more"] = move(here, database, storage)
        damage_row(database)
        found["after a row was changed there"] = move(here, database, storage)
        key = damage_file(store)
        found["after a file was changed there"] = move(here, database, storage)
        client(store).delete_object(Bucket="popschool", Key=key)  # as the command says
        found["after it was taken away"] = move(here, database, storage)
        there = here | {"POPSCHOOL_DATABASE_URL": database, "POPSCHOOL_STORAGE_URL": storage}
        moved = Web(there, folder / "moved.log")
        moved.wait_until_ready()
        found["first page there"] = requests.get(f"http://127.0.0.1:{moved.port}/sign-in", timeout=60).status_code
        moved.end()
        later = there | {"POPSCHOOL_NOW": when_all_has_left().isoformat()}
        popschool(later, "worker", "--until-idle")
        kept = child("found", later)
        for verify in ("attendance", "audit"):
            popschool(there, verify, "verify")
    receipts = [mail["Message-ID"] for mail in postbox.taken if mail["Subject"].startswith("Travail")]
    result = count(day, kept, Counter(receipts), 0)
    damages = (
        found["after a row was changed there"].get("changed") == 1,
        found["after a file was changed there"]["ended"] == 1 and key.rpartition("/")[2] in str(found),
        found["once more"].get("added") == 0 and found["after it was taken away"].get("copied") == 1,
    )
    return found | {"kept": result, "sound": is_sound(result) and all(damages) and found["first page there"] == 200}


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the S3 store tells each thing it is asked
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20, help="how long people work before the first run")
    parser.add_argument("--people", type=int, default=1000, help="how many there are to sign")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):  # the S3 store says that it starts
        result = run(Path(folder), given.seconds, given.people)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    sys.exit(0 if result["sound"] else 1)


if __name__ == "__main__":
    main()
