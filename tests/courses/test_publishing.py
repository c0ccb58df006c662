"""Pushes heard, sources looked at by a timer, and the pages that tell an author how it went."""

import hashlib
import hmac
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool import clock, jobs
from popschool.courses import services_sources, services_webhooks, sync, tasks
from popschool.courses.models import SyncRun
from popschool.courses.models_authoring import WebhookDelivery
from popschool.db import db
from popschool.jobs import Job
from tests.conftest import NOW
from tests.courses.repositories import Repository, web_course
from tests.factories import make_author, make_learner, make_source, make_trainer, save

PUSH = json.dumps({"ref": "refs/heads/main", "repository": {"default_branch": "main"}}).encode()


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "cours")
    made.commit(web_course())
    return made


@pytest.fixture
def source(app, repository):
    made = make_source(name="web", title="Cours web", url=repository.url, is_local=True)
    db.session.commit()
    return made


@pytest.fixture
def secret(source):
    return services_webhooks.make_secret(source, make_author().id, NOW)


def waiting():
    query = select(Job.arguments).where(Job.task == services_sources.SYNC_TASK, Job.done_at.is_(None))
    return [arguments["reason"] for arguments in db.session.scalars(query)]


def signed(body, secret, header="X-Hub-Signature-256", start="sha256="):
    return {header: start + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


CALLS = {
    "GitHub": lambda body, secret: signed(body, secret) | {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d1"},
    "Gitea": lambda body, secret: (
        signed(body, secret, "X-Gitea-Signature", "") | {"X-Gitea-Event": "push", "X-Gitea-Delivery": "d1"}
    ),
    "GitLab": lambda body, secret: {
        "X-Gitlab-Token": secret, "X-Gitlab-Event": "Push Hook", "X-Gitlab-Event-UUID": "d1"
    },
    "by hand": lambda body, secret: {"X-Popschool-Token": secret},
}  # fmt: skip


@pytest.mark.parametrize("forge", CALLS)
def test_a_push_is_heard_and_read_elsewhere(client, secret, forge):
    answer = client.post("/webhooks/web", data=PUSH, headers=CALLS[forge](PUSH, secret))

    assert (answer.status_code, answer.json) == (202, {"status": "asked"})
    assert waiting() == ["push"]


@pytest.mark.parametrize("forge", CALLS)
def test_a_call_repeated_does_nothing_more(client, secret, forge):
    headers = CALLS[forge](PUSH, secret)
    client.post("/webhooks/web", data=PUSH, headers=headers)
    db.session.execute(Job.__table__.delete())
    db.session.commit()

    again = client.post("/webhooks/web", data=PUSH, headers=headers)

    assert (again.status_code, again.json) == (200, {"status": "seen"})
    assert waiting() == []
    assert db.session.scalar(select(func.count()).select_from(WebhookDelivery)) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "sha256=é"},
        {"X-Gitlab-Token": "autre"},
        {"X-Gitlab-Token": ""},
        {"X-Gitea-Signature": ""},
    ],
)
def test_a_call_that_is_not_signed_is_refused(client, secret, headers):
    answer = client.post("/webhooks/web", data=PUSH, headers=headers)

    assert (answer.status_code, answer.json) == (403, {"status": "refused"})
    assert waiting() == []
    assert db.session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0


def test_a_signature_covers_the_bytes_that_were_sent(client, secret):
    headers = signed(PUSH, secret)

    assert client.post("/webhooks/web", data=PUSH + b" ", headers=headers).status_code == 403


def test_a_source_that_is_not_there_answers_as_a_wrong_signature(client, secret, source):
    make_source(name="sans-secret")
    save()
    answers = [
        client.post(f"/webhooks/{name}", data=PUSH, headers=signed(PUSH, key))
        for name, key in (("absente", secret), ("sans-secret", ""), ("web", "faux"))
    ]

    assert {(answer.status_code, answer.text) for answer in answers} == {(403, answers[0].text)}


def test_the_old_secret_stops_when_a_new_one_is_made(client, secret, source):
    fresh = services_webhooks.make_secret(source, make_author().id, NOW)

    assert client.post("/webhooks/web", data=PUSH, headers=signed(PUSH, secret)).status_code == 403
    assert client.post("/webhooks/web", data=PUSH, headers=signed(PUSH, fresh)).status_code == 202


