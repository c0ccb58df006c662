"""What goes of people when its time is over or when they ask, and what never moves: chains and totals."""

import random
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from popschool import audit, clock, jobs, storage
from popschool.attendance import ledger, verification
from popschool.attendance.models import Entry, EntryContent, PresenceDay
from popschool.attendance.models_sheets import SheetContent, SheetPaper
from popschool.audit import AuditEntry
from popschool.auth import services_decisions
from popschool.auth.actors import read_actor
from popschool.auth.models import Account
from popschool.completion.services_report import yearly_sheet
from popschool.db import db, transaction
from popschool.messages.models import Notice
from popschool.portal import removing, services_barriers, services_requests, services_retention
from popschool.portal.models import Barrier
from popschool.portal.models_retention import RetentionRemoval, RetentionRun
from popschool.portal.rules_retention import Kept, StillHere
from popschool.projects.models import Submission
from popschool.reports import services_public
from popschool.schools import contact_notes
from popschool.schools.models import Accommodation, ContactNote, Enrolment, Person
from tests.attendance.weeks import MONDAY, SICK, make_week, paper_of
from tests.auth.hands import run_jobs
from tests.factories import TODAY, make_assignment, make_deliverable, make_manager, make_submission, save

YEAR = (date(2027, 1, 1), date(2027, 12, 31))
FAR = date(2041, 1, 2)
NIGHT = "popschool.portal.tasks:keep_no_longer"


@pytest.fixture
def week(app):
    """A sealed week of three learners, one of whom was ill; the first has handed a file in."""
    week = make_week()
    week.mark(week.half_days[0], week.people[1], SICK)
    week.finish()
    week.sheet = week.close()
    paper_of(week.sheet)
    return week


@pytest.fixture
def work(week):
    return hand_in(week.cohort, week.people[0])


def hand_in(cohort, *people, text="Ma page parle de moi."):
    kept = storage.put(b"un dessin de " + people[0].name.encode())
    file = {"hash": kept.hash, "name": "moi.png", "size": 9, "media_type": "image/png"}
    made = make_submission(make_deliverable(make_assignment(cohort)), owners=list(people), text=text, files=[file])
    save()
    return made


def end_places(day=TODAY):
    db.session.execute(update(Enrolment).values(left_on=day))
    db.session.commit()


def run(day, now):
    counts = services_retention.run(now, day)
    db.session.expire_all()
    return counts


def totals(week):
    """Return what funders and the public are told, and what it is made of: numbers alone."""
    db.session.expire_all()
    sheet = yearly_sheet([week.cohort.school_id], *YEAR)
    days = [
        (day.enrolment_id, day.on, day.planned, day.attended, day.justified, day.unjustified, day.missing)
        for day in db.session.scalars(select(PresenceDay).order_by(PresenceDay.enrolment_id, PresenceDay.on))
    ]
    unsorted = {frame: len(names) for frame, names in sheet.unsorted.items()}
    return days, replace(sheet, unsorted=unsorted), services_public.figures(2027, FAR)


def is_sound():
    return verification.verify_everything(ledger.Checked()) is None and audit.verify(audit.Checked()) is None


@pytest.mark.parametrize("seed", range(4))
def test_totals_are_the_same_whoever_and_whatever_goes(week, now, seed):
    end_places()
    before, chance = totals(week), random.Random(seed)
    for person in week.people:
        for kept in chance.sample(list(Kept), chance.randint(1, len(Kept))):
            with transaction():
                removing.remove(db.session.get_one(Person, person.id), kept, "a test", now, FAR)

    assert totals(week) == before
    assert is_sound()


