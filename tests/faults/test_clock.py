"""The server's clock jumps, an hour back or a day ahead: what was acknowledged stays, and nobody is kept out."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from popschool import audit, clock, doctor, jobs
from popschool.audit import AuditEntry, Checked
from popschool.auth.guards import PROVED_AT
from popschool.db import db, transaction
from popschool.jobs import Job
from popschool.projects.models import Submission
from tests.auth.hands import PASSWORD, code_sent_to, later, make_account, totp_at, tries
from tests.conftest import NOW
from tests.factories import make_assignment, make_cohort, make_deliverable, make_learner
from tests.shown import field, shown

BACK, AHEAD = timedelta(hours=-1), timedelta(days=1)
MAIL = "a@ecole.example"


def clock_said(app):
    return next(one for one in doctor.examine(app.config["POPSCHOOL"]) if one.name == "clock")


def is_in(client):
    return client.get("/account").status_code == 200


def come_in(client, **form):
    return client.post("/sign-in/password", data={"handle": MAIL, "password": PASSWORD} | form)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("jump", [BACK, AHEAD], ids=["an hour back", "a day ahead"])
def test_what_was_handed_in_stays_and_the_last_version_is_the_last_that_was_sent(client, log_in, jump):
    cohort = make_cohort()
    deliverable = make_deliverable(make_assignment(cohort), asks=["text"], key="texte")
    learner = make_learner(cohort)
    log_in(learner)
    address = f"/deliverables/{deliverable.id}"

    for word in ("première", "seconde"):
        client.post(f"{address}/submit", data={"text": f"La {word} version."})
        check = client.get(f"{address}/check")
        receipt = client.post(f"{address}/check", data={"key": field(check, "key")}).location
        assert "Votre travail est reçu" in shown(client.get(receipt))
        clock.freeze(NOW + jump)

    kept = db.session.scalars(select(Submission).order_by(Submission.id)).all()
    assert [(one.version, one.text) for one in kept] == [(1, "La première version."), (2, "La seconde version.")]
    assert [one.submitted_at for one in kept] == [NOW, NOW + jump]
    assert "La seconde version." in shown(client.get(f"/submissions/{kept[-1].id}"))


def act(moment: datetime):
    with transaction():
        audit.record("act", None, actor_id=1, school_id=7, now=moment)


def test_the_record_goes_on_in_the_order_of_its_acts(app):
    for moment in (NOW, NOW + BACK, NOW + AHEAD, NOW):
        act(moment)

    lines = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [one.at for one in lines] == [NOW, NOW + BACK, NOW + AHEAD, NOW]
    assert audit.verify(Checked()) is None


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("jump", "stays"), [(BACK, True), (AHEAD, True), (timedelta(days=15), False)])
def test_a_session_stays_and_a_dangerous_act_asks_again(client, jump, stays):
    account = make_account(mail=MAIL)
    come_in(client)
    assert is_in(client)
    clock.freeze(NOW + jump)

    assert is_in(client) is stays
    with client.session_transaction() as session:
        moment = session.get(PROVED_AT, 0)
    assert not 0 <= clock.now().timestamp() - moment < 900
    clock.freeze(NOW)
    assert is_in(client)
    assert account.closed_at is None


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_code_can_be_asked_again_after_the_clock_went_back(client):
    """The one that was asked "in an hour" is no double click, and those before keep nobody out."""
    make_account(mail=MAIL, password=None)
    for _ in range(4):
        client.post("/sign-in", data={"handle": MAIL})
        clock.freeze(clock.now() + timedelta(seconds=11))
    first = code_sent_to(MAIL)
    clock.freeze(NOW + BACK)

    assert client.post("/sign-in", data={"handle": MAIL}).location == "/sign-in/code"

    second = code_sent_to(MAIL)
    assert second != first
    assert client.post("/sign-in/code", data={"code": first}).status_code == 200  # the last one alone opens
    assert client.post("/sign-in/code", data={"code": second}).status_code == 302 and is_in(client)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("jump", [-BACK, AHEAD], ids=["an hour", "a day"])
def test_wrong_tries_of_a_clock_that_was_ahead_keep_nobody_out_once_it_is_right(client, jump):
    make_account(mail=MAIL)
    clock.freeze(NOW + jump)
    for _ in range(11):
        page = come_in(client, password="wrong")
    assert "trop d" in page.text and len(tries()) == 10
    clock.freeze(NOW)

    assert come_in(client).status_code == 302 and is_in(client)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_tries_of_a_machine_that_is_some_minutes_ahead_still_count(client):
    make_account(mail=MAIL)
    with later(minutes=5):
        for _ in range(10):
            come_in(client, password="wrong")

    assert "trop d" in come_in(client).text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_code_of_an_application_opens_again_as_soon_as_the_clock_is_right(client):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    make_account(mail=MAIL, secret=secret)
    for jump in (AHEAD, BACK):
        clock.freeze(NOW + jump)
        come_in(client)
        assert client.post("/sign-in/second", data={"code": totp_at(secret, NOW)}).status_code == 200
    clock.freeze(NOW)
    come_in(client)

    assert client.post("/sign-in/second", data={"code": totp_at(secret, NOW)}).status_code == 302 and is_in(client)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_was_asked_for_while_the_clock_was_ahead_is_done_when_the_jobs_start_again(app):
    clock.freeze(NOW + AHEAD)
    with transaction():
        jobs.enqueue("popschool.jobs:forget_done")
        jobs.enqueue("popschool.jobs:forget_done", run_at=NOW + AHEAD * 3)
    jobs.schedule_recurring(clock.now())
    clock.freeze(NOW)
    with transaction():
        jobs.enqueue("popschool.jobs:forget_done", run_at=NOW + AHEAD)
    assert jobs.claim(NOW) is None

    jobs.schedule_recurring(NOW)

    asked = select(Job.run_at).where(Job.key.is_(None)).order_by(Job.id)
    assert list(db.session.scalars(asked)) == [NOW, NOW, NOW + AHEAD]  # what waits on purpose waits
    nightly = select(Job.run_at).where(Job.key == "every:auth.forget_tries")
    assert db.session.scalar(nightly) < NOW + AHEAD


def test_the_doctor_says_that_the_clock_went_back_or_was_ahead(app, monkeypatch):
    act(NOW + timedelta(seconds=30))
    assert clock_said(app).is_sound  # two machines are never at the same second

    for moment in (NOW + timedelta(hours=1), NOW + AHEAD):
        act(moment)
        found = clock_said(app)
        assert not found.is_sound and f"{moment:%Y-%m-%d %H:%M}" in found.detail and "worker" in found.detail
    clock.freeze(NOW + AHEAD)
    assert clock_said(app).is_sound
    if db.engine.dialect.name == "postgresql":  # a file has no clock of its own
        clock.freeze(None)
        monkeypatch.setattr(clock, "now", lambda: datetime.now(NOW.tzinfo) + AHEAD)
        monkeypatch.setattr(audit, "last_moment", lambda: None)
        monkeypatch.setattr(clock, "is_moved", lambda: False)
        assert "1440 minutes" in clock_said(app).detail
