"""Each document beside the list of what it must say: every field is found in its text, in the order of reading.

Each is made as a school that seals makes it, with a long name and its accents; a tool that is not ours then says that
its file is sound, tagged, made to last, and signed.
"""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path as File

import pikepdf
import pytest

from popschool import pdf
from popschool.attendance.models import CompanyPeriod
from popschool.completion import services_company, services_funding, services_month
from popschool.completion.drawing import TEMPLATE
from popschool.completion.models_papers import Document
from popschool.completion.paper_certificate import KEEPING, NOTES
from popschool.completion.paper_parts import table
from popschool.completion.rules_company import How, Mark
from popschool.completion.rules_papers import OF_A_PERSON, PaperKind
from popschool.courses.models import ProgrammeVersion
from popschool.db import db
from tests.authority import make_owner, write_pem
from tests.completion.paths import (
    HERE,
    ISSUED,
    TODAY,
    Path,
    attend,
    in_order,
    late,
    make_path,
    paper_of,
    pay,
    read_aloud,
    work_in_company,
)
from tests.factories import make_award, save

NAME = "Marie-Éloïse DE LA ROCHE-SAINT-ANDRÉ-OUÉDRAOGO"
DECLARED = (
    "Déclaration d'activité enregistrée sous le n° 32591234567 auprès du préfet de région Hauts-de-France "
    "– Cet enregistrement ne vaut pas agrément de l'État"
)
ISSUER = (
    "Organisme de formation Association Pop School 23 place de l'Abondance, 59300 Valenciennes",
    "SIRET 123 456 789 00012",
    "Lieu de formation École de Valenciennes",
    "Promo",
    DECLARED,
)
SIGNED = ("Fait à : Valenciennes", "Le : 20/07/2027", "Claude Martin, directrice générale")
DATES = "du 04/01/2027 au 12/07/2027"
FIELDS = {
    PaperKind.CERTIFICATE: (
        "CERTIFICAT DE RÉALISATION",
        "Je soussigné(e) Claude Martin, représentant légal du dispensateur de l'action concourant au développement des "
        "compétences Association Pop School",
        f"atteste que : M./Mme {NAME}",
        "salarié(e) de l'entreprise Atelier du Canal",
        "a suivi l'action Développement web et web mobile",
        "Nature de l'action concourant au développement des compétences :",
        "action de formation (coché)",
        "bilan de compétences (non coché)",
        "action de VAE (non coché)",
        "action de formation par apprentissage (non coché)",
        f"qui s'est déroulée {DATES} pour une durée de 20,66 heures.",
        KEEPING,
        *SIGNED,
        "Cachet et signature du responsable du dispensateur de formation (nom, prénom, qualité du signataire)",
        *NOTES,
        "Cofinancé par l'Union européenne",
        "Annexe au certificat de réalisation",
        DECLARED,
        "Financeur Région",
        "Numéro de dossier FT-2027-42",
    ),
    PaperKind.END: (
        "ATTESTATION DE FIN DE FORMATION",
        *ISSUER,
        f"Association Pop School atteste que M./Mme {NAME} a suivi l'action de formation :",
        "Développement web et web mobile",
        "Nature de l'action action de formation",
        f"Dates {DATES}",
        "Durée réalisée 20,66 heures",
        "Objectifs",
        "Réaliser une page web.",
        "Publier un site.",
        "Résultats de l'évaluation des acquis",
        "Réaliser une page acquis",
        "Rendre une page dynamique non acquis",
        *SIGNED,
    ),
    PaperKind.ATTENDANCE: (
        "ATTESTATION D'ASSIDUITÉ",
        *ISSUER,
        f"Je soussigné(e) Claude Martin, directrice générale, atteste que M./Mme {NAME} a suivi l'action "
        f"Développement web et web mobile, {DATES}, pour une durée de 20,66 heures.",
        "Mois Prévues Réalisées Absences justifiées Absences injustifiées Taux",
        "janvier 2027 28,00 20,66 3,50 3,84 73,8 %",
        "Total 28,00 20,66 3,50 3,84 73,8 %",
        "Taux d'assiduité : heures réalisées ÷ heures prévues échues × 100.",
        "Attestation établie à la demande de la personne",
        *SIGNED,
    ),
    PaperKind.WORKSHOP: (
        "ATTESTATION DE PARTICIPATION",
        *ISSUER,
        f"Association Pop School atteste que M./Mme {NAME} a participé à l'atelier :",
        "Développement web et web mobile",
        f"Dates {DATES}",
        "Durée suivie 20,66 heures",
        "Chèque numérique APTIC-0042",
        "Financeur Région",
        "Ce qui a été travaillé",
        "Réaliser une page web.",
        *SIGNED,
    ),
    PaperKind.BOOKLET: (
        "LIVRET DE COMPÉTENCES",
        *ISSUER,
        f"M./Mme {NAME}, Développement web et web mobile, {DATES}.",
        "Trois niveaux : imiter un modèle, adapter à un cas proche, transposer dans un cas nouveau.",
        "Ce que l'on voit",
        "Compétence Niveau Preuve",
        "Réaliser une page adapter",
        "version 1 (travail n°",
        "Rendre une page dynamique pas encore",
        *SIGNED,
    ),
    PaperKind.AGREEMENT: (
        "CONVENTION DE PÉRIODE EN ENTREPRISE",
        *ISSUER,
        f"Stagiaire : M./Mme {NAME}, action Développement web et web mobile.",
        "Atelier du Canal",
        "SIRET 987 654 321 00011",
        "Tuteur ou tutrice Dominique Petit",
        "Dates du 18/05/2027 au 29/05/2027",
        "Horaires 7,00 heures par jour, du lundi au vendredi",
        "Heures prévues en entreprise : 63,00.",
        "Objectifs de la période, par compétence",
        "Réaliser une page",
        *SIGNED,
        "L'organisme de formation",
        "L'entreprise d'accueil",
        "Le ou la stagiaire",
    ),
    PaperKind.COMPANY: (
        "ÉTAT DE PRÉSENCE EN ENTREPRISE",
        *ISSUER,
        f"Stagiaire M./Mme {NAME}",
        "Action Développement web et web mobile",
        "Entreprise Atelier du Canal",
        "Tuteur ou tutrice Dominique Petit",
        "Dates du 18/05/2027 au 29/05/2027",
        "Semaine Signatures Lun. Mar. Mer. Jeu. Ven. Total",
        "du 17/05/2027 au 21/05/2027 stagiaire, le 20/07/2027 Dominique Petit, le 20/07/2027 "
        "– 7,00 7,00 6,66 7,00 27,66",
        "du 24/05/2027 au 28/05/2027 stagiaire, le 20/07/2027 Dominique Petit, le 20/07/2027 "
        "7,00 7,00 – – – 14,00",
        "Total 41,66",
        *SIGNED,
    ),
    PaperKind.EVALUATION: (
        "ÉVALUATION EN ENTREPRISE",
        *ISSUER,
        f"Stagiaire : M./Mme {NAME}, action Développement web et web mobile.",
        "Atelier du Canal",
        "SIRET 987 654 321 00011",
        "Tuteur ou tutrice Dominique Petit",
        "Dates du 18/05/2027 au 29/05/2027",
        "Compétence Dans l'entreprise",
        "Réaliser une page sans aide",
        "Rendre une page dynamique pas vu dans l'entreprise",
        "« À l'aise avec les clients. »",
        "Avis donné par Dominique Petit le 20/07/2027.",
        *SIGNED,
    ),
    PaperKind.VISIT: (
        "COMPTE RENDU DE VISITE EN ENTREPRISE",
        *ISSUER,
        f"Stagiaire : M./Mme {NAME}, action Développement web et web mobile.",
        "Atelier du Canal",
        "Visite le 20/05/2027, en visio",
        "Faite par",
        "Personnes rencontrées Dominique Petit",
        "Travail de la personne Répond aux devis.",
        "Ce qui marche bien, ce qui est difficile Le ton.",
        "Suite décidée Un devis.",
        *SIGNED,
    ),
    PaperKind.MONTH: (
        "ÉTAT DE PRÉSENCE MENSUEL",
        *ISSUER,
        "Action Développement web et web mobile",
        "Mois janvier 2027",
        "Financeur Région",
        "Personne Dates Prévues Centre Distance Entrep. Abs. just. Abs. inj. Retards Taux",
        f"{NAME} FT-2027-42",
        "04/01 au 31/01 28,00 20,66 0,00 0,00 3,50 3,84 0,33 73,8 %",
        "Total 28,00 20,66 0,00 0,00 3,50 3,84 0,33 73,8 %",
        *SIGNED,
    ),
}  # fmt: skip