def test_years_later_nothing_says_who_it_was_and_every_total_stays(week, work, client, log_in, now):
    end_places()
    manager_id = make_manager(week.cohort.school).id
    pages = [f"/sheets/{week.sheet.id}", f"/half-days/{week.half_days[0].id}", f"/people/{week.people[0].id}",
             f"/submissions/{work.id}", f"/cohorts/{week.cohort.id}/weeks/{MONDAY}"]  # fmt: skip
    before = totals(week)
    paper, file, work_id = week.sheet.paper.hash, work.files[0].hash, work.id
    people = {person.id: person.name for person in week.people}

    first = run(FAR, now)
    again = run(FAR, now)
    run_jobs()

    assert first == {
        "documents": 0,
        "questionnaires": 0,
        "locked_answers": 0,
        "unused_roles": 0,
        "outside_contacts": 0,
        "sheets": 1,
    } | {str(kept): 3 for kept in Kept}
    assert set(again.values()) == {0}
    assert totals(week) == before
    assert is_sound()
    assert not storage.exists(paper) and not storage.exists(file)
    assert db.session.scalars(select(EntryContent)).all() == []
    assert (db.session.scalars(select(SheetContent)).all(), db.session.scalars(select(SheetPaper)).all()) == ([], [])
    said = db.session.scalars(select(Person).where(Person.id.in_(people))).all()
    assert {person.name for person in said} == {f"Personne n° {person_id}" for person_id in people}
    assert not any(name in everything() for name in people.values())
    assert db.session.get_one(Submission, work_id).text == ""
    assert len(db.session.scalars(select(Entry)).all()) > 6
    log_in(db.session.get_one(Person, manager_id))
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)
    assert [one.counts for one in db.session.scalars(select(RetentionRun).order_by(RetentionRun.id))] == [first, again]


def everything():
    """Return all that the database says, table by table, but the sealed record and what chance named."""
    return str([db.session.execute(table.select()).all() for table in db.metadata.sorted_tables if table.name != "job"])


def test_evidence_waits_for_its_years_and_for_an_answer(week, now):
    end_places()

    counts = run(date(2028, 3, 9), now)
    assert (counts["needs"], counts["account"], counts["evidence"]) == (3, 0, 0)
    assert run(date(2030, 12, 31), now)["evidence"] == 0
    first = week.people[0]
    make_manager(week.cohort.school)
    services_requests.ask_correction(first, "Mon nom a deux n.", now)
    assert run(date(2031, 1, 1), now)["evidence"] == 2
    assert db.session.get_one(Person, first.id).first_name == "Apprenante 01"
    assert is_sound()


