"""Closing a week on its pages, reading its sheet, downloading its paper, and verifying it without an account."""

import dataclasses
import gzip
import io
from datetime import date, timedelta

import pytest

from popschool import clock
from popschool.attendance import services, services_sheets, tasks, verification
from popschool.attendance.models_planning import Room
from popschool.attendance.models_sheets import SheetHeading
from popschool.attendance.rules import Absence, Mark
from popschool.attendance.services_marks import Said
from popschool.auth import services_signing
from popschool.auth.models import SignInAttempt
from popschool.db import db
from tests.attendance.test_verification import without_triggers
from tests.attendance.weeks import AWAY, BUTTON, LATE, MONDAY, SICK, make_week, paper_of
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

BUDGET = 25_000
EARLY = Said(Mark.PARTIAL, Absence.UNJUSTIFIED, early_minutes=30, reason="Parti plus tôt")


@pytest.fixture
def week(app):
    made = make_week()
    clock.freeze(made.over)
    return made


def close_page(week):
    return f"/cohorts/{week.cohort.id}/weeks/{MONDAY}/close"


def test_a_week_says_what_is_missing_and_who_must_act(client, log_in, week):
    services.open_half_day(week.half_days[0], week.trainer.id, week.half_days[0].span.starts_at)
    week.sign(week.half_days[0], week.people[0])
    log_in(week.trainer)

    said = shown(client.get(close_page(week)))

    assert "Il reste 3 choses à faire" in said
    assert f"2 personnes à noter : {week.people[1].name}, {week.people[2].name}" in said
    assert f"La contresignature {week.trainer.name}" in said
    assert "Fermer la semaine </button>" not in client.get(close_page(week)).text


def test_a_week_is_closed_then_its_paper_comes_then_it_is_downloaded(client, log_in, week):
    week.finish()
    log_in(week.trainer)
    assert "Heures de présence : 21 h" in shown(client.get(close_page(week)))

    answer = client.post(close_page(week), follow_redirects=True)
    assert "La semaine est fermée." in shown(answer) and "La feuille PDF se prépare" in shown(answer)

    [sheet] = services_sheets.sheets_of(week.cohort.id, MONDAY)
    assert client.get(f"/sheets/{sheet.id}/paper").status_code == 404
    tasks.make_paper(sheet.id)
    db.session.expire_all()
    page = client.get(f"/sheets/{sheet.id}")
    assert "Télécharger la feuille (PDF" in shown(page)
    paper = client.get(f"/sheets/{sheet.id}/paper")
    assert paper.data.startswith(b"%PDF-1.7")
    assert f"feuille-{sheet.number}.pdf" in paper.headers["Content-Disposition"]


def test_what_a_week_gives_to_look_at_is_shown_and_refuses_nothing(client, log_in):
    """A public holiday, a small room, one device for all, mornings and afternoons signed at once, nobody who opened."""
    week = make_week(monday=date(2027, 5, 3), half_days=12)
    clock.freeze(week.over)
    saturday = week.half_days[-1]
    room = Room(school_id=week.cohort.school_id, name="La petite", capacity=2)
    db.session.add(room)
    week.half_days[0].room = room
    sunday = make_half_day(week.cohort, week.trainer, on=saturday.on + timedelta(days=1))
    week.half_days.append(sunday)
    save()
    quiet = dataclasses.replace(BUTTON, device="")
    for half_day in week.half_days[2:-1]:
        for person in week.people:
            week.sign(half_day, person, quiet)
    services.sign(week.half_days[0], week.people[0], BUTTON, week.half_days[1].span.starts_at)
    services.sign(week.half_days[1], week.people[0], BUTTON, week.half_days[1].span.starts_at + timedelta(seconds=9))
    week.finish()
    clock.freeze(sunday.span.ends_at + timedelta(minutes=2))
    log_in(week.trainer)

    said = shown(client.get(f"/cohorts/{week.cohort.id}/weeks/2027-05-03/close"))

    first, *others = [one.name for one in week.people]
    assert "Une séance un jour férié Jeudi 6 mai, matin" in said
    assert "Une séance un dimanche Dimanche 9 mai, matin" in said
    assert "Plus de signatures que de places dans la salle Lundi 3 mai, matin" in said
    assert "elle s'est ouverte à son heure" in said
    assert f"un téléphone prêté {', '.join(others)}, {first} Lundi" in said
    assert f"en quelques secondes {first} Lundi 3 mai, matin Lundi 3 mai, après-midi" in said
    client.post(f"/cohorts/{week.cohort.id}/weeks/2027-05-03/close")
    assert len(services_sheets.sheets_of(week.cohort.id, date(2027, 5, 3))) == 1


