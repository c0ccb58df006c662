"""A learner's repository: pinned to the commit it stood at, and never a way into our own network."""

import functools
import http.server
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock, outbound
from popschool.db import db
from popschool.projects.models import Submission
from popschool.projects.services_drafts import draft_of, find_commit, save_draft
from tests.conftest import NOW
from tests.courses.repositories import Repository, git
from tests.factories import make_assignment, make_cohort, make_deliverable, make_learner, save
from tests.shown import field, shown


@pytest.fixture
def deliverable(app):
    found = make_deliverable(make_assignment(make_cohort()), asks=["repository"], key="depot")
    save()
    return found


@pytest.fixture
def learner(deliverable, log_in):
    return log_in(make_learner(deliverable.assignment.cohort))


class Forge:
    """A real repository, served over HTTP from this machine, that remembers what it was asked."""

    def __init__(self, folder):
        self.repository = Repository(folder / "menu")
        self.bare = folder / "served" / "menu.git"
        self.asked = []
        self.redirect_to = ""
        self.commit({"index.html": "<h1>Menu</h1>"})
        forge = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                forge.asked.append(self.path)
                if forge.redirect_to:
                    self.send_response(302)
                    self.send_header("Location", forge.redirect_to)
                    self.end_headers()
                    return
                super().do_GET()

            def log_message(self, *arguments):
                pass

        handler = functools.partial(Handler, directory=self.bare.parent)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/menu.git"

    def commit(self, files):
        commit = self.repository.commit(files)
        if not self.bare.exists():
            git(self.repository.folder, "clone", "--quiet", "--bare", ".", str(self.bare))
        git(self.repository.folder, "push", "--quiet", "--force", str(self.bare), "main")
        git(self.bare, "update-server-info")
        return commit

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def forge(tmp_path):
    made = Forge(tmp_path)
    yield made
    made.close()


@pytest.fixture
def inside(app, monkeypatch):
    """An installation for trials, that may call this machine."""
    monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], allow_inside=True))


def hand_in(client, deliverable, url):
    client.post(f"/deliverables/{deliverable.id}/submit", data={"repository": url})
    check = client.get(f"/deliverables/{deliverable.id}/check")
    return client.post(f"/deliverables/{deliverable.id}/check", data={"key": field(check, "key")})


def test_a_version_stays_at_its_commit_whatever_is_pushed_afterwards(client, deliverable, learner, forge, inside):
    first = forge.commit({"index.html": "<h1>Le menu</h1>"})
    hand_in(client, deliverable, forge.url)
    second = forge.commit({"index.html": "<h1>Le menu du jour</h1>"})
    clock.freeze(NOW + timedelta(minutes=5))
    hand_in(client, deliverable, forge.url)

    assert first != second
    commits = db.session.scalars(select(Submission.repository_commit).order_by(Submission.version))
    assert commits.all() == [first, second]


def test_a_push_between_the_check_and_the_sending_is_seen(client, deliverable, learner, forge, inside):
    client.post(f"/deliverables/{deliverable.id}/submit", data={"repository": forge.url})
    check = client.get(f"/deliverables/{deliverable.id}/check")
    last = forge.commit({"index.html": "<h1>Corrigé</h1>"})
    clock.freeze(NOW + timedelta(minutes=5))

    again = client.post(f"/deliverables/{deliverable.id}/check", data={"key": field(check, "key")})

    assert f"au commit {last[:7]}" in shown(again)
    assert db.session.query(Submission).count() == 0
    client.post(f"/deliverables/{deliverable.id}/check", data={"key": field(again, "key")})
    assert db.session.scalars(select(Submission.repository_commit)).one() == last


def test_an_empty_repository_is_said(client, deliverable, learner, tmp_path, inside):
    forge = Forge(tmp_path)
    git(forge.bare, "update-ref", "-d", "refs/heads/main")
    git(forge.bare, "update-server-info")

    answer = client.post(f"/deliverables/{deliverable.id}/submit", data={"repository": forge.url})
    forge.close()

    assert "Ce dépôt est vide." in shown(answer)
    assert draft_of(deliverable.id, learner.id).repository == forge.url


def test_a_repository_that_is_not_there_is_said_and_the_draft_is_kept(client, deliverable, learner, forge, inside):
    answer = client.post(
        f"/deliverables/{deliverable.id}/submit",
        data={"repository": forge.url.replace("menu", "absent"), "note": "Voilà"},
    )

    assert "Ce dépôt ne répond pas." in shown(answer)
    assert draft_of(deliverable.id, learner.id).note == "Voilà"


def test_a_repository_that_sends_elsewhere_is_not_followed(client, deliverable, learner, forge, inside, tmp_path):
    (tmp_path / "other").mkdir()
    secret = Forge(tmp_path / "other")
    forge.redirect_to = secret.url + "/info/refs?service=git-upload-pack"

    answer = client.post(f"/deliverables/{deliverable.id}/submit", data={"repository": forge.url})
    secret.close()

    assert forge.asked != [] and secret.asked == []
    assert "Ce dépôt ne répond pas." in shown(answer)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.4", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1", "100.64.0.1"],
)
def test_a_name_that_leads_inside_is_never_called(client, deliverable, learner, monkeypatch, address):
    monkeypatch.setattr("socket.getaddrinfo", lambda host, port, *asked, **more: [(2, 1, 6, "", (address, port))])
    monkeypatch.setattr("subprocess.Popen", lambda *asked, **more: pytest.fail("git was started"))

    answer = client.post(
        f"/deliverables/{deliverable.id}/submit", data={"repository": "https://depot.example.org/a.git"}
    )

    assert "Ce lien mène à une machine privée" in shown(answer)
    assert draft_of(deliverable.id, learner.id).repository == "https://depot.example.org/a.git"


def test_a_name_that_leads_outside_and_inside_is_never_called(deliverable, learner, monkeypatch):
    found = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *asked, **more: found)
    draft, _ = save_draft(deliverable, learner.id, NOW, repository="https://depot.example.org/a.git")

    with pytest.raises(outbound.AddressInside):
        find_commit(draft, NOW)


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c 'touch /tmp/owned'",
        "file:///etc",
        "/etc",
        "--upload-pack=touch",
        "git@example.org:a.git",
        "ssh://a@b/c",
    ],
)
def test_only_an_address_of_the_web_is_a_learners_repository(client, deliverable, learner, monkeypatch, address):
    monkeypatch.setattr("subprocess.Popen", lambda *asked, **more: pytest.fail("git was started"))

    answer = client.post(f"/deliverables/{deliverable.id}/submit", data={"repository": address})

    assert answer.status_code == 200 and "https://" in shown(answer)
    assert db.session.query(Submission).count() == 0
