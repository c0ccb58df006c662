"""Who opens which page of schools, cohorts and people; everybody else is turned away, each in their way."""

import pytest
from sqlalchemy import select

from popschool.auth.rules import Role
from popschool.db import db
from popschool.schools.models import Enrolment, Posting
from tests.factories import (
    TODAY,
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_role,
    make_school,
    make_trainer,
    save,
)

MANAGERS = {"manager", "boss"}
TEAM = {"trainer", "manager", "boss"}
OWN = {"learner", "classmate", "trainer", "colleague", "contact", "manager", "boss"}
STRANGERS = {"other_learner", "other_trainer", "other_manager", "author", "funder"}

# Each page, and who opens it. Of the rest, its own people are told that it is not for them (403); strangers find
# nothing (404).
PAGES = {
    "/schools/{school}": {"trainer", "colleague", "contact", "manager", "boss"},
    "/schools/{school}/edit": {"boss"},
    "/cohorts/{cohort}": TEAM,
    "/cohorts/{cohort}/edit": MANAGERS,
    "/cohorts/{cohort}/archive": MANAGERS,
    "/cohorts/{cohort}/reopen": MANAGERS,
    "/cohorts/{cohort}/people/new": MANAGERS,
    "/cohorts/{cohort}/people/{guest}/enrol": MANAGERS,
    "/cohorts/{cohort}/import": MANAGERS,
    "/cohorts/{cohort}/import/template.csv": MANAGERS,
    "/cohorts/{cohort}/trainers/new": MANAGERS,
    "/cohorts/{cohort}/invitations": TEAM,
    "/cohorts/{cohort}/cards": TEAM,
    "/enrolments/{enrolment}/dates": MANAGERS,
    "/enrolments/{enrolment}/leave": MANAGERS,
    "/enrolments/{enrolment}/move": MANAGERS,
    "/postings/{posting}/end": MANAGERS,
    "/people/{learner}": {"learner", *TEAM},
    "/people/{learner}/edit": MANAGERS,
    "/people/{learner}/enrol": MANAGERS,
    "/people/{learner}/accommodations/new": {"contact", *MANAGERS},
    "/people/{learner}/invite": MANAGERS,
    "/people/{learner}/card": TEAM,
    "/people/{learner}/close-account": MANAGERS,
    "/schools/{school}/staff": MANAGERS,
    "/schools/{school}/staff/invite": MANAGERS,
}
# Pages that are nobody's in particular: who may not is told so.
GENERAL = {
    "/network": {"boss"},
    "/network/papers": {"boss"},
    "/schools/new": {"boss"},
    "/staff": {"boss"},
    "/staff/invite": {"boss"},
    "/cohorts": {"trainer", "colleague", "manager", "boss", "other_trainer", "other_manager"},
    "/people": {"trainer", "colleague", "manager", "boss", "other_trainer", "other_manager"},
}


@pytest.fixture
def world(app):
    """A cohort with everybody around it, and the same elsewhere."""
    cohort, other = make_cohort(), make_cohort()
    people = {
        "learner": make_learner(cohort, learner_number="V1"),
        "classmate": make_learner(cohort),
        "trainer": make_trainer(cohort),
        "colleague": make_trainer(school=cohort.school),
        "contact": make_person("Référente", home_school_id=cohort.school_id),
        "manager": make_manager(cohort.school),
        "boss": make_network_manager(),
        "other_learner": make_learner(other),
        "other_trainer": make_trainer(other),
        "other_manager": make_manager(other.school),
        "author": make_author(),
        "funder": make_person("Financeur"),
        "guest": make_person(home_school_id=cohort.school_id),
    }
    make_role(people["contact"], Role.DISABILITY_CONTACT, cohort.school)
    make_role(people["funder"], Role.FUNDER)
    save()
    places = {person.person_id: person.id for person in db.session.scalars(select(Enrolment))}
    postings = {posting.person_id: posting.id for posting in db.session.scalars(select(Posting))}
    ids = {
        "school": cohort.school_id,
        "cohort": cohort.id,
        "enrolment": places[people["learner"].id],
        "posting": postings[people["trainer"].id],
    }
    return people, ids | {name: person.id for name, person in people.items()}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_for_its_own_people_alone(world, client, log_in, page):
    people, ids = world
    answers = {}
    for name in OWN | STRANGERS:
        log_in(people[name])
        answers[name] = client.get(page.format(**ids)).status_code

    expected = {name: 200 if name in PAGES[page] else 403 for name in OWN} | dict.fromkeys(STRANGERS, 404)
    if "{learner}" in page or "{enrolment}" in page:
        expected["classmate"] = 404  # what is somebody else's is not there, even in one's own cohort
    assert answers == expected


