"""What a report of one school and year costs, whatever history lies beside it. Prints JSON.

    python -m benchmarks.reports [--half-days 10000 1000000] [--database URL]

The school that is looked at is the same each time: two cohorts, 9,984 half-days of people in its year. All the others
are other schools' and other years'. Each figure is the median of several runs, in milliseconds, of the clock and of the
processor: on a machine that does something else at the same time, the latter are the ones to compare. The processor of
PostgreSQL is not counted in them: "least", the quickest of the runs, says what it took. The database that is given is
empty: it is filled.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import Any

PEOPLE, DAYS, BATCH = 24, 104, 20_000
ROWS = PEOPLE * DAYS * 2
YEAR, START, TODAY = 2027, date(2027, 1, 4), date(2027, 7, 20)
NOW = datetime(2027, 7, 20, 9, tzinfo=UTC)


def fill(school: Any, groups: int, since: date) -> None:
    """Add cohorts to a school, each with its half-days led and its days counted."""
    from popschool.attendance.models import HalfDay, PresenceDay
    from popschool.db import db
    from popschool.portal import demo_bulk as bulk
    from tests.factories import make_cohort

    days = [day for day in (since + timedelta(days=number) for number in range(DAYS * 7 // 5 + 3)) if day.weekday() < 5]
    programme = None
    for _number in range(groups):
        cohort = make_cohort(school, programme, starts_on=days[0], ends_on=days[-1])
        programme = programme or db.session.get(_programme(), cohort.programme_id)
        places = _people(cohort)
        counted = [
            {"enrolment_id": place, "on": day, "school_id": school.id, "cohort_id": cohort.id, "planned": 420,
             "attended": 400, "justified": 20, "unjustified": 0, "missing": 0}
            for place in places for day in days[:DAYS]
        ]  # fmt: skip
        bulk.add(PresenceDay, counted)
        bulk.add(HalfDay, [_half_day(cohort, day, half) for day in days[:DAYS] for half in HALVES])
    db.session.commit()
    db.session.expunge_all()


def _people(cohort: Any) -> list[int]:
    """Enrol people in a cohort, and return their enrolments."""
    from popschool.portal import demo_bulk as bulk
    from popschool.schools.models import Enrolment, Person

    people, places = bulk.take_ids(Person, PEOPLE), bulk.take_ids(Enrolment, PEOPLE)
    named = {"first_name": "Apprenante", "language": "fr", "preferences": {}, "home_school_id": cohort.school_id}
    bulk.add(
        Person,
        [
            {"id": one, "last_name": f"{one:06}", "search_key": f"apprenante {one:06}",
             "learner_number": f"N{one}", "created_at": NOW, **named}
            for one in people
        ],
    )  # fmt: skip
    enrolled = {"school_id": cohort.school_id, "cohort_id": cohort.id, "starts_on": cohort.starts_on}
    enrolled |= {"ends_on": cohort.ends_on, "created_at": NOW}
    bulk.add(
        Enrolment, [{"id": place, "person_id": one, **enrolled} for place, one in zip(places, people, strict=True)]
    )
    return list(places)


HALVES = {"am": (hour(9), hour(12, 30)), "pm": (hour(13, 30), hour(17))}


def _half_day(cohort: Any, day: date, half: str) -> dict[str, Any]:
    starts, ends = HALVES[half]
    at = datetime.combine(day, ends, UTC)
    return {
        "school_id": cohort.school_id, "cohort_id": cohort.id, "on": day, "half": half, "starts": starts, "ends": ends,
        "pause_minutes": 0, "time_zone": "Europe/Paris", "secret": "secret", "opened_at": at,
        "countersigned_at": at, "created_at": at,
    }  # fmt: skip


def _programme() -> Any:
    from popschool.courses.models import Programme

    return Programme


def timed(act: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Return the medians of an act, in milliseconds: by the clock, and of this process alone."""
    passed, worked = [], []
    for _round in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        act()
        passed.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
    return {
        "ms": round(1000 * statistics.median(passed), 1),
        "processor": round(1000 * statistics.median(worked), 1),
        "least": round(1000 * min(passed), 1),
    }


def reports(school_id: int, rounds: int) -> dict[str, Any]:
    """Return what each report of the school and year costs."""
    from popschool.completion import services_figures, services_report
    from popschool.db import db
    from popschool.reports import services_network
    from popschool.reports.rules_board import Figure, Selection
    from popschool.reports.services_rows import rows_of
    from popschool.schools.models import School

    selection = Selection(date(YEAR, 1, 1), date(YEAR, 12, 31), TODAY, school_id=school_id)

    def fresh(act: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> None:
            db.session.expunge_all()
            act()

        return run

    asked = {
        "board": lambda: services_network.school_board(selection),
        "figure_rows": lambda: rows_of(Figure.HOURS, selection, 0, 25),
        "bpf": lambda: services_figures.of_school(db.session.get_one(School, school_id), YEAR, TODAY),
        "bpf_line": lambda: services_report.places_of_year([school_id], date(YEAR, 1, 1), date(YEAR, 12, 31)),
    }
    for act in asked.values():
        act()
    return {name: timed(fresh(act), rounds) for name, act in asked.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--half-days", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--database", default="")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(taken(Path(folder), options.half_days, options.database, options.rounds), indent=1))


def taken(folder: Path, half_days: Sequence[int], database: str = "", rounds: int = 1) -> dict[str, Any]:
    """Return what each report costs beside so many half-days of people."""
    from sqlalchemy import text

    from popschool import clock
    from popschool.db import db
    from tests.conftest import make_app
    from tests.factories import make_network, make_school

    app = make_app(folder, database or f"sqlite:///{folder / 'bench.sqlite'}")
    clock.freeze(NOW)
    found: dict[str, Any] = {"cores": os.cpu_count(), "rows_of_the_year": 2 * ROWS}
    with app.app_context():
        db_name = db.engine.dialect.name
        db.create_all()
        make_network()
        school = make_school()
        fill(school, 2, START)
        school_id, groups, others = school.id, 2, 0
        for wanted in sorted(half_days):
            while groups * ROWS < wanted:
                others += 1
                some = min(12, -(-(wanted - groups * ROWS) // ROWS))
                fill(make_school(), some, START - timedelta(days=365 * (others % 4)))
                groups += some
            with db.engine.connect().execution_options(writes=True, isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
            found[str(groups * ROWS)] = reports(school_id, rounds)
            print(f"{groups * ROWS:,} half-days of people: done", file=sys.stderr)
    clock.freeze(None)
    sizes = [size for size in found if size.isdigit()]
    found["growth"] = {
        name: round(found[sizes[-1]][name]["processor"] / max(found[sizes[0]][name]["processor"], 0.1), 2)
        for name in found[sizes[0]]
    }
    return found | {"database": db_name, "load": os.getloadavg()[0]}


if __name__ == "__main__":
    main()