@pytest.mark.parametrize(
    ("branch", "told", "expected"),
    [
        ("", {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}, "asked"),
        ("", {"ref": "refs/heads/essai", "repository": {"default_branch": "main"}}, "elsewhere"),
        ("", {"ref": "refs/heads/essai", "project": {"default_branch": "main"}}, "elsewhere"),
        ("cours", {"ref": "refs/heads/cours", "repository": {"default_branch": "main"}}, "asked"),
        ("cours", {"ref": "refs/heads/main", "repository": {"default_branch": "main"}}, "elsewhere"),
        ("", {"ref": 3, "repository": []}, "asked"),
        ("", ["rien"], "asked"),
        ("cours", {}, "asked"),
    ],
)
def test_only_a_push_to_the_branch_of_the_course_counts(client, source, secret, branch, told, expected):
    source.branch = branch
    save()
    body = json.dumps(told).encode()

    answer = client.post("/webhooks/web", data=body, headers=signed(body, secret))

    assert answer.json == {"status": expected}
    assert waiting() == (["push"] if expected == "asked" else [])


def test_what_is_no_push_is_left_alone(client, secret):
    for event in ("ping", "issues"):
        answer = client.post("/webhooks/web", data=b"{}", headers=signed(b"{}", secret) | {"X-GitHub-Event": event})
        assert (answer.status_code, answer.json) == (200, {"status": "elsewhere"})


def test_pushes_close_together_are_read_once(client, secret):
    for number in range(5):
        headers = signed(PUSH, secret) | {"X-GitHub-Delivery": f"d{number}"}
        assert client.post("/webhooks/web", data=PUSH, headers=headers).status_code == 202

    assert waiting() == ["push"]


def test_a_huge_body_is_refused_unread(client, secret):
    body = b" " * 6_000_000

    assert client.post("/webhooks/web", data=body, headers=signed(body, secret)).status_code == 413


def test_old_deliveries_are_forgotten(client, secret, source):
    client.post("/webhooks/web", data=PUSH, headers=signed(PUSH, secret))

    services_webhooks.forget_deliveries(NOW + timedelta(days=100))

    assert db.session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0


def test_an_author_makes_the_secret_and_finds_it_again(client, log_in, source):
    log_in(make_author())
    assert "Faire le secret" in client.get("/sources/web/webhook").text

    shown = client.post("/sources/web/webhook", follow_redirects=True).text

    secret = services_webhooks.secret_of(source)
    assert secret in shown and "/webhooks/web" in shown
    assert secret in client.get("/sources/web/webhook").text
    assert secret not in source.webhook_secret_encrypted


@pytest.mark.parametrize("make", [make_trainer, make_learner])
def test_others_never_see_the_secret(client, log_in, secret, make):
    log_in(make())

    assert client.get("/sources/web/webhook").status_code == 403


# the timer


def looked(source):
    tasks.look_at_sources()
    found = db.session.scalars(select(Job).where(Job.task == tasks.LOOK_TASK, Job.done_at.is_(None))).all()
    for job in found:
        tasks.look_at_source(**job.arguments)
        job.done_at = clock.now()
    db.session.commit()
    return len(found)


def test_a_source_is_looked_at_in_its_time_and_read_when_it_has_moved(source, repository):
    sync.synchronise(source, NOW)
    assert looked(source) == 1
    assert waiting() == []

    repository.commit({"web/p01/01-html.md": "# Autre\n"})
    clock.freeze(NOW + timedelta(minutes=10))
    assert looked(source) == 0
    clock.freeze(NOW + timedelta(minutes=15))
    assert looked(source) == 1

    assert waiting() == ["timer"]


def test_a_refused_commit_is_not_read_again_and_again(source, repository):
    repository.commit({"web/p01/projet.md": "rien"})
    sync.synchronise(source, NOW)

    assert looked(source) == 1
    assert waiting() == []


def test_a_source_that_falls_silent_is_said_once(source, tmp_path):
    sync.synchronise(source, NOW)
    source.url = str(tmp_path / "absent")
    save()

    looked(source)
    assert waiting() == ["timer"]
    db.session.execute(Job.__table__.delete())
    db.session.commit()
    sync.synchronise(source, NOW, reason="timer")
    clock.freeze(NOW + timedelta(minutes=20))
    looked(source)

    assert waiting() == []


def test_a_source_may_be_left_to_pushes_alone(source):
    services_sources.set_check_minutes(source, 0, make_author().id, NOW)

    assert looked(source) == 0


def test_the_timer_is_declared():
    assert jobs.RECURRING["courses.look_at_sources"].every == timedelta(minutes=5)


