"""SMS leave in one piece, through a gateway that really answers over HTTP."""

import doctest
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from popschool import clock, jobs, sms, sms_gateway
from popschool.config import SettingRefused
from popschool.db import db, transaction
from popschool.outbox import Outgoing
from tests.sms_gateway import gateway

TO = "+33639980007"
TEXT = "Pop School : votre retour est là. https://example.org/m"


@pytest.fixture
def server():
    with gateway() as state:
        yield state


@pytest.fixture
def set_url(app):
    """Give the application another SMS_URL."""
    before = app.config["POPSCHOOL"]

    def change(url):
        app.config["POPSCHOOL"] = replace(before, sms_url=url)

    yield change
    app.config["POPSCHOOL"] = before


def send_and_work(text=TEXT):
    with transaction():
        sms.send(TO, text)
    jobs.work(until_idle=True)
    db.session.rollback()
    return db.session.scalars(select(Outgoing)).one()


def test_a_gateway_is_called_with_get(app, server, set_url):
    set_url(f"http://127.0.0.1:{server.port}/send?key=K&to={{to}}&text={{text}}")

    message = send_and_work()

    [call] = server.calls
    assert call["method"] == "GET"
    assert parse_qs(urlsplit(call["path"]).query) == {"key": ["K"], "to": [TO], "text": [TEXT]}
    assert (message.text, message.error, message.sent_at) == ("", "", clock.now())


def test_a_gateway_is_called_with_a_form(app, server, set_url):
    set_url(f"form+http://user:pass%20word@127.0.0.1:{server.port}/messages?From=POP&To={{to}}&Body={{text}}")

    send_and_work()

    [call] = server.calls
    assert (call["method"], call["path"]) == ("POST", "/messages")
    assert call["headers"]["Authorization"] == "Basic dXNlcjpwYXNzIHdvcmQ="
    assert parse_qs(call["body"]) == {"From": ["POP"], "To": [TO], "Body": [TEXT]}


def test_a_gateway_is_called_with_json(app, server, set_url):
    set_url(f"json+http://127.0.0.1:{server.port}/v1?to={{to}}&text={{text}}#Authorization=Bearer%20abc&X-Key=1")

    send_and_work()

    [call] = server.calls
    assert json.loads(call["body"]) == {"to": TO, "text": TEXT}
    assert call["headers"]["Authorization"] == "Bearer abc"
    assert call["headers"]["X-Key"] == "1"


def test_an_sms_that_fails_for_now_is_sent_again(app, server, set_url, now):
    set_url(f"http://127.0.0.1:{server.port}/?to={{to}}&text={{text}}")
    server.answers = [503, 429, 200]

    message = send_and_work()
    assert (message.sent_at, message.text) == (None, TEXT)
    for delay in (timedelta(minutes=1), timedelta(minutes=5)):
        clock.freeze(clock.now() + delay)
        jobs.work(until_idle=True)

    db.session.rollback()  # ends the reading of what was before
    db.session.refresh(message)
    assert len(server.calls) == message.attempts == 3
    assert (message.sent_at, message.text, message.error) == (clock.now(), "", "")


@pytest.mark.parametrize("status", [400, 403, 404, 302])
def test_an_sms_that_the_gateway_refuses_is_not_sent_again(app, server, set_url, now, status):
    set_url(f"http://127.0.0.1:{server.port}/?to={{to}}&text={{text}}")
    server.answers = [status]

    message = send_and_work()
    clock.freeze(now + timedelta(days=1))
    jobs.work(until_idle=True)

    if status == 302:  # a gateway that moved is an operator's matter: it is tried again, never followed
        assert {urlsplit(call["path"]).path for call in server.calls} == {"/"}
    else:
        assert len(server.calls) == 1
        assert (message.refused_at, message.text) == (now, "")
        assert str(status) in message.error


def test_a_gateway_that_does_not_answer_is_tried_again(app, set_url, monkeypatch):
    monkeypatch.setattr(sms_gateway, "SECONDS", 0.2)
    set_url("http://127.0.0.1:9/?to={to}&text={text}")

    message = send_and_work()

    assert message.sent_at is None
    assert message.text == TEXT
    assert message.error


def test_a_kept_sms_is_neither_sent_nor_erased(app, now):
    message = send_and_work()

    assert message.is_kept
    assert (message.text, message.sent_at) == (TEXT, now)


def test_nothing_is_said_of_an_act_that_is_undone(app, server, set_url):
    set_url(f"http://127.0.0.1:{server.port}/?to={{to}}&text={{text}}")
    with pytest.raises(RuntimeError), transaction():
        sms.send(TO, TEXT)
        raise RuntimeError

    jobs.work(until_idle=True)
    assert server.calls == []


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Ça va être prêt", "Ça va etre pret"),
        ("«\u00a0Le menu\u00a0» d’hier…", '"Le menu" d\'hier...'),
        ("Où ? Là-bas – œuvre n° 3", "Où ? Là-bas - oeuvre no 3"),
        ("9\u202fh\u00a005\u202f!", "9 h 05 !"),
        ("Bravo 🎉 !", "Bravo !"),
        ("12 € [net]", "12 EUR (net)"),
        ("ΩÄÖÑÜ§¿äöñüà", "ΩÄÖÑÜ§¿äöñüà"),
    ],
)
def test_a_letter_that_sms_lack_becomes_its_nearest(written, sent):
    assert sms.plain(written) == sent


@given(st.text(max_size=40))
def test_an_sms_is_always_in_its_alphabet(text):
    assert set(sms.plain(text)) <= sms.GSM7


def test_an_sms_of_more_than_160_characters_is_refused():
    assert len(sms.plain("a" * 160)) == 160
    with pytest.raises(sms.SmsTooLong):
        sms.plain("a" * 161)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/{to}{text}",
        "https://host/send",
        "https://host/?to={to}",
        "json+ftp://h/?a={to}{text}",
        "",
        "https://",
    ],
)
def test_an_address_that_cannot_work_is_refused(url):
    with pytest.raises(SettingRefused):
        sms_gateway.read_url(url)


@pytest.mark.parametrize(
    "secret",
    [
        "http://school:secret@{}/?to={{to}}&text={{text}}",
        "json+http://{}/?to={{to}}&text={{text}}#Authorization=Bearer%20secret",
    ],
)
def test_a_gateway_is_never_signed_in_to_in_clear_unless_it_is_this_machine(secret):
    with pytest.raises(SettingRefused) as refused:
        sms_gateway.read_url(secret.format("sms.example.org"))

    assert "in clear" in str(refused.value) and "secret" not in str(refused.value)
    assert sms_gateway.read_url(secret.format("127.0.0.1:8080"))
    assert sms_gateway.read_url(secret.replace("http:", "https:").format("sms.example.org"))


def test_number_and_text_may_stand_in_the_path():
    call = sms_gateway.call_for("https://example.org/send/{to}/{text}?key=1", TO, "a b/c")

    assert call.full_url == "https://example.org/send/%2B33639980007/a%20b%2Fc?key=1"


def test_the_examples_are_true():
    assert doctest.testmod(sms).failed == 0
