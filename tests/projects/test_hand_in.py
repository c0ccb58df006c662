"""Handing in: one act, one version, and nothing that changes afterwards."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.courses.models import Revision
from popschool.db import db
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.projects import rules, rules_teams
from popschool.projects.models import Draft, Submission, SubmissionState, VersionChoice
from popschool.projects.services import choose_version, submit_work
from popschool.projects.services_drafts import Upload, draft_of, save_draft
from popschool.projects.services_reading import versions_of, work_of
from popschool.projects.services_states import version_that_counts
from popschool.projects.services_teams import form, join, leave
from popschool.schools.models import Enrolment, Person
from popschool.schools.rules import CohortArchived
from tests.conftest import NOW
from tests.factories import (
    make_assignment,
    make_cohort,
    make_deliverable,
    make_learner,
    make_revision,
    make_team,
    save,
)
from tests.processes import SECONDS

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def deliverable(cohort):
    return make_assignment(cohort).deliverables[0]


@pytest.fixture
def learner(cohort):
    return make_learner(cohort)


def hand_in(deliverable, person, text="Voici.", now=NOW):
    draft, _ = save_draft(deliverable, person.id, now, text=text)
    return submit_work(deliverable, person, now, draft.key)


def state_of(submission):
    return db.session.get_one(SubmissionState, submission.id, populate_existing=True)


def test_a_version_holds_what_the_draft_held_and_where_the_page_stood(cohort, learner):
    deliverable = make_deliverable(make_assignment(cohort), asks=["text", "link", "files", "repository"])
    draft, _ = save_draft(
        deliverable,
        learner.id,
        NOW,
        text="Voici.",
        link="https://example.org/menu",
        repository="https://example.org/menu.git",
        note="Le contraste ?",
        uploads=[Upload("notes.txt", b"Un"), Upload("suite.txt", b"Deux")],
    )
    draft.repository_commit = "a" * 40
    save()

    sent = submit_work(deliverable, learner, NOW, draft.key)

    assert (sent.text, sent.link, sent.note) == ("Voici.", "https://example.org/menu", "Le contraste ?")
    assert (sent.repository, sent.repository_commit) == ("https://example.org/menu.git", "a" * 40)
    assert [(file.position, file.name, file.size) for file in sent.files] == [(1, "notes.txt", 2), (2, "suite.txt", 4)]
    assert (sent.version, sent.timing, sent.submitted_at) == (1, "on_time", NOW)
    assert (sent.cohort_id, sent.revision_id) == (cohort.id, cohort.revision_id)
    assert draft_of(deliverable.id, learner.id) is None


def test_a_second_try_is_a_new_version_and_the_first_stays(deliverable, learner):
    first = hand_in(deliverable, learner, "Un")
    second = hand_in(deliverable, learner, "Deux", NOW + DAY)

    assert [(one.id, one.text) for one, _, _ in versions_of(deliverable, learner.id)] == [
        (second.id, "Deux"),
        (first.id, "Un"),
    ]
    assert (first.version, second.version) == (1, 2)
    assert first.receipt != second.receipt


def test_late_work_is_taken_and_said_to_be_late(cohort, learner):
    deliverable = make_assignment(cohort, due_at=NOW - DAY).deliverables[0]
    save()

    sent = hand_in(deliverable, learner)

    assert sent.timing == "late"
    assert "en retard" in db.session.scalars(select(Notice)).one().body


@pytest.mark.parametrize(
    ("window", "refusal"),
    [
        ({"opens_at": NOW + MINUTE}, rules.NotOpenYet),
        ({"due_at": NOW - DAY, "closes_at": NOW}, rules.DeliverableClosed),
        ({"withdrawn_at": NOW - DAY}, rules.AssignmentWithdrawn),
    ],
)
def test_what_is_not_open_is_refused_and_the_draft_is_kept(cohort, learner, window, refusal):
    deliverable = make_assignment(cohort, **window).deliverables[0]
    save()

    with pytest.raises(refusal):
        hand_in(deliverable, learner, "Mon travail")

    assert draft_of(deliverable.id, learner.id).text == "Mon travail"
    assert db.session.query(Submission).count() == 0


def test_an_archived_cohort_is_read_and_not_changed(cohort, deliverable, learner):
    cohort.archived_at = NOW
    save()

    with pytest.raises(CohortArchived):
        hand_in(deliverable, learner)


def test_nothing_is_sent_of_an_empty_draft(deliverable, learner):
    with pytest.raises(rules.NothingToSend):
        hand_in(deliverable, learner, "  ")
    with pytest.raises(rules.NothingToSend):
        submit_work(deliverable, make_learner(deliverable.assignment.cohort), NOW, "une clé")


def test_a_second_click_finds_the_first_ones_version(deliverable, learner):
    draft, _ = save_draft(deliverable, learner.id, NOW, text="Voici.")
    key = draft.key

    first = submit_work(deliverable, learner, NOW, key)
    again = submit_work(deliverable, learner, NOW + MINUTE, key)
    long_after = submit_work(deliverable, learner, NOW + 60 * DAY, key)

    assert first.id == again.id == long_after.id
    assert db.session.query(Submission).count() == 1
    assert db.session.query(Notice).count() == 1


def test_a_page_left_open_sends_nothing_that_was_not_checked(deliverable, learner):
    checked = save_draft(deliverable, learner.id, NOW, text="Un")[0].key
    save_draft(deliverable, learner.id, NOW + MINUTE, text="Deux")

    with pytest.raises(rules.DraftChanged):
        submit_work(deliverable, learner, NOW + MINUTE, checked)

    assert db.session.query(Submission).count() == 0


def test_nobody_is_given_the_version_that_another_persons_key_made(cohort, deliverable, learner):
    other = make_learner(cohort)
    draft, _ = save_draft(deliverable, learner.id, NOW, text="Le mien")
    key = draft.key
    submit_work(deliverable, learner, NOW, key)

    with pytest.raises(rules.NothingToSend):
        submit_work(deliverable, other, NOW, key)


def test_two_clicks_at_the_same_moment_make_one_version(app, deliverable, learner):
    draft, _ = save_draft(deliverable, learner.id, NOW, text="Voici.")
    key, start, made, problems = draft.key, threading.Barrier(4), [], []

    def click():
        with app.app_context():
            try:
                person = db.session.get(Person, learner.id)
                asked = db.session.get(type(deliverable), deliverable.id)
                start.wait(SECONDS)
                made.append(submit_work(asked, person, NOW, key).id)
            except Exception as problem:
                problems.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    assert problems == []
    assert len(made) == 4 and len(set(made)) == 1
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_two_members_who_send_at_once_make_two_versions(app, cohort):
    deliverable = make_assignment(cohort, work="pair", team_size=2).deliverables[0]
    pair = [make_learner(cohort), make_learner(cohort)]
    make_team(deliverable.assignment, pair)
    save()
    keys = {one.id: save_draft(deliverable, one.id, NOW, text=one.name)[0].key for one in pair}
    start, problems = threading.Barrier(2), []

    def send(person_id):
        with app.app_context():
            try:
                person = db.session.get(Person, person_id)
                asked = db.session.get(type(deliverable), deliverable.id)
                start.wait(SECONDS)
                submit_work(asked, person, NOW, keys[person_id])
            except Exception as problem:
                problems.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=send, args=[one.id]) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    assert problems == []
    assert sorted(db.session.scalars(select(Submission.version))) == [1, 2]


def test_one_hands_in_for_the_whole_team(cohort):
    assignment = make_assignment(cohort, work="team", team_size=3)
    team = [make_learner(cohort) for _ in range(3)]
    make_team(assignment, team, name="Équipe 7")
    outside = make_learner(cohort)
    save()

    sent = hand_in(assignment.deliverables[0], team[0])

    assert {owner.person_id for owner in sent.owners} == {one.id for one in team}
    assert (sent.team_name, sent.submitted_by_id) == ("Équipe 7", team[0].id)
    for one in team:
        assert work_of(one.id, frozenset({cohort.id}), NOW)[0].state(NOW) is rules.Progress.SENT
    assert work_of(outside.id, frozenset({cohort.id}), NOW)[0].state(NOW) is rules.Progress.TO_DO


def test_everybody_in_the_team_gets_the_receipt_on_their_page_and_by_mail(app, cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    pair = [make_learner(cohort), make_learner(cohort)]
    make_team(assignment, pair)
    save()

    sent = hand_in(assignment.deliverables[0], pair[0])

    notices = db.session.scalars(select(Notice).order_by(Notice.person_id)).all()
    assert [(one.person_id, one.kind, one.url) for one in notices] == [
        (one.id, "receipt", f"/submissions/{sent.id}/receipt") for one in pair
    ]
    assert all(sent.receipt in one.body for one in notices)
    mails = db.session.scalars(select(Outgoing)).all()
    assert sorted(mail.recipient for mail in mails) == sorted(one.mail for one in pair)
    assert all(sent.receipt in mail.text and f"/submissions/{sent.id}/receipt" in mail.text for mail in mails)


def test_work_for_several_is_sent_by_a_team(cohort, learner):
    deliverable = make_assignment(cohort, work="pair", team_size=2).deliverables[0]
    save()

    with pytest.raises(rules_teams.NotInTeam):
        hand_in(deliverable, learner)


def test_whoever_has_left_the_cohort_owns_no_new_work(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    pair = [make_learner(cohort), make_learner(cohort)]
    make_team(assignment, pair)
    db.session.query(Enrolment).filter_by(person_id=pair[1].id).one().left_on = (NOW - DAY).date()
    save()

    sent = hand_in(assignment.deliverables[0], pair[0])

    assert [owner.person_id for owner in sent.owners] == [pair[0].id]


def test_a_change_of_team_never_touches_what_was_handed_in(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    deliverable = assignment.deliverables[0]
    first, second, third = (make_learner(cohort) for _ in range(3))
    form(assignment, [first, second], NOW)
    before = hand_in(deliverable, first, "À deux")

    leave(assignment, second.id, NOW + MINUTE)
    other = form(assignment, [third], NOW + MINUTE)
    join(other, assignment, second.id, NOW + MINUTE)
    after = hand_in(deliverable, second, "Avec une autre", NOW + DAY)

    db.session.expire_all()
    assert ({owner.person_id for owner in before.owners}, before.team_name) == ({first.id, second.id}, "Équipe 1")
    assert {owner.person_id for owner in after.owners} == {second.id, third.id}
    assert after.version == 2
    assert [one.id for one, _, _ in versions_of(deliverable, second.id)] == [after.id, before.id]
    assert [one.id for one, _, _ in versions_of(deliverable, first.id)] == [before.id]


def test_each_version_remembers_the_revision_it_was_read_at(cohort, deliverable, learner):
    first = hand_in(deliverable, learner, "Un")
    before = cohort.revision_id
    cohort.revision_id = make_revision(db.session.get(Revision, before).source).id
    save()

    second = hand_in(deliverable, learner, "Deux", NOW + DAY)

    assert (first.revision_id, second.revision_id) == (before, cohort.revision_id)
    assert before != cohort.revision_id


def test_the_last_version_counts_until_the_learner_chooses_another(deliverable, learner):
    first, second = hand_in(deliverable, learner, "Un"), hand_in(deliverable, learner, "Deux", NOW + MINUTE)
    assert version_that_counts(deliverable.id, learner.id) == second.id

    choose_version(first, learner.id, NOW + 2 * MINUTE)
    assert version_that_counts(deliverable.id, learner.id) == first.id

    third = hand_in(deliverable, learner, "Trois", NOW + 3 * MINUTE)
    assert version_that_counts(deliverable.id, learner.id) == third.id


def test_the_version_that_counts_is_the_one_that_waits_for_an_answer(deliverable, learner):
    first, second = hand_in(deliverable, learner, "Un"), hand_in(deliverable, learner, "Deux", NOW + MINUTE)
    assert (state_of(first).is_waiting, state_of(second).is_waiting) == (False, True)

    choose_version(first, learner.id, NOW + 2 * MINUTE)
    assert (state_of(first).is_waiting, state_of(second).is_waiting) == (True, False)

    choose_version(second, learner.id, NOW + 3 * MINUTE)
    assert (state_of(first).is_waiting, state_of(second).is_waiting) == (False, True)


def test_a_validated_version_that_is_chosen_again_is_where_the_learner_stands(deliverable, learner, cohort):
    first = hand_in(deliverable, learner, "Un")
    state = state_of(first)
    state.decision, state.decided_at, state.is_waiting = "validated", NOW, False
    save()
    hand_in(deliverable, learner, "Deux", NOW + MINUTE)
    assert work_of(learner.id, frozenset({cohort.id}), NOW + MINUTE)[0].state(NOW) is rules.Progress.SENT

    choose_version(first, learner.id, NOW + 2 * MINUTE)

    work = work_of(learner.id, frozenset({cohort.id}), NOW + 2 * MINUTE)[0]
    assert work.state(NOW) is rules.Progress.VALIDATED
    assert (work.asked[0].sent.id, work.asked[0].versions) == (first.id, 2)


def test_each_member_of_a_team_chooses_for_themselves(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    deliverable = assignment.deliverables[0]
    pair = [make_learner(cohort), make_learner(cohort)]
    make_team(assignment, pair)
    save()
    first, second = hand_in(deliverable, pair[0], "Un"), hand_in(deliverable, pair[1], "Deux", NOW + MINUTE)

    choose_version(first, pair[0].id, NOW + 2 * MINUTE)

    assert [version_that_counts(deliverable.id, one.id) for one in pair] == [first.id, second.id]
    assert (state_of(first).is_waiting, state_of(second).is_waiting) == (True, True)


def test_choosing_the_version_that_counts_already_changes_nothing(deliverable, learner):
    sent = hand_in(deliverable, learner)

    choose_version(sent, learner.id, NOW)
    choose_version(sent, learner.id, NOW)

    assert db.session.query(VersionChoice).count() == 0
