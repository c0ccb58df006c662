"""Pages that gather: where each role begins, a learner's day, one person's file, opening a cohort."""

from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.auth.rules import Role
from popschool.courses.models import Programme, Revision
from popschool.db import db
from popschool.grading import services
from popschool.grading.models import Feedback
from popschool.grading.services import Answer
from popschool.projects.models import SubmissionState
from popschool.projects.services_drafts import save_draft
from popschool.schools.models import Cohort, Enrolment
from tests.conftest import NOW
from tests.factories import (
    make_assignment,
    make_author,
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_programme,
    make_role,
    make_school,
    make_submission,
    make_trainer,
    save,
)
from tests.shown import shown

DAY = timedelta(days=1)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def learner(cohort, log_in):
    return log_in(make_learner(cohort))


def decide(submission, decision):
    state = db.session.get_one(SubmissionState, submission.id)
    state.decision, state.decided_at, state.is_waiting = decision, NOW - DAY, False
    save()


# where each role begins


@pytest.mark.parametrize(
    ("visitor", "address"),
    [
        (make_learner, "/today"),
        (make_trainer, "/queue"),
        (lambda cohort: make_author(), "/courses"),
        (lambda cohort: make_network_manager(), "/network"),
    ],
)
def test_each_role_begins_where_its_day_does(client, cohort, log_in, visitor, address):
    log_in(visitor(cohort))

    assert client.get("/").location == address


def test_a_manager_begins_at_their_school(client, cohort, log_in):
    log_in(make_manager(cohort.school))

    assert client.get("/").location == f"/schools/{cohort.school_id}"


def test_somebody_who_has_left_still_begins_with_their_day(client, cohort, log_in):
    person = make_learner(cohort)
    db.session.query(Enrolment).filter_by(person_id=person.id).one().left_on = (NOW - DAY).date()
    log_in(person)

    assert client.get("/").location == "/today"


def test_somebody_without_a_page_of_work_is_welcomed(client, app, log_in):
    person = make_person()
    make_role(person, Role.DISABILITY_CONTACT, make_school())
    log_in(person)

    page = client.get("/", follow_redirects=True)

    assert page.status_code == 200 and person.name in shown(page)


@pytest.mark.parametrize("role", [Role.FUNDER, Role.AUDITOR])
def test_who_comes_from_outside_is_told_what_opens_to_them(client, app, log_in, role):
    person = make_person()
    make_role(person, role)
    log_in(person)

    page = client.get("/", follow_redirects=True)

    assert page.request.path == "/doors" and "Aucun dossier ne vous est ouvert" in shown(page)


def test_who_works_here_has_no_day_of_a_learner(client, cohort, log_in):
    log_in(make_manager(cohort.school))

    assert client.get("/today").location == "/"


def test_nobody_has_a_day_without_signing_in(client, app):
    assert client.get("/today").status_code == 302


# a learner's day: the next action first, in every state


def first_words(page):
    """Return the words of the card of the day."""
    return shown(page.text.split('class="flag', 1)[1].split("</section>")[0]) if 'class="flag' in page.text else ""


def test_nothing_set_yet(client, learner):
    assert "Pas encore de projet" in shown(client.get("/today"))


@pytest.mark.parametrize(
    ("window", "decision", "has_draft", "words", "leads_to"),
    [
        ({}, None, False, "Votre projet du moment", "/assignments/{a}"),
        ({}, None, True, "Finissez votre envoi", "/deliverables/{d}/submit"),
        ({"due_at": NOW - DAY}, None, False, "Votre travail est en retard", "/assignments/{a}"),
        ({"due_at": NOW - DAY}, None, True, "Votre travail est en retard", "/deliverables/{d}/submit"),
        ({}, "to_complete", False, "Complétez votre travail", "/submissions/{s}/feedback"),
        ({}, "to_complete", True, "Finissez votre envoi", "/deliverables/{d}/submit"),
        ({}, "", False, "Rien à envoyer pour le moment", "/projects"),
        ({}, "validated", False, "Tout est validé", "/competences"),
        (
            {"due_at": NOW - 2 * DAY, "closes_at": NOW - DAY},
            None,
            False,
            "Le temps pour envoyer est fini",
            "/assignments/{a}",
        ),
        ({"opens_at": NOW + DAY, "due_at": NOW + 5 * DAY}, None, False, "ouvre mardi 9 mars", "/assignments/{a}"),
    ],
)
def test_the_next_action_is_said_first(client, cohort, learner, window, decision, has_draft, words, leads_to):
    assignment = make_assignment(cohort, **window)
    deliverable, sent = assignment.deliverables[0], None
    if decision is not None:
        sent = make_submission(deliverable, [learner])
        if decision:
            decide(sent, decision)
    save()
    if has_draft:
        save_draft(deliverable, learner.id, NOW, text="Un début")

    page = client.get("/today")

    card = page.text.split('class="flag', 1)[1].split("</section>")[0]
    assert words in shown(card)
    address = leads_to.format(a=assignment.id, d=deliverable.id, s=sent.id if sent else "")
    assert f'href="{address}"' in card
    assert card.count('class="btn btn--big"') <= 1


