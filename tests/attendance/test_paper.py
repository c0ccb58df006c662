"""The sheet of a week on paper: each field that a funder asks for, in reading order, sealed, and the same twice."""

import hashlib
import io
import json
import re
import subprocess
from dataclasses import replace
from datetime import date, timedelta

import pikepdf
import pytest
from sqlalchemy import select

from popschool import jobs, storage
from popschool.attendance import evidence, paper, services, services_marks, services_sheets, tasks
from popschool.attendance.models import CompanyPeriod, ContentRemoval, Entry, EntryContent, HalfDayTrainer
from popschool.attendance.models_sheets import Sheet, SheetHeading, SheetPaper
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.rules_ledger import START, canonical, content_hash
from popschool.attendance.rules_papers import declaration, prefect_region, runs
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.courses.images import encode
from popschool.db import db, transaction
from tests.attendance.weeks import AWAY, LATE, MONDAY, SICK, Week, make_week, paper_of
from tests.authority import make_owner, stamping, write_pem
from tests.factories import make_half_day, make_manager, make_person, make_trainer, save


def read_aloud(data):
    """Return the text of a PDF in the order of reading, with ordinary spaces."""
    said = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    return re.sub(r"[\s\u00a0\u202f]+", " ", said)


def in_order(text, *sentences):
    """Say whether each sentence is there, each after the one before."""
    at = 0
    for sentence in sentences:
        found = text.find(sentence, at)
        assert found >= 0, f"{sentence!r} is not after {text[max(0, at - 60) : at]!r}"
        at = found + len(sentence)
    return True


@pytest.fixture
def week(app):
    """A day of three people, whose header is whole."""
    made = make_week()
    db.session.add(
        SheetHeading(
            cohort_id=made.cohort.id,
            school_id=made.cohort.school_id,
            session_number="HDF-118-2",
            funders=[{"name": "Région Hauts-de-France", "agreement": "2027-118"}],
            is_funded_by_union=True,
            changed_at=made.over,
        )
    )
    save()
    return made


def attached(data):
    with pikepdf.open(io.BytesIO(data)) as opened:
        return json.loads(opened.attachments["preuve.json"].get_file().read_bytes())


def test_every_field_of_the_header_is_printed_in_order(week):
    week.finish()
    sheet = week.close()

    said = read_aloud(paper_of(sheet))

    assert in_order(
        said,
        "Association Pop School École de Valenciennes",
        f"Feuille d'émargement n° {sheet.number} établie le 8 mars 2027 à 17 h 04",
        "Feuille d'émargement, semaine du 8 au 12 mars 2027",
        "Organisme de formation Association Pop School 23 place de l'Abondance, 59300 Valenciennes",
        "SIRET 123 456 789 00012",
        "Action de formation Développeur web Session n° HDF-118-2",
        "Financement Région Hauts-de-France Convention n° 2027-118",
        f"Promo et lieu Promo {week.cohort.code} École de Valenciennes 1 rue du Lycée, 59300 Valenciennes",
        "Déclaration d'activité enregistrée sous le n° 32591234567 auprès du préfet de région Hauts-de-France – "
        "Cet enregistrement ne vaut pas agrément de l'État",
        "Cofinancé par l'Union européenne",
        "lundi 8 mars",
        "Matin 09:00–12:30 Après-midi 13:30–17:00",
        "Réaliser une page présentiel, salle 2",
    )


