import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading import rules, services
from popschool.grading.models import Award, CriterionMark, Feedback, FeedbackDraft
from popschool.grading.services import Answer, Criterion, person_key
from popschool.messages.models import Notice
from popschool.projects.models import SubmissionState
from popschool.schools.models import Person
from tests.factories import (
    make_assignment,
    make_cohort,
    make_learner,
    make_programme,
    make_project,
    make_submission,
    make_trainer,
    save,
)
from tests.processes import SECONDS

WORDS = ("pas encore", "en partie", "oui")
CRITERIA = [Criterion("telephone", "La page marche sur téléphone.", WORDS), Criterion("liste", "Les plats.", WORDS)]
MINUTE = timedelta(minutes=1)


def competences():
    return list(db.session.scalars(select(Competence).order_by(Competence.id)))


def answer(decision=rules.Decision.VALIDATED, **given):
    fields = {"comment": "La boucle est juste.", "marks": {"telephone": 2, "liste": 1}, "levels": {}}
    return Answer(decision=decision, **fields | given)


@pytest.fixture
def work(app):
    submission = make_submission()
    submission.trainer = make_trainer(submission.assignment.cohort)
    save()
    return submission


def state_of(submission):
    return db.session.get_one(SubmissionState, submission.id, populate_existing=True)


def test_an_answer_keeps_each_criterion_in_its_words_and_awards_levels(work, now):
    first = competences()[0]

    feedback = services.send_answer(work, work.trainer, answer(levels={first.key: 2}), CRITERIA, 0, now)

    assert [(mark.criterion, mark.word) for mark in feedback.marks] == [("telephone", "oui"), ("liste", "en partie")]
    assert services.level_now(work.owners[0].person_id, first.id) == 2
    assert (state_of(work).decision, state_of(work).feedback_id, state_of(work).is_waiting) == (
        "validated",
        feedback.id,
        False,
    )


def test_a_level_of_zero_awards_nothing(work, now):
    services.send_answer(work, work.trainer, answer(levels={competences()[0].key: 0}), CRITERIA, 0, now)

    assert db.session.scalar(select(func.count()).select_from(Award)) == 0


def test_each_owner_is_told_on_their_page(work, now):
    services.send_answer(work, work.trainer, answer(), CRITERIA, 0, now)

    notice = db.session.scalars(select(Notice)).one()
    assert (notice.person_id, notice.url) == (work.owners[0].person_id, f"/submissions/{work.id}/feedback")


def test_the_same_answer_clicked_twice_is_one_answer(work, now):
    first = services.send_answer(work, work.trainer, answer(), CRITERIA, 0, now)
    second = services.send_answer(work, work.trainer, answer(), CRITERIA, 0, now)

    assert first.id == second.id
    assert db.session.scalar(select(func.count()).select_from(Feedback)) == 1


def test_a_second_trainer_is_told_who_answered_and_when(work, now):
    other = make_trainer(work.assignment.cohort)
    save()
    services.send_answer(work, work.trainer, answer(), CRITERIA, 0, now)

    with pytest.raises(rules.AnsweredMeanwhile) as refused:
        services.send_answer(work, other, answer(comment="Autre avis."), CRITERIA, 0, now + MINUTE)

    assert (refused.value.trainer, refused.value.sent_at) == (work.trainer.name, now)


def test_two_trainers_who_answer_at_once_never_overwrite_each_other(app, work, now):
    trainers = [work.trainer.id, make_trainer(work.assignment.cohort).id]
    save()
    start, outcomes = threading.Barrier(2), []

    def answer_as(trainer_id):
        with app.app_context():
            trainer = db.session.get(Person, trainer_id)
            submission = db.session.get(type(work), work.id)
            start.wait(SECONDS)
            try:
                services.send_answer(submission, trainer, answer(comment=f"De {trainer_id}"), CRITERIA, 0, now)
                outcomes.append("sent")
            except rules.AnsweredMeanwhile:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=answer_as, args=[trainer]) for trainer in trainers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    assert sorted(outcomes) == ["refused", "sent"]
    assert db.session.scalar(select(func.count()).select_from(Feedback)) == 1


def test_undoing_brings_the_draft_back_and_counts_no_award(work, now):
    first = competences()[0]
    services.keep_draft(work, work.trainer, answer(), now)
    feedback = services.send_answer(work, work.trainer, answer(levels={first.key: 2}), CRITERIA, 0, now)

    services.undo_answer(feedback, work.trainer, now + 9 * MINUTE)

    draft = db.session.scalars(select(FeedbackDraft)).one()
    assert (draft.comment, draft.marks, draft.levels) == (
        "La boucle est juste.",
        {"telephone": 2, "liste": 1},
        {first.key: 2},
    )
    assert services.level_now(work.owners[0].person_id, first.id) == 0
    assert (state_of(work).decision, state_of(work).is_waiting) == ("", True)
    assert db.session.scalars(select(Notice)).one().taken_back_at is not None
    assert db.session.get_one(Feedback, feedback.id).undone_at is not None


@pytest.mark.parametrize("minutes", [10, 60])
def test_an_answer_cannot_be_undone_after_ten_minutes(work, now, minutes):
    feedback = services.send_answer(work, work.trainer, answer(), CRITERIA, 0, now)

    with pytest.raises(rules.TooLateToUndo):
        services.undo_answer(feedback, work.trainer, now + minutes * MINUTE)

    assert feedback.undone_at is None


