"""The pages of coming in: each way, what they refuse alike, where they lead, what a browser keeps of them."""

from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import func, select

from popschool.auth import rules_signing as rules
from popschool.auth import services, services_signing
from popschool.auth.models import Account, Invitation, SignInAttempt, SignInCode
from popschool.auth.rules_signing import Channel
from popschool.auth.services_invitations import invite
from popschool.db import db
from tests.auth.hands import (
    HERE,
    PASSWORD,
    code_sent_to,
    later,
    link_sent_to,
    make_account,
    never_came,
    sent_to,
    totp_at,
    wrong,
)
from tests.conftest import make_app
from tests.factories import make_learner, make_manager, make_trainer, save

SECRET = pyotp.random_base32()
NEW = "quatre chiens au marché"


def plain(answer):
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ").replace("&#39;", "'")


def here(client):
    """Return whose session this is; nothing when nobody's."""
    with client.session_transaction() as session:
        return int(session.get("_user_id", "0:").partition(":")[0]) or None


def by_password(client, account, password=PASSWORD, **more):
    return client.post("/sign-in/password", data={"handle": account.person.mail, "password": password} | more)


def ask(client, handle, **more):
    return client.post("/sign-in", data={"handle": handle} | more)


def test_a_person_comes_in_with_a_code_by_mail(app, client):
    account = make_account(password=None, mail="a@example.org")

    assert "Me connecter" in client.get("/sign-in").text
    answer = ask(client, " A@Example.org ")
    assert answer.location == "/sign-in/code"
    assert "a@example.org" in client.get("/sign-in/code").text
    answer = client.post("/sign-in/code", data={"code": code_sent_to("a@example.org")})

    assert answer.location == "/"
    assert here(client) == account.person_id


def test_a_person_comes_in_with_a_code_by_sms(app, client):
    account = make_account(password=None, mail=None, phone="+33639980007")

    ask(client, "06 39 98 00 07")
    client.post("/sign-in/code", data={"code": code_sent_to("+33639980007")})

    assert here(client) == account.person_id


def test_a_person_comes_in_with_a_password(app, client):
    account = make_account()

    assert by_password(client, account).location == "/"
    assert here(client) == account.person_id


def test_a_number_leads_to_a_card_or_a_password_whether_or_not_it_is_known(app, client):
    account = make_account(mail=None, learner_number="V1")
    pages = []

    for number in ("v-1", "INCONNU9"):
        assert ask(client, number).location == "/sign-in/number"
        pages.append(client.get("/sign-in/number").text.replace("INCONNU9", "V1"))
    assert pages[0] == pages[1]
    client.post("/sign-in/password", data={"handle": "v-1", "password": PASSWORD})

    assert here(client) == account.person_id


def test_a_wrong_password_an_unknown_mail_and_a_closed_account_show_one_page(app, client):
    account, closed = make_account(), make_account()
    services.close_account(closed.person, by_id=None, now=account.created_at)
    answers = []

    for mail, password in (
        (account.person.mail, "faux faux faux"),
        (closed.person.mail, PASSWORD),
        ("absente@example.org", PASSWORD),
    ):
        fresh = app.test_client()
        answer = fresh.post("/sign-in/password", data={"handle": mail, "password": password})
        headers = sorted(name for name, _value in answer.headers if name != "Content-Length")
        answers.append((answer.status_code, answer.text.replace(mail, "@"), headers))
        assert here(fresh) is None

    assert answers[0] == answers[1] == answers[2]
    assert "Cela ne va pas ensemble" in answers[0][1]


def test_asking_a_code_shows_one_page_whoever_is_named(app, client):
    make_account(mail="a@example.org")
    closed = make_account(mail="b@example.org")
    services.close_account(closed.person, by_id=None, now=closed.created_at)
    pages = set()

    for mail in ("a@example.org", "b@example.org", "absente@example.org"):
        fresh = app.test_client()
        for asked in ("/sign-in", "/password/forgotten"):
            answer = fresh.post(asked, data={"handle": mail})
            pages.add((asked, answer.status_code, answer.location, fresh.get("/sign-in/code").text.replace(mail, "@")))
        refused = fresh.post("/sign-in/code", data={"code": "000000"})
        pages.add(("code", refused.status_code, refused.text.replace(mail, "@")))

    assert len(pages) == 3


