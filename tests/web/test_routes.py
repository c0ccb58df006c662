"""Every route has an example, a permission and a budget; and answers each kind of person as the table says."""

from contextlib import nullcontext

import pytest
from sqlalchemy import select

from popschool.auth.guards import PUBLIC
from popschool.auth.rules import ALLOWED, Action, can_see, may
from popschool.completion.models_papers import Document
from popschool.db import db
from popschool.reports.models import Door
from popschool.schools.models import Cohort, Enrolment, Person
from tests.web.examples import NOBODY, NOWHERE, QUERIES, WEIGHTS, Example, names_of
from tests.web.network import Network
from tests.web.pages import Html


def missing(endpoints: set[str], tried: list[Example]) -> set[str]:
    """Return the endpoints that no example visits."""
    return endpoints - {example.endpoint for example in tried}


def without_budget(tried: list[Example]) -> list[str]:
    """Return the examples whose kind or visitor has no budget."""
    return [one.name for one in tried if one.kind not in WEIGHTS or one.visitor not in QUERIES]


def test_every_route_has_an_example(network):
    endpoints = {rule.endpoint for rule in network.app.url_map.iter_rules()}

    assert missing(endpoints, network.examples) == set()
    assert {example.endpoint for example in network.examples} <= endpoints


def test_a_route_without_an_example_is_seen(network):
    assert missing({"portal.new_page", "portal.today"}, network.examples) == {"portal.new_page"}


def test_every_example_has_a_budget_and_a_name_of_its_own(network):
    names = [example.name for example in network.examples]

    assert without_budget(network.examples) == []
    assert len(names) == len(set(names))


def test_an_example_without_a_budget_is_seen():
    unknown = [Example("portal.today", "trainer's cousin", "home"), Example("portal.today", NOBODY, "poster")]

    assert without_budget(unknown) == ["portal.today", "portal.today"]


def test_every_route_declares_an_action_of_the_table(network):
    asked = network.app.extensions["popschool.guards"]
    endpoints = {rule.endpoint for rule in network.app.url_map.iter_rules()}

    assert endpoints <= set(asked)
    assert {asked[endpoint] for endpoint in endpoints} <= {PUBLIC, *map(str, ALLOWED)}
    assert set(ALLOWED) == set(Action)


def asked_by(network: Network, example: Example) -> str:
    """Return the action that a route asks for, or "public"."""
    return network.app.extensions["popschool.guards"][example.endpoint]


def expected(network: Network, example: Example, visitor: str, is_posted: bool | None = None) -> int:
    """Return the status that the table gives, from what is told of the visitor and of the place.

    A page that is public answers everybody alike, but may send those who are signed in elsewhere.
    """
    action = asked_by(network, example)
    if action == PUBLIC:
        return example.answers
    if visitor == NOBODY:
        is_for_programs = example.endpoint.startswith("portal.api.")
        return 401 if is_for_programs or (example.form is not None if is_posted is None else is_posted) else 302
    actor = network.people[visitor]
    if may(actor, Action(action), example.place):
        return example.answers
    is_course = example.place.cohorts and not example.place.schools  # and is seen by whoever may read it
    sees = can_see(actor, example.place) or (is_course and may(actor, Action.READ_COURSE, example.place))
    return 403 if example.place == NOWHERE or sees else 404


@pytest.mark.parametrize("name", names_of())
def test_its_own_visitor_gets_what_the_example_says(name, network):
    assert network.seen(name).status == network.example(name).answers


@pytest.mark.parametrize("name", names_of(lambda example: example.arrange is None))
def test_each_kind_of_person_is_answered_as_the_table_says(name, network):
    example = network.example(name)
    wanted = {who: expected(network, example, who) for who in (NOBODY, *network.people)}

    answers = visits(network, example)

    seen = {who: wanted[who] if is_fine(example, wanted[who], status) else status for who, status in answers.items()}
    assert seen == wanted


def visits(network: Network, example: Example) -> dict[str, int]:
    """Let everybody come, each to the network as it was; return what each was answered."""
    answers = {}
    for who in (NOBODY, *network.people):
        with network.undone() if example.form is not None else nullcontext():
            answers[who] = network.visit(example, who).status_code
    return answers


def is_fine(example: Example, wanted: int, status: int) -> bool:
    return status == wanted or (wanted == example.answers and status in example.also)


@pytest.mark.parametrize("name", names_of(lambda example: example.is_page))
def test_who_may_not_see_a_page_may_not_post_to_it(name, network):
    example = network.example(name)
    if asked_by(network, example) == PUBLIC or "POST" not in methods(network, name):
        return
    wanted = {who: expected(network, example, who, is_posted=True) for who in (NOBODY, *network.people)}
    refused = {who: status for who, status in wanted.items() if status in (401, 403, 404)}

    with network.undone():
        answers = {who: network.client(who).post(network.address(example)).status_code for who in refused}

    assert answers == refused


def methods(network: Network, name: str) -> set[str]:
    endpoint = network.example(name).endpoint
    return {method for rule in network.app.url_map.iter_rules(endpoint) for method in rule.methods}


@pytest.mark.parametrize(("who", "status"), [("learner of the cohort", 403), ("learner of another school", 404)])
def test_who_is_refused_is_shown_a_way_out_and_whom_to_call(who, status, network):
    answer = network.visit(network.example("schools.edit_cohort"), who)

    page = Html(answer.text)
    assert answer.status_code == status
    assert page.main.findall(".//a[@href]")
    assert [link for link in page.root.iter("a") if link.get("href").startswith("tel:")]


def test_nobody_is_sent_to_sign_in_and_back(network):
    example = network.example("grading.queue")

    answer = network.visit(example, NOBODY)

    assert answer.location == f"/sign-in?next={network.address(example)}"


def test_a_funder_who_tries_every_address_sees_nothing_of_another_s(network):
    """Every route of the house, then every person and document of the network behind the funder's own doors."""
    funder = network.people["funder"]
    with network.app.app_context():
        own = set(db.session.scalars(select(Cohort.id).where(Cohort.school_id == network.facts.school.id)))
        places = db.session.execute(
            select(Enrolment.id, Enrolment.cohort_id, Person.last_name).join(Person, Person.id == Enrolment.person_id)
        ).all()
        doors = db.session.scalars(select(Door.id).where(Door.person_id == funder.person_id)).all()
        others = db.session.scalars(select(Door.id).where(Door.person_id != funder.person_id)).all()
        documents = db.session.scalars(select(Document.id).where(Document.school_id != network.facts.school.id)).all()
    names = {name for _id, cohort, name in places if cohort not in own}
    hidden = [enrolment for enrolment, cohort, _name in places if cohort not in own][::40]
    assert names and hidden and len(doors) == 2 and others and documents

    with network.undone():
        tried = [one for one in network.examples if one.arrange is None]
        seen = {one.name: network.visit(one, "funder").data.decode(errors="ignore") for one in tried}
        behind = [f"/doors/{door}/people/{one}" for door in doors for one in hidden]
        behind += [f"/doors/{door}/documents/{one}{end}" for door in doors for one in documents for end in ("", ".pdf")]
        behind += [f"/doors/{door}{end}" for door in others for end in ("", "/documents", "/key")]
        client = network.client("funder")
        refused = {address: client.get(address).status_code for address in behind}

    assert [name for name, text in seen.items() if any(other in text for other in names)] == []
    assert [address for address, status in refused.items() if status not in (403, 404)] == []
