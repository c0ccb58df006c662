"""What people do once they have left: asked by message, then by phone; and what the answers add up to."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool import clock
from popschool.completion import services_afterwards as services
from popschool.completion import services_questionnaire, services_retention
from popschool.completion.models_afterwards import Answer, Questionnaire
from popschool.completion.rules_afterwards import (
    Figures,
    Situation,
    SituationMissing,
    Source,
    Step,
    When,
    due_between,
    due_on,
    figures,
    next_step,
)
from popschool.db import db
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.schools.rules import ExitReason
from tests.completion.paths import END, make_path
from tests.factories import make_learner, make_manager, save

TODAY = date(2027, 7, 13)  # the day after the last one


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, 30, tzinfo=UTC)


@pytest.fixture
def at_its_day():
    """Pages are read the day after the last one, then on the day that a test says."""

    def go(day: date) -> None:
        clock.freeze(at(day))

    go(TODAY)
    yield go
    clock.freeze(None)


def ask(day: date) -> int:
    return services.ask_those_due(at(day), day)


def asked_of(enrolment_id: int) -> list[Questionnaire]:
    return db.session.query(Questionnaire).filter_by(enrolment_id=enrolment_id).order_by(Questionnaire.id).all()


@pytest.mark.parametrize(
    ("last_day", "when", "expected"),
    [
        (date(2027, 7, 12), When.EXIT, date(2027, 7, 13)),
        (date(2027, 7, 12), When.SIX_MONTHS, date(2028, 1, 13)),
        (date(2027, 11, 29), When.THREE_MONTHS, date(2028, 2, 29)),  # there is no 30 February
    ],
)
def test_each_question_has_its_day(last_day, when, expected):
    assert due_on(last_day, when) == expected


def test_who_left_long_ago_is_left_alone():
    assert due_between(END, TODAY - timedelta(days=1)) == []
    assert due_between(END, TODAY) == [When.EXIT]
    assert due_between(END, date(2027, 10, 13)) == [When.THREE_MONTHS]
    assert due_between(END, date(2029, 1, 1)) == []


@pytest.mark.parametrize(
    ("messages", "days_ago", "has_address", "has_answer", "step"),
    [
        (0, None, True, False, Step.WRITE),
        (1, 5, True, False, Step.WAIT),
        (1, 6, True, False, Step.WRITE),
        (3, 6, True, False, Step.CALL),  # three messages at most
        (0, None, False, False, Step.CALL),
        (2, 9, True, True, Step.DONE),
    ],
)
def test_a_school_writes_three_times_then_calls(messages, days_ago, has_address, has_answer, step):
    last_on = None if days_ago is None else TODAY - timedelta(days=days_ago)

    assert next_step(messages, last_on, has_address, has_answer, TODAY) is step


@given(st.lists(st.tuples(st.sampled_from([None, *map(str, Situation)]), st.sampled_from([None, 1, 2, 3, 4]))))
def test_everybody_asked_is_counted_once(answers):
    found = figures(answers)

    assert found.asked == found.answered + found.unreached + found.silent == len(answers)
    assert found.lasting <= found.positive <= found.answered


def test_the_base_of_a_rate_is_said_and_changes_it():
    found = figures([("permanent", 4), ("looking", 2), ("unreached", None), (None, None)])

    assert found == Figures(asked=4, answered=2, positive=1, lasting=1, unreached=1, satisfied=1, rated=2)
    assert (found.positive_rate("leavers"), found.positive_rate("answered")) == (Decimal("25.0"), Decimal("50.0"))
    assert (found.response_rate, found.satisfaction_rate) == (Decimal("50.0"), Decimal("50.0"))
    assert Figures().response_rate is None


def test_messages_leave_three_times_and_the_school_then_calls(app):
    path = make_path()
    first = TODAY

    assert ask(END) == 0, "the training is not over"
    assert [ask(first + timedelta(days=day)) for day in (0, 0, 3, 6, 12, 18, 30)] == [1, 0, 0, 1, 1, 0, 0]
    assert [one.messages for one in asked_of(path.enrolment.id)] == [3]
    assert db.session.query(Notice).filter_by(person_id=path.person.id).count() == 3
    assert [one.person_id for one in services.to_call(path.cohort.school_id, first + timedelta(days=30))] == [
        path.person.id
    ]


def test_who_has_no_address_is_called_and_who_only_has_a_phone_gets_a_text(app):
    path = make_path()
    unreachable, by_phone = make_learner(path.cohort), make_learner(path.cohort)
    unreachable.mail = by_phone.mail = None
    unreachable.phone, unreachable.learner_number, by_phone.phone = None, "VAL20271099", "+33639980007"
    save()

    assert ask(TODAY) == 1 + 1
    [sent] = db.session.query(Outgoing).filter_by(recipient="+33639980007").all()
    assert len(sent.text) <= 160 and "/after/" in sent.text
    assert [one.person_id for one in services.to_call(path.cohort.school_id, TODAY)] == [unreachable.id]


def test_who_moved_or_never_came_is_not_asked(app):
    path = make_path()
    path.enrolment.left_on, path.enrolment.exit_reason = date(2027, 3, 1), str(ExitReason.MOVED_COHORT)
    save()

    assert ask(date(2027, 3, 2)) == 0


def link_of(one: Questionnaire) -> str:
    return f"/after/{services_questionnaire.link_of(one)}"


def answer(client, address: str, **said: str):
    """Go through the questions as a person does, one page each, and send; the last answer is returned."""
    for name in ("situation", "rating", "comment"):
        client.post(f"{address}/{name}", data={"said": said.get(name, "")})
    return client.post(f"{address}/check")


def test_somebody_answers_without_an_account_and_may_change_their_mind(app, client, at_its_day):
    path = make_path()
    ask(TODAY)
    [one] = asked_of(path.enrolment.id)
    address = link_of(one)

    page = client.get(address).get_data(as_text=True)
    refused = client.post(f"{address}/situation", data={"said": "unreached"})
    assert "Choisissez une réponse" in refused.get_data(as_text=True)
    answer(client, address, situation="looking", rating="3")
    answer(client, address, situation="permanent", rating="4", comment="Merci à tous")
    db.session.expire_all()

    assert "Je cherche un emploi" in page and "Élodie" in page and "LŒUVRE" not in page.upper().replace("ÉLODIE", "")
    assert [(said.situation, said.source, said.said_by_id) for said in one.answers] == [
        ("looking", "written", None),
        ("permanent", "written", None),
    ]
    assert "Merci à tous" in client.get(address).get_data(as_text=True), "what was received is read again"
    assert ask(TODAY + timedelta(days=20)) == 0, "whoever has answered is left in peace"
    assert client.get("/after/nothing").status_code == 404


def test_what_is_typed_stays_until_it_is_sent_once(app, client, at_its_day):
    path = make_path()
    ask(TODAY)
    [one] = asked_of(path.enrolment.id)
    address = link_of(one)

    assert client.get(f"{address}/check").headers["Location"].endswith(address), "nothing to check yet"
    client.post(f"{address}/situation", data={"said": "training"})
    too_long = client.post(f"{address}/comment", data={"said": "Très bien. " * 300}).get_data(as_text=True)
    later = client.get(address).get_data(as_text=True)
    changed = client.post(f"{address}/rating?change=1", data={"said": "4"})
    check = client.get(f"{address}/check").get_data(as_text=True)
    [first, again] = [client.post(f"{address}/check") for _time in range(2)]
    db.session.expire_all()

    assert "Très bien. Très bien." in too_long and 'value="training" checked' in later
    assert changed.headers["Location"].endswith("/check")
    assert "Je suis une autre formation" in check and "Oui, beaucoup" in check
    assert first.status_code == again.status_code == 302
    assert [(said.situation, said.rating) for said in one.answers] == [("training", 4)], "a double click sends once"
    assert one.draft is None


def test_a_link_is_kept_as_a_hash_opens_from_each_message_and_has_an_end(app, client, at_its_day):
    path = make_path()
    ask(TODAY)
    ask(TODAY + timedelta(days=6))
    [one] = asked_of(path.enrolment.id)
    address = link_of(one)

    texts = [sent.text for sent in db.session.query(Outgoing).all()]
    notices = db.session.query(Notice).filter_by(person_id=path.person.id).all()
    at_its_day(one.due_on + timedelta(days=90))
    last_day = client.get(address)
    at_its_day(one.due_on + timedelta(days=91))
    ended = client.get(address)

    assert len(texts) == 2 and all(address in text for text in texts)
    assert one.link_hash not in address and {notice.url for notice in notices} == {f"/my/questionnaires/{one.id}"}
    assert (last_day.status_code, ended.status_code) == (200, 410)
    assert "Appelez votre école" in ended.get_data(as_text=True)
    assert client.post(f"{address}/situation", data={"said": "looking"}).status_code == 410
    assert client.get(f"/after/{one.link_hash}").status_code == 404, "the hash opens nothing"


def test_a_link_of_a_version_that_kept_it_as_it_is_still_opens_then_is_hidden(app, client, at_its_day):
    path = make_path()
    ask(TODAY)
    [one] = asked_of(path.enrolment.id)
    one.link_hash = before = "abcdEFGH2345abcdEFGH2345"
    save()

    assert client.get(f"/after/{before}").status_code == 200
    services_questionnaire.hide_plain_links()
    db.session.expire_all()
    assert one.link_hash != before and client.get(f"/after/{before}").status_code == 200


def test_a_notice_leads_its_own_reader_to_the_questions_and_nobody_else(app, client, log_in, at_its_day):
    path = make_path()
    ask(TODAY)
    [one] = asked_of(path.enrolment.id)
    log_in(path.person)
    own = client.get(f"/my/questionnaires/{one.id}")
    log_in(make_learner(path.cohort))

    assert own.headers["Location"].endswith(link_of(one))
    assert client.get(f"/my/questionnaires/{one.id}").status_code == 404


def test_a_trainer_calls_those_of_their_cohort_and_does_not_read_the_list_of_the_school(
    app, client, log_in, at_its_day
):
    """A list of phone numbers is for whoever calls: the school's managers, and the team that trained these people."""
    path = make_path()
    other = make_path(path.cohort.school, first_name="Alix", last_name="Durand")
    for one, number in ((path, "VAL20271098"), (other, "VAL20271099")):
        one.person.mail, one.person.phone, one.person.learner_number = None, None, number
    save()
    ask(TODAY)
    [theirs] = asked_of(other.enrolment.id)

    log_in(path.trainer)
    assert client.get(f"/schools/{path.cohort.school_id}/calls").status_code == 403
    assert "Élodie" in client.get(f"/cohorts/{path.cohort.id}/afterwards").get_data(as_text=True)
    assert client.get(f"/cohorts/{other.cohort.id}/afterwards").status_code in (403, 404)
    assert client.get(f"/questionnaires/{theirs.id}").status_code in (403, 404)
    manager = make_manager(path.cohort.school)
    save()
    log_in(manager)
    everybody = client.get(f"/schools/{path.cohort.school_id}/calls").get_data(as_text=True)
    assert "Élodie" in everybody and "Alix" in everybody


