"""The API: whoever has a key reads what its owner may see, within its scopes, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.attendance import pins
from popschool.attendance import services as attendance
from popschool.attendance.models import Entry, PresenceDay
from popschool.auth.actors import read_actor
from popschool.auth.models import Account
from popschool.auth.rules import Role, may
from popschool.completion.models_papers import Document
from popschool.db import db
from popschool.portal import rules_api, services_keys
from popschool.portal.api_resources import RESOURCES, Filters, page_of, read_one
from popschool.portal.models import ApiKey
from popschool.portal.rules_api import Scope
from popschool.schools.models import Accommodation, Cohort, Enrolment
from tests.conftest import NOW
from tests.factories import (
    add,
    make_assignment,
    make_award,
    make_cohort,
    make_half_day,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_role,
    make_submission,
    make_trainer,
    save,
)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def trainer(cohort):
    return make_trainer(cohort)


def key_of(person, *scopes, days=90, now=NOW):
    """Make a key, and return the header that shows it."""
    save()
    wanted = scopes or tuple(Scope)
    nonce = f"{person.id}/{','.join(wanted)}/{days}"
    services_keys.make_key(person, "Essai", wanted, tuple(Scope), now + timedelta(days=days), nonce, now)
    return {"Authorization": f"Bearer {services_keys.key_from(nonce)}"}


def numbers(answer):
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json["data"]]


def refused(answer, status):
    """Check that an answer is a problem of this status, said in words, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["title"] and answer.json["detail"]
    return answer.json


# who calls


def test_a_key_reads_what_its_owner_may_see(client, cohort, trainer):
    make_cohort()
    answer = client.get("/api/v1/cohorts", headers=key_of(trainer))

    assert numbers(answer) == [cohort.id]
    assert answer.json["data"][0]["code"] == cohort.code
    assert db.session.scalars(select(ApiKey.last_used_at)).one() == NOW


def test_only_the_hash_of_a_key_is_kept(trainer):
    text = key_of(trainer)["Authorization"].removeprefix("Bearer ")

    kept = db.session.scalars(select(ApiKey)).one()

    assert len(text) > 30
    assert text not in str(vars(kept)) and text[-4:] == kept.hint


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic cG9wOnBvcA==", "Bearer pop_unknown", "é", "Bearer é"]
)
def test_without_a_key_that_opens_nothing_is_read(client, cohort, header):
    for given in ({}, {"Authorization": header}):
        answer = client.get("/api/v1/cohorts", headers=given)
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_that_ended_opens_nothing(client, trainer):
    over = key_of(trainer, Scope.SCHOOLS, days=1)
    stopped = key_of(trainer, Scope.WORK)
    closed = make_trainer(make_cohort())
    of_closed = key_of(closed, Scope.SCHOOLS)
    key = db.session.scalars(select(ApiKey).where(ApiKey.scopes != ["schools:read"])).first()
    services_keys.end_key(key, trainer.id, NOW)
    db.session.get_one(Account, closed.id).closed_at = NOW
    save()

    refused(client.get("/api/v1/me", headers=stopped), 401)
    refused(client.get("/api/v1/me", headers=of_closed), 401)
    assert client.get("/api/v1/me", headers=over).status_code == 200
    clock.freeze(NOW + timedelta(days=1))
    refused(client.get("/api/v1/me", headers=over), 401)


def test_a_key_loses_what_its_owner_loses(client, cohort, trainer):
    header = key_of(trainer)
    assert numbers(client.get("/api/v1/cohorts", headers=header)) == [cohort.id]
    db.session.execute(db.metadata.tables["role_grant"].update().values(ended_at=NOW))
    save()

    assert numbers(client.get("/api/v1/cohorts", headers=header)) == []
    refused(client.get(f"/api/v1/cohorts/{cohort.id}", headers=header), 404)


def test_a_key_opens_its_scopes_alone(client, cohort, trainer):
    header = key_of(trainer, Scope.SCHOOLS)

    assert client.get("/api/v1/cohorts", headers=header).status_code == 200
    said = refused(client.get("/api/v1/enrolments", headers=header), 403)
    assert "enrolments:read" in said["detail"]


