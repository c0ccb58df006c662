"""At each step of handing in, reviewing, answering and signing: a session over, a full disk, a form sent twice.

What was typed comes back with what to do, and what was sent counts once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from popschool.attendance.models import Entry
from popschool.auth.models import Account
from popschool.db import db
from popschool.grading.models import Feedback
from popschool.projects.models import Submission
from popschool.review.models import Review
from tests.web.network import Network
from tests.web.pages import Html, filled, squeezed

WORDS = "Une longue phrase, sur un petit clavier."


@dataclass(frozen=True)
class Step:
    """One press: who presses, where, what is typed in which field, and the rows that it adds or finishes."""

    who: str
    where: str
    fields: tuple[str, ...]
    rows: type


STEPS = {
    "handing in, first step": Step("learner", "/deliverables/{deliverable.id}/submit", ("note",), Submission),
    "handing in, check": Step("learner", "/deliverables/{deliverable.id}/check", (), Submission),
    "reviewing, one criterion": Step("learner", "/reviews/{begun_key}/criteria/1", ("idea", "good"), Review),
    "answering": Step("trainer", "/submissions/{waiting.id}/answer", ("comment",), Feedback),
    "signing": Step("missing", "/half-days/{half_day.id}/sign", (), Entry),
}


@dataclass
class Pressing:
    """A form that is ready to be sent by somebody."""

    network: Network
    step: Step
    person_id: int
    client: FlaskClient
    address: str
    sent: dict

    def press(self):
        return self.client.post(self.address, data=self.sent)

    def rows(self) -> int:
        with self.network.app.app_context():
            return db.session.scalar(select(func.count()).select_from(self.step.rows))


@pytest.fixture(params=STEPS.values(), ids=STEPS)
def pressing(request, network) -> Iterator[Pressing]:
    step, facts = request.param, network.facts
    people = {"learner": facts.learner.id, "trainer": facts.trainer.id, "missing": facts.missing_id}
    with network.undone():
        client = network.client_of(people[step.who])
        address = step.where.format(**vars(facts))
        page = Html(client.get(address).text)
        forms = [one for one in page.main.iter("form") if one.get("method") == "post"]
        form = next(one for one in forms if {*step.fields} <= {field.get("name") for field in one.iter()})
        given = dict.fromkeys(step.fields, WORDS)
        goal = (form.get("action") or "").split("#")[0] or address
        yield Pressing(network, step, people[step.who], client, goal, filled(form, **given))


@contextmanager
def refusing(network: Network) -> Iterator[None]:
    """Let the database read, and refuse to write, as it does when its disk is full."""

    def refuse(connection, _record, _proxy) -> None:
        connection.execute("PRAGMA query_only=1")

    with network.app.app_context():
        engine = db.engine
        engine.dispose()
    event.listen(engine, "checkout", refuse)
    try:
        yield
    finally:
        event.remove(engine, "checkout", refuse)
        engine.dispose()


def send_again(pressing: Pressing, answer) -> object:
    """Press the button of the page that gives back what was typed."""
    form = next(one for one in Html(answer.text).main.iter("form") if "Envoyer de nouveau" in squeezed(one))
    return pressing.client.post((form.get("action") or "").split("#")[0] or pressing.address, data=filled(form))


def test_a_database_that_refuses_to_write_gives_everything_back(pressing):
    before = pressing.rows()
    with refusing(pressing.network):
        answer = pressing.press()

    said = squeezed(Html(answer.text).main)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "Réessayez dans quelques minutes" in said or "Attendez un peu" in said
    assert not pressing.step.fields or WORDS in answer.text
    assert pressing.rows() == before
    again = send_again(pressing, answer) if "Envoyer de nouveau" in answer.text else pressing.press()
    assert again.status_code == 302, squeezed(Html(again.text).main)[:400]


def test_a_session_that_is_over_gives_everything_back(pressing):
    before = pressing.rows()
    with pressing.network.app.app_context():
        db.session.get(Account, pressing.person_id).session_token = "ended elsewhere"
        db.session.commit()

    answer = pressing.press()
    while answer.status_code in (302, 303):
        answer = pressing.client.get(answer.location)

    said = squeezed(Html(answer.text).main)
    assert "Connectez-vous" in said
    assert not pressing.step.fields or "Votre texte est gardé" in said
    assert WORDS not in answer.text  # until its own person is back
    assert pressing.rows() == before


def test_a_form_sent_twice_counts_once(pressing):
    before = pressing.rows()
    first = pressing.press()
    once = pressing.rows()

    second = pressing.press()  # a double click, or the back button and the same press

    assert first.status_code == 302, squeezed(Html(first.text).main)[:400]
    assert second.status_code in (302, 409, 200)
    assert pressing.rows() == once
    assert once - before <= 1
