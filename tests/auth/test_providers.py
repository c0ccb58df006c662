"""Coming in with the account of one's school: a real service on this machine, and every lie that one could tell."""

from dataclasses import replace
from functools import partial

import pyotp
import pytest
from sqlalchemy import select, text

from popschool import clock, http_out
from popschool.audit import AuditEntry
from popschool.auth import openid, services, services_providers
from popschool.auth.models import Account, IdentityProvider, ProviderLink, RoleGrant
from popschool.auth.rules import Role
from popschool.auth.rules_providers import Identity
from popschool.db import db
from popschool.schools.models import Person
from tests.auth.hands import later, make_account, never_came, totp_at
from tests.auth.provider import CLIENT, SECRET, new_key, providing, signed_with_secret, unsigned
from tests.factories import add, make_manager, make_network_manager, make_role, make_school, save
from tests.portal.receivers import make_certificate
from tests.processes import SECONDS
from tests.shown import shown
from tests.threads import count

MAIL = "a@ecole.example"
TOTP = pyotp.random_base32()
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def service(app, papers, monkeypatch):
    """A service on this machine, of which nothing is known yet."""
    monkeypatch.setenv("SSL_CERT_FILE", str(papers[0]))
    monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], allow_inside=True))
    # A machine that does other things too is slow: nothing here waits for the end of a call.
    monkeypatch.setattr(openid.http_out, "post", partial(http_out.post, seconds=SECONDS))
    monkeypatch.setattr(openid.http_out, "get", partial(http_out.get, seconds=SECONDS))
    openid.forget()
    with providing(*papers) as here:
        here.now = int(clock.now().timestamp())
        yield here
    openid.forget()


@pytest.fixture
def school(service):
    """A school whose people come in by the service."""
    school = make_school()
    add(
        IdentityProvider(
            school_id=school.id, name="le compte de l'école", issuer=service.issuer, client_id=CLIENT, secret=SECRET,
            domains=["ecole.example"], proves_twice=False, changed_at=clock.now(),
        )
    )  # fmt: skip
    save()
    return school


@pytest.fixture
def person(school):
    return make_account(mail=MAIL, home_school_id=school.id).person


def go(client, school, **more):
    """Leave for the service; returns where the browser is sent."""
    return client.get(f"/sign-in/with/{school.id}", query_string=more).location


def come_in(client, school, service, **more):
    """Leave for the service, and come back with its answer."""
    return back(client, school, service.agree(go(client, school, **more)))


def back(client, school, query):
    return client.get(f"/sign-in/with/{school.id}/back", query_string=query)


def is_in(client):
    return client.get("/account").status_code == 200


def refused():
    return list(db.session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "sign_in.refused")))


def test_somebody_comes_in_with_the_account_of_their_school(client, school, person, service):
    page = client.get("/sign-in?next=/notices").text
    assert "Se connecter avec le compte de l" in page and f"/sign-in/with/{school.id}?next=/notices" in page

    answer = come_in(client, school, service, next="/notices")

    assert (answer.status_code, answer.location) == (302, "/notices") and is_in(client)
    assert (service.asked["scope"], service.asked["code_challenge_method"]) == ("openid email", "S256")
    assert "session.began" in list(db.session.scalars(select(AuditEntry.action)))
    link = db.session.scalars(select(ProviderLink)).one()
    assert link.person_id == person.id


def test_what_a_service_publishes_is_read_once_for_many(client, school, person, service):
    for _ in range(3):
        come_in(client, school, service)
        client.post("/sign-out")

    assert sorted(service.calls) == ["/.well-known/openid-configuration", "/keys", *["/token"] * 3]


def wrong_key(service):
    service.signed_by = new_key("one")


def nobody_signs(service):
    service.sign = lambda: unsigned(service.said())


def signed_with_what_is_public(service):
    """The oldest trick: its public key is used as a secret that both sides know."""
    service.sign = lambda: signed_with_secret(service.said(), service.key.as_pem(private=False))


def signed_with_our_secret(service):
    service.sign = lambda: signed_with_secret(service.said(), SECRET.encode())


def says(**claims):
    return lambda service: service.claims.update(claims)


def publishes(**said):
    return lambda service: service.published.update(said)


