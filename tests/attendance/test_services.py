"""Half-days opened, signed, marked, corrected, countersigned and closed, on a real database."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from popschool.attendance import ledger, rules, services, services_marks, services_sheets, services_weeks, summaries
from popschool.attendance import services_planning as planning
from popschool.attendance import services_reading as reading
from popschool.attendance import services_timetable as timetable
from popschool.attendance.models import (
    ContentRemoval,
    Entry,
    EntryContent,
    Expected,
    HalfDay,
    HalfDayTrainer,
    PresenceDay,
)
from popschool.attendance.models_sheets import Sheet, SheetContent
from popschool.attendance.rules import Absence, Half, Kind, Mark, Method, State, Why
from popschool.attendance.rules_holidays import Holiday
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.db import db, transaction
from popschool.schools.models import Person
from tests.factories import (
    make_cohort,
    make_enrolment,
    make_half_day,
    make_learner,
    make_manager,
    make_person,
    make_school,
    make_trainer,
    save,
)

OPEN = datetime(2027, 3, 8, 8, 5, tzinfo=UTC)
OVER = datetime(2027, 3, 8, 11, 31, tzinfo=UTC)
MONDAY = date(2027, 3, 8)
BUTTON = Act(Method.BUTTON, "Je participe à la séance.", "1-fr")
AWAY = Said(Mark.ABSENT, Absence.UNJUSTIFIED)


@pytest.fixture
def morning(app):
    """A morning with a trainer and three learners."""
    cohort = make_cohort()
    trainer = make_trainer(cohort)
    people = [make_learner(cohort) for _ in range(3)]
    half_day = make_half_day(cohort, trainer)
    save()
    return half_day, trainer, people


def standings(half_day):
    [found] = reading.lists_of([half_day])
    return {line.person.id: line.standing for line in found.lines}


def test_opening_freezes_who_is_expected(morning):
    half_day, trainer, people = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    make_learner(half_day.cohort)
    save()

    services.open_half_day(half_day, trainer.id, OPEN + timedelta(minutes=1))

    assert set(standings(half_day)) == {person.id for person in people}
    assert half_day.opened_at == OPEN


def test_the_list_comes_from_the_places_of_that_day(app):
    cohort = make_cohort()
    here, later, gone, away = (make_person("Apprenante") for _ in range(4))
    make_enrolment(here, cohort)
    make_enrolment(later, cohort, starts_on=MONDAY + timedelta(days=1))
    make_enrolment(gone, cohort, left_on=MONDAY - timedelta(days=1), exit_reason="employment")
    make_enrolment(away, cohort)
    save()
    planning.add_company_period(cohort, away, MONDAY, MONDAY + timedelta(days=4), here.id, OPEN)
    half_day = make_half_day(cohort)
    save()

    services.open_half_day(half_day, None, OPEN)

    assert {key: one.state for key, one in standings(half_day).items()} == {
        here.id: State.NOT_ENTERED,
        away.id: State.COMPANY,
    }


def test_a_move_to_another_group_leaves_the_past_as_it_was(morning):
    half_day, trainer, people = morning
    services.sign(half_day, people[0], BUTTON, OPEN)
    people[0].first_name = "Autre nom"
    enrolment = db.session.scalars(select(Expected.enrolment_id).where(Expected.person_id == people[0].id)).one()
    db.session.execute(text(f"UPDATE enrolment SET left_on = '2027-03-07' WHERE id = {enrolment}"))
    save()

    assert standings(half_day)[people[0].id].is_signed


def test_a_trainer_opens_a_quarter_of_an_hour_before_and_no_sooner(morning):
    half_day, trainer, _ = morning

    with pytest.raises(rules.TooEarly):
        services.open_half_day(half_day, trainer.id, datetime(2027, 3, 8, 7, 44, 59, tzinfo=UTC))
    services.open_half_day(half_day, trainer.id, datetime(2027, 3, 8, 7, 45, tzinfo=UTC))


def test_a_half_day_opens_by_itself_at_its_hour(morning):
    half_day, _, _ = morning

    assert services.open_those_due(datetime(2027, 3, 8, 7, 59, tzinfo=UTC)) == 0
    assert services.open_those_due(datetime(2027, 3, 8, 8, 0, tzinfo=UTC)) == 1
    assert half_day.opened_by_id is None


def test_a_half_day_that_cannot_open_stops_no_other(morning, monkeypatch):
    broken, trainer, _ = morning
    sound = make_half_day(make_cohort(), trainer)
    save()
    opening = services.open_half_day

    def open_unless_broken(half_day, *given):
        if half_day.id == broken.id:
            raise RuntimeError("this one breaks")
        opening(half_day, *given)

    monkeypatch.setattr(services, "open_half_day", open_unless_broken)

    assert services.open_those_due(datetime(2027, 3, 8, 8, 0, tzinfo=UTC)) == 1
    assert (broken.opened_at, sound.opened_at is not None) == (None, True)


def test_signing_twice_is_refused_and_sending_twice_is_once(morning):
    half_day, _, [person, *_] = morning
    act = Act(Method.BUTTON, "Je participe.", "1-fr", key="act-1")
    first = services.sign(half_day, person, act, OPEN)

    assert services.sign(half_day, person, act, OPEN).id == first.id
    with pytest.raises(rules.AlreadySigned):
        services.sign(half_day, person, BUTTON, OPEN)
    assert db.session.query(Entry).count() == 1


def test_nobody_signs_who_is_not_on_the_list(morning):
    half_day, trainer, _ = morning
    stranger = make_learner()
    save()

    with pytest.raises(rules.NotExpected):
        services.sign(half_day, stranger, BUTTON, OPEN)


def test_nobody_signs_during_a_period_in_a_company(morning):
    half_day, trainer, [person, *_] = morning
    planning.add_company_period(half_day.cohort, None, MONDAY, MONDAY, trainer.id, OPEN)

    with pytest.raises(rules.InCompany):
        services.sign(half_day, person, BUTTON, OPEN)


def test_nobody_signs_a_half_day_that_is_cancelled(morning):
    half_day, trainer, [person, *_] = morning
    timetable.cancel_half_day(half_day, "Neige", trainer.id, OPEN)

    with pytest.raises(rules.HalfDayCancelled):
        services.sign(half_day, person, BUTTON, OPEN)


@pytest.mark.parametrize("hours", [25, 24 * 365])
def test_after_the_delay_nobody_signs(morning, hours):
    half_day, _, [person, *_] = morning

    with pytest.raises(rules.SigningClosed):
        services.sign(half_day, person, BUTTON, OVER + timedelta(hours=hours))


def test_what_was_signed_with_no_network_keeps_its_moment(morning):
    half_day, _, [person, *_] = morning
    act = Act(Method.TABLET, "Je participe.", "1-fr", signed_at=OPEN, device_sequence=4, key="device-4")

    entry = services.sign(half_day, person, act, OPEN + timedelta(hours=30))

    assert (entry.at, entry.received_at, entry.device_sequence) == (OPEN, OPEN + timedelta(hours=30), 4)


@pytest.mark.parametrize("method", [Method.BUTTON, Method.CODE, Method.QR])
def test_ones_own_phone_opens_nothing_by_what_it_says_of_the_hour(morning, method):
    half_day, _, [person, other, _third] = morning
    act = Act(method, "Je participe.", "1-fr", signed_at=OPEN)

    with pytest.raises(rules.SigningClosed):
        services.sign(half_day, person, act, OPEN + timedelta(hours=30))
    entry = services.sign(half_day, other, act, OPEN + timedelta(hours=1))

    assert (entry.at, entry.received_at) == (OPEN, OPEN + timedelta(hours=1))


def test_a_device_whose_clock_is_ahead_signs_now(morning):
    half_day, _, [person, *_] = morning
    act = Act(Method.TABLET, "Je participe.", "1-fr", signed_at=OPEN + timedelta(days=1))

    assert services.sign(half_day, person, act, OPEN).at == OPEN


def test_late_people_miss_their_minutes(morning):
    half_day, trainer, [person, *others] = morning
    services.sign(half_day, person, BUTTON, OPEN)
    services_marks.mark(half_day, person, Said(Mark.PARTIAL, Absence.UNJUSTIFIED, late_minutes=25), trainer, OPEN)
    for other in others:
        services_marks.mark(half_day, other, AWAY, trainer, OPEN)
    services.countersign(half_day, trainer, BUTTON, OVER)

    found = standings(half_day)[person.id]
    assert (found.state, found.attended, found.unjustified) == (State.PARTIAL, 185, 25)


def test_a_half_day_is_countersigned_once_it_is_over_and_everybody_is_said(morning):
    half_day, trainer, people = morning
    services.sign(half_day, people[0], BUTTON, OPEN)

    with pytest.raises(rules.NotOverYet):
        services.countersign(half_day, trainer, BUTTON, OPEN)
    with pytest.raises(rules.StatesMissing) as refused:
        services.countersign(half_day, trainer, BUTTON, OVER)
    assert set(refused.value.names) == {person.name for person in people[1:]}


def test_only_those_who_lead_it_countersign(morning):
    half_day, _, _ = morning
    other = make_trainer(half_day.cohort)
    save()

    with pytest.raises(rules.NotTheirHalfDay):
        services.countersign(half_day, other, BUTTON, OVER)


def test_two_trainers_both_sign_before_it_counts(morning):
    half_day, trainer, people = morning
    second = make_trainer(half_day.cohort)
    half_day.trainers.append(HalfDayTrainer(person_id=second.id))
    save()
    finish(half_day, trainer, people)

    assert standings(half_day)[people[0].id].why is Why.COUNTERSIGNATURE_MISSING
    services.countersign(half_day, second, BUTTON, OVER)
    assert standings(half_day)[people[0].id].attended == 210


def test_a_trainer_who_was_replaced_does_not_sign(morning):
    half_day, trainer, people = morning
    second = make_trainer(half_day.cohort)
    save()
    services.open_half_day(half_day, trainer.id, OPEN)
    services_marks.replace_trainer(half_day, trainer.id, second, "Maladie", trainer.id, OPEN)

    with pytest.raises(rules.NotTheirHalfDay):
        finish(half_day, trainer, people)
    services.countersign(half_day, second, BUTTON, OVER)
    assert half_day.countersigned_at == OVER


def test_a_trainer_does_not_sign_two_half_days_of_the_same_hours(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    other = make_half_day(make_cohort(half_day.school), trainer)
    save()
    services.open_half_day(other, trainer.id, OPEN)

    with pytest.raises(rules.HalfDaysOverlap):
        services.countersign(other, trainer, BUTTON, OVER)


def finish(half_day, trainer, people, now=OVER):
    for person in people:
        services.sign(half_day, person, BUTTON, OPEN)
    services.countersign(half_day, trainer, BUTTON, now)


def test_a_correction_after_the_countersignature_needs_a_reason(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    late = Said(Mark.PARTIAL, Absence.JUSTIFIED, early_minutes=30)

    with pytest.raises(rules.ReasonMissing):
        services_marks.mark(half_day, people[0], late, trainer, OVER)
    told = Said(Mark.PARTIAL, Absence.JUSTIFIED, early_minutes=30, reason="Rendez-vous")
    services_marks.mark(half_day, people[0], told, trainer, OVER)
    assert standings(half_day)[people[0].id].justified == 30


def test_after_the_delay_a_second_person_corrects(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    manager = make_manager(half_day.school)
    save()
    late = Said(Mark.PARTIAL, Absence.UNJUSTIFIED, early_minutes=30, reason="Vu après coup")

    with pytest.raises(services_marks.NeedsSecondPerson):
        services_marks.mark(half_day, people[0], late, trainer, OVER + timedelta(days=2))
    services_marks.mark(half_day, people[0], late, manager, OVER + timedelta(days=2))


def test_a_signature_is_corrected_and_stays(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    services_marks.withdraw_signature(half_day, people[0], trainer, "Signé par erreur", OVER)

    assert standings(half_day)[people[0].id].state is State.UNJUSTIFIED
    assert db.session.query(Entry).filter_by(kind="signature", person_id=people[0].id).count() == 1


def test_an_absence_marked_of_somebody_who_had_signed_stays_what_it_was(morning):
    """The absence alone settles nothing; the signature is withdrawn, by a second person once the delay is over."""
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    ill = Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL", reason="Le papier est venu")
    services_marks.mark(half_day, people[0], ill, trainer, OVER)
    assert standings(half_day)[people[0].id].why is Why.SIGNED_BUT_ABSENT

    late = OVER + timedelta(days=2)
    with pytest.raises(services_marks.NeedsSecondPerson):
        services_marks.withdraw_signature(half_day, people[0], trainer, "Signé par erreur", late)
    manager = make_manager(half_day.cohort.school)
    services_marks.withdraw_signature(half_day, people[0], manager, "Signé par erreur", late)

    assert standings(half_day)[people[0].id].state is State.JUSTIFIED
    assert ledger.verify() is None


def test_a_walk_in_signs_and_counts_once_enrolled(morning):
    half_day, trainer, _ = morning
    person = make_person("Apprenante")
    save()
    services.open_half_day(half_day, trainer.id, OPEN)
    services_marks.add_walk_in(half_day, person, trainer, OPEN)
    services_marks.add_walk_in(half_day, person, trainer, OPEN)
    services.sign(half_day, person, BUTTON, OPEN)
    assert db.session.query(PresenceDay).count() == 3

    make_enrolment(person, half_day.cohort)
    save()
    with transaction():
        summaries.refresh([half_day])
    db.session.commit()

    assert db.session.query(PresenceDay).count() == 4


def test_many_signatures_of_one_device_are_shown(morning):
    half_day, _, people = morning
    for place, person in enumerate(people):
        act = Act(Method.BUTTON, "Je participe.", "1-fr", device="phone" if place < 2 else "other")
        services.sign(half_day, person, act, OPEN + timedelta(seconds=place))

    [found] = reading.lists_of([half_day], with_content=True)
    groups = reading.same_device([entry for line in found.lines for entry in line.entries])

    assert [{entry.person_id for entry in group} for group in groups] == [{people[0].id, people[1].id}]


def test_a_week_reads_each_line_as_its_half_day_does(morning):
    """Whatever was signed, marked and corrected; a person who is not on a list has no line there."""
    half_day, trainer, people = morning
    afternoon = make_half_day(half_day.cohort, trainer, half=Half.AFTERNOON, starts=time(13, 30), ends=time(17))
    save()
    for person in people[:2]:
        services.sign(half_day, person, BUTTON, OPEN)
    first = services_marks.mark(half_day, people[1], Said(Mark.PARTIAL, Absence.JUSTIFIED, 20), trainer, OPEN)
    services_marks.mark(half_day, people[2], AWAY, trainer, OPEN)
    services.countersign(half_day, trainer, BUTTON, OVER)
    later = make_learner(half_day.cohort)
    save()
    services.open_half_day(afternoon, trainer.id, OVER + timedelta(hours=1))

    week = services_weeks.grid_of([half_day, afternoon])

    assert first.kind == Kind.MARK
    for found, alone in zip(week.lists, reading.lists_of([half_day, afternoon]), strict=True):
        told = [(line.person.name, line.standing, line.mark and line.mark.id) for line in alone.lines]
        assert [(line.person.name, line.standing, line.mark and line.mark.id) for line in found.lines] == told
        assert found.countersignatures.keys() == alone.countersignatures.keys()
    [[before, line]] = [lines for person, lines in week.rows if person.id == later.id]
    assert (before, line.person.name) == (None, later.name)


def test_a_closed_week_does_not_move(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    sheet = services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    before = sheet.content.content

    late = make_learner(half_day.cohort)
    save()
    with pytest.raises(rules.WeekClosed):
        services_marks.add_walk_in(half_day, late, trainer, OVER)
    with pytest.raises(rules.WeekClosed):
        services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    db.session.expire_all()
    assert db.session.get(SheetContent, sheet.id).content == before
    assert sheet.number == f"{half_day.cohort.code}-2027-S10"
    assert [cell["state"] for person in before["people"] for cell in person["cells"]] == ["P", "P", "P"]


def test_a_week_is_closed_when_nothing_is_missing(morning):
    half_day, trainer, people = morning
    services.open_half_day(half_day, trainer.id, OPEN)

    with pytest.raises(rules.WeekNotReady):
        services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    left = services_sheets.left_to_do(services_sheets.week_of(half_day.cohort_id, MONDAY), OVER)
    assert [one.why for one in left] == [Why.NOTHING_SAID, Why.COUNTERSIGNATURE_MISSING]
    assert services_sheets.weeks_to_close([half_day.cohort_id], MONDAY + timedelta(days=7))[0] == [
        (half_day.cohort_id, MONDAY)
    ]


def test_an_amendment_is_another_sheet_by_another_person(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    first = services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    manager = make_manager(half_day.school)
    save()
    with pytest.raises(services_sheets.NothingToAmend):
        services_sheets.amend_week(half_day.cohort, MONDAY, trainer, "Erreur", OVER)
    said = Said(Mark.PARTIAL, Absence.UNJUSTIFIED, early_minutes=30, reason="Parti plus tôt")
    services_marks.mark(half_day, people[0], said, manager, OVER)

    with pytest.raises(services_sheets.SamePerson):
        services_sheets.amend_week(half_day.cohort, MONDAY, manager, "Erreur", OVER)
    second = services_sheets.amend_week(half_day.cohort, MONDAY, trainer, "Erreur", OVER)

    assert (first.version, second.version, second.previous_hash) == (1, 2, first.hash)
    assert second.number.endswith("-S10-A1")
    cells = [person["cells"][0] for person in second.content.content["people"]]
    assert sorted(cell["state"] for cell in cells) == ["P", "P", "RET"]
    assert [cell["state"] for person in first.content.content["people"] for cell in person["cells"]] == ["P"] * 3
    assert ledger.verify() is None


def test_a_printed_sheet_never_tells_a_motive(morning):
    half_day, trainer, people = morning
    said = Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL")
    services_marks.mark(half_day, people[0], said, trainer, OPEN)
    finish(half_day, trainer, people[1:])

    sheet = services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)

    assert "MAL" not in str(sheet.content.content)


@pytest.mark.parametrize("table", ["attendance_entry", "expected", "sheet", "attendance_removal"])
def test_sql_can_neither_change_nor_delete_a_fact(morning, table):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    sheet = services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    db.session.execute(insert(ContentRemoval).values(entry_id=sheet.last_entry, removed_on=MONDAY, rule="three years"))
    db.session.commit()
    column = {"attendance_entry": "kind", "expected": "expectation", "sheet": "reason"}.get(table, "rule")

    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="never changed or removed"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_the_chain_is_sound_and_any_change_is_found(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    checked = ledger.Checked()

    assert ledger.verify(checked) is None
    assert (checked.chains, checked.entries, checked.sheets) == (1, 4, 1)


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("UPDATE attendance_entry SET role = 'x' WHERE sequence = 2", 2),
        ("UPDATE attendance_entry SET at = '2027-03-08 07:00:00+00:00' WHERE sequence = 3", 3),
        ("UPDATE attendance_entry SET person_id = by_id WHERE sequence = 4", None),
        ("DELETE FROM attendance_content WHERE entry_id = (SELECT id FROM attendance_entry WHERE sequence = 1)", 1),
        ("UPDATE sheet SET reason = 'x'", 1),
        ("UPDATE sheet SET last_entry = 2", 1),
    ],
)
def test_a_change_behind_our_back_is_found_and_named(morning, statement, sequence):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    services_sheets.close_week(half_day.cohort, MONDAY, trainer, OVER)
    without_triggers(statement)

    found = ledger.verify()

    assert found is None if sequence is None else (found.cohort_id, found.sequence) == (half_day.cohort_id, sequence)


def test_a_line_that_is_gone_is_found(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    second = db.session.scalars(select(Entry.id).where(Entry.sequence == 2)).one()
    without_triggers(f"DELETE FROM attendance_content WHERE entry_id = {second}")
    without_triggers(f"DELETE FROM attendance_entry WHERE id = {second}")

    found = ledger.verify()
    assert (found.sequence, found.what) == (2, "a line is missing")


def test_content_that_retention_removed_leaves_the_chain_whole(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    first = db.session.scalars(select(Entry.id).where(Entry.sequence == 1)).one()
    with transaction():
        db.session.execute(insert(ContentRemoval).values(entry_id=first, removed_on=MONDAY, rule="three years"))
        db.session.execute(delete(EntryContent).where(EntryContent.entry_id == first))
    checked = ledger.Checked()

    assert ledger.verify(checked) is None
    assert checked.removed == 1


def without_triggers(statement):
    """Change a row as somebody with every right on the database would."""
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(statement)
            return
        names = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_%'"
        ).all()
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name, _ in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)
        for _, sql in names:
            connection.exec_driver_sql(sql)


def test_summaries_are_what_the_facts_add_up_to(morning):
    half_day, trainer, people = morning
    finish(half_day, trainer, people)
    rows = db.session.scalars(select(PresenceDay)).all()

    assert [(row.planned, row.attended) for row in rows] == [(210, 210)] * 3
    assert list(summaries.differences()) == []
    with transaction():
        db.session.execute(update(PresenceDay).values(attended=1))
    assert len(list(summaries.differences())) == 3
    assert summaries.rebuild() == 3
    assert list(summaries.differences()) == []


def test_a_timetable_is_made_once_and_leaves_out_holidays_and_closures(app, now):
    cohort = make_cohort(starts_on=date(2027, 3, 1), ends_on=date(2027, 6, 30))
    manager = make_manager(cohort.school)
    make_trainer(cohort)
    save()
    timetable.close_school(cohort.school, date(2027, 4, 12), date(2027, 4, 16), "Vacances", manager.id, now)

    proposal = timetable.propose(cohort, date(2027, 3, 22), date(2027, 4, 30))
    made = timetable.make_timetable(cohort, date(2027, 3, 22), date(2027, 4, 30), manager.id, now)

    assert made == len(proposal.fresh) == 2 * (5 * 6 - 1 - 5)
    assert (date(2027, 3, 29), Holiday.EASTER_MONDAY) in proposal.left_out
    assert timetable.make_timetable(cohort, date(2027, 3, 22), date(2027, 4, 30), manager.id, now) == 0
    first = db.session.scalars(select(HalfDay).order_by(HalfDay.id)).first()
    assert [leader.person_id for leader in first.leaders] != []


def test_closing_a_school_cancels_what_was_planned(morning, now):
    half_day, trainer, _ = morning
    _, cancelled = timetable.close_school(half_day.school, MONDAY, MONDAY, "Inondation", trainer.id, OPEN)

    assert cancelled == 1
    assert half_day.cancel_reason == "Inondation"


def wanted(**given):
    return timetable.Wanted(**{"on": MONDAY, "half": Half.MORNING, "starts": time(9), "ends": time(12)} | given)


def test_a_half_day_moves_with_its_reason_until_it_opens(morning, now):
    half_day, trainer, _ = morning
    timetable.change_half_day(half_day, wanted(on=date(2027, 3, 9), trainers=(trainer.id,)), "Grève", trainer.id, now)

    assert half_day.on == date(2027, 3, 9)
    [change] = timetable.changes_of(half_day.id)
    assert (change.before["on"], change.after["on"], change.reason) == ("2027-03-08", "2027-03-09", "Grève")
    services.open_half_day(half_day, trainer.id, datetime(2027, 3, 9, 8, 0, tzinfo=UTC))
    with pytest.raises(rules.HalfDayOpened):
        timetable.change_half_day(half_day, wanted(), "Encore", trainer.id, now)


def test_two_cohorts_do_not_share_a_room_or_a_trainer_at_the_same_hours(morning, now):
    half_day, trainer, _ = morning
    room = planning.add_room(half_day.school, "Salle 2", 20, trainer.id, now)
    half_day.room_id = room.id
    other = make_cohort(half_day.school)
    save()

    with pytest.raises(timetable.RoomTaken):
        timetable.add_half_day(other, wanted(room_id=room.id), trainer.id, now)
    with pytest.raises(rules.HalfDaysOverlap):
        timetable.add_half_day(other, wanted(trainers=(trainer.id,)), trainer.id, now)
    timetable.add_half_day(other, wanted(half=Half.AFTERNOON, starts=time(13), ends=time(16), room_id=room.id,
                                         trainers=(trainer.id,)), trainer.id, now)  # fmt: skip


def test_a_cancelled_half_day_comes_back(morning, now):
    half_day, trainer, _ = morning
    timetable.cancel_half_day(half_day, "Neige", trainer.id, now)
    timetable.restore_half_day(half_day, trainer.id, now)

    assert half_day.cancelled_at is None
    assert [change.what for change in timetable.changes_of(half_day.id)] == ["restored", "cancelled"]


def test_a_school_has_each_room_once(app, now):
    school = make_school()
    manager = make_manager(school)
    save()
    room = planning.add_room(school, "Salle 1", 12, manager.id, now)

    with pytest.raises(planning.NameTaken):
        planning.add_room(school, "Salle 1", 12, manager.id, now)
    planning.retire_room(room, manager.id, now)
    assert planning.add_room(school, "Salle 1", 14, manager.id, now).id == room.id


def test_everybody_signs_in_the_same_seconds(app):
    cohort = make_cohort()
    people = [make_learner(cohort).id for _ in range(12)]
    half_day_id = make_half_day(cohort).id
    save()
    failures = []

    def sign(person_id):
        with app.app_context():
            try:
                half_day = db.session.get(HalfDay, half_day_id)
                services.sign(half_day, db.session.get(Person, person_id), BUTTON, OPEN)
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=sign, args=(person_id,)) for person_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert db.session.query(Entry).count() == 12
    assert ledger.verify() is None
    assert db.session.query(Sheet).count() == 0