def test_people_and_their_half_days_are_printed_in_order(week):
    first, second, third = week.people
    morning, afternoon = week.half_days
    week.mark(morning, first, SICK)
    week.mark(afternoon, first, AWAY)
    week.sign(morning, second)
    week.mark(morning, second, LATE)
    week.sign(afternoon, second, Act(Method.HELP, "…", "1-fr", helped_by="Formatrice 09"))
    week.sign(morning, third, Act(Method.PAPER, "…", "1-fr", by_id=week.trainer.id))
    week.mark(afternoon, third, Said(Mark.DISPENSED))
    week.finish()

    said = read_aloud(paper_of(week.close()))

    code = week.cohort.code
    assert in_order(
        said,
        f"{code} Apprenante 01 AJ AI 0 h",
        f"{code} Apprenante 02 RET 25 min AI signé le 08/03 à 9 h 04 P signé le 08/03 à 13 h 34 aide : Formatrice 09",
        "6 h 35",
        f"{code} Apprenante 03 P signature papier le 08/03 DSP 3 h 30",
        f"Formateurs et formatrices {week.trainer.name} signé le 08/03 à 12 h 31",
        f"{week.trainer.name} signé le 08/03 à 17 h 01",
        "Nombre de présents 2 1",
        "Total des heures 6 h 35 3 h 30 10 h 05",
        "P présent ou présente",
        "Heures de Paris",
        f"Feuille établie le 8 mars 2027 à 17 h 04 par {week.trainer.name}, scellée le 8 mars 2027 à 17 h 04, "
        "empreinte SHA-256",
    )


def test_a_week_in_a_company_and_a_walk_in_are_said(week):
    away, *_ = week.people
    period = {"school_id": week.cohort.school_id, "cohort_id": week.cohort.id, "person_id": away.id}
    db.session.add(CompanyPeriod(**period, starts_on=MONDAY, ends_on=MONDAY, created_at=week.over))
    guest = make_person("Apprenante", last_name="INVITÉE", first_name="Ada")
    save()
    for half_day in week.half_days:
        services.open_half_day(half_day, None, half_day.span.starts_at)
        services_marks.add_walk_in(half_day, guest, week.trainer, half_day.span.starts_at)
        week.sign(half_day, guest)
    week.people.remove(away)
    week.finish()

    said = read_aloud(paper_of(week.close()))

    assert f"{away.last_name} {away.first_name} ENT ENT 0 h" in said
    assert "INVITÉE Ada P signé le 08/03 à 9 h 04 ajout sur place" in said


def test_the_fingerprint_is_printed_in_groups_of_four_with_the_page_and_the_address(week):
    week.finish()
    sheet = week.close()

    said = read_aloud(paper_of(sheet))

    groups = " ".join(sheet.hash[place : place + 4] for place in range(0, 64, 4))
    assert said.count(f"SHA-256 {groups}") + said.count(f"SHA-256 : {groups}") >= 2
    assert "page 1/" in said
    assert f"/verify/{sheet.number}" in said


def test_both_lines_of_a_correction_are_printed_with_who_why_and_when(week):
    manager = make_manager(week.cohort.school)
    save()
    week.mark(week.half_days[0], week.people[0], SICK)
    week.finish()
    week.mark(
        week.half_days[0],
        week.people[0],
        replace(AWAY, reason="Le papier était pour un autre jour"),
        by=manager,
        at=week.over,
    )
    said = read_aloud(paper_of(week.close()))

    assert in_order(
        said,
        "Corrections",
        "lundi 8 mars, matin",
        week.people[0].name,
        "AJ AI Le papier était pour un autre jour",
        manager.name,
        "08/03/2027 à 17 h 04",
    )


def test_an_amendment_says_which_sheet_it_amends_why_and_by_whom(week):
    week.finish()
    first = week.close()
    manager = make_manager(week.cohort.school)
    save()
    left_early = Said(Mark.PARTIAL, Absence.UNJUSTIFIED, early_minutes=30, reason="Parti plus tôt")
    week.mark(week.half_days[1], week.people[0], left_early, by=manager, at=week.over)

    second = services_sheets.amend_week(week.cohort, MONDAY, week.trainer, "Erreur de saisie", week.over)
    said = read_aloud(paper_of(second))

    assert in_order(
        said,
        f"n° {second.number}",
        f"Avenant à la feuille n° {first.number}",
        f"Motif : Erreur de saisie. Corrections faites par {manager.name}, validées par {week.trainer.name}.",
    )
    assert in_order(said, "Corrections", week.people[0].name, "P RET 30 min AI Parti plus tôt", manager.name)
    assert "Avenant" not in read_aloud(paper_of(first))


