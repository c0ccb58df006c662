"""The whole file of somebody: all that proves their path, and nothing that is no business of an audit."""

import csv
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from popschool import clock, jobs, storage
from popschool.attendance.models import Entry
from popschool.audit import AuditEntry
from popschool.auth.rules import Role
from popschool.completion.rules_papers import PaperKind
from popschool.completion.tasks import make_paper
from popschool.db import db
from popschool.grading.models import Feedback
from popschool.registers import services as registers
from popschool.registers import services_house
from popschool.registers.rules import Draft, Register
from popschool.reports import services_doors, services_files
from popschool.reports.models import WholeFile
from popschool.reports.rules_doors import DoorKind
from popschool.reports.services_doors import Wish
from popschool.reports.whole_file import MAKERS
from tests.completion.paths import HERE, ISSUED, START, TODAY, attend, late, make_path, pay, work_in_company
from tests.factories import make_award, make_person, make_role, save

WEEK_END = date(2027, 1, 8)


@pytest.fixture
def path(app):
    found = make_path()
    attend(found, ["J", "A", late(20)] + [HERE] * 17)
    found.share = pay(found)
    work_in_company(found, date(2027, 5, 3), date(2027, 5, 7), [420, 420])
    make_award(found.person)
    save()
    talk(found, Register.INTERVIEWS, {"stage": "way", "said": "Sa fille est malade", "decided": "Deux projets"})
    talk(found, Register.POSITIONING, {"means": "test", "result": "Sait lire", "decided": "Le niveau 1 d'abord"})
    begun = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
    text = services_house.publish(found.cohort.school_id, "On range.", found.manager, begun, START)
    services_house.sign(text, found.enrolment, begun)
    found.document = found.issue(kind=PaperKind.ATTENDANCE, first=START, last=WEEK_END)
    make_paper(found.document.id)
    db.session.expire_all()
    return found


def talk(path, register: Register, facts: dict[str, str]) -> None:
    draft = Draft(START, facts)
    registers.write(register, path.cohort.school_id, draft, path.manager, ISSUED, TODAY, enrolment=path.enrolment)


def made(path, door=None) -> WholeFile:
    asked = services_files.ask(path.enrolment, door, None if door else path.manager, ISSUED)
    jobs.work(until_idle=True)
    db.session.expire_all()
    return db.session.get_one(WholeFile, asked.id)


def opened(one: WholeFile) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(storage.read(one.archive_hash))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig")), delimiter=";"))


def test_a_whole_file_holds_every_proof_with_its_fingerprint(path):
    clock.freeze(ISSUED)

    one = made(path)
    files = opened(one)

    assert (one.done, one.total, one.finished_at) == (len(MAKERS), len(MAKERS), ISSUED)
    index = {row["fichier"]: row["empreinte SHA-256"] for row in table(files, "index.csv")}
    assert index == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if not name.startswith("index.")
    }
    assert all(f'href="{name}"' in files["index.html"].decode() for name in index)
    presence = table(files, "presence.csv")
    assert [row["État"] for row in presence] == ["AJ", "AI", "RET"] + ["P"] * 17
    assert (presence[2]["Sur place (h)"], presence[2]["Absence non justifiée (h)"]) == ("3,17", "0,33")
    signed = table(files, "signatures.csv")
    assert {row["Qui signe"] for row in signed} == {"personne", "équipe", "saisie"}
    assert {row["Empreinte"] for row in signed} == set(db.session.scalars(select(Entry.hash)))
    assert [row["Absence"] for row in table(files, "absences.csv")] == ["justifiée", "non justifiée", "non justifiée"]
    assert [row["Heures"] for row in table(files, "entreprise.csv")] == ["14"]
    assert [row["Convention"] for row in table(files, "financements.csv")] == ["2027-118"]
    [document] = table(files, "documents.csv")
    assert document["Empreinte"] == path.document.hash
    assert files[f"documents/{path.document.number}.pdf"].startswith(b"%PDF")
    [interview], [positioning] = table(files, "entretiens.csv"), table(files, "positionnement.csv")
    assert (interview["Ce qui est décidé"], interview["Écrit par"]) == ("Deux projets", path.manager.name)
    assert (positioning["Comment"], positioning["Ce que l'on voit"]) == ("un test", "Sait lire")
    assert [row["Version"] for row in table(files, "reglement.csv")] == ["1"]


