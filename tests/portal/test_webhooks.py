"""Programs that are told what happens: signed, tried again, given up, and nobody waits for them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from popschool import clock, http_out, jobs
from popschool.attendance import services as attendance
from popschool.attendance.rules import Method
from popschool.attendance.services import Act
from popschool.auth.models import RoleGrant
from popschool.completion import services_papers
from popschool.completion.models_papers import Document
from popschool.db import db, transaction
from popschool.jobs import Job
from popschool.messages.models import Notice
from popschool.portal import rules_webhooks, services_webhooks, tasks
from popschool.portal.models import Delivery, DeliveryTry, Hook
from popschool.portal.rules_webhooks import Event
from popschool.schools.models import Enrolment, School
from tests.conftest import NOW
from tests.factories import (
    add,
    make_assignment,
    make_award,
    make_cohort,
    make_half_day,
    make_learner,
    make_manager,
    make_submission,
    make_trainer,
    save,
)
from tests.portal.receivers import make_certificate, receiving
from tests.processes import SECONDS

BUTTON = Act(Method.BUTTON, "Je participe à la séance.", "1-fr")


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def receiver(app, papers, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(papers[0]))
    monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], allow_inside=True))
    # A machine that does other things too is slow: only what never ends is cut.
    monkeypatch.setattr(tasks.http_out, "post", partial(http_out.post, seconds=SECONDS))
    with receiving(*papers) as here:
        yield here


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def manager(cohort):
    return make_manager(db.session.get_one(School, cohort.school_id))


def hook_for(cohort, manager, url, *events):
    save()
    school = db.session.get_one(School, cohort.school_id)
    return services_webhooks.add_hook(school, url, events or tuple(Event), manager, NOW - timedelta(days=30))


def work(minutes=0):
    """Do every job that is due some minutes from now."""
    clock.freeze(NOW + timedelta(minutes=minutes))
    while (claimed := jobs.claim(clock.now())) is not None:
        assert jobs.perform(claimed), db.session.get(Job, claimed.id).error
    db.session.rollback()  # what the jobs wrote is read anew
    db.session.expire_all()


def deliveries():
    return db.session.scalars(select(Delivery).order_by(Delivery.id)).all()


def test_the_signature_is_the_one_of_the_norm():
    """The example of the Standard Webhooks libraries."""
    at = datetime.fromtimestamp(1614265330, UTC)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    made = rules_webhooks.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_program_is_told_at_once_and_can_check_who_speaks(cohort, manager, receiver):
    hook = hook_for(cohort, manager, receiver.url, Event.SUBMISSION)
    learner = make_learner(cohort)
    submission = make_submission(make_assignment(cohort).deliverables[0], [learner])
    save()

    work()

    [(path, headers, body)] = receiver.calls
    sent = {name.lower(): value for name, value in headers.items()}
    assert path == "/popschool?from=school"
    at = datetime.fromtimestamp(int(sent["webhook-timestamp"]), UTC)
    expected = rules_webhooks.signature(services_webhooks.secret_of(hook), sent["webhook-id"], at, body)
    assert (sent["webhook-signature"], at) == (expected, NOW)
    said = json.loads(body)
    assert (said["type"], said["data"]["id"]) == ("submission.handed_in", submission.id)
    assert (said["data"]["state"], said["data"]["owners"]) == ("waiting", [learner.id])
    [delivery] = deliveries()
    assert (delivery.outcome, delivery.attempts, delivery.tries[0].status) == ("delivered", 1, 200)


def test_every_event_is_heard_where_it_is_written(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url)
    trainer, learner = make_trainer(cohort), make_learner(cohort)
    award = make_award(learner)
    half_day = make_half_day(cohort, trainer, on=NOW.date() - timedelta(days=1))
    save()
    start = half_day.span.starts_at
    attendance.sign(half_day, learner, BUTTON, start + timedelta(minutes=5))
    attendance.countersign(half_day, trainer, BUTTON, half_day.span.ends_at + timedelta(minutes=1))
    make_document(cohort, manager)
    with transaction():
        services_papers.act(db.session.scalars(select(Document)).one(), "revoked", manager.id, NOW, "Une erreur")
    place = db.session.scalars(select(Enrolment).where(Enrolment.person_id == learner.id)).one()
    place.left_on = NOW.date() - timedelta(days=1)
    place.starts_on = NOW.date() - timedelta(days=2)
    save()
    tasks.tell_enrolments()
    tasks.tell_enrolments()

    work(minutes=11)

    told = sorted(json.loads(body)["type"] for _path, _headers, body in receiver.calls)
    seen = {
        Event.SUBMISSION, Event.FEEDBACK, Event.AWARD, Event.HALF_DAY, Event.DOCUMENT, Event.REVOKED, Event.BEGUN,
        Event.ENDED,
    }  # fmt: skip
    assert told == sorted(map(str, seen))
    of_award = next(json.loads(body)["data"] for *_rest, body in receiver.calls if b"award.given" in body)
    assert (of_award["id"], of_award["person_id"], of_award["level"]) == (award.id, learner.id, 2)


def make_document(cohort, by):
    made = Document(
        school_id=cohort.school_id, cohort_id=cohort.id, kind="end", number="N1", code="C1", form=1,
        starts_on=NOW.date(), ends_on=NOW.date(), issued_by_id=by.id, issued_at=NOW, sequence=1, content_hash="c" * 64,
        previous_hash="p" * 64, hash="h" * 64,
    )  # fmt: skip
    add(made)
    save()
    return made


def test_an_answer_that_is_undone_is_never_told(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url, Event.FEEDBACK, Event.AWARD)
    award = make_award(make_learner(cohort))
    save()
    work(minutes=9)
    assert receiver.calls == []
    award.feedback.undone_at = NOW
    save()

    work(minutes=11)

    assert receiver.calls == [] and deliveries() == []


def test_what_is_undone_with_its_transaction_is_never_told(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url)
    deliverable = make_assignment(cohort).deliverables[0]
    learner = make_learner(cohort)
    save()

    with pytest.raises(ZeroDivisionError), transaction():
        make_submission(deliverable, [learner])
        raise ZeroDivisionError
    save()

    work()
    assert receiver.calls == []


def test_another_school_s_and_what_was_not_asked_for_is_not_told(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url, Event.WEEK)
    other = make_cohort()
    hook_for(other, make_manager(db.session.get_one(School, other.school_id)), receiver.url, Event.SUBMISSION)
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()

    work()

    assert receiver.calls == []


def test_an_address_stops_with_the_rights_of_its_owner(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url)
    db.session.execute(update(RoleGrant).where(RoleGrant.person_id == manager.id).values(ended_at=NOW))
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()

    work()

    assert receiver.calls == [] and deliveries() == []


def test_a_program_that_fails_is_tried_later_and_later_then_given_up(cohort, manager, receiver):
    hook = hook_for(cohort, manager, receiver.url, Event.SUBMISSION)
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()
    receiver.status, seen, moment = 500, [], 0
    work()
    while (waiting := deliveries()[0]).next_at is not None:
        seen.append(waiting.next_at - clock.now())
        moment += seen[-1].total_seconds() / 60
        work(minutes=moment - 0.1)
        assert len(receiver.calls) == len(seen)
        work(minutes=moment)

    assert seen == list(rules_webhooks.DELAYS)
    db.session.refresh(hook)
    assert (waiting.outcome, waiting.attempts, hook.is_given_up) == ("failed", len(seen) + 1, True)
    assert len({headers["webhook-id"] for _path, headers, _body in receiver.calls}) == 1
    assert len(db.session.scalars(select(DeliveryTry)).all()) == len(receiver.calls)
    notice = db.session.scalars(select(Notice).where(Notice.person_id == manager.id)).one()
    assert notice.url == f"/hooks/{hook.id}"
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()
    work(minutes=moment + 1)
    assert len(deliveries()) == 1


def test_one_thing_that_is_refused_holds_nothing_else_back(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url, Event.SUBMISSION)
    first, second = (make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)]) for _ in "ab")
    save()
    receiver.status = 400

    work()

    assert len(receiver.calls) == 2
    assert [one.outcome for one in deliveries()] == ["waiting", "waiting"]
    assert {one.subject_id for one in deliveries()} == {first.id, second.id}


def test_a_program_that_is_gone_is_left_alone_and_can_be_started_again(cohort, manager, receiver, client, log_in):
    hook = hook_for(cohort, manager, receiver.url, Event.SUBMISSION)
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()
    receiver.status = 410
    work()
    log_in(manager)
    assert "ne répond plus" in client.get(f"/hooks/{hook.id}").text

    receiver.status = 200
    client.post(f"/hooks/{hook.id}/start")
    work(minutes=1)

    assert [one.outcome for one in deliveries()] == ["delivered"]
    assert "en service" in client.get(f"/schools/{cohort.school_id}/hooks").text


def test_a_program_that_is_away_costs_one_call_whatever_happens(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url, Event.SUBMISSION)
    deliverable = make_assignment(cohort).deliverables[0]
    for _ in range(5):
        make_submission(deliverable, [make_learner(cohort)])
    save()
    receiver.is_away = True

    work()
    make_submission(deliverable, [make_learner(cohort)])
    save()
    work()

    assert len(receiver.calls) == 1
    receiver.is_away = False
    work(minutes=1)
    assert [one.outcome for one in deliveries()] == ["delivered"] * 6


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_a_call_ends_by_itself_however_slowly_it_is_answered(receiver, how):
    setattr(receiver, how, True)

    answer = http_out.post(receiver.url, b"{}", {}, seconds=0.5)

    receiver.over.set()
    assert answer.status == 0 and answer.error


def test_a_call_goes_where_it_was_checked_and_nowhere_else(app, receiver, monkeypatch):
    assert http_out.post(receiver.url, b"{}", {}).status == 200
    receiver.status = 302
    assert http_out.post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.calls) == 2
    assert http_out.post(receiver.url.replace("https", "http"), b"{}", {}).error == "SchemeRefused"
    monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], allow_inside=False))
    assert http_out.post(receiver.url, b"{}", {}).error == "AddressInside"
    assert len(receiver.calls) == 2


def test_a_certificate_that_is_not_trusted_is_refused(receiver, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    answer = http_out.post(receiver.url, b"{}", {})

    assert (answer.status, receiver.calls) == (0, [])
    assert "certificate" in answer.error.lower()


# its pages


def test_a_manager_adds_an_address_and_sees_what_left(cohort, manager, receiver, client, log_in):
    clock.freeze(NOW - timedelta(days=2))
    log_in(manager)
    form = {"url": receiver.url, "events": ["submission.handed_in"]}

    location = client.post(f"/schools/{cohort.school_id}/hooks", data=form).location
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()
    work()
    log_in(manager)  # days later, who is there is asked again

    page = client.get(location).text
    hook = db.session.scalars(select(Hook)).one()
    assert services_webhooks.secret_of(hook) in page and "reçu" in page
    assert services_webhooks.secret_of(hook) not in hook.secret_encrypted
    [delivery] = deliveries()
    client.post(f"/hooks/{hook.id}/sent/{delivery.id}")
    work(minutes=1)
    assert [call[1]["webhook-id"] for call in receiver.calls] == [delivery.message_id] * 2
    client.post(f"/hooks/{hook.id}/stop")
    assert client.post(f"/hooks/{hook.id}/sent/{delivery.id}").status_code == 409
    client.post(f"/hooks/{hook.id}/end")
    assert client.get(f"/schools/{cohort.school_id}/hooks").text.count("localhost") == 0


@pytest.mark.parametrize(
    "wrong",
    [{"url": ""}, {"url": "http://example.org/a"}, {"url": "https://127.0.0.1/a"}, {"url": "https://me:pw@example.org/"},
     {"events": []}, {"events": ["everything"]}],
)  # fmt: skip
def test_an_address_that_is_not_sound_is_refused_with_a_sentence(cohort, manager, client, log_in, wrong):
    log_in(manager)
    form = {"url": "https://93.184.215.14/popschool", "events": ["week.sealed"]} | wrong

    page = client.post(f"/schools/{cohort.school_id}/hooks", data=form)

    assert page.status_code == 200 and "à corriger" in page.text
    assert db.session.scalars(select(Hook)).all() == []


def test_bodies_are_emptied_after_three_months(cohort, manager, receiver):
    hook_for(cohort, manager, receiver.url, Event.SUBMISSION)
    make_submission(make_assignment(cohort).deliverables[0], [make_learner(cohort)])
    save()
    work()

    kept = services_webhooks.forget_bodies(NOW + timedelta(days=89))
    emptied = services_webhooks.forget_bodies(NOW + timedelta(days=91))

    assert (kept, emptied) == (0, 1)
    db.session.expire_all()
    assert [one.body for one in deliveries()] == [""]