def test_two_people_closing_one_week_make_one_sheet(client, log_in, week):
    week.finish()
    log_in(week.trainer)
    week.close()

    assert client.get(close_page(week)).status_code == 302
    said = shown(client.post(close_page(week)))

    assert "est fermée" in said
    assert len(services_sheets.sheets_of(week.cohort.id, MONDAY)) == 1


def test_a_week_that_is_not_ready_is_not_closed_by_force(client, log_in, week):
    log_in(week.trainer)

    said = shown(client.post(close_page(week)))

    assert "La semaine ne peut pas encore être fermée." in said
    assert services_sheets.sheets_of(week.cohort.id, MONDAY) == []


def test_a_paper_long_in_coming_is_asked_for_again(client, log_in, week):
    week.finish()
    sheet = week.close()
    clock.freeze(week.over + timedelta(minutes=6))
    log_in(week.trainer)

    assert "Elle met plus de temps que d'habitude" in shown(client.get(f"/sheets/{sheet.id}"))
    answer = client.post(f"/sheets/{sheet.id}/paper", follow_redirects=True)

    assert "demandée de nouveau" in shown(answer)


def test_the_page_of_a_sheet_says_what_its_paper_says_within_its_budget(client, log_in, app):
    week = make_week(people=24, half_days=2)
    week.mark(week.half_days[0], week.people[0], SICK)
    week.mark(week.half_days[1], week.people[0], AWAY)
    week.sign(week.half_days[0], week.people[1])
    week.mark(week.half_days[0], week.people[1], LATE)
    week.finish()
    sheet = week.close()
    log_in(week.trainer)

    page = client.get(f"/sheets/{sheet.id}")

    said = shown(page)
    for words in (
        sheet.number,
        "Association Pop School, 23 place de l'Abondance, 59300 Valenciennes, SIRET 12345678900012",
        "Déclaration d'activité enregistrée sous le n° 32591234567 auprès du préfet de région Hauts-de-France",
        f"{week.people[0].last_name} {week.people[0].first_name} AJ AI",
        "RET 25 min AI 09:04",
        f"{week.trainer.name}, signé le lundi 8 mars, 12 h 31",
        "Feuille établie et scellée le lundi 8 mars, 17 h 04",
        " ".join(sheet.hash[place : place + 4] for place in range(0, 64, 4)),
    ):
        assert words in said, words
    assert "MAL" not in page.text and "Grippe" not in page.text
    assert len(gzip.compress(page.data, 6)) < BUDGET


def test_a_page_of_a_sheet_takes_the_same_queries_whatever_its_size(client, log_in, app, queries):
    week = make_week(people=2)
    week.finish()
    sheet = week.close()
    log_in(week.trainer)
    client.get(f"/sheets/{sheet.id}")

    with queries() as seen:
        client.get(f"/sheets/{sheet.id}")

    assert len(seen) <= 9


