"""The database is restarted, a disk is full, the store is away: pages say what to do, and nothing received is lost."""

import io
import os
import resource
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from popschool import clock, doctor, migration, storage
from popschool.auth.models import Account
from popschool.db import db
from popschool.projects.models import Draft
from tests.conftest import NOW, make_app
from tests.factories import make_assignment, make_cohort, make_deliverable, make_learner, save
from tests.faults.installations import bucket
from tests.postgres import Server, server
from tests.shown import shown

SENTENCES = "Une page que j'ai écrite pendant une heure."
BIG = 3 << 20


@pytest.fixture(autouse=True)
def same_version(monkeypatch):
    monkeypatch.setattr(migration, "database_version", migration.code_version)


@contextmanager
def school(app):
    """A learner who is signed in, and where they hand in."""
    clock.freeze(NOW)
    with app.app_context():
        db.create_all()
        cohort = make_cohort()
        asked = {"asks": ["text", "files"], "either": True, "key": "tout"}
        deliverable, learner = make_deliverable(make_assignment(cohort), **asked), make_learner(cohort)
        save()
        db.session.get_one(Account, learner.id).session_token = "token"
        db.session.commit()
        person, address = learner.id, f"/deliverables/{deliverable.id}/submit"
        db.session.remove()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{person}:token", True
    yield client, address
    clock.freeze(None)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def unsound(app):
    with app.app_context():
        return {one.name for one in doctor.examine(app.config["POPSCHOOL"]) if not one.is_sound}


def drafts(app):
    with app.app_context():
        return list(db.session.scalars(select(Draft.text)))


def check_given_back(answer):
    """A page that says what happened and what to do, and holds what was typed and the button that sends it."""
    said = shown(answer)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "Le site n'a pas pu garder ce que vous envoyez" in said and "Attendez un peu" in said
    assert SENTENCES in said and 'name="text"' in answer.text and "Envoyer de nouveau" in said


def test_a_page_says_what_to_do_while_the_database_is_away(tmp_path):
    with server() as postgres:
        app = make_app(tmp_path, postgres.url)
        with school(app) as (client, address):
            assert client.post(address, data={"text": "Gardé.", "keep": "1"}).status_code == 302
            _stop(postgres)

            page = client.get(address)
            assert page.status_code == 503 and "Réessayez dans quelques minutes" in shown(page)
            check_given_back(client.post(address, data={"text": SENTENCES, "keep": "1"}))
            assert client.get("/readyz").status_code == 503
            assert unsound(app) >= {"database", "jobs"}

            postgres.start()
            assert drafts(app) == ["Gardé."]
            assert client.post(address, data={"text": SENTENCES, "keep": "1"}).status_code == 302
            assert drafts(app) == [SENTENCES]
            assert "database" not in unsound(app)


def _stop(postgres: Server) -> None:
    """End it as a crash of its machine does, while connections of ours are open."""
    postgres.stop("immediate")


def test_a_database_whose_disk_is_full_is_said_and_keeps_what_it_has(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with school(app) as (client, address):
        client.post(address, data={"text": "Gardé.", "keep": "1"})
        with app.app_context(), db.engine.connect() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar()
        with app.app_context(), full_after(pages):
            check_given_back(client.post(address, data={"text": SENTENCES * 2000, "keep": "1"}))
            assert client.get(address).status_code == 200

        assert drafts(app) == ["Gardé."]
        assert client.post(address, data={"text": SENTENCES, "keep": "1"}).status_code == 302


@contextmanager
def full_after(pages):
    """Let SQLite find no more room than it has: its own error of a full disk."""
    from sqlalchemy import event

    def limit(connection, _record=None, _proxy=None):
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(db.engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", limit)
        db.engine.dispose()


@contextmanager
def small_files():
    """Let the system refuse to write a file of more than two megabytes, as it does when there is no room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def upload(size):
    return {"text": SENTENCES, "files": (io.BytesIO(os.urandom(size)), "dessin.bin")}


def test_a_file_that_there_is_no_room_for_is_said(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with school(app) as (client, address):
        head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
        body = head + os.urandom(BIG) + b"\r\n--b--\r\n"
        with small_files():
            answer = client.post(address, data=body, content_type="multipart/form-data; boundary=b")
        assert answer.status_code == 503 and "Réessayez dans quelques minutes" in shown(answer)
        with app.app_context():
            assert list(storage.store().names()) == []
            assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []

        assert client.post(address, data=upload(BIG)).status_code == 302


def test_a_file_that_cannot_be_kept_is_said_and_nothing_is_lost(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    with bucket() as away:
        url = away.url.format("away")
    with bucket() as there, school(app) as (client, address):
        app.config["POPSCHOOL"] = replace(app.config["POPSCHOOL"], storage_url=url)
        answer = client.post(address, data=upload(1000))
        check_given_back(answer)
        assert "Les fichiers sont à choisir de nouveau." in shown(answer)
        assert "storage" in unsound(app)
        app.config["POPSCHOOL"] = replace(app.config["POPSCHOOL"], storage_url=there.url.format("away"))
        assert client.post(address, data=upload(1000)).status_code == 302
        assert "storage" not in unsound(app)