def test_answers_lose_their_name_a_year_after_the_last_question_and_stay_in_the_figures(app):
    """12 July 2027, asked until 13 January 2028, named until 13 January 2029."""
    path = make_path()
    for day in (TODAY, date(2027, 10, 13), date(2028, 1, 13)):
        ask(day)
    [at_exit, *_more] = asked_of(path.enrolment.id)
    services.note_answer(at_exit, "permanent", Source.PAPER, 4, "Contrat vu", path.manager, at(TODAY))
    before = services.afterwards_of(path.cohort).figures

    assert sum(services_retention.forget_answers(at(date(2029, 1, 13)), date(2029, 1, 13))) == 0
    assert sum(services_retention.forget_answers(at(date(2029, 1, 14)), date(2029, 1, 14))) == 3
    assert sum(services_retention.forget_answers(at(date(2029, 1, 15)), date(2029, 1, 15))) == 0
    db.session.expire_all()

    assert db.session.query(Answer).count() == db.session.query(Questionnaire).count() == 0
    found = services.afterwards_of(path.cohort)
    assert found.figures == before and found.lines[0].asked == {}
    assert found.figures[When.EXIT] == Figures(asked=1, answered=1, positive=1, lasting=1, satisfied=1, rated=1)
    assert ask(date(2029, 1, 15)) == 0, "nobody is asked again"


def test_a_school_notes_a_call_and_says_who_was_not_reached(app, client, log_in):
    path = make_path()
    ask(TODAY)
    [one] = asked_of(path.enrolment.id)
    log_in(path.trainer)

    client.post(f"/questionnaires/{one.id}", data={"situation": "unreached", "source": "phone"})
    table = client.get(f"/cohorts/{path.cohort.id}/afterwards.csv").get_data(as_text=True)

    said = db.session.query(Answer).one()
    assert (said.situation, said.source, said.said_by_id) == ("unreached", "phone", path.trainer.id)
    assert "injoignable" in table
    [found] = [one for when, one in services.afterwards_of(path.cohort).figures.items() if when is When.EXIT]
    assert found == Figures(asked=1, unreached=1)


def test_a_word_that_is_no_situation_is_refused(app):
    path = make_path()
    ask(TODAY)

    with pytest.raises(SituationMissing):
        services.note_answer(asked_of(path.enrolment.id)[0], "rich", Source.PHONE, None, "", path.manager, at(TODAY))