@pytest.mark.parametrize(
    ("address", "data", "reason"),
    [
        ("/sign-in", {}, "Il manque une réponse"),
        ("/sign-in", {"handle": "  "}, "Il manque une réponse"),
        ("/sign-in", {"handle": "\0"}, "Il manque une réponse"),
        ("/sign-in", {"handle": "apprenante"}, "Nous ne reconnaissons pas cette adresse"),
        ("/sign-in", {"handle": "a" * 300 + "@example.org"}, "Nous ne reconnaissons pas cette adresse"),
        ("/sign-in/password", {}, "Il manque une réponse"),
        ("/sign-in/password", {"handle": "a@example.org", "password": "   "}, "Il manque une réponse"),
        ("/sign-in/password", {"handle": "a@example.org", "password": "x" * 5000}, "Écrivez 1 000 caractères au plus"),
        ("/password/forgotten", {}, "Il manque une réponse"),
        ("/card", {}, "Il manque une réponse"),
        ("/card", {"number": "V1", "code": "x" * 41}, "Écrivez 40 caractères au plus"),
        ("/card", {"number": "😀 pas un numéro", "code": "AAAA-AAAA"}, "Cela ne va pas ensemble"),
        ("/card", {"number": "x\0y1", "code": "a\0b"}, "Cela ne va pas ensemble"),
    ],
)
def test_what_is_badly_written_is_said_beside_it(app, client, address, data, reason):
    answer = client.post(address, data=data)

    assert answer.status_code == 200
    assert reason in plain(answer)
    assert "<title>Erreur" in answer.text


def test_a_password_is_never_shown_again(app, client):
    account = make_account()

    answer = by_password(client, account, "un secret mal tapé")

    assert "un secret mal tapé" not in answer.text
    assert account.person.mail in answer.text


def test_a_wrong_code_is_said_and_another_is_sent(app, client):
    make_account(mail="a@example.org")
    ask(client, "a@example.org")
    code = code_sent_to("a@example.org")

    assert "Ce code ne marche pas" in client.post("/sign-in/code", data={"code": wrong(code)}).text
    with later(seconds=11):
        answer = client.post("/sign-in/code", data={"way": "again"})
        assert "Un nouveau code est parti" in client.get(answer.location).text
        assert len(sent_to("a@example.org")) == 2


@pytest.mark.parametrize("address", ["/sign-in/code", "/sign-in/number", "/sign-in/second", "/card/password"])
def test_a_step_that_was_not_begun_leads_to_the_beginning(app, client, address):
    for answer in (client.get(address), client.post(address, data={"code": "123456", "password": NEW})):
        assert answer.status_code in (302, 405)
        assert answer.location in ("/sign-in", "/card", None)


def test_too_many_tries_say_when_to_try_again(app, client):
    account = make_account()
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        by_password(client, account, "faux faux faux")

    answer = by_password(client, account)

    assert "Il y a eu trop d'essais. Réessayez à 10 h 20" in plain(answer)
    assert here(client) is None


def test_a_forgotten_password_is_replaced_after_a_code(app, client):
    account = make_account(mail="a@example.org")

    client.post("/password/forgotten", data={"handle": "a@example.org"})
    answer = client.post("/sign-in/code", data={"code": code_sent_to("a@example.org")})
    assert answer.location == "/account/password"
    assert "Mot de passe actuel" not in client.get("/account/password").text
    answer = client.post("/account/password", data={"password": NEW})

    assert answer.location == "/account"
    assert here(client) == account.person_id
    assert by_password(app.test_client(), account, NEW).location == "/"


def test_a_forgotten_password_without_a_mail_leads_to_a_card(app, client):
    assert client.post("/password/forgotten", data={"handle": "v-1"}).location == "/card?number=V1"
    assert 'value="V1"' in client.get("/card?number=V1").text