def test_a_browser_that_is_signed_in_reads_and_never_writes(client, cohort, trainer, log_in):
    log_in(trainer)

    assert numbers(client.get("/api/v1/cohorts")) == [cohort.id]
    refused(client.post("/api/v1/half-days/1/marks", json={}), 401)


def test_a_key_has_so_many_calls_a_minute(client, trainer, monkeypatch):
    monkeypatch.setattr(rules_api, "MOST_IN_WINDOW", 3)
    header = key_of(trainer, Scope.SCHOOLS)
    other = key_of(trainer, Scope.WORK)

    left = [client.get("/api/v1/me", headers=header).headers["RateLimit-Remaining"] for _ in range(3)]
    answer = client.get("/api/v1/me", headers=header)

    assert left == ["2", "1", "0"]
    refused(answer, 429)
    assert answer.headers["Retry-After"] == "60"
    assert client.get("/api/v1/me", headers=other).status_code == 200
    clock.freeze(NOW + timedelta(minutes=1))
    assert client.get("/api/v1/me", headers=header).status_code == 200


# what is read


def people_of_all_kinds():
    """Three cohorts of two schools with work in them, and everybody who may look."""
    here, away = make_cohort(), make_cohort()
    people = [make_network_manager(), make_manager(here.school), make_manager(away.school)]
    for number, cohort in enumerate((here, make_cohort(here.school), away), 1):
        learner, mate = make_learner(cohort), make_learner(cohort)
        award = make_award(learner)
        make_submission(award.submission.deliverable, [mate])
        half_day = make_half_day(cohort)
        enrolment = db.session.scalars(select(Enrolment).where(Enrolment.person_id == learner.id)).one()
        where = {"school_id": cohort.school_id, "cohort_id": cohort.id, "enrolment_id": enrolment.id}
        minutes = dict.fromkeys(("attended", "justified", "unjustified", "missing"), 0)
        add(PresenceDay(**where, on=half_day.on, planned=210, **minutes))
        add(
            Document(
                **where, person_id=learner.id, kind="end", number=f"N{number}", code=f"C{number}", form=1,
                starts_on=NOW.date(), ends_on=NOW.date(), issued_by_id=people[0].id, issued_at=NOW, sequence=number,
                content_hash="c" * 64, previous_hash="p" * 64, hash=f"{number:064}",
            )
        )  # fmt: skip
        people += [learner, mate, make_trainer(cohort)]
    for role, school in ((Role.AUTHOR, None), (Role.FUNDER, None), (Role.DISABILITY_CONTACT, here.school)):
        people.append(make_person())
        make_role(people[-1], role, school)
    save()
    return people


def place_of(resource, line):
    if not resource.has_one:
        return db.session.get_one(Cohort, line["cohort_id"]).place
    return read_one(resource, line["id"])[1]


def test_a_list_holds_what_the_table_of_permissions_opens_and_nothing_else(app):
    people, counts = people_of_all_kinds(), {}
    for resource in RESOURCES:
        whole, _last = page_of(resource, rules_api.Reach(is_everywhere=True), Filters(), (), 200)
        places = [place_of(resource, line) for line in whole]
        for person in people:
            actor = read_actor(person.id, NOW.date())
            wanted = [line for line, place in zip(whole, places, strict=True) if may(actor, resource.action, place)]
            got, _last = page_of(resource, rules_api.reach(actor, resource.action), Filters(), (), 200)
            assert got == wanted, (resource.name, person.first_name)
            counts.setdefault(resource.name, set()).add(len(got))

    assert all(len(found) > 1 and max(found) >= 2 for found in counts.values()), counts


