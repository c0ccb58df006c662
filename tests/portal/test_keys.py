"""Keys of the API on their owner's page: made for what one may see, shown once, ended."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.db import db
from popschool.messages.models import Notice
from popschool.portal import rules_api, services_keys
from popschool.portal.models import ApiKey
from popschool.portal.rules_api import Scope
from tests.conftest import NOW
from tests.factories import make_cohort, make_learner, make_trainer
from tests.shown import shown

FORM = {"name": "Tableau de bord", "scopes": ["schools:read", "attendance:read"], "days": "30"}


@pytest.fixture
def trainer(app, log_in):
    return log_in(make_trainer(make_cohort()))


def test_a_key_is_shown_once_and_works(client, trainer):
    assert client.post("/account/keys", data=FORM).location == "/account/keys/new"
    page = client.get("/account/keys/new")
    text = re.search(r"pop_\w+", page.text)[0]
    client.post("/account/keys/new")

    assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/account/keys/new").location == "/account/keys"
    assert text not in client.get("/account/keys").text
    kept = db.session.scalars(select(ApiKey)).one()
    assert (kept.scopes, kept.expires_at) == (sorted(FORM["scopes"]), NOW + timedelta(days=30))
    header = {"Authorization": f"Bearer {text}"}
    assert client.get("/api/v1/me", headers=header).json["person_id"] == trainer.id
    assert db.session.scalars(select(Notice)).one().title == "Une clé d'accès est faite"


def test_a_key_is_ended_by_its_owner_at_once(client, trainer, log_in):
    client.post("/account/keys", data=FORM)
    key = db.session.scalars(select(ApiKey)).one()
    log_in(make_trainer(make_cohort()))
    assert client.post(f"/account/keys/{key.id}/end").status_code == 404
    log_in(trainer)

    assert client.post(f"/account/keys/{key.id}/end").status_code == 302

    db.session.refresh(key)
    assert key.revoked_at == NOW
    assert "arrêtée" in client.get("/account/keys").text


def test_one_offers_what_one_may_see(client, trainer, log_in):
    of_trainer = client.get("/account/keys").text
    log_in(make_learner(make_cohort()))
    of_learner = client.get("/account/keys").text

    assert "attendance:write" in of_trainer and "work:read" in of_trainer
    assert "attendance:write" not in of_learner and "work:read" in of_learner
    refused = client.post("/account/keys", data=FORM | {"scopes": ["attendance:write"]})
    assert refused.status_code == 200 and db.session.scalars(select(ApiKey)).all() == []


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes": []}, {"days": "9999"}, {"scopes": ["everything"]}])
def test_a_key_that_is_not_well_asked_for_is_not_made(client, trainer, wrong):
    page = client.post("/account/keys", data=FORM | wrong)

    assert page.status_code == 200
    assert "à corriger" in shown(page)
    assert db.session.scalars(select(ApiKey)).all() == []


def test_a_key_lasts_a_year_at_most_and_keys_are_few(trainer):
    def make(nonce, expires_at):
        return services_keys.make_key(trainer, "x", [Scope.SCHOOLS], [Scope.SCHOOLS], expires_at, nonce, NOW)

    for expires_at in (NOW, NOW + timedelta(days=367)):
        with pytest.raises(rules_api.KeyTooLong):
            make("a", expires_at)
    with pytest.raises(rules_api.ScopeNotYours):
        services_keys.make_key(trainer, "x", [Scope.WORK], [Scope.SCHOOLS], NOW + timedelta(days=1), "b", NOW)
    for number in range(rules_api.MOST_KEYS):
        make(f"n{number}", NOW + timedelta(days=1))
    with pytest.raises(rules_api.TooManyKeys):
        make("one more", NOW + timedelta(days=1))


def test_the_page_of_the_api_names_every_call(client, trainer):
    page = client.get("/api/v1/docs").text

    assert all(path in page for path in ("/api/v1/cohorts", "/api/v1/half-days/{number}/marks", "attendance:write"))
