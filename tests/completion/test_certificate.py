"""The certificate of completion, from half-days signed to the printed paper; every figure was computed by hand."""

import subprocess
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from popschool.completion import drawing, services_papers
from popschool.completion.paper_certificate import KEEPING, NOTES
from popschool.completion.rules_hours import attendance_rate, cpf_rate, realisation_rate
from popschool.completion.rules_papers import AlreadyIssued, NotReady, PaperKind, What
from popschool.db import db
from tests.authority import make_owner, stamping, write_pem
from tests.completion.paths import (
    END,
    HERE,
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
from tests.factories import make_half_day, save

# What costs hundreds of signatures is lived once: each step of it is tried on both engines elsewhere.
ONCE = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


@pytest.fixture
def path(app):
    return make_path()


@ONCE
def test_the_worked_example_of_the_reference_is_printed_as_computed(path):
    """630 h: 589 h there, 24.5 h justified, 14 h and 2.5 h late unjustified; 273 h of 280 in a company."""
    attend(path, ["J"] * 7 + ["A"] * 4 + [late(90), late(60)] + [HERE] * 167)
    work_in_company(path, date(2027, 5, 18), date(2027, 7, 12), [420] * 39)
    pay(path)

    preview = path.preview()
    hours = preview.facts.hours
    made = paper_of(path.issue())
    said = read_aloud(made)

    assert (hours.due, hours.attended, hours.justified, hours.unjustified, hours.missing) == (
        630 * 60, 589 * 60, 1470, 990, 0,
    )  # fmt: skip
    assert (hours.company, hours.company_planned) == (273 * 60, 280 * 60)
    assert attendance_rate(hours) == Decimal("93.5")
    assert realisation_rate(hours) == Decimal("94.7")
    assert cpf_rate(hours) == 95
    assert in_order(
        said,
        "CERTIFICAT DE RÉALISATION",
        "Je soussigné(e) Claude Martin, représentant légal du dispensateur de l'action concourant au développement des "
        "compétences Association Pop School",
        "atteste que : M./Mme Élodie LŒUVRE",
        "a suivi l'action Développement web et web mobile",
        "Nature de l'action concourant au développement des compétences :",
        "action de formation (coché)",
        "bilan de compétences (non coché)",
        "action de VAE (non coché)",
        "action de formation par apprentissage (non coché)",
        "qui s'est déroulée du 04/01/2027 au 12/07/2027 pour une durée de 589,00 heures.",
        KEEPING,
        "Fait à : Valenciennes",
        "Le : 20/07/2027",
        "Claude Martin, directrice générale",
        "Cachet et signature du responsable du dispensateur de formation (nom, prénom, qualité du signataire)",
        *NOTES,
        "Annexe au certificat de réalisation",
        "Région",
        "Heures prévues échues, en centre 630,00",
        "Heures réalisées en centre 589,00",
        "Absences justifiées 24,50",
        "Absences injustifiées, retards et départs avant la fin 16,50",
        "Heures prévues en entreprise 280,00",
        "Heures réalisées en entreprise 273,00",
        "Les heures en entreprise ne sont pas comprises dans la durée du certificat.",
        "Taux d'assiduité : 93,5 %.",
        "Taux de réalisation : 94,7 %",
        "Taux de réalisation pour Mon Compte Formation : 95 %.",
    )


@pytest.mark.parametrize(
    ("said", "hours", "printed"),
    [
        # 10 half-days of 3.5 h: all there.
        ([HERE] * 10, (2100, 2100, 0, 0), "35,00"),
        # One morning 25 minutes late: 35 h - 25 min = 34 h 35 = 34.58.
        ([late(25)] + [HERE] * 9, (2100, 2075, 0, 25), "34,58"),
        # Never there but once, an hour late: 2.5 h.
        ([late(60)] + ["A"] * 9, (2100, 150, 0, 1950), "2,50"),
        # Ill for a week but one half-day: 3.5 h.
        ([HERE] + ["J"] * 9, (2100, 210, 1890, 0), "3,50"),
        # Late by 7 and 13 minutes, one justified absence: 35 h - 3 h 30 - 20 min = 31 h 10 = 31.16.
        ([late(7), late(13), "J"] + [HERE] * 7, (2100, 1870, 210, 20), "31,16"),
    ],
)
def test_other_weeks_computed_by_hand(path, said, hours, printed):
    attend(path, said)

    preview = path.preview()

    found = preview.facts.hours
    assert (found.due, found.attended, found.justified, found.unjustified) == hours
    assert found.adds_up
    assert f"pour une durée de {printed} heures." in read_aloud(paper_of(path.issue()))


def test_a_half_day_of_which_nothing_is_said_keeps_the_certificate_back(path):
    attend(path, [HERE, NOTHING, HERE])

    preview = path.preview()

    [anomaly] = [one for one in preview.anomalies if one.what is What.HALF_DAYS_MISSING]
    assert anomaly.facts == {"minutes": 210, "days": [START]}
    assert preview.facts.hours.adds_up
    with pytest.raises(NotReady):
        path.issue()
    assert db.session.query(services_papers.Document).count() == 0


def test_a_half_day_that_nobody_opened_keeps_it_back_too(path):
    attend(path, [HERE])
    make_half_day(path.cohort, path.trainer, on=START + timedelta(days=1))
    save()

    [anomaly] = [one for one in path.preview().anomalies if one.what is What.HALF_DAYS_MISSING]

    assert anomaly.facts["days"] == [START + timedelta(days=1)]


def test_more_hours_than_the_agreement_are_not_certified(path):
    attend(path, [HERE] * 4)
    pay(path, hours=13)

    [anomaly] = [one for one in path.preview().anomalies if one.what is What.HOURS_OVER_AGREED]

    assert anomaly.facts == {"minutes": 840, "agreed": 780}


def test_a_path_still_open_is_not_certified_and_a_month_past_is(path):
    attend(path, [HERE] * 4)

    waiting = path.preview(today=date(2027, 3, 1))
    month = path.preview(last=date(2027, 1, 31), today=date(2027, 3, 1))

    assert What.PERIOD_OPEN in [one.what for one in waiting.anomalies]
    assert month.is_ready


def test_without_who_signs_nothing_is_issued(app):
    path = make_path(with_signatory=False)
    attend(path, [HERE])

    assert [one.what for one in path.preview().anomalies if one.blocks] == [What.SIGNATORY_MISSING]


def test_two_funders_at_once_are_two_certificates(path):
    attend(path, [HERE] * 4)
    pay(path, funder="Région")
    pay(path, funder="France Travail", starts_on=date(2027, 1, 5))

    _of, found = services_papers.previews(path.cohort, PaperKind.CERTIFICATE, START, END, TODAY)

    assert [(one.facts.share.funding.funder.name, one.facts.hours.attended) for one in found] == [
        ("Région", 840),
        ("France Travail", 420),
    ]


def test_the_same_document_drawn_again_is_the_same_bytes(path):
    attend(path, [HERE] * 4)
    document = path.issue()

    first = paper_of(document)
    again = drawing.draw(document, document.content.content, "http://127.0.0.1:8000")

    assert first == again
    with pytest.raises(AlreadyIssued):
        path.issue()


def test_the_paper_is_what_archives_and_screen_readers_need(path, tmp_path):
    attend(path, [HERE] * 4)
    file = tmp_path / "certificat.pdf"
    file.write_bytes(paper_of(path.issue()))

    assert subprocess.run(["qpdf", "--check", str(file)], capture_output=True, check=False).returncode == 0
    said = file.read_bytes()
    for mark in (b"<pdfaid:part>3</pdfaid:part>", b"<pdfaid:conformance>A</pdfaid:conformance>", b"pdfuaid"):
        assert mark in said


def test_a_name_longer_than_the_line_is_printed_whole(app):
    path = make_path(first_name="Marie-Antoinette Joséphine " * 2, last_name="De la Roche-Saint-André " * 3)
    attend(path, [HERE])

    said = read_aloud(paper_of(path.issue())).replace("- ", "-")

    assert "DE LA ROCHE-SAINT-ANDRÉ DE LA ROCHE-SAINT-ANDRÉ DE LA ROCHE-SAINT-ANDRÉ" in said


def test_a_sealed_certificate_is_signed_stamped_and_still_told_to_everybody(path, app, tmp_path):
    """With the school's certificate, a tool that is not ours finds its signature and its stamp on the whole file."""
    authority = make_owner("Autorité d'essai")
    school, clock_maker = make_owner("Pop School", authority), make_owner("Horloge", authority, stamps=True)
    attend(path, [HERE] * 2)
    document = path.issue()
    before = app.config["POPSCHOOL"]
    with stamping(clock_maker, authority) as url:
        key = write_pem(tmp_path / "seal.pem", school, authority)
        app.config["POPSCHOOL"] = replace(before, seal_key=key, tsa_url=url)
        try:
            made = paper_of(document)
        finally:
            app.config["POPSCHOOL"] = before
    (tmp_path / "certificate.pdf").write_bytes(made)

    said = subprocess.run(["pdfsig", tmp_path / "certificate.pdf"], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 1 and "Common Name: Pop School" in said
    assert "Common Name: Horloge" in said and "Total document signed" in said
    subprocess.run(["qpdf", "--check", tmp_path / "certificate.pdf"], capture_output=True, check=True)
    assert in_order(read_aloud(made), "CERTIFICAT DE RÉALISATION", "Élodie LŒUVRE")
    assert document.paper.is_signed and document.paper.is_stamped
