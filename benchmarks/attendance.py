"""What it costs to compute a whole ledger again, to check its summaries, and to draw and seal a sheet. Prints JSON.

    python -m benchmarks.attendance [--signatures 1000000] [--database URL]

Memory is the proportional share (PSS) of the process, looked at ten times a second. Beside the seconds that went by are
those of the processor: on a machine that does something else at the same time, they are the ones to compare.
"""

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import Any

from benchmarks.meter import held

PEOPLE, HALF_DAYS, BATCH = 24, 260, 20_000
SHEET = ("benchmarks.attendance", "--child", "sheet")
FIRST_DAY = date(2024, 1, 1)
STATEMENT = "Je suis Apprenante 07. Je participe à la séance de ce matin, lundi 8 mars, de 9 h à 12 h 30, salle 2."


def fill(signatures: int) -> None:
    """Fill an empty database with cohorts whose every half-day is signed by all, chained as the house does."""
    from sqlalchemy import insert

    from popschool.attendance.models import Entry, EntryContent, Expected, HalfDay
    from popschool.db import db
    from tests.factories import make_cohort, make_school

    db.create_all()
    school, made = make_school(), {"half_day": 0, "entry": 0}
    while made["entry"] < signatures:
        cohort = make_cohort(school, starts_on=FIRST_DAY, ends_on=FIRST_DAY + timedelta(days=400))
        places = make_places(cohort)
        rows: dict[Any, list[dict]] = {HalfDay: [], Expected: [], Entry: [], EntryContent: []}
        previous, sequence = "0" * 64, 0
        for number in range(HALF_DAYS):
            if made["entry"] >= signatures:
                break
            made["half_day"] += 1
            half_day = half_day_row(made["half_day"], cohort, number)
            rows[HalfDay].append(half_day)
            for person_id, enrolment_id in places.items():
                made["entry"], sequence = made["entry"] + 1, sequence + 1
                entry, content = signature(made["entry"], sequence, half_day, person_id, previous)
                previous = entry["hash"]
                rows[Entry].append(entry)
                rows[EntryContent].append(content)
                rows[Expected].append(expected_row(half_day, person_id, enrolment_id))
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            for model, some in rows.items():
                for start in range(0, len(some), BATCH):
                    connection.execute(insert(model), some[start : start + BATCH])
        db.session.commit()


def make_places(cohort: Any) -> dict[int, int]:
    """Return the enrolment of each person of a cohort."""
    from popschool.db import db
    from tests.factories import make_enrolment, make_person

    people = [make_person("Apprenante") for _ in range(PEOPLE)]
    places = {person.id: make_enrolment(person, cohort).id for person in people}
    db.session.commit()
    return places


def half_day_row(number: int, cohort: Any, rank: int) -> dict:
    on = FIRST_DAY + timedelta(days=rank // 2)
    starts, ends = (hour(9), hour(12, 30)) if rank % 2 == 0 else (hour(13, 30), hour(17))
    opened = datetime.combine(on, starts, UTC)
    return {
        "id": number,
        "school_id": cohort.school_id,
        "cohort_id": cohort.id,
        "on": on,
        "half": "am" if rank % 2 == 0 else "pm",
        "starts": starts,
        "ends": ends,
        "time_zone": "Europe/Paris",
        "secret": "secret",
        "opened_at": opened,
        "countersigned_at": opened + timedelta(hours=4),
        "created_at": opened,
    }


def expected_row(half_day: dict, person_id: int, enrolment_id: int) -> dict:
    return {
        "half_day_id": half_day["id"],
        "person_id": person_id,
        "enrolment_id": enrolment_id,
        "expectation": "expected",
        "added_at": half_day["opened_at"],
    }


def signature(number: int, sequence: int, half_day: dict, person_id: int, previous: str) -> tuple[dict, dict]:
    """Return a signature as the ledger keeps it: its line, chained, and its salted content."""
    from popschool.attendance.ledger import ENTRY_FIELDS
    from popschool.attendance.rules_ledger import content_hash, entry_hash

    salt = secrets.token_hex(16)
    at = half_day["opened_at"] + timedelta(seconds=3 * sequence % 600, microseconds=sequence)
    content = {"name": "Apprenante 07 VAL-2027-1", "statement": STATEMENT, "device": salt[:16], "address": "192.0.2.0"}
    entry = {
        "cohort_id": half_day["cohort_id"],
        "sequence": sequence,
        "half_day_id": half_day["id"],
        "half_day_hash": previous,
        "kind": "signature",
        "person_id": person_id,
        "by_id": person_id,
        "role": "learner",
        "method": "button",
        "statement_version": "1-fr",
        "facts": {},
        "at": at,
        "received_at": at,
        "device_sequence": None,
        "corrects_id": None,
        "key": None,
        "content_hash": content_hash(salt, content),
    }
    chained = entry_hash(previous, {name: entry[name] for name in ENTRY_FIELDS})
    line = entry | {
        "id": number,
        "school_id": half_day["school_id"],
        "previous_hash": previous,
        "hash": chained,
    }
    return line, {"entry_id": number, "salt": salt, "content": content}


def measure(name: str, data: Path, database: str, *arguments: str) -> dict:
    """Run one command to its end, and return what it cost."""
    command = [sys.executable, "-m", *arguments]
    started, spent, peak = time.perf_counter(), processor_seconds(), 0
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, env=environment(data, database), stdout=out)
        while process.poll() is None:
            peak = max(peak, held([process.pid]))
            time.sleep(0.1)
        out.seek(0)
        said = out.read().strip()
    found = {"what": name, "seconds": round(time.perf_counter() - started, 2)}
    found |= {"processor_seconds": round(processor_seconds() - spent, 2), "peak_mb": round(peak / 1000)}
    return found | {"exit": process.returncode, "said": json.loads(said) if said.startswith("{") else said}


