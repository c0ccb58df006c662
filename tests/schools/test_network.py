"""The network and its schools on a real database: opened once, described, closed, listed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.db import db
from popschool.schools import cohorts, network
from popschool.schools.models import Network, School
from popschool.schools.rules import CodeTaken, DatesInverted
from tests.factories import (
    TODAY,
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_school,
    save,
)

DAY = timedelta(days=1)
PAPERS = {
    "name": "Valenciennes",
    "region": "Hauts-de-France",
    "address": "1 rue de la Fabrique",
    "phone": "03 53 01 00 01",
    "mail": "val@example.org",
    "siret": "73282932000074",
    "activity_number": "",
    "time_zone": "Europe/Paris",
}


@pytest.fixture
def boss(app):
    boss = make_network_manager()
    save()
    return boss


def open_one(boss, now, code="VAL", **changes):
    return network.open_school(code, PAPERS | changes, TODAY, boss.id, now)


def test_a_school_opens_with_its_papers(boss, now):
    school = open_one(boss, now, code=" val ")

    assert school.code == "VAL"
    assert {name: getattr(school, name) for name in PAPERS} == PAPERS
    assert school.opened_on == TODAY
    assert db.session.scalars(select(Network.id)).one() == school.network_id


def test_a_code_is_one_schools(boss, now):
    open_one(boss, now)

    with pytest.raises(CodeTaken):
        open_one(boss, now, name="Autre")


def test_the_same_school_asked_for_twice_is_opened_once(boss, now):
    first = open_one(boss, now)

    assert open_one(boss, now).id == first.id
    assert db.session.scalar(select(func.count()).select_from(School)) == 1


def test_papers_change_and_the_former_ones_are_on_record(boss, now):
    school = open_one(boss, now)

    network.edit_school(school, PAPERS | {"name": "Denain"}, TODAY - DAY, TODAY, boss.id, now)

    assert (school.name, school.opened_on, school.closed_on) == ("Denain", TODAY - DAY, TODAY)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "edit_school")).one()
    assert entry.facts["before"]["name"] == "Valenciennes"
    with pytest.raises(DatesInverted):
        network.edit_school(school, PAPERS, TODAY, TODAY - DAY, boss.id, now)


def test_a_school_is_closed_from_its_day_on(boss, now):
    school = make_school(closed_on=TODAY)

    assert [school.is_closed(day) for day in (TODAY - DAY, TODAY, TODAY + DAY)] == [False, True, True]
    assert not make_school().is_closed(TODAY)


def test_the_network_has_papers_of_its_own(boss, now):
    papers = dict.fromkeys(network.OWN_PAPERS, "") | {"name": "Pop School", "activity_number": "32590123459"}

    kept = network.edit_network(papers, boss.id, now)

    assert network.read_network().id == kept.id
    assert (kept.name, kept.activity_number) == ("Pop School", "32590123459")
    assert open_one(boss, now).network_id == kept.id


def test_every_school_is_listed_with_what_lives_in_it(boss, now):
    first, second = make_school(name="Amiens", region="Hauts-de-France"), make_school(name="Élancourt")
    going_on = make_cohort(first)
    make_cohort(first, starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY)
    archived = make_cohort(first)
    cohorts.archive(archived, make_manager(first).id, now)
    learner = make_learner(going_on)
    make_enrolment(learner, archived)
    make_enrolment(make_person(), going_on, starts_on=TODAY + DAY)
    save()

    found = network.find_schools(TODAY)
    lines = [(line.school.id, line.cohorts, line.people) for line in network.lines_of(found, 0, 99)]

    assert lines == [(first.id, 1, 1), (second.id, 0, 0)]


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("elan", "", ["Élancourt"]),
        ("ÉLAN", "", ["Élancourt"]),
        ("ami", "", ["Amiens"]),
        ("e9", "", ["Élancourt"]),
        ("", "Île-de-France", ["Élancourt"]),
        ("ami", "Île-de-France", []),
        ("rien", "", []),
    ],
)
def test_a_school_is_found_by_name_code_and_region(app, text, region, expected):
    make_school(name="Amiens", region="Hauts-de-France", code="A9")
    make_school(name="Élancourt", region="Île-de-France", code="E9")

    found = network.find_schools(TODAY, text, region)
    assert [line.school.name for line in network.lines_of(found, 0, 99)] == expected


def test_a_list_of_schools_takes_as_many_queries_for_one_as_for_many(app, queries):
    def asked():
        save()
        network.find_schools(TODAY)
        with queries() as seen:
            found = network.find_schools(TODAY)
            network.lines_of(found, 0, 1)
        return len(seen)

    make_school()
    first = asked()
    for _ in range(14):
        make_learner(make_cohort())

    assert asked() == first == 2