@pytest.mark.parametrize("next_page", ["/account", "/people?q=%C3%A9lodie"])
def test_a_sign_in_leads_back_to_where_one_was_going(app, client, next_page):
    account = make_account(mail="a@example.org")

    assert by_password(client, account, next=next_page).location == next_page
    fresh = app.test_client()
    ask(fresh, "a@example.org", next=next_page)
    assert fresh.post("/sign-in/code", data={"code": code_sent_to("a@example.org")}).location == next_page
    assert fresh.get("/sign-in", query_string={"next": next_page}).location == next_page


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/sign-out",
    ],
)
def test_a_sign_in_never_leads_elsewhere(app, client, next_page):
    account = make_account(mail="a@example.org")

    page = client.get("/sign-in", query_string={"next": next_page}).text
    assert "evil" not in page
    assert by_password(client, account, next=next_page).location == "/"
    assert client.get("/sign-in", query_string={"next": next_page}).location == "/"
    fresh = app.test_client()
    ask(fresh, "a@example.org", next=next_page)
    assert fresh.post("/sign-in/code", data={"code": code_sent_to("a@example.org")}).location == "/"


def test_a_session_holds_nothing_of_what_came_before(app, client):
    account = make_account(mail="a@example.org")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["_user_id"] = "999:planted"
    ask(client, "a@example.org")
    before = client.get_cookie("popschool").value

    client.post("/sign-in/code", data={"code": code_sent_to("a@example.org")})

    with client.session_transaction() as session:
        assert set(session) <= {"_user_id", "_fresh", "_id", "began", "csrf_token", "on_device", "proved_at"}
        assert session["_user_id"].startswith(f"{account.person_id}:")
    assert client.get_cookie("popschool").value != before


def test_the_cookie_of_a_session_is_for_our_pages_alone(app, client):
    account = make_account()

    cookie = by_password(client, account).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_never_travels_in_clear(tmp_path):
    secure = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", base_url="https://popschool.example")

    assert secure.config["SESSION_COOKIE_SECURE"] is True
    assert secure.config["SESSION_COOKIE_HTTPONLY"] is True
    assert secure.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert secure.config["SESSION_COOKIE_NAME"] == "__Host-popschool"


def test_a_session_ends_after_two_weeks(app, client):
    account = make_account()
    by_password(client, account)

    assert client.get("/account").status_code == 200
    with later(days=14, seconds=1):
        assert client.get("/account").location == "/sign-in?next=/account"


@pytest.mark.parametrize(("make", "stays"), [(make_manager, False), (make_trainer, True), (make_learner, True)])
def test_who_reads_everybodys_data_signs_in_again_after_two_hours_of_nothing(
    app, client, log_in, monkeypatch, make, stays
):
    real = replace(app.config["POPSCHOOL"], base_url="https://popschool.example")
    monkeypatch.setitem(app.config, "POPSCHOOL", real)
    log_in(make())
    for minutes in (0, 100, 200, 319):
        with later(minutes=minutes):
            assert client.get("/account").status_code == 200

    with later(minutes=319 + 121):
        assert (client.get("/account").status_code == 200) is stays


@pytest.mark.parametrize("cookie", ["", "0", "abc", "1", "1:", ":token", "999999:x", "1:x:y", "\u0661:token"])
def test_a_session_that_makes_no_sense_is_nobodys(app, client, cookie):
    make_account()
    with client.session_transaction() as session:
        session["_user_id"] = cookie

    assert client.get("/account").status_code == 302


def test_leaving_needs_a_press_and_ends_this_session_alone(app, client):
    account = make_account()
    other = app.test_client()
    for browser in (client, other):
        by_password(browser, account)

    client.get("/sign-out")
    assert here(client) == account.person_id
    stolen = app.test_client()
    stolen.set_cookie("popschool", client.get_cookie("popschool").value)
    assert stolen.get("/account").status_code == 200
    assert client.post("/sign-out").location == "/sign-in?out=1"

    assert client.get("/account").status_code == 302
    assert stolen.get("/account").status_code == 302
    assert other.get("/account").status_code == 200
    assert other.get("/account/devices").text.count("/account/devices/") == 1


