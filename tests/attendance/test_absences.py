"""Absences explained and decided, papers that are removed, half-days that are disputed."""

import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from popschool import clock, storage
from popschool.attendance import ledger, services, services_marks, services_own
from popschool.attendance import services_absences as absences
from popschool.attendance.models import Entry
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.rules import Absence, Mark, State
from popschool.db import db
from popschool.messages.models import Notice
from tests.factories import make_cohort, make_half_day, make_learner, make_manager, make_trainer, save
from tests.shown import shown

OPEN = datetime(2027, 3, 8, 8, 30, tzinfo=UTC)
MONDAY = date(2027, 3, 8)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def away(app):
    """A learner marked absent on a Monday morning, unjustified."""
    cohort = make_cohort()
    trainer, person = make_trainer(cohort), make_learner(cohort)
    half_day = make_half_day(cohort, trainer)
    save()
    clock.freeze(OPEN)
    services.open_half_day(half_day, trainer.id, OPEN)
    services_marks.mark(half_day, person, services_marks.Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, OPEN)
    return half_day, trainer, person


def send(client, **given):
    if isinstance(given.get("paper"), bytes):
        given["paper"] = (io.BytesIO(given["paper"]), "papier.png")
    data = {"starts_on": "2027-03-08", "ends_on": "2027-03-08", "code": "AJ-MAL"} | given
    return client.post("/presence/absence", data=data, content_type="multipart/form-data")


def test_nobody_is_said_to_be_ill_by_a_press_alone(away, client, log_in):
    log_in(away[2])

    page, answer = client.get("/presence/absence"), send(client, code="", note="Je rentre tard")

    assert '<option value="">Choisissez dans la liste</option>' in page.text
    assert "Pourquoi : Il manque une réponse." in shown(answer) and "Je rentre tard" in answer.text
    assert db.session.scalar(select(Excuse)) is None


def test_an_absence_with_its_paper_becomes_justified_and_the_paper_goes(away, client, log_in):
    half_day, trainer, person = away
    log_in(person)
    send(client, paper=PNG)
    excuse = db.session.scalars(select(Excuse)).one()
    kept = excuse.file_hash
    assert PNG not in storage.read(kept)
    log_in(trainer)
    assert client.get(f"/absences/{excuse.id}/paper").data == PNG
    client.post(f"/absences/{excuse.id}", data={"decision": "accepted"})

    line = services_own.line_of(half_day, person.id)
    assert line.standing.state is State.JUSTIFIED
    assert [entry.corrects_id is not None for entry in line.entries] == [False, True]
    assert not storage.exists(kept)
    assert client.get(f"/absences/{excuse.id}/paper").status_code == 404
    assert db.session.scalars(select(Notice).where(Notice.person_id == person.id)).one().title
    assert ledger.verify() is None


def test_the_answer_is_in_the_language_of_who_was_away_not_of_who_decides(away, client, log_in):
    _half_day, trainer, person = away
    person.language = "en"
    log_in(person)
    send(client)
    log_in(trainer)
    client.post(f"/absences/{db.session.scalars(select(Excuse)).one().id}", data={"decision": "accepted"})

    title = db.session.scalars(select(Notice).where(Notice.person_id == person.id)).one().title
    assert title == "Your absence is excused"


def test_a_paper_that_another_absence_names_stays_until_that_one_is_decided(away, client, log_in, now):
    _, trainer, person = away
    log_in(person)
    send(client, paper=PNG)
    send(client, paper=PNG, starts_on="2027-03-09", ends_on="2027-03-09")
    first, second = db.session.scalars(select(Excuse).order_by(Excuse.id)).all()
    assert first.file_hash != second.file_hash  # what is kept locked is never twice the same
    second.file_hash = first.file_hash
    db.session.commit()

    absences.decide(first, trainer, True, "", "Papier accepté", now, MONDAY)
    assert absences.paper_of(second) == PNG
    absences.decide(second, trainer, True, "", "Papier accepté", now, MONDAY)
    assert not storage.exists(second.file_hash)


def test_an_absence_refused_says_why_and_changes_nothing(away, client, log_in):
    half_day, trainer, person = away
    log_in(person)
    send(client)
    excuse = db.session.scalars(select(Excuse)).one()
    log_in(trainer)
    page = client.post(f"/absences/{excuse.id}", data={"decision": "refused"})
    assert "Écrivez un mot à la personne" in page.text
    client.post(f"/absences/{excuse.id}", data={"decision": "refused", "answer": "Le papier est d'une autre date."})

    assert services_own.line_of(half_day, person.id).standing.state is State.UNJUSTIFIED
    log_in(person)
    assert "Le papier est" in client.get("/presence/absence").text


def test_two_people_do_not_decide_twice(away, client, log_in, now):
    half_day, trainer, person = away
    log_in(person)
    send(client)
    excuse = db.session.scalars(select(Excuse)).one()
    absences.decide(excuse, trainer, True, "", "Papier accepté", now, MONDAY)

    with pytest.raises(absences.AlreadyDecided):
        absences.decide(excuse, trainer, False, "Non", "", now, MONDAY)
    assert db.session.query(Entry).filter_by(kind="mark").count() == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"starts_on": "2027-03-09"}, "La fin est avant le début"),
        ({"ends_on": "2029-03-09"}, "C&#39;est trop long"),
        ({"code": "AJ-XXX"}, "Choisissez une réponse"),
        ({"starts_on": "demain"}, "Écrivez la date"),
        ({"paper": b"<html></html>"}, "à corriger"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_word(away, client, log_in, given, words):
    _, _, person = away
    log_in(person)

    assert words in send(client, **given).text
    assert db.session.query(Excuse).count() == 0


def test_a_trainer_sees_who_said_so_before_and_never_why(away, client, log_in):
    half_day, trainer, _ = away
    other = make_learner(half_day.cohort)
    save()
    services_marks.add_walk_in(half_day, other, trainer, OPEN)
    log_in(other)
    send(client, code="AJ-HAN")
    log_in(trainer)
    page = client.get(f"/half-days/{half_day.id}").text

    assert "a prévenu de son absence" in page
    assert "santé" not in page


def test_an_absence_of_another_school_is_not_there(away, client, log_in):
    _, _, person = away
    log_in(person)
    send(client)
    excuse = db.session.scalars(select(Excuse)).one()
    log_in(make_manager())

    assert client.get(f"/absences/{excuse.id}").status_code == 404
    log_in(person)
    assert client.get(f"/absences/{excuse.id}").status_code == 403


def test_a_half_day_is_disputed_and_answered(away, client, log_in):
    half_day, trainer, person = away
    log_in(person)
    assert client.post(f"/presence/{half_day.id}/dispute", data={"text": ""}).status_code == 200
    client.post(f"/presence/{half_day.id}/dispute", data={"text": "J'étais là."})
    made = db.session.scalars(select(Dispute)).one()
    log_in(trainer)
    assert person.name in client.get("/absences").text
    client.post(f"/disputes/{made.id}", data={"answer": "C'est corrigé."})
    log_in(person)

    assert "C&#39;est corrigé." in client.get(f"/presence/{half_day.id}").text


def test_nobody_disputes_the_half_day_of_another(away, client, log_in):
    half_day, _, _ = away
    other = make_learner()
    save()
    log_in(other)

    assert client.post(f"/presence/{half_day.id}/dispute", data={"text": "Moi aussi"}).status_code == 404
