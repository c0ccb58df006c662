"""What it costs to write a long list as a file, in each form, beside the bare Flask page. Prints JSON.

    python -m benchmarks.exports [--lines 100000]

Each file is made by a process of its own, through what sends every list of the product. Memory is its proportional
share (PSS), looked at fifty times a second. Seconds of the processor are beside those that went by.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.meter import held

ASKED = {"seconds": 15, "peak_mb": 200}
BARE_ROUNDS = 60


def lines(count: int) -> Iterator[tuple]:
    """Yield the lines of a monthly statement, one after the other."""
    first = date(2027, 1, 4)
    for number in range(count):
        done = 7 * (number % 20) + 0.25
        yield (
            f"Apprenante{number % 977}", f"Prénom{number % 313}", f"VAL-{number:06}", first,
            first + timedelta(days=180), None if number % 9 else first + timedelta(days=number % 90), 140.0, done,
            7.0, 0.0, 140 - done, 0.0, 0.0, round(done / 1.4, 1),
        )  # fmt: skip


def child(form: str, count: int) -> None:
    from popschool.attendance.services_months import COLUMNS
    from popschool.spreadsheets import FileForm, Table, write

    start, spent = time.perf_counter(), time.process_time()
    with tempfile.TemporaryFile() as out:
        assert write(Table("Presence", COLUMNS, lines(count)), FileForm(form), out) == count
        size = out.tell()
    print(
        json.dumps(
            {
                "form": form,
                "lines": count,
                "columns": len(COLUMNS),
                "bytes": size,
                "seconds": round(time.perf_counter() - start, 2),
                "processor_seconds": round(time.process_time() - spent, 2),
                "most_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def watched(form: str, count: int) -> dict[str, Any]:
    """Return what a process says of the file that it made, and the most memory that it held."""
    command = [sys.executable, "-m", "benchmarks.exports", "--child", form, "--lines", str(count)]
    peak = 0
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
        while process.poll() is None:
            peak = max(peak, held([process.pid]))
            time.sleep(0.02)
        out.seek(0)
        return json.loads(out.read()) | {"peak_mb": round(peak / 1000)}


def bare_page(folder: Path) -> float:
    """Return the milliseconds of the bare page, without a network: the middle of many."""
    from benchmarks.bare import create_bare_app

    client = create_bare_app(f"sqlite:///{folder / 'bare.sqlite'}").test_client()
    took = []
    for _round in range(BARE_ROUNDS):
        start = time.perf_counter()
        client.get("/page")
        took.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(took), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--child", default="")
    options = parser.parse_args()
    if options.child:
        child(options.child, options.lines)
        return
    made = [watched(form, options.lines) for form in ("csv", "xlsx", "ods")]
    with tempfile.TemporaryDirectory() as name:
        page = bare_page(Path(name))
    for one in made:
        one["bare_pages"] = round(1000 * one["seconds"] / page)
    print(json.dumps({"files": made, "bare_page_ms": page, "asked_of_xlsx": ASKED}, indent=2))


if __name__ == "__main__":
    main()