LIES = {
    "another nonce": says(nonce="another"),
    "no nonce": says(nonce=None),
    "another issuer": says(iss="https://elsewhere.example"),
    "another audience": says(aud="another-program"),
    "two audiences and nobody named": says(aud=[CLIENT, "another-program"]),
    "named for another": says(aud=[CLIENT, "another-program"], azp="another-program"),
    "too old": says(exp=1),
    "made tomorrow": says(iat=2**33, exp=2**34),
    "no end": says(exp=None),
    "no subject": says(sub=None),
    "a key that is not its own": wrong_key,
    "no signature": nobody_signs,
    "a public key as a secret": signed_with_what_is_public,
    "our secret as a key": signed_with_our_secret,
    "no token at all": lambda service: setattr(service, "token", "nothing"),
    "claims that are no claims": lambda service: setattr(service, "token", "e30.W10.x"),
    "a mail that is not checked": says(email_verified=False),
    "a mail that is checked in words": says(email_verified="true"),
    "a mail of another domain": says(email="a@elsewhere.example"),
    "a domain that ends alike": says(email="a@notecole.example"),
    "no mail": says(email=""),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_not_what_it_must_be_opens_nothing(client, school, person, service, lie):
    LIES[lie](service)

    answer = come_in(client, school, service)

    assert answer.status_code == 403 and "Ce compte n'a pas marché" in shown(answer)
    assert not is_in(client) and count(ProviderLink) == 0
    assert [one["way"] for one in refused()] == ["provider"]


def test_an_answer_is_taken_once_and_only_in_the_browser_that_asked(app, client, school, person, service):
    with client.session_transaction() as session:
        before = dict(session)
    query = service.agree(go(client, school))
    with client.session_transaction() as session:
        asked = dict(session)

    other = app.test_client()
    assert back(other, school, query).status_code == 403 and not is_in(other)
    assert back(client, school, query | {"state": "another"}).status_code == 403
    assert back(client, school, query).status_code == 403  # a wrong answer ends the question
    query = service.agree(go(client, school))
    with client.session_transaction() as session:
        asked = dict(session)
    assert back(client, school, query).status_code == 302
    assert back(client, school, query).status_code == 403

    with other.session_transaction() as session:  # somebody who copied the cookie, and the address
        session.update(asked)
    assert back(other, school, query).status_code == 403 and not is_in(other)
    assert before == {}


def test_an_answer_that_is_late_or_of_another_service_opens_nothing(client, school, person, service):
    query = service.agree(go(client, school))
    with later(minutes=11):
        assert back(client, school, query).status_code == 403
    assert back(client, school, service.agree(go(client, school)) | {"iss": "https://x.example"}).status_code == 403
    stopped = back(client, school, {"state": service.agree(go(client, school))["state"], "error": "access_denied"})
    assert stopped.status_code == 403 and "pas terminé sur le site de votre école" in stopped.text
    assert not is_in(client)


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "/\\evil.example", "/sign-out"])
def test_nobody_is_sent_elsewhere_after_coming_in(client, school, person, service, goal):
    answer = come_in(client, school, service, next=goal)

    assert (answer.status_code, answer.location) == (302, "/")
    client.post("/sign-out")
    query = service.agree(go(client, school)) | {"next": goal}
    assert back(client, school, query).location == "/"


def test_the_service_of_a_school_opens_its_own_people_alone(client, school, service):
    """Whoever sets a service up chooses what it says: it reaches no further than what they could do themselves."""
    elsewhere = make_account(mail="b@ecole.example", home_school_id=make_school().id).person
    network = make_network_manager(mail="c@ecole.example", home_school_id=school.id)
    author = make_account(mail="d@ecole.example", home_school_id=school.id).person
    make_role(author, Role.AUTHOR)
    both = make_manager(school, mail="e@ecole.example")
    make_role(both, Role.SCHOOL_MANAGER, make_school())
    closed = make_account(mail="f@ecole.example", home_school_id=school.id)
    services.close_account(closed.person, by_id=None, now=clock.now())
    save()
    people, roles = count(Person), count(RoleGrant)

    for one in (elsewhere.mail, network.mail, author.mail, both.mail, closed.person.mail, "nobody@ecole.example"):
        service.mail = one
        answer = come_in(client, school, service)
        assert (answer.status_code, is_in(client)) == (403, False), one
        assert "Ce compte n&#39;ouvre rien ici" in answer.text
    assert (count(Person), count(RoleGrant), count(ProviderLink)) == (people, roles, 0)


