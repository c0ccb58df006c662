"""Whom a page says to call, and where its menu says that one is."""

import re

from tests.factories import make_cohort, make_learner, make_manager, make_network, make_network_manager, save
from tests.shown import shown


def test_whoever_is_not_signed_in_may_call_the_network(client):
    make_network(phone="03 53 01 00 99", mail="reseau99@example.org")
    save()

    page = client.get("/sign-in")

    assert "Appeler le 03 53 01 00 99" in shown(page) and "mailto:reseau99@example.org" in page.text


def test_a_school_without_a_phone_shows_the_networks(client, log_in):
    make_network(phone="03 53 01 00 99")
    cohort = make_cohort()
    cohort.school.phone = ""
    log_in(make_learner(cohort))

    assert "Appeler le 03 53 01 00 99" in shown(client.get("/today"))


def test_a_network_that_has_not_said_its_phone_shows_none(client):
    make_network()
    save()

    assert "Appeler" not in shown(client.get("/sign-in"))


def test_a_page_about_our_own_mistake_still_says_whom_to_call(client, app, monkeypatch):
    make_network(phone="03 53 01 00 99")
    save()
    client.get("/sign-in")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "web.help_page", lambda: 1 / 0)

    answer = client.get("/help")

    app.config["PROPAGATE_EXCEPTIONS"] = True
    assert answer.status_code == 500 and "Appeler le 03 53 01 00 99" in shown(answer)


def test_a_learner_is_told_how_to_ask_for_help_in_a_project(client, log_in):
    save()
    assert "Dans un projet" not in shown(client.get("/help"))
    log_in(make_learner(make_cohort()))

    page = client.get("/help")

    assert "puis « J'ai besoin d'aide ici »" in shown(page) and 'href="/projects"' in page.text


def current(page) -> list[str]:
    return re.findall(r'aria-current="page">(?:<svg.*?</svg>)?([^<]+)<', page.text)


def test_a_manager_finds_the_school_in_the_menu(client, log_in):
    cohort = make_cohort()
    learner, manager = make_learner(cohort), make_manager(cohort.school)
    log_in(manager)

    assert current(client.get(f"/schools/{cohort.school_id}")) == ["École"]
    assert current(client.get(f"/schools/{cohort.school_id}/cohorts/new")) == ["École"]
    assert current(client.get(f"/cohorts/{cohort.id}/invitations")) == ["Promos"]
    assert current(client.get(f"/people/{learner.id}/competences")) == ["Personnes"]


def test_the_network_has_every_school_in_one_place_of_the_menu(client, log_in):
    cohort = make_cohort()
    log_in(make_network_manager())

    page = client.get(f"/schools/{cohort.school_id}")

    assert current(page) == ["Écoles"] and ">École<" not in page.text
