"""A round from its opening to its release, on a real database: what it promises, whatever happens."""

import re
from collections import Counter
from datetime import timedelta

import pytest

from popschool.db import db
from popschool.messages.models import Notice
from popschool.projects.services import save_draft, submit_work
from popschool.projects.services_teams import form
from popschool.review import rules, services, services_apart, services_plan, services_release, tasks
from popschool.review.anonymous import MASK
from popschool.review.models import Leniency, Review, ReviewAnswer, Round, RoundEvent, Work, WorkEstimate
from popschool.review.rules import Said
from popschool.review.rules_states import ReviewNotThere, RoundNotThere
from popschool.review.services_reviewing import save, submit
from popschool.review.services_world import read_world
from popschool.schools.models import Accommodation, Enrolment
from tests import factories
from tests.conftest import NOW
from tests.review.rounds import (
    ABSENT,
    ENDS,
    GOOD,
    HALF,
    IDEA,
    TOP_UP,
    circle,
    open_round,
    pairs,
    received,
    review_all,
    reviewer_of,
    work_of,
    write,
)

HOUR = timedelta(hours=1)


def send(found, learner, text="En retard.", now=NOW):
    save_draft(
        found.deliverable,
        learner.id,
        now,
        text=text,
        link="",
        repository="",
        note="",
        uploads=[],
        removed=[],
        basis=None,
    )
    return submit_work(found.deliverable, learner, now)


def test_what_is_arranged_spares_somebody_reviews_and_the_plan_keeps_it_when_it_is_mended(app):
    found = circle(6)
    spared = found.learners[0]
    day = NOW.date() - timedelta(days=9)
    db.session.add(
        Accommodation(person_id=spared.id, school_id=found.cohort.school_id, fewer_reviews=1, starts_on=day,
                      created_at=NOW)
    )  # fmt: skip
    factories.save()
    opened = open_round(found)

    for _time in range(2):
        loads = Counter(reviewer for reviewer, _work in pairs(opened))
        assert loads[spared.id] == 1
        assert set(received(opened).values()) == {2}
        services_plan.mend(opened, NOW + HOUR)


def test_every_work_gets_its_reviews_and_nobody_reads_who_reads_them(app):
    found = circle(6)

    opened = open_round(found, wanted=2)

    given = pairs(opened)
    assert opened.state == "reviewing"
    assert set(received(opened).values()) == {2}
    assert {sum(reviewer == learner.id for reviewer, _ in given) for learner in found.learners} == {2}
    assert not any((author, reviewer) in given for reviewer, author in given)
    assert all(reviewer != author for reviewer, author in given)


def test_numbers_and_addresses_say_nothing_of_who_made_a_work(app):
    found = circle(6)

    opened = open_round(found)

    works = db.session.query(Work).filter_by(round_id=opened.id).order_by(Work.number).all()
    assert [work.number for work in works] == [1, 2, 3, 4, 5, 6]
    assert [work.submission_id for work in works] != sorted(work.submission_id for work in works)
    assert len({work.key for work in works} | {review.key for review in db.session.query(Review)}) == 18


def test_a_round_is_opened_once_and_waits_for_its_time(app):
    found = circle(6)
    later = NOW + 2 * HOUR

    first = open_round(found, starts_at=later)
    again = open_round(found, starts_at=later)

    assert first.id == again.id
    assert first.state == "open"
    with pytest.raises(rules.RoundExists):
        open_round(found, starts_at=later + HOUR)
    tasks.run_round(first, NOW + HOUR)
    assert first.state == "open"
    tasks.run_round(first, later)
    assert first.state == "reviewing"


def test_those_of_the_cohort_are_told_before_they_send(app):
    found = circle(6, sent=0)

    open_round(found, starts_at=NOW + 2 * HOUR)

    told = db.session.query(Notice).filter_by(kind="review").all()
    assert {notice.person_id for notice in told} == {learner.id for learner in found.learners}
    assert "Les noms sont cachés" in told[0].body


