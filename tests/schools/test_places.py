"""Places in a cohort on a real database: given, changed, ended, moved; trainers posted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.audit import AuditEntry
from popschool.auth.actors import read_actor
from popschool.db import db
from popschool.schools import cohorts, places
from popschool.schools.models import Enrolment, Posting
from popschool.schools.rules import (
    AlreadyEnrolled,
    AlreadyLeft,
    CohortArchived,
    DatesInverted,
    ExitReason,
    MovedOn,
    OutsideCohort,
)
from tests.factories import (
    TODAY,
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_person,
    make_school,
    make_trainer,
    save,
)

DAY = timedelta(days=1)


def enrolment_of(person):
    return db.session.scalars(select(Enrolment).where(Enrolment.person_id == person.id)).one()


def periods(person):
    """Return (cohort code, first day, last day) of each place that held a day, in order."""
    found = db.session.scalars(
        select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.starts_on, Enrolment.id)
    )
    return [(one.cohort.code, one.starts_on, one.last_day) for one in found if one.last_day >= one.starts_on]


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def manager(cohort):
    return make_manager(cohort.school)


@pytest.fixture
def learner(cohort):
    learner = make_learner(cohort)
    save()
    return learner


def test_a_person_has_a_dated_place(cohort, manager, now):
    person = make_person()
    save()

    place = places.enrol(person, cohort, TODAY, cohort.ends_on, manager.id, now)

    assert (place.school_id, place.starts_on, place.ends_on) == (cohort.school_id, TODAY, cohort.ends_on)
    assert person.home_school_id == cohort.school_id


def test_the_same_place_given_twice_is_held_once(cohort, manager, now):
    person = make_person()
    save()

    first = places.enrol(person, cohort, TODAY, cohort.ends_on, manager.id, now)
    again = places.enrol(person, cohort, TODAY, cohort.ends_on, manager.id, now)

    assert again.id == first.id
    assert len(periods(person)) == 1


def test_two_places_in_one_cohort_share_no_day(cohort, manager, learner, now):
    with pytest.raises(AlreadyEnrolled):
        places.enrol(learner, cohort, TODAY, cohort.ends_on, manager.id, now)

    assert len(periods(learner)) == 1


def test_a_workshop_may_be_followed_beside_a_cohort(cohort, manager, learner, now):
    workshop = make_cohort(cohort.school)
    save()

    places.enrol(learner, workshop, TODAY, TODAY, manager.id, now)

    assert [code for code, _first, _last in periods(learner)] == [cohort.code, workshop.code]


@pytest.mark.parametrize(
    ("before", "after", "refusal"), [(1, 0, OutsideCohort), (0, 1, OutsideCohort), (-200, 0, DatesInverted)]
)
def test_a_place_is_within_its_cohort(cohort, manager, now, before, after, refusal):
    person = make_person()
    save()

    with pytest.raises(refusal):
        places.enrol(person, cohort, cohort.starts_on - before * DAY, cohort.ends_on + after * DAY, manager.id, now)
    assert periods(person) == []


def test_a_place_may_have_begun_or_be_still_to_come(cohort, manager, now):
    late, early = make_person(), make_person()
    save()

    places.enrol(late, cohort, TODAY - 9 * DAY, cohort.ends_on, manager.id, now)
    places.enrol(early, cohort, TODAY + 9 * DAY, cohort.ends_on, manager.id, now)

    assert read_actor(late.id, TODAY).learns_in == {cohort.id}
    actor = read_actor(early.id, TODAY)
    assert (actor.learns_in, actor.learnt_in, actor.all_roles) == (frozenset(), frozenset(), frozenset())
    assert actor.learns_at == {cohort.school_id}
    assert read_actor(early.id, TODAY + 9 * DAY).learns_in == {cohort.id}


def test_a_place_holds_its_last_day(cohort, learner):
    assert read_actor(learner.id, cohort.ends_on).learns_in == {cohort.id}
    after = read_actor(learner.id, cohort.ends_on + DAY)
    assert (after.learns_in, after.learnt_in) == (frozenset(), {cohort.id})


def test_a_learner_who_comes_to_another_school_calls_that_one(cohort, manager, learner, now):
    other = make_cohort()
    save()
    places.end_enrolment(enrolment_of(learner), TODAY - DAY, ExitReason.OTHER_TRAINING, "", manager.id, now)

    places.enrol(learner, other, TODAY, other.ends_on, manager.id, now)

    assert learner.home_school_id == other.school_id


def test_a_trainer_who_learns_elsewhere_keeps_their_school(cohort, manager, now):
    trainer, other = make_trainer(cohort), make_cohort()
    save()

    places.enrol(trainer, other, TODAY, TODAY, manager.id, now)

    assert trainer.home_school_id == cohort.school_id


def test_an_archived_cohort_takes_nobody_and_changes_for_nobody(cohort, manager, learner, now):
    person, trainer, other = make_person(), make_trainer(cohort), make_cohort(cohort.school)
    save()
    place = enrolment_of(learner)
    posting = db.session.scalars(select(Posting)).one()
    cohorts.archive(cohort, manager.id, now)

    for act in (
        lambda: places.enrol(person, cohort, TODAY, TODAY, manager.id, now),
        lambda: places.edit_place(place, TODAY, TODAY, manager.id, now),
        lambda: places.end_enrolment(place, TODAY, ExitReason.OTHER, "", manager.id, now),
        lambda: places.take_back_end(place, manager.id, now),
        lambda: places.move(place, other, TODAY, manager.id, now),
        lambda: places.post(trainer, cohort, TODAY + DAY, None, manager.id, now),
        lambda: places.end_posting(posting, TODAY, manager.id, now),
    ):
        with pytest.raises(CohortArchived):
            act()
    assert periods(learner) == [(cohort.code, cohort.starts_on, cohort.ends_on)]


def test_the_dates_of_one_place_change_alone(cohort, manager, learner, now):
    place = enrolment_of(learner)

    places.edit_place(place, TODAY, TODAY + 9 * DAY, manager.id, now)

    assert periods(learner) == [(cohort.code, TODAY, TODAY + 9 * DAY)]
    with pytest.raises(OutsideCohort):
        places.edit_place(place, TODAY, cohort.ends_on + DAY, manager.id, now)


def test_a_place_does_not_grow_over_another_of_its_person(cohort, manager, now):
    person = make_person()
    make_enrolment(person, cohort, starts_on=TODAY, ends_on=TODAY + 5 * DAY)
    second = make_enrolment(person, cohort, starts_on=TODAY + 6 * DAY)
    save()

    with pytest.raises(AlreadyEnrolled):
        places.edit_place(second, TODAY + 5 * DAY, cohort.ends_on, manager.id, now)


def test_the_end_of_a_place_is_recorded_with_its_reason(cohort, manager, learner, now):
    place = enrolment_of(learner)

    places.end_enrolment(place, TODAY, ExitReason.EMPLOYMENT, " dans un café ", manager.id, now)

    assert (place.left_on, place.exit_reason, place.exit_note) == (TODAY, "employment", "dans un café")
    assert place.ends_on == cohort.ends_on
    assert read_actor(learner.id, TODAY).learns_in == {cohort.id}
    assert read_actor(learner.id, TODAY + DAY).learnt_in == {cohort.id}


def test_an_end_is_corrected_by_another_and_both_are_on_record(cohort, manager, learner, now):
    place = enrolment_of(learner)
    places.end_enrolment(place, TODAY, ExitReason.DROPPED_OUT, "", manager.id, now)

    places.end_enrolment(place, TODAY - DAY, ExitReason.OTHER, "", manager.id, now)

    assert (place.left_on, place.exit_reason) == (TODAY - DAY, "other")
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "end_enrolment").order_by(AuditEntry.id))
    assert [entry.facts["reason"] for entry in kept] == ["dropped_out", "other"]


def test_an_end_is_between_the_first_and_the_last_day(cohort, manager, learner, now):
    place = enrolment_of(learner)

    with pytest.raises(DatesInverted):
        places.end_enrolment(place, cohort.starts_on - DAY, ExitReason.OTHER, "", manager.id, now)
    with pytest.raises(OutsideCohort):
        places.end_enrolment(place, cohort.ends_on + DAY, ExitReason.OTHER, "", manager.id, now)
    assert place.left_on is None


def test_who_never_came_held_no_day(cohort, manager, learner, now):
    places.end_enrolment(enrolment_of(learner), TODAY, ExitReason.NEVER_CAME, "", manager.id, now)

    assert periods(learner) == []
    actor = read_actor(learner.id, cohort.starts_on)
    assert (actor.learns_in, actor.learnt_in) == (frozenset(), frozenset())


def test_an_end_may_be_taken_back(cohort, manager, learner, now):
    place = enrolment_of(learner)
    places.end_enrolment(place, TODAY, ExitReason.DROPPED_OUT, "parti", manager.id, now)

    places.take_back_end(place, manager.id, now)

    assert (place.left_on, place.exit_reason, place.exit_note) == (None, None, "")


def test_an_end_is_not_taken_back_over_a_new_place(cohort, manager, learner, now):
    place = enrolment_of(learner)
    places.end_enrolment(place, TODAY, ExitReason.DROPPED_OUT, "", manager.id, now)
    places.enrol(learner, cohort, TODAY + DAY, cohort.ends_on, manager.id, now)

    with pytest.raises(AlreadyEnrolled):
        places.take_back_end(place, manager.id, now)
    assert place.left_on == TODAY


def test_a_move_ends_one_place_the_day_before_the_next_begins(cohort, manager, learner, now):
    goal, place = make_cohort(), enrolment_of(learner)
    save()

    moved = places.move(place, goal, TODAY, manager.id, now)

    assert periods(learner) == [
        (cohort.code, cohort.starts_on, TODAY - DAY),
        (goal.code, TODAY, goal.ends_on),
    ]
    assert (place.exit_reason, moved.follows_id) == ("moved_cohort", place.id)
    assert learner.home_school_id == goal.school_id
    actor = read_actor(learner.id, TODAY)
    assert (actor.learns_in, actor.learnt_in) == ({goal.id}, {cohort.id})


def test_the_same_move_asked_for_twice_is_made_once(cohort, manager, learner, now):
    goal, place = make_cohort(), enrolment_of(learner)
    save()

    first = places.move(place, goal, TODAY, manager.id, now)

    assert places.move(place, goal, TODAY, manager.id, now).id == first.id
    with pytest.raises(AlreadyLeft):
        places.move(place, goal, TODAY + DAY, manager.id, now)
    assert len(periods(learner)) == 2


def test_a_place_to_come_is_moved_before_it_begins(cohort, manager, now):
    person, goal = make_person(), make_cohort(cohort.school)
    place = make_enrolment(person, cohort, starts_on=TODAY + 10 * DAY)
    save()

    places.move(place, goal, TODAY, manager.id, now)

    assert periods(person) == [(goal.code, TODAY, goal.ends_on)]


def test_a_move_that_is_refused_changes_nothing(cohort, manager, learner, now):
    goal = make_cohort(starts_on=TODAY + 20 * DAY)
    save()

    with pytest.raises(OutsideCohort):
        places.move(enrolment_of(learner), goal, TODAY, manager.id, now)

    assert periods(learner) == [(cohort.code, cohort.starts_on, cohort.ends_on)]


def test_nobody_moves_after_their_place_has_ended(cohort, manager, learner, now):
    goal, place = make_cohort(ends_on=cohort.ends_on + 90 * DAY), enrolment_of(learner)
    save()

    with pytest.raises(OutsideCohort):
        places.move(place, goal, cohort.ends_on + 2 * DAY, manager.id, now)
    places.end_enrolment(place, TODAY, ExitReason.OTHER, "", manager.id, now)
    with pytest.raises(AlreadyLeft):
        places.move(place, goal, TODAY + DAY, manager.id, now)


def test_the_end_of_a_place_that_was_left_for_another_is_not_rewritten(cohort, manager, learner, now):
    goal, place = make_cohort(), enrolment_of(learner)
    save()
    places.move(place, goal, TODAY, manager.id, now)

    with pytest.raises(MovedOn) as refused:
        places.end_enrolment(place, TODAY - DAY, ExitReason.OTHER, "", manager.id, now)

    assert refused.value.cohort == goal.code


def test_a_move_may_be_taken_back_the_same_day(cohort, manager, learner, now):
    goal, place = make_cohort(), enrolment_of(learner)
    save()
    places.move(place, goal, TODAY, manager.id, now)

    places.take_back_end(place, manager.id, now)

    assert periods(learner) == [(cohort.code, cohort.starts_on, cohort.ends_on)]
    assert learner.home_school_id == cohort.school_id
    places.move(place, goal, TODAY, manager.id, now)
    assert len(periods(learner)) == 2


def test_a_move_is_not_taken_back_once_the_new_place_has_ended(cohort, manager, learner, now):
    goal, place = make_cohort(), enrolment_of(learner)
    save()
    moved = places.move(place, goal, TODAY, manager.id, now)
    places.end_enrolment(moved, TODAY + DAY, ExitReason.OTHER, "", manager.id, now)

    with pytest.raises(AlreadyLeft):
        places.take_back_end(place, manager.id, now)


def test_a_trainer_is_posted_from_a_day_to_another(cohort, manager, now):
    trainer = make_trainer(school=cohort.school)
    save()

    places.post(trainer, cohort, TODAY + DAY, TODAY + 3 * DAY, manager.id, now)

    trains = [bool(read_actor(trainer.id, TODAY + n * DAY).trains_in) for n in range(5)]
    assert trains == [False, True, True, True, False]


def test_a_posting_without_an_end_lasts_until_the_cohort_is_archived(cohort, manager, now):
    trainer = make_trainer(school=cohort.school)
    save()
    places.post(trainer, cohort, TODAY, None, manager.id, now)
    afterwards = cohort.ends_on + 30 * DAY

    assert read_actor(trainer.id, afterwards).trains_in == {cohort.id}
    cohorts.archive(cohort, manager.id, now)
    assert read_actor(trainer.id, afterwards).trains_in == frozenset()


def test_the_same_posting_asked_for_twice_is_made_once(cohort, manager, now):
    trainer = make_trainer(school=cohort.school)
    save()

    first = places.post(trainer, cohort, TODAY, None, manager.id, now)

    assert places.post(trainer, cohort, TODAY, None, manager.id, now).id == first.id
    with pytest.raises(AlreadyEnrolled):
        places.post(trainer, cohort, TODAY + DAY, None, manager.id, now)


def test_a_posting_ends_on_a_day_that_it_had(cohort, manager, now):
    trainer = make_trainer(school=cohort.school)
    save()
    posting = places.post(trainer, cohort, TODAY, None, manager.id, now)

    with pytest.raises(DatesInverted):
        places.end_posting(posting, TODAY - DAY, manager.id, now)
    places.end_posting(posting, TODAY, manager.id, now)

    assert read_actor(trainer.id, TODAY).trains_in == {cohort.id}
    assert read_actor(trainer.id, TODAY + DAY).trains_in == frozenset()
    places.post(trainer, cohort, TODAY + DAY, None, manager.id, now)


def test_nobody_is_posted_after_the_end(cohort, manager, now):
    trainer = make_trainer(school=cohort.school)
    save()

    with pytest.raises(OutsideCohort):
        places.post(trainer, cohort, cohort.ends_on + DAY, None, manager.id, now)
    with pytest.raises(DatesInverted):
        places.post(trainer, cohort, TODAY, TODAY - DAY, manager.id, now)


def test_a_posting_is_worth_nothing_without_the_role(cohort):
    trainer = make_trainer(cohort)
    other = make_person()
    db.session.add(
        Posting(school_id=cohort.school_id, cohort_id=cohort.id, person_id=other.id, starts_on=TODAY,
                created_at=trainer.created_at)
    )  # fmt: skip
    save()

    assert read_actor(trainer.id, TODAY).trains_in == {cohort.id}
    assert read_actor(other.id, TODAY).trains_in == frozenset()


def test_people_of_a_cohort_are_counted_once_and_while_they_learn(cohort, manager, learner, now):
    gone = make_learner(cohort)
    never = make_learner(cohort)
    save()
    places.end_enrolment(enrolment_of(gone), TODAY - DAY, ExitReason.OTHER, "", manager.id, now)
    places.end_enrolment(enrolment_of(never), TODAY, ExitReason.NEVER_CAME, "", manager.id, now)
    places.enrol(gone, cohort, TODAY + DAY, TODAY + 2 * DAY, manager.id, now)

    assert places.count_places(cohort) == 4
    assert places.count_learners(cohort, TODAY) == 2


def test_an_actor_of_another_school_sees_nothing_of_this_one(cohort, learner):
    stranger = make_manager(make_school())
    save()

    actor = read_actor(stranger.id, TODAY)

    assert cohort.school_id not in actor.roles
    assert actor.trains_in == frozenset()
