"""From a sealed sheet to a certificate and to the work that proves a competence, by links alone; then back."""

import pytest

from popschool.attendance import services_sheets
from popschool.completion.rules_papers import PaperKind
from popschool.courses.models import ProgrammeVersion
from popschool.db import db
from tests.completion.paths import HERE, ISSUED, START, attend, make_path
from tests.factories import make_award, save
from tests.journeys import scenes


@pytest.fixture
def proved(fresh) -> dict:
    """A learner who signed, whose week is sealed, whose competence is proved; a certificate and a booklet say so."""
    with fresh.records():
        path = make_path()
        attend(path, [HERE] * 2)
        [version] = db.session.query(ProgrammeVersion).filter_by(programme_id=path.cohort.programme_id)
        award = make_award(path.person, key=version.data["blocks"][0]["competences"][0]["id"])
        save()
        sheet = services_sheets.close_week(path.cohort, START, path.manager, ISSUED)
        certificate, booklet = (path.issue(kind=kind) for kind in (PaperKind.CERTIFICATE, PaperKind.BOOKLET))
        found = {
            "sheet": sheet.id, "number": sheet.number, "certificate": certificate.number, "booklet": booklet.number,
            "work": award.submission_id, "name": path.person.name, "manager": scenes.known(path.manager),
            "learner": scenes.known(path.person),
        }  # fmt: skip
        save()
        return found


def test_a_sheet_leads_to_the_certificate_to_the_work_that_proves_and_back(fresh, arrive, proved):
    manager = arrive(fresh, scripts=False)
    scenes.sign_in_as_manager(fresh, manager, proved["manager"])

    manager.open(f"/sheets/{proved['sheet']}")
    manager.follow("Les certificats faits avec cette feuille")
    manager.follow_first(proved["certificate"])
    manager.sees("CERTIFICAT DE RÉALISATION", proved["number"])
    manager.follow("Les compétences de la personne, avec leurs preuves")
    assert manager.path.startswith("/people/"), manager.path
    manager.unfold("1 preuve")
    manager.follow_first(", version 1")
    assert manager.path.startswith(f"/submissions/{proved['work']}")
    manager.follow("Les papiers faits avec ce travail")
    manager.follow_first(proved["booklet"])
    manager.sees("LIVRET DE COMPÉTENCES")

    manager.follow_first(f"Feuille d'émargement {proved['number']}")
    assert manager.path == f"/sheets/{proved['sheet']}"


def test_a_learner_goes_from_their_papers_to_their_work_and_to_the_sheet_anybody_checks(fresh, arrive, proved):
    learner = arrive(fresh, phone=True, scripts=False)
    scenes.sign_in(learner, proved["learner"])

    learner.open("/my/papers")
    learner.follow_first(proved["booklet"])
    learner.follow_first(f"Travail n° {proved['work']}")
    assert learner.path.startswith(f"/submissions/{proved['work']}")
    learner.follow("Les papiers faits avec ce travail")
    learner.follow_first(proved["booklet"])
    learner.follow_first(f"Feuille d'émargement {proved['number']}")
    learner.sees(proved["number"])
