"""What papers cost: drawing certificates, the archive of a cohort, completion explained, a public check. Prints JSON.

    python -m benchmarks.completion [--learners 10000] [--certificates 80]

Pages are timed beside the bare Flask page, in turn, in the same process and without a network: ratios are what to read.
Seconds of the processor are beside those that went by.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.bare import create_bare_app

PEOPLE, DAYS = 24, 110
START, TODAY = date(2027, 1, 4), date(2027, 7, 20)
NOW = datetime(2027, 7, 20, 9, tzinfo=UTC)


def fill(cohorts: int) -> list[Any]:
    """Fill an empty database with cohorts whose every day is entered; the first has who signs. Returns the cohorts."""
    from sqlalchemy import insert

    from popschool.attendance.models import PresenceDay
    from popschool.completion import services_funding
    from popschool.db import db
    from popschool.schools.models import Enrolment
    from tests.factories import make_cohort, make_learner, make_manager, make_network, make_school, save

    db.create_all()
    network = make_network(legal_name="Association Pop School", activity_number="32591234567")
    school = make_school(network_id=network.id)
    manager, made = make_manager(school), []
    days = [START + timedelta(days=number) for number in range(DAYS * 7 // 5) if number % 7 < 5]
    programme = None
    for _number in range(cohorts):
        cohort = make_cohort(school, programme, starts_on=START, ends_on=days[-1])
        programme = programme or db.session.get(_programme(), cohort.programme_id)
        for _person in range(PEOPLE):
            make_learner(cohort)
        db.session.flush()
        rows = [
            {"enrolment_id": one, "on": day, "school_id": school.id, "cohort_id": cohort.id, "planned": 420,
             "attended": 400, "justified": 20, "unjustified": 0, "missing": 0}
            for (one,) in db.session.query(Enrolment.id).filter_by(cohort_id=cohort.id)
            for day in days
        ]  # fmt: skip
        db.session.execute(insert(PresenceDay), rows)
        made.append(cohort)
    save()
    services_funding.say_signatory(school.id, "Claude", "Martin", "directrice", "Valenciennes", START, manager, NOW)
    return [manager, *made]


def _programme() -> Any:
    from popschool.courses.models import Programme

    return Programme


def measured(act: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    started, worked = time.perf_counter(), time.process_time()
    found = act()
    return found, {
        "seconds": round(time.perf_counter() - started, 3),
        "processor": round(time.process_time() - worked, 3),
    }


def draw_some(given: tuple[dict, int]) -> None:
    """Draw the same certificate again and again, in a process of its own."""
    from popschool import pdf
    from popschool.completion.drawing import TEMPLATE

    data, count = given
    for number in range(count):
        pdf.make(TEMPLATE, data | {"number": f"VAL-2027-CR-{number:04}"}, NOW)


def certificates(content: dict, count: int) -> dict[str, float]:
    """Return how many certificates two processes draw in a second."""
    from popschool import pdf

    address = "https://pop.example.org/check/7K3M-9Q2P-XW4T"
    data = {
        "title": content["kind"], "kind": content["kind"], "number": "", "dated": content["dated"],
        "network": content["network"], "school": content["school"], "fingerprint": "0" * 64,
        "check": {"address": address, "square": pdf.square(address)}, "heading": content["heading"],
        "blocks": content["blocks"],
    }  # fmt: skip
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(draw_some, [(data, 2)] * 2))  # each reads its fonts once
        _none, spent = measured(lambda: list(pool.map(draw_some, [(data, count // 2)] * 2)))
    return {"count": count, "a_second": round(count / spent["seconds"], 1), **spent}


def compared(ours: Callable[[], Any], bare: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Return the median ratio of pairs with the bare page, and our own median in milliseconds."""
    pairs = []
    for _round in range(rounds):
        first = time.perf_counter()
        bare()
        second = time.perf_counter()
        ours()
        pairs.append((second - first, time.perf_counter() - second))
    ratio = statistics.median(mine / theirs for theirs, mine in pairs)
    return {"ratio": round(ratio, 2), "ms": round(1000 * statistics.median(mine for _theirs, mine in pairs), 2)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--certificates", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(_figures(Path(folder), options), indent=1))


def _figures(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    from popschool import clock, storage
    from popschool.completion import services_batches, services_papers, tasks
    from popschool.completion.rules_papers import PaperKind
    from popschool.completion.services_completion import standings_of
    from popschool.db import db
    from tests.conftest import make_app

    app = make_app(folder, f"sqlite:///{folder / 'bench.sqlite'}")
    clock.freeze(NOW)
    bare = create_bare_app(f"sqlite:///{folder / 'bare.sqlite'}").test_client()
    with app.app_context():
        manager, *cohorts = fill(-(-options.learners // PEOPLE))
        first, last = cohorts[0].starts_on, cohorts[0].ends_on
        _of, previews = services_papers.previews(cohorts[0], PaperKind.CERTIFICATE, first, last, TODAY)
        figures: dict[str, Any] = {"certificates": certificates(previews[0].content, options.certificates)}
        batch = services_batches.ask(cohorts[0], PaperKind.CERTIFICATE, first, last, manager, NOW, TODAY)
        _none, figures["cohort_archive"] = measured(lambda: services_batches.run(batch, tasks.make_paper, NOW, TODAY))
        figures["cohort_archive"]["documents"] = len(batch.documents)
        figures["cohort_archive"]["bytes"] = len(storage.read(batch.archive_hash))
        code = db.session.get_one(services_papers.Document, batch.documents[0]).code
        _none, figures["network"] = measured(lambda: [len(standings_of(one, TODAY).lines) for one in cohorts])
        figures["network"]["learners"] = PEOPLE * len(cohorts)
        client = _signed_in(app, manager)
        page = f"/cohorts/{cohorts[0].id}/completion"
        assert client.get(page).status_code == client.get(f"/check/{code}").status_code == 200
        figures["completion_page"] = compared(lambda: client.get(page), lambda: bare.get("/page"), options.rounds)
        anybody = app.test_client()
        figures["public_check"] = compared(
            lambda: anybody.get(f"/check/{code}"), lambda: bare.get("/page"), options.rounds
        )
    clock.freeze(None)
    return {"cores": os.cpu_count(), **figures}


def _signed_in(app: Any, person: Any) -> Any:
    from popschool.auth.models import Account
    from popschool.db import db

    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{person.id}:{db.session.get_one(Account, person.id).session_token}"
        session["_fresh"], session["began"] = True, int(NOW.timestamp())
    return client


if __name__ == "__main__":
    main()
