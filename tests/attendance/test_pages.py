"""Pages of attendance: each way of signing, a trainer's half-day, marks, paper, walk-ins, timetables, by role."""

import io
import re
from contextvars import Context
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from popschool import clock
from popschool.attendance import (
    pins,
    reminders,
    rules_codes,
    services,
    services_half_days,
    services_marks,
    services_own,
    signing_links,
)
from popschool.attendance import services_timetable as timetable
from popschool.attendance.models import Entry, Expected, HalfDay, PaperScan
from popschool.attendance.models_planning import AttendanceSettings, CalendarFeed
from popschool.attendance.rules import Absence, Mark
from popschool.db import db
from popschool.messages.models import Notice
from popschool.schools.models import Accommodation
from tests.factories import (
    make_cohort,
    make_half_day,
    make_learner,
    make_manager,
    make_network_manager,
    make_trainer,
    save,
)
from tests.shown import shown

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
OPEN = datetime(2027, 3, 8, 8, 30, tzinfo=UTC)


@pytest.fixture
def morning(app):
    cohort = make_cohort()
    trainer, people = make_trainer(cohort), [make_learner(cohort) for _ in range(3)]
    half_day = make_half_day(cohort, trainer)
    save()
    clock.freeze(OPEN)
    return half_day, trainer, people


def signatures():
    return [(entry.person_id, entry.method) for entry in db.session.scalars(select(Entry).order_by(Entry.id))]


def test_a_learner_signs_with_the_button_and_sees_the_receipt(morning, client, log_in):
    half_day, _, [person, *_] = morning
    log_in(person)

    page = client.get(f"/half-days/{half_day.id}/sign").text
    answer = client.post(f"/half-days/{half_day.id}/sign", data={"key": "k1"}, follow_redirects=True)

    assert f"Je suis {person.name}" in page
    assert "Ma présence est signée" in answer.text
    assert signatures() == [(person.id, "button")]


def test_a_second_click_signs_once(morning, client, log_in):
    half_day, _, [person, *_] = morning
    log_in(person)
    for _ in range(2):
        client.post(f"/half-days/{half_day.id}/sign", data={"key": "k1"})

    assert len(signatures()) == 1