def test_a_second_factor_is_asked_before_anything_is_open(app, client):
    account = make_account(secret=SECRET)

    answer = by_password(client, account, next="/people")
    assert answer.location == "/sign-in/second"
    assert here(client) is None
    assert client.get("/account").status_code == 302
    wrong = client.post("/sign-in/second", data={"code": "000000"})
    assert "attendez le code suivant de votre application" in wrong.text
    answer = client.post("/sign-in/second", data={"code": totp_at(SECRET, account.created_at)})

    assert answer.location == "/people"
    assert here(client) == account.person_id


@pytest.mark.parametrize("way", ["code", "link", "card"])
def test_no_way_in_goes_round_a_second_factor(app, client, now, way):
    account = make_account(secret=SECRET, mail="a@example.org", learner_number="V1")
    if way == "code":
        ask(client, "a@example.org")
        answer = client.post("/sign-in/code", data={"code": code_sent_to("a@example.org")})
    elif way == "link":
        invite(account.person, by_id=None, now=now)
        answer = client.post(link_sent_to("a@example.org"), data={"way": "code"})
    else:
        issued = invite(account.person, Channel.CARD, by_id=None, now=now)
        client.post("/card", data={"number": "V1", "code": issued.secret})
        answer = client.post("/card/password", data={"password": NEW})

    assert answer.location == "/sign-in/second"
    assert here(client) is None


def test_a_second_factor_waits_ten_minutes(app, client):
    account = make_account(secret=SECRET)
    by_password(client, account)

    with later(minutes=10, seconds=1) as moment:
        answer = client.post("/sign-in/second", data={"code": totp_at(SECRET, moment)})

    assert answer.location == "/sign-in"
    assert here(client) is None


def test_an_invitation_is_opened_as_often_as_one_likes_and_used_by_a_press(app, client, now):
    person = never_came(mail="a@example.org")
    invite(person, by_id=None, now=now)
    link = link_sent_to("a@example.org")

    for _ in range(3):
        assert person.first_name in client.get(link).text
        assert client.head(link).status_code == 200
    assert db.session.scalars(select(Invitation.used_at)).all() == [None]
    assert db.session.get(Account, person.id) is None
    answer = client.post(link, data={"way": "password", "password": NEW})

    assert answer.location == "/"
    assert here(client) == person.id


def test_an_invitation_is_accepted_without_a_password(app, client, now):
    person = never_came(mail="a@example.org")
    invite(person, by_id=None, now=now)

    client.post(link_sent_to("a@example.org"), data={"way": "code"})

    assert here(client) == person.id


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "Il manque une réponse"),
        ("court", "Écrivez au moins 10 caractères"),
        ("motdepasse", "Beaucoup de gens choisissent ce mot de passe"),
        ("x" * 201, "Le maximum est de 200 caractères"),
        ("x" * 1001, "Écrivez 1 000 caractères au plus"),
    ],
)
def test_a_password_that_is_too_easy_is_refused_and_the_link_still_works(app, client, now, password, reason):
    person = never_came(mail="a@example.org")
    invite(person, by_id=None, now=now)
    link = link_sent_to("a@example.org")

    assert reason in plain(client.post(link, data={"way": "password", "password": password}))
    assert db.session.scalars(select(Invitation.used_at)).all() == [None]
    assert client.post(link, data={"way": "password", "password": NEW}).status_code == 302


def test_a_dead_link_says_so_and_offers_a_new_one(app, client, now):
    person = never_came(mail="a@example.org")
    invite(person, by_id=None, now=now)
    link = link_sent_to("a@example.org")

    with later(days=15):
        dead = client.get(link)
        assert dead.status_code == 410
        assert "Recevoir un nouveau lien" in dead.text
        assert client.post(link, data={"way": "code"}).status_code == 410
        answer = client.post(f"{link}/again")
        assert "Un nouveau lien est parti" in client.get(answer.location).text
        fresh = link_sent_to("a@example.org")
        assert fresh != link
        assert client.get(fresh).status_code == 200


def test_a_link_that_never_was_leads_to_the_sign_in_page(app, client):
    answer = client.get("/i/jamaisfaite")

    assert answer.status_code == 404
    assert "/sign-in" in answer.text
    assert client.post("/i/jamaisfaite/again").location == "/i/jamaisfaite"


