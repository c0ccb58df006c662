"""The description of the API: what it says is what the routes are, and whatever is sent breaks nothing."""

from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from popschool.portal import api_openapi, rules_api, services_keys
from popschool.portal.api_table import OPERATIONS
from popschool.portal.rules_api import Scope
from tests.conftest import NOW, forget_request
from tests.factories import (
    make_assignment,
    make_cohort,
    make_half_day,
    make_learner,
    make_submission,
    make_trainer,
    save,
)

FORBIDDEN = ("accommodation", "extra_time", "motive", "exit_reason", "exit_note", "comment", "mail_", "pin_hash")
TRIES = 8
# A schema cannot say that a cursor is one that was given, nor that one day comes after another.
UNSAID = [positive_data_acceptance]


@pytest.fixture
def described(client):
    return client.get("/api/v1/openapi.json").json


def test_the_description_is_sound(described):
    OpenAPIV31SpecValidator(described).validate()

    assert described["openapi"] == "3.1.0"


def test_every_route_of_the_api_is_described_and_nothing_else(app, described):
    routes = {
        (api_openapi.path_of_rule(rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("portal.api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    said = {(path, method.upper()) for path, item in described["paths"].items() for method in item}
    assert said == {(path.removeprefix(api_openapi.ROOT), method) for path, method in routes}
    assert len(said) == len(OPERATIONS) > 20


def test_nothing_described_is_about_accommodations_or_motives(described):
    text = str(described)

    assert [word for word in FORBIDDEN if word in text] == []


def test_the_description_speaks_the_language_of_whoever_asks(client):
    french = client.get("/api/v1/openapi.json").json
    english = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json

    assert french["paths"].keys() == english["paths"].keys()
    assert french["paths"]["/cohorts"]["get"]["summary"] == "Les promos"
    assert english["paths"]["/cohorts"]["get"]["summary"] == "Cohorts"


def small_world():
    """A cohort with something in each list, and the key of its trainer."""
    cohort = make_cohort()
    trainer, learner = make_trainer(cohort), make_learner(cohort)
    make_half_day(cohort, trainer)
    make_submission(make_assignment(cohort).deliverables[0], [learner])
    save()
    services_keys.make_key(trainer, "Essai", tuple(Scope), tuple(Scope), NOW + timedelta(days=9), "n", NOW)
    return {"Authorization": f"Bearer {services_keys.key_from('n')}"}


def by_itself(app):
    """Return the application so that each call starts from nothing, though a context stands around the test."""

    def call(environ, start_response):
        forget_request()
        return app(environ, start_response)

    return call


def answered(asked, mode, header):
    """Send what an operation asks for, or what it forbids, check each answer, and return their statuses."""
    statuses = set()

    @given(case=asked.as_strategy(generation_mode=mode))
    @settings(max_examples=TRIES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def send(case):
        statuses.add(case.call_and_validate(headers=header, excluded_checks=UNSAID).status_code)

    send()
    return statuses


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_whatever_is_sent_no_answer_is_our_mistake(app, monkeypatch):
    """Sent what the description says and what it forbids, each operation answers as it is described."""
    monkeypatch.setattr(rules_api, "MOST_IN_WINDOW", 10**6)
    header, seen = small_world(), {}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", by_itself(app))
    for found in schema.get_all_operations():
        asked = found.ok()
        seen[asked.definition.raw["operationId"]] = answered(asked, GenerationMode.POSITIVE, header)
        if asked.query or asked.path_parameters or asked.body:
            seen[asked.definition.raw["operationId"]] |= answered(asked, GenerationMode.NEGATIVE, header)

    assert seen.keys() == {operation.name for operation in OPERATIONS}
    assert all(statuses and max(statuses) < 500 for statuses in seen.values())
    assert {status for statuses in seen.values() for status in statuses} >= {200, 400, 404}