@dataclass
class Held:
    """A document as somebody holds it: what was kept, and its file."""

    document: Document
    file: File

    @property
    def text(self) -> str:
        """What it says read aloud; a name cut at its hyphen is whole again."""
        return re.sub(r"(?<=[A-ZÉ])- (?=[A-ZÉ])", "-", read_aloud(self.file.read_bytes()))

    def told_by(self, tool: str, *options: str) -> str:
        told = subprocess.run([tool, *options, self.file], capture_output=True, text=True, check=False)
        return told.stdout + told.stderr


@pytest.fixture
def path(app) -> Path:
    """Eight half-days: one ill, one away, one late by 20 minutes. 28 h; 5 × 3,5 + 3 h 10 = 20 h 40 there."""
    made = make_path(first_name="Marie-Éloïse", last_name="De la Roche-Saint-André-Ouédraogo")
    services_funding.save_action(
        made.cohort, "training", ["Réaliser une page web.", "Publier un site."], "326", made.manager.id, ISSUED
    )
    attend(made, ["J", "A", late(20)] + [HERE] * 5)
    period = work_in_company(made, date(2027, 5, 18), date(2027, 5, 29), [420, 420, 400, 420, 420, 420])
    _tell_of(made, period)
    paid = pay(made, voucher="APTIC-0042", file_number="FT-2027-42", employer="Atelier du Canal")
    paid.funding.is_funded_by_union = True
    [version] = db.session.query(ProgrammeVersion).filter_by(programme_id=made.cohort.programme_id)
    make_award(made.person, key=version.data["blocks"][0]["competences"][0]["id"])
    save()
    return made