def test_it_says_that_an_answer_exists_and_neither_its_words_nor_a_motive(path):
    clock.freeze(ISSUED)
    comment = db.session.scalars(select(Feedback.comment)).first()
    assert comment

    files = opened(made(path))

    together = b"\n".join(content for name, content in files.items() if not name.endswith(".pdf")).decode()
    assert "Sa fille" not in together
    assert "AJ-MAL" not in together and "maladie" not in together and comment not in together
    assert len(table(files, "competences.csv")) == 1


def test_an_audit_has_the_days_of_its_door_and_no_others(path):
    clock.freeze(ISSUED)
    auditor = make_person("Auditrice", mail="audit@example.org")
    make_role(auditor, Role.AUDITOR)
    save()
    wish = Wish(DoorKind.AUDITOR, False, "Audit", "audit@example.org", None, date(2027, 1, 6), WEEK_END, TODAY)
    door = services_doors.open_door(path.cohort.school_id, wish, path.manager, ISSUED, TODAY)

    files = opened(made(path, door))

    assert {row["Jour"] for row in table(files, "presence.csv")} == {"06/01/2027", "07/01/2027", "08/01/2027"}
    assert table(files, "entreprise.csv") == []


def test_a_file_asked_for_twice_is_made_once_and_again_when_it_is_done(path):
    first = services_files.ask(path.enrolment, None, path.manager, ISSUED)
    again = services_files.ask(path.enrolment, None, path.manager, ISSUED)
    services_files.run(first, ISSUED)
    kept = first.archive_hash
    services_files.run(first, ISSUED + timedelta(days=1))
    other = services_files.ask(path.enrolment, None, path.manager, ISSUED)

    assert again.id == first.id != other.id
    assert (first.finished_at, first.archive_hash) == (ISSUED, kept)


def test_an_archive_goes_after_a_month_and_can_be_made_again(path, client, log_in):
    clock.freeze(ISSUED)
    one = made(path)
    kept = one.archive_hash

    assert services_files.forget_old(ISSUED + services_files.KEPT) == 0
    assert services_files.forget_old(ISSUED + services_files.KEPT + timedelta(seconds=1)) == 1

    assert not storage.exists(kept)
    log_in(path.manager)
    assert "Préparer le dossier" in client.get(f"/enrolments/{path.enrolment.id}/whole-file").text
    assert client.get(f"/enrolments/{path.enrolment.id}/whole-file.zip").status_code == 404


def test_the_school_and_the_audit_follow_it_and_a_funder_has_none(path, client, log_in):
    clock.freeze(ISSUED)
    log_in(path.manager)
    address = f"/enrolments/{path.enrolment.id}/whole-file"
    assert client.get(f"{address}.zip").status_code == 404
    client.post(address)
    assert f"sur {len(MAKERS)}" in client.get(address).text
    jobs.work(until_idle=True)
    db.session.rollback()  # the read that a request began ends
    db.session.expire_all()
    assert "Le dossier est prêt" in client.get(address).text
    assert client.get(f"{address}.zip").data == storage.read(
        services_files.last_of(path.enrolment.id, None).archive_hash
    )
    wish = Wish(DoorKind.FUNDER, True, "Agence", "", path.share.funding.funder_id, ends_on=TODAY)
    door = services_doors.open_door(path.cohort.school_id, wish, path.manager, ISSUED, TODAY)
    own = f"/d/{services_doors.secret_of(door)}/people/{path.enrolment.id}"
    assert [client.get(own + end).status_code for end in ("", "/file", "/file.zip")] == [200, 404, 404]
    assert client.post(f"{own}/file").status_code == 404
    exports = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export_whole_file")).all()
    assert [one.actor_id for one in exports] == [path.manager.id]
