"""Whoever moves to another cohort takes along what they sent there: nobody asks for it a second time."""

from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.completion.services_levels import validated
from popschool.courses.models import Programme, Project
from popschool.db import db
from popschool.grading.models import Feedback
from popschool.grading.rules import WorkState
from popschool.grading.services_board import projects_board
from popschool.messages.models import Notice
from popschool.projects.models import Draft, Submission, SubmissionState, VersionChoice
from popschool.projects.rules import Progress
from popschool.projects.services_reading import work_of
from popschool.projects.services_states import mark_answered
from popschool.projects.tasks import remind
from popschool.schools.models import Enrolment
from popschool.schools.places import move
from tests.conftest import NOW
from tests.factories import (
    make_assignment,
    make_cohort,
    make_manager,
    make_submission,
    make_trainer,
    save,
)
from tests.shown import shown

DAY = timedelta(days=1)


@pytest.fixture
def first(app):
    """A project set to the cohort that somebody leaves."""
    return make_assignment(due_at=NOW + DAY)


@pytest.fixture
def second(first):
    """The same project, set to the cohort that they come to."""
    cohort = make_cohort(first.cohort.school, db.session.get(Programme, first.cohort.programme_id))
    return make_assignment(cohort, db.session.get(Project, first.project_id), due_at=NOW + DAY)


@pytest.fixture
def decided(first, second):
    """A version sent in the first cohort and answered, and its owner moved to the second."""

    def arrange(decision):
        sent = make_submission(first.deliverables[0])
        save()
        state = db.session.get_one(SubmissionState, sent.id)
        state.decision, state.decided_at, state.is_waiting = decision, NOW - DAY, decision == ""
        manager = make_manager(first.cohort.school)
        save()
        place = db.session.query(Enrolment).filter_by(cohort_id=first.cohort_id).one()
        move(place, second.cohort, NOW.date(), manager.id, NOW)
        return sent, place.person

    return arrange


def state_here(person, second):
    return work_of(person.id, frozenset({second.cohort_id}), NOW, has_moved=True)[0].state(NOW)


def validated_in(cohort_id):
    """Return how much of what a cohort was asked for each person has validated."""
    rows = validated(Enrolment.cohort_id == cohort_id).c
    return dict(db.session.execute(select(rows.person_id, rows.validated)).all())


def test_what_was_validated_counts_in_the_other_cohort(client, decided, second, log_in):
    sent, learner = decided("validated")

    assert state_here(learner, second) is Progress.VALIDATED
    row = projects_board(second.cohort_id, NOW).rows[0]
    assert (row.cells[second.id], row.done) == ((WorkState.VALIDATED, sent.id), 1)
    assert validated_in(second.cohort_id) == {learner.id: 1}
    remind()
    assert db.session.query(Notice).count() == 0
    log_in(learner)
    assert "mon rendu, version 1" in shown(client.get(f"/assignments/{second.id}"))
    listed = shown(client.get("/projects"))
    assert listed.index("Finis") < listed.index("Dans une autre promo")
    log_in(make_trainer(second.cohort))
    file = shown(client.get(f"/people/{learner.id}/file"))
    assert file.count("validé") == 2 and second.cohort.code in file


def test_what_is_to_complete_is_completed_in_the_other_cohort(client, decided, second, log_in):
    sent, learner = decided("to_complete")

    assert state_here(learner, second) is Progress.TO_COMPLETE
    row = projects_board(second.cohort_id, NOW).rows[0]
    assert (row.cells[second.id], row.done) == ((WorkState.TO_COMPLETE, sent.id), 0)
    assert validated_in(second.cohort_id) == {}
    log_in(learner)
    page = client.get(f"/assignments/{second.id}")
    assert "Votre travail est à compléter" in shown(page)
    assert f"/submissions/{sent.id}/feedback" in page.text
    step = f"/deliverables/{second.deliverables[0].id}/submit"
    assert sent.text in client.get(step).text
    client.post(step, data={"text": "Une meilleure page.", "basis": str(sent.id)})
    client.post(step.replace("submit", "check"), data={"key": db.session.query(Draft).one().key})
    after = db.session.query(Submission).filter_by(cohort_id=second.cohort_id).one()
    assert after.version == sent.version + 1
    assert state_here(learner, second) is Progress.SENT
    assert f"/submissions/{sent.id}" in client.get(f"/submissions/{after.id}").text
    log_in(make_trainer(second.cohort))
    assert f"/submissions/{sent.id}" in client.get(f"/submissions/{after.id}/answer").text


