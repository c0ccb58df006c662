"""A cohort too small to review alone joins another: both trainers agree, and nobody learns a name of the other side."""

from datetime import timedelta

import pytest

from popschool.db import db
from popschool.messages.models import Notice
from popschool.review import rules, rules_cohorts, services_estimates, services_guests, services_plan, services_release
from popschool.review.models import Leniency, Review, Reviewer
from popschool.review.rules_estimate import Prior, Score
from popschool.review.services_world import past_pairs, read_world
from tests import factories
from tests.conftest import NOW
from tests.review.rounds import ENDS, circle, open_round, pairs, received, review_all

SOON = NOW + timedelta(hours=1)


def neighbours():
    """Two cohorts of three, of two schools, on the same project."""
    first, other = circle(3), circle(3)
    other.assignment.project_id = first.assignment.project_id
    for person in (*first.learners, *other.learners):
        person.last_name = f"Nom-{person.id}-caché"
    db.session.commit()
    return first, other


@pytest.fixture
def two(app):
    """Two cohorts on the same project, and a round of the first that has not begun."""
    first, other = neighbours()
    return first, other, open_round(first, wanted=2, starts_at=SOON)


def agreed(two):
    first, other, opened = two
    [offered] = services_guests.candidates(opened)
    guest = services_guests.invite(opened, offered, first.trainer, NOW)
    services_guests.answer(guest, True, other.trainer, NOW)
    services_plan.start(opened, SOON)
    return guest


def test_both_trainers_agree_then_both_cohorts_read_each_other(two):
    first, other, opened = two
    guest = agreed(two)

    services_guests.answer(guest, False, other.trainer, SOON)
    for person in (*first.learners, *other.learners):
        review_all(opened, person, SOON)

    own = {one.id for one in first.learners}
    assert guest.agreed
    assert set(received(opened, "submitted").values()) == {2}
    assert any((one in own) != (author in own) for one, author in pairs(opened))
    assert {one.cohort_id for one in db.session.query(Reviewer)} == {None, other.cohort.id}
    told = [one.person_id for one in db.session.query(Notice).filter(Notice.url == f"/rounds/guests/{guest.id}")]
    assert told == [other.trainer.id]


def test_a_cohort_that_has_not_agreed_takes_no_part(two):
    first, other, opened = two
    [offered] = services_guests.candidates(opened)
    guest = services_guests.invite(opened, offered, first.trainer, NOW)

    assert services_guests.invite(opened, offered, first.trainer, NOW).id == guest.id
    assert not services_guests.candidates(opened)
    services_plan.start(opened, SOON)

    with pytest.raises(rules.InvitationClosed):
        services_guests.answer(guest, True, other.trainer, SOON)
    assert {one.person_id for one in db.session.query(Reviewer)} == {one.id for one in first.learners}


