"""Where one is signed in, a new device that is told, and proving once more who is there before a dangerous act."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen, remove

from popschool import clock
from popschool.audit import AuditEntry, AuditLink, rough_network
from popschool.auth import sessions
from popschool.auth.models import DeviceSession, RoleGrant
from popschool.auth.rules_devices import name_device
from popschool.db import db
from popschool.portal import services_keys
from popschool.portal.models import ApiKey, Hook
from popschool.portal.rules_api import Scope
from tests.auth.hands import PASSWORD, code_sent_to, later, make_account, sent_to, totp_at
from tests.factories import make_manager, make_role, make_school, make_trainer, save
from tests.threads import count

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.mark.parametrize(
    ("said", "expected"),
    [(PHONE, ("Chrome", "Android")), (IPAD, ("Safari", "iPad")), (EDGE, ("Edge", "Windows")), ("curl/8", ("", ""))],
)
def test_a_device_is_named_after_what_its_browser_says(said, expected):
    assert name_device(said) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", "192.0.2.…"),
        ("::ffff:192.0.2.77", "192.0.2.…"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::…"),
        ("", ""),
    ],
)
def test_a_network_is_said_without_its_machine(address, expected):
    assert rough_network(address) == expected


def sign_in(client, mail="a@example.org", **given):
    return client.post("/sign-in/password", data={"handle": mail, "password": PASSWORD}, **given)


def test_a_device_is_signed_out_from_another_and_the_rest_stays(app, client):
    make_account(mail="a@example.org")
    other = app.test_client()
    sign_in(client)
    sign_in(other, headers={"User-Agent": PHONE})
    lost = db.session.scalars(select(DeviceSession).where(DeviceSession.system == "Android")).one()

    page = client.get("/account/devices").text
    client.post(f"/account/devices/{lost.id}/end")

    assert "Chrome, Android" in page and "127.0.0.…" in page
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200
    assert "Android" not in client.get("/account/devices").text


def test_nobody_signs_out_the_device_of_somebody_else(app, client):
    make_account(mail="a@example.org")
    make_account(mail="b@example.org")
    other = app.test_client()
    sign_in(client)
    sign_in(other, "b@example.org")
    theirs = db.session.scalars(select(DeviceSession).order_by(DeviceSession.id.desc())).first()

    assert client.post(f"/account/devices/{theirs.id}/end").status_code == 404
    assert other.get("/account").status_code == 200


def test_signing_out_this_device_leads_to_the_way_in(client):
    make_account(mail="a@example.org")
    sign_in(client)
    with client.session_transaction() as session:
        here = session[sessions.ON_DEVICE]

    assert client.post(f"/account/devices/{here}/end").location.startswith("/sign-in")
    assert client.get("/account").status_code == 302


def test_a_new_device_is_told_by_mail_and_a_known_one_is_not(app, client):
    make_account(mail="a@example.org")
    sign_in(client)
    assert sent_to("a@example.org") == []  # the first of all is no news

    sign_in(app.test_client(), headers={"User-Agent": PHONE})
    told = sent_to("a@example.org")
    sign_in(client)

    assert ["nouvel appareil" in one.subject for one in told] == [True]
    assert "Chrome Android" in told[0].text and "/account/devices" in told[0].text
    assert len(sent_to("a@example.org")) == 1


def manager(client):
    """A manager who has just signed in; returns their school."""
    school = make_school()
    make_role(make_account(mail="a@example.org", secret=SECRET).person, "school_manager", school=school)
    save()
    sign_in(client)
    client.post("/sign-in/second", data={"code": totp_at(SECRET, clock.now())})
    return school


def test_a_right_given_long_after_signing_in_asks_who_is_there_and_loses_nothing(client):
    school = manager(client)
    typed = {"first_name": "Nadia", "last_name": "Ben Ali", "handle": "n@example.org", "role": "trainer"}
    address = f"/schools/{school.id}/staff/invite"

    with later(minutes=16):
        asked = client.post(address, data=typed)
        kept = _hidden(asked.text, "kept")
        wrong = client.post("/account/prove", data={"current": "not this one", "kept": kept})
        proved = client.post("/account/prove", data={"current": PASSWORD, "kept": kept})
        granted_before = db.session.scalars(select(RoleGrant.role)).all()
        done = client.post(address, data=typed)

    assert asked.status_code == 403
    assert "Ce n'est pas votre mot de passe" in _plain(wrong.text)
    assert all(f'value="{value}"' in proved.text for value in typed.values())
    assert granted_before == ["school_manager"]
    assert done.status_code == 302
    assert "trainer" in db.session.scalars(select(RoleGrant.role)).all()


def test_a_page_that_is_dangerous_comes_back_after_the_proof(client):
    school = manager(client)
    address = f"/schools/{school.id}/staff/invite"

    with later(minutes=14):
        assert client.get(address).status_code == 200
    with later(minutes=16):
        asked = client.get(address)
        back = client.post(asked.location, data={"current": PASSWORD})

        assert back.location == address
        assert client.get(address).status_code == 200


def test_who_has_no_password_proves_it_with_a_code_that_is_sent(client):
    make_account(mail="a@example.org", password=None)
    client.post("/sign-in", data={"handle": "a@example.org"})
    client.post("/sign-in/code", data={"code": code_sent_to("a@example.org")})

    with later(minutes=20):
        asked = client.post("/account/prove", data={"way": "send", "next": "/account"})
        answer = client.post("/account/prove", data={"code": code_sent_to("a@example.org"), "next": "/account"})

    assert "Un code vient de partir" in asked.text
    assert answer.location == "/account"


def test_a_proof_opens_nothing_to_who_may_not(client, log_in):
    log_in(make_trainer())
    school = make_school()
    save()

    with later(minutes=30):
        assert client.get(f"/schools/{school.id}/staff/invite").status_code == 404


def _plain(text):
    return text.replace("&#39;", "'")


def _hidden(text, name):
    return text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def test_each_sign_in_refusal_and_sign_out_is_in_the_record(client):
    account = make_account(mail="a@example.org", secret=SECRET)
    client.post("/sign-in/password", data={"handle": "a@example.org", "password": "autre chose ici"})
    sign_in(client)
    client.post("/sign-in/second", data={"code": "000000"})
    client.post("/sign-in/second", data={"code": totp_at(SECRET, clock.now())})
    client.post("/sign-out")

    lines = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()

    assert [line.action for line in lines] == [
        "sign_in.refused", "sign_in.refused", "session.began", "session.ended",
    ]  # fmt: skip
    assert [(line.facts.get("way"), line.facts.get("account")) for line in lines[:2]] == [
        ("password", account.person_id), ("second", account.person_id),
    ]  # fmt: skip
    assert {line.origin for line in lines} == {"127.0.0.…"}
    assert db.session.scalars(select(AuditLink.chain).distinct()).all() == [0]


def test_a_handle_that_nobody_has_costs_the_same_line(client):
    make_account(mail="a@example.org")
    costs = []
    for mail in ("a@example.org", "nobody@example.org"):
        asked = []
        listen(
            db.engine, "before_cursor_execute", hear := lambda *given, asked=asked: asked.append(given[2].split()[0])
        )
        client.post("/sign-in/password", data={"handle": mail, "password": "autre chose ici"})
        remove(db.engine, "before_cursor_execute", hear)
        costs.append(asked)

    assert costs[0] == costs[1]
    lines = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [line.subject_type for line in lines] == ["", ""] and lines[1].facts["account"] is None


def test_an_address_and_the_end_of_a_key_ask_who_is_there(client, log_in, now):
    manager = make_manager(school := make_school())
    key = services_keys.make_key(
        manager, "Écran", [Scope.SCHOOLS], [Scope.SCHOOLS], now + timedelta(days=9), "nonce", now
    )
    log_in(manager)
    with later(minutes=16):
        ended = client.post(f"/account/keys/{key.id}/end")
        made = client.post(f"/schools/{school.id}/hooks", data={"url": "https://a.example", "events": "award.given"})

    assert ended.status_code == made.status_code == 403
    assert "/account/prove" in ended.text
    assert db.session.get(ApiKey, key.id).revoked_at is None
    assert count(Hook) == 0