def test_a_first_visit_makes_an_account_for_who_learns_but_never_for_who_manages(client, school, service):
    never_came(mail=MAIL, home_school_id=school.id)
    manager = make_manager(school, mail="m@ecole.example")
    db.session.delete(db.session.get(Account, manager.id))
    save()

    assert come_in(client, school, service).status_code == 302 and is_in(client)
    client.post("/sign-out")
    service.mail = "m@ecole.example"
    assert come_in(client, school, service).status_code == 403
    assert db.session.get(Account, manager.id) is None


def test_a_mail_given_to_somebody_else_opens_nothing_until_a_manager_says_so(client, school, person, service, log_in):
    come_in(client, school, service)
    client.post("/sign-out")
    service.claims["sub"] = "somebody-else"
    assert "avec un autre compte" in come_in(client, school, service).text and not is_in(client)
    log_in(make_manager(school))

    client.post(f"/schools/{school.id}/provider/unlink", data={"handle": MAIL})

    client.post("/sign-out")
    assert come_in(client, school, service).status_code == 302 and is_in(client)
    service.claims["sub"], service.mail = "somebody-else", "g@ecole.example"
    make_account(mail=service.mail, home_school_id=school.id)
    client.post("/sign-out")
    assert come_in(client, school, service).status_code == 403  # one account of the service, one person


@pytest.mark.parametrize(
    ("trusted", "claims", "asks"),
    [(False, {"amr": ["pwd", "mfa"]}, True), (True, {}, True), (True, {"amr": ["pwd"]}, True),
     (True, {"acr": "1"}, True), (True, {"amr": ["pwd", "mfa"]}, False),
     (True, {"acr": "https://refeds.org/profile/mfa"}, False)],
)  # fmt: skip
def test_a_second_code_is_asked_unless_a_service_that_is_trusted_says_it_did(
    client, school, service, trusted, claims, asks
):
    account = make_account(mail=MAIL, home_school_id=school.id, secret=TOTP)
    make_role(account.person, Role.SCHOOL_MANAGER, school)
    services_providers.of_school(school.id).proves_twice = trusted
    save()
    service.claims.update(claims)

    answer = come_in(client, school, service, next="/people")

    if asks:
        assert answer.location == "/sign-in/second" and not is_in(client)
        answer = client.post("/sign-in/second", data={"code": totp_at(TOTP, clock.now())})
    assert answer.location == "/people" and is_in(client)


def test_a_manager_without_a_second_code_still_sets_one_up(client, school, service):
    make_role(make_account(mail=MAIL, home_school_id=school.id).person, Role.SCHOOL_MANAGER, school)
    services_providers.of_school(school.id).proves_twice = True
    save()
    service.claims["amr"] = ["mfa"]

    assert come_in(client, school, service).location == "/account/second"


@pytest.mark.parametrize(("ago", "asks"), [(None, True), (3600, True), (60, False)])
def test_a_dangerous_page_asks_again_after_a_sign_in_that_the_service_remembered(client, school, service, ago, asks):
    account = make_account(mail=MAIL, home_school_id=school.id, secret=TOTP)
    make_role(account.person, Role.SCHOOL_MANAGER, school)
    services_providers.of_school(school.id).proves_twice = True
    save()
    service.claims.update({"amr": ["mfa"], "auth_time": None if ago is None else service.now - ago})
    come_in(client, school, service)

    answer = client.get(f"/schools/{school.id}/provider")

    assert answer.status_code == (302 if asks else 200)


def test_a_service_that_is_away_or_lies_about_itself_is_said_and_asked_no_more_for_a_moment(
    client, school, person, service
):
    for said in (
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"jwks_uri": None},
        {"token_endpoint": "javascript:alert(1)"},
    ):
        service.published = said
        openid.forget()
        answer = client.get(f"/sign-in/with/{school.id}")
        assert (answer.status_code, answer.location) == (424, None) and "ne répond pas bien" in answer.text
    calls = len(service.calls)
    client.get(f"/sign-in/with/{school.id}")
    assert len(service.calls) == calls


