"""Evidence for Qualiopi: each indicator says what is proved and what is added; pieces keep their day; the zip."""

import io
import zipfile
from datetime import date, timedelta

import pytest

from popschool import clock, storage
from popschool.db import db
from popschool.projects.rules_files import FileRefused
from popschool.registers import services as registers
from popschool.registers.rules import Draft, Register
from popschool.reports import evidence, tasks
from popschool.reports import rules_evidence as rules
from popschool.reports import services_evidence as services
from popschool.reports.models_evidence import EvidencePack
from popschool.reports.rules_evidence import BY_NUMBER, INDICATORS
from popschool.schools.models import Accommodation
from tests.completion.paths import HERE, ISSUED, START, TODAY, attend, make_path
from tests.factories import add

PDF = b"%PDF-1.7\n" + bytes(300) + b"\n%%EOF\n"


def test_each_of_the_32_indicators_is_proved_here_or_says_what_to_add():
    assert [one.number for one in INDICATORS] == list(range(1, 33))
    assert {one.criterion for one in INDICATORS} == set(range(1, 8))
    assert all(one.tables or one.by_hand for one in INDICATORS)
    assert {name for one in INDICATORS for name in one.tables} <= evidence.MAKERS.keys()


@pytest.fixture
def path(app):
    clock.freeze(ISSUED)
    path = make_path()
    attend(path, HERE * 4)
    path.issue()
    return path


def test_arrangements_are_a_count_and_not_even_that_under_five(path):
    def told():
        [part] = evidence.tables_of(BY_NUMBER[26], path.cohort.school, START, TODAY)
        return part.rows[0][1]

    for _number in range(4):
        person = make_path(path.cohort.school).person
        add(
            Accommodation(
                person_id=person.id, school_id=path.cohort.school_id, format="écran", starts_on=START, created_at=ISSUED
            )
        )
    db.session.commit()

    assert told() == "moins de 5"


def test_registers_prove_their_indicators_without_naming_who_complains(path):
    school, complaint = (
        path.cohort.school,
        {"who": "learner", "said": "Il fait froid", "name": "Sam", "mail": "s@e.org"},
    )
    for register, draft in (
        (Register.INTERVIEWS, Draft(START, {"stage": "entry", "said": "Un secret", "decided": "Venir le matin"})),
        (Register.COMPLAINTS, Draft(START, complaint)),
        (Register.IMPROVEMENTS, Draft(START, {"source": "complaint", "what": "Chauffer", "expected": "19 degrés"},
                                      TODAY, path.manager.id)),
    ):  # fmt: skip
        place = path.enrolment if register is Register.INTERVIEWS else None
        record = registers.write(register, school.id, draft, path.manager, ISSUED, TODAY, enrolment=place)
        if register is Register.COMPLAINTS:
            registers.end(record, "C'est réparé", path.manager, ISSUED, TODAY)

    def told(number):
        return {part.key: part.rows for part in evidence.tables_of(BY_NUMBER[number], school, START, TODAY)}

    assert (
        told(4)["interviews"]
        == told(10)["interviews"]
        == [(1, START, path.person.name, "à l'entrée", "Venir le matin", path.manager.name, 1)]
    )
    [answered] = told(31)["complaints"]
    assert answered[3:] == ("Il fait froid", START + timedelta(days=30), "C'est réparé", TODAY)
    assert "Sam" not in answered
    assert [row[3] for row in told(32)["improvements"]] == ["Chauffer"]
    assert [told(number)[name] for number, name in ((8, "positioning"), (9, "house_rules"), (30, "surveys"))] == [
        []
    ] * 3


def test_a_piece_keeps_its_day_and_who_brought_it_and_only_what_opens_everywhere(path):
    school = path.cohort.school
    given = (path.manager, ISSUED, TODAY)

    services.add_piece(school, 9, "Livret d'accueil", date(2027, 1, 4), ("livret.pdf", PDF), *given)
    with pytest.raises(rules.PieceOfTomorrow):
        services.add_piece(school, 9, "Livret", TODAY + timedelta(days=1), ("livret.pdf", PDF), *given)
    with pytest.raises((rules.PieceRefused, FileRefused)):
        services.add_piece(school, 9, "Livret", TODAY, ("livret.txt", b"bonjour"), *given)

    [kept] = services.pieces_of(school.id)[9]
    assert (kept.title, kept.dated_on, kept.by_id) == ("Livret d'accueil", date(2027, 1, 4), path.manager.id)


def test_the_archive_of_a_year_has_a_folder_for_each_indicator_and_two_indexes(path, client, log_in):
    school = path.cohort.school
    log_in(path.manager)
    address = f"/schools/{school.id}/evidence/2027"
    services.add_piece(school, 9, "Livret d'accueil", START, ("livret.pdf", PDF), path.manager, ISSUED, TODAY)

    client.post(address)
    client.post(address)
    pack = db.session.query(EvidencePack).one()
    waiting = client.get(address).text
    tasks.make_evidence(pack.id)
    tasks.make_evidence(pack.id)
    db.session.refresh(pack)
    ready = client.get(address).text
    answer = client.get(f"{address}.zip")

    assert "<progress" in waiting
    assert "<progress" not in ready
    assert (pack.done, len(pack.parts)) == (services.TOTAL, 32)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert archive.read("index.pdf").startswith(b"%PDF")
        index = archive.read("index.html").decode()
        assert archive.read(f"indicateur-09/pieces/{services.pieces_of(school.id)[9][0].id}-livret.pdf") == PDF
    assert {f"indicateur-{number:02}" for number in range(1, 33)} == {
        name.split("/")[0] for name in names if "/" in name
    }
    assert "Livret d&#x27;accueil" in index
    assert "empreinte" in index
    assert storage.exists(pack.archive_hash)


def test_an_indicator_shows_its_rows_and_takes_a_piece(path, client, log_in):
    log_in(path.manager)
    address = f"/schools/{path.cohort.school_id}/evidence/2027/11"

    page = client.get(address).text
    missing = client.post(address, data={"title": "Grille", "dated_on": "2027-01-04"}).text
    sent = client.post(
        address,
        data={"title": "Grille", "dated_on": "2027-01-04", "file": (io.BytesIO(PDF), "grille.pdf")},
        content_type="multipart/form-data",
    )

    assert "Certificat de réalisation" in page
    assert "Choisissez un fichier" in missing
    assert sent.status_code == 302
    assert "Grille" in client.get(address).text
    [piece] = services.pieces_of(path.cohort.school_id)[11]
    assert client.get(f"/schools/{path.cohort.school_id}/evidence/pieces/{piece.id}").data == PDF
    assert client.get(f"/schools/{path.cohort.school_id}/evidence/2027/33").status_code == 404
    assert client.get(f"/schools/{path.cohort.school_id}/evidence/2026.zip").status_code == 404
