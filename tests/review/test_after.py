"""After a round: authors answer before they see a number, report, appeal; the trainer settles, and marks decide."""

from datetime import timedelta

import pytest

from popschool.db import db
from popschool.grading.services import Answer, Criterion, send_answer, undo_answer
from popschool.messages.models import Notice
from popschool.review import services_estimates, services_reading, services_release
from popschool.review.models import Flag, Reaction, Review, WorkEstimate
from popschool.review.rules_estimate import FACTOR, Learned, Prior, interval_factor
from popschool.review.rules_posterior import USUAL
from popschool.review.services_world import read_world
from tests.conftest import NOW
from tests.review.rounds import ENDS, circle, open_round, received, review_all, work_of

HOUR = timedelta(hours=1)
WORDS = ("pas encore", "en partie", "oui")


@pytest.fixture
def released(app):
    found = circle(6)
    opened = open_round(found)
    for place, learner in enumerate(found.learners):
        review_all(opened, learner, mark=1 + place % 2)
    services_release.release(opened, found.trainer, ENDS)
    return found, opened


def test_the_number_waits_for_the_answers(released):
    found, opened = released
    author = found.learners[0]
    work = work_of(opened, author)
    before = services_reading.verdict_of(work, author.id)

    for opinion in before.opinions:
        services_release.react(opinion.review, author, "helpful", "", "Je change le titre.", True, ENDS)
        services_release.react(opinion.review, author, "not", "", "", False, ENDS)
    db.session.expire_all()
    after = services_reading.verdict_of(work, author.id)

    assert (before.is_answered, after.is_answered) == (False, True)
    assert after.estimate.reviews == 2
    assert [reaction.helps for reaction in db.session.query(Reaction)] == ["helpful", "helpful"]


def test_reactions_are_shown_together_and_only_from_three(released):
    found, opened = released
    reviewer = found.learners[0]
    own = [one for one in db.session.query(Review) if one.reviewer.person_id == reviewer.id]
    for review in own:
        author = next(one for one in found.learners if one.id in review.work.authors)
        services_release.react(review, author, "helpful", "", "", False, ENDS)

    [task] = services_reading.tasks_of(reviewer.id)

    assert len(own) == 2
    assert task.summary is None


def test_a_report_hides_the_text_and_one_that_is_upheld_weighs_nothing(released):
    found, opened = released
    author = found.learners[0]
    work = work_of(opened, author)
    opinion = services_reading.verdict_of(work, author.id).opinions[0]

    flag = services_release.report(opinion.review, author, "Ce n'est pas mon travail.", ENDS)
    again = services_release.report(opinion.review, author, "Encore.", ENDS)
    hidden = services_reading.verdict_of(work, author.id).opinions[0]
    services_release.answer_flag(flag, "Elle parle d'autre chose.", True, found.trainer, ENDS + HOUR)

    assert flag.id == again.id
    assert hidden.is_reported
    assert opinion.review.state == "set_aside"
    assert db.session.get(WorkEstimate, work.id).reviews == 1
    told = {one.person_id: one.body for one in db.session.query(Notice).filter(Notice.created_at == ENDS + HOUR)}
    assert told == dict.fromkeys((author.id, opinion.review.reviewer.person_id), "Elle parle d'autre chose.")


def test_a_report_that_is_not_upheld_gives_the_text_back(released):
    found, opened = released
    author = found.learners[0]
    work = work_of(opened, author)
    review = services_reading.verdict_of(work, author.id).opinions[0].review
    flag = services_release.report(review, author, "Je ne suis pas d'accord.", ENDS)

    services_release.answer_flag(flag, "Elle est juste.", False, found.trainer, ENDS)

    assert not services_reading.verdict_of(work, author.id).opinions[0].is_reported
    assert review.state == "released"


def test_a_review_set_aside_during_the_round_is_made_up_for(app):
    found = circle(7)
    opened = open_round(found)
    review = review_all(opened, found.learners[0])[0]

    services_release.set_aside(review, "Elle ne dit rien.", found.trainer, NOW + HOUR)

    assert received(opened, "planned", "revealed", "submitted")[review.work_id] == 2


def test_an_appeal_comes_first_and_the_trainer_s_marks_stand(released):
    found, opened = released
    author = found.learners[0]
    work = work_of(opened, author)
    services_release.appeal(work, author, "Regardez la photo.", ENDS)
    first = services_estimates.draw(read_world(opened)).order[0]
    criteria = [Criterion(one["id"], one["text"], WORDS) for one in opened.criteria]
    marks = {one["id"]: 2 for one in opened.criteria}
    before = db.session.get(WorkEstimate, work.id).estimate

    feedback = send_answer(
        work.submission, found.trainer, Answer("validated", "Bravo.", marks, {}), criteria, 0, ENDS + HOUR
    )
    marked = db.session.get(WorkEstimate, work.id).estimate
    undo_answer(feedback, found.trainer, ENDS + HOUR)

    assert (first.work, str(first.must_see)) == (work.id, "appeal")
    assert marked == 100
    assert db.session.get(WorkEstimate, work.id).estimate == pytest.approx(before)
    assert db.session.query(Flag).one().kind == "appeal"


def test_a_revised_version_is_tied_to_what_it_answers(released):
    from tests.review.test_rounds import send

    found, opened = released
    author = found.learners[0]

    newer = send(found, author, "Titre raccourci.", ENDS + HOUR)

    assert services_reading.verdict_of(work_of(opened, author), author.id).revised.id == newer.id
    assert work_of(opened, author).submission_id != newer.id


def test_reviews_released_at_once_carry_no_number(app):
    found = circle(6)
    opened = open_round(found, is_formative=True)
    review = review_all(opened, found.learners[0])[0]
    author = next(one for one in found.learners if one.id in review.work.authors)

    verdict = services_reading.verdict_of(review.work, author.id)

    assert [one.review.id for one in verdict.opinions] == [review.id]
    assert verdict.estimate is None


def test_what_a_round_and_a_trainers_mark_teach_is_where_the_next_begins(released):
    found, opened = released
    work = work_of(opened, found.learners[0])
    criteria = [Criterion(one["id"], one["text"], WORDS) for one in opened.criteria]
    marks = {one["id"]: 2 for one in opened.criteria}
    kept = db.session.get(WorkEstimate, work.id)
    missed = ((100 - kept.estimate) / (kept.sd / 1.1)) ** 2
    send_answer(work.submission, found.trainer, Answer("validated", "Bravo.", marks, {}), criteria, 0, ENDS + HOUR)
    services_estimates.refresh(work.submission_id, ENDS + 2 * HOUR)
    later = open_round(found, starts_at=ENDS + HOUR, ends_at=ENDS + 9 * HOUR, now=ENDS + HOUR)

    history = services_estimates.history_of(later)
    learned, factor = history.learned, history.factor

    assert kept.misses == pytest.approx(missed)
    assert factor == pytest.approx(interval_factor(missed, 1))
    assert set(learned.reviewers) == set(learned.flat) == {one.id for one in found.learners}
    assert learned.beta == Prior(*opened.learnt["beta"])
    assert learned.beta.variance < 26
    assert learned.leaning != USUAL
    assert services_estimates.history_of(opened) == services_estimates.History(Learned(), {}, FACTOR)
