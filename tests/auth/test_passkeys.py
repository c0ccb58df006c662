"""A passkey is added, opens an account alone, stands as a second factor and as a proof; each answer works once."""

import json

import pytest

from popschool import clock
from popschool.auth import services_passkeys
from popschool.auth.models import Account, Passkey
from popschool.auth.rules import Role
from popschool.auth.rules_signing import PasskeyRefused
from popschool.db import db
from tests.auth.hands import PASSWORD, later, make_account, sent_to
from tests.auth.soft_key import PRESENT, SoftKey, asked_on
from tests.factories import make_network_manager, make_role, make_school, save
from tests.threads import count, together

REFUSED = "La clé d&#39;accès n&#39;a pas marché."
MAIL = "a@example.org"


def add(client, key: SoftKey, name: str = "Téléphone"):
    asked = asked_on(client.get("/account/passkeys").text)
    return client.post("/account/passkeys", data={"name": name, "credential": key.make(asked)})


def enter(client, key: SoftKey):
    asked = asked_on(client.get("/sign-in/passkey").text)
    return client.post("/sign-in/passkey", data={"credential": key.sign(asked)})


@pytest.fixture
def owner(client, log_in):
    """Somebody with a password and a passkey; nobody is signed in yet."""
    account = make_account(mail=MAIL)
    log_in(account.person)
    key = SoftKey()
    assert add(client, key).location == "/account/second/codes"
    client.post("/account/second/codes")
    client.post("/sign-out")
    return account, key


def is_in(client) -> bool:
    return client.get("/account").status_code == 200


def test_a_passkey_opens_the_account_alone(client, owner):
    _account, key = owner

    answer = enter(client, key)

    assert answer.location == "/" and is_in(client)
    assert "Utilisée" in client.get("/account/passkeys").text
    assert "Une clé d'accès ouvre votre compte" in [mail.subject for mail in sent_to(MAIL)]


def test_a_passkey_stands_as_the_second_factor_and_a_recovery_code_replaces_it(client, owner, log_in):
    account, key = owner
    client.post("/sign-in/password", data={"handle": MAIL, "password": PASSWORD})
    assert not is_in(client)
    asked = asked_on(client.get("/sign-in/second").text)
    assert [one["type"] for one in asked["allowCredentials"]] == ["public-key"]
    assert client.post("/sign-in/second", data={"credential": key.sign(asked)}).location == "/"
    assert is_in(client)

    client.get("/account/second/codes/new")
    page = client.post("/account/second/codes/new", data={"current": PASSWORD}, follow_redirects=True).text
    code = page.partition('class="mono">')[2].partition("<")[0]
    client.post("/account/second/codes")
    client.post("/sign-out")
    client.post("/sign-in/password", data={"handle": MAIL, "password": PASSWORD})
    assert client.post("/sign-in/second", data={"code": code}).location == "/"


def test_a_passkey_proves_who_is_there_before_a_dangerous_act(client, owner):
    _account, key = owner
    enter(client, key)
    with later(minutes=20):
        assert client.get("/account/passkeys").location.startswith("/account/prove")
        asked = asked_on(client.get("/account/prove?next=/account/passkeys").text)
        answer = client.post("/account/prove", data={"next": "/account/passkeys", "credential": key.sign(asked)})

        assert answer.location == "/account/passkeys"
        assert client.get("/account/passkeys").status_code == 200


def test_a_passkey_is_what_a_manager_sets_up_and_ends(client, app):
    account = make_account(mail=MAIL)
    make_role(account.person, Role.SCHOOL_MANAGER, school=make_school())
    save()
    key = SoftKey()
    client.post("/sign-in/password", data={"handle": MAIL, "password": PASSWORD, "next": "/people"})
    assert client.get("/people").location == "/account/second"
    add(client, key)
    assert client.post("/account/second/codes").location == "/people"
    assert client.get("/people").status_code == 200

    [kept] = services_passkeys.open_keys(account.person_id)
    client.post(f"/account/passkeys/{kept.id}/end")
    db.session.expire_all()

    assert db.session.get(Account, account.person_id).recovery_code_hashes == []
    assert REFUSED in enter(app.test_client(), key).text


