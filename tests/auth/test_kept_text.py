"""A form sent after its session ended: nothing that was typed is lost, and nothing is shown to somebody else."""

import io
import re
import time
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from sqlalchemy import select

from popschool.auth import kept, services_invitations
from popschool.auth import rules_signing as rules
from popschool.auth.guards import SET_UP
from popschool.auth.models import Account
from popschool.auth.rules import Role
from popschool.db import db
from popschool.schools.models import Enrolment
from tests.auth.hands import PASSWORD, code_sent_to, later, make_account, totp_at
from tests.factories import TODAY, make_cohort, make_learner, make_role, save

NOTE = "Elle a trouvé un emploi dans un café, tout près."


@pytest.fixture
def protected(app):
    """With the protection against other sites on, as when it is served."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def manager(app):
    cohort = make_cohort()
    account = make_account(mail="a@example.org", home_school_id=cohort.school_id)
    make_role(account.person, Role.SCHOOL_MANAGER, cohort.school)
    make_learner(cohort)
    save()
    return account


def place():
    return db.session.scalars(select(Enrolment)).one()


def field(name, page):
    return unescape(re.search(rf'name="{name}" (?:type="hidden" )?value="([^"]*)"', page)[1])


def token_of(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]


def sign_in(client, account, **more):
    """Come in with a password, with the protection on or off."""
    page = client.get("/sign-in/password")
    token = {"csrf_token": token_of(page)} if 'name="csrf_token"' in page.text else {}
    return client.post("/sign-in/password", data={"handle": account.person.mail, "password": PASSWORD} | token | more)


def send(client, **more):
    data = {"left_on": f"{TODAY:%d/%m/%Y}", "reason": "employment", "note": NOTE}
    return client.post(f"/enrolments/{place().id}/leave", data=data | more)


def end_session(account):
    """As a press on "everywhere" from another device does."""
    db.session.get(Account, account.person_id).session_token = "another"
    save()


def test_a_form_sent_after_its_session_ended_is_sent_again_once_its_writer_is_back(manager, client):
    sign_in(client, manager)
    end_session(manager)

    over = send(client)
    assert over.status_code == 401
    assert "Votre texte est gardé" in over.text
    assert place().left_on is None
    carried = field("kept", over.text)
    back = client.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD, "kept": carried})
    assert NOTE in back.text
    assert f'action="/enrolments/{place().id}/leave"' in back.text
    again = {name: field(name, back.text) for name in ("left_on", "reason", "note")}
    assert client.post(f"/enrolments/{place().id}/leave", data=again).status_code == 302

    assert (place().left_on, place().exit_note) == (TODAY, NOTE)


def test_a_text_is_carried_through_a_code_and_a_second_factor(manager, client):
    secret = pyotp.random_base32()
    manager.totp_secret_encrypted = kept.codes.encrypted("totp", secret)
    save()
    carried = field("kept", send(client).text)

    page = client.post("/sign-in", data={"handle": "a@example.org", "kept": carried})
    assert page.status_code == 200
    carried = field("kept", page.text)
    wrong = client.post("/sign-in/code", data={"code": "12", "kept": carried})
    carried = field("kept", wrong.text)
    page = client.post("/sign-in/code", data={"code": code_sent_to("a@example.org"), "kept": carried})
    carried = field("kept", page.text)
    back = client.post("/sign-in/second", data={"code": totp_at(secret, manager.created_at), "kept": carried})

    assert NOTE in back.text


def test_a_text_is_carried_to_the_page_of_passwords(manager, client):
    carried = field("kept", send(client).text)

    for data in ({"way": "password"}, {"handle": "V-123"}):
        page = client.post("/sign-in", data=data | {"kept": carried})
        assert 'name="password"' in page.text
        assert field("kept", page.text)


@pytest.mark.parametrize("is_second_asked", [False, True])
def test_a_text_comes_back_after_a_forgotten_password(manager, protected, client, is_second_asked):
    secret = pyotp.random_base32()
    if is_second_asked:
        manager.totp_secret_encrypted = kept.codes.encrypted("totp", secret)
        save()
    page = send(client)

    def go(address, page, **data):
        found = client.post(address, data=data | {"kept": field("kept", page.text), "csrf_token": token_of(page)})
        assert found.status_code == 200
        return found

    page = go("/sign-in", page, way="password")
    page = go("/sign-in", page, way="forgotten")
    page = go("/password/forgotten", page, handle="")
    page = go("/password/forgotten", page, handle="a@example.org")
    page = go("/sign-in/code", page, code=code_sent_to("a@example.org"))
    if is_second_asked:
        page = go("/sign-in/second", page, code=totp_at(secret, manager.created_at))
    assert "Votre texte est gardé" in page.text and NOTE not in page.text
    page = go("/account/password", page, password="court")
    page = go("/account/password", page, password="une baleine sous la pluie")

    assert NOTE in page.text
    assert send(client, csrf_token=token_of(page)).status_code == 302
    assert place().exit_note == NOTE


def test_a_text_comes_back_after_a_card(manager, client, now):
    manager.person.learner_number = "V1"
    save()
    issued = services_invitations.invite(manager.person, rules.Channel.CARD, by_id=None, now=now, school_id=None)
    page = send(client)

    for address, data in (
        ("/sign-in", {"way": "card"}),
        ("/card", {"number": "V1", "code": issued.secret}),
        ("/card/password", {"password": "une baleine sous la pluie"}),
    ):
        page = client.post(address, data=data | {"kept": field("kept", page.text)})

    assert NOTE in page.text


def test_a_text_that_was_typed_by_somebody_else_is_not_shown(manager, client):
    other = make_account(mail="b@example.org")
    sign_in(client, manager)
    end_session(manager)
    carried = field("kept", send(client).text)

    back = client.post("/sign-in/password", data={"handle": other.person.mail, "password": PASSWORD, "kept": carried})

    assert NOTE not in back.text
    assert "Ce texte est à quelqu" in back.text


def test_the_names_of_files_are_kept_to_choose_them_again(manager, client):
    cohort_id = place().cohort_id

    over = client.post(
        f"/cohorts/{cohort_id}/import", data={"file": (io.BytesIO(b"prenom"), "promo.csv"), "text": "une liste"}
    )

    assert "promo.csv" in over.text
    carried = field("kept", over.text)
    back = client.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD, "kept": carried})
    assert "promo.csv" in back.text
    assert "une liste" in back.text


def test_a_password_is_never_kept(manager, client):
    secrets = {"current": "mon mot de passe actuel", "password": "mon nouveau mot de passe"}

    over = client.post("/account/password", data=secrets | {"other": "du texte ordinaire"})

    found = kept.read(field("kept", over.text))
    assert found.fields == [("other", "du texte ordinaire")]
    assert not any(secret in over.text for secret in secrets.values())
    second = client.post("/account/second", data={"code": "123456"})
    assert kept.read(field("kept", second.text)).fields == []


def test_the_code_of_a_cohort_is_no_secret(manager, client):
    over = client.post(f"/schools/{place().school_id}/cohorts/new", data={"code": "VAL-2027-9", "name": "Neuf"})

    assert dict(kept.read(field("kept", over.text)).fields) == {"code": "VAL-2027-9", "name": "Neuf"}


def test_what_another_site_sends_is_never_kept(manager, client):
    over = client.post(
        f"/enrolments/{place().id}/leave", data={"note": NOTE}, headers={"Origin": "https://evil.example"}
    )

    assert over.status_code == 401
    assert 'name="kept"' not in over.text
    assert NOTE not in over.text


def test_a_text_that_was_not_kept_by_us_is_ignored(manager, client):
    for forged in ("n'importe quoi", "a.b.c", kept.codes.sign("another purpose", ["/x", [], [], None])):
        back = client.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD, "kept": forged})
        assert back.location == "/account/second"


def test_a_text_is_kept_for_a_day(manager, app, monkeypatch):
    signed_at = time.time()
    monkeypatch.setattr(time, "time", lambda: signed_at)
    with app.test_request_context("/enrolments/1/leave", method="POST", data={"note": NOTE}):
        carried = kept.gather(None)
        assert kept.read(carried).texts == [NOTE]

    for after, expected in ((rules.KEPT_TEXT_LIFE, True), (rules.KEPT_TEXT_LIFE + timedelta(seconds=5), False)):
        monkeypatch.setattr(time, "time", lambda after=after: signed_at + after.total_seconds())
        assert (kept.read(carried) is not None) is expected


@pytest.mark.parametrize(("length", "is_kept"), [(1_000_000, True), (1_200_000, False)])
def test_a_long_text_is_kept_and_one_without_end_is_not(manager, client, length, is_kept):
    over = client.post(f"/cohorts/{place().cohort_id}/import", data={"text": "é " * (length // 2)})

    assert over.status_code == 401
    assert ("Votre texte est gardé" in over.text) is is_kept
    assert len(over.data) < 200_000


def test_a_page_that_stayed_open_gives_its_text_back_with_a_fresh_token(manager, protected, client):
    """The person is in, but their page was made in a session before."""
    sign_in(client, manager)
    with client.session_transaction() as session:
        session.pop(SET_UP)  # their second factor was set up meanwhile

    late = send(client, csrf_token="of another session")

    assert late.status_code == 400
    assert NOTE in late.text
    assert send(client, csrf_token=token_of(late)).status_code == 302
    assert place().exit_note == NOTE


def test_a_form_without_a_session_or_a_token_is_kept_too(manager, protected, client):
    over = send(client)

    assert over.status_code == 401
    carried = field("kept", over.text)
    back = client.post(
        "/sign-in/password",
        data={"handle": "a@example.org", "password": PASSWORD, "kept": carried, "csrf_token": token_of(over)},
    )
    assert NOTE in back.text
    assert send(client, csrf_token=token_of(back)).status_code == 302


def test_a_late_password_is_not_shown_by_the_page_that_gives_text_back(manager, protected, client):
    sign_in(client, manager)

    late = client.post("/account/password", data={"current": "mon mot de passe", "password": "mon nouveau passe"})

    assert late.status_code == 400
    assert "mon mot de passe" not in late.text
    assert "mon nouveau passe" not in late.text


def test_a_page_that_another_site_sends_with_a_session_is_not_given_back(manager, protected, client):
    sign_in(client, manager)

    answer = client.post(
        f"/enrolments/{place().id}/leave", data={"note": NOTE}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 400
    assert NOTE not in answer.text
    assert place().left_on is None


def test_a_session_that_ended_by_time_brings_back_where_one_was(manager, client):
    sign_in(client, manager)

    with later(days=15):
        assert client.get("/cohorts?page=1").location == "/sign-in?next=/cohorts?page%3D1"
        assert send(client).status_code == 401


def test_two_first_pages_asked_for_together_undo_no_form(protected, client):
    """The phone keeps the pages of the day while its owner opens one: the answer that comes last must undo no other."""
    sign_in(client, make_account(mail="b@example.org"))

    first = client.get("/account/password")

    assert token_of(first)
    assert not [cookie for cookie in first.headers.getlist("Set-Cookie") if cookie.startswith("popschool=")]