def test_work_to_complete_comes_before_work_to_do(client, cohort, learner):
    make_assignment(cohort, due_at=NOW + DAY)
    answered = make_assignment(cohort, due_at=NOW + 9 * DAY)
    decide(make_submission(answered.deliverables[0], [learner]), "to_complete")

    page = client.get("/today")

    assert "Complétez votre travail" in first_words(page)
    assert shown(page).count("Projet ") >= 2


def test_before_the_first_day_the_day_is_said(client, cohort, log_in):
    person = make_person("Apprenante")
    make_enrolment(person, cohort, starts_on=(NOW + 7 * DAY).date())
    log_in(person)

    assert "Votre formation commence lundi 15 mars" in first_words(client.get("/today"))


def test_after_the_last_day_work_and_competences_stay(client, cohort, learner):
    sent = make_submission(make_assignment(cohort).deliverables[0], [learner])
    db.session.query(Enrolment).filter_by(person_id=learner.id).one().left_on = (NOW - 3 * DAY).date()
    save()

    page = client.get("/today")

    assert "Votre formation est finie Elle s'est terminée vendredi 5 mars." in first_words(page)
    assert f"/assignments/{sent.assignment_id}" in client.get("/projects").text
    assert client.get(f"/submissions/{sent.id}").status_code == 200


def test_somebody_who_was_never_in_a_cohort_is_told_so(client, app, log_in):
    log_in(make_person())

    assert "Vous n'êtes dans aucune promo aujourd'hui." in shown(client.get("/today"))


def test_what_was_answered_is_shown_with_its_words(client, cohort, learner):
    trainer = make_trainer(cohort)
    sent = make_submission(make_assignment(cohort).deliverables[0], [learner])
    save()
    services.send_answer(sent, trainer, Answer("to_complete", "Ajoutez les prix."), [], 0, NOW - DAY)

    assert "« Ajoutez les prix. »" in shown(client.get("/today"))


def test_the_last_words_that_hold_are_shown(client, cohort, learner):
    trainer = make_trainer(cohort)
    sent = make_submission(make_assignment(cohort).deliverables[0], [learner])
    decide(sent, "to_complete")
    said = {"school_id": cohort.school_id, "submission": sent, "trainer": trainer, "decision": "to_complete"}
    for number, comment, undone_at in ((1, "Un.", None), (2, "Deux.", None), (3, "Trois.", NOW)):
        db.session.add(Feedback(**said, number=number, comment=comment, sent_at=NOW - DAY, undone_at=undone_at))
    save()

    page = shown(client.get("/today"))

    assert "« Deux. »" in page
    assert "Un." not in page
    assert "Trois." not in page


def test_a_learners_day_costs_few_queries(client, cohort, learner, queries):
    for _ in range(6):
        decide(make_submission(make_assignment(cohort).deliverables[0], [learner]), "validated")
        make_assignment(cohort)
    save()

    with queries() as seen:
        Context().run(client.get, "/today")

    assert len([one for one in seen if one.startswith("SELECT")]) <= 3


# one person's file


def test_a_persons_file_gathers_their_places_their_work_and_their_competences(client, cohort, log_in, queries):
    person, trainer = make_learner(cohort), make_trainer(cohort)
    sent = make_submission(make_assignment(cohort).deliverables[0], [person])
    save()
    log_in(trainer)

    with queries() as seen:
        page = Context().run(client.get, f"/people/{person.id}/file")

    text = shown(page)
    assert all(words in text for words in (cohort.code, "Le menu du jour", "La page, version 1", "Réaliser une page"))
    assert f'href="/submissions/{sent.id}"' in page.text
    assert len([one for one in seen if one.startswith("SELECT")]) <= 8


