"""Boards: each figure is the sum of the rows that it opens to, in the network, a school and a cohort."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from popschool import clock
from popschool.attendance.models import PresenceDay
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.audit import AuditAbout, AuditEntry
from popschool.completion import services_afterwards, services_papers
from popschool.completion.models_papers import Document
from popschool.completion.rules import Exit
from popschool.completion.rules_hours import Hours
from popschool.completion.rules_papers import PaperKind
from popschool.completion.services_rules import plan_of
from popschool.completion.tasks import make_paper
from popschool.db import db
from popschool.portal.rules_webhooks import Event
from popschool.portal.services_hearing import told_of
from popschool.reports import evidence, services_board, services_network
from popschool.reports.rules_board import (
    Counted,
    Figure,
    Gap,
    Selection,
    Wanted,
    gather,
    percent,
    period_of,
    total_of,
)
from popschool.reports.rules_evidence import BY_NUMBER
from popschool.reports.services_rows import OF_PLACES, rows_of
from popschool.schools.models import Enrolment
from tests.completion.paths import HERE, ISSUED, NOTHING, TODAY, attend, make_path, pay, work_in_company
from tests.factories import add, make_award, make_half_day, make_learner, make_network_manager, save
from tests.shown import shown

FIRST, LAST = date(2027, 1, 1), date(2027, 7, 20)


def selected(**given) -> Selection:
    return Selection(**{"first": FIRST, "last": LAST, "today": TODAY} | given)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (None, None, (date(2026, 7, 20), TODAY, True)),
        (date(2027, 1, 4), None, (date(2027, 1, 4), TODAY, True)),
        (date(2027, 2, 1), date(2027, 1, 1), (date(2026, 7, 20), TODAY, False)),
        (date(2020, 1, 1), date(2027, 1, 1), (date(2026, 7, 20), TODAY, False)),
    ],
)
def test_a_board_looks_at_a_year_unless_other_days_make_a_period(first, last, found):
    assert period_of(first, last, TODAY) == found


def test_a_share_of_nothing_is_unknown_and_a_half_rounds_up():
    assert (percent(0, 0), percent(1, 8), percent(0, 5)) == (None, Decimal("12.5"), Decimal("0.0"))


def test_who_moved_on_is_counted_in_their_new_cohort_alone():
    rows = [
        Counted("places", 1, "", (3, 0, 0)),
        Counted("places", 1, "moved_cohort", (1, 1, 0)),
        Counted("places", 1, "employment", (1, 1, 0)),
        Counted("places", 1, "dropped_out", (1, 1, 0)),
        Counted("levels", 1, "RNCP/1", (2, 3)),
        Counted("levels", 1, "RNCP/1", (1, 2)),
        Counted("levels", 1, "another title", (3, 9)),
        Counted("weeks", 1, "", (2,)),
    ]

    sums = gather(rows, {1: Wanted({"RNCP/1": "Coder", "RNCP/2": "Lire"}, 2)}, {}, "employment_training")[1]

    assert (sums.entered, sums.exits[Exit.POSITIVE], sums.exits[Exit.DROPPED]) == (5, 1, 1)
    assert (sums.reached, sums.competences_asked, sums.gaps[Gap.WEEKS]) == (3, 10, 2)
    assert sums.dropped == Decimal("20.0")


NUMBERS = st.integers(0, 10_000)
ROWS = st.builds(
    Counted,
    st.sampled_from(["hours", "places", "works", "levels", *map(str, Gap)]),
    st.integers(1, 4),
    st.sampled_from(["", "employment", "moved_cohort", "RNCP/1"]),
    st.tuples(NUMBERS, st.integers(0, 1), st.integers(0, 1), NUMBERS, NUMBERS, NUMBERS),
)


@given(st.lists(ROWS))
def test_a_whole_is_the_sum_of_its_lines_whatever_they_are(rows):
    wanted = {key: Wanted({"RNCP/1": "Coder"}, 1) for key in range(1, 5)}
    by_cohort = gather(rows, wanted, {}, "none").values()
    together = gather([Counted(row.what, 1, row.word, row.numbers) for row in rows], wanted, {}, "none")

    total = total_of(by_cohort)

    if rows:
        assert total == together[1]
    assert total.hours.realised == sum(one.hours.realised for one in by_cohort)
    assert total.entered == sum(one.entered for one in by_cohort)


def lived(**given):
    """Three people: one who followed 20 half-days of 3 h 30, one who dropped out, one whom nobody pays for."""
    path = make_path(**given)
    attend(path, ["J", "A", NOTHING] + [HERE] * 17)
    pay(path)
    leaver = make_learner(path.cohort, first_name="Ali", last_name="Aron")
    make_learner(path.cohort, first_name="Zoé", last_name="Zola")
    save()
    gone = db.session.query(Enrolment).filter_by(person_id=leaver.id).one()
    gone.left_on, gone.exit_reason = date(2027, 2, 1), "dropped_out"
    save()
    return path


def attested(path) -> Document:
    return path.issue(first=date(2027, 1, 12), last=date(2027, 1, 18), kind=PaperKind.ATTENDANCE)


def everything_missing(path) -> None:
    """Add to a path one of each thing that waits for somebody."""
    cohort, person = path.cohort, path.person
    add(
        Excuse(
            school_id=cohort.school_id, cohort_id=cohort.id, person_id=person.id, starts_on=date(2027, 1, 5),
            ends_on=date(2027, 1, 6), code="AJ-MAL", sent_at=ISSUED,
        )
    )  # fmt: skip
    add(
        Dispute(
            school_id=cohort.school_id, half_day_id=path.half_days[0].id, person_id=person.id, text="J'étais là",
            sent_at=ISSUED,
        )
    )  # fmt: skip
    work_in_company(path, date(2027, 5, 3), date(2027, 5, 7), [420], is_signed=False)
    services_afterwards.ask_those_due(ISSUED, TODAY)
    save()


@pytest.mark.parametrize("level", ["network", "school", "cohort"])
def test_a_board_says_what_people_followed_and_what_is_missing(app, level):
    path = lived()
    everything_missing(path)
    make_award(path.person)
    save()

    board = board_at(level, path)

    total = board.total
    assert total.hours == Hours(
        planned=20 * 210, due=20 * 210, attended=17 * 210, justified=210, unjustified=210, missing=210
    )
    assert total.presence == Decimal("85.0")
    assert (total.entered, total.exits[Exit.DROPPED], total.exits[Exit.COMPLETED]) == (3, 1, 2)
    assert dict(total.gaps) == {
        Gap.UNSAID: 1, Gap.UNSIGNED: 1, Gap.WEEKS: 2, Gap.DISPUTES: 1, Gap.EXCUSES: 1, Gap.COMPANY: 1, Gap.UNPAID: 2,
        Gap.PAPERS: 1, Gap.QUESTIONNAIRES: 2,
    }  # fmt: skip
    assert [month for month, _hours in board.months] == [date(2027, 1, 1)]


def board_at(level: str, path, **given):
    if level == "network":
        return services_network.network_board(selected(**given))
    if level == "school":
        return services_network.school_board(selected(school_id=path.cohort.school_id, **given))
    return services_board.cohort_board(selected(cohort_id=path.cohort.id, **given), plan_of(path.cohort))


def test_every_figure_is_the_sum_of_the_rows_that_it_opens_to(app):
    path = lived()
    everything_missing(path)
    selection = selected(school_id=path.cohort.school_id)
    total = services_network.school_board(selection).total

    opened = {asked: rows_of(asked, selection, 0, 25) for asked in (*Figure, *Gap)}

    for gap in Gap:
        assert opened[gap][1] == len(opened[gap][0]) == total.gaps[gap], gap
    for figure in (Figure.PEOPLE, Figure.DROPPED, Figure.COMPLETED, Figure.POSITIVE):
        counted = total.entered if figure is Figure.PEOPLE else total.exits[Exit(figure)]
        assert opened[figure][1] == counted, figure
    presence = opened[Figure.PRESENCE][0]
    assert sum(row.hours.realised for row in presence) == total.hours.realised
    assert sum(row.validated for row in opened[Figure.WORKS][0]) == total.validated
    assert all(row.enrolment.cohort_id == path.cohort.id for asked in OF_PLACES for row in opened[asked][0])


def test_a_row_says_which_documents_it_went_into_as_long_as_they_hold(app):
    path = lived()
    document = attested(path)

    lines, _total = rows_of(Figure.HOURS, selected(cohort_id=path.cohort.id), 0, 25)
    before, _total = rows_of(Figure.HOURS, selected(last=date(2027, 1, 8)), 0, 25)

    assert {line.enrolment.person_id: [one.id for one in line.documents] for line in lines}[path.person.id] == [
        document.id
    ]
    assert all(not line.documents for line in before)


def test_a_funder_narrows_a_board_to_the_days_that_it_pays_for(app):
    path = lived()
    week = {"starts_on": date(2027, 1, 4), "ends_on": date(2027, 1, 8)}
    pay(path, funder="France Travail", **week)
    pay(path, funder="France Travail", starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 6))

    narrowed = board_at("network", path, funder="France Travail").total

    assert (narrowed.entered, narrowed.hours.due) == (1, 10 * 210), "two agreements on one day count it once"
    assert board_at("network", path, funder="Nobody").lines == []
    assert board_at("network", path, region=path.cohort.school.region).total.entered == 3
    assert board_at("network", path, region="Ailleurs").lines == []
    assert board_at("network", path, programme_id=path.cohort.programme_id).total.entered == 3
    assert board_at("school", path, programme_id=0 - 1).lines == []


def test_a_certificate_is_waited_for_at_the_end_of_its_own_place(app):
    path = lived()
    path.enrolment.left_on, path.enrolment.exit_reason = date(2027, 1, 15), "employment"
    other = make_learner(path.cohort)
    save()
    assert board_at("cohort", path).total.gaps[Gap.PAPERS] == 1

    attested_as_certificate(path)

    assert other.id and board_at("cohort", path).total.gaps[Gap.PAPERS] == 0


def attested_as_certificate(path) -> None:
    preview = path.preview(kind=PaperKind.ATTENDANCE, last=date(2027, 1, 15))
    place = {"school_id": path.cohort.school_id, "cohort_id": path.cohort.id, "enrolment_id": path.enrolment.id,
             "share_id": None, "person_id": path.person.id}  # fmt: skip
    days = (date(2027, 1, 4), date(2027, 1, 15))
    services_papers.keep(PaperKind.CERTIFICATE, place, days, preview.content, [], "VAL", path.manager, ISSUED)


def test_today_goes_on_and_nothing_of_it_is_missing_yet(app):
    path = lived()
    half_day = make_half_day(path.cohort, path.trainer, on=TODAY - timedelta(days=60))
    save()

    assert board_at("cohort", path).total.gaps[Gap.UNSIGNED] == 2
    assert board_at("cohort", path, today=half_day.on).total.gaps[Gap.UNSIGNED] == 1
    assert board_at("cohort", path, today=date(2027, 1, 5)).total.hours.due == 2 * 210


def test_a_manager_walks_from_a_figure_to_its_row_and_to_its_document(client, log_in):
    path = lived()
    document = attested(path)
    clock.freeze(ISSUED)
    log_in(path.manager)
    school = path.cohort.school_id

    home = client.get("/reports")
    board = client.get(home.location).text
    wrong = client.get(f"/schools/{school}/figures?first=2027-07-01&last=2027-01-01").text
    hours = client.get(f"/schools/{school}/figures/hours?first=2027-01-01").text
    last_page = client.get(f"/schools/{school}/figures/people?page=9").text

    assert home.location == f"/schools/{school}/figures"
    assert f"/schools/{school}/figures/papers" in board
    assert "La première date vient après la dernière" in wrong
    assert f"/documents/{document.id}" in hours and f"/people/{path.person.id}/presence?month=2027-07" in hours
    assert "Zola" in last_page
    assert client.get(f"/schools/{school}/figures/nothing").status_code == 404
    assert client.get("/reports/hours").status_code == 403


def test_a_board_is_kept_as_a_paper_and_taking_away_its_names_is_written_down(client, log_in):
    path = lived()
    everything_missing(path)
    clock.freeze(ISSUED)
    log_in(path.trainer)
    address = f"/cohorts/{path.cohort.id}/figures/paper?first=2027-01-04&last=2027-07-12"

    again = [client.post(address) for _time in range(2)]
    made = db.session.scalars(select(Document).order_by(Document.id)).all()
    make_paper(made[0].id)
    db.session.expire_all()
    page = shown(client.get(f"/documents/{made[0].id}"))
    file = client.get(f"/documents/{made[0].id}.pdf")

    assert [one.location for one in again] == [f"/documents/{one.id}#message" for one in made]
    assert [(one.number[-7:], one.starts_on, one.ends_on) for one in made] == [
        ("TS-0001", date(2027, 1, 4), date(2027, 7, 12)), ("TS-0002", date(2027, 1, 4), date(2027, 7, 12))
    ]  # fmt: skip
    said = board_at("cohort", path).total.hours
    assert f"{said.realised / 60:.2f}".replace(".", ",") in page.replace("\u202f", "")
    assert path.person.name in page and "Absences à décider" in page and "l'équipe de formation" in page
    assert file.data.startswith(b"%PDF-1.7") and b"/MarkInfo" in file.data
    taken = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export_document")).one()
    named = db.session.scalars(select(AuditAbout.person_id).where(AuditAbout.entry_id == taken.id))
    assert set(named) == set(db.session.scalars(select(Enrolment.person_id)))
    assert made[1].number in client.get(address).text


def test_a_board_of_nobody_is_not_printed_and_another_schools_is_not_there(client, log_in):
    path = lived()
    clock.freeze(ISSUED)
    school = path.cohort.school_id
    log_in(path.manager)

    empty = client.post(f"/schools/{school}/figures/paper?first=2020-01-01&last=2020-02-01")

    assert empty.status_code == 200 and "Personne n'a un jour entre ces dates" in shown(empty)
    assert db.session.scalar(select(func.count()).select_from(Document)) == 0
    assert client.post(f"/schools/{school}/figures/paper").status_code == 302
    assert client.post("/network/figures/paper").status_code == 403
    head = make_network_manager()
    save()
    log_in(head)
    assert client.post("/network/figures/paper").status_code == 302
    own, whole = db.session.scalars(select(Document).order_by(Document.id))
    assert (own.kind, whole.kind, whole.number[:6]) == ("board", "boards", "RESEAU")
    log_in(path.manager)
    assert [client.get(f"/documents/{one.id}").status_code for one in (own, whole)] == [200, 403]
    [_awards, proved] = evidence.tables_of(BY_NUMBER[11], path.cohort.school, TODAY, ISSUED.date())
    assert [row[0] for row in proved.rows] == [own.number]
    told = [told_of(Event.DOCUMENT, one.id) for one in (own, whole)]
    assert [found and found.data["number"] for found in told] == [own.number, None]


def test_hours_that_no_longer_add_up_are_said_and_no_board_is_printed_of_them(client, log_in):
    path = lived()
    clock.freeze(ISSUED)
    log_in(path.manager)
    day = db.session.scalars(select(PresenceDay).where(PresenceDay.enrolment_id == path.enrolment.id)).first()
    db.session.execute(update(PresenceDay).where(PresenceDay.on == day.on).values(planned=day.planned + 30))
    db.session.commit()

    said, school, cohort = "il faut les recompter. Cela touche : ", path.cohort.school_id, path.cohort
    for address, where in ((f"/schools/{school}", cohort.code), (f"/cohorts/{cohort.id}", path.person.name)):
        assert f"{said}{where}." in shown(client.get(f"{address}/figures"))
        assert f"{said}{where}." in shown(client.post(f"{address}/figures/paper"))
    assert f"{said}{path.person.name}" in shown(client.get(f"/schools/{school}/report/{TODAY.year}"))
    assert db.session.scalar(select(func.count()).select_from(Document)) == 0