def test_a_live_link_is_not_sent_again(app, client, now):
    invite(never_came(mail="a@example.org"), by_id=None, now=now)
    link = link_sent_to("a@example.org")

    with later(hours=1):
        client.post(f"{link}/again")

    assert len(sent_to("a@example.org")) == 1


def test_a_card_opens_an_account_on_its_second_page(app, client, now):
    person = never_came(mail=None, learner_number="V1")
    issued = invite(person, Channel.CARD, by_id=None, now=now)

    assert client.post("/card", data={"number": "v-1", "code": issued.secret.lower()}).location == "/card/password"
    for _ in range(2):
        assert person.first_name in client.get("/card/password").text
    assert db.session.scalars(select(Invitation.used_at)).all() == [None]
    answer = client.post("/card/password", data={"password": NEW})

    assert answer.location == "/"
    assert here(client) == person.id


def test_a_card_that_was_replaced_meanwhile_says_so(app, client, now):
    person = never_came(mail=None, learner_number="V1")
    issued = invite(person, Channel.CARD, by_id=None, now=now)
    client.post("/card", data={"number": "V1", "code": issued.secret})
    with later(minutes=1) as moment:
        invite(person, Channel.CARD, by_id=None, now=moment)

        assert "remplacée par une autre" in client.post("/card/password", data={"password": NEW}).text
        assert "remplacée par une autre" in client.post("/card", data={"number": "V1", "code": issued.secret}).text
    assert here(client) is None


def test_an_address_behind_a_proxy_is_believed_only_when_settings_say_so(app, client):
    account = make_account()

    for number in range(3):
        client.post(
            "/sign-in/password",
            data={"handle": account.person.mail, "password": "faux"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
            environ_base={"REMOTE_ADDR": HERE},
        )

    assert db.session.scalars(select(SignInAttempt.address_hash).distinct()).all() == [
        services_signing.address_key(HERE)
    ]


def test_one_trusted_proxy_names_the_address_that_it_saw(tmp_path):
    trusting = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", trusted_proxies=1)
    seen = []
    trusting.before_request_funcs.setdefault(None, []).append(lambda: seen.append(_remote()))

    trusting.test_client().get(
        "/healthz", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}, environ_base={"REMOTE_ADDR": HERE}
    )

    assert seen == ["203.0.113.7"]


def _remote():
    from flask import request

    return request.remote_addr


def test_forms_of_signing_in_refuse_what_another_site_sends(app, client):
    """With the protection on, as when it is served."""
    account = make_account()
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        foreign = client.post(
            "/sign-in/password",
            data={"handle": account.person.mail, "password": PASSWORD},
            headers={"Origin": "https://evil.example"},
        )
        late = by_password(client, account)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert (foreign.status_code, late.status_code) == (400, 400)
    assert account.person.mail not in foreign.text
    assert account.person.mail in late.text
    assert PASSWORD not in late.text
    assert here(client) is None


def test_who_is_in_already_is_not_asked_again(app, client, log_in):
    log_in(make_learner())

    assert client.get("/sign-in").location == "/"


def test_somebody_else_signs_in_on_the_same_browser(app, client, log_in):
    log_in(make_manager())
    account = make_account()
    save()

    by_password(client, account)

    assert here(client) == account.person_id


def test_json_and_files_are_no_sign_in(app, client):
    make_account()

    for answer in (
        client.post("/sign-in", json={"handle": "a@example.org"}),
        client.post("/sign-in", json=["a"]),
        client.post("/sign-in", data={"handle": (__file__, "handle")}),
        client.post("/sign-in/password", data=b"\xff\xfe%%%", content_type="application/x-www-form-urlencoded"),
    ):
        assert answer.status_code == 200
        assert "Il manque une réponse" in answer.text
    assert db.session.scalar(select(func.count()).select_from(SignInCode)) == 0


def test_coming_in_takes_few_queries(app, client, queries):
    account = make_account()

    with queries() as seen:
        by_password(client, account)

    assert len(seen) <= 17  # five of them write the line of the record
