"""Pieces that everybody reads first: made by the team, read before any work, and shown beside the team's answers."""

from datetime import timedelta

import pytest

from popschool.db import db
from popschool.review import (
    rules,
    services,
    services_estimates,
    services_pieces,
    services_plan,
    services_release,
    tasks,
)
from popschool.review import services_reading as reading
from popschool.review.models import Reviewer
from popschool.review.models_pieces import PieceReview
from popschool.review.rules import Said
from popschool.review.services_world import read_world
from tests.conftest import NOW
from tests.review.rounds import ABSENT, ENDS, GOOD, HALF, IDEA, circle, open_round, review_all


def make_piece(found, mark: int = 1, **more):
    criteria = services.criteria_for(found.deliverable)
    usual = {
        "title": "Le menu du café",
        "text": "Un café\nUn thé",
        "marks": {one["id"]: mark for one in criteria},
        "whys": {criteria[0]["id"]: "Le prix manque."},
        "by": found.trainer,
        "now": NOW,
    }
    piece = services_pieces.make(found.deliverable, criteria, **usual | more)
    db.session.commit()
    return piece


def read_pieces(opened, person, mark: int, now=NOW) -> list[PieceReview]:
    done = []
    while (one := services_plan.open_piece(opened, person, now)) is not None:
        for criterion in opened.criteria:
            services_pieces.save(one, criterion["id"], Said(mark, GOOD, "text", 2, IDEA, "", None), now)
        services_pieces.submit(one, now)
        done.append(one)
    return done


def test_a_piece_is_read_before_any_work_and_once(app):
    found = circle()
    opened = open_round(found, piece_ids=[make_piece(found).id, make_piece(found, title="Un autre").id])
    learner = found.learners[0]

    with pytest.raises(rules.PieceFirst):
        services_plan.reveal(opened, learner, NOW)
    done = read_pieces(opened, learner, 1)
    services_pieces.submit(done[0], NOW + timedelta(hours=1))

    assert [one.piece_id for one in done] == opened.piece_ids
    assert done[0].submitted_at == NOW
    with pytest.raises(rules.AlreadySent):
        services_pieces.save(done[0], opened.criteria[0]["id"], Said(0), NOW)
    assert len(review_all(opened, learner)) == 2
    assert reading.tasks_of(learner.id)[0].pieces == 0
    assert reading.tasks_of(found.learners[1].id)[0].pieces == 2


def test_what_is_given_to_a_piece_says_who_gives_more(app):
    found = circle()
    opened = open_round(found, piece_ids=[make_piece(found).id, make_piece(found, title="Un autre").id])
    for place, learner in enumerate(found.learners):
        mark = 2 if place == 0 else 1
        read_pieces(opened, learner, mark)
        review_all(opened, learner, mark=mark)
    drawn = services_estimates.draw(read_world(opened))
    generous, *others = (drawn.result.reviewers[learner.id].mean for learner in found.learners)

    assert generous > 5 + max(others)
    assert all(one.work > 0 for one in drawn.order)
    # What the generous one read is drawn down towards what the others would have given.
    works = [one for one in read_world(opened).standing_works if drawn.result.works[one.id].reviews]
    assert max(drawn.result.works[work.id].mean for work in works) < 75


def test_the_team_s_answers_are_seen_once_the_round_is_released(app, client, log_in):
    found = circle()
    opened = open_round(found, piece_ids=[make_piece(found).id])
    learner = found.learners[0]
    for one in found.learners:
        read_pieces(opened, one, 2)
        review_all(opened, one)
    log_in(learner)
    key = db.session.query(PieceReview).join(Reviewer).filter(Reviewer.person_id == learner.id).one().key

    assert client.get(f"/rounds/{opened.id}/own").status_code == 404
    assert "Le prix manque." not in client.get(f"/pieces/{key}").text
    services_release.release(opened, found.trainer, ENDS)
    page = client.get(f"/rounds/{opened.id}/own").text

    assert "Le menu du café" in page
    assert "Le prix manque." in page
    ((piece, lessons),) = services_pieces.lessons_of(opened, learner.id)
    assert (lessons[0].own, lessons[0].team) == (opened.criteria[0]["words"][2], opened.criteria[0]["words"][1])


def test_a_piece_is_made_chosen_and_read_through_the_pages(app, client, log_in):
    found = circle()
    criteria = services.criteria_for(found.deliverable)
    log_in(found.trainer)
    given = {f"mark_{number}": "1" for number in range(len(criteria))}
    page = f"/assignments/{found.assignment.id}/pieces"
    refused = client.post(page, data={"title": "Le menu", "text": "Un café"})
    client.post(page, data={"title": "Le menu", "text": "Un café", "why_0": "Le prix manque.", **given})
    client.post(page, data={"title": "Le menu", "text": "Un café", "why_0": "Le prix manque.", **given})
    (piece,) = services_pieces.offered_for(found.deliverable, criteria)
    assert "Un café" in refused.text
    assert f'value="{piece.id}"' in client.get(f"/assignments/{found.assignment.id}/rounds/new").text

    opened = open_round(found, piece_ids=[piece.id])
    log_in(found.learners[0])
    address = client.post(f"/rounds/{opened.id}/next").location
    assert address.startswith("/pieces/")
    assert "exemple" in client.get("/reviews").text
    assert client.post(f"{address}/check").status_code == 200
    for number in range(1, len(criteria) + 1):
        told = {"mark": "2", "good": GOOD, "good_place": "text", "good_line": "1", "idea": IDEA}
        assert client.post(f"{address}/criteria/{number}", data=told).status_code == 302
    assert client.post(f"{address}/check").location == "/reviews#message"
    assert client.get(f"{address}/criteria/1").status_code == 302
    assert client.post(f"/rounds/{opened.id}/next").location.startswith("/reviews/")
    log_in(found.learners[1])
    assert client.get(address).status_code == 404


def test_a_piece_that_is_retired_is_offered_no_more_and_stays_where_it_was_chosen(app, client, log_in):
    found = circle()
    piece = make_piece(found)
    opened = open_round(found, piece_ids=[piece.id])
    log_in(found.trainer)
    client.post(f"/assignments/{found.assignment.id}/pieces/{piece.id}/retire")

    assert services_pieces.offered_for(found.deliverable, opened.criteria) == []
    assert len(read_pieces(opened, found.learners[0], 1)) == 1


@pytest.mark.parametrize("wrong", ["three", "unknown", "spoken"])
def test_a_round_takes_two_pieces_at_most_of_its_own(app, wrong):
    found = circle()
    chosen = [make_piece(found, title=f"Exemple {number}").id for number in range(3)]

    with pytest.raises(rules.TooManyPieces):
        open_round(
            found,
            piece_ids={"three": chosen, "unknown": [chosen[-1] + 1], "spoken": chosen[:1]}[wrong],
            is_oral=wrong == "spoken",
        )


def test_who_reads_the_piece_is_not_taken_for_absent(app):
    found = circle()
    opened = open_round(found, piece_ids=[make_piece(found).id])
    tasks.run_round(opened, HALF)
    read_pieces(opened, found.learners[0], 1, HALF + timedelta(hours=1))
    tasks.run_round(opened, ABSENT)
    states = {one.person_id: one.state for one in db.session.query(Reviewer).filter_by(round_id=opened.id)}

    assert states.pop(found.learners[0].id) == "active"
    assert set(states.values()) == {"absent"}