def _tell_of(path: Path, period: CompanyPeriod) -> None:
    """Let the tutor say what they saw, and the school visit them."""
    first, *others = services_company.competences_of(path.cohort.id)
    marks = {first: Mark.ALONE, **dict.fromkeys(others, Mark.NOT_SEEN)}
    services_company.write_evaluation(
        period, path.enrolment, marks, "À l'aise avec les clients.", "Dominique Petit", None, ISSUED, TODAY
    )
    words = {
        "met": "Dominique Petit", "tasks": "Répond aux devis.", "goes_well": "Le ton.", "next_steps": "Un devis.",
    }  # fmt: skip
    services_company.write_visit(
        period, path.enrolment, date(2027, 5, 20), How.VIDEO, words, path.trainer, ISSUED, TODAY
    )


def issued(path: Path, kind: PaperKind) -> Document:
    if kind is PaperKind.MONTH:
        return services_month.issue_month(
            services_month.preview(path.cohort, date(2027, 1, 1), TODAY), path.manager, ISSUED
        )
    return path.issue(kind=kind)


@contextmanager
def sealing(app, folder: File) -> Iterator[None]:
    """Let the installation sign what it makes, with a certificate of its own."""
    authority, before = make_owner("Autorité d'essai"), app.config["POPSCHOOL"]
    key = write_pem(folder / "seal.pem", make_owner("Pop School", authority), authority)
    app.config["POPSCHOOL"] = replace(before, seal_key=key)
    try:
        yield
    finally:
        app.config["POPSCHOOL"] = before


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_document_says_each_of_its_fields_and_its_file_is_sound(path, app, tmp_path):
    """One school, one learner: each kind in turn, so that their half-days are signed once."""
    assert {*OF_A_PERSON, PaperKind.MONTH} == set(FIELDS), "a new document brings its list of fields"
    with sealing(app, tmp_path):
        for kind, fields in FIELDS.items():
            document = issued(path, kind)
            held = Held(document, tmp_path / f"{kind}.pdf")
            held.file.write_bytes(paper_of(document))

            assert in_order(held.text, *fields), kind
            assert "No syntax or stream encoding errors found" in held.told_by("qpdf", "--check"), kind
            assert "Signature is Valid" in held.told_by("pdfsig"), kind
            assert_is_for_everybody(held)


def assert_is_for_everybody(held: Held) -> None:
    """It says that it is PDF/A-3a and PDF/UA-1, has a title and a language, and is checked at the address it prints."""
    with pikepdf.open(held.file) as opened:
        about = opened.open_metadata()
        assert (about["pdfaid:part"], about["pdfaid:conformance"], about["pdfuaid:part"]) == ("3", "A", "1")
        assert opened.Root.MarkInfo.Marked and str(opened.Root.Lang) == "fr-FR"
        assert held.document.number in about["dc:title"]
    pages = held.told_by("pdfinfo").split("Pages:")[1].split()[0]
    assert in_order(held.text, f"page 1/{pages}", "Vérifier ce document :", held.document.code[:4])


def test_a_total_is_never_alone_on_the_next_page_nor_a_row_cut_in_two(tmp_path):
    """A table that ends near the foot of a page, a little lower each time."""
    frame = {
        "title": "Essai", "kind": "Essai", "number": "1", "dated": "", "network": "Réseau", "school": "École",
        "fingerprint": "9c41e07b22d85f16" * 4, "heading": "ESSAI",
        "check": {"address": "https://example.org/check/1", "square": pdf.square("https://example.org/check/1")},
    }  # fmt: skip
    has_turned = set()
    for count in range(22, 26):
        rows = [*((f"Ligne {number}\nsuite {number}", "1,00") for number in range(1, count + 1)), ("Total", "9,00")]
        made = pdf.make(TEMPLATE, frame | {"blocks": [table("Essai", ["Mois", "Heures"], rows, 1, total=True)]}, ISSUED)
        pages = [page for page in text_of(made).split("\f") if page.strip()]
        has_turned.add(len(pages))
        for page in pages:
            starts, ends = (re.findall(rf"{word} (\d+)", page) for word in ("Ligne", "suite"))
            assert starts == ends and starts, (count, page)
    assert has_turned == {1, 2}, "the test looks at tables on both sides of the end of a page"


def text_of(made: bytes) -> str:
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=made, capture_output=True, check=True).stdout.decode()