# the pages that tell how it went


def test_each_sync_is_kept_with_its_steps_its_times_and_its_log(client, log_in, source, repository):
    sync.synchronise(source, NOW, reason="push")
    repository.commit({"web/p01/projet.md": "rien"}, "Tout effacer")
    sync.synchronise(source, NOW + timedelta(minutes=5))
    log_in(make_author())

    listed = client.get("/sources/web/runs").text
    first, second = db.session.scalars(select(SyncRun.id).order_by(SyncRun.id))
    good, bad = (client.get(f"/sources/web/runs/{run_id}").text for run_id in (first, second))

    assert f"/sources/web/runs/{first}" in listed and f"/sources/web/runs/{second}" in listed
    assert "publié" in listed and "refusé" in listed
    assert "Version 1 en ligne. Pages changées\u00a0: 3." in good and "Demandée par un push." in good
    for step in ("Récupérer", "Lister", "Lire", "Contrôler", "Préparer", "Publier"):
        assert f"<b>{step}</b>" in good
    assert "Tout effacer" in bad and "pas fait" in bad
    assert "web/p01/projet.md, ligne 1" in bad


def test_a_sync_under_way_says_how_far_it_has_come(client, log_in, source):
    steps = [{"name": "fetch", "seconds": 0.4, "count": 1}, {"name": "render", "seconds": 0, "count": 120, "of": 400}]
    db.session.add(
        SyncRun(source_id=source.id, started_at=NOW, beat_at=NOW, steps=steps, log=[[0.4, "Commit 1234567"]])
    )
    save()
    log_in(make_author())
    run_id = db.session.scalar(select(SyncRun.id))

    for address in ("/sources/web", f"/sources/web/runs/{run_id}"):
        page = client.get(address).text
        assert re.search(r"«\s*Préparer\s*»\s*:\s*120\s+sur\s+400\.", page)
        assert re.search(rf'href="{address}">Où en est-on maintenant\s*\?', page)


def test_progress_is_written_while_a_sync_runs(source, repository, monkeypatch):
    seen = []
    real = sync.build

    def watched(*arguments):
        seen.append(db.session.scalar(select(SyncRun.steps)))
        return real(*arguments)

    monkeypatch.setattr(sync, "build", watched)
    sync.synchronise(source, NOW)

    assert [step["name"] for step in seen[0]] == ["fetch"]


def test_a_flood_of_problems_is_shown_by_pages_that_stay_light(client, log_in, source, repository):
    repository.commit({"web/p01/02.md": "# A\n\n" + "[mort](absent.md)\n\n" * 1300})
    outcome = sync.synchronise(source, NOW)
    log_in(make_author())

    page = client.get("/sources/web", headers={"Accept-Encoding": "gzip"})
    second = client.get("/sources/web?page=2").text

    assert len(outcome.problems) == 1001
    assert "300 autres problèmes" in outcome.problems[-1]["message"]
    assert len(page.data) < 16_000
    assert "web/p01/02.md, ligne 53" in second and "web/p01/02.md, ligne 3<" not in second


def test_a_run_of_another_source_is_not_there(client, log_in, source):
    sync.synchronise(source, NOW)
    make_source(name="autre")
    save()
    log_in(make_author())

    assert client.get(f"/sources/autre/runs/{db.session.scalar(select(SyncRun.id))}").status_code == 404


@pytest.mark.parametrize("address", ["/sources/web/runs", "/sources/web/runs/1"])
@pytest.mark.parametrize("make", [make_learner, make_trainer])
def test_runs_are_for_authors(client, log_in, source, make, address):
    sync.synchronise(source, NOW)
    log_in(make())

    assert client.get(address).status_code == 403


def test_an_author_chooses_how_often_a_source_is_looked_at(client, log_in, source):
    log_in(make_author())

    client.post("/sources/web/interval", data={"minutes": "60"})
    assert source.check_minutes == 60
    client.post("/sources/web/interval", data={"minutes": "7"})
    assert source.check_minutes == 60


def test_the_pages_of_syncs_cost_few_queries(client, log_in, source, queries):
    for minute in range(30):
        sync.synchronise(source, NOW + timedelta(minutes=minute))
    log_in(make_author())
    client.get("/sources/web/runs")

    for address in ("/sources/web/runs", f"/sources/web/runs/{db.session.scalar(select(SyncRun.id))}", "/sources/web"):
        with queries() as seen:
            assert client.get(address).status_code == 200
        assert len(seen) <= 9