@pytest.mark.parametrize("people", [0, 1, 2])
def test_too_few_people_cannot_begin_and_the_trainer_is_told(app, people):
    found = circle(6, sent=people)
    opened = open_round(found, starts_at=NOW + 2 * HOUR)

    tasks.run_round(opened, NOW + 2 * HOUR)
    tasks.run_round(opened, NOW + 3 * HOUR)

    assert opened.state == "open"
    told = db.session.query(Notice).filter_by(person_id=found.trainer.id, kind="review").all()
    assert len(told) == 1
    with pytest.raises(rules.NotEnoughPeople):
        services_plan.start(opened, NOW + 3 * HOUR)


def test_three_people_read_each_other_since_nothing_else_is_possible(app):
    opened = open_round(circle(3), wanted=2)

    assert set(received(opened).values()) == {2}


def test_a_forecast_says_what_is_possible_with_those_who_are_there(app):
    found = circle(5)

    forecast = services.forecast(found.deliverable, NOW)

    assert (forecast.sent, forecast.people) == (5, 5)
    assert [(wanted, str(answer.reason)) for wanted, answer in forecast.answers.items()] == [
        (2, "fine"),
        (3, "reciprocal"),
        (4, "reciprocal"),
    ]


def test_a_project_without_criteria_has_nothing_to_review(app):
    cohort = factories.make_cohort()
    programme, revision = cohort.programme_id, cohort.revision_id
    project = factories.make_project(
        db.session.get(factories.Programme, programme),
        db.session.get(factories.Revision, revision),
        data={"criteria": []},
    )
    assignment = factories.make_assignment(cohort, project)
    trainer = factories.make_trainer(cohort)
    factories.save()

    with pytest.raises(rules.NothingToJudge):
        services.open_round(
            assignment.deliverables[0],
            wanted=2,
            starts_at=NOW,
            ends_at=ENDS,
            is_named=False,
            is_formative=False,
            pass_mark=None,
            by=trainer,
            now=NOW,
        )


def test_a_review_is_kept_step_by_step_sent_once_and_never_changes(app):
    opened = open_round(found := circle(6))
    review = services_plan.reveal(opened, found.learners[0], NOW)
    save(review, "telephone", Said(2, GOOD, "text", 2, "", "", None), NOW)

    with pytest.raises(rules.ReviewIncomplete) as missing:
        submit(review, {}, NOW)
    save(review, "telephone", Said(2, GOOD, "text", 2, IDEA, "", None), NOW)
    save(review, "liste", Said(1, GOOD, "", None, IDEA, "", None), NOW)
    write(review)
    again = submit(review, {}, NOW)

    assert missing.value.criteria == ("La page marche sur téléphone.", "Les plats viennent de la liste.")
    assert again.state == "submitted"
    assert again.score == 50.0
    answers = db.session.query(ReviewAnswer).filter_by(review_id=review.id).all()
    assert len(answers) == 2
    assert answers[0].good_quote.startswith("Il tient en deux lignes")
    with pytest.raises(rules.AlreadySent):
        save(review, "telephone", Said(0, GOOD, "", None, IDEA, "", None), NOW)


@pytest.mark.parametrize(
    ("kept", "said", "expected"),
    [
        ("", "Un titre clair.", "Un titre clair."),
        ("Un titre clair.", "", "Un titre clair."),
        ("Un titre clair.", "Un titre clair, en haut.", "Un titre clair, en haut."),
        ("Un titre clair.", "Les prix sont à jour.", "Les prix sont à jour.\n\nUn titre clair."),
    ],
)
def test_a_form_that_has_not_seen_what_was_written_meanwhile_takes_nothing_away(kept, said, expected):
    before, known = Said(), Said(2, kept, "text", 2, IDEA)
    late = Said(None, said, "", None, "")

    assert rules.joined(known, late, before.stamp) == Said(2, expected, "text", 2, IDEA)
    assert rules.joined(known, late, known.stamp) == late


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_review_written_on_two_devices_keeps_both_texts_and_is_sent_once(app, client, log_in):
    opened = open_round(found := circle(6))
    log_in(found.learners[0])
    key = client.post(f"/rounds/{opened.id}/next").location.split("/")[2]
    page = f"/reviews/{key}/criteria/1"
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', client.get(page).text)[1]
    phone = {"seen": seen, "mark": "2", "good": GOOD, "good_place": "text", "good_line": "2", "idea": IDEA}

    client.post(page, data=phone)
    assert client.post(page, data=phone).location.endswith("/criteria/2")
    told = client.post(page, data={"seen": seen, "good": "Les prix sont justes.", "keep": "1"}, follow_redirects=True)

    review = db.session.query(Review).filter_by(key=key).one()
    kept = review.draft[opened.criteria[0]["id"]]
    assert "Les deux textes sont gardés" in told.text
    assert (kept["mark"], kept["good"], kept["idea"]) == (2, f"Les prix sont justes.\n\n{GOOD}", IDEA)
    client.post(f"/reviews/{key}/criteria/2", data=phone | {"seen": ""})
    assert {client.post(f"/reviews/{key}/check").location for _device in range(2)} == {f"/reviews/{key}/thanks"}
    assert client.post(page, data=phone).location == f"/reviews/{key}"
    assert db.session.query(ReviewAnswer).filter_by(review_id=review.id).count() == len(opened.criteria)