def test_opening_a_page_signs_nothing(morning, client, log_in):
    half_day, trainer, [person, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(person)
    client.get(f"/half-days/{half_day.id}/sign")
    client.get(signing_links.path_of(half_day.id, person.id))
    client.get(f"/q/{half_day.id}/{rules_codes.room_code(half_day.secret, OPEN)}")

    assert signatures() == []


def test_the_code_of_the_room_signs(morning, client, log_in):
    half_day, _, [person, *_] = morning
    log_in(person)
    wrong = client.post(f"/half-days/{half_day.id}/code", data={"code": "000 000"})
    code = rules_codes.room_code(half_day.secret, OPEN)
    shown = client.post(f"/half-days/{half_day.id}/code", data={"code": f"{code[:3]} {code[3:]}"})
    client.post(shown.location, data={"key": "k", "ticket": shown.location.partition("ticket=")[2]})

    assert "Ce code ne marche pas" in wrong.text
    assert signatures() == [(person.id, "code")]


def test_the_code_lives_longer_for_who_has_more_time(morning, client, log_in):
    """Sixty-five seconds after it was shown: too old for one, still good for the one whose extra time was arranged."""
    half_day, trainer, [person, other, _] = morning
    db.session.add(
        Accommodation(
            person_id=person.id, school_id=half_day.school_id, extra_time_percent=33, starts_on=half_day.on,
            created_at=OPEN,
        )
    )  # fmt: skip
    save()
    services.open_half_day(half_day, trainer.id, OPEN)
    code = rules_codes.room_code(half_day.secret, OPEN)
    clock.freeze(OPEN + timedelta(seconds=65))

    for one in (other, person):
        log_in(one)
        answer = client.post(f"/half-days/{half_day.id}/code", data={"code": code})
        client.post(answer.location, data={"key": f"k{one.id}"}) if answer.location else None

    assert signatures() == [(person.id, "code")]


def test_a_school_that_asks_for_the_code_does_not_take_the_button_alone(morning, client, log_in):
    half_day, _, [person, *_] = morning
    db.session.add(AttendanceSettings(school_id=half_day.school_id, needs_code=True))
    save()
    log_in(person)

    assert "Écrire le code de la salle" in client.post(f"/half-days/{half_day.id}/sign", data={}).text
    assert signatures() == []


def test_the_square_gives_time_to_read(morning, client, log_in):
    half_day, _, [person, *_] = morning
    log_in(person)
    shown = client.get(f"/q/{half_day.id}/{rules_codes.room_code(half_day.secret, OPEN)}")
    clock.freeze(OPEN + timedelta(minutes=4))
    client.post(shown.location, data={"ticket": shown.location.partition("ticket=")[2]})

    assert signatures() == [(person.id, "qr")]


def test_the_square_of_a_photo_leads_to_the_code(morning, client, log_in):
    half_day, _, [person, *_] = morning
    log_in(person)
    old = rules_codes.room_code(half_day.secret, OPEN - timedelta(minutes=5))

    assert client.get(f"/q/{half_day.id}/{old}").location.endswith(f"/half-days/{half_day.id}/code")


def test_a_link_signs_without_a_password_for_that_person_only(morning, client):
    half_day, _, [person, *_] = morning
    path = signing_links.path_of(half_day.id, person.id)
    client.post(path, data={})

    assert signatures() == [(person.id, "link")]
    assert "Ma présence est signée" in client.get(path).text
    assert client.get(path + "x").status_code == 404


def test_help_names_the_helper_and_needs_the_person_to_confirm(morning, client, log_in):
    half_day, trainer, [person, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(trainer)
    path = f"/half-days/{half_day.id}/people/{person.id}/help"
    client.post(path, data={})
    assert signatures() == []
    client.post(path, data={"confirmed": "y"})

    [entry] = db.session.scalars(select(Entry))
    assert (entry.method, entry.person_id, entry.by_id) == ("help", person.id, trainer.id)
    assert entry.content.content["helped_by"] == trainer.name


def test_a_tablet_is_passed_round_with_a_pin_for_those_who_have_one(morning, client, log_in):
    half_day, trainer, [first, second, _] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    pins.choose(second.id, "4071", OPEN)
    log_in(trainer)
    client.post(f"/half-days/{half_day.id}/tablet/{first.id}", data={})
    refused = client.post(f"/half-days/{half_day.id}/tablet/{second.id}", data={"pin": "1111"})
    client.post(f"/half-days/{half_day.id}/tablet/{second.id}", data={"pin": "40 71"})

    assert "Ce code secret ne va pas" in refused.text
    assert signatures() == [(first.id, "tablet"), (second.id, "pin")]


def test_a_pin_is_blocked_after_a_few_tries(morning):
    _, _, [person, *_] = morning
    pins.choose(person.id, "4071", OPEN)
    for _ in range(pins.MOST_FAILURES):
        with pytest.raises(pins.PinWrong):
            pins.check(person.id, "0000")

    with pytest.raises(pins.PinBlocked):
        pins.check(person.id, "4071")


def test_paper_comes_with_its_scan_and_the_person_who_attests_it(morning, client, log_in):
    half_day, trainer, [first, second, _] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(trainer)
    path = f"/half-days/{half_day.id}/paper"
    people = {"person": [str(first.id), str(second.id)], "attested": "y"}
    missing = client.post(path, data=people)
    assert "Ajoutez la photo" in missing.text
    client.post(path, data=people | {"scan": (io.BytesIO(PNG), "feuille.png")})

    assert signatures() == [(first.id, "paper"), (second.id, "paper")]
    scan = db.session.scalars(select(PaperScan)).one()
    assert client.get(f"/half-days/{half_day.id}/paper/{scan.id}").data == PNG


def test_an_old_sheet_of_paper_counts_once_a_second_person_confirms(morning, client, log_in):
    half_day, trainer, [first, second, third] = morning
    manager = make_manager(half_day.cohort.school)
    services.open_half_day(half_day, trainer.id, OPEN)
    client.post(signing_links.path_of(half_day.id, first.id), data={})
    clock.freeze(OPEN + timedelta(days=9))
    path = f"/half-days/{half_day.id}/paper"

    def bring(*people, why="Le facteur a perdu la feuille"):
        given = {"person": [str(one.id) for one in people], "attested": "y", "scan": (io.BytesIO(PNG), "feuille.png")}
        return client.post(path, data=given | {"reason": why})

    log_in(trainer)
    assert "Écrivez la raison" in bring(second, why="").text
    asked = bring(first, second, third).location.split("#")[0]
    assert signatures() == [(first.id, "link")]
    assert "Retirer ma demande" in client.get(asked).text
    log_in(manager)
    assert "Le facteur" in shown(client.get(asked))
    assert client.post(asked, data={"answer": "confirm"}).status_code == 302

    assert signatures() == [(first.id, "link"), (second.id, "paper"), (third.id, "paper")]
    assert "Cochez au moins une personne" in bring().text
    bring(second)
    assert f"Rien ne change pour {second.name}" in shown(client.get(f"/half-days/{half_day.id}"))
    assert len(db.session.scalars(select(PaperScan)).all()) == 1


def test_paper_is_a_picture_or_a_pdf(morning, client, log_in):
    half_day, trainer, [first, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(trainer)
    page = b"<html><script>alert(1)</script></html>"
    data = {"person": [str(first.id)], "attested": "y", "scan": (io.BytesIO(page), "feuille.png")}
    client.post(f"/half-days/{half_day.id}/paper", data=data)

    assert signatures() == []


def test_a_walk_in_is_added_and_signs(morning, client, log_in):
    half_day, trainer, _ = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(trainer)
    client.post(f"/half-days/{half_day.id}/walk-in", data={"first_name": "Apprenante", "last_name": "31"})

    walk_in = db.session.scalars(select(Expected).where(Expected.expectation == "walk_in")).one()
    assert walk_in.person.name == "Apprenante 31"
    client.post(f"/half-days/{half_day.id}/people/{walk_in.person_id}/help", data={"confirmed": "y"})
    assert signatures() == [(walk_in.person_id, "help")]


def test_the_half_day_shows_who_has_not_signed_and_the_code(morning, client, log_in):
    half_day, trainer, people = morning
    log_in(trainer)
    assert "La séance n'est pas ouverte" in client.get(f"/half-days/{half_day.id}").text.replace("&#39;", "'")
    client.post(f"/half-days/{half_day.id}/open")
    page = client.get(f"/half-days/{half_day.id}").text

    assert rules_codes.room_code(half_day.secret, OPEN)[:3] in page
    assert all(person.name in page for person in people)


def test_absence_in_one_press_lateness_in_minutes_then_the_countersignature(morning, client, log_in):
    half_day, trainer, [first, second, third] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    for person in (first, second):
        client.post(signing_links.path_of(half_day.id, person.id), data={})
    log_in(trainer)
    client.post(f"/half-days/{half_day.id}/people/{third.id}/absent")
    late = {"mark": "partial", "late_minutes": "20", "absence": "unjustified"}
    client.post(f"/half-days/{half_day.id}/people/{second.id}", data=late)
    early = client.post(f"/half-days/{half_day.id}/countersign", data={})
    clock.freeze(OPEN + timedelta(hours=4))
    client.post(f"/half-days/{half_day.id}/countersign", data={})

    assert "La séance n'est pas finie" in early.text.replace("&#39;", "'")
    assert db.session.get(HalfDay, half_day.id).countersigned_at == OPEN + timedelta(hours=4)
    page = client.get(f"/cohorts/{half_day.cohort_id}/weeks/2027-03-08").text
    assert ">RET<" in page and ">AI<" in page


@pytest.mark.parametrize("minutes", ["0", "210", "-5", "beaucoup"])
def test_minutes_that_make_no_sense_are_refused_and_kept(morning, client, log_in, minutes):
    half_day, trainer, [first, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(trainer)
    data = {"mark": "partial", "late_minutes": minutes, "absence": "unjustified"}
    page = client.post(f"/half-days/{half_day.id}/people/{first.id}", data=data).text

    assert "à corriger" in page
    assert f'value="{minutes}"' in page
    assert signatures() == []


def test_an_absence_of_somebody_who_signed_leads_to_what_settles_it(morning, client, log_in):
    half_day, trainer, [first, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    client.post(signing_links.path_of(half_day.id, first.id), data={})
    log_in(trainer)
    away = {"mark": "absent", "absence": "justified", "code": "AJ-MAL"}
    settle = client.post(f"/half-days/{half_day.id}/people/{first.id}", data=away, follow_redirects=True)
    assert "Dites pourquoi la signature ne compte pas" in settle.text
    client.post(settle.request.path, data={"mark": "absent", "reason": "Signé par erreur"})

    held = services_own.line_of(half_day, first.id)
    assert held.mark.facts == {"mark": "absent", "absence": "justified"}
    assert [entry.kind for entry in held.entries] == ["signature", "mark", "mark"]


def test_a_motive_is_never_on_the_week(morning, client, log_in):
    half_day, trainer, [first, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    log_in(trainer)
    client.post(
        f"/half-days/{half_day.id}/people/{first.id}",
        data={"mark": "absent", "absence": "justified", "code": "AJ-HAN"},
    )

    assert "HAN" not in client.get(f"/cohorts/{half_day.cohort_id}/weeks/2027-03-08").text


def test_others_see_nothing(morning, client, log_in):
    half_day, trainer, [person, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    stranger, other_trainer = make_learner(), make_trainer()
    save()
    paths = [f"/half-days/{half_day.id}", f"/half-days/{half_day.id}/tablet", f"/half-days/{half_day.id}/sign"]

    for visitor in (stranger, other_trainer):
        log_in(visitor)
        assert [client.get(path).status_code for path in paths] == [404, 404, 404]
    log_in(person)
    assert client.get(paths[0]).status_code == 403
    log_in(make_network_manager())
    assert client.get(paths[0]).status_code == 200


def test_a_half_day_that_is_not_there_answers_404(morning, client, log_in):
    _, trainer, _ = morning
    log_in(trainer)

    assert client.get("/half-days/999999").status_code == 404
    assert client.get("/cohorts/1/weeks/jamais").status_code == 404


def test_a_timetable_is_seen_before_it_is_made(app, client, log_in):
    cohort = make_cohort(starts_on=date(2027, 3, 1), ends_on=date(2027, 6, 30))
    manager = make_manager(cohort.school)
    save()
    log_in(manager)
    path = f"/cohorts/{cohort.id}/timetable/make"
    dates = {"starts_on": "2027-03-22", "ends_on": "2027-04-02"}
    seen = client.post(path, data=dates).text
    assert "18 séances seraient ajoutées" in seen
    assert "lundi de Pâques" in seen
    assert db.session.query(HalfDay).count() == 0
    client.post(path, data=dates | {"confirm": "1"})

    assert db.session.query(HalfDay).count() == 18
    assert client.get(f"/cohorts/{cohort.id}/timetable?from=2027-03-22").status_code == 200


def test_rooms_closures_settings_and_company_periods_are_kept(app, client, log_in):
    cohort = make_cohort()
    manager, person = make_manager(cohort.school), make_learner(cohort)
    save()
    log_in(manager)
    school = cohort.school_id
    client.post(f"/schools/{school}/rooms", data={"name": "Salle 1", "capacity": "12"})
    closed = {"label": "Hiver", "starts_on": "2027-03-15", "ends_on": "2027-03-19"}
    client.post(f"/schools/{school}/closures", data=closed)
    settings = {"opens_before_minutes": "10", "delay_hours": "48", "alert_half_days": "4", "needs_code": "y"}
    client.post(f"/schools/{school}/attendance-settings", data=settings)
    period = {"person": str(person.id), "starts_on": "2027-05-03", "ends_on": "2027-05-28", "minutes_a_day": "420"}
    client.post(f"/cohorts/{cohort.id}/company-periods", data=period)

    assert "Salle 1" in client.get(f"/schools/{school}/rooms").text
    assert "Hiver" in client.get(f"/schools/{school}/closures").text
    assert db.session.get(AttendanceSettings, school).delay_hours == 48
    assert person.name in client.get(f"/cohorts/{cohort.id}/company-periods").text


@pytest.mark.parametrize(
    ("on", "said"),
    [("2027-05-06", "l'école est fermée : Ascension"), ("2027-05-09", "est un dimanche"), ("2027-05-07", None)],
)
def test_a_half_day_of_a_day_off_is_planned_and_said(app, client, log_in, on, said):
    cohort = make_cohort()
    manager = make_manager(cohort.school)
    save()
    log_in(manager)
    wanted = {"on": on, "half": "am", "starts": "09:00", "ends": "12:30", "room": "0", "trainer": "0", "second": "0"}

    page = shown(client.post(f"/cohorts/{cohort.id}/half-days/new", data=wanted, follow_redirects=True))

    assert "La séance est prévue." in page
    assert said in page if said else "quand même" not in page


def test_people_who_have_not_signed_are_told_once_with_a_link_that_signs(morning, client):
    half_day, trainer, people = morning
    clock.freeze(OPEN + timedelta(minutes=10))
    reminders.run_day()
    reminders.run_day()

    told = db.session.scalars(select(Notice).where(Notice.kind == reminders.SIGN)).all()
    assert {notice.person_id for notice in told} == {person.id for person in people}
    assert len(told) == 3
    client.post(told[0].url, data={})
    assert signatures() == [(told[0].person_id, "link")]


def test_a_trainer_who_forgot_to_countersign_is_told(morning):
    half_day, trainer, _ = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    clock.freeze(OPEN + timedelta(hours=5))
    reminders.run_day()

    assert db.session.scalars(select(Notice).where(Notice.kind == reminders.COUNTERSIGN)).one().person_id == trainer.id


def test_the_half_days_of_a_country_are_run_a_few_at_a_time(app, monkeypatch):
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    asked, people, among = [], [], services_half_days.half_days_among
    monkeypatch.setattr(services_half_days, "half_days_among", lambda ids: asked.append(len(ids)) or among(ids))
    for _school in range(5):
        cohort = make_cohort()
        people.append(make_learner(cohort))
        make_half_day(cohort, make_trainer(cohort), on=OPEN.date())
    save()
    clock.freeze(OPEN + timedelta(minutes=10))
    reminders.run_day()

    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == reminders.SIGN)).all()
    assert sorted(told) == [person.id for person in people]
    assert asked == [2, 2, 1]


def test_absences_that_add_up_are_told_kindly_and_to_the_team(app):
    cohort = make_cohort()
    trainer, person = make_trainer(cohort), make_learner(cohort)
    half_days = [make_half_day(cohort, trainer, on=date(2027, 3, 8) - timedelta(days=days)) for days in (3, 4, 5)]
    save()
    for half_day in half_days:
        services.open_half_day(half_day, trainer.id, half_day.span.starts_at)
        services_marks.mark(
            half_day,
            person,
            services_marks.Said(Mark.ABSENT, Absence.UNJUSTIFIED),
            trainer,
            half_day.span.starts_at,
        )
    reminders.alert_school(cohort.school_id, "2027-03-08")
    reminders.alert_school(cohort.school_id, "2027-03-08")

    told = db.session.scalars(select(Notice).where(Notice.kind == reminders.ABSENCE)).all()
    assert sorted(notice.person_id for notice in told) == sorted([person.id, trainer.id])


def test_a_calendar_follows_a_secret_address_until_it_is_revoked(morning, client, log_in):
    half_day, trainer, [person, *_] = morning
    other = make_half_day(make_cohort())
    save()
    log_in(person)
    client.post("/calendars", data={"kind": "own"})
    page = client.get("/calendars").text
    address = re.search(r"/calendars/\w+\.ics", page).group()
    stranger = client.application.test_client()
    calendar = Calendar.from_ical(stranger.get(address).data)

    assert [str(event["uid"]) for event in calendar.walk("VEVENT")] == [f"half-day-{half_day.id}@popschool"]
    assert f"half-day-{other.id}@" not in stranger.get(address).text
    assert calendar.walk("VEVENT")[0]["dtstart"].dt.hour == 9
    assert address not in client.get("/calendars").text
    feed = db.session.scalars(select(CalendarFeed)).one()
    client.post(f"/calendars/{feed.id}/revoke")
    assert stranger.get(address).status_code == 404


def test_a_cancelled_half_day_stays_in_the_calendar_as_cancelled(morning, client, log_in):
    half_day, trainer, _ = morning
    timetable.cancel_half_day(half_day, "Neige", trainer.id, OPEN)
    log_in(trainer)
    client.post("/calendars", data={"kind": f"cohort-{half_day.cohort_id}"})
    address = re.search(r"/calendars/\w+\.ics", client.get("/calendars").text).group()

    [event] = Calendar.from_ical(client.get(address).data).walk("VEVENT")
    assert (str(event["status"]), int(event["sequence"])) == ("CANCELLED", 1)


def test_nobody_follows_the_calendar_of_another_school(morning, client, log_in):
    half_day, _, [person, *_] = morning
    log_in(person)

    assert client.post("/calendars", data={"kind": f"cohort-{half_day.cohort_id}"}).status_code == 404


def test_one_chooses_a_pin_of_digits(morning, client, log_in):
    _, _, [person, *_] = morning
    log_in(person)
    client.post("/presence/pin", data={"pin": "abcd"})
    assert not pins.has_one(person.id)
    client.post("/presence/pin", data={"pin": "4071"})

    pins.check(person.id, "4071")


def test_the_school_sees_what_keeps_half_days_from_counting(morning, client, log_in):
    half_day, trainer, _ = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    clock.freeze(OPEN + timedelta(days=1))
    manager = make_manager(half_day.school)
    save()
    log_in(manager)
    page = client.get("/attendance/missing").text

    assert "1 séance ne compte pas encore" in page
    assert trainer.name in page
    log_in(make_manager())
    save()
    assert "Rien ne manque" in client.get("/attendance/missing").text


def test_the_page_of_a_half_day_takes_six_statements_whatever_its_papers(morning, client, log_in, queries):
    half_day, trainer, people = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    for number in range(3):
        kept = {"hash": f"{number:064}", "name": f"{number}.png", "media_type": "image/png", "people": []}
        db.session.add(PaperScan(half_day_id=half_day.id, brought_by_id=trainer.id, brought_at=OPEN, **kept))
    save()
    log_in(trainer)

    with queries() as seen:
        page = Context().run(client.get, f"/half-days/{half_day.id}")

    assert shown(page).count("Feuille de papier ajoutée") == 3
    assert len([one for one in seen if one.startswith("SELECT")]) <= 6
