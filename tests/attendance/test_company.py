"""Weeks in a company, signed by the learner, then by the tutor with a link."""

import html
import re
from datetime import UTC, date, datetime

import pytest

from popschool import clock
from popschool.attendance import services_company as company
from popschool.attendance import services_planning as planning
from popschool.attendance.models import CompanyWeek
from popschool.db import db
from popschool.outbox import Outgoing
from tests.factories import make_cohort, make_learner, make_manager, save

FRIDAY = datetime(2027, 3, 12, 16, 0, tzinfo=UTC)
MONDAY = date(2027, 3, 8)
WEEK = {f"2027-03-{day:02}": "7" for day in range(8, 13)} | {"2027-03-13": "0"}


@pytest.fixture
def period(app):
    cohort = make_cohort()
    person, manager = make_learner(cohort), make_manager(cohort.school)
    save()
    clock.freeze(FRIDAY)
    about = {"company": "Atelier", "tutor_name": "Tutrice 01", "tutor_mail": "tutrice01@example.org"}
    made = planning.add_company_period(cohort, person, MONDAY, date(2027, 4, 30), manager.id, FRIDAY, **about)
    return made, person, manager


def link_sent():
    text = db.session.query(Outgoing).filter_by(recipient="tutrice01@example.org").order_by(Outgoing.id.desc()).first()
    return re.search(r"/company/sign/\w+", text.text).group()


def test_a_learner_then_the_tutor_sign_a_week(period, client, log_in):
    made, person, manager = period
    log_in(person)
    client.post(f"/company/{made.id}/weeks/2027-03-08", data=WEEK | {"2027-03-09": "7:30", "2027-03-10": "6,5"})
    tutor = client.application.test_client()
    link = link_sent()
    assert "35 h" in tutor.get(link).text.replace("\u00a0", " ")
    assert db.session.query(CompanyWeek).one().tutor_signed_at is None
    tutor.post(link, data={"name": "Tutrice 01"})

    week = db.session.query(CompanyWeek).one()
    assert week.days["2027-03-09"] == 450 and week.days["2027-03-10"] == 390
    assert (week.learner_signed_at, week.tutor_signed_at) == (FRIDAY, FRIDAY)
    assert "Signé par Tutrice 01" in tutor.get(link).text
    log_in(manager)
    assert "signée dans l'entreprise" in client.get(f"/cohorts/{made.cohort_id}/company-periods").text


def test_a_company_is_written_to_in_french_whatever_the_language_of_the_page(period, client, log_in):
    made, person, _manager = period
    log_in(person)
    client.set_cookie("comfort", "language=ar")
    page = client.get(f"/company/{made.id}/weeks/2027-03-08").text
    client.post(f"/company/{made.id}/weeks/2027-03-08", data=WEEK)

    sent = db.session.query(Outgoing).filter_by(recipient="tutrice01@example.org").one()
    assert sent.subject == "Une semaine à signer"
    assert sent.text.startswith("Bonjour,")
    assert 'lang="ar"' in page and "Ces heures sont celles que j'ai faites." in html.unescape(page)


def test_a_week_written_again_is_a_new_version_and_the_old_link_is_dead(period, client, log_in):
    made, person, _ = period
    log_in(person)
    client.post(f"/company/{made.id}/weeks/2027-03-08", data=WEEK)
    old = link_sent()
    client.post(f"/company/{made.id}/weeks/2027-03-08", data=WEEK | {"2027-03-12": "5"})

    assert [week.version for week in db.session.query(CompanyWeek).order_by(CompanyWeek.id)] == [1, 2]
    assert client.get(old).status_code == 404
    assert client.get(link_sent()).status_code == 200


def test_a_tutor_signs_once(period, now):
    made, person, _ = period
    week, secret = company.sign_week(made, person, MONDAY, {MONDAY: 420}, FRIDAY, FRIDAY.date())
    company.sign_as_tutor(week, "Tutrice 01", FRIDAY)

    with pytest.raises(company.AlreadySignedByTutor):
        company.sign_as_tutor(week, "Autre", FRIDAY)


@pytest.mark.parametrize("written", ["beaucoup", "-2", "25", "11", "7:75"])
def test_hours_that_make_no_sense_are_refused_and_kept(period, client, log_in, written):
    made, person, _ = period
    log_in(person)
    page = client.post(f"/company/{made.id}/weeks/2027-03-08", data=WEEK | {"2027-03-09": written}).text

    assert "à corriger" in page
    assert f'value="{written}"' in page
    assert db.session.query(CompanyWeek).count() == 0


def test_nobody_signs_the_week_of_another_or_one_to_come(period, client, log_in):
    made, person, _ = period
    other = make_learner()
    save()
    log_in(other)
    assert client.get(f"/company/{made.id}/weeks/2027-03-08").status_code == 404
    log_in(person)
    assert "pas commencé" in client.post(f"/company/{made.id}/weeks/2027-03-15", data=WEEK).text
    assert client.get("/company/sign/" + "x" * 24).status_code == 404
