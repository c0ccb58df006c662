"""Every form of signing in, accounts and staff, sent what nobody means: a page answers, and nobody is let in."""

import pyotp
import pytest
from sqlalchemy import select

from popschool.auth.models import Account, Invitation, RoleGrant
from popschool.auth.services_invitations import invite
from popschool.db import db
from tests.auth.hands import PASSWORD, link_sent_to, make_account, never_came
from tests.factories import make_cohort, make_enrolment, make_network_manager, make_trainer, save
from tests.hostile_forms import hostile_answers

PUBLIC = ["/sign-in", "/sign-in/password", "/password/forgotten", "/card"]
OWN = ["/account/password", "/account/second"]
OTHERS = [
    "/people/{guest}/invite",
    "/schools/{school}/staff/invite",
    "/staff/invite",
]
CONFIRMED = ["/roles/{grant}/end", "/people/{guest}/close-account"]


def kept(*models):
    """Return the rows that must not change."""
    db.session.commit()
    db.session.expire_all()
    return [[tuple(row) for row in db.session.execute(select(model.__table__))] for model in models]


def check(client, address):
    for kind, answer in hostile_answers(client, address):
        assert answer.status_code in (200, 302, 400), (kind, answer.status_code)
        if answer.status_code == 200:
            assert "<title>Erreur" in answer.text, kind
            assert "<script>alert" not in answer.text, kind


@pytest.mark.parametrize("address", PUBLIC)
def test_bad_input_lets_nobody_in(app, client, address):
    make_account()

    check(client, address)

    with client.session_transaction() as session:
        assert "_user_id" not in session


@pytest.mark.parametrize("step", ["code", "second", "link"])
def test_bad_input_at_a_later_step_lets_nobody_in(app, client, now, step):
    if step == "code":
        make_account(mail="a@example.org")
        client.post("/sign-in", data={"handle": "a@example.org"})
        address = "/sign-in/code"
    elif step == "second":
        account = make_account(mail="a@example.org", secret=pyotp.random_base32())
        client.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})
        assert account.person_id
        address = "/sign-in/second"
    else:
        invite(never_came(mail="a@example.org"), by_id=None, now=now)
        address = link_sent_to("a@example.org")

    for kind, answer in hostile_answers(client, address):
        assert answer.status_code in (200, 302, 400), (kind, answer.status_code)
    with client.session_transaction() as session:
        assert "_user_id" not in session
    assert all(used_at is None for used_at in db.session.scalars(select(Invitation.used_at)))


@pytest.mark.parametrize("address", OWN)
def test_bad_input_changes_nothing_of_ones_own_account(app, client, address):
    make_account(mail="a@example.org")
    client.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})
    before = kept(Account)

    check(client, address)

    assert kept(Account) == before


@pytest.fixture
def ids(app, log_in):
    cohort = make_cohort()
    guest = never_came(learner_number="V1", home_school_id=cohort.school_id)
    make_enrolment(guest, cohort)
    make_trainer(cohort)
    save()
    grant = db.session.scalars(select(RoleGrant.id)).first()
    log_in(make_network_manager())
    return {"guest": guest.id, "school": cohort.school_id, "grant": grant}


@pytest.mark.parametrize("form", OTHERS)
def test_bad_input_gives_and_takes_nothing(ids, client, form):
    before = kept(RoleGrant, Invitation, Account)

    for kind, answer in hostile_answers(client, form.format(**ids)):
        assert answer.status_code in (200, 400), (kind, answer.status_code)

    assert kept(RoleGrant, Invitation, Account) == before


@pytest.mark.parametrize("form", CONFIRMED)
def test_what_must_be_confirmed_waits_for_its_box(ids, client, form):
    before = kept(RoleGrant, Account)

    for data in ({}, {"sure": ""}, {"sure": " "}, {"sure": "false"}, {"other": "y"}):
        assert "<title>Erreur" in client.post(form.format(**ids), data=data).text
    assert "<title>Erreur" in client.post(form.format(**ids), json={"sure": "y"}).text

    assert kept(RoleGrant, Account) == before
