"""The report of groups: what each gave and received, how it marks, what trainers saw; five people at least."""

import pytest

from popschool.review import services_estimates, services_fairness, services_plan
from popschool.review.services_fairness import By
from popschool.review.services_world import read_world
from tests import factories
from tests.conftest import NOW
from tests.review.rounds import circle, open_round, review_all, work_of


def played(late: int):
    """A round in which the last `late` people of twelve sent after its start, and mark higher than the others."""
    found = circle(12, sent=12 - late)
    opened = open_round(found)
    for learner in found.learners[12 - late :]:
        factories.make_submission(found.deliverable, [learner], text="Voici.\nEn retard.", submitted_at=NOW)
    factories.save()
    services_plan.mend(opened, NOW)
    for place, learner in enumerate(found.learners):
        review_all(opened, learner, mark=2 if place >= 12 - late else 1)
    return found, opened


def lines_of(opened):
    world = read_world(opened)
    drawn = services_estimates.draw(world)
    return services_fairness.fairness_of(world, drawn, {opened.cohort_id: "A"})


def test_a_group_that_marks_higher_is_seen(app):
    _found, opened = played(late=6)
    lines = lines_of(opened)

    assert list(lines) == [By.TIMING]
    late, on_time = lines[By.TIMING]
    assert (late.name, late.people, on_time.people) == ("late", 6, 6)
    assert late.given + on_time.given == late.received + on_time.received == 24
    assert late.leniency.low > 0 > on_time.leniency.high
    assert late.leniency.warns
    assert late.apart is None


def test_nothing_is_said_of_fewer_than_five_people(app, client, log_in):
    found, opened = played(late=4)
    late, on_time = lines_of(opened)[By.TIMING]
    log_in(found.trainer)
    page = client.get(f"/rounds/{opened.id}/fairness").text

    assert (late.is_hidden, late.people, late.given, late.leniency) == (True, 0, 0, None)
    assert not on_time.is_hidden
    assert "moins de 5" in page
    log_in(found.learners[0])
    assert client.get(f"/rounds/{opened.id}/fairness").status_code == 403


def test_works_are_compared_with_what_trainers_gave(app, monkeypatch):
    found, opened = played(late=6)
    submissions = [work_of(opened, learner).submission_id for learner in found.learners]
    given = {one: 20.0 + place % 3 for place, one in enumerate(submissions[6:])}
    monkeypatch.setattr(services_estimates, "grades_of", lambda world: given)
    late, on_time = lines_of(opened)[By.TIMING]

    assert (late.apart.count, on_time.apart) == (6, None)
    assert late.apart.warns
    before = services_estimates.without_grades(services_estimates.draw(read_world(opened)))
    expected = [
        before[work_of(opened, one).id] - given[work_of(opened, one).submission_id] for one in found.learners[6:]
    ]
    assert late.apart.mean == pytest.approx(sum(expected) / 6)