def test_one_thing_is_answered_as_its_page_would(client, cohort, trainer):
    other, near = make_cohort(), make_cohort(cohort.school)
    header, learner = key_of(trainer), key_of(make_learner(cohort))

    assert client.get(f"/api/v1/cohorts/{cohort.id}", headers=header).json["id"] == cohort.id
    refused(client.get(f"/api/v1/cohorts/{near.id}", headers=header), 403)
    refused(client.get(f"/api/v1/cohorts/{other.id}", headers=header), 404)
    refused(client.get("/api/v1/cohorts/99999", headers=header), 404)
    refused(client.get(f"/api/v1/cohorts/{cohort.id}", headers=learner), 403)
    for narrowed, status in ((near, 403), (other, 404)):
        refused(client.get(f"/api/v1/half-days?cohort={narrowed.id}", headers=header), status)
        refused(client.get(f"/api/v1/half-days?cohort={narrowed.id}", headers=learner), 404)
    refused(client.get(f"/api/v1/enrolments?school={other.school_id}", headers=header), 404)


def test_a_learner_reads_their_own_and_nobody_else_s(client, cohort):
    learner, mate = make_learner(cohort), make_learner(cohort)
    deliverable = make_assignment(cohort).deliverables[0]
    own, theirs = make_submission(deliverable, [learner]), make_submission(deliverable, [mate])
    header = key_of(learner)

    listed = client.get(f"/api/v1/submissions?cohort={cohort.id}", headers=header)

    assert numbers(listed) == [own.id]
    assert listed.json["data"][0]["owners"] == [learner.id]
    assert listed.json["data"][0]["state"] == "waiting"
    refused(client.get(f"/api/v1/submissions/{theirs.id}", headers=header), 404)
    assert [one["person_id"] for one in client.get("/api/v1/enrolments", headers=header).json["data"]] == [learner.id]


def test_pages_follow_each_other_and_give_each_line_once(client, cohort):
    manager = make_network_manager()
    for _ in range(5):
        make_learner(cohort)
    header, after, seen = key_of(manager), "", []
    for size in (2, 2, 1):
        page = client.get(f"/api/v1/enrolments?limit=2{after}", headers=header)
        assert len(numbers(page)) == size
        seen, after = seen + numbers(page), f"&after={page.json['next']}"

    assert page.json["next"] is None
    assert seen == sorted(set(seen)) and len(seen) == 5


def test_days_of_presence_follow_each_other_too(client, cohort):
    learner, manager = make_learner(cohort), make_network_manager()
    place = db.session.scalars(select(Enrolment).where(Enrolment.person_id == learner.id)).one()
    days = [NOW.date() + timedelta(days=number) for number in range(3)]
    for on in days:
        zeros = dict.fromkeys(("justified", "unjustified", "missing"), 0)
        where = {"enrolment_id": place.id, "school_id": cohort.school_id, "cohort_id": cohort.id}
        add(PresenceDay(**where, on=on, planned=210, attended=200, **zeros))
    header = key_of(manager)

    first = client.get("/api/v1/presence-days?limit=2", headers=header).json
    rest = client.get(f"/api/v1/presence-days?limit=2&after={first['next']}", headers=header).json
    some = client.get(f"/api/v1/presence-days?from={days[1]}&to={days[1]}", headers=header).json
    total = client.get(f"/api/v1/cohorts/{cohort.id}/presence?to={days[1]}", headers=header).json["data"]

    assert [one["on"] for one in first["data"] + rest["data"]] == [str(day) for day in days]
    assert [one["on"] for one in some["data"]] == [str(days[1])]
    assert [(one["person_id"], one["planned"], one["attended"]) for one in total] == [(learner.id, 420, 400)]


@pytest.mark.parametrize(
    "query",
    ["cohrt=1", "cohort=a", "cohort=0", "cohort=-1", "cohort=99999999999", "cohort=1&cohort=2", "limit=0", "limit=201",
     "after=x", "after=WzFd.", "after=W10", "after=WyJhIl0", "cohort=%D9%A1"],
)  # fmt: skip
def test_a_parameter_that_is_not_well_written_is_named(client, trainer, query):
    said = refused(client.get(f"/api/v1/enrolments?{query}", headers=key_of(trainer)), 400)

    assert said["errors"][0]["parameter"] == query.partition("=")[0]


