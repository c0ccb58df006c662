"""The network is cut as a button is pressed, at each step of handing in, reviewing, answering and signing.

Either the browser knows, and nothing leaves the page; or nobody knows, and the browser shows a page of its own instead.
What was typed or chosen is there again, and what is sent in the end is there once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from popschool.attendance.models import Entry
from popschool.db import db
from popschool.grading.models import Feedback
from popschool.projects.models import Draft, Submission
from popschool.review.models import Review
from tests import factories
from tests.conftest import NOW
from tests.journeys import lap, scenes
from tests.journeys.hands import Hands
from tests.journeys.installation import Installation
from tests.journeys.scenes import Known, known, wait_until_kept, wait_until_sent
from tests.review.rounds import circle, open_round

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])
TEXT, COMMENT = "Ma page dit les horaires.", "Le tableau est clair. Essayez de dire les jours fermés."
ANSWER = (COMMENT, "to_complete", [1, 2])
KEPT = "Ce que vous avez écrit est gardé sur ce téléphone."
STAYS = "Pas de connexion. Votre texte reste sur ce téléphone."


@dataclass(frozen=True)
class School:
    """A cohort that has sent one project and reviews it, has another to send, and a morning to sign."""

    trainer: Known
    learner: Known
    deliverable: int
    submission: int
    review_round: int
    half_day: int


@pytest.fixture
def school(town: Installation) -> School:
    with town.records():
        sent = circle(3)
        opened = open_round(sent, starts_at=NOW)
        half_day = factories.make_half_day(sent.cohort, sent.trainer)
        deliverable = factories.make_assignment(sent.cohort).deliverables[0]
        deliverable.asks = ["text"]
        learner = sent.learners[0]
        return School(
            known(sent.trainer),
            known(learner),
            deliverable.id,
            sent.submissions[learner.id],
            opened.id,
            half_day.id,
        )


@dataclass(frozen=True)
class Step:
    """One press: who presses, what is written first, the words on the button, what is said when the browser knows.

    `is_sent_later` when it then leaves by itself; otherwise it is pressed again. `facts` are what it is for.
    """

    who: str
    prepare: Callable[[Hands, School], None]
    button: str
    said: str
    facts: Callable[[School], list]
    expected: list
    is_sent_later: bool = False


def write_a_text(hands: Hands, school: School) -> None:
    hands.open(f"/deliverables/{school.deliverable}/submit")
    hands.write("Votre texte", TEXT)


def check_a_text(hands: Hands, school: School) -> None:
    write_a_text(hands, school)
    hands.press("Continuer")


def answer_a_question(hands: Hands, _school: School) -> None:
    hands.open("/reviews")
    hands.press("Lire le travail suivant")
    page = hands.path.partition("#")[0]
    wait_until_kept(hands.page, f"{page}/criteria/2")
    hands.follow("Commencer ma relecture")
    hands.choose("en partie")
    hands.write("Ce qui marche", lap.GOOD)
    hands.write("Une idée pour continuer", lap.IDEA)


def check_a_review(hands: Hands, _school: School) -> None:
    hands.open("/reviews")
    hands.press("Lire le travail suivant")
    hands.follow("Commencer ma relecture")
    lap.say_of_each_criterion(hands, 2)


def write_an_answer(hands: Hands, school: School) -> None:
    hands.open(f"/submissions/{school.submission}/answer")
    hands.choose("Oui", of="La page marche sur téléphone.")
    hands.choose("En partie", of="Les plats viennent de la liste.")
    hands.write("Mon commentaire", COMMENT)
    hands.choose("À reprendre", of="Décision")


def read_the_statement(hands: Hands, school: School) -> None:
    wait_until_kept(hands.page, "/phone/mark")
    hands.open(f"/half-days/{school.half_day}/sign")


def texts_in_draft(school: School) -> list:
    return list(db.session.scalars(select(Draft.text).where(Draft.deliverable_id == school.deliverable)))


def texts_sent(school: School) -> list:
    return list(db.session.scalars(select(Submission.text).where(Submission.deliverable_id == school.deliverable)))


def first_answers(school: School) -> list:
    drafts = db.session.scalars(select(Review.draft).where(Review.round_id == school.review_round))
    said = [list(draft.values())[0] for draft in drafts if draft]
    return [(one["mark"], one["good"], one["idea"]) for one in said]


def reviews_sent(school: School) -> list:
    asked = select(Review).where(Review.round_id == school.review_round, Review.submitted_at.is_not(None))
    return [len(review.answers) for review in db.session.scalars(asked)]


def feedback_sent(school: School) -> list:
    asked = select(Feedback).where(Feedback.submission_id == school.submission)
    return [(one.comment, one.decision, sorted(mark.mark for mark in one.marks)) for one in db.session.scalars(asked)]


def signatures(school: School) -> list:
    asked = select(Entry.kind).where(Entry.half_day_id == school.half_day, Entry.person_id == school.learner.id)
    return list(db.session.scalars(asked))


STEPS = {
    "handing in, first step": Step("learner", write_a_text, "Continuer", KEPT, texts_in_draft, [TEXT], True),
    "handing in, check": Step("learner", check_a_text, "Envoyer mon travail", STAYS, texts_sent, [TEXT]),
    "reviewing, one question": Step(
        "learner", answer_a_question, "Continuer", "Question 2 sur 2", first_answers, [(1, lap.GOOD, lap.IDEA)], True
    ),
    "reviewing, check": Step("learner", check_a_review, "Envoyer ma relecture", STAYS, reviews_sent, [2]),
    "answering": Step(
        "trainer", write_an_answer, "Envoyer et ouvrir le suivant", STAYS, feedback_sent, [ANSWER]
    ),
    "signing": Step(
        "learner", read_the_statement, "Je signe ma présence", "Pas encore envoyé", signatures, ["signature"], True
    ),
}  # fmt: skip


@pytest.mark.parametrize("is_known", [True, False], ids=["the browser knows", "nobody knows"])
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_network_cut_at_any_step_loses_nothing(town, arrive, school, step, is_known):
    hands = arrive(town, phone=True)
    scenes.sign_in(hands, getattr(school, step.who))
    step.prepare(hands, school)
    before, here = facts(town, school, step), hands.path

    with town.cut_off(hands.page) if is_known else town.network.cut():
        hands.touch(hands.button(step.button))
        if is_known:
            hands.sees(step.said)
        else:
            hands.page.wait_for_url("chrome-error://**")
        assert facts(town, school, step) == before
    if is_known and step.is_sent_later:
        wait_until_sent(hands.page)
    else:
        if not is_known:
            hands.open(here)
        hands.press(step.button)

    assert facts(town, school, step) == step.expected


def facts(town: Installation, school: School, step: Step) -> list:
    """Return what is there, with lines that end as they were typed."""
    with town.records():
        return [one.replace("\r", "") if isinstance(one, str) else one for one in step.facts(school)]
