"""A signature after the delay counts once a second person confirms it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.attendance import ledger, rules, services, services_late, services_marks, services_sheets
from popschool.attendance.models import Entry
from popschool.attendance.rules import Absence, Mark, Method, State
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.auth import services_decisions
from popschool.auth.actors import read_actor
from popschool.auth.rules_decisions import OwnProposal
from popschool.db import db
from tests.attendance.test_services import BUTTON, MONDAY, OPEN, OVER, morning, standings  # noqa: F401  a fixture
from tests.factories import make_manager, make_trainer, save

LATER = OVER + timedelta(days=2)


def answer(proposal, by, accepts=True, words=""):
    return services_decisions.answer(proposal, accepts, words, by, read_actor(by.id, LATER.date()), LATER)


def test_a_late_signature_counts_once_somebody_confirms_it(morning):  # noqa: F811
    half_day, trainer, [late, *others] = morning
    manager = make_manager(half_day.school)
    save()
    for person in others:
        services.sign(half_day, person, BUTTON, OPEN)
    services_marks.mark(half_day, late, Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, OVER)
    services.countersign(half_day, trainer, BUTTON, OVER)
    services_sheets.close_week(half_day.cohort, MONDAY, manager, OVER)

    with pytest.raises(rules.StillOpen):
        services_late.ask_late(half_day, late, BUTTON, "Panne", OVER)
    with pytest.raises(rules.ReasonMissing):
        services_late.ask_late(half_day, late, BUTTON, " ", LATER)
    with pytest.raises(rules.SigningClosed):
        services.sign(half_day, late, BUTTON, LATER)
    asked = services_late.ask_late(half_day, late, BUTTON, "Téléphone en panne", LATER)
    assert services_late.ask_late(half_day, late, BUTTON, "Encore", LATER).id == asked.id
    assert standings(half_day)[late.id].state is State.UNJUSTIFIED
    with pytest.raises(OwnProposal):
        answer(asked, late)
    answer(asked, trainer)

    held = standings(half_day)[late.id]
    assert (held.state, held.attended, held.is_signed) == (State.PRESENT, 210, True)
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    said = entry.content.content
    assert (entry.by_id, entry.at, entry.facts) == (late.id, LATER, {"second": trainer.id})
    assert (said["reason"], said["second"]) == ("Téléphone en panne", trainer.name)
    assert ledger.verify() is None
    with pytest.raises(services_sheets.SamePerson):
        services_sheets.amend_week(half_day.cohort, MONDAY, trainer, "Signature tardive", LATER)
    sheet = services_sheets.amend_week(half_day.cohort, MONDAY, manager, "Signature tardive", LATER)
    [corrected] = sheet.content.content["corrections"]
    assert (corrected["before"], corrected["after"], corrected["by"]) == ("AI", "P", trainer.name)


def test_a_late_signature_that_is_refused_never_enters_the_ledger(morning):  # noqa: F811
    half_day, trainer, [late, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)
    asked = services_late.ask_late(half_day, late, BUTTON, "Panne", LATER)

    answer(asked, trainer, accepts=False, words="Vous n'étiez pas là.")

    assert db.session.scalars(select(Entry)).all() == []
    again = services_late.ask_late(half_day, late, BUTTON, "J'étais au fond de la salle", LATER)
    assert again.id != asked.id


def test_what_is_confirmed_is_confirmed_by_somebody_else(morning):  # noqa: F811
    half_day, trainer, [late, *_] = morning
    services.open_half_day(half_day, trainer.id, OPEN)

    with pytest.raises(services.NeedsSecondPerson):
        services.sign(half_day, late, Act(Method.BUTTON, "…", "1-fr", second_id=late.id), LATER)
    with pytest.raises(services.NeedsSecondPerson):
        services.sign(half_day, late, Act(Method.PAPER, "…", "1-fr", by_id=trainer.id), LATER)
    paper = Act(Method.PAPER, "…", "1-fr", by_id=trainer.id, second_id=trainer.id)
    with pytest.raises(services.NeedsSecondPerson):
        services.sign(half_day, late, paper, LATER)


def test_a_learner_signs_late_on_a_page_and_the_trainer_confirms(morning, client, log_in):  # noqa: F811
    half_day, trainer, [late, *_] = morning
    colleague = make_trainer(half_day.cohort)
    services.open_half_day(half_day, trainer.id, OPEN)
    page = f"/half-days/{half_day.id}/sign/late"
    log_in(late)
    assert client.get(page).status_code == 302
    clock.freeze(LATER)

    assert page in client.get(f"/half-days/{half_day.id}/sign").text
    assert "Il manque une réponse" in client.post(page, data={"reason": ""}).text
    client.post(page, data={"reason": "Téléphone en panne"})
    assert "doit confirmer" in client.get(page).text
    decision = f"/decisions/{services_late.waiting_for(half_day.id, late.id).id}"
    log_in(colleague)
    client.post(decision, data={"answer": "confirm"})

    log_in(late)
    assert client.get(page).status_code == 302
    assert "Confirmé par" in client.get(f"/presence/{half_day.id}").text
