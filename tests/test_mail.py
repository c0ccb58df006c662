"""Mails leave through a real SMTP server, once, and are tried again when the server says "not now"."""

import ssl
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from popschool import clock, jobs, mail, mail_server
from popschool.config import SettingRefused
from popschool.db import db, transaction
from popschool.outbox import Outgoing, take_back
from tests.postbox import Postbox, listening

TO = "personne7@example.org"
TEXT = "Bonjour,\n\nVotre retour est arrivé.\n\nhttps://example.org/messages\n"


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def server(postbox):
    controller = listening(postbox)
    yield controller.port
    controller.stop()


@pytest.fixture
def set_url(app):
    before = app.config["POPSCHOOL"]

    def change(url):
        app.config["POPSCHOOL"] = replace(before, mail_url=url)

    yield change
    app.config["POPSCHOOL"] = before


def send(**more):
    with transaction():
        mail.send(TO, "Votre retour est arrivé", TEXT, **more)


def work():
    jobs.work(until_idle=True)
    db.session.rollback()
    return db.session.scalars(select(Outgoing)).one()


def test_a_mail_leaves_once_its_act_is_committed(app, set_url, server, postbox, now):
    set_url(f"smtp://127.0.0.1:{server}")
    send(person_id=7, school_id=1)
    assert postbox.taken == []

    message = work()

    [received] = postbox.taken
    assert received["To"] == TO
    assert received["Subject"] == "Votre retour est arrivé"
    assert received["From"] == app.config["POPSCHOOL"].mail_from
    assert received["List-Id"] == "Popschool <popschool.example.org>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Message-ID"].startswith("<outgoing-")
    assert received.get_content_type() == "text/plain"
    assert received.get_content().replace("\r\n", "\n") == TEXT
    assert postbox.weight < mail.HEAVIEST
    assert (message.sent_at, message.text, message.error) == (now, "", "")


def test_a_mail_that_has_left_does_not_leave_again(app, set_url, server, postbox):
    set_url(f"smtp://127.0.0.1:{server}")
    send()
    message = work()

    mail.deliver(message.id)

    assert len(postbox.taken) == 1


def test_a_second_try_keeps_the_identity_of_the_mail(app, set_url, server, postbox, now):
    set_url(f"smtp://127.0.0.1:{server}")
    send()
    message = db.session.scalars(select(Outgoing)).one()
    first = mail_server.compose("Pop School <a@example.org>", message)["Message-ID"]
    clock.freeze(now + timedelta(hours=1))

    assert mail_server.compose("Pop School <a@example.org>", message)["Message-ID"] == first


def test_a_refused_recipient_is_noted_and_not_tried_again(app, set_url, server, postbox, now):
    set_url(f"smtp://127.0.0.1:{server}")
    postbox.rcpt_answers = ["550 no such mailbox"]
    send()

    message = work()
    clock.freeze(now + timedelta(days=1))
    work()

    assert postbox.taken == []
    assert (message.refused_at, message.sent_at, message.text) == (now, None, "")
    assert message.error == "550 no such mailbox"


@pytest.mark.parametrize("where", ["rcpt_answers", "data_answers"])
def test_a_server_that_says_not_now_is_asked_again(app, set_url, server, postbox, now, where):
    set_url(f"smtp://127.0.0.1:{server}")
    setattr(postbox, where, ["451 try later"])
    send()

    message = work()
    assert (message.sent_at, message.text) == (None, TEXT)
    assert "451" in message.error
    clock.freeze(now + timedelta(minutes=1))
    message = work()

    assert len(postbox.taken) == 1
    assert (message.sent_at, message.attempts, message.error) == (clock.now(), 2, "")


def test_a_message_that_the_server_will_not_have_is_not_tried_again(app, set_url, server, postbox, now):
    set_url(f"smtp://127.0.0.1:{server}")
    postbox.data_answers = ["554 looks like spam"]
    send()

    assert work().error == "554 looks like spam"


def test_a_server_that_is_down_is_asked_again(app, set_url, now):
    set_url("smtp://127.0.0.1:9")
    send()

    message = work()

    assert message.refused_at is None
    assert message.text == TEXT
    assert jobs.next_due(now) == 10


def test_a_mail_may_leave_later_and_be_taken_back(app, set_url, server, postbox, now):
    set_url(f"smtp://127.0.0.1:{server}")
    send(run_at=now + timedelta(minutes=10), key="feedback/7")
    with transaction():
        take_back("feedback/7", now)
    clock.freeze(now + timedelta(minutes=20))

    jobs.work(until_idle=True)

    assert postbox.taken == []


def test_a_kept_mail_shows_when_it_would_have_left(app, now):
    send(run_at=now + timedelta(minutes=10), key="feedback/7")

    message = work()

    assert message.is_kept
    assert (message.sent_at, message.text) == (now + timedelta(minutes=10), TEXT)


def test_a_subject_stays_on_one_line(app, set_url, server, postbox):
    set_url(f"smtp://127.0.0.1:{server}")
    with transaction():
        mail.send(TO, "Retour\r\nBcc: somebody@example.org", TEXT)
    work()

    [received] = postbox.taken
    assert received["Subject"] == "Retour Bcc: somebody@example.org"
    assert received["Bcc"] is None


def test_a_mail_of_more_than_ten_kilobytes_is_refused(app):
    with pytest.raises(mail.TooHeavy), transaction():
        mail.send(TO, "Trop long", "é" * 5_000)


def make_certificate(folder):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


def test_a_password_is_given_after_encryption(app, set_url, postbox, tmp_path):
    context, authority = make_certificate(tmp_path)
    seen = []

    def check(server, session, envelope, mechanism, given):
        seen.append((given.login, given.password, session.ssl is not None))
        return AuthResult(success=True)

    controller = listening(postbox, tls_context=context, authenticator=check, require_starttls=True)
    try:
        set_url(f"smtp://school:p%40ss@127.0.0.1:{controller.port}?starttls=1&cafile={authority}")
        send()
        work()
    finally:
        controller.stop()

    assert seen == [(b"school", b"p@ss", True)]
    assert len(postbox.taken) == 1


def test_a_server_that_cannot_prove_its_name_is_not_spoken_to(app, set_url, postbox, tmp_path):
    context, _ = make_certificate(tmp_path)
    controller = listening(postbox, tls_context=context)
    try:
        set_url(f"smtp://127.0.0.1:{controller.port}?starttls=1")
        send()
        message = work()
    finally:
        controller.stop()

    assert postbox.taken == []
    assert "CERTIFICATE_VERIFY_FAILED" in message.error


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://host", 25), ("smtp://host?starttls=1", 587), ("smtps://host", 465), ("smtp://u:p@localhost:2525", 2525)],
)
def test_each_address_has_its_usual_port(url, port):
    assert mail_server.read_url(url).port == port


@pytest.mark.parametrize("url", ["http://host", "smtp://", "smtp://user:password@host", "mail.example.org"])
def test_an_unsafe_or_unreadable_address_is_refused(url):
    with pytest.raises(SettingRefused):
        mail_server.read_url(url)
