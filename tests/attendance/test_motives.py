"""The motives of absence of a school: what its funders accept, and what was decided before stays decided."""

from datetime import date

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.attendance import services, services_codes, services_marks, services_own
from popschool.attendance import services_absences as absences
from popschool.attendance.models_absences import Excuse
from popschool.attendance.rules import Absence, Mark, State
from popschool.audit import AuditEntry
from popschool.db import db
from tests.factories import make_cohort, make_half_day, make_learner, make_manager, make_trainer, save

MONDAY = date(2027, 3, 8)


@pytest.fixture
def absence(app, now):
    """A learner marked absent who says that their train was late, and the head of their school."""
    cohort = make_cohort()
    trainer, person, manager = make_trainer(cohort), make_learner(cohort), make_manager(cohort.school)
    half_day = make_half_day(cohort, trainer)
    save()
    services.open_half_day(half_day, trainer.id, now)
    services_marks.mark(half_day, person, services_marks.Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, now)
    excuse = absences.explain(person, (cohort.school_id, cohort.id), MONDAY, MONDAY, "AJ-TRA", "", None, now)
    return half_day, person, manager, excuse


def address(half_day, code=""):
    return f"/schools/{half_day.school_id}/absence-codes" + (f"/{code}" if code else "")


def test_a_school_adds_a_motive_that_its_learners_are_offered(absence, client, log_in):
    half_day, person, manager, _excuse = absence
    log_in(manager)
    given = {"code": " aj-per ", "words": "Permis de conduire", "is_justified": "yes"}
    client.post(address(half_day), data=given)
    twice = client.post(address(half_day), data=given | {"words": "Un autre"})

    log_in(person)
    assert "Permis de conduire" in client.get("/presence/absence").text
    assert "a déjà un motif" in twice.text
    assert services_codes.motives_of(half_day.school_id)["AJ-PER"].words == "Permis de conduire"


def test_a_motive_that_a_funder_refuses_justifies_no_more(absence, client, log_in):
    half_day, person, manager, excuse = absence
    log_in(manager)
    client.post(address(half_day, "AJ-TRA"), data={"used": "1"})

    assert "ne justifie pas une absence" in client.get(f"/absences/{excuse.id}").text
    refused = client.post(f"/absences/{excuse.id}", data={"decision": "accepted"})
    mark = f"/half-days/{half_day.id}/people/{person.id}"
    tried = {"mark": "absent", "absence": "justified", "code": "AJ-TRA"}

    assert "Répondez" in refused.text
    assert "Transport" not in client.get(mark).text
    assert client.post(mark, data=tried).status_code == 200
    assert db.session.scalars(select(Excuse.decided_at)).one() is None
    assert services_own.line_of(half_day, person.id).standing.state is State.UNJUSTIFIED


def test_what_was_decided_stays_when_the_school_changes_its_mind(absence, client, log_in, now):
    half_day, person, manager, excuse = absence
    absences.decide(excuse, manager, True, "", "Papier accepté", now, clock.today())
    log_in(manager)
    client.post(address(half_day, "AJ-TRA"), data={})

    assert "Transport" in client.get(f"/half-days/{half_day.id}/people/{person.id}").text
    assert services_own.line_of(half_day, person.id).mark.facts["absence"] == "justified"
    log_in(person)
    page = client.get("/presence/absence").text
    assert page.count("Transport") == 1
    kept = db.session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "set_absence_code")).one()
    assert kept == {"code": "AJ-TRA", "justified": False, "used": False}


def test_another_school_keeps_its_own(absence, client, log_in):
    half_day, _person, manager, _excuse = absence
    other = make_cohort()
    save()
    log_in(manager)
    client.post(address(half_day, "AJ-TRA"), data={"used": "1"})

    assert services_codes.motives_of(other.school_id)["AJ-TRA"].is_justified
    assert client.get(f"/schools/{other.school_id}/absence-codes").status_code == 404
    assert client.post(address(half_day, "AJ-XYZ"), data={}).status_code == 404
