"""Somebody added on the spot was known already: both records count as one, and nothing that was said is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from popschool import clock
from popschool.attendance import (
    ledger,
    services,
    services_holding,
    services_marks,
    services_own,
    services_reading,
    services_sheets,
    summaries,
    words,
)
from popschool.attendance.models import Entry, EntryContent, PresenceDay
from popschool.attendance.rules import Absence, Mark, Method, State, monday_of
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.attendance.services_merging import AlreadyMerged, OtherWayRound, RecordInUse, SameRecord, merge
from popschool.auth import services_account
from popschool.auth.models import Account
from popschool.auth.rules import Role
from popschool.db import Base, db, transaction
from popschool.projects.models import Draft
from popschool.schools import people, places
from popschool.schools.models import PersonMerge
from tests.factories import (
    add,
    make_assignment,
    make_cohort,
    make_enrolment,
    make_half_day,
    make_learner,
    make_manager,
    make_role,
    make_trainer,
    save,
)

BUTTON = Act(Method.BUTTON, "Je participe à la séance.", "1-fr")
REASON = "Ajout sur place : c'est la même personne."


@pytest.fixture
def morning(app, now):
    """A learner is signed in under another record, added on the spot; nobody else is on the list."""
    cohort = make_cohort()
    trainer, known, manager = make_trainer(cohort), make_learner(cohort), make_manager(cohort.school)
    walk_in = people.new_person("Amina", "Test", now=now, learner_number="V00000001", home_school_id=cohort.school_id)
    half_day = make_half_day(cohort, trainer)
    save()
    services.open_half_day(half_day, trainer.id, now)
    services_marks.add_walk_in(half_day, walk_in, trainer, now)
    services.sign(half_day, walk_in, BUTTON, now)
    return half_day, trainer, manager, walk_in, known


def line(half_day, person):
    return services_own.line_of(half_day, person.id)


def test_a_signature_counts_for_the_person_who_stays_with_its_hour_and_way(morning, now):
    half_day, trainer, manager, walk_in, known = morning
    before = db.session.scalars(select(Entry.hash).order_by(Entry.id)).all()

    merge(walk_in, known, manager, REASON, now + timedelta(hours=1))
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)

    signature = line(half_day, known).signature
    assert (signature.at, signature.method, signature.by_id) == (now, "button", manager.id)
    assert db.session.get_one(EntryContent, signature.id).content["reason"] == REASON
    assert line(half_day, known).standing.state is State.PRESENT
    assert line(half_day, walk_in).standing.state is State.DISPENSED
    assert db.session.scalars(select(Entry.hash).order_by(Entry.id)).all()[: len(before)] == before
    assert ledger.verify() is None
    assert db.session.scalars(select(PresenceDay.attended)).all() == [210]
    assert list(summaries.differences()) == []
    [listed] = services_reading.lists_of([half_day])
    assert [one.person.id for one in listed.signed] == [known.id]


def test_an_absence_noted_meanwhile_is_corrected_by_what_was_true(morning, now):
    half_day, trainer, manager, walk_in, known = morning
    services_marks.mark(half_day, known, Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, now)
    services_marks.mark(half_day, walk_in, Said(Mark.PARTIAL, Absence.UNJUSTIFIED, late_minutes=20), trainer, now)

    merge(walk_in, known, manager, REASON, now)
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)

    standing = line(half_day, known).standing
    assert (standing.state, standing.attended, standing.unjustified) == (State.PARTIAL, 190, 20)
    assert [entry.kind for entry in line(half_day, known).entries] == ["mark", "signature", "mark"]
    assert ledger.verify() is None


def test_somebody_marked_absent_who_had_signed_elsewhere_was_there(morning, now):
    half_day, trainer, manager, walk_in, known = morning
    services_marks.mark(half_day, known, Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, now)

    merge(walk_in, known, manager, REASON, now)

    [listed] = services_reading.lists_of([half_day])
    assert listed.waiting == []
    assert line(half_day, known).mark.facts == {"mark": "present"}


def test_only_a_record_of_a_walk_in_is_merged_and_once(morning, now):
    half_day, trainer, manager, walk_in, known = morning
    for first, refusal in ((walk_in, SameRecord), (known, OtherWayRound)):
        with pytest.raises(refusal):
            merge(first, walk_in, manager, REASON, now)
    merge(walk_in, known, manager, REASON, now)
    with pytest.raises(AlreadyMerged):
        merge(walk_in, known, manager, REASON, now)
    other = people.new_person("Autre", "Test", now=now, learner_number="V00000002", home_school_id=half_day.school_id)
    with pytest.raises(AlreadyMerged):
        merge(other, walk_in, manager, REASON, now)
    assert len(db.session.scalars(select(PersonMerge)).all()) == 1


def test_a_place_given_to_the_new_record_meanwhile_passes_too(morning, now):
    half_day, trainer, manager, walk_in, known = morning
    other = make_cohort(half_day.cohort.school)
    for cohort in (half_day.cohort, other):
        places.enrol(walk_in, cohort, cohort.starts_on, cohort.ends_on, manager.id, now)
    services_account.set_password(walk_in, "une phrase longue pour les essais", now)
    people.edit_person(walk_in, "Amina", "Test", "amina@example.org", None, "V00000001", manager.id, now)
    people.edit_person(known, known.first_name, known.last_name, None, None, "K00000001", manager.id, now)

    merge(walk_in, known, manager, REASON, now)
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)

    kept = {one.cohort_id: (one.starts_on, one.last_day) for one in people.enrolments_of(known.id)}
    assert kept == {one.id: (one.starts_on, one.ends_on) for one in (half_day.cohort, other)}
    assert all(one.last_day < one.starts_on for one in people.enrolments_of(walk_in.id))
    assert (known.mail, walk_in.mail) == ("amina@example.org", None)
    assert db.session.get_one(Account, walk_in.id).closed_at == now
    assert line(half_day, known).standing.state is State.PRESENT
    assert list(summaries.differences()) == []
    assert ledger.verify() is None


def test_work_and_papers_do_not_pass_and_are_named(morning, now, client, log_in):
    half_day, _trainer, manager, walk_in, known = morning
    places.enrol(walk_in, half_day.cohort, half_day.cohort.starts_on, half_day.cohort.ends_on, manager.id, now)
    deliverable = make_assignment(half_day.cohort).deliverables[0]
    own = {"school_id": half_day.school_id, "person_id": walk_in.id, "deliverable_id": deliverable.id}
    add(Draft(**own, text="Ici", updated_at=now))
    save()
    before = db.session.scalars(select(Entry.hash)).all()

    with pytest.raises(RecordInUse) as refused:
        merge(walk_in, known, manager, REASON, now)
    log_in(manager)
    page = client.get(f"/people/{walk_in.id}/same-as").text

    assert refused.value.tables == ("draft",)
    assert "un travail commencé ou envoyé" in page
    assert db.session.scalars(select(Entry.hash)).all() == before
    assert people.enrolments_of(walk_in.id)[0].left_on is None


def test_what_a_record_may_hold_has_words_or_is_passed(app):
    """A table that is added later is refused in general words until somebody decides what becomes of its rows."""
    known = words.HELD.keys() | services_holding.PASSED
    asked = {table.name for table in Base.metadata.sorted_tables if "person_id" in table.c or "enrolment_id" in table.c}

    assert words.HELD.keys() <= asked
    assert {"submission_owner", "award", "document", "enrolment_funding"} <= known


def test_a_closed_week_keeps_its_sheet_and_an_amendment_says_what_changed(morning, now):
    half_day, trainer, manager, walk_in, known = morning
    services_marks.mark(half_day, known, Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, now)
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)
    monday, later = monday_of(half_day.on), now + timedelta(days=7)
    sheet = services_sheets.close_week(half_day.cohort, monday, manager, later)
    sealed = (sheet.hash, dict(sheet.content.content))

    done = merge(walk_in, known, manager, REASON, later)
    other = make_manager(half_day.cohort.school)
    amended = services_sheets.amend_week(half_day.cohort, monday, other, "Deux fiches réunies.", later)

    assert done.weeks_closed == (monday,)
    db.session.refresh(sheet)
    assert (sheet.hash, sheet.content.content) == sealed
    assert amended.version == 2
    assert ledger.verify() is None


def test_a_merge_is_never_undone_in_the_database(morning, now):
    _half_day, _trainer, manager, walk_in, known = morning
    merge(walk_in, known, manager, REASON, now)

    with pytest.raises(DBAPIError), transaction():
        db.session.execute(delete(PersonMerge))


def test_the_head_of_the_school_merges_from_the_half_day_and_both_files_say_so(morning, client, log_in, now):
    half_day, trainer, manager, walk_in, known = morning
    clock.freeze(now)
    mark, address = f"/half-days/{half_day.id}/people/{walk_in.id}", f"/people/{walk_in.id}/same-as"
    log_in(trainer)
    assert address not in client.get(mark).text
    assert client.post(address, data={"person": known.id}).status_code == 403
    log_in(manager)
    assert address in client.get(mark).text
    assert known.name in client.get(address, query_string={"name": known.first_name}).text

    answer = client.post(address, data={"person": known.id}, follow_redirects=True)

    assert "comptent maintenant pour" in answer.text
    assert walk_in.name in answer.text
    assert known.name in client.get(f"/people/{walk_in.id}").text
    assert people.find_people(walk_in.first_name, None, frozenset(), 0, 9)[0] == []
    assert client.post(address, data={"person": known.id}).text.count("déjà réunie") >= 1


def test_nobody_gives_a_way_in_to_somebody_above_them_by_merging_a_record_of_their_own_into_theirs(
    morning, client, log_in, now
):
    _half_day, _trainer, manager, walk_in, known = morning
    make_role(known, Role.AUTHOR)
    walk_in.phone, before = "+33639980099", (known.mail, known.phone)
    save()
    log_in(manager)

    page = client.post(f"/people/{walk_in.id}/same-as", data={"person": known.id}).text

    assert "un rôle que vous ne donnez pas" in page
    assert (known.mail, known.phone) == before
    assert walk_in.phone == "+33639980099"


@pytest.mark.parametrize("whose", ["merged", "kept"])
def test_who_learns_at_another_school_too_is_merged_by_the_network_alone(morning, client, log_in, now, whose):
    _half_day, _trainer, manager, walk_in, known = morning
    make_enrolment({"merged": walk_in, "kept": known}[whose], make_cohort())
    save()
    log_in(manager)

    client.post(f"/people/{walk_in.id}/same-as", data={"person": known.id})

    assert db.session.get(PersonMerge, walk_in.id) is None