def test_an_amendment_is_validated_by_somebody_else(client, log_in, week):
    week.finish()
    first = week.close()
    manager = make_manager(week.cohort.school)
    save()
    amend = f"/cohorts/{week.cohort.id}/weeks/{MONDAY}/amend"
    log_in(manager)
    assert "Rien n'a changé depuis la fermeture" in shown(client.get(amend))
    week.mark(week.half_days[1], week.people[0], EARLY, by=manager, at=week.over)

    assert "une autre personne de l'équipe le valide" in shown(client.get(amend))
    asked = client.post(amend, data={"reason": "Erreur"}).location.split("#")[0]
    assert client.post(amend, data={"reason": "Erreur"}).location.split("#")[0] == asked
    assert len(services_sheets.sheets_of(week.cohort.id, MONDAY)) == 1
    log_in(week.trainer)
    assert "Écrivez pourquoi vous refusez" in shown(client.post(asked, data={"answer": "refuse"}))
    client.post(asked, data={"answer": "refuse", "words": "Il manque le motif"})
    assert "1 correction a été faite depuis la fermeture" in shown(client.get(f"/sheets/{first.id}"))
    assert "Il manque une réponse" in shown(client.post(amend, data={"reason": " "}))
    answer = client.post(amend, data={"reason": "Erreur de saisie"}, follow_redirects=True)

    assert f"Avenant à la feuille {first.number}. Motif : Erreur de saisie." in shown(answer)
    assert "Cette feuille a un avenant" in shown(client.get(f"/sheets/{first.id}"))
    assert "-A1" in shown(client.get(f"/cohorts/{week.cohort.id}/sheets"))


def test_sheets_are_for_the_team_of_their_cohort(client, log_in, week):
    week.finish()
    sheet = week.close()
    paths = [f"/sheets/{sheet.id}", f"/cohorts/{week.cohort.id}/sheets", close_page(week)]
    strangers = [make_manager(), make_trainer(make_cohort()), make_learner(make_cohort())]
    learner, colleague, boss = week.people[0], make_trainer(school=week.cohort.school), make_network_manager()
    save()

    def answers(person):
        log_in(person)
        return {client.get(path).status_code for path in paths}

    assert [answers(person) for person in strangers] == [{404}] * 3
    assert answers(learner) == answers(colleague) == {403}
    assert answers(boss) <= {200, 302} and answers(week.trainer) <= {200, 302}
    assert client.get("/sheets/999999").status_code == 404
    log_in(week.trainer)
    assert client.get(f"/cohorts/{week.cohort.id}/weeks/demain/close").status_code == 404


def test_a_school_says_who_pays_and_the_next_sheets_say_it(client, log_in, week):
    manager = make_manager(week.cohort.school)
    save()
    log_in(manager)
    path = f"/cohorts/{week.cohort.id}/sheet-heading"
    picture = io.BytesIO(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="3"><rect width="9" height="3"/></svg>'
    )

    typed = {
        "session_number": "HDF-118-2",
        "funders": "Région Hauts-de-France ; 2027-118\n\nFrance Travail",
        "is_funded_by_union": "y",
        "logo": (picture, "logos.svg"),
    }
    client.post(path, data=typed, content_type="multipart/form-data")

    kept = db.session.get(SheetHeading, week.cohort.id)
    assert kept.funders == [
        {"name": "Région Hauts-de-France", "agreement": "2027-118"},
        {"name": "France Travail", "agreement": ""},
    ]
    assert kept.is_funded_by_union and kept.logo_hash
    assert "Région Hauts-de-France; 2027-118" in client.get(path).text
    refused = client.post(path, data={"logo": (io.BytesIO(b"bonjour"), "logo.png")}, content_type="multipart/form-data")
    assert "Ce logo ne s'ouvre pas" in shown(refused)
    client.post(path, data={"session_number": "", "remove_logo": "y"})
    db.session.expire_all()
    assert db.session.get(SheetHeading, week.cohort.id).logo_hash == ""
    log_in(week.trainer)
    assert client.get(path).status_code == 403


def test_anybody_verifies_a_sheet_by_its_number_and_sees_no_name(client, week):
    week.finish()
    sheet = week.close()
    paper_of(sheet)

    page = client.get(f"/verify/{sheet.number.lower()}")

    said = shown(page)
    assert "Cette feuille est valable" in said
    assert sheet.number in said and week.cohort.code in said and "du lundi 8 mars" in said
    spaced = " ".join(said.split())
    assert "Elle n'a pas changé depuis le lundi 8 mars, 17 h 04." in spaced
    assert "Fermée et scellée le lundi 8 mars, 17 h 04" in spaced
    names = [week.trainer.name, *(person.name for person in week.people), "Apprenante", "Formatrice"]
    assert [name for name in names if name in said] == []