def test_a_lost_passkey_is_stopped_by_somebody_above(client, owner, log_in):
    account, key = owner
    log_in(make_network_manager())

    client.post(f"/people/{account.person_id}/second/stop", data={"sure": "y"})

    assert services_passkeys.open_keys(account.person_id) == []
    client.post("/sign-out")
    client.post("/sign-in/password", data={"handle": MAIL, "password": PASSWORD})
    assert is_in(client)


def test_nobody_ends_the_passkey_of_somebody_else(client, owner, log_in):
    account, _key = owner
    [kept] = services_passkeys.open_keys(account.person_id)
    log_in(make_account(mail="b@example.org").person)

    assert client.post(f"/account/passkeys/{kept.id}/end").status_code == 404
    assert services_passkeys.open_keys(account.person_id)


def test_an_answer_opens_once(app, client, owner):
    account, key = owner
    asked = asked_on(client.get("/sign-in/passkey").text)
    answer = key.sign(asked)
    person_id = account.person_id

    def use():
        services_passkeys.use(answer, asked["challenge"], clock.now())

    assert together(app, use, use, use) == {"done": 1, PasskeyRefused.__name__: 2}
    with pytest.raises(PasskeyRefused):
        services_passkeys.use(answer, asked["challenge"], clock.now(), person_id)


def test_a_passkey_that_counts_backwards_was_copied(client, owner):
    _account, key = owner
    enter(client, key)
    client.post("/sign-out")
    key.count = 0

    assert REFUSED in enter(client, key).text and not is_in(client)


@pytest.mark.parametrize(
    "wrong", [{"flags": PRESENT}, {"origin": "https://elsewhere.example"}, {"host": "elsewhere.example"}]
)
def test_a_device_that_did_not_look_or_answers_another_site_is_refused(client, owner, log_in, wrong):
    account, key = owner
    for name, value in wrong.items():
        setattr(key, name, value)
    assert REFUSED in enter(client, key).text and not is_in(client)

    log_in(account.person)
    assert REFUSED in add(client, SoftKey(**wrong)).text
    assert count(Passkey) == 1


def test_an_answer_is_refused_when_it_is_another_persons_or_too_old_or_for_something_else(client, owner, log_in):
    account, key = owner
    other = make_account(mail="b@example.org")
    log_in(other.person)
    theirs = SoftKey()
    add(client, theirs)
    client.post("/sign-out")
    client.post("/sign-in/password", data={"handle": MAIL, "password": PASSWORD})
    asked = asked_on(client.get("/sign-in/second").text)
    assert REFUSED in client.post("/sign-in/second", data={"credential": theirs.sign(asked)}).text
    asked = asked_on(client.get("/sign-in/second").text)
    assert REFUSED in client.post("/sign-in/passkey", data={"credential": key.sign(asked)}).text
    key.user = theirs.user
    assert REFUSED in enter(client, key).text
    asked = asked_on(client.get("/sign-in/passkey").text)
    key.user = b""
    with later(minutes=11):
        assert REFUSED in client.post("/sign-in/passkey", data={"credential": key.sign(asked)}).text
    account.closed_at = clock.now()
    db.session.commit()
    assert REFUSED in enter(client, key).text and not is_in(client)


@pytest.mark.parametrize(
    "sent",
    ["", "-", "[]", "{}", "null", "[" * 9000, '{"id": 7, "response": {}}', "x" * 30_000,
     '{"id":"ID","rawId":"ID","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA",'
     '"signature":"AA","userHandle":7}}'],
)  # fmt: skip
def test_what_no_device_answers_is_a_sentence(client, owner, sent):
    account, key = owner
    [kept] = services_passkeys.open_keys(account.person_id)
    for answer in {sent, sent.replace("ID", kept.credential_id)}:
        client.get("/sign-in/passkey")
        page = client.post("/sign-in/passkey", data={"credential": answer})
        assert page.status_code == 200 and REFUSED in page.text


@pytest.mark.parametrize("field", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize(
    "value", ["", "AA", "é", 7, None, [], {"a": 1}, "oWFh", "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUEA"]
)
def test_what_no_device_makes_is_a_sentence(client, owner, log_in, field, value):
    account, _key = owner
    log_in(account.person)
    asked = asked_on(client.get("/account/passkeys").text)
    answer = json.loads(SoftKey().make(asked))
    answer["response"][field] = value

    page = client.post("/account/passkeys", data={"name": "Mon téléphone", "credential": json.dumps(answer)})

    assert page.status_code == 200 and REFUSED in page.text and "Mon téléphone" in page.text
