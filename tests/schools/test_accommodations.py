"""What is arranged for somebody is said as what to do, to those who do it; it follows when its person agrees."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from popschool.audit import FileReading
from popschool.auth.rules import Role
from popschool.db import db
from popschool.portal.services_data import facts
from popschool.projects.services_windows import own_window
from popschool.schools import people
from popschool.schools.models import Accommodation, ContactNote
from tests.factories import make_assignment, make_cohort, make_learner, make_person, make_role, make_trainer, save

NOTE = "Demander une place près de la fenêtre."
MEASURES = {"quiet_place": "y", "sign_language": "y", "deadline_days": "2", "breaks": "dix minutes par heure"}


@pytest.fixture
def contact(app, log_in):
    cohort = make_cohort()
    learner, person = make_learner(cohort), make_person("Référente")
    make_role(person, Role.DISABILITY_CONTACT, cohort.school)
    save()
    log_in(person)
    return cohort, learner


def arranged(person, school_id, now, **more):
    fields = {"deadline_days": 2, "starts_on": now.date() - timedelta(days=30), "created_at": now} | more
    db.session.add(Accommodation(person_id=person.id, school_id=school_id, **fields))
    save()


def test_a_disability_contact_arranges_what_to_do_and_finds_it_in_their_own_space(contact, client, now):
    cohort, learner = contact
    answer = client.post(
        f"/people/{learner.id}/accommodations/new", data=MEASURES | {"starts_on": now.date().isoformat()}
    )

    assert answer.location == f"/schools/{cohort.school_id}/accommodations"
    page = client.get(client.get("/").location).text
    assert learner.name in page
    assert "un endroit calme ; interprète en langue des signes" in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert client.get(f"/people/{learner.id}").status_code in (403, 404)
    [one] = people.accommodations_of(learner.id)
    assert client.post(f"/accommodations/{one.id}/end").location == answer.location


def test_nobody_else_opens_the_space_of_the_disability_contact(contact, client, log_in):
    cohort, learner = contact
    for person in (learner, make_trainer(cohort), make_person()):
        save()
        log_in(person)
        assert client.get(f"/schools/{cohort.school_id}/accommodations").status_code in (403, 404)
        assert client.get("/accommodations").status_code == 404


def test_a_contact_finds_somebody_and_keeps_notes_that_nobody_else_opens(contact, client, log_in):
    cohort, learner = contact
    found = client.get(f"/schools/{cohort.school_id}/accommodations?q={learner.last_name}").text
    assert f"/people/{learner.id}/notes" in found and f"/people/{learner.id}/accommodations/new" in found
    place = f"/people/{learner.id}/notes"
    for _click in range(2):
        assert client.post(place, data={"words": NOTE}).status_code == 302
    page = client.get(place).text
    assert page.count(NOTE) == 1
    [note] = db.session.scalars(select(ContactNote))
    assert NOTE not in str(db.session.execute(text("SELECT * FROM contact_note")).all())
    assert NOTE not in str(db.session.execute(text("SELECT facts FROM audit_entry")).all())
    assert {one.part for one in db.session.scalars(select(FileReading))} == {"notes"}
    assert facts(learner.id)["contact_note"][0]["words"] == NOTE  # whoever it is about may ask for it

    others = [learner, make_trainer(cohort), make_person(), make_person(), make_person()]
    for person, role in zip(others[2:], (Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER, Role.FUNDER), strict=True):
        make_role(person, role, None if role is Role.NETWORK_MANAGER else cohort.school)
    elsewhere = make_person()
    make_role(elsewhere, Role.DISABILITY_CONTACT, make_cohort().school)
    save()
    for person in (*others, elsewhere):
        log_in(person)
        assert client.get(place).status_code in (403, 404)
        assert client.get(f"/notes/{note.id}/erase").status_code in (403, 404)


def test_a_contact_erases_a_note(contact, client):
    _cohort, learner = contact
    client.post(f"/people/{learner.id}/notes", data={"words": NOTE})
    [note] = db.session.scalars(select(ContactNote))

    assert client.post(f"/notes/{note.id}/erase").status_code == 302

    assert db.session.scalars(select(ContactNote)).all() == []


def test_what_was_arranged_elsewhere_holds_and_is_seen_once_its_person_agrees(app, client, log_in, now):
    here, elsewhere = make_cohort(), make_cohort()
    learner, trainer = make_learner(here), make_trainer(here)
    assignment = make_assignment(here)
    arranged(learner, elsewhere.school_id, now, sign_language=True)

    def known():
        more = own_window(assignment, learner.id).due_at - assignment.due_at
        log_in(trainer)
        page = client.get(f"/people/{learner.id}").text
        told = people.arranged_for([learner.id], here.school_id, now.date())
        return more.days, "langue des signes" in page, len(told)

    assert known() == (0, False, 0)
    log_in(learner)
    assert "Oui, ils me suivent" in client.get(f"/people/{learner.id}").text
    client.post("/accommodations/follow", data={"follows": "1"})
    assert known() == (2, True, 1)
    log_in(learner)
    client.post("/accommodations/follow", data={"follows": "0"})
    assert known() == (0, False, 0)
