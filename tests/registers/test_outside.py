"""What companies and funders think of a school: asked by a link without an account, answered once, read by name."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from popschool import clock
from popschool.db import db, transaction
from popschool.outbox import Outgoing
from popschool.registers import rules, rules_outside
from popschool.registers import services_outside as services
from popschool.registers.models_outside import OutsideAnswer, OutsideAsked, OutsideSurvey
from popschool.registers.rules_outside import QUESTIONS, Audience, Contact, Opened, contacts_in
from popschool.registers.services import Asked
from popschool.registers.services_surveys import surveys_of
from popschool.reports import evidence_registers
from tests.factories import make_manager, make_school, save
from tests.shown import shown

MONDAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", rules_outside.ContactsMissing()),
        ("a@b.fr, Bel\nRoy SARL", rules_outside.ContactUnread(2)),
        ("a@b.fr,", rules_outside.ContactUnread(1)),
        ("\n".join(f"a{number}@b.fr, Bel" for number in range(201)), rules_outside.TooManyContacts(200)),
    ],
)
def test_a_list_of_addresses_that_cannot_be_followed_names_its_line(text, wrong):
    with pytest.raises(type(wrong)) as raised:
        contacts_in(text)
    assert raised.value == wrong


def test_an_address_that_comes_twice_is_asked_once():
    assert contacts_in(" A@B.fr ; Bel  et fils\n\na@b.fr, autre") == [Contact("a@b.fr", "Bel et fils")]


@pytest.mark.parametrize(
    ("has_answered", "today", "found"),
    [
        (False, MONDAY, Opened.QUESTIONS),
        (False, MONDAY + timedelta(days=7), Opened.QUESTIONS),
        (False, MONDAY + timedelta(days=8), Opened.OVER),
        (False, MONDAY - timedelta(days=1), Opened.TO_COME),
        (True, MONDAY + timedelta(days=8), Opened.ANSWERED),
    ],
)
def test_a_link_opens_the_questions_between_its_days_and_once(has_answered, today, found):
    assert rules_outside.opened(has_answered, MONDAY, MONDAY + timedelta(days=7), today) is found


@pytest.fixture
def asked(app):
    """A school's manager, and two companies that are asked from today, for a fortnight."""
    school = make_school()
    manager = make_manager(school)
    save()
    today = clock.today()
    contacts = contacts_in("a@example.org, Bel\nb@example.org, Roy")
    days = (today, today + timedelta(days=14))
    services.open_survey(school.id, Audience.COMPANIES, "Bilan", days, contacts, manager, clock.now())
    return db.session.scalars(select(OutsideAsked).order_by(OutsideAsked.id)).all(), manager


def test_a_company_answers_once_by_its_link_and_the_school_reads_it_with_its_name(asked, client, log_in):
    (one, other), manager = asked
    link = services.address_of(one).partition("//")[2].partition("/")[2]
    ratings = {name: "2" for name in QUESTIONS[Audience.COMPANIES]}

    half = client.post(f"/{link}", data={"contact": "4", "comment": "Un mot écrit"})
    client.post(f"/{link}", data=ratings | {"whole": "4", "comment": "Prévenez-nous plus tôt."})
    again = client.post(f"/{link}", data=ratings | {"comment": "Encore"})

    assert half.status_code == 200 and "Un mot écrit" in half.text and db.session.get(OutsideAnswer, other.id) is None
    assert "Un lien sert une fois" in shown(again)
    assert db.session.scalars(select(OutsideAnswer.comment)).all() == ["Prévenez-nous plus tôt."]
    assert client.get(f"/opinion/{other.id}/{services.secret_of(one)}").status_code == 404
    assert "Ce lien ne marche pas" in client.get(f"/{link}X").text
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(OutsideAnswer.__table__.update().values(comment="autre"))
    log_in(manager)
    page = shown(client.get(f"/outside-surveys/{one.survey_id}"))
    assert "Réponses reçues : 1 sur 2." in page and "Bel réponse reçue" in page and "Prévenez-nous plus tôt." in page
    assert "Entreprises" in shown(client.get(f"/schools/{manager.home_school_id}/registers/surveys"))
    paper = shown(client.get(f"/schools/{manager.home_school_id}/registers/surveys/paper"))
    assert "1 sur 2" in paper and "100,0 %" in paper
    log_in(make_other_manager())
    assert client.get(f"/outside-surveys/{one.survey_id}").status_code == 404


def make_other_manager():
    manager = make_manager(make_school())
    save()
    return manager


def test_a_link_ends_with_its_survey_and_three_messages_at_most_are_sent(asked, client):
    (one, other), _manager = asked
    today = one.survey.opens_on
    sent = [services.remind(clock.now(), today + timedelta(days=day)) for day in (0, 0, 4, 4, 11, 13, 15)]

    assert sent == [2, 0, 2, 0, 2, 0, 0]
    mails = db.session.scalars(select(Outgoing).where(Outgoing.recipient == "a@example.org")).all()
    assert len(mails) == 3 and all(services.address_of(one) in mail.text for mail in mails)
    clock.freeze(clock.now() + timedelta(days=15))
    over = client.get(f"/opinion/{one.id}/{services.secret_of(one)}")
    assert over.status_code == 200 and "Le dernier jour pour répondre" in shown(over)
    with pytest.raises(rules.SurveyClosed):
        services.answer(one, {"whole": 4}, "", clock.now(), clock.today())
    assert sum(services.forget_addresses(clock.now(), today + timedelta(days=379))) == 0
    assert sum(services.forget_addresses(clock.now(), today + timedelta(days=380))) == 2
    assert sum(services.forget_addresses(clock.now(), today + timedelta(days=381))) == 0
    db.session.expire_all()
    assert one.mail is None and one.organisation == "Bel" and other.messages == 3


def test_what_outsiders_say_is_evidence_of_indicator_30(asked):
    (one, _other), manager = asked
    today = clock.today()
    services.answer(one, {"contact": 4, "whole": 1, "nothing": 3}, "Trop de papiers.", clock.now(), today)

    lines, total = surveys_of(manager.home_school_id, Asked(), 0, 10)
    part = evidence_registers.outside(db.session.get(OutsideSurvey, one.survey_id).school, today, today)

    assert (total, lines[0].audience, lines[0].asked, lines[0].answered) == (1, Audience.COMPANIES, 2, 1)
    said = "Nos échanges avec vous : très bien, Notre école, en tout : pas bien"
    assert part.rows[0][1:3] == ("les entreprises", "Bel") and part.rows[0][5:] == (today, said, "Trop de papiers.")
    assert part.rows[1][5:] == ("", "", "")


def test_a_wrong_list_loses_nothing_that_was_typed(asked, client, log_in):
    _asked, manager = asked
    log_in(manager)
    today = clock.today()

    page = client.post(
        f"/schools/{manager.home_school_id}/surveys/outside?audience=funders",
        data={
            "title": "Financeurs",
            "contacts": "region@example.org Région",
            "opens_on": today.isoformat(),
            "closes_on": (today + timedelta(days=9)).isoformat(),
        },
    )

    assert "La ligne 1 n'est pas lisible" in shown(page) and "region@example.org Région" in page.text
    assert len(db.session.scalars(select(OutsideSurvey)).all()) == 1
