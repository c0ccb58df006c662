"""Cohorts on a real database: opened once, changed with their places, archived and opened again, listed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.auth.actors import read_actor
from popschool.db import db
from popschool.schools import cohorts, places
from popschool.schools.cohorts import Reach
from popschool.schools.models import Cohort, Enrolment
from popschool.schools.rules import (
    CodeTaken,
    CohortArchived,
    DatesInverted,
    ExitReason,
    PlacesOutside,
    SchoolClosed,
)
from tests.factories import (
    TODAY,
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_person,
    make_programme,
    make_school,
    save,
)

DAY = timedelta(days=1)


def open_one(school, now, **given):
    programme = given.pop("programme", None) or make_programme()
    revision_id = db.session.scalar(select(Cohort.revision_id).limit(1)) or programme.source_id
    fields = {"code": "VAL-2027-1", "name": "", "starts_on": TODAY, "ends_on": TODAY + 9 * DAY} | given
    save()
    return cohorts.open_cohort(
        school, programme_id=programme.id, revision_id=revision_id, actor_id=make_manager(school).id, now=now, **fields
    )


def test_a_cohort_is_opened_with_its_code_in_capitals(app, now):
    cohort = open_one(make_school(), now, code=" val-2027-1 ", name=" Les pionniers ")

    assert (cohort.code, cohort.name, cohort.archived_at) == ("VAL-2027-1", "Les pionniers", None)


def test_a_code_is_one_cohorts_in_the_whole_network(app, now):
    open_one(make_school(), now)

    with pytest.raises(CodeTaken):
        open_one(make_school(), now, code="val-2027-1")


def test_the_same_cohort_asked_for_twice_is_opened_once(app, now):
    school, programme = make_school(), make_programme()

    first = open_one(school, now, programme=programme)
    again = open_one(school, now, programme=programme)

    assert again.id == first.id
    with pytest.raises(CodeTaken):
        open_one(school, now, programme=programme, ends_on=TODAY + 10 * DAY)
    assert db.session.scalar(select(func.count()).select_from(Cohort)) == 1


def test_a_cohort_ends_after_it_starts_and_before_its_school_closes(app, now):
    school = make_school(closed_on=TODAY + 9 * DAY)

    with pytest.raises(DatesInverted):
        open_one(school, now, ends_on=TODAY - DAY)
    with pytest.raises(SchoolClosed):
        open_one(school, now)
    assert open_one(school, now, ends_on=TODAY + 8 * DAY)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def manager(cohort):
    return make_manager(cohort.school)


def test_places_with_the_dates_of_the_cohort_follow_it(cohort, manager, now):
    follows, own, left = make_learner(cohort), make_person(), make_learner(cohort)
    make_enrolment(own, cohort, starts_on=TODAY, ends_on=TODAY + 9 * DAY)
    save()
    gone = db.session.scalars(select(Enrolment).where(Enrolment.person_id == left.id)).one()
    places.end_enrolment(gone, TODAY, ExitReason.OTHER, "", manager.id, now)
    starts_on, ends_on = cohort.starts_on - DAY, cohort.ends_on + 30 * DAY

    cohorts.edit_cohort(cohort, "Nouveau nom", starts_on, ends_on, manager.id, now)

    kept = {one.person_id: (one.starts_on, one.last_day) for one in db.session.scalars(select(Enrolment))}
    assert kept[follows.id] == (starts_on, ends_on)
    assert kept[own.id] == (TODAY, TODAY + 9 * DAY)
    assert kept[left.id] == (starts_on + DAY, TODAY)
    assert cohort.name == "Nouveau nom"


def test_a_cohort_does_not_shrink_away_from_peoples_own_dates(cohort, manager, now):
    make_learner(cohort)
    own = make_person()
    make_enrolment(own, cohort, starts_on=TODAY, ends_on=cohort.ends_on - DAY)
    save()

    with pytest.raises(PlacesOutside) as refused:
        cohorts.edit_cohort(cohort, "", cohort.starts_on, TODAY + DAY, manager.id, now)

    assert refused.value.people == 1
    assert {one.ends_on for one in db.session.scalars(select(Enrolment))} == {cohort.ends_on, cohort.ends_on - DAY}


def test_who_never_came_does_not_hold_a_cohorts_dates(cohort, manager, now):
    make_learner(cohort)
    save()
    place = db.session.scalars(select(Enrolment)).one()
    places.end_enrolment(place, TODAY, ExitReason.NEVER_CAME, "", manager.id, now)

    cohorts.edit_cohort(cohort, "", TODAY, TODAY + DAY, manager.id, now)

    assert (cohort.starts_on, cohort.ends_on) == (TODAY, TODAY + DAY)


def test_an_archived_cohort_is_read_and_not_changed(cohort, manager, now):
    learner = make_learner(cohort)
    save()

    cohorts.archive(cohort, manager.id, now)

    assert cohort.archived_at == now
    actor = read_actor(learner.id, TODAY)
    assert (actor.learns_in, actor.learnt_in) == (frozenset(), {cohort.id})
    with pytest.raises(CohortArchived):
        cohorts.edit_cohort(cohort, "", cohort.starts_on, cohort.ends_on, manager.id, now)


def test_a_cohort_is_opened_again(cohort, manager, now):
    learner = make_learner(cohort)
    save()
    cohorts.archive(cohort, manager.id, now)

    cohorts.reopen(cohort, manager.id, now)

    assert cohort.archived_at is None
    assert read_actor(learner.id, TODAY).learns_in == {cohort.id}


def test_archived_twice_it_was_the_first_time(cohort, manager, now):
    cohorts.archive(cohort, manager.id, now)
    cohorts.archive(cohort, manager.id, now + DAY)
    cohorts.reopen(cohort, manager.id, now + DAY)
    cohorts.reopen(cohort, manager.id, now + DAY)

    acts = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["archive_cohort", "reopen_cohort"]


def test_a_list_holds_ones_own_cohorts_the_archived_last(app, now):
    mine, other = make_school(name="Lens"), make_school(name="Amiens")
    archived, first, latest = (make_cohort(mine, starts_on=TODAY - n * DAY) for n in (1, 9, 5))
    trained, foreign = make_cohort(other), make_cohort(other)
    make_learner(first)
    save()
    cohorts.archive(archived, make_manager(mine).id, now)

    def codes(reach):
        return [line.cohort.id for line in cohorts.list_cohorts(reach, TODAY)]

    reach = Reach(frozenset({mine.id}), frozenset({trained.id}))
    assert codes(reach) == [trained.id, latest.id, first.id, archived.id]
    assert codes(Reach(None))[:2] == sorted([trained.id, foreign.id])
    assert codes(Reach(reach.schools, reach.cohorts, at=mine.id)) == [latest.id, first.id, archived.id]
    assert codes(Reach(frozenset(), frozenset())) == []
    assert cohorts.tally(reach, TODAY) == (4, 3, 1)
    assert [line.people for line in cohorts.list_cohorts(reach, TODAY)] == [0, 0, 1, 0]


def test_a_list_comes_page_by_page_in_one_query(app, queries):
    school = make_school()
    made = [make_cohort(school, starts_on=TODAY - n * DAY) for n in range(4)]
    save()
    reach = Reach(frozenset({school.id}))

    with queries() as seen:
        lines = cohorts.list_cohorts(reach, TODAY, offset=2, limit=2)

    assert [line.cohort.id for line in lines] == [made[2].id, made[3].id]
    assert len(seen) == 1


def test_a_goal_is_a_cohort_that_still_takes_people(cohort, manager, now):
    open_still = make_cohort(cohort.school)
    make_cohort(cohort.school, starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY)
    archived = make_cohort(cohort.school)
    save()
    cohorts.archive(archived, manager.id, now)

    goals = cohorts.list_goals(Reach(frozenset({cohort.school_id})), TODAY, besides=cohort.id)

    assert [line.cohort.id for line in goals] == [open_still.id]