def test_no_service_inside_the_network_is_called(app, client, school, service, monkeypatch, log_in):
    monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], allow_inside=False))
    openid.forget()
    assert client.get(f"/sign-in/with/{school.id}").status_code == 424
    log_in(make_manager(school))

    form = {"name": "x", "issuer": service.issuer, "client_id": CLIENT, "new_secret": SECRET, "domains": "a.example"}
    page = client.post(f"/schools/{school.id}/provider", data=form)

    assert page.status_code == 200 and 'href="#issuer"' in page.text
    assert service.calls == []


def test_keys_that_changed_are_read_again_and_a_mail_left_out_of_the_token_is_asked(
    client, school, person, service, monkeypatch
):
    come_in(client, school, service)
    client.post("/sign-out")
    service.key, service.header = new_key("two"), {"alg": "ES256", "kid": "two"}
    monkeypatch.setattr(openid, "KEYS_AGAIN_SECONDS", 0.0)
    service.claims.update({"email": None, "email_verified": None})
    service.at_userinfo.update({"sub": f"sub-of-{MAIL}", "email": MAIL, "email_verified": True})

    assert come_in(client, school, service).status_code == 302 and is_in(client)
    client.post("/sign-out")
    service.at_userinfo["sub"] = "somebody-else"
    assert come_in(client, school, service).status_code == 403


def test_a_manager_sets_a_service_up_keeps_its_secret_and_stops_it(client, school, service, log_in):
    other = make_school()
    manager = log_in(make_manager(other))
    form = {"name": "Mon école", "issuer": service.issuer, "client_id": CLIENT, "domains": "Ecole.example, @b.example"}

    assert "Écrivez le secret" in client.post(f"/schools/{other.id}/provider", data=form).text
    assert client.post(f"/schools/{other.id}/provider", data=form | {"new_secret": SECRET}).status_code == 302
    assert client.get(f"/schools/{school.id}/provider").status_code == 404  # another school's

    kept = services_providers.of_school(other.id)
    assert (kept.secret, kept.domains) == (SECRET, ["ecole.example", "b.example"])
    raw = text("SELECT secret FROM identity_provider WHERE school_id = :id")
    assert db.session.scalar(raw, {"id": other.id}).startswith("lock1:")
    page = client.get(f"/schools/{other.id}/provider").text
    assert SECRET not in page and f"/sign-in/with/{other.id}/back" in page
    assert client.post(f"/schools/{other.id}/provider", data=form | {"client_id": "x"}).status_code == 302
    db.session.refresh(kept, ["secret", "client_id"])
    assert (kept.secret, kept.client_id) == (SECRET, "x")
    elsewhere = form | {"issuer": f"{service.issuer}/other"}
    service.published = {"issuer": elsewhere["issuer"]}
    client.post(f"/schools/{other.id}/provider", data=elsewhere)
    db.session.refresh(kept, ["issuer"])
    assert kept.issuer == service.issuer  # a secret is never sent to another service
    for wrong in ("école", "a@b", "localhost", ","):
        assert client.post(f"/schools/{other.id}/provider", data=form | {"domains": wrong}).status_code == 200
    assert "Délier" in client.post(f"/schools/{other.id}/provider/unlink", data={"handle": "x@y.example"}).text

    client.post(f"/schools/{other.id}/provider/end")

    assert client.get(f"/sign-in/with/{other.id}").status_code == 404
    acts = [one.action for one in db.session.scalars(select(AuditEntry).where(AuditEntry.actor_id == manager.id))]
    assert [one for one in acts if one.startswith("provider")] == ["provider.set", "provider.set", "provider.ended"]
    log_in(make_account(home_school_id=other.id).person)
    assert client.get(f"/schools/{other.id}/provider").status_code == 404


def test_who_answers_again_and_again_is_stopped_by_their_address(client, school, service, monkeypatch):
    monkeypatch.setattr("popschool.auth.rules_signing.FAILURES_PER_ADDRESS", 3)
    answers = [come_in(client, school, service).text for _ in range(4)]

    assert ["trop d" in one for one in answers] == [False, False, False, True]
    assert len(refused()) == 3


def test_claims_of_any_shape_are_read(app):
    for odd in (None, [], {}, 3, True, "x", 1e300, -1, float("nan")):
        read = Identity.of({name: odd for name in ("sub", "email", "email_verified", "amr", "acr", "auth_time")})
        assert not read.is_proved_twice and read.is_mail_proved is (odd is True)
