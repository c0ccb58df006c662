"""Logs say what was asked, how it went and what it cost: never who by name, never an address or a secret."""

import io
import json
import logging

import pytest
import structlog
from flask import Flask, abort, g
from sqlalchemy.exc import IntegrityError

from popschool import logs
from popschool.config import read_settings
from popschool.db import db, transaction
from popschool.db import init_app as init_db
from tests.factories import make_person, save


@pytest.fixture
def site(tmp_path, capsys):
    """A small application with our logs, that writes JSON."""
    settings = read_settings({"POPSCHOOL_DATA_DIR": str(tmp_path), "POPSCHOOL_LOG": "json"})
    app = Flask("site")
    app.config.update(POPSCHOOL=settings, SQLALCHEMY_DATABASE_URI=settings.database_url, SECRET_KEY="s")
    init_db(app)
    logs.init_app(app)

    class Person:
        def get_id(self):
            return "7:token-of-the-session"

    @app.get("/i/<token>")
    def invitation(token):
        db.session.execute(db.text("SELECT 1"))
        g._login_user = Person()
        return "ok"

    @app.get("/broken/<token>")
    def broken(token):
        raise RuntimeError("no mailbox personne7@example.org")

    @app.get("/gone")
    def gone():
        abort(404)

    yield app
    logs.configure("auto")


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_is_one_line_without_its_secrets(site, capsys):
    site.test_client().get("/i/very-secret?code=123456")

    [line] = lines(capsys)
    assert {key: line[key] for key in ("event", "method", "rule", "status", "queries", "person", "level")} == {
        "event": "request",
        "method": "GET",
        "rule": "/i/<token>",
        "status": 200,
        "queries": 1,
        "person": 7,
        "level": "info",
    }
    assert line["ms"] >= 0
    assert len(line["request_id"]) == 32
    assert "secret" not in json.dumps(line)
    assert "123456" not in json.dumps(line)


@pytest.mark.parametrize(
    ("asked", "is_kept"),
    [("proxy-0123.abc", True), ("short", False), ("x" * 65, False), ("a b c d e f", False), ("<script>alert", False)],
)
def test_a_sane_request_id_is_kept_and_given_back(site, capsys, asked, is_kept):
    answer = site.test_client().get("/i/x", headers={"X-Request-ID": asked})

    [line] = lines(capsys)
    assert answer.headers["X-Request-ID"] == line["request_id"]
    assert (line["request_id"] == asked) is is_kept


def test_our_mistake_is_logged_with_its_trace_and_without_addresses(site, capsys):
    answer = site.test_client().get("/broken/very-secret")

    error, line = lines(capsys)
    assert answer.status_code == line["status"] == 500
    assert (error["event"], error["rule"], error["request_id"]) == (
        "request failed",
        "/broken/<token>",
        line["request_id"],
    )
    assert "RuntimeError" in error["exception"]
    assert "personne7" not in error["exception"]
    assert "very-secret" not in json.dumps(error)


def test_what_is_not_there_has_its_line_too(site, capsys):
    site.test_client().get("/nowhere/very-secret")

    [line] = lines(capsys)
    assert (line["rule"], line["status"]) == (None, 404)


def test_other_libraries_lines_have_the_same_form(site, capsys):
    structlog.contextvars.bind_contextvars(request_id="abc")
    logging.getLogger("library").warning("refused by %s", "personne7@example.org")

    [line] = lines(capsys)
    assert (line["event"], line["level"], line["request_id"]) == ("refused by …@…", "warning", "abc")


def test_one_request_does_not_lend_its_id_to_the_next(site, capsys):
    for _ in range(2):
        site.test_client().get("/i/x")

    first, second = lines(capsys)
    assert first["request_id"] != second["request_id"]


def test_a_terminal_gets_readable_lines(site, capsys):
    logs.configure("plain")

    site.test_client().get("/i/x")

    said = capsys.readouterr().err
    assert "request" in said
    assert "status=200" in said


def test_quiet_keeps_what_is_wrong(site, capsys):
    logs.configure("quiet")

    site.test_client().get("/i/x")
    site.test_client().get("/broken/x")

    assert [line["event"] for line in lines(capsys)] == ["request failed"]


def test_a_line_that_cannot_be_written_stops_no_answer(site, monkeypatch):
    with monkeypatch.context() as changed:
        broken = io.TextIOWrapper(io.BytesIO())
        broken.close()
        changed.setattr("sys.stderr", broken)

        assert site.test_client().get("/i/x").status_code == 200


@pytest.mark.parametrize("form", ["json", "plain"])
def test_an_error_of_the_database_says_no_value(app, form, capsys):
    secrets = {"first_name": "Secrète", "learner_number": "S-1234567"}
    make_person(**secrets)
    save()
    logs.configure(form)

    try:
        with transaction():
            make_person(**secrets)
    except IntegrityError as error:
        structlog.get_logger().error("our mistake", exc_info=error)

    said = capsys.readouterr().err
    logs.configure("auto")
    assert "learner_number" in said and "IntegrityError" in said
    assert "Secrète" not in said and "1234567" not in said


def test_rows_that_postgresql_quotes_are_hidden_to_their_end():
    said = "NotNullViolation: null value\nDETAIL:  Failing row contains (1, Amina\n\nest malade).\nCONTEXT:  a function"

    assert logs.mask(None, "", {"exception": said})["exception"] == (
        "NotNullViolation: null value\nDETAIL:  …\nCONTEXT:  a function"
    )
