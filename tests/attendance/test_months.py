"""The month of a cohort and of a person, on a page and for a spreadsheet."""

import io
from datetime import UTC, date, datetime

import openpyxl
import pytest

from popschool import clock
from popschool.attendance import services, services_marks
from popschool.attendance.models import CompanyPeriod, CompanyWeek
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.attendance.services_months import months_of, statement
from popschool.audit import AuditEntry
from popschool.db import db
from popschool.schools.models import Enrolment
from tests.factories import (
    add,
    make_cohort,
    make_enrolment,
    make_half_day,
    make_learner,
    make_manager,
    make_trainer,
    save,
)

OPEN = datetime(2027, 3, 8, 8, 30, tzinfo=UTC)
OVER = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)
BUTTON = Act(Method.BUTTON, "Je participe.", "1-fr")


@pytest.fixture
def month(app):
    """A morning: one person there, one late by half an hour, one away with a reason; and a week in a company."""
    cohort = make_cohort()
    trainer = make_trainer(cohort)
    here, late, away = (make_learner(cohort, last_name=name) for name in ("A", "B", "=C"))
    half_day = make_half_day(cohort, trainer)
    save()
    clock.freeze(OPEN)
    for person in (here, late):
        services.sign(half_day, person, BUTTON, OPEN)
    services_marks.mark(half_day, late, Said(Mark.PARTIAL, Absence.UNJUSTIFIED, late_minutes=30), trainer, OPEN)
    services_marks.mark(half_day, away, Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL"), trainer, OPEN)
    services.countersign(half_day, trainer, BUTTON, OVER)
    period = add(
        CompanyPeriod(
            school_id=cohort.school_id, cohort_id=cohort.id, starts_on=date(2027, 3, 15), ends_on=date(2027, 3, 19),
            created_at=OPEN,
        )
    )  # fmt: skip
    add(
        CompanyWeek(
            school_id=cohort.school_id, period_id=period.id, person_id=here.id, monday=date(2027, 3, 15),
            days={"2027-03-15": 420, "2027-03-16": 400}, tutor_signed_at=OVER, created_at=OPEN,
        )
    )  # fmt: skip
    save()
    return cohort, trainer, half_day


def test_a_month_adds_up_in_minutes(month):
    cohort, _, _ = month
    lines = statement(cohort.id, date(2027, 3, 1))

    assert [
        (one.total.planned, one.total.attended, one.total.justified, one.total.unjustified, one.company_minutes)
        for one in lines
    ] == [(210, 0, 210, 0, 0), (210, 210, 0, 0, 820), (210, 180, 0, 30, 0)]


def test_a_month_in_a_company_alone_is_a_line(month):
    """No half-day is planned in the centre, and the tutor has signed every week."""
    cohort, _, _ = month
    period = db.session.query(CompanyPeriod).one()
    period.ends_on = date(2027, 4, 30)
    person = statement(cohort.id, date(2027, 3, 1))[1].person
    week_in(period, person, date(2027, 4, 5), {"2027-04-05": 420}, tutor_signed_at=OVER)

    (line,) = statement(cohort.id, date(2027, 4, 1))

    assert (line.person.id, line.total.planned, line.company_minutes) == (person.id, 0, 420)
    assert months_of(cohort.id) == [date(2027, 4, 1), date(2027, 3, 1)]


def test_hours_in_a_company_are_those_of_one_place_and_of_the_version_that_is_signed(month):
    """The person leaves this cohort and comes back to it; another cohort had sent them to a company before."""
    cohort, _, _ = month
    period = db.session.query(CompanyPeriod).one()
    person = statement(cohort.id, date(2027, 3, 1))[1].person
    first = db.session.query(Enrolment).filter_by(person_id=person.id).one()
    first.left_on = date(2027, 3, 15)
    make_enrolment(person, cohort, starts_on=date(2027, 3, 16))
    elsewhere = make_cohort(cohort.school)
    other = add(
        CompanyPeriod(
            school_id=cohort.school_id, cohort_id=elsewhere.id, starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 31),
            created_at=OPEN,
        )
    )  # fmt: skip
    week_in(other, person, date(2027, 3, 22), {"2027-03-22": 300}, tutor_signed_at=OVER)

    assert [one.company_minutes for one in statement(cohort.id, date(2027, 3, 1)) if one.person.id == person.id] == [
        420, 400,
    ]  # fmt: skip

    week_in(period, person, date(2027, 3, 15), {"2027-03-15": 60}, version=2)

    assert {one.company_minutes for one in statement(cohort.id, date(2027, 3, 1))} == {0}


def week_in(period, person, monday, days, **given):
    add(
        CompanyWeek(
            school_id=period.school_id, period_id=period.id, person_id=person.id, monday=monday, days=days,
            created_at=OPEN, **given,
        )
    )  # fmt: skip
    save()


def test_the_page_and_the_spreadsheets_say_the_same(month, client, log_in):
    cohort, trainer, _ = month
    log_in(trainer)
    page = client.get(f"/cohorts/{cohort.id}/months?month=2027-03").text
    plain = client.get(f"/cohorts/{cohort.id}/months/2027-03.csv").data.decode("utf-8-sig").splitlines()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/cohorts/{cohort.id}/months/2027-03.xlsx").data))
    table = list(book.active.iter_rows(values_only=True))

    assert "3 h 30" in page.replace("\u00a0", " ")
    assert plain[1].startswith("'=C;")
    assert plain[2].split(";")[6:10] == ["3,50", "3,50", "0,00", "13,67"]
    assert table[1][0] == "=C" and book.active["A2"].data_type == "s"
    assert table[3][6:12] == (3.5, 3.0, 0, 0, 0, 0.5)
    assert "MAL" not in page + "".join(plain)


def test_who_takes_a_month_away_is_written_down(month, client, log_in):
    cohort, trainer, _ = month
    log_in(trainer)
    client.get(f"/cohorts/{cohort.id}/months/2027-03.csv")

    entry = db.session.query(AuditEntry).filter_by(action="export_month").one()
    assert (entry.actor_id, entry.facts) == (trainer.id, {"month": "2027-03", "rows": 3})


@pytest.mark.parametrize("path", ["months?month=mars", "months/2027-13.csv", "months/2027-03.exe"])
def test_a_month_that_is_none_answers_404(month, client, log_in, path):
    cohort, trainer, _ = month
    log_in(trainer)

    assert client.get(f"/cohorts/{cohort.id}/{path}").status_code == 404


def test_a_person_has_a_record_that_others_do_not_see(month, client, log_in):
    cohort, trainer, half_day = month
    person = statement(cohort.id, date(2027, 3, 1))[1].person
    path = f"/people/{person.id}/presence?month=2027-03"
    for visitor, status in ((trainer, 200), (person, 200), (make_manager(), 404), (make_learner(cohort), 404)):
        save()
        log_in(visitor)
        assert client.get(path).status_code == status