def test_a_paper_never_tells_a_motive_nor_does_what_it_holds(week):
    week.mark(week.half_days[0], week.people[0], SICK)
    week.finish()

    made = paper_of(week.close())

    assert "MAL" not in read_aloud(made)
    assert "Grippe" not in read_aloud(made)
    held = json.dumps(attached(made), ensure_ascii=False)
    assert "AJ-MAL" not in held and "Grippe" not in held
    assert evidence.WITHHELD in held


def test_a_half_day_at_a_distance_gives_its_link_and_two_trainers_both_sign(week):
    second = make_trainer(week.cohort)
    week.half_days[1].link = "https://visio.example.org/val-2"
    week.half_days[1].trainers.append(HalfDayTrainer(person_id=second.id))
    save()
    week.finish()

    said = read_aloud(paper_of(week.close()))

    assert "présentiel, salle 2 Réaliser une page à distance, en direct : visio.example.org/val-2" in said
    assert in_order(said, "Formateurs et formatrices", week.trainer.name, second.name, "signé le 08/03 à 17 h 01")


def test_a_week_of_nobody_has_its_sheet(app):
    week = make_week(people=0, half_days=1)
    services.open_half_day(week.half_days[0], week.trainer.id, week.half_days[0].span.starts_at)
    week.finish()

    said = read_aloud(paper_of(week.close()))

    assert "Personne n'était attendu cette semaine." in said
    assert in_order(said, "Nombre de présents 0", "Total des heures 0 h 0 h")


def test_names_however_long_wrap_and_are_whole(week):
    week.people[0].last_name = "DE LA ROCHEFOUCAULD-ŁUKASZEWSKA ĐẶNG VAN DER BERGHE"
    week.people[0].first_name = "Marie-Antoinette Guadalupe Nadège"
    week.people[1].last_name = "X" * 60
    save()
    week.finish()

    said = read_aloud(paper_of(week.close()))

    whole = said.replace("- ", "-")
    assert "DE LA ROCHEFOUCAULD-ŁUKASZEWSKA ĐẶNG VAN DER BERGHE Marie-Antoinette Guadalupe Nadège" in whole
    assert "X" * 60 in said.replace(" ", "")


def test_twenty_four_people_and_ten_half_days_fit_on_landscape_pages_that_repeat_their_heads(week):
    content = wide_content(week)
    sheet = db.session.scalars(select(Sheet)).one()

    made = paper.draw(sheet, content, "{}", "https://example.org")

    with pikepdf.open(io.BytesIO(made)) as opened:
        width, height = (float(one) for one in opened.pages[0].MediaBox[2:])
        assert (round(width), round(height)) == (842, 595)
        assert len(opened.pages) <= 4
    said = read_aloud(made)
    assert said.count("vendredi 12 mars") >= len(re.findall(r"page \d/\d", said)) - 1
    assert all(f"Apprenante {number:02} P signé le" in said for number in range(24))


def wide_content(week):
    """Return what a sheet says, with 24 people and five whole days, from a small one."""
    week.finish()
    content = json.loads(json.dumps(week.close().content.content))
    day, person = content["half_days"], content["people"][0]
    content["half_days"] = [
        half | {"on": (MONDAY + timedelta(days=number)).isoformat()} for number in range(5) for half in day
    ]
    content["people"] = [
        person | {"first_name": f"Apprenante {number:02}", "cells": person["cells"] * 5} for number in range(24)
    ]
    return content


def test_the_same_sheet_gives_the_same_bytes(week):
    week.finish()
    sheet = week.close()
    proof = evidence.evidence_of(sheet, sheet.content.salt, sheet.content.content)

    first = paper.draw(sheet, sheet.content.content, proof, "https://example.org")

    assert first == paper.draw(sheet, sheet.content.content, proof, "https://example.org")
    assert proof == evidence.evidence_of(sheet, sheet.content.salt, sheet.content.content)


def test_the_job_is_asked_for_once_and_does_nothing_again(week):
    week.finish()
    sheet = week.close()
    assert db.session.query(jobs.Job).filter_by(task="popschool.attendance.tasks:make_paper").count() == 1

    paper_of(sheet)
    before = db.session.get(SheetPaper, sheet.id).made_at
    tasks.make_paper(sheet.id)
    tasks.make_paper(10_000)

    assert db.session.get(SheetPaper, sheet.id).made_at == before
    assert db.session.query(SheetPaper).count() == 1


