"""Where a person stands: each competence, its level, and the proofs behind it."""

from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.courses.models import Competence, PageVersion, Rendered, Revision
from popschool.db import db
from popschool.grading import services
from popschool.grading.services import Answer
from popschool.grading.services_competences import standings
from popschool.schools import places
from popschool.schools.models import Enrolment
from tests.conftest import NOW
from tests.factories import (
    add,
    make_assignment,
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_revision,
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
def proof(cohort):
    """A version that proves a competence at level 1, and another at level 2."""
    submission = make_submission(make_assignment(cohort).deliverables[0])
    trainer = make_trainer(cohort)
    save()
    keys = db.session.scalars(select(Competence.key).order_by(Competence.id)).all()
    services.send_answer(submission, trainer, Answer("validated", "Bien.", {}, {keys[0]: 1, keys[1]: 2}), [], 0, NOW)
    submission.trainer = trainer
    return submission


def test_each_competence_of_the_programme_has_its_level_and_its_proofs(cohort, proof):
    found = standings(proof.owners[0].person_id, cohort.id)

    assert [(one.title, one.level, len(one.proofs)) for one in found] == [
        ("Réaliser une page", 1, 1),
        ("Rendre une page dynamique", 2, 1),
    ]
    assert found[0].proofs[0].submission.id == proof.id
    assert found[0].proofs[0].trainer == proof.trainer.name


def test_a_correction_leaves_no_level_of_the_answer_it_replaces(cohort, proof):
    keys = db.session.scalars(select(Competence.key).order_by(Competence.id)).all()
    services.send_answer(
        proof, proof.trainer, Answer("to_complete", "Je me trompais.", {}, {keys[0]: 0, keys[1]: 0}), [], 1, NOW
    )

    found = standings(proof.owners[0].person_id, cohort.id)

    assert [(one.level, len(one.proofs)) for one in found] == [(0, 0), (0, 0)]


def test_what_was_awarded_in_another_programme_follows_the_person(cohort, proof):
    elsewhere = make_cohort()

    found = standings(proof.owners[0].person_id, elsewhere.id)

    assert [(one.title, one.level) for one in found if one.level] == [
        ("Réaliser une page", 1),
        ("Rendre une page dynamique", 2),
    ]


def test_a_learner_reads_their_competences_and_each_proof_leads_to_its_version_and_its_page(
    client, cohort, proof, log_in
):
    log_in(proof.owners[0].person)

    page = client.get("/competences")

    text = shown(page)
    assert "Sur 2 en tout." in text
    assert text.index("Réaliser une page") < text.index("Je refais", text.index("Réaliser une page"))
    assert f"La page, version {proof.version}" in text
    assert f'href="/submissions/{proof.id}"' in page.text
    assert f'href="/submissions/{proof.id}/project"' in page.text


def test_a_proof_shows_the_project_page_as_it_was(client, cohort, proof, log_in):
    log_in(proof.owners[0].person)
    before = db.session.query(PageVersion).filter_by(role="brief").one()
    revision = make_revision(db.session.get(Revision, cohort.revision_id).source)
    before.until = revision.number - 1
    rendered = add(
        Rendered(
            hash="f" * 64,
            text="Réécrit",
            headings=[],
            sections=[{"id": "contexte", "title": "Contexte", "html": "<p>Réécrit.</p>"}],
        )
    )
    add(
        PageVersion(
            page_id=before.page_id,
            variant="",
            since=revision.number,
            position=0,
            title="Réécrit",
            path="p.md",
            role="brief",
            rendered_hash=rendered.hash,
            weight=1,
        )
    )
    cohort.revision_id = revision.id
    save()

    assert "Réécrit." in shown(client.get(f"/assignments/{proof.assignment_id}"))
    as_it_was = shown(client.get(f"/submissions/{proof.id}/project"))
    assert "Le café change son menu." in as_it_was and "Réécrit." not in as_it_was
    assert "version 1 du cours" in as_it_was


def test_somebody_without_any_competence_is_told_why(client, app, log_in):
    log_in(make_author())

    assert "Pas encore de compétence" in shown(client.get("/competences"))


def test_competences_cost_few_queries(client, cohort, proof, log_in, queries):
    log_in(proof.owners[0].person)

    with queries() as seen:
        Context().run(client.get, "/competences")

    assert len([one for one in seen if one.startswith("SELECT")]) <= 6


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
def test_a_persons_competences_are_for_them_and_their_team(client, cohort, proof, log_in, visitor, status):
    person = visitor(cohort)
    if person is not None:
        log_in(person)

    assert client.get(f"/people/{proof.owners[0].person_id}/competences").status_code == status


def test_the_trainer_of_a_persons_next_cohort_reads_their_proofs(client, cohort, proof, log_in):
    person, manager = proof.owners[0].person, make_manager(cohort.school)
    following = make_cohort(cohort.school)
    save()
    place = db.session.query(Enrolment).filter_by(person_id=person.id).one()
    places.move(place, following, NOW.date(), manager.id, NOW)
    log_in(make_trainer(following))

    page = client.get(f"/people/{person.id}/competences")

    assert "Réaliser une page" in shown(page) and "Changer ce niveau" not in shown(page)
    assert client.get(f"/submissions/{proof.id}").status_code == 200
    assert client.get(f"/submissions/{proof.id}/project").status_code == 200
    assert client.get(f"/submissions/{proof.id}/feedback").status_code == 200
    assert client.get(f"/submissions/{proof.id}/answer").status_code in (403, 404)