def test_a_review_that_points_nowhere_is_asked_for_one_place(app):
    opened = open_round(found := circle(6))
    review = services_plan.reveal(opened, found.learners[0], NOW)
    for criterion in opened.criteria:
        save(review, criterion["id"], Said(2, GOOD, "", None, IDEA, "", None), NOW)

    with pytest.raises(rules.NoPlaceNamed):
        submit(review, {"text": rules.Part("text", ("une", "deux"))}, NOW)


def test_opening_twice_finds_the_same_work(app):
    opened = open_round(found := circle(6))

    first = services_plan.reveal(opened, found.learners[0], NOW)

    assert services_plan.reveal(opened, found.learners[0], NOW).id == first.id


def test_late_work_joins_and_gets_its_reviews_too(app):
    found = circle(7, sent=6)
    opened = open_round(found)

    send(found, found.learners[6], now=NOW + HOUR)

    late = work_of(opened, found.learners[6])
    assert late.is_late
    assert set(received(opened).values()) == {2}
    assert services_plan.left_in(opened, reviewer_of(opened, found.learners[6]).id) == 2


def test_a_new_version_is_read_unless_somebody_has_opened_the_first(app):
    found = circle(6)
    opened = open_round(found)
    review = services_plan.reveal(opened, found.learners[0], NOW)
    read = next(one for one in found.learners if one.id in review.work.authors)
    unread = next(one for one in found.learners if one not in (read, found.learners[0]))
    first = review.work.submission_id

    send(found, read, "Une correction.", NOW + HOUR)
    newer = send(found, unread, "Une correction.", NOW + HOUR)

    assert work_of(opened, read).submission_id == first
    assert work_of(opened, unread).submission_id == newer.id


def test_somebody_who_leaves_the_cohort_is_made_up_for(app):
    found = circle(7)
    opened = open_round(found)
    gone = found.learners[3]
    place = db.session.query(Enrolment).filter_by(person_id=gone.id).one()
    place.left_on = NOW.date() - timedelta(days=1)
    db.session.commit()

    services_plan.mend(opened, NOW + HOUR)

    assert work_of(opened, gone).withdrawn_at is not None
    assert not any(gone.id in pair for pair in pairs(opened))
    assert set(received(opened).values()) == {2}
    causes = {event.cause for event in db.session.query(RoundEvent).filter_by(what="taken")}
    assert causes >= {"absent", "withdrawn"}


def test_whoever_is_given_more_to_read_is_told_once(app):
    found = circle(7)
    opened = open_round(found)
    reviewer_of(opened, found.learners[0]).state = "absent"
    db.session.commit()

    services_plan.mend(opened, NOW + HOUR)
    services_plan.mend(opened, NOW + HOUR)

    loads = Counter(one for one, _author in pairs(opened))
    told = [one.person_id for one in db.session.query(Notice) if "de plus à relire" in one.title]
    assert sorted(told) == sorted(one for one, load in loads.items() if load == 3)
    assert len(told) == 2


def test_mending_again_changes_nothing(app):
    opened = open_round(circle(6))
    before, events = pairs(opened), db.session.query(RoundEvent).count()

    services_plan.mend(opened, NOW + HOUR)

    assert (pairs(opened), db.session.query(RoundEvent).count()) == (before, events)


