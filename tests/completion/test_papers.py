"""The other documents of a person, read from their PDF; then what happens to a document once it is issued."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import text

from popschool import cli, clock, storage
from popschool.completion import (
    checking,
    services_batches,
    services_funding,
    services_papers,
    services_retention,
    tasks,
)
from popschool.completion.models_papers import Document, DocumentBatch, DocumentContent
from popschool.completion.rules_papers import AlreadyRevoked, ChangeReasonMissing, PaperKind, What, in_fours
from popschool.db import db, transaction
from popschool.schools.models import Enrolment, Network
from tests.completion.paths import (
    END,
    HERE,
    ISSUED,
    NOTHING,
    START,
    TODAY,
    attend,
    in_order,
    late,
    make_path,
    paper_of,
    pay,
    read_aloud,
    work_in_company,
)
from tests.factories import make_award, make_learner, make_manager, save

DECLARED = "Déclaration d'activité enregistrée sous le n° 32591234567 auprès du préfet de région Hauts-de-France"


@pytest.fixture
def path(app):
    made = make_path()
    services_funding.save_action(
        made.cohort, "training", ["Réaliser une page web.", "Publier un site."], "326", made.manager.id, ISSUED
    )
    return made


def test_the_attestation_of_attendance_has_a_line_for_each_month(path):
    """20 half-days in January (one ill, one late by 20 minutes), 4 in February (one away): computed by hand."""
    attend(path, ["J", late(20)] + [HERE] * 18, date(2027, 1, 4))
    attend(path, [HERE, HERE, HERE, "A"], date(2027, 2, 1))

    said = read_aloud(paper_of(path.issue(kind=PaperKind.ATTENDANCE)))

    assert in_order(
        said,
        "ATTESTATION D'ASSIDUITÉ",
        DECLARED,
        "Je soussigné(e) Claude Martin, directrice générale, atteste que M./Mme Élodie LŒUVRE a suivi l'action "
        "Développement web et web mobile, du 04/01/2027 au 12/07/2027, pour une durée de 76,66 heures.",
        "Mois Prévues Réalisées Absences justifiées Absences injustifiées Taux",
        "janvier 2027 70,00 66,16 3,50 0,34 94,5 %",
        "février 2027 14,00 10,50 0,00 3,50 75,0 %",
        "Total 84,00 76,66 3,50 3,84 91,3 %",
        "Fait à : Valenciennes",
        "Le : 20/07/2027",
    )
    assert "AJ-MAL" not in said


def test_the_end_of_training_says_objectives_nature_hours_and_results(path):
    attend(path, [HERE] * 4)

    said = read_aloud(paper_of(path.issue(kind=PaperKind.END)))

    assert in_order(
        said,
        "ATTESTATION DE FIN DE FORMATION",
        "Association Pop School",
        DECLARED,
        "Association Pop School atteste que M./Mme Élodie LŒUVRE a suivi l'action de formation :",
        "Développement web et web mobile",
        "Nature de l'action",
        "action de formation",
        "du 04/01/2027 au 12/07/2027",
        "14,00 heures",
        "Objectifs",
        "Réaliser une page web.",
        "Publier un site.",
        "Résultats de l'évaluation des acquis",
        "Réaliser une page non acquis",
        "Fait à : Valenciennes",
    )


def test_the_end_of_training_waits_for_objectives_and_for_the_end(app):
    path = make_path()
    attend(path, [HERE])

    whats = [one.what for one in path.preview(kind=PaperKind.END, today=date(2027, 3, 1)).anomalies if one.blocks]

    assert whats == [What.OBJECTIVES_MISSING, What.PERIOD_OPEN]


def test_a_period_in_a_company_has_its_agreement_then_its_statement(path):
    period = work_in_company(path, date(2027, 5, 18), date(2027, 5, 28), [420, 420, 400, 420])

    agreed = read_aloud(paper_of(path.issue(kind=PaperKind.AGREEMENT)))
    stated = read_aloud(paper_of(path.issue(kind=PaperKind.COMPANY)))

    # Nine week days of seven hours: 18 to 21, 24 to 28.
    assert in_order(
        agreed,
        "CONVENTION DE PÉRIODE EN ENTREPRISE",
        "Stagiaire : M./Mme Élodie LŒUVRE",
        "Atelier du Canal",
        "987 654 321 00011",
        "Dominique Petit",
        "du 18/05/2027 au 28/05/2027",
        "Heures prévues en entreprise : 63,00.",
        "L'entreprise d'accueil",
    )
    assert in_order(stated, "ÉTAT DE PRÉSENCE EN ENTREPRISE", "– 7,00 7,00 6,66 7,00 27,66", "Total 27,66")
    assert {one.subject for one in db.session.query(services_papers.DocumentSource)} == {"company"}
    assert period.company in stated


def test_a_workshop_and_a_booklet_are_made_for_anybody(path):
    attend(path, [HERE])
    pay(path, voucher="APTIC-0042")

    workshop = read_aloud(paper_of(path.issue(kind=PaperKind.WORKSHOP)))
    booklet = read_aloud(paper_of(path.issue(kind=PaperKind.BOOKLET)))

    assert in_order(workshop, "ATTESTATION DE PARTICIPATION", "3,50 heures", "APTIC-0042")
    assert in_order(booklet, "LIVRET DE COMPÉTENCES", "Ce que l'on voit", "Réaliser une page pas encore")


def test_a_document_is_replaced_with_a_reason_and_both_stay(path):
    attend(path, [HERE] * 2)
    first = path.issue()
    with pytest.raises(ChangeReasonMissing):
        services_papers.issue(path.preview(), path.manager, ISSUED, first, " ")

    second = services_papers.issue(path.preview(), path.manager, ISSUED, first, "Absence justifiée après coup")

    assert (second.replaces_id, second.number[-4:], second.sequence) == (first.id, "0002", 2)
    assert second.previous_hash == first.hash
    with pytest.raises(AlreadyRevoked):
        services_papers.revoke(first, path.manager, "Encore", ISSUED)
    db.session.expire_all()
    assert checking.document_with(first.code).newer == second.number


def test_a_revoked_document_says_so_to_whoever_checks_it(path):
    attend(path, [HERE])
    document = path.issue()
    file = io.BytesIO(paper_of(document))

    services_papers.revoke(document, path.manager, "Erreur sur la personne", ISSUED)
    db.session.expire_all()

    by_code = checking.document_with(in_fours(document.code))
    _print, by_file, _sheet = checking.look_at(file)
    assert by_code.ended.reason == by_file.ended.reason == "Erreur sur la personne"
    assert by_code.is_sound
    assert ["Durée réalisée", "3,50 heures"] in [[a, b.replace("\u00a0", " ")] for a, b in by_code.lines]
    assert checking.look_at(io.BytesIO(b"%PDF-1.7 autre"))[1] is None


def test_nobody_changes_a_document_not_even_in_the_database(path):
    attend(path, [HERE])
    document = path.issue()

    changed = "UPDATE document SET number = 'X'", "DELETE FROM document", "UPDATE document_content SET salt = ''"
    for statement in changed:
        with pytest.raises(Exception, match="never changed or removed"), transaction():
            db.session.execute(text(statement))
    # What retention removes is told apart from what somebody took away.
    with transaction():
        db.session.execute(text("DELETE FROM document_content"))
    db.session.expire_all()
    assert db.session.get(DocumentContent, document.id) is None
    assert not checking.document_with(document.code).is_sound


def test_a_cohort_is_certified_at_once_and_those_who_are_not_ready_are_named(path):
    attend(path, [HERE] * 2)
    other = make_learner(path.cohort, first_name="Alix", last_name="Été")
    save()
    batch = services_batches.ask(path.cohort, PaperKind.CERTIFICATE, START, END, path.manager, ISSUED, TODAY)

    services_batches.run(batch, tasks.make_paper, ISSUED, TODAY)
    services_batches.run(batch, tasks.make_paper, ISSUED, TODAY)

    assert [one["name"] for one in batch.failed] == [other.name]
    assert batch.failed[0]["reasons"] == [str(What.NOTHING_FOLLOWED)]
    assert db.session.query(Document).count() == 1
    with zipfile.ZipFile(io.BytesIO(storage.read(db.session.get(DocumentBatch, batch.id).archive_hash))) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")), delimiter=";"))
        assert sorted(archive.namelist()) == sorted(["index.csv", rows[1][0]])
    assert rows[1][3:8] == ["Lœuvre", "Élodie", "04/01/2027", "12/07/2027", "7,00"]


def test_what_was_issued_keeps_its_names_when_the_person_loses_theirs(path, client, log_in):
    attend(path, [HERE] * 2)
    document = path.issue(kind=PaperKind.ATTENDANCE)
    path.person.first_name, path.person.last_name = "Personne", "retirée"
    save()
    log_in(path.manager)

    assert "M./Mme Élodie LŒUVRE a suivi" in read_aloud(paper_of(document))
    assert "Élodie LŒUVRE" in client.get(f"/check/{document.code}").get_data(as_text=True)
    page = client.get(f"/documents/{document.id}").get_data(as_text=True)
    assert "Élodie LŒUVRE" in page and checking.is_sound(db.session.get(Document, document.id))


def test_a_rule_that_changes_in_the_middle_cuts_the_period(path):
    attend(path, [HERE] * 2)
    share = pay(path)
    services_funding.say_setting(
        path.cohort.school_id, "rounding", "quarter", date(2027, 3, 1), True, path.manager, ISSUED,
        funding_id=share.funding_id,
    )  # fmt: skip

    whole = path.preview()
    january = path.preview(last=date(2027, 1, 31))

    assert [one.facts["day"] for one in whole.anomalies if one.what is What.RULE_CHANGED] == [date(2027, 3, 1)]
    assert What.RULE_CHANGED not in [one.what for one in january.anomalies]


def test_a_missing_half_day_keeps_an_attestation_back_too(path):
    attend(path, [HERE, NOTHING])

    assert [one.what for one in path.preview(kind=PaperKind.ATTENDANCE).anomalies if one.blocks] == [
        What.HALF_DAYS_MISSING
    ]


def test_what_a_whole_cohort_lacks_is_said_once_with_the_link_that_mends_it(app, client, log_in):
    path = make_path(with_signatory=False)
    attend(path, [HERE] * 2)
    for number in range(3):
        make_learner(path.cohort, last_name=f"Autre {number}")
    save()
    log_in(path.manager)

    page = client.get(f"/cohorts/{path.cohort.id}/papers").get_data(as_text=True)

    assert page.count("On ne sait pas qui signe") == 1
    assert f'href="/schools/{path.cohort.school_id}/signatory"' in page
    assert page.count("été suivie sur cette") == 3  # each one's own stays beside them
    assert page.count("voir plus haut") == 1


def test_what_a_document_says_goes_once_its_years_are_over_and_its_number_stays(path, app, client):
    attend(path, [HERE] * 2)
    pay(path)
    services_funding.say_setting(path.cohort.school_id, "retention_years", "5", START, True, path.manager, ISSUED)
    document = path.issue()
    paper_of(document)
    file = document.paper.hash

    assert sum(services_retention.remove_expired(ISSUED, date(2032, 12, 31))) == 0, "five years after 2027"
    clock.freeze(datetime(2033, 1, 1, 9, tzinfo=UTC))
    try:
        told = [
            CliRunner().invoke(cli.main, ["retention", "run", "--json"], obj=ScriptInfo(create_app=lambda: app)).stdout
            for _time in range(2)
        ]
    finally:
        clock.freeze(None)
    assert [json.loads(one)["documents"] for one in told] == [1, 0]
    db.session.expire_all()

    kept = db.session.get_one(Document, document.id)
    assert (kept.content, kept.paper, storage.exists(file)) == (None, None, False)
    answer = checking.document_with(kept.code)
    assert answer.is_sound and answer.removed.reason == "retention_years: 5"
    assert "été retiré" in client.get(f"/check/{kept.code}").get_data(as_text=True)


def test_a_funder_that_asks_each_month_is_not_sent_one_certificate_for_all(path):
    attend(path, [HERE] * 2)
    pay(path)
    services_funding.say_setting(
        path.cohort.school_id, "certificate_rhythm", "monthly", START, True, path.manager, ISSUED
    )

    assert What.MONTHLY_ASKED in [one.what for one in path.preview().anomalies if not one.blocks]
    january = path.preview(first=START, last=date(2027, 1, 31))
    assert What.MONTHLY_ASKED not in [one.what for one in january.anomalies]


def test_a_work_leads_to_the_papers_it_is_in_and_back(app, client, log_in):
    """Sheet, paper, work: each page has the way to the next, and to the one before."""
    award = make_award(level=2)
    save()
    enrolment = db.session.query(Enrolment).filter_by(person_id=award.person_id).first()
    manager = make_manager(enrolment.cohort.school)
    save()
    services_funding.say_signatory(
        enrolment.school_id, "Claude", "Martin", "directrice", "Lens", date(2000, 1, 1), manager, ISSUED
    )
    make_network_whole(enrolment)
    [found] = services_papers.previews(
        enrolment.cohort, PaperKind.BOOKLET, enrolment.starts_on, enrolment.ends_on, TODAY, enrolment.id
    )[1]
    document = services_papers.issue(found, manager, ISSUED)
    log_in(manager)

    work = client.get(f"/submissions/{award.submission_id}/papers").get_data(as_text=True)
    paper = client.get(f"/documents/{document.id}").get_data(as_text=True)

    assert f'href="/documents/{document.id}"' in work and document.number in work
    assert f'href="/submissions/{award.submission_id}"' in paper
    assert f'href="/submissions/{award.submission_id}/papers"' in client.get(
        f"/submissions/{award.submission_id}"
    ).get_data(as_text=True)


def make_network_whole(enrolment):
    network = db.session.get_one(Network, enrolment.cohort.school.network_id)
    network.legal_name, network.activity_number = "Association Pop School", "32591234567"
    save()
