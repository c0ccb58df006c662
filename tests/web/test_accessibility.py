"""The grid of the RGAA: every criterion once, each with a proof that exists; and the declaration made from it."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from popschool.auth.rules import Role
from popschool.db import db
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.web.accessibility import THEMES, Criterion, State, Status, grid, standing
from tests.factories import make_cohort, make_learner, make_person, make_role

ROOT = Path(__file__).parent.parent.parent


def test_every_criterion_is_there_once_in_its_order():
    numbers = [one.number for one in grid()]

    assert numbers == [f"{theme}.{rank}" for theme, count in THEMES.items() for rank in range(1, count + 1)]
    assert len(numbers) == 106


@pytest.mark.parametrize(
    "one", [one for one in grid() if one.status is not Status.NOT_LOOKED_AT], ids=lambda o: o.number
)
def test_what_is_said_has_a_day_and_a_proof_that_exists(one):
    assert one.checked_on is not None
    path, _, name = one.proof.partition("::")
    if name:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), one.proof
    else:
        assert len(one.proof) > 20


def test_what_was_not_looked_at_proves_nothing():
    assert not [one for one in grid() if one.status is Status.NOT_LOOKED_AT and (one.proof or one.checked_on)]


@pytest.mark.parametrize(
    ("statuses", "rate", "state"),
    [
        ("C C C NA", 100, State.FULLY),
        ("C C NC NA", 66, State.PARTLY),
        ("C NC NC", 33, State.NOT),
        ("C C C NT", 75, State.NOT),  # not an audit of everything
    ],
)
def test_the_law_names_the_whole(statuses, rate, state):
    day = date(2027, 3, 8)
    lines = tuple(Criterion(f"1.{n}", "", Status(one), "x", day) for n, one in enumerate(statuses.split(), start=1))

    found = standing(lines)

    assert (found.rate, found.state) == (rate, state)


def test_the_declaration_says_what_the_grid_says(client):
    counts = Counter(one.status for one in grid())

    page = " ".join(client.get("/accessibility").text.replace("\xa0", " ").replace("\u202f", " ").split())

    assert f"{counts[Status.MET]} critères respectés" in page
    assert f"À vérifier par une personne : {counts[Status.NOT_LOOKED_AT]}." in page
    assert "article 47 de la loi n° 2005-102" in page
    assert "Libre réponse 71120, 75342 Paris CEDEX 07" in page


def test_every_page_leads_to_the_statement_and_the_map(client):
    for address in ("/help", "/sign-in", "/comfort", "/nowhere"):
        page = client.get(address).text
        assert 'href="/accessibility"' in page
        assert 'href="/site-map"' in page


def test_a_barrier_is_told_to_the_disability_contact_once(client, log_in):
    cohort = make_cohort()
    learner, contact = make_learner(cohort), make_person()
    make_role(contact, Role.DISABILITY_CONTACT, cohort.school)
    log_in(learner)

    for _press in range(2):
        client.post("/accessibility/report", data={"what": "Le bouton ne se voit pas.", "where": "Aujourd'hui"})

    [told] = db.session.query(Notice).filter_by(person_id=contact.id).all()
    assert "Le bouton" not in told.body and "Le bouton" not in str(
        db.session.execute(text("SELECT * FROM barrier")).all()
    )
    mail = db.session.query(Outgoing).filter_by(person_id=contact.id).one()
    assert learner.name not in mail.text and "Le bouton" not in mail.text and told.url in mail.text
    assert db.session.query(Notice).filter_by(person_id=learner.id, kind="barrier_sent").count() == 1
    log_in(contact)
    assert "1 message attend" in client.get("/barriers").text and learner.name in client.get("/barriers").text
    assert "Le bouton ne se voit pas." in client.get(told.url).text
    for words in ("Corrigé demain.", "Corrigé demain.", "Autre chose."):
        answer = client.post(told.url, data={"words": words})
    assert "Autre chose." in answer.text and "encore là" in answer.text
    assert "Tout le monde a une réponse." in client.get("/barriers").text
    log_in(learner)
    assert db.session.query(Notice).filter_by(person_id=learner.id, kind="barrier_answer").count() == 1
    assert "Corrigé demain." in client.get("/accessibility/report").text
    assert (client.get("/barriers").status_code, client.get(told.url).status_code) == (403, 403)