def test_a_return_leads_to_where_its_work_is_asked_for_now(client, first, second, log_in):
    """By its own page: a first answer said what to complete, and the move came after it."""
    sent = make_submission(first.deliverables[0])
    save()
    given = Feedback(
        school_id=sent.school_id, submission_id=sent.id, number=1, trainer_id=make_trainer(first.cohort).id,
        decision="to_complete", comment="Il manque le titre.", sent_at=NOW - DAY,
    )  # fmt: skip
    db.session.add(given)
    save()
    mark_answered(sent, "to_complete", NOW - DAY, given.id)
    place = db.session.query(Enrolment).filter_by(cohort_id=first.cohort_id).one()
    move(place, second.cohort, NOW.date(), make_manager(first.cohort.school).id, NOW)
    log_in(place.person)

    assert f"/deliverables/{second.deliverables[0].id}/submit" in client.get(f"/submissions/{sent.id}/feedback").text

    make_submission(second.deliverables[0], [place.person], version=2)
    save()
    assert "Vous avez déjà envoyé la version 2" in shown(client.get(f"/submissions/{sent.id}/feedback"))


def test_what_waits_for_its_answer_is_not_asked_for_twice(decided, second):
    sent, learner = decided("")

    assert state_here(learner, second) is Progress.SENT
    row = projects_board(second.cohort_id, NOW).rows[0]
    assert (row.cells[second.id], row.done) == ((WorkState.WAITING, sent.id), 0)
    assert validated_in(second.cohort_id) == {}


def test_the_version_that_was_chosen_is_the_one_that_follows(decided, second):
    """Two versions in the first cohort, and the first of them chosen: the second does not speak for it."""
    sent, learner = decided("validated")
    later = make_submission(sent.deliverable, [learner], version=2, submitted_at=NOW - 2 * DAY)
    db.session.add(
        VersionChoice(
            person_id=learner.id, deliverable_id=sent.deliverable_id, submission_id=sent.id, chosen_at=NOW - DAY
        )
    )
    save()
    db.session.get_one(SubmissionState, later.id).is_waiting = False
    save()

    assert state_here(learner, second) is Progress.VALIDATED


def test_what_is_sent_in_the_other_cohort_counts_from_then_on(decided, second):
    _sent, learner = decided("validated")
    make_submission(second.deliverables[0], [learner])
    save()

    assert state_here(learner, second) is Progress.SENT
    row = projects_board(second.cohort_id, NOW).rows[0]
    assert row.cells[second.id][0] == WorkState.WAITING


def test_a_version_that_waits_leaves_the_former_queue_once_a_newer_one_is_sent(decided, first, second):
    sent, learner = decided("")
    after = make_submission(second.deliverables[0], [learner], version=2, submitted_at=NOW)
    save()
    waiting = select(SubmissionState.submission_id).where(SubmissionState.is_waiting)
    assert db.session.scalars(waiting).all() == [after.id]

    mates = make_submission(first.deliverables[0])
    save()
    assert set(db.session.scalars(waiting)) == {after.id, mates.id}


def test_work_of_somebody_else_is_nobodys(decided, first, second):
    _sent, learner = decided("to_complete")
    sent = make_submission(first.deliverables[0])
    save()
    db.session.get_one(SubmissionState, sent.id).decision = "validated"
    save()

    assert state_here(learner, second) is Progress.TO_COMPLETE


def test_the_pages_of_who_has_moved_cost_few_queries(client, decided, second, log_in, queries):
    _sent, learner = decided("validated")
    log_in(learner)
    for address in ("/today", "/projects", f"/assignments/{second.id}"):
        with queries() as seen:
            Context().run(client.get, address)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 6, address
    log_in(make_trainer(second.cohort))
    for address in (f"/cohorts/{second.cohort_id}/board", f"/people/{learner.id}/file"):
        with queries() as seen:
            Context().run(client.get, address)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 8, address
