"""Two people who should not read each other say so before anything is opened; the plan repairs itself."""

import re

import pytest

from popschool.db import db
from popschool.review import rules, services_apart, services_guests, services_plan, services_reading, tasks
from popschool.review.models import Conflict, Review
from tests.conftest import NOW
from tests.review.rounds import SOON, circle, open_round, pairs, received, review_all


def test_the_plan_follows_and_every_work_keeps_its_reviews(app):
    found = circle(9)
    opened = open_round(found)
    me, *others = found.learners
    mine = {author for reviewer, author in pairs(opened) if reviewer == me.id}
    other = next(one for one in others if one.id in mine)

    services_apart.keep_apart(opened, me, other.id, NOW)
    services_apart.keep_apart(opened, me, other.id, NOW)

    assert not pairs(opened) & {(me.id, other.id), (other.id, me.id)}
    assert set(received(opened).values()) == {2}
    assert db.session.query(Conflict).count() == 1


def test_what_was_opened_is_not_taken_away(app):
    found = circle(9)
    opened = open_round(found)
    review = services_plan.reveal(opened, found.learners[0], NOW)
    (author,) = review.work.authors

    services_apart.keep_apart(opened, found.learners[0], author, NOW)

    assert db.session.get(Review, review.id).state == "revealed"
    assert (author, found.learners[0].id) not in pairs(opened)


def test_three_people_may_be_named(app):
    found = circle(9)
    opened = open_round(found)
    for other in found.learners[1:4]:
        services_apart.keep_apart(opened, found.learners[0], other.id, NOW)

    with pytest.raises(rules.TooManyApart):
        services_apart.keep_apart(opened, found.learners[0], found.learners[4].id, NOW)


def test_it_is_said_as_soon_as_a_round_is_announced_and_the_plan_is_made_so(app, client, log_in):
    """In a cohort that was invited too: each names people of their own. Whoever has no place there finds nothing."""
    found, guests, away = circle(5), circle(5), circle(1)
    guests.assignment.project_id = found.assignment.project_id
    opened = open_round(found, starts_at=SOON, wanted=3)
    [offered] = services_guests.candidates(opened)
    services_guests.answer(services_guests.invite(opened, offered, found.trainer, NOW), True, guests.trainer, NOW)
    address = f"/rounds/{opened.id}/apart"

    for group in (found, guests):
        me, other = group.learners[:2]
        log_in(me)
        assert address in client.get("/reviews").text
        named = {int(one) for one in re.findall(r'<option[^>]* value="(\d+)"', client.get(address).text)}
        assert named == {one.id for one in group.learners if one is not me}
        assert client.post(address, data={"person": other.id}).status_code == 302
    log_in(away.learners[0])
    assert address not in client.get("/reviews").text
    assert client.get(address).status_code == 404
    with pytest.raises(rules.NothingToReview):
        services_apart.keep_apart(opened, away.learners[0], found.learners[0].id, NOW)

    services_plan.start(opened, SOON)
    for group in (found, guests):
        me, other = group.learners[:2]
        assert not pairs(opened) & {(me.id, other.id), (other.id, me.id)}
    assert set(received(opened).values()) == {3}


def test_the_page_names_the_whole_cohort_and_nothing_of_the_plan(app, client, log_in):
    found = circle(6)
    opened = open_round(found)
    me, *others = found.learners
    log_in(me)
    page = client.get(f"/rounds/{opened.id}/apart")

    assert {int(one) for one in re.findall(r'<option[^>]* value="(\d+)"', page.text)} == {one.id for one in others}
    assert client.post(f"/rounds/{opened.id}/apart", data={"person": me.id}).status_code == 200
    assert client.post(f"/rounds/{opened.id}/apart", data={"person": others[0].id}).status_code == 302
    assert others[0].name in client.get(f"/rounds/{opened.id}/apart").text
    log_in(found.trainer)
    assert client.get(f"/rounds/{opened.id}/apart").status_code == 404


def test_the_home_page_counts_the_works_that_wait(app, client, log_in):
    found = circle(6)
    opened = open_round(found)
    me = found.learners[0]
    log_in(me)

    assert services_reading.waiting_for(me.id, NOW) == (2, opened.ends_at)
    assert "2 travaux à relire" in client.get("/today").text
    review_all(opened, me)
    assert services_reading.waiting_for(me.id, NOW) == (0, None)
    assert "travaux à relire" not in client.get("/today").text
    assert services_reading.waiting_for(found.learners[1].id, opened.ends_at) == (0, None)
    tasks.run_round(opened, opened.ends_at)
    assert services_reading.waiting_for(found.learners[1].id, NOW) == (0, None)
