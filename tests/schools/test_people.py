"""People on a real database: made once, corrected, found by any part of what names them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.auth.actors import staff_of
from popschool.auth.rules import Role
from popschool.db import db, transaction
from popschool.schools import importing, people
from popschool.schools.models import Enrolment, Person
from popschool.schools.people import Handles, HandleTaken, Unreachable
from popschool.schools.rules import AlreadyEnrolled, DatesInverted, NumberUnreadable, PhoneUnreadable
from tests.factories import (
    TODAY,
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_person,
    make_role,
    make_school,
    make_trainer,
    save,
)

DAY = timedelta(days=1)


def new(now, **given):
    with transaction():
        return people.new_person(given.pop("first", "Apprenante 07"), given.pop("last", "Test"), now=now, **given)


def found(text, schools=None, cohorts=frozenset(), staff=None):
    lines, total = people.find_people(text, schools, cohorts, 0, 25, staff)
    assert total == len(lines)
    return [person.name for person in lines]


def test_what_names_a_person_is_kept_in_one_way(app, now):
    person = new(now, mail=" Apprenante07@Example.ORG ", phone="06 39 98 00 07", learner_number="val-2027-1 007")

    assert (person.mail, person.phone, person.learner_number) == (
        "apprenante07@example.org",
        "+33639980007",
        "VAL20271007",
    )


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, Unreachable),
        ({"mail": " ", "phone": "", "learner_number": None}, Unreachable),
        ({"phone": "12"}, PhoneUnreadable),
        ({"learner_number": "06 39 98 00 07"}, NumberUnreadable),
    ],
)
def test_a_person_can_be_reached_or_named(app, now, given, refusal):
    with pytest.raises(refusal):
        new(now, **given)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    ("column", "kept", "written"),
    [
        ("mail", "a@example.org", "A@Example.org"),
        ("phone", "+33639980007", "0639980007"),
        ("learner_number", "V1", "v-1"),
    ],
)
def test_a_mail_a_phone_and_a_number_are_one_persons(app, now, column, kept, written):
    new(now, **{column: kept})

    with pytest.raises(HandleTaken) as refused:
        new(now, **{column: written})
    assert (refused.value.field, refused.value.value) == (column, kept)


def test_a_correction_keeps_a_search_up_to_date(app, now):
    manager = make_manager()
    save()
    person = new(now, mail="a@example.org")

    people.edit_person(person, "Élodie", "Œuvrard", None, "06 39 98 00 07", None, manager.id, now)

    assert (person.mail, person.phone) == (None, "+33639980007")
    assert found("elodie oeuvrard") == ["Élodie Œuvrard"]
    assert found("a@example.org") == []
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "edit_person")).one()
    assert entry.facts["changed"] == ["first_name", "last_name", "mail", "phone"]


def test_a_correction_that_takes_anothers_mail_changes_nothing(app, now):
    manager = make_manager()
    save()
    new(now, mail="a@example.org")
    person = new(now, first="Apprenante 08", mail="b@example.org")

    with pytest.raises(HandleTaken):
        people.edit_person(person, "Autre", "Nom", "A@example.org", None, None, manager.id, now)

    assert db.session.get(Person, person.id).name == "Apprenante 08 Test"


@pytest.mark.parametrize(
    "text",
    ["elodie", "ÉLODIE", "œuv", "oeuvrard", "oeuvrard elodie", "Élodie Œuvrard", "elo@ex", "ELO@EXAMPLE.ORG",
     "0639980007", "06 39 98", "+33639980007", "v-1".replace("-", ""), "  elodie   oeuv "],
)  # fmt: skip
def test_anybody_is_found_without_accents_or_capitals(app, now, text):
    new(now, first="Élodie", last="Œuvrard", mail="elo@example.org", phone="06 39 98 00 07", learner_number="V1")
    new(now, first="Karim", last="Test", mail="karim@example.net")

    assert found(text) == ["Élodie Œuvrard"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "elodie%", "e_odie", "' OR 1=1 --", "\0"])
def test_signs_of_a_search_are_only_signs(app, now, text):
    new(now, first="Élodie", last="Œuvrard", mail="elo@example.org")

    assert found(text) == ([] if text != "\0" else ["Élodie Œuvrard"])


def test_nobody_finds_people_who_are_not_theirs(app, now):
    mine, other = make_cohort(), make_cohort()
    trainer, manager = make_trainer(mine), make_manager(mine.school)
    learner, stranger = make_learner(mine), make_learner(other)
    visitor, colleague = make_learner(other), make_person("Collègue")
    make_role(colleague, Role.TRAINER, mine.school)
    db.session.add(
        Enrolment(person_id=visitor.id, cohort_id=mine.id, school_id=mine.school_id, starts_on=TODAY, ends_on=TODAY,
                  created_at=now)
    )  # fmt: skip
    save()

    schools = frozenset({mine.school_id})
    for_manager = found("", schools, frozenset(), staff_of(schools))
    assert set(for_manager) == {one.name for one in (trainer, manager, learner, visitor, colleague)}
    assert set(found("", frozenset(), frozenset({mine.id}), staff_of(()))) == {learner.name, visitor.name}
    assert found("", frozenset(), frozenset(), staff_of(())) == []
    assert stranger.name in found("")


def test_a_search_comes_page_by_page_in_two_queries(app, queries):
    school = make_school()
    for _ in range(4):
        make_person(home_school_id=school.id)
    save()

    with queries() as seen:
        lines, total = people.find_people("personne", frozenset({school.id}), frozenset(), 3, 3)

    assert (len(lines), total) == (1, 4)
    assert len(seen) == 2


def test_the_first_place_to_come_is_known(app, now):
    person = make_person()
    first, second = (make_cohort(starts_on=TODAY + n * DAY) for n in (5, 9))
    for cohort in (second, first):
        make_enrolment(person, cohort)
    make_enrolment(person, make_cohort())
    save()

    assert people.next_place_of(person.id, TODAY).cohort_id == first.id
    assert people.next_place_of(person.id, TODAY + 5 * DAY).cohort_id == second.id
    assert people.next_place_of(person.id, TODAY + 9 * DAY) is None


@pytest.fixture
def cohort(app):
    return make_cohort()


def bring(cohort, now, first="Apprenante 07", last="Test", **given):
    fields = {"mail": None, "phone": None, "number": None, "starts_on": TODAY, "ends_on": cohort.ends_on} | given
    return importing.bring_in(cohort, first, last, actor_id=make_manager(cohort.school).id, now=now, **fields)


def count(model=Person):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_new_person_gets_a_place_at_once(cohort, now):
    person = bring(cohort, now, number="V1")

    place = db.session.scalars(select(Enrolment)).one()
    assert (place.person_id, place.starts_on) == (person.id, TODAY)
    assert person.home_school_id == cohort.school_id


def test_who_comes_back_finds_their_account_again(cohort, now):
    known = new(now, mail="a@example.org", learner_number="V1")

    person = bring(cohort, now, first="APPRENANTE-07", mail="A@Example.org", phone="06 39 98 00 07")

    assert person.id == known.id
    assert count(Enrolment) == 1


def test_a_double_click_adds_a_person_once(cohort, now):
    first = bring(cohort, now, number="V1")

    assert bring(cohort, now, number="V1").id == first.id
    assert (count(Enrolment), count(AuditEntry)) == (1, 2)
    with pytest.raises(AlreadyEnrolled):
        bring(cohort, now, number="V1", starts_on=TODAY + DAY)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first": "Quelqu'un d'autre", "mail": "a@example.org"}, "mail"),
        ({"mail": "a@example.org", "number": "V2"}, "mail"),
        ({"mail": "b@example.org", "number": "V1"}, "learner_number"),
    ],
)
def test_a_handle_of_somebody_else_is_refused(cohort, now, given, field):
    new(now, mail="a@example.org", learner_number="V1")
    people_before = count()

    with pytest.raises(HandleTaken) as refused:
        bring(cohort, now, **given)

    assert refused.value.field == field
    assert (count() - people_before, count(Enrolment)) == (1, 0)  # the manager of `bring` is new


def test_handles_of_two_people_are_not_one_person(cohort, now):
    new(now, mail="a@example.org")
    new(now, phone="06 39 98 00 07")

    with pytest.raises(HandleTaken):
        people.find_again("Apprenante 07", "Test", Handles.read("a@example.org", "0639980007", None))


def test_a_place_that_is_refused_makes_nobody(cohort, now):
    before = count()

    with pytest.raises(DatesInverted):
        bring(cohort, now, number="V1", starts_on=TODAY, ends_on=TODAY - DAY)

    assert count() - before <= 1
    assert db.session.scalar(select(Person.id).where(Person.learner_number == "V1")) is None


def test_what_is_arranged_holds_between_its_days(cohort, now):
    learner, manager = make_learner(cohort), make_manager(cohort.school)
    save()
    fields = {"deadline_days": 2, "extra_time_percent": 33, "format": "", "breaks": "", "actor_id": manager.id}

    arranged = people.arrange(learner, cohort.school_id, starts_on=TODAY, ends_on=TODAY + DAY, now=now, **fields)

    held = [bool(people.accommodations_of(learner.id, TODAY + n * DAY)) for n in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]
    assert arranged.decided_by_id == manager.id
    with pytest.raises(DatesInverted):
        people.arrange(learner, cohort.school_id, starts_on=TODAY, ends_on=TODAY - DAY, now=now, **fields)


def test_what_is_arranged_twice_is_arranged_once(cohort, now):
    learner, manager = make_learner(cohort), make_manager(cohort.school)
    save()
    fields = {"deadline_days": 2, "extra_time_percent": 0, "breaks": "", "starts_on": TODAY, "ends_on": None}

    made = [
        people.arrange(learner, cohort.school_id, format=text, actor_id=manager.id, now=now, **fields).id
        for text in ("gros", " gros ", "petit")
    ]

    assert made[0] == made[1] != made[2]


def test_what_is_arranged_ends_after_a_day_and_what_is_to_come_never_begins(cohort, now):
    learner, manager = make_learner(cohort), make_manager(cohort.school)
    save()
    fields = {"deadline_days": 2, "extra_time_percent": 0, "format": "", "breaks": "", "actor_id": manager.id}
    going_on, to_come = (
        people.arrange(learner, cohort.school_id, starts_on=day, ends_on=None, now=now, **fields)
        for day in (TODAY - DAY, TODAY + 5 * DAY)
    )

    people.end_accommodation(going_on, TODAY, manager.id, now)
    people.end_accommodation(to_come, TODAY, manager.id, now)

    assert [len(people.accommodations_of(learner.id, TODAY + n * DAY)) for n in (0, 1, 5, 9)] == [1, 0, 0, 0]