def test_somebody_who_does_not_answer_is_reminded_then_made_up_for_and_not_punished(app):
    found = circle(8)
    opened = open_round(found)
    silent = found.learners[0]
    for learner in found.learners[1:]:
        review_all(opened, learner, NOW + HOUR)

    tasks.run_round(opened, HALF)
    reminded = db.session.query(Notice).filter(Notice.key.like("review-reminder/%")).all()
    tasks.run_round(opened, ABSENT + HOUR)

    assert [notice.person_id for notice in reminded] == [silent.id]
    assert reviewer_of(opened, silent).state == "absent"
    assert not any(reviewer == silent.id for reviewer, _author in pairs(opened))
    assert set(received(opened).values()) == {2}
    for learner in found.learners[1:]:
        review_all(opened, learner, TOP_UP)
    assert set(received(opened, "submitted").values()) == {2}


def test_somebody_is_reminded_three_times_at_most(app):
    found = circle(8)
    opened = open_round(found)
    slow = found.learners[0]
    write(services_plan.reveal(opened, slow, NOW + HOUR), NOW + HOUR)

    for hours in range(24, 96, 2):
        tasks.run_round(opened, NOW + hours * HOUR)
        if hours == 70:
            services_plan.reveal(opened, slow, NOW + hours * HOUR)

    told = db.session.query(Notice).filter(Notice.key.like(f"review-reminder/{opened.id}/{slow.id}/%")).count()
    assert told == 3


def test_somebody_who_opens_and_vanishes_keeps_it_and_the_work_gets_another_review(app):
    found = circle(8)
    opened = open_round(found)
    vanished = found.learners[0]
    held = services_plan.reveal(opened, vanished, NOW + HOUR)
    for learner in found.learners[1:]:
        review_all(opened, learner, NOW + HOUR)

    tasks.run_round(opened, HALF)
    tasks.run_round(opened, TOP_UP)
    for learner in found.learners[1:]:
        review_all(opened, learner, TOP_UP)

    assert held.state == "revealed"
    assert received(opened, "submitted")[held.work_id] == 2
    write(held, TOP_UP + HOUR)
    assert received(opened, "submitted")[held.work_id] == 3


def test_a_conflict_is_said_without_a_reason_and_another_work_comes(app):
    found = circle(8)
    opened = open_round(found)
    person = found.learners[0]
    review = services_plan.reveal(opened, person, NOW)
    other = min(review.work.authors)

    services_apart.declare_conflict(review, person, NOW)
    services_apart.declare_conflict(review, person, NOW)
    next_one = services_plan.reveal(opened, person, NOW)

    assert other not in next_one.work.authors
    assert not {(person.id, other), (other, person.id)} & pairs(opened, "planned", "revealed")
    assert sum(received(opened, "planned", "revealed").values()) == 16


def test_what_was_begun_is_not_given_back(app):
    opened = open_round(found := circle(6))
    review = services_plan.reveal(opened, found.learners[0], NOW)
    save(review, "liste", Said(1), NOW)

    with pytest.raises(ReviewNotThere):
        services_apart.declare_conflict(review, found.learners[0], NOW)


def test_two_who_become_a_team_do_not_read_each_other(app):
    found = circle(8, work="pair", team_size=2)
    opened = open_round(found)
    reviewer, author = min(pairs(opened))
    people = [one for one in found.learners if one.id in (reviewer, author)]

    form(found.assignment, people, NOW)
    services_plan.mend(opened, NOW + HOUR)

    assert not {(reviewer, author), (author, reviewer)} & pairs(opened)
    assert set(received(opened).values()) == {2}


def test_a_trainer_who_also_learns_reads_as_a_trainer(app):
    found = circle(7)
    both = found.learners[0]
    db.session.add(
        factories.Posting(
            school_id=found.cohort.school_id,
            cohort_id=found.cohort.id,
            person_id=both.id,
            starts_on=found.cohort.starts_on,
            created_at=NOW,
        )
    )
    db.session.commit()

    opened = open_round(found)

    assert not any(both.id in pair for pair in pairs(opened))


def test_a_work_is_taken_out_with_its_reason(app):
    found = circle(7)
    opened = open_round(found)
    work = work_of(opened, found.learners[2])

    reader = next(one.reviewer.person for one in db.session.query(Review).filter_by(work_id=work.id))
    services_plan.withdraw_work(work, found.trainer.id, f"Ce n'est pas un rendu, dit {reader.name}.", NOW)

    assert work.id not in received(opened)
    event = db.session.query(RoundEvent).filter_by(what="withdrawn").one()
    assert (event.words, event.by_id) == (f"Ce n'est pas un rendu, dit {MASK}.", found.trainer.id)
    told = db.session.query(Notice).filter(Notice.title.startswith("Votre travail n'est plus relu")).one()
    assert (told.person_id, told.body) == (found.learners[2].id, event.words)