def test_days_are_in_order(client, trainer):
    said = refused(client.get("/api/v1/half-days?from=2027-03-09&to=2027-03-08", headers=key_of(trainer)), 400)

    assert said["errors"] == [{"parameter": "to", "detail": "Le dernier jour vient avant le premier."}]


def test_what_did_not_change_is_not_sent_again(client, cohort, trainer):
    header = key_of(trainer)
    first = client.get("/api/v1/cohorts", headers=header)

    again = client.get("/api/v1/cohorts", headers=header | {"If-None-Match": first.headers["ETag"]})
    db.session.get_one(Cohort, cohort.id).name = "Un autre nom"
    save()
    changed = client.get("/api/v1/cohorts", headers=header | {"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200
    assert {"Authorization", "Cookie"} <= set(first.vary)


def test_a_list_costs_a_few_statements(client, app, queries):
    people = people_of_all_kinds()
    for number, resource in enumerate(RESOURCES, 1):
        header = key_of(people[0], resource.scope, days=number)
        client.get("/api/v1/me", headers=header)
        with queries() as seen:
            assert numbers_or_lines(client.get(f"/api/v1/{resource.name}", headers=header))
        assert len([one for one in seen if not one.startswith("BEGIN")]) <= 5, (resource.name, seen)


def numbers_or_lines(answer):
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


# attendance, in and out


@pytest.fixture
def half_day(cohort, trainer):
    return make_half_day(cohort, trainer)


def a_line(client, half_day, person, header):
    lines = client.get(f"/api/v1/half-days/{half_day.id}/attendance", headers=header).json["data"]
    return next(one for one in lines if one["person_id"] == person.id)


def send(client, half_day, what, header, **body):
    return client.post(f"/api/v1/half-days/{half_day.id}/{what}", json=body, headers=header)


def test_a_terminal_shows_the_sentence_and_lets_a_person_sign(client, cohort, trainer, half_day):
    learner = make_learner(cohort)
    header = key_of(trainer)
    attendance.open_half_day(half_day, trainer.id, NOW)
    line = a_line(client, half_day, learner, header)
    assert learner.name in line["statement"] and not line["has_pin"]
    body = {"person": learner.id, "statement": line["statement"], "key": "terminal-1-0001"}

    answers = [send(client, half_day, "signatures", header, **body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    entry = db.session.scalars(select(Entry)).one()
    assert (entry.id, entry.hash) == (answers[0].json["entry_id"], answers[1].json["hash"])
    assert (entry.method, entry.by_id, entry.content.content["statement"]) == ("tablet", learner.id, line["statement"])
    assert a_line(client, half_day, learner, header)["is_signed"]


def test_a_person_with_a_pin_signs_with_it_alone(client, cohort, trainer, half_day):
    learner = make_learner(cohort)
    header = key_of(trainer)
    attendance.open_half_day(half_day, trainer.id, NOW)
    pins.choose(learner.id, "4821", NOW)
    line = a_line(client, half_day, learner, header)
    body = {"person": learner.id, "statement": line["statement"]}

    wrong = send(client, half_day, "signatures", header, **body, pin="0000", key="terminal-1")
    none = send(client, half_day, "signatures", header, **body, key="terminal-1")
    right = send(client, half_day, "signatures", header, **body, pin="4821", key="terminal-1")

    assert line["has_pin"]
    refused(wrong, 409), refused(none, 409)
    assert right.status_code == 201
    assert db.session.scalars(select(Entry)).one().method == "pin"


def test_a_terminal_is_held_to_the_rules_of_the_pages(client, cohort, trainer, half_day):
    learner, stranger = make_learner(cohort), make_person()
    header = key_of(trainer)
    attendance.open_half_day(half_day, trainer.id, NOW)
    line = a_line(client, half_day, learner, header)
    body = {"person": learner.id, "statement": line["statement"], "key": "terminal-1"}

    for wrong in ({"statement": "Je signe."}, {"person": stranger.id}, {"person": 99_999}):
        refused(send(client, half_day, "signatures", header, **body | wrong), 409)
    assert send(client, half_day, "signatures", header, **body).status_code == 201
    refused(send(client, half_day, "signatures", header, **body | {"key": "terminal-2"}), 409)
    refused(send(client, half_day, "marks", header, person=learner.id, mark="absent", key="terminal-1"), 409)
    early = make_half_day(cohort, trainer, on=NOW.date() + timedelta(days=1))
    refused(send(client, early, "signatures", header, **body | {"key": "terminal-3"}), 409)
    assert len(db.session.scalars(select(Entry)).all()) == 1


def test_a_terminal_marks_an_absence_without_its_motive(client, cohort, trainer, half_day):
    learner = make_learner(cohort)
    given = {"person_id": learner.id, "school_id": cohort.school_id, "starts_on": NOW.date(), "created_at": NOW}
    add(Accommodation(**given, extra_time_percent=33))
    header = key_of(trainer)

    answer = send(client, half_day, "marks", header, person=learner.id, mark="absent", absence="justified", key="a" * 8)
    line = a_line(client, half_day, learner, header)
    late = send(client, half_day, "marks", header, person=learner.id, mark="partial", late_minutes=20, key="b" * 8)

    assert (answer.status_code, late.status_code) == (201, 201)
    assert (line["state"], line["planned"], line["is_signed"]) == ("AJ", 210, False)
    kept = db.session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (kept.facts["late_minutes"], kept.corrects_id, kept.by_id) == (20, answer.json["entry_id"], trainer.id)
    assert not {"code", "motive", "reason", "has_more_time"} & set(line)
    refused(send(client, half_day, "marks", header, person=learner.id, mark="absent", code="AJ-MAL", key="c" * 8), 400)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"person": None}, "/person"),
        ({"person": "1"}, "/person"),
        ({"mark": "sick"}, "/mark"),
        ({"key": "é" * 8}, "/key"),
        ({"made_at": "2027-03-08T09:05:00"}, "/made_at"),
        ({"late_minutes": -1}, "/late_minutes"),
        ({"reason": "x" * 301}, "/reason"),
    ],
)
def test_a_body_that_is_not_well_written_is_named(client, trainer, half_day, body, pointer):
    sound = {"person": 1, "mark": "absent", "key": "k" * 8}
    said = refused(send(client, half_day, "marks", key_of(trainer), **sound | body), 400)

    assert pointer in [error["pointer"] for error in said["errors"]]


