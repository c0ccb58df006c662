"""People are told on their page, and by mail or by SMS: never by a mailbox alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from popschool import clock, jobs, sms
from popschool.db import db, transaction
from popschool.messages import services
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.web import catalogues
from tests.factories import make_person, make_school, save
from tests.postbox import Postbox, listening

TITLE = "Vous avez un retour sur votre travail"


def tell(person, now, **more):
    fields = {"kind": "feedback", "title": TITLE, "body": "Lisez la suite.", "url": "/submissions/7/feedback"} | more
    with transaction():
        return services.tell(person, now=now, **fields)


def sent():
    db.session.rollback()
    return list(db.session.scalars(select(Outgoing).order_by(Outgoing.id)))


def test_who_has_a_mail_is_told_by_mail_and_on_a_page(app, now):
    person = make_person(home_school_id=make_school().id)
    tell(person, now)

    [notice], total = services.notices_of(person.id, 0, 25)
    [message] = sent()
    assert (notice.title, notice.url, total) == (TITLE, "/submissions/7/feedback", 1)
    assert (message.channel, message.recipient, message.subject) == ("mail", person.mail, TITLE)
    assert message.text.count("http") == 1
    assert f"{app.config['POPSCHOOL'].base_url}/submissions/7/feedback" in message.text
    assert (message.person_id, message.school_id) == (person.id, person.home_school_id)


def test_who_has_only_a_phone_is_told_by_an_sms_that_says_nothing_personal(app, now):
    person = make_person(mail=None, phone="+33639980007")
    tell(person, now)

    [message] = sent()
    assert (message.channel, message.recipient) == ("sms", "+33639980007")
    assert len(message.text) <= sms.LONGEST
    assert set(message.text) <= sms.GSM7
    assert "retour" not in message.text
    assert message.text.endswith("/submissions/7/feedback")


def test_who_has_neither_finds_it_on_a_page(app, now):
    person = make_person(mail=None, learner_number="VAL-0007")
    tell(person, now)

    assert sent() == []
    assert services.count_unread(person.id) == 1


def test_each_is_told_in_their_language(app, now):
    person = make_person(language="en")
    tell(person, now, title=_l("Bonjour,"))

    [notice], _total = services.notices_of(person.id, 0, 25)
    assert isinstance(notice.title, str)


def test_a_mail_that_a_machine_translated_says_so_and_one_that_people_wrote_does_not(app, now):
    feedback = _l("Votre équipe de formation a relu votre travail. Lisez son retour et la suite.")
    for language in ("ar", "fr"):
        person = make_person(language=language, mail=f"{language}@example.org")
        tell(person, now, title=_l("Mes messages"), body=feedback)

    arabic, french = (message.text for message in sent())
    assert "ترجمة آلية" in arabic and "Traduction automatique" not in french
    assert "Bonjour" not in arabic and "équipe" not in arabic


def test_an_sms_stays_in_letters_that_every_phone_takes(app, now):
    for number, language in enumerate(catalogues.LANGUAGES):
        tell(make_person(language=language, mail=None, phone=f"063998000{number}"), now)

    for message in sent():
        assert message.text.startswith("Pop School")
        assert set(message.text) <= sms.GSM7


def test_telling_the_same_thing_again_adds_nothing(app, now):
    person = make_person()
    tell(person, now, key="reminder/7")
    tell(person, now, key="reminder/7")

    assert services.notices_of(person.id, 0, 25)[1] == 1
    assert len(sent()) == 1


def test_what_is_undone_within_ten_minutes_has_not_left(app, now):
    app.config["POPSCHOOL"], before = (
        replace(app.config["POPSCHOOL"], mail_url="smtp://127.0.0.1:9"),
        app.config["POPSCHOOL"],
    )
    try:
        person = make_person()
        notice = tell(person, now, key="feedback/7", send_at=now + timedelta(minutes=10))
        with transaction():
            services.take_back("feedback/7", [notice], now + timedelta(minutes=5))
    finally:
        app.config["POPSCHOOL"] = before

    assert sent() == []
    assert services.notices_of(person.id, 0, 25) == ([], 0)


def test_an_act_that_fails_tells_nobody(app, now):
    person = make_person()
    save()
    with pytest.raises(RuntimeError), transaction():
        services.tell(person, kind="feedback", title=TITLE, now=now)
        raise RuntimeError

    assert sent() == []
    assert db.session.scalars(select(Notice)).all() == []


def test_a_very_long_text_still_makes_a_light_mail(app, now):
    person = make_person()
    tell(person, now, body="mot " * 5_000)

    [message] = sent()
    assert len(message.text.encode()) < 10_000
    assert "/submissions/7/feedback" in message.text


def test_notices_seen_are_no_longer_new(app, now):
    person, other = make_person(), make_person()
    tell(person, now)
    tell(other, now)

    services.mark_read(person.id, now)

    assert (services.count_unread(person.id), services.count_unread(other.id)) == (0, 1)


@pytest.fixture
def postbox(app):
    """A real server of mails, told by every message of the test."""
    box, before = Postbox(), app.config["POPSCHOOL"]
    controller = listening(box)
    app.config["POPSCHOOL"] = replace(before, mail_url=f"smtp://127.0.0.1:{controller.port}")
    yield box
    controller.stop()
    app.config["POPSCHOOL"] = before


def at(day, hour, minute=0):
    """A moment of the week that begins on Monday 8 March 2027, in Paris."""
    return datetime(2027, 3, day, hour, minute, tzinfo=clock.PARIS)


def work_at(moment):
    clock.freeze(moment)
    jobs.work(until_idle=True)
    db.session.rollback()


def test_nothing_leaves_at_night_or_at_the_weekend_but_what_is_urgent(postbox):
    person = make_person()
    clock.freeze(at(12, 21))
    tell(person, clock.now())
    tell(person, clock.now(), kind="account", title="Une clé d'accès est faite", body="Ce n'est pas vous ?")

    work_at(at(12, 21, 1))
    assert [one["Subject"] for one in postbox.taken] == ["Une clé d'accès est faite"]
    work_at(at(14, 12))
    assert len(postbox.taken) == 1
    work_at(at(15, 7, 30))
    assert [one["Subject"] for one in postbox.taken[1:]] == [TITLE]


def test_one_message_a_day_counts_what_was_not_seen_and_says_nothing_else(postbox):
    person = make_person(message_choices={"daily": True, "papers": "page"})
    clock.freeze(at(8, 10))
    for number in range(2):
        tell(person, clock.now(), body=f"Retour {number}")
    tell(person, clock.now(), kind="help", title="Nadia demande de l'aide")
    tell(person, clock.now(), kind="document", title="Votre attestation")
    undone = tell(person, clock.now(), key="feedback/9")
    with transaction():
        services.take_back("feedback/9", [undone], clock.now())

    work_at(at(8, 19))
    assert postbox.taken == []
    work_at(at(9, 8))
    work_at(at(9, 8, 5))
    [mail] = postbox.taken
    said = mail.get_content()
    assert mail["Subject"] == "Vos messages du jour"
    assert "2 messages sur votre travail" in said
    assert "1 message sur l'aide et votre compte" in said
    assert not [word for word in ("Retour", "Nadia", "attestation", "papiers") if word in said]
    assert said.count("http") == 1


def test_what_was_read_on_the_page_is_not_told_again_and_the_next_day_starts_anew(postbox):
    person = make_person(message_choices={"daily": True})
    clock.freeze(at(11, 9))
    tell(person, clock.now())
    services.mark_read(person.id, clock.now())
    work_at(at(12, 8))
    assert postbox.taken == []

    tell(person, at(12, 8), send_at=at(12, 8, 10))
    work_at(at(13, 8))
    assert postbox.taken == []
    work_at(at(15, 8))
    assert [one["Subject"] for one in postbox.taken] == ["Vos messages du jour"]


@pytest.mark.parametrize(
    ("chosen", "kind", "channels"),
    [
        ({}, "feedback", ["mail"]),
        ({"work": "sms"}, "feedback", ["sms"]),
        ({"work": "page"}, "feedback", []),
        ({"review": "page"}, "feedback", ["mail"]),
        ({"help": "page"}, "account", ["mail"]),
        ({"work": "pigeon"}, "feedback", ["mail"]),
    ],
)
def test_each_topic_goes_the_way_that_was_chosen(app, now, chosen, kind, channels):
    tell(make_person(phone="+33639980007", message_choices=chosen), now, kind=kind)

    assert [one.channel for one in sent()] == channels


def test_a_mail_says_nothing_of_a_kind_that_is_personal(app, now):
    person = make_person()
    tell(person, now, kind="absence", title="Absences à suivre : Nadia", body="Trois demi-journées.")
    tell(person, now, kind="level", body="Compétence : adapter.")

    first, second = sent()
    assert first.subject == "Un message sur votre présence"
    assert not [word for word in ("Nadia", "demi", "Compétence") if word in first.text + second.text]
    assert second.subject == TITLE