def test_how_a_cohort_marks_is_seen_on_what_both_read():
    """Eight works, each read by one of each cohort; the guests, 4 and 5, mark ten higher, whatever it is worth."""
    worth = (40, 55, 60, 65, 70, 75, 80, 85)
    scores = [
        Score(reviewer, work, worth[work] + (10 if reviewer > 3 else 0))
        for work in range(8)
        for reviewer in (work % 2, 4 + work // 4)
    ]
    guests, before = frozenset([4, 5]), Prior(0.0, 50.0)

    seen = rules_cohorts.apart(scores, guests, {}, before)
    known = rules_cohorts.apart(scores, guests, {one: Prior(10.0, 1.0) for one in guests}, before)
    alone = rules_cohorts.apart([one for one in scores if one.reviewer in guests], guests, {}, before)
    level = rules_cohorts.levelled({4: Prior(1.0, 2.0), 0: Prior(3.0, 2.0)}, dict.fromkeys(guests, 10.0))

    assert 4 < seen.mean < 10
    assert seen.variance < before.variance
    assert abs(known.mean) < 1e-9
    assert alone == before
    assert level == {4: Prior(11.0, 2.0), 0: Prior(3.0, 2.0)}


def test_what_a_guest_s_own_rounds_taught_comes_with_them_and_goes_home(app):
    first, other = neighbours()
    home = open_round(other, wanted=2, starts_at=NOW)
    for person in other.learners:
        review_all(home, person, mark=2)
    services_release.release(home, other.trainer, NOW + timedelta(minutes=5))
    opened = open_round(first, wanted=2, starts_at=SOON)
    agreed((first, other, opened))
    for person in first.learners:
        review_all(opened, person, SOON, mark=0)
    for person in other.learners:
        review_all(opened, person, SOON, mark=2)
    world = read_world(opened)

    history = services_estimates.history_of(opened, services_estimates.guests_of(world))
    evidence, apart = services_estimates.evidence_of(world, {}, history)
    services_release.release(opened, first.trainer, ENDS)

    theirs = {one.id for one in other.learners}
    assert set(history.learned.reviewers) == theirs
    assert set(history.guests) == {other.cohort.id}
    assert set(apart) == theirs
    assert min(apart.values()) > 5
    for one, known in history.learned.reviewers.items():
        assert evidence.history[one].mean == pytest.approx(known.mean + apart[one])
    assert {pair for pair in past_pairs(opened) if set(pair) <= theirs} == pairs(home)
    kept = {one.person_id: one.cohort_id for one in db.session.query(Leniency).filter_by(round_id=opened.id)}
    assert {one for one, cohort in kept.items() if cohort == other.cohort.id} == theirs
    assert list(opened.learnt["guests"]) == [str(other.cohort.id)]


def test_names_are_shown_to_whom_they_are_no_secret_alone(two):
    first, _other, _opened = two
    named = circle(3)
    opened = open_round(named, is_named=True, starts_at=SOON)

    with pytest.raises(rules.InvitationClosed):
        services_guests.invite(opened, first.deliverable, named.trainer, NOW)


def test_late_work_of_the_other_cohort_is_read_too(two):
    first, other, opened = two
    agreed(two)
    late = factories.make_learner(other.cohort)
    work = factories.make_submission(other.deliverable, [late], text="En retard.\nMais là.")
    factories.save()

    services_plan.follow(work, SOON)

    assert received(opened)[max(received(opened))] == 2


def test_each_trainer_reads_the_names_of_their_own_cohort_only(two, client, log_in):
    first, other, opened = two
    agreed(two)
    for person in (*first.learners, *other.learners):
        review_all(opened, person, SOON)
    services_release.moderate(opened, ENDS)
    addresses = [f"/rounds/{opened.id}", f"/rounds/{opened.id}/events"]
    addresses += [f"/rounds/{opened.id}/reviews/{one.key}" for one in db.session.query(Review)]

    for mine, theirs in ((first, other), (other, first)):
        log_in(mine.trainer)
        shown = "".join(client.get(address).text for address in addresses)
        assert all(person.last_name in shown for person in mine.learners)
        assert not any(person.last_name in shown for person in theirs.learners)
        assert theirs.cohort.code in shown

    assert client.post(f"/rounds/{opened.id}/release").status_code in (403, 404)
    log_in(factories.make_trainer(factories.make_cohort()))
    factories.save()
    assert client.get(addresses[0]).status_code == 404


def test_the_pages_of_asking_and_answering(two, client, log_in):
    first, other, opened = two
    log_in(first.trainer)
    asking = client.get(f"/rounds/{opened.id}/guests").text
    client.post(f"/rounds/{opened.id}/guests", data={"deliverable": other.deliverable.id})
    [guest] = services_guests.guests_of(opened.id)
    assert client.get(f"/rounds/guests/{guest.id}").status_code == 404

    log_in(other.trainer)
    listed = client.get(f"/cohorts/{other.cohort.id}/rounds").text
    client.post(f"/rounds/guests/{guest.id}", data={"agrees": "yes"})

    assert other.cohort.code in asking
    assert f"/rounds/guests/{guest.id}" in listed
    db.session.expire_all()
    assert guest.agreed
