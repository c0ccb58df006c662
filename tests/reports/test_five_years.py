"""Five schools' years, small enough to be added up by hand, through the whole program to each report.

| school | who pays | half-days of 3 h 30 | followed | due | line of F-1 |
| --- | --- | --- | --- | --- | --- |
| 1 | the Région | 4 there, 1 excused, 1 not | 14 h | 21 h | c |
| 2 | an OPCO, for a company | 1 there, 1 there 30 min late | 6 h 30 | 7 h | a |
| 3 | the person | 3 there | 10 h 30 | 10 h 30 | d |
| 4 | another training body | 2 there | 7 h | 7 h | G, not F |
| 5 | nobody | 1 there, 1 of which nobody says anything | 3 h 30 | 7 h | none |
"""

from datetime import date
from decimal import Decimal

import pytest

from popschool.attendance import summaries
from popschool.attendance.models import PresenceDay
from popschool.completion import rules_report, services_funding, services_report
from popschool.completion.rules_funding import FunderKind, FundingKind
from popschool.completion.rules_report import Count
from popschool.db import db
from popschool.reports import services_network
from popschool.reports.rules_board import Figure, Gap, Selection
from popschool.reports.services_rows import rows_of
from tests.completion.paths import END, HERE, ISSUED, NOTHING, START, TODAY, attend, late, make_path

YEARS = [
    (FunderKind.REGION, "6", "", [HERE, HERE, HERE, HERE, "J", "A"]),
    (FunderKind.OPCO, "2h", "Atelier Vert", [HERE, late(30)]),
    (FunderKind.PERSON, "9", "", [HERE, HERE, HERE]),
    (FunderKind.TRAINING_BODY, "10", "", [HERE, HERE]),
    (None, "", "", [HERE, NOTHING]),
]
YEAR = date(2027, 1, 1), date(2027, 12, 31)
FOLLOWED, DUE = [840, 390, 630, 420, 210], [1260, 420, 630, 420, 420]
PRESENCE = ["66.7", "92.9", "100.0", "100.0", "50.0"]
UNJUSTIFIED = [210, 30, 0, 0, 0]
LINES = ["c", "a", "d", None, None]


def pay(path, kind, line, employer):
    by = path.manager.id
    payer = services_funding.add_funder(path.cohort.school_id, kind, f"Payeur {line}", "", "", by, ISSUED)
    funding = services_funding.save_funding(
        path.cohort.school, None,
        {"funder_id": payer.id, "kind": str(FundingKind.GROUP), "scheme": "", "agreement": f"2027-{line}",
         "report_line": line, "starts_on": START, "ends_on": END},
        by, ISSUED,
    )  # fmt: skip
    services_funding.fund(path.enrolment, funding, START, END, by, ISSUED, employer=employer)


@pytest.fixture
def schools(app):
    """The five schools, their half-days signed by each as they were."""
    made = []
    for number, (kind, line, employer, said) in enumerate(YEARS, 1):
        path = make_path(first_name=f"Personne {number}")
        services_funding.save_action(path.cohort, "training", ["Publier"], "326", path.manager.id, ISSUED)
        if kind is not None:
            pay(path, kind, line, employer)
        attend(path, said)
        made.append(path)
    return made


def selected(**given) -> Selection:
    return Selection(**{"first": date(2027, 1, 1), "last": date(2027, 12, 31), "today": TODAY} | given)


def test_each_report_of_each_school_says_what_was_added_up_by_hand(schools):
    for number, path in enumerate(schools):
        school = path.cohort.school_id
        sheet = services_report.yearly_sheet([school], *YEAR)
        board = services_network.school_board(selected(school_id=school)).total

        counted = {line: count for line, count in sheet.people.items() if count.people}
        assert counted == ({LINES[number]: Count(1, FOLLOWED[number])} if LINES[number] else {})
        assert sheet.entrusted == (Count(1, 420) if number == 3 else Count())
        assert sheet.unsorted == ({"F-1": [path.person.name]} if number == 4 else {})
        assert sheet.agrees is (number != 4)
        assert (board.hours.due, board.hours.realised, board.hours.unjustified) == (
            DUE[number], FOLLOWED[number], UNJUSTIFIED[number],
        )  # fmt: skip
        assert board.presence == Decimal(PRESENCE[number])
        assert (board.gaps[Gap.UNSAID], board.gaps[Gap.UNPAID]) == ((1, 1) if number == 4 else (0, 0))


def test_the_network_is_the_sum_of_its_schools_in_every_report(schools):
    ids = [path.cohort.school_id for path in schools]
    sheet = services_report.yearly_sheet(ids, *YEAR)
    places = services_report.places_of_year(ids, *YEAR)
    board = services_network.network_board(selected())

    assert sheet.people["c"] == Count(1, 840) and sheet.people["a"] == Count(1, 390)
    assert sheet.total == Count(4, 2070) and sheet.entrusted == Count(1, 420)
    assert sum(one.minutes for one in places) == 2490
    assert board.total.hours.realised == 2490 == sum(line.sums.hours.realised for line in board.lines)
    assert board.total.presence == Decimal("79.0"), "2490 / 3150"
    rows, total = rows_of(Figure.HOURS, selected(), 0, 25)
    assert (total, sum(row.hours.realised for row in rows)) == (5, 2490)
    for frame, line, count in (("F-1", "c", sheet.people["c"]), ("F-4", "326", sheet.specialities[0][1])):
        opened = rules_report.in_line(places, frame, line)
        assert Count(len(opened), sum(one.minutes for one in opened)) == count


def test_summaries_made_again_from_the_half_days_are_those_that_were_kept(schools):
    def kept():
        return {(one.enrolment_id, one.on): one.attended for one in db.session.query(PresenceDay)}

    before = kept()

    assert sum(before.values()) == 2490
    assert list(summaries.differences()) == []
    summaries.rebuild()
    assert kept() == before


def test_a_person_of_the_line_opens_to_the_days_that_make_its_minutes(schools, client, log_in):
    path = schools[0]
    log_in(path.manager)

    line = client.get(f"/schools/{path.cohort.school_id}/report/2027/F-1/c").text
    page = client.get(f"/enrolments/{path.enrolment.id}/report/2027").text

    assert f"/enrolments/{path.enrolment.id}/report/2027" in line
    days = services_report.days_of_year(path.enrolment.id, *YEAR)
    assert [one.attended for one in days] == [420, 420]
    assert page.count("month=2027-01") == 2
    log_in(schools[1].manager)
    assert client.get(f"/enrolments/{path.enrolment.id}/report/2027").status_code == 404