def test_an_answer_cannot_be_undone_once_a_newer_version_was_sent(work, now):
    feedback = services.send_answer(work, work.trainer, answer(rules.Decision.TO_COMPLETE), CRITERIA, 0, now)
    owner = work.owners[0].person
    make_submission(work.deliverable, [owner], version=2, submitted_at=now + MINUTE)
    save()

    with pytest.raises(rules.NewerVersionSent) as refused:
        services.undo_answer(feedback, work.trainer, now + 2 * MINUTE)

    assert refused.value.version == 2


def test_only_its_author_undoes_an_answer_and_twice_is_once(work, now):
    other = make_trainer(work.assignment.cohort)
    save()
    feedback = services.send_answer(work, work.trainer, answer(), CRITERIA, 0, now)

    with pytest.raises(rules.NotYourAnswer):
        services.undo_answer(feedback, other, now)
    services.undo_answer(feedback, work.trainer, now)
    services.undo_answer(feedback, work.trainer, now + MINUTE)

    assert feedback.undone_at == now


def test_a_correction_replaces_an_answer_that_stays_readable(work, now):
    first, second = competences()[:2]
    services.send_answer(work, work.trainer, answer(levels={first.key: 2, second.key: 1}), CRITERIA, 0, now)

    corrected = answer(rules.Decision.TO_COMPLETE, comment="Je me suis trompée.", levels={first.key: 1, second.key: 0})
    services.send_answer(work, work.trainer, corrected, CRITERIA, 1, now + 60 * MINUTE)

    person = work.owners[0].person_id
    assert [one.number for one in db.session.scalars(select(Feedback).order_by(Feedback.number))] == [1, 2]
    assert [services.level_now(person, one.id) for one in (first, second)] == [1, 0]
    assert state_of(work).decision == "to_complete"
    assert db.session.scalar(select(func.count()).select_from(CriterionMark)) == 4


def test_undoing_a_correction_lets_the_answer_before_hold_again(work, now):
    first = competences()[0]
    before = services.send_answer(work, work.trainer, answer(levels={first.key: 2}), CRITERIA, 0, now)
    later = now + 60 * MINUTE
    correction = services.send_answer(
        work, work.trainer, answer(rules.Decision.TO_COMPLETE, comment="Non."), CRITERIA, 1, later
    )

    services.undo_answer(correction, work.trainer, later + MINUTE)

    assert (state_of(work).decision, state_of(work).feedback_id) == ("validated", before.id)
    assert services.level_now(work.owners[0].person_id, first.id) == 2


def test_awards_of_a_team_are_personal(app, now):
    cohort = make_cohort()
    assignment = make_assignment(cohort, work="team", team_size=3)
    team = [make_learner(cohort) for _ in range(3)]
    submission = make_submission(assignment.deliverables[0], team, team_name="Équipe 1")
    trainer = make_trainer(cohort)
    save()
    first = competences()[0]
    levels = {first.key: 2, person_key(first.key, team[1].id): 1, person_key(first.key, team[2].id): 0}

    feedback = services.send_answer(submission, trainer, answer(levels=levels), CRITERIA, 0, now)

    assert [services.level_now(person.id, first.id) for person in team] == [2, 1, 0]
    services.undo_answer(feedback, trainer, now)
    assert db.session.scalars(select(FeedbackDraft)).one().levels == levels


def test_a_level_follows_the_person_from_one_programme_to_another(work, now):
    first = competences()[0]
    services.send_answer(work, work.trainer, answer(levels={first.key: 1}), CRITERIA, 0, now)
    person = work.owners[0].person
    cohort = make_cohort(programme=make_programme())
    project = make_project(data={"competences": [{"id": first.key, "level": 2}]})
    elsewhere = make_submission(make_assignment(cohort, project).deliverables[0], [person])
    trainer = make_trainer(cohort)
    save()

    assert services.level_now(person.id, first.id) == 1
    services.send_answer(elsewhere, trainer, answer(levels={first.key: 2}), CRITERIA, 0, now + MINUTE)
    assert services.level_now(person.id, first.id) == 2


def test_a_level_is_withdrawn_with_a_reason_and_the_award_stays(work, now):
    first = competences()[0]
    services.send_answer(work, work.trainer, answer(levels={first.key: 2}), CRITERIA, 0, now)
    award = db.session.scalars(select(Award)).one()

    services.change_level(award, work.trainer, 0, "Ce n'était pas son travail.", now + MINUTE)

    assert services.level_now(award.person_id, first.id) == 0
    assert [one.level for one in db.session.scalars(select(Award).order_by(Award.id))] == [2, 0]
    with pytest.raises(rules.SameLevel):
        services.change_level(award, work.trainer, 0, "Encore.", now + 2 * MINUTE)


def test_a_version_stays_in_the_queue_while_one_of_its_owners_has_sent_nothing_since(app):
    cohort = make_cohort()
    deliverable = make_assignment(cohort, work="pair", team_size=2).deliverables[0]
    first, second, third = (make_learner(cohort) for _ in range(3))
    together = make_submission(deliverable, [first, second])

    make_submission(deliverable, [first, third], version=2)
    assert state_of(together).is_waiting

    make_submission(deliverable, [second], version=2)
    assert not state_of(together).is_waiting
