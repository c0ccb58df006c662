"""Each person's own dates, as the pages and the act of sending see them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from popschool.projects import services, services_assignments, services_drafts
from popschool.projects.models import Extension
from popschool.projects.services_reading import work_of
from popschool.projects.services_windows import own_window, own_windows
from popschool.schools.models import Accommodation
from tests.conftest import NOW
from tests.factories import add, make_assignment, make_cohort, make_learner, make_school, make_team, make_trainer, save

DAY = timedelta(days=1)
DUE = NOW + 2 * DAY


@pytest.fixture
def cohort(app):
    return make_cohort()


def arrange(person, days=3, **given):
    fields = {"school_id": person.home_school_id, "deadline_days": days, "starts_on": (NOW - 30 * DAY).date()}
    add(Accommodation(person_id=person.id, created_at=NOW, **fields | given))


def extend(assignment, person, due_at, closes_at=None):
    add(
        Extension(
            school_id=assignment.school_id,
            assignment_id=assignment.id,
            person_id=person.id,
            due_at=due_at,
            closes_at=closes_at or assignment.closes_at,
            granted_by_id=person.id,
            granted_at=NOW,
        )
    )


def test_an_accommodation_moves_a_persons_own_dates_and_nobody_elses(cohort):
    assignment = make_assignment(cohort)
    slow, other = make_learner(cohort), make_learner(cohort)
    arrange(slow, days=3)

    windows = own_windows(assignment, [slow.id, other.id])

    assert windows[slow.id].due_at == DUE + 3 * DAY
    assert windows[slow.id].closes_at.date() == (assignment.closes_at + 3 * DAY).date()
    assert windows[other.id].due_at == DUE


@pytest.mark.parametrize(("zone", "hours"), [("Europe/Paris", 71), ("Indian/Reunion", 72)])
def test_days_are_added_where_the_school_is(app, zone, hours):
    """Clocks change in Paris on 28 March 2027, and never in Réunion."""
    friday = datetime(2027, 3, 26, 9, tzinfo=UTC)
    cohort = make_cohort(make_school(time_zone=zone))
    assignment, person = make_assignment(cohort, due_at=friday, closes_at=friday + 4 * DAY), make_learner(cohort)
    arrange(person, days=3)

    assert own_window(assignment, person.id).due_at == friday + timedelta(hours=hours)


def test_an_arrangement_begins_on_the_day_that_it_is_at_the_school(app):
    """At 21 h in Paris on the 10th, it is the 11th in Réunion already."""
    due_at = datetime(2027, 3, 10, 20, 30, tzinfo=UTC)
    cohort = make_cohort(make_school(time_zone="Indian/Reunion"))
    assignment, person = make_assignment(cohort, due_at=due_at, closes_at=due_at + DAY), make_learner(cohort)
    arrange(person, days=2, starts_on=date(2027, 3, 11))

    assert own_window(assignment, person.id).due_at == due_at + 2 * DAY


def test_an_accommodation_that_ended_before_the_opening_moves_nothing(cohort):
    assignment, person = make_assignment(cohort), make_learner(cohort)
    arrange(person, ends_on=(assignment.opens_at - DAY).date())

    assert own_window(assignment, person.id).due_at == DUE


def test_an_accommodation_that_ends_meanwhile_takes_nothing_back(cohort):
    assignment, person = make_assignment(cohort), make_learner(cohort)
    arrange(person, days=2, ends_on=(NOW - DAY).date())

    assert own_window(assignment, person.id).due_at == DUE + 2 * DAY


def test_the_last_extension_granted_holds(cohort):
    assignment, person = make_assignment(cohort), make_learner(cohort)
    extend(assignment, person, DUE + 9 * DAY)
    extend(assignment, person, DUE + 4 * DAY)

    assert own_window(assignment, person.id).due_at == DUE + 4 * DAY


def test_a_team_has_the_dates_of_its_most_generous_member(cohort):
    assignment = make_assignment(cohort, work="team", team_size=3)
    slow, late, other, elsewhere = (make_learner(cohort) for _ in range(4))
    make_team(assignment, [slow, late, other])
    make_team(assignment, [elsewhere])
    arrange(slow, days=3)
    extend(assignment, late, DUE + DAY, closes_at=assignment.closes_at + 9 * DAY)

    windows = own_windows(assignment, [slow.id, late.id, other.id, elsewhere.id])

    assert {windows[one.id] for one in (slow, late, other)} == {windows[other.id]}
    assert windows[other.id].due_at == DUE + 3 * DAY
    assert windows[other.id].closes_at == assignment.closes_at + 9 * DAY
    assert windows[elsewhere.id].due_at == DUE


def test_who_has_left_a_team_takes_their_dates_with_them(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    slow, other = make_learner(cohort), make_learner(cohort)
    team = make_team(assignment, [slow, other])
    arrange(slow)
    team.members[0].left_at = NOW
    save()

    assert own_window(assignment, other.id).due_at == DUE


def test_pages_and_the_act_of_sending_agree_about_the_dates(cohort):
    assignment = make_assignment(cohort, due_at=NOW - DAY, closes_at=NOW)
    slow, other = make_learner(cohort), make_learner(cohort)
    arrange(slow, days=2)
    save()

    shown = work_of(slow.id, frozenset({cohort.id}), NOW)[0].window
    assert shown == own_window(assignment, slow.id)
    for person, is_taken in ((slow, True), (other, False)):
        services_drafts.save_draft(assignment.deliverables[0], person.id, NOW, text="Voici.")
        if is_taken:
            assert services.submit_work(assignment.deliverables[0], person, NOW).timing == "on_time"
        else:
            with pytest.raises(services.rules.DeliverableClosed):
                services.submit_work(assignment.deliverables[0], person, NOW)


def test_the_dates_of_everything_set_cost_one_query_however_much_there_is(cohort, queries):
    person = make_learner(cohort)
    for _ in range(6):
        assignment = make_assignment(cohort, work="pair", team_size=2)
        make_team(assignment, [person, make_learner(cohort)])
        extend(assignment, person, DUE + DAY)
    arrange(person, days=1)
    arrange(person, days=2)
    save()

    with queries() as seen:
        works = work_of(person.id, frozenset({cohort.id}), NOW)

    assert [work.window.due_at for work in works] == [DUE + 2 * DAY] * 6
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


def test_a_person_is_given_more_time_and_told_their_own_date(cohort):
    assignment, person, trainer = make_assignment(cohort), make_learner(cohort), make_trainer(cohort)
    save()

    services_assignments.grant_extension(assignment, person, DUE + 5 * DAY, " Stage ", trainer.id, NOW)

    window = own_window(assignment, person.id)
    assert (window.due_at, window.closes_at) == (DUE + 5 * DAY, assignment.closes_at)


def test_more_time_than_the_closing_moves_the_closing_too(cohort):
    assignment = make_assignment(cohort, closes_at=DUE + DAY)
    person, trainer = make_learner(cohort), make_trainer(cohort)
    save()

    services_assignments.grant_extension(assignment, person, DUE + 5 * DAY, "", trainer.id, NOW)

    assert own_window(assignment, person.id).closes_at == DUE + 6 * DAY