def test_a_paper_is_sound_tagged_and_declares_its_standards(week, tmp_path):
    week.finish()
    (tmp_path / "sheet.pdf").write_bytes(paper_of(week.close()))

    checked = subprocess.run(["qpdf", "--check", tmp_path / "sheet.pdf"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with pikepdf.open(tmp_path / "sheet.pdf") as made:
        about = made.open_metadata()
        assert made.Root.MarkInfo.Marked and str(made.Root.Lang) == "fr-FR"
        assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("3", "A", "1")
        assert tags_of(made) >= {"Table", "THead", "TBody", "TR", "TH", "TD", "H1", "P", "Link"}


def tags_of(made):
    """Return the kinds of structure that a document is tagged with."""
    found, waiting = set(), [made.Root.StructTreeRoot]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += list(one)
        elif isinstance(one, pikepdf.Dictionary):
            found.add(str(one.get("/S", "")).lstrip("/"))
            waiting += [one.K] if "/K" in one else []
    return found


def test_a_sealed_paper_is_signed_and_stamped_and_keeps_its_standards(week, app, tmp_path):
    authority = make_owner("Autorité d'essai")
    school, clock_maker = make_owner("Pop School", authority), make_owner("Horloge", authority, stamps=True)
    week.finish()
    sheet = week.close()
    before = app.config["POPSCHOOL"]
    with stamping(clock_maker, authority) as url:
        path = write_pem(tmp_path / "seal.pem", school, authority)
        app.config["POPSCHOOL"] = replace(before, seal_key=path, tsa_url=url)
        try:
            made = paper_of(sheet)
        finally:
            app.config["POPSCHOOL"] = before
    (tmp_path / "sheet.pdf").write_bytes(made)

    said = subprocess.run(["pdfsig", tmp_path / "sheet.pdf"], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 1 and "Common Name: Pop School" in said
    assert "Common Name: Horloge" in said and "Total document signed" in said
    kept = db.session.get(SheetPaper, sheet.id)
    assert kept.is_signed and kept.is_stamped
    with pikepdf.open(tmp_path / "sheet.pdf") as opened:
        about = opened.open_metadata()
        assert (about["pdfaid:part"], about["pdfuaid:part"]) == ("3", "1")
    subprocess.run(["qpdf", "--check", tmp_path / "sheet.pdf"], capture_output=True, check=True)


def sha(*texts):
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def followed(proof):
    """Follow the ledger of an evidence from its first line, and return the hash that it leads to."""
    previous = proof["ledger_starts_after"]
    for line in proof["ledger"]:
        said = sha(canonical(line["fields"]).decode()) if "fields" in line else line["fields_hash"]
        previous = sha(previous, said)
        assert previous == line["hash"]
    return previous


def test_the_evidence_lets_anybody_compute_every_hash(week):
    week.mark(week.half_days[0], week.people[0], SICK)
    week.finish()
    sheet = week.close()

    proof = attached(paper_of(sheet))

    own = proof["sheet"]
    assert own["hash"] == sheet.hash == sha(own["previous_hash"], sha(canonical(own["fields"]).decode()))
    assert content_hash(own["salt"], own["content"]) == own["fields"]["content_hash"]
    assert proof["ledger_starts_after"] == START
    assert followed(proof) == own["fields"]["last_entry_hash"]
    told = [line for line in proof["ledger"] if line["content"] is not None]
    assert (len(proof["ledger"]), len(told)) == (8, 7)
    for line in told:
        assert content_hash(line["salt"], line["content"]) == line["fields"]["content_hash"]


def test_the_chain_of_the_evidence_is_whole_across_other_weeks(week):
    week.finish()
    first = week.close()
    late = make_week_after(week)
    manager = make_manager(week.cohort.school)
    save()
    left_early = Said(Mark.PARTIAL, Absence.UNJUSTIFIED, early_minutes=30, reason="Parti plus tôt")
    week.mark(week.half_days[1], week.people[0], left_early, by=manager, at=late.half_days[0].span.starts_at)
    late.finish()
    sheet = services_sheets.close_week(week.cohort, MONDAY + timedelta(days=7), week.trainer, late.over)

    proof = json.loads(evidence.evidence_of(sheet, sheet.content.salt, sheet.content.content))

    assert [line["sequence"] for line in proof["ledger"]] == list(range(first.last_entry + 1, sheet.last_entry + 1))
    assert proof["ledger_starts_after"] == first.last_entry_hash
    assert followed(proof) == sheet.last_entry_hash
    assert [set(line) for line in proof["ledger"] if "fields" not in line] == [{"sequence", "hash", "fields_hash"}]


def test_a_week_closed_after_the_next_one_still_reaches_the_end_of_its_ledger(week):
    week.finish()
    late = make_week_after(week)
    late.finish()
    services_sheets.close_week(week.cohort, MONDAY + timedelta(days=7), week.trainer, late.over)
    sheet = services_sheets.close_week(week.cohort, MONDAY, week.trainer, late.over)

    proof = json.loads(evidence.evidence_of(sheet, sheet.content.salt, sheet.content.content))

    assert (len(proof["ledger"]), sum("fields" in line for line in proof["ledger"])) == (12, 8)
    assert followed(proof) == sheet.last_entry_hash


def make_week_after(week):
    """The next week of the same cohort, a morning."""
    half_day = make_half_day(week.cohort, week.trainer, on=MONDAY + timedelta(days=7))
    save()
    return Week(week.cohort, week.trainer, week.people, [half_day])


def test_content_that_retention_removed_is_said_in_the_evidence(week):
    week.finish()
    sheet = week.close()
    first = db.session.scalars(select(Entry.id).where(Entry.sequence == 1)).one()
    with transaction():
        db.session.add(ContentRemoval(entry_id=first, removed_on=MONDAY, rule="three years"))
        db.session.query(EntryContent).filter_by(entry_id=first).delete()

    proof = json.loads(evidence.evidence_of(sheet, sheet.content.salt, sheet.content.content))

    assert (proof["ledger"][0]["content"], proof["ledger"][0]["why"]) == (None, evidence.REMOVED)
    assert followed(proof) == sheet.last_entry_hash


def test_the_logo_of_the_funders_is_drawn_with_its_words(week):
    picture = encode("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90"'
                     b' height="30" fill="#5c1864"/></svg>')  # fmt: skip
    db.session.get(SheetHeading, week.cohort.id).logo_hash = storage.put(picture.data).hash
    save()
    week.finish()

    with pikepdf.open(io.BytesIO(paper_of(week.close()))) as made:
        assert "Logo : Région Hauts-de-France" in alternatives_of(made)


def alternatives_of(made):
    found, waiting = set(), [made.Root.StructTreeRoot]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting += list(one)
        elif isinstance(one, pikepdf.Dictionary):
            found |= {str(one.Alt)} if "/Alt" in one else set()
            waiting += [one.K] if "/K" in one else []
    return found


def test_the_region_of_a_declaration_comes_from_its_number():
    assert prefect_region("32591234567") == "Hauts-de-France"
    assert prefect_region("93131234567") == "Provence-Alpes-Côte d'Azur"
    assert prefect_region("04973217797") == "La Réunion"
    assert prefect_region("") == ""
    assert declaration("", "Bretagne") == ""


def test_half_days_that_say_the_same_share_one_heading():
    assert runs("aabba", str.upper) == [("A", 2), ("B", 2), ("A", 1)]


def test_the_days_of_a_week_are_said_with_each_month_and_year_once():
    assert paper._days(date(2027, 3, 8), date(2027, 3, 12)) == "8 au 12 mars 2027"
    assert paper._days(date(2027, 3, 29), date(2027, 4, 2)) == "29 mars au 2 avril 2027"
    assert paper._days(date(2026, 12, 28), date(2027, 1, 1)) == "28 décembre 2026 au 1er janvier 2027"
