"""What people do once they have left: asked by message, then by phone; and what the answers add up to."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.completion import services_afterwards as services
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
from tests.factories import make_learner, save

TODAY = date(2027, 7, 13)  # the day after the last one


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 7, 30, tzinfo=UTC)


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


def test_somebody_answers_without_an_account_and_may_change_their_mind(app, client):
    path = make_path()
    ask(TODAY)
    [one] = asked_of(path.enrolment.id)
    address = f"/after/{one.secret}"

    page = client.get(address).get_data(as_text=True)
    refused = client.post(address, data={"situation": "unreached"})
    client.post(address, data={"situation": "looking", "rating": "3"})
    client.post(address, data={"situation": "permanent", "rating": "4", "comment": "Merci à tous"})
    db.session.expire_all()

    assert "Je cherche un emploi" in page and "Élodie" in page and "LŒUVRE" not in page.upper().replace("ÉLODIE", "")
    assert refused.status_code != 302
    assert [(said.situation, said.source, said.said_by_id) for said in one.answers] == [
        ("looking", "written", None),
        ("permanent", "written", None),
    ]
    assert one.answer.situation == "permanent"
    assert ask(TODAY + timedelta(days=20)) == 0, "whoever has answered is left in peace"
    assert client.get("/after/nothing").status_code == 404


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
        services.answer(asked_of(path.enrolment.id)[0], "rich", Source.PHONE, None, "", path.manager, at(TODAY))