def test_the_number_typed_leads_to_the_page_of_the_square(client, week):
    week.finish()
    sheet = week.close()

    answer = client.post("/verify", data={"number": f" {sheet.number} "})

    assert answer.location.startswith(f"/verify/{sheet.number}")
    assert "Écrivez le numéro de la feuille, ou choisissez son fichier." in shown(client.post("/verify", data={}))
    unknown = client.get("/verify/VAL-1-2027-S99")
    assert unknown.status_code == 404
    assert "Aucune feuille n'a ce numéro" in shown(unknown)


def drop(client, data, name="feuille.pdf"):
    sent = {"file": (io.BytesIO(data), name)}
    return client.post("/verify", data=sent, content_type="multipart/form-data")


def test_the_file_dropped_is_the_one_that_was_sealed_or_it_is_not(client, week):
    week.finish()
    sheet = week.close()
    paper = paper_of(sheet)

    assert "Votre fichier est bien celui qui a été scellé" in shown(drop(client, paper))
    changed = bytearray(paper)
    changed[len(paper) // 2] ^= 1
    said = shown(drop(client, bytes(changed)))
    assert "Ce fichier n'est pas celui qui a été scellé" in said
    assert f"Il dit être la feuille {sheet.number}" in said
    assert "Ce fichier n'est pas une feuille scellée ici" in shown(drop(client, b"bonjour"))
    assert "Votre fichier est bien" in shown(drop(client, paper))


def test_a_sheet_that_was_amended_names_the_one_that_replaces_it(client, week):
    week.finish()
    first = week.close()
    manager = make_manager(week.cohort.school)
    save()
    week.mark(week.half_days[1], week.people[0], EARLY, by=manager, at=week.over)
    second = services_sheets.amend_week(week.cohort, MONDAY, week.trainer, "Erreur de saisie", week.over)

    said = shown(client.get(f"/verify/{first.number}"))

    assert "Cette feuille a un avenant" in said
    assert f"La feuille n° {second.number} la remplace." in said
    assert "Erreur de saisie" not in said
    assert "Cette feuille est valable" in shown(client.get(f"/verify/{second.number}"))


def test_a_sheet_that_was_changed_behind_our_back_says_where_it_breaks(client, week):
    week.finish()
    sheet = week.close()
    without_triggers("UPDATE attendance_entry SET role = 'x' WHERE sequence = 3")

    said = shown(client.get(f"/verify/{sheet.number}"))

    assert "Cette feuille a changé" in said
    assert "une ligne a changé, à la ligne 3" in said


def test_many_wrong_numbers_from_one_address_wait_and_right_ones_do_not(client, week, monkeypatch):
    monkeypatch.setattr(verification, "MISSES", 3)
    week.finish()
    sheet = week.close()

    answers = [client.get(f"/verify/AUCUNE-{number}").status_code for number in range(4)]

    assert answers == [404, 404, 404, 429]
    assert drop(client, b"bonjour").status_code == 429
    assert client.get(f"/verify/{sheet.number}").status_code == 200
    clock.freeze(week.over + timedelta(minutes=16))
    assert client.get("/verify/AUCUNE-9").status_code == 404


def test_wrong_numbers_stop_nobody_from_signing_in(client, week):
    for number in range(verification.MISSES + 1):
        client.get(f"/verify/AUCUNE-{number}")

    assert services_signing._address_again_at("127.0.0.1", week.over - timedelta(minutes=15)) is None
    assert db.session.query(SignInAttempt).count() == verification.MISSES


def test_everybody_finds_the_page_that_verifies(client, week):
    assert 'href="/verify"' in client.get("/site-map").text


def test_the_team_finds_the_sheets_of_its_cohorts(client, log_in, week):
    log_in(week.trainer)

    assert f'href="/cohorts/{week.cohort.id}/sheets"' in client.get("/attendance").text
