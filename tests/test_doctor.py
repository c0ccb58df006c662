"""The doctor says whether an installation is sound, why not, and no secret."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from popschool import clock, doctor, jobs, migration
from popschool.db import transaction
from tests.postbox import listening


@pytest.fixture(autouse=True)
def same_version(monkeypatch):
    monkeypatch.setattr(migration, "database_version", migration.code_version)


@pytest.fixture
def settings(app):
    return app.config["POPSCHOOL"]


def finding(settings, name):
    return next(one for one in doctor.examine(settings) if one.name == name)


def test_a_sound_installation_is_said_sound(settings):
    findings = doctor.examine(settings)

    assert [one.name for one in findings if not one.is_sound] == []
    assert {one.name for one in findings} >= {"settings", "database", "migrations", "storage", "mail", "sms", "git"}


def test_the_database_is_named_with_its_version(app, settings):
    assert finding(settings, "database").detail.startswith(("sqlite 3.", "postgresql 1"))


def test_an_old_database_is_unsound_and_the_command_named(settings, monkeypatch):
    monkeypatch.setattr(migration, "database_version", lambda: "an old one")

    old = finding(settings, "migrations")

    assert not old.is_sound
    assert "popschool migrate" in old.detail


def test_a_mail_server_that_does_not_answer_is_unsound(settings):
    assert not finding(replace(settings, mail_url="smtp://127.0.0.1:9"), "mail").is_sound


def test_a_password_in_clear_is_unsound(settings):
    found = finding(replace(settings, mail_url="smtp://user:word@mail.example.org"), "mail")

    assert not found.is_sound
    assert "starttls" in found.detail
    assert "word@" not in found.detail


def test_a_mail_server_that_answers_is_sound(settings):
    controller = listening(object())
    port = controller.port
    try:
        assert finding(replace(settings, mail_url=f"smtp://127.0.0.1:{port}"), "mail").is_sound
    finally:
        controller.stop()


@pytest.mark.parametrize("url", ["https://host/send", "ftp://host/{to}{text}"])
def test_an_sms_address_that_cannot_work_is_unsound(settings, url):
    assert not finding(replace(settings, sms_url=url), "sms").is_sound


def test_a_moved_clock_is_said(settings):
    assert "moved" in finding(settings, "clock").detail


def test_jobs_that_nobody_does_are_unsound(settings, now):
    with transaction():
        jobs.enqueue("popschool.jobs:forget_done")
    clock.freeze(now + timedelta(hours=1))

    found = finding(replace(settings, jobs="worker"), "jobs")

    assert not found.is_sound
    assert "popschool worker" in found.detail


def test_a_store_out_of_reach_is_unsound(app, settings, tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")
    app.config["POPSCHOOL"] = replace(settings, storage_url=f"file://{tmp_path / 'files'}")
    try:
        assert not finding(settings, "storage").is_sound
    finally:
        app.config["POPSCHOOL"] = settings


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("secret_key", "k" * 40, "••••"),
        ("seal_key", "k", "••••"),
        ("base_url", "https://pop.example.org", "https://pop.example.org"),
        ("database_url", "postgresql+psycopg://pop:word@db:5432/pop", "postgresql+psycopg://pop:••••@db:5432/pop"),
        ("database_url", "sqlite:////srv/pop school/pop.sqlite", "sqlite:////srv/pop school/pop.sqlite"),
        ("mail_url", "smtp://a:b%40@mail:587?starttls=1", "smtp://a:••••@mail:587?starttls=1"),
        ("storage_url", "s3://KEY:SECRET@b/p?endpoint=https://s3", "s3://KEY:••••@b/p?endpoint=https://s3"),
        ("sms_url", "https://h/s?key=K&to={to}#Authorization=x", "https://h/s?key=••••&to={to}#••••"),
    ],
)
def test_secrets_are_hidden(name, value, shown):
    assert doctor.hide(name, value) == shown


def test_every_setting_is_listed_with_where_it_comes_from(settings):
    rows = {row["name"]: row for row in doctor.listed(settings)}

    assert rows["POPSCHOOL_SECRET_KEY"] == {"name": "POPSCHOOL_SECRET_KEY", "value": "••••", "from": "environment"}
    assert rows["POPSCHOOL_MAIL_URL"]["from"] == "default"
    assert "POPSCHOOL_GIVEN" not in rows


def test_both_forms_hold_every_check(settings):
    findings = doctor.examine(settings)

    answer = json.loads(doctor.as_json(settings, findings))
    text = doctor.as_text(settings, findings)

    assert answer["sound"] is True
    assert [check["name"] for check in answer["checks"]] == [one.name for one in findings]
    assert all(one.name in text for one in findings)
    assert "s" * 40 not in text + json.dumps(answer)
