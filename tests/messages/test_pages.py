"""The two pages of messages: one's own, and what left for the people of one's schools."""

from contextvars import Context
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, text

from popschool import mail
from popschool.db import db, transaction
from popschool.messages import services
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.schools.models import Person
from tests.factories import (
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_school,
    make_trainer,
    save,
)
from tests.rows_read import rows_read

TEXT = "Bonjour,\n\nOuvrez http://127.0.0.1:8000/i/abc."


def tell(person, now, title="Vous avez un retour"):
    with transaction():
        services.tell(person, kind="feedback", title=title, body="Un.\n\nDeux.", url="/messages", now=now)


def test_a_person_reads_their_own_notices_only(app, client, log_in, now):
    cohort = make_cohort()
    learner, other = make_learner(cohort), make_learner(cohort)
    save()
    tell(learner, now, "Pour moi")
    tell(other, now, "Pour une autre")
    log_in(learner)

    page = client.get("/messages").text

    assert "Pour moi" in page
    assert "Pour une autre" not in page
    assert "nouveau" in page


def test_an_empty_page_says_why_and_what_to_do(app, client, log_in):
    log_in(make_learner())

    assert "Pas encore de message" in client.get("/messages").text


def test_what_was_seen_is_no_longer_new(app, client, log_in, now):
    learner = make_learner()
    save()
    tell(learner, now)
    log_in(learner)

    answer = client.post("/messages/read")

    assert answer.status_code == 302
    assert "nouveau" not in client.get("/messages").text.partition("<main")[2]


def test_notices_come_by_pages_of_25(app, client, log_in, now):
    learner = make_learner()
    for number in range(30):
        db.session.add(Notice(person_id=learner.id, kind="k", title=f"Message {number:02}", created_at=now))
    log_in(learner)

    assert client.get("/messages").text.count("<li><h2>") == 25
    assert client.get("/messages?page=2").text.count("<li><h2>") == 5
    assert client.get("/messages?page=x").status_code == 200


def test_a_stranger_is_asked_to_sign_in(app, client):
    for path in ("/messages", "/messages/sent"):
        assert client.get(path).status_code == 302


def test_somebody_chooses_how_to_be_told_among_what_reaches_them(app, client, log_in, now):
    learner = make_learner()
    learner.phone = None
    log_in(learner)
    assert "Par SMS" not in client.get("/messages/choices").text
    chosen = {"work": "page", "review": "mail", "presence": "mail", "papers": "mail", "help": "mail", "often": "daily"}

    refused = client.post("/messages/choices", data=chosen | {"review": "sms", "quiet": ""})
    kept = client.post("/messages/choices", data=chosen | {"quiet": "anytime"})

    assert (refused.status_code, kept.status_code) == (200, 302)
    ways = {name: way for name, way in chosen.items() if name != "often"}
    assert learner.message_choices == ways | {"daily": True, "anytime": True}
    page = client.get("/messages/choices").text
    assert page.count("checked") == 7
    assert 'value="daily" checked' in page


def test_whoever_has_no_mail_and_no_phone_is_told_why_there_is_nothing_to_choose(app, client, log_in):
    learner = make_learner()
    learner.mail, learner.phone, learner.learner_number = None, None, "VAL-0007"
    log_in(learner)

    assert "Pas de mail ni de téléphone ici" in client.get("/messages/choices").text


@pytest.fixture
def two_schools(app):
    """A learner in each of two schools, each with a kept mail, and one for a person without school."""
    first, second = make_school(), make_school()
    people = [make_person("Apprenante", home_school_id=first.id, mail="a@example.org", last_name="07 ÉLA-2027-1")]
    people += [make_person("Apprenante", home_school_id=second.id, mail="b@example.org")]
    people += [make_person("Responsable réseau", mail="c@example.org")]
    for person in people:
        person.search_key = f"{person.search_key} {person.mail} 07 ela-2027-1" if person is people[0] else person.mail
    save()
    with transaction():
        for person in people:
            mail.send(person.mail, "Votre accès", TEXT, person_id=person.id, school_id=person.home_school_id)
    return first, second


def shown(client, query=""):
    page = client.get(f"/messages/sent{query}")
    assert page.status_code == 200
    return {letter for letter in "abc" if f"{letter}@example.org" in page.text}