def test_a_body_is_json_and_small(client, trainer, half_day):
    header = key_of(trainer)
    address = f"/api/v1/half-days/{half_day.id}/marks"

    refused(client.post(address, data="person=1", headers=header), 415)
    refused(client.post(address, data="{", headers=header, content_type="application/json"), 400)
    refused(client.post(address, data="x" * 30_000, headers=header, content_type="application/json"), 413)
    assert set(refused(client.delete(address, headers=header), 405)) == {"type", "title", "status", "detail"}


def test_only_who_runs_a_half_day_writes_in_it(client, cohort, half_day):
    learner = make_learner(cohort)
    body = {"person": learner.id, "mark": "present", "key": "k" * 8}

    refused(send(client, half_day, "marks", key_of(learner), **body), 403)
    refused(send(client, half_day, "marks", key_of(make_network_manager()), **body), 403)
    refused(send(client, half_day, "marks", key_of(make_trainer(make_cohort())), **body), 404)
    reads = key_of(make_trainer(cohort), Scope.ATTENDANCE)
    assert "attendance:write" in refused(send(client, half_day, "marks", reads, **body), 403)["detail"]
    assert db.session.scalars(select(Entry)).all() == []


def test_completion_is_what_the_page_says(client, cohort, trainer):
    learner = make_learner(cohort)
    place = db.session.scalars(select(Enrolment).where(Enrolment.person_id == learner.id)).one()
    header = key_of(trainer)

    said = client.get(f"/api/v1/enrolments/{place.id}/completion", headers=header)

    assert said.status_code == 200, said.text
    assert (said.json["person_id"], said.json["is_complete"], said.json["exit"]) == (learner.id, False, "running")
    assert {"competences"} <= {line["part"] for line in said.json["lines"]}
    refused(client.get("/api/v1/enrolments/99999/completion", headers=header), 404)
