"""A manager sets up a second factor at their first sign-in, before anything else; never in the demonstration."""

import re

import pytest

from popschool import clock
from popschool.auth.rules import Role
from popschool.config import DEMO_DAY
from tests.auth.hands import PASSWORD, make_account, totp_at
from tests.factories import make_role, make_school, save


@pytest.fixture
def sign_in(client):
    """Let somebody with a role in with their password; returns the answer."""

    def come(role, next_address="/people", **given):
        account = make_account(mail="a@example.org", **given)
        make_role(account.person, role, school=None if role is Role.NETWORK_MANAGER else make_school())
        save()
        return client.post(
            "/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD, "next": next_address}
        )

    return come


@pytest.mark.parametrize("role", [Role.SCHOOL_MANAGER, Role.NETWORK_MANAGER])
def test_a_manager_sets_up_a_second_factor_before_anything_else(client, sign_in, role):
    answer = sign_in(role)

    assert answer.location == "/account/second"
    assert client.get("/people").location == "/account/second"
    page = client.get("/account/second").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    client.post("/account/second", data={"code": totp_at(secret, clock.now())})
    assert client.get("/people").location == "/account/second"  # until the recovery codes are put away
    done = client.post("/account/second/codes")

    assert done.location == "/people"
    assert client.get("/people").status_code == 200


def test_a_manager_who_has_one_goes_where_they_were_going(client, sign_in):
    sign_in(Role.SCHOOL_MANAGER, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")

    answer = client.post("/sign-in/second", data={"code": totp_at("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", clock.now())})

    assert answer.location == "/people"
    assert client.get("/people").status_code == 200


def test_a_trainer_is_not_asked_for_one(client, sign_in):
    assert sign_in(Role.TRAINER).location == "/people"


def test_a_demonstration_opens_with_the_password_alone(app, client, sign_in):
    mark = app.config["POPSCHOOL"].data_dir / DEMO_DAY
    mark.write_text("2027-03-08")
    try:
        assert sign_in(Role.NETWORK_MANAGER).location == "/people"
    finally:
        mark.unlink()
