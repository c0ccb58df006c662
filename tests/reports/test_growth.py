"""What a page of the network reads does not grow with the network: the rows of each statement, at two sizes."""

from datetime import date

import pytest
from sqlalchemy import text

from popschool.db import db
from popschool.reports import services_network, services_seen
from popschool.reports.models import Door
from popschool.reports.rules_board import Figure, Selection
from popschool.reports.services_rows import place_rows
from tests.completion.paths import ISSUED, START, TODAY, make_path
from tests.factories import add, make_learner, make_school, save
from tests.rows_read import rows_read

pytestmark = pytest.mark.parametrize("app", ["postgresql"], indirect=True)  # it says how many rows it read
YEAR = Selection(date(2027, 1, 1), date(2027, 12, 31), TODAY)
PEOPLE, SHOWN = 12, 3


def grow(schools: int) -> None:
    """Open some schools more, each with a cohort of a dozen people."""
    for number in range(schools):
        path = make_path(school=make_school(), first_name=f"Ali {number}", last_name=f"Aron {number}")
        for other in range(PEOPLE):
            make_learner(path.cohort, first_name=f"Zoé {number}", last_name=f"Zola {other}")
    save()
    services_network.network_board(YEAR)
    services_seen.figures_of(door(), TODAY)
    db.session.execute(text("ANALYZE"))
    save()


def door() -> Door:
    found = db.session.query(Door).first()
    if found is None:
        path = make_path(school=make_school(), first_name="Léa", last_name="Lune")
        found = add(Door(kind="auditor", secret_hash="x", for_whom="Auditeur", covers_from=START, covers_to=TODAY,
                         opened_by_id=path.manager.id, opened_at=ISSUED))  # fmt: skip
        save()
    return found


PAGES = {
    "the board of the network": lambda: services_network.network_board(YEAR, 0, SHOWN),
    "the whole of a figure": lambda: services_network.network_board(YEAR, limit=0),
    "the rows of a figure": lambda: place_rows(Figure.HOURS, YEAR, 0, SHOWN, 1000),
    "the figures of a door": lambda: services_seen.figures_of(door(), TODAY),
    "the people of a door": lambda: services_seen.people_of(door(), TODAY, 0, SHOWN, 1000),
}


def test_a_page_of_the_network_reads_as_many_rows_however_many_schools(app):
    small, large = {}, {}
    for schools, found in ((5, small), (15, large)):
        grow(schools)
        for name, page in PAGES.items():
            with rows_read() as read:
                page()
            found[name] = sum(read)
            save()

    assert {name: (small[name], large[name]) for name in PAGES if large[name] > 1.2 * small[name]} == {}


def test_a_board_that_counts_everybody_is_seen(app):
    counted = []
    for schools in (2, 6):
        grow(schools)
        with rows_read() as read:
            place_rows(Figure.HOURS, YEAR, 0, SHOWN)
        counted.append(sum(read))

    assert counted[1] > 2 * counted[0]