def test_the_file_of_somebody_who_is_nowhere_is_empty(client, app, log_in):
    person = make_person()
    log_in(make_network_manager())

    text = shown(client.get(f"/people/{person.id}/file"))

    assert "Pas encore de travail." in text and "Pas encore de compétence." in text


@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        (lambda cohort: None, 302),
        (make_learner, 404),
        (lambda cohort: make_learner(), 404),
        (lambda cohort: make_trainer(make_cohort()), 404),
        (lambda cohort: make_author(), 404),
        (make_trainer, 200),
        (lambda cohort: make_manager(cohort.school), 200),
        (lambda cohort: make_network_manager(), 200),
    ],
)
def test_a_persons_file_is_for_their_team(client, cohort, log_in, visitor, status):
    person = make_learner(cohort)
    save()
    seen_by = visitor(cohort)
    if seen_by is not None:
        log_in(seen_by)

    assert client.get(f"/people/{person.id}/file").status_code == status


def test_a_person_that_does_not_exist_has_no_file(client, app, log_in):
    log_in(make_network_manager())

    assert client.get("/people/999999/file").status_code == 404


# opening a cohort


@pytest.fixture
def school(app):
    return make_school(code="VAL")


def opening(programme, **given):
    data = {"programme": programme.id, "code": "VAL-2027-9", "starts_on": "2027-03-15", "ends_on": "2027-09-10"}
    return data | given


def test_a_manager_opens_a_cohort_on_the_revision_that_serves(client, school, log_in):
    programme = make_programme()
    log_in(make_manager(school))
    assert "Développeur web" in shown(client.get(f"/schools/{school.id}/cohorts/new"))

    answer = client.post(f"/schools/{school.id}/cohorts/new", data=opening(programme))

    made = db.session.scalars(select(Cohort)).one()
    assert answer.location == f"/cohorts/{made.id}"
    assert (made.code, made.programme_id) == ("VAL-2027-9", programme.id)
    assert made.revision_id == db.session.scalars(select(Revision.id)).one()


@pytest.mark.parametrize(
    "given",
    [
        {"programme": "999999"},
        {"programme": ""},
        {"code": ""},
        {"code": "x" * 60},
        {"starts_on": "hier"},
        {"ends_on": "2027-03-01"},
        {"starts_on": "", "ends_on": ""},
    ],
)
def test_a_cohort_badly_written_is_refused_with_what_was_typed(client, school, log_in, given):
    programme = make_programme()
    log_in(make_manager(school))

    answer = client.post(f"/schools/{school.id}/cohorts/new", data=opening(programme) | given)

    assert answer.status_code == 200 and "choses à corriger" in shown(answer) or "chose à corriger" in shown(answer)
    assert db.session.query(Cohort).count() == 0


def test_a_double_click_opens_one_cohort_and_its_code_is_then_taken(client, school, log_in):
    programme = make_programme()
    log_in(make_manager(school))
    for _ in range(2):
        answer = client.post(f"/schools/{school.id}/cohorts/new", data=opening(programme))
        assert answer.status_code == 302

    answer = client.post(
        f"/schools/{school.id}/cohorts/new", data=opening(programme, code="val-2027-9", ends_on="2027-10-01")
    )

    assert "Le code VAL-2027-9 est déjà pris." in shown(answer)
    assert db.session.query(Cohort).count() == 1


def test_without_any_course_there_is_nothing_to_open(client, school, log_in):
    log_in(make_manager(school))

    assert "Il n'y a pas encore de cours" in shown(client.get(f"/schools/{school.id}/cohorts/new"))
    assert client.post(f"/schools/{school.id}/cohorts/new", data={"code": "A"}).status_code == 200
    assert db.session.query(Programme).count() == 0


@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        (lambda school: None, 302),
        (lambda school: make_learner(make_cohort(school)), 403),
        (lambda school: make_trainer(school=school), 403),
        (lambda school: make_manager(), 404),
        (lambda school: make_author(), 404),
        (lambda school: make_network_manager(), 200),
    ],
)
def test_only_managers_open_a_cohort(client, school, log_in, visitor, status):
    person = visitor(school)
    if person is not None:
        log_in(person)

    assert client.get(f"/schools/{school.id}/cohorts/new").status_code == status
