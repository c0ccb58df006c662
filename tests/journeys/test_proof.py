"""The proof, clicked both ways: certificate, lines of the yearly report, who pays, days, and the certificate again."""

from datetime import UTC, date, datetime

import pytest

from popschool.completion import services_papers
from popschool.completion.models import TrainingAction
from popschool.completion.tasks import make_paper
from popschool.reports import services_doors
from popschool.reports.rules_doors import DoorKind
from popschool.reports.services_doors import Wish
from tests.completion.paths import HERE, attend, make_path, pay
from tests.factories import add, save
from tests.journeys import scenes

FIRST, LAST, TODAY = date(2027, 1, 4), date(2027, 2, 26), date(2027, 3, 8)
NOW = datetime(2027, 3, 8, 8, tzinfo=UTC)
HALF_DAYS, HOURS = 4, "14 h"


@pytest.fixture
def proof(fresh):
    """Somebody who followed four half-days, paid by the Région, with their certificate and the door of who pays."""
    with fresh.records():
        path = make_path(starts_on=FIRST, ends_on=LAST)
        add(
            TrainingAction(
                cohort_id=path.cohort.id, school_id=path.cohort.school_id, nature="training", objectives=["Créer"],
                speciality="326", changed_by_id=path.manager.id, changed_at=NOW,
            )
        )  # fmt: skip
        save()
        share = pay(path, starts_on=FIRST, ends_on=LAST)
        attend(path, [HERE] * HALF_DAYS)
        document = services_papers.issue(path.preview(FIRST, LAST, today=TODAY), path.manager, NOW)
        make_paper(document.id)
        wish = Wish(DoorKind.FUNDER, True, "Région", "", share.funding.funder_id, None, None, date(2027, 4, 30))
        door = services_doors.open_door(path.cohort.school_id, wish, path.manager, NOW, TODAY)
        manager = scenes.known(path.manager)
        save()
        return manager, path.person.name, document.id, document.number, services_doors.secret_of(door)


def test_a_certificate_leads_to_its_line_who_pays_and_its_days_and_back(fresh, arrive, proof):
    known, name, document_id, number, secret = proof
    manager = arrive(fresh)
    scenes.sign_in_as_manager(fresh, manager, known)

    # from the certificate to the lines of the report, then to all the people of one line
    manager.open(f"/documents/{document_id}")
    manager.follow("La ligne du bilan annuel, 2027")
    manager.sees("Les lignes du bilan où elle compte", HOURS)
    manager.follow("Cadre F-1, c : Personnes en recherche d'emploi formées par votre organisme")
    manager.sees("Total de la ligne : 1", HOURS)

    # the line is that of the report, with the same sum, and the report opens to it
    manager.follow("Le bilan annuel, 2027")
    manager.follow("c Personnes en recherche d'emploi formées par votre organisme")
    manager.sees("Total de la ligne : 1", HOURS)

    # from the line to the days, each of which names the certificate
    manager.follow(name)
    manager.sees("lundi 4 janvier", "mardi 5 janvier", number)
    manager.follow("lundi 4 janvier")
    manager.sees(name, HOURS)
    manager.back()

    # from the days to who pays, and back to the certificate
    manager.follow("Qui paie cette place")
    manager.sees("Région, 2027-118")
    manager.back()
    manager.follow_first(number)
    manager.sees("Ce papier est valable", "14,00 heures")
    assert manager.path == f"/documents/{document_id}"

    # and who pays sees the same hours and the same certificate, behind their own door
    funder = arrive(fresh, phone=True)
    funder.open(f"/d/{secret}")
    funder.follow(name)
    funder.sees(HOURS)
    funder.follow(f"Certificat de réalisation, {number}")
    funder.sees("14,00 heures")