def test_staff_see_what_left_for_the_people_of_their_school(client, log_in, two_schools):
    log_in(make_manager(two_schools[0]))
    assert shown(client) == {"a"}


def test_a_trainer_sees_those_of_their_school(client, log_in, two_schools):
    log_in(make_trainer(school=two_schools[1]))
    assert shown(client) == {"b"}


def test_what_left_stays_with_the_school_that_the_person_had(client, log_in, two_schools):
    [person] = db.session.scalars(select(Person).where(Person.mail == "a@example.org"))
    person.home_school_id = two_schools[1].id
    save()
    log_in(make_manager(two_schools[0]))
    assert shown(client) == {"a"}


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_a_page_of_what_left_reads_as_many_rows_however_much_left_elsewhere(app, now):
    here, elsewhere = make_school(), make_school()
    save()
    taken = []
    for others in (100, 8_000):
        leave(here.id, 40 - count_of(here.id), now)
        leave(elsewhere.id, others, now)
        with rows_read() as read:
            for schools in (frozenset({here.id}), None):
                services.outgoing_messages(schools, "", now, 0, 25, 50)
        taken.append(sum(read))
        save()

    assert taken[1] <= 1.2 * taken[0]


def leave(school_id, count, now):
    """Let so many mails leave for the people of a school."""
    one = {"channel": "mail", "recipient": "d@example.org", "subject": "", "text": "", "is_kept": False, "error": ""}
    one |= {"school_id": school_id, "person_id": 1, "attempts": 1, "created_at": now, "sent_at": now}
    if count:
        db.session.execute(insert(Outgoing), [one] * count)
    save()
    db.session.execute(text("ANALYZE outgoing"))
    save()


def count_of(school_id):
    return db.session.scalar(select(func.count()).where(Outgoing.school_id == school_id))


def test_the_network_sees_them_all(client, log_in, two_schools):
    log_in(make_network_manager())
    assert shown(client) == {"a", "b", "c"}


def test_an_author_without_school_sees_none(client, log_in, two_schools):
    log_in(make_author())
    assert shown(client) == set()


def test_a_learner_is_turned_away(client, log_in, two_schools):
    log_in(make_learner())
    assert client.get("/messages/sent").status_code == 403


@pytest.mark.parametrize("query", ["?q=a@EXAMPLE", "?q=élA-2027", "?q=07+Ela"])
def test_a_message_is_found_by_address_and_by_name_without_accents(client, log_in, two_schools, query):
    log_in(make_network_manager())
    assert shown(client, query) == {"a"}


def test_a_search_for_a_joker_finds_nothing(client, log_in, two_schools):
    log_in(make_network_manager())
    assert shown(client, "?q=%25") == set()


def test_a_kept_message_shows_its_text_and_its_link(app, client, log_in, two_schools):
    log_in(make_manager(two_schools[0]))

    page = client.get("/messages/sent").text

    assert '<a href="http://127.0.0.1:8000/i/abc">' in page
    assert "il n&#39;envoie rien" in page or "il n'envoie rien" in page


def test_where_messages_really_leave_their_text_is_not_shown(app, client, log_in, two_schools):
    before = app.config["POPSCHOOL"]
    app.config["POPSCHOOL"] = replace(before, mail_url="smtp://127.0.0.1:9", sms_url="https://x.example/{to}{text}")
    try:
        with transaction():
            message = mail.send("d@example.org", "Votre code", "Le code 123456", person_id=None)
        message.error, message.refused_at = "550 no such mailbox", message.created_at
        log_in(make_network_manager())
        page = client.get("/messages/sent?q=d@example").text
    finally:
        app.config["POPSCHOOL"] = before

    assert "550 no such mailbox" in page
    assert "123456" not in page
    assert "refusé" in page


def test_both_pages_cost_few_queries_however_many_messages(app, client, log_in, queries, now, two_schools):
    manager = log_in(make_manager(two_schools[0]))
    counts = []
    for _ in range(2):
        with queries() as seen:
            # Each in a context of its own, as a server would: nothing is remembered from the test or the page before.
            Context().run(client.get, "/messages")
            Context().run(client.get, "/messages/sent")
        counts.append(len(seen))
        for number in range(20):
            db.session.add(Notice(person_id=manager.id, kind="k", title=f"Message {number}", created_at=now))
        db.session.commit()

    assert counts[0] == counts[1] <= 12