def test_an_ordinary_night_looks_at_no_signature(week, now):
    """The signatures of a country are millions: only those of a cohort whose people are all gone are looked for."""
    asked = []

    def hear(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        assert run(TODAY, now)["sheets"] == 0
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert asked and not [one for one in asked if "attendance_content" in one or "FROM attendance_entry" in one]


def test_a_night_that_is_asked_to_end_says_how_far_it_came_and_the_next_worker_does_the_rest(week, now, monkeypatch):
    end_places()
    stop, remove = threading.Event(), services_retention._remove

    def remove_and_be_stopped(*asked):
        removed = remove(*asked)
        if removed:
            stop.set()
        return removed

    def perform():
        while (claimed := jobs.claim(clock.now())).task != NIGHT:
            jobs.perform(claimed)
        stop.clear()
        return jobs.perform(claimed, stop=stop)

    monkeypatch.setattr(services_retention, "_remove", remove_and_be_stopped)
    clock.freeze(datetime(2041, 1, 2, 2, 40, tzinfo=UTC))
    with transaction():
        jobs.enqueue(NIGHT)

    assert not perform()
    assert removals() == 1
    assert not perform()
    assert removals() == 2
    monkeypatch.undo()
    assert perform()

    assert run(FAR, now)["account"] == 0
    told = sum(night.counts.get(kept, 0) for night in services_retention.runs() for kept in Kept)
    assert told == removals() == len(Kept) * len(week.people)
    assert is_sound()


def removals():
    db.session.rollback()  # what other sessions wrote since is seen too
    return db.session.scalar(select(func.count()).select_from(RetentionRemoval))


def test_who_has_a_place_or_a_role_keeps_everything(week, client, log_in, now):
    assert sum(run(TODAY, now).values()) == 0
    with pytest.raises(StillHere):
        services_requests.ask_erasure(week.people[0], now, TODAY)
    with pytest.raises(StillHere):
        services_requests.ask_erasure(week.trainer, now, TODAY)
    log_in(week.trainer)
    assert "abord à votre école" in client.get("/account/data/erasure").text


def test_an_erasure_that_was_asked_and_agreed_keeps_the_evidence_and_says_so(week, work, client, log_in, now):
    person, manager = week.people[0], make_manager(week.cohort.school)
    db.session.add(
        Accommodation(person_id=person.id, school_id=week.cohort.school_id, format="Gros caractères", breaks="",
                      starts_on=TODAY, created_at=now)
    )  # fmt: skip
    contact_notes.write(person, week.cohort.school_id, "Une note.", manager.id, now)
    services_barriers.report(person, "Le bouton ne se voit pas.", "Aujourd'hui", now)
    person.mail = "moi@example.org"
    db.session.execute(update(Enrolment).values(left_on=MONDAY + timedelta(days=1)))
    save()
    clock.freeze(now + timedelta(days=9))
    log_in(person)
    shown = client.get("/account/data/erasure").text
    assert "Mail, téléphone" in shown and "2030" in shown
    assert "Il manque" in client.post("/account/data/erasure", data={}).text
    page = client.post("/account/data/erasure", data={"sure": "y"}).location.split("#")[0]
    log_in(manager)
    assert client.post(page, data={"answer": "confirm"}).status_code == 302
    run_jobs()
    assert db.session.get_one(Account, person.id).closed_at is not None

    run(clock.today(), clock.now())

    person = db.session.get_one(Person, person.id)
    assert (person.mail, person.phone, person.first_name) == (None, None, "Apprenante 01")
    assert db.session.scalars(select(Notice).where(Notice.person_id == person.id)).all() == []
    assert db.session.scalars(select(Accommodation).where(Accommodation.person_id == person.id)).all() == []
    assert db.session.scalars(select(ContactNote)).all() == []
    assert [one.what for one in db.session.scalars(select(Barrier))] == [""]
    assert db.session.get_one(Submission, work.id).text == "Ma page parle de moi."
    gone = db.session.execute(select(RetentionRemoval.kept, RetentionRemoval.rule)).all()
    assert {tuple(row) for row in gone} == {("needs", "needs: asked"), ("account", "account: asked")}
    acts = db.session.scalars(select(AuditEntry.action)).all()
    assert {"propose", "confirm_proposal", "account.closed", "retention.removed"} <= set(acts)
    assert is_sound()


def test_a_correction_is_asked_answered_and_told(week, client, log_in):
    person, manager = week.people[0], make_manager(week.cohort.school)
    log_in(person)

    assert "Il manque" in client.post("/account/data/correction", data={"words": " "}).text
    page = client.post("/account/data/correction", data={"words": "Mon nom a deux n."}).location.split("#")[0]
    log_in(manager)
    assert "Mon nom a deux n." in client.get(page).text
    client.post(page, data={"answer": "confirm", "words": "C'est fait, merci."})
    run_jobs()

    log_in(person)
    assert "C&#39;est fait, merci." in client.get(page).text
    told = db.session.scalars(select(Notice.title).where(Notice.person_id == person.id)).all()
    assert told == ["Votre demande est confirmée"]
    log_in(make_manager())
    assert client.get(page).status_code == 404


def test_the_work_of_a_team_goes_with_the_last_of_its_people(week, now):
    first, second, _ = week.people
    made = hand_in(week.cohort, first, second, text="À deux")
    for person, expected in ((first, "À deux"), (second, "")):
        with transaction():
            removing.remove(person, Kept.WORK, "a test", now, FAR)
        db.session.expire_all()
        assert db.session.get_one(Submission, made.id).text == expected


def test_a_work_may_be_emptied_and_never_changed(work):
    for change in ("text = 'autre'", "version = 9", "text = '', version = 9", "note = 'x'"):
        with pytest.raises(DBAPIError):
            db.session.execute(text(f"UPDATE submission SET {change}"))
        db.session.rollback()
    db.session.execute(text("UPDATE submission SET text = '', note = ''"))
    db.session.commit()
    with pytest.raises(DBAPIError):
        db.session.execute(text("DELETE FROM submission"))
    db.session.rollback()


def test_the_page_of_retention_says_what_went(week, client, log_in, now):
    end_places()
    run(FAR, now)
    log_in(make_manager(week.cohort.school))

    assert "Feuilles d" in client.get("/retention").text
    log_in(week.trainer)
    assert client.get("/retention").status_code == 403


def test_nobody_confirms_what_they_ask_of_their_own_data(week, now):
    manager = make_manager(week.cohort.school)
    asked = services_requests.ask_correction(week.people[0], "Mon nom", now)

    may = [services_decisions.may_confirm(asked, read_actor(one.id, TODAY)) for one in (manager, week.people[0])]

    assert may == [True, False]
    assert not services_decisions.may_confirm(asked, read_actor(week.trainer.id, TODAY))