@pytest.mark.parametrize("page", GENERAL)
def test_a_page_of_everything_opens_for_who_works_with_it(world, client, log_in, page):
    people, _ids = world
    answers = {}
    for name in OWN | STRANGERS:
        log_in(people[name])
        answers[name] = client.get(page).status_code

    assert answers == {name: 200 if name in GENERAL[page] else 403 for name in OWN | STRANGERS}


@pytest.mark.parametrize("page", [*PAGES, *GENERAL])
def test_nobody_signed_out_sees_anything(world, client, page):
    _people, ids = world
    path = page.format(**ids)

    answer = client.get(path)

    assert (answer.status_code, answer.location) == (302, f"/sign-in?next={path}")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.startswith(("/cohorts", "/enrol", "/people", "/post"))]
)
def test_an_act_on_anothers_is_not_there_either(world, client, log_in, page):
    people, ids = world
    log_in(people["other_manager"])

    answer = client.post(page.format(**ids), data={"sure": "y", "undo": "1", "left_on": str(TODAY), "on": str(TODAY)})

    assert answer.status_code in (404, 405)


def test_lists_hold_only_ones_own(world, client, log_in):
    people, _ids = world
    expected = {
        "manager": ({"learner", "classmate", "trainer", "colleague", "contact", "manager", "guest"}, 1),
        "trainer": ({"learner", "classmate"}, 1),
        "colleague": (set(), 0),
        "other_manager": ({"other_learner", "other_trainer", "other_manager"}, 1),
    }
    for name, (seen, cohorts) in expected.items():
        log_in(people[name])

        page = client.get("/people").text
        listed = {one for one, person in people.items() if f'href="/people/{person.id}"' in page}
        assert listed == seen, name
        assert client.get("/cohorts").text.count('href="/cohorts/') == cohorts, name


def test_a_trainer_reads_only_their_cohorts_on_the_page_of_their_school(world, client, log_in):
    people, ids = world
    for name, links in (("trainer", 1), ("colleague", 0), ("manager", 1)):
        log_in(people[name])

        assert client.get(f"/schools/{ids['school']}").text.count('href="/cohorts/') == links, name


def test_a_person_is_never_shown_to_a_school_that_is_not_theirs_by_guessing(world, client, log_in):
    people, ids = world
    log_in(people["other_manager"])

    for address in (
        f"/cohorts/{ids['other_learner']}999/people/{ids['learner']}/enrol",
        f"/people/{ids['learner']}/file",
    ):
        assert client.get(address).status_code == 404
    own_cohort = db.session.scalars(
        select(Enrolment.cohort_id).where(Enrolment.person_id == ids["other_learner"])
    ).one()
    assert client.get(f"/cohorts/{own_cohort}/people/{ids['learner']}/enrol").status_code == 404
    assert people["learner"].name not in client.get("/people?q=apprenante").text


@pytest.mark.parametrize("number", [0, 2**31 - 1, 2**31, 10**30])
def test_a_number_that_no_row_has_leads_nowhere(client, log_in, app, number):
    log_in(make_network_manager())

    for page in ("schools", "cohorts", "people"):
        assert client.get(f"/{page}/{number}").status_code == 404


def test_a_manager_of_two_schools_works_in_both(client, log_in, app):
    first, second = make_cohort(), make_cohort()
    manager = make_manager(first.school)
    make_role(manager, Role.SCHOOL_MANAGER, second.school)
    log_in(manager)

    assert [client.get(f"/cohorts/{one.id}").status_code for one in (first, second)] == [200, 200]
    assert client.get(f"/schools/{make_school().id}").status_code == 404