def test_at_the_end_what_was_begun_may_still_be_sent(app):
    opened = open_round(found := circle(6))
    begun = services_plan.reveal(opened, found.learners[0], NOW)
    save(begun, "liste", Said(1, GOOD, "text", 1, IDEA, "", None), NOW)
    untouched = services_plan.reveal(opened, found.learners[1], NOW)

    tasks.run_round(opened, ENDS)

    assert (opened.state, begun.state, untouched.state) == ("moderating", "expired", "returned")
    with pytest.raises(rules.NothingToReview):
        services_plan.reveal(opened, found.learners[2], ENDS)
    assert write(begun, ENDS + HOUR).state == "submitted"


def test_more_time_gives_everything_back(app):
    opened = open_round(found := circle(6))
    begun = services_plan.reveal(opened, found.learners[0], NOW)
    save(begun, "liste", Said(1), NOW)
    untouched = services_plan.reveal(opened, found.learners[1], NOW)
    tasks.run_round(opened, ENDS)

    services_release.extend(opened, ENDS + 24 * HOUR, found.trainer, ENDS + HOUR)

    assert (opened.state, begun.state, untouched.state) == ("reviewing", "in_progress", "revealed")
    for learner in found.learners:
        review_all(opened, learner, ENDS + 2 * HOUR)
    assert min(received(opened, "submitted").values()) == 2


def test_release_shows_everything_at_once_and_teaches_the_next_round(app):
    found = circle(6)
    opened = open_round(found)
    for place, learner in enumerate(found.learners):
        review_all(opened, learner, mark=place % 3)
    with pytest.raises(RoundNotThere):
        services_release.top_up(open_round_again(found, opened), ENDS)

    services_release.release(opened, found.trainer, ENDS)
    services_release.release(opened, found.trainer, ENDS + HOUR)

    assert opened.state == "responding"
    assert opened.released_at == ENDS
    estimates = db.session.query(WorkEstimate).filter_by(round_id=opened.id).all()
    assert [row.reviews for row in estimates] == [2] * 6
    assert all(0 <= row.low < row.estimate < row.high <= 100 for row in estimates)
    assert db.session.query(Leniency).filter_by(round_id=opened.id).count() == 6
    told = db.session.query(Notice).filter(Notice.key.like("review-released/%")).count()
    assert told == 6


def open_round_again(found, opened: Round) -> Round:
    """A round that has not begun, on another deliverable of the same work."""
    other = factories.make_deliverable(found.assignment, key="autre", position=2)
    db.session.commit()
    return services.open_round(
        other,
        wanted=2,
        starts_at=NOW + HOUR,
        ends_at=ENDS,
        is_named=False,
        is_formative=False,
        pass_mark=None,
        by=found.trainer,
        now=NOW,
    )


def test_a_second_round_avoids_the_pairs_of_the_first(app):
    found = circle(9)
    first = open_round(found)
    for learner in found.learners:
        review_all(first, learner)
    services_release.release(first, found.trainer, NOW + HOUR)

    second = open_round(found, starts_at=NOW + 2 * HOUR, now=NOW + 2 * HOUR)

    assert second.number == 2
    assert not pairs(first) & pairs(second)


def test_a_round_closes_a_week_after_its_release(app):
    found = circle(6)
    opened = open_round(found)
    services_release.release(opened, found.trainer, ENDS)

    tasks.run_round(opened, ENDS + timedelta(days=6))
    assert opened.state == "responding"
    tasks.run_round(opened, ENDS + timedelta(days=7))
    assert opened.state == "closed"


def test_a_whole_round_is_read_in_two_queries(app, queries):
    opened = open_round(circle(8))
    db.session.expire_all()
    db.session.refresh(opened)

    with queries() as seen:
        world = read_world(opened)
        assert len([owner.person.name for work in world.works for owner in work.submission.owners]) == 8

    assert len(seen) == 2