def processor_seconds() -> float:
    """Return what the processes that ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(data: Path, database: str) -> dict[str, str]:
    environ = os.environ | {"POPSCHOOL_DATA_DIR": str(data), "POPSCHOOL_LOG": "json"}
    return environ | ({"POPSCHOOL_DATABASE_URL": database} if database else {})


def fill_database(signatures: int) -> None:
    """Fill, in a process of its own."""
    from app import create_app

    with create_app().app_context():
        fill(signatures)


def sheet() -> None:
    """Draw and sign the sheet of 24 people and ten half-days, and print what each step took."""
    from app import create_app
    from popschool import pdf, seal
    from popschool.attendance import evidence, paper
    from popschool.db import db
    from tests.attendance.weeks import make_week
    from tests.authority import make_owner

    with tempfile.TemporaryDirectory() as folder, create_app().app_context():
        db.create_all()
        week = make_week(people=PEOPLE, half_days=10)
        week.finish()
        made, authority = week.close(), make_owner("Autorité d'essai")
        school = make_owner("Pop School", authority)
        path = Path(folder) / "seal.pem"
        path.write_bytes(school.key_pem + school.certificate_pem + authority.certificate_pem)
        pdf.letters()
        steps = [time.perf_counter()]
        proof = evidence.evidence_of(made, made.content.salt, made.content.content)
        steps.append(time.perf_counter())
        drawn = paper.draw(made, made.content.content, proof, "https://example.org")
        steps.append(time.perf_counter())
        sealed = seal.signed(drawn, seal.read_seal(str(path)), "Essai")
        steps.append(time.perf_counter())
    names = ("evidence", "drawing", "signing")
    took = {name: round(after - before, 3) for name, before, after in zip(names, steps, steps[1:], strict=False)}
    print(json.dumps({"seconds": took, "kilobytes": round(len(sealed) / 1000)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--signatures", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder by default")
    parser.add_argument("--child", choices=["fill", "sheet"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return fill_database(given.signatures) if given.child == "fill" else sheet()
    size = str(given.signatures)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        steps = (
            ("filling", "benchmarks.attendance", "--child", "fill", "--signatures", size),
            ("attendance verify", "popschool.cli", "attendance", "verify", "--json"),
            ("summaries rebuild", "popschool.cli", "summaries", "rebuild"),
            ("summaries rebuild --check", "popschool.cli", "summaries", "rebuild", "--check"),
        )
        found = [measure(name, folder, given.database, *arguments) for name, *arguments in steps]
        (folder / "sheet").mkdir()
        found.append(measure("a sheet of 24 people and 10 half-days", folder / "sheet", "", *SHEET))
    print(json.dumps({"signatures": given.signatures, "costs": found}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
