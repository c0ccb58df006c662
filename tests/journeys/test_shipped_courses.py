"""A learner walks through the shipped courses: three projects in order, their quizzes, what each one asks for.

On a phone, without scripts. One database is enough: the other journeys hold both to the same acts.
"""

import io
import re
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from popschool.courses.front import split_front
from popschool.courses.models import Programme
from popschool.courses.quiz_format import LINE, ONE, ORDER, SEVERAL, TEXT, Question, read_quiz, shown
from popschool.db import db
from popschool.places import courses_folder
from popschool.projects.models import Submission
from popschool.projects.rules import Window
from popschool.projects.services_assignments import projects_of, set_assignment
from tests import factories
from tests.conftest import NOW
from tests.courses.repositories import git
from tests.journeys.hands import Hands
from tests.journeys.installation import Installation
from tests.journeys.scenes import known, sign_in

FABNUM = courses_folder() / "fabnum"
WALKED = ("01-mon-badge", "02-mes-cles", "03-l-affiche-de-la-fete")
SENT = "Je l'ai fait ce matin. Je sais le refaire."


def put_the_programme_online(where: Installation, folder: Path) -> None:
    shutil.copytree(FABNUM, folder / "fabnum")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Reprendre le programme")
    where.command("courses", "add", "cours-livres", str(folder))
    where.command("courses", "sync", "cours-livres")


def answer(hands: Hands, number: int, question: Question) -> None:
    """Answer one question rightly, as its author wrote it."""
    fields = hands.page.locator("fieldset.ask").nth(number).locator("input")
    answers = shown(question)
    if question.kind == TEXT:
        fields.first.fill(next(one.text for one in question.answers if one.is_right))
    elif question.kind == ORDER:
        for place, one in enumerate(answers):
            fields.nth(place).fill(str(question.answers.index(one) + 1))
    elif question.kind == LINE:
        right = next(one.text for one in question.answers if one.is_right)
        hands.page.locator(f"#{question.key} input[value='{right.split()[-1]}']").check()
    else:
        assert question.kind in (ONE, SEVERAL)
        for place, one in enumerate(answers):
            if one.is_right:
                fields.nth(place).check()


def take_the_quiz(hands: Hands, folder: str) -> None:
    quiz_file = FABNUM / folder / "quiz.md"
    front, body, first_line = split_front(quiz_file.read_text())
    questions = read_quiz(body, first_line).questions
    title = next(line.removeprefix("title: ") for line in front.splitlines() if line.startswith("title: "))
    hands.follow(title)
    for number, question in enumerate(questions):
        answer(hands, number, question)
    hands.press("Envoyer mes réponses")
    hands.sees(f"{len(questions)} réponses justes sur {len(questions)}", "Bravo. Tout est juste.")


def take_what_there_is_to_start_from(hands: Hands, folder: str) -> None:
    """One folder comes down, with every file to start from, and none of those that trainers keep."""
    link = hands.page.get_by_role("link", name=re.compile("^Fichiers de départ")).get_attribute("href")
    answer = hands.page.request.get(hands.address + link)
    given = zipfile.ZipFile(io.BytesIO(answer.body())).namelist()
    start = FABNUM / folder / "depart"

    assert sorted(name.partition("/")[2] for name in given) == sorted(
        path.relative_to(start).as_posix() for path in start.rglob("*") if path.is_file()
    )


def hand_in(hands: Hands, deliverable: str, asks: list[str], photo: Path) -> None:
    """Send what is asked next."""
    hands.follow("Envoyer mon travail")
    hands.sees(deliverable)
    if "text" in asks:
        hands.write("Votre texte", SENT)
    if "files" in asks:
        hands.attach("Vos fichiers", photo)
    hands.press("Continuer")
    hands.press("Envoyer mon travail")
    hands.is_at("Votre travail est reçu")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_learner_walks_through_three_projects_their_quizzes_and_what_they_ask_for(town, arrive, tmp_path):
    put_the_programme_online(town, tmp_path / "cours")
    photo = tmp_path / "badge.png"
    shutil.copy(FABNUM.parent / "dwwm" / "01-la-page-du-comptoir" / "depart" / "images" / "tasse.png", photo)
    with town.records():
        programme = db.session.scalars(select(Programme).where(Programme.key == "fabnum")).one()
        cohort = factories.make_cohort(programme=programme)
        trainer = factories.make_trainer(cohort)
        learner = known(factories.make_learner(cohort))
        versions = projects_of(cohort)[: len(WALKED)]
        for week, version in enumerate(versions):
            due = NOW + timedelta(days=7 * week + 4)
            window = Window(NOW - timedelta(days=1), due, due + timedelta(days=30))
            set_assignment(cohort, version, window, "alone", 1, "trainer", trainer.id, NOW)
        asked = [(one.title, one.data["deliverables"], Path(one.path).parent.name) for one in versions]
    hands = arrive(town, "apprenante", phone=True, scripts=False)
    sign_in(hands, learner)

    for title, deliverables, folder in asked:
        hands.open("/")
        hands.follow("Projets")
        hands.follow(title)
        hands.sees("Les étapes", "C'est bon quand", *[one["title"] for one in deliverables])
        here = hands.path
        take_what_there_is_to_start_from(hands, folder)
        take_the_quiz(hands, folder)
        for one in deliverables:
            hands.open(here)
            hand_in(hands, one["title"], one["asks"], photo)

    hands.open("/")
    hands.follow("Projets")
    hands.sees(*[title for title, _asked, _folder in asked])
    with town.records():
        assert [folder for _title, _asked, folder in asked] == list(WALKED)
        sent = db.session.scalars(select(Submission).where(Submission.submitted_by_id == learner.id)).all()
        assert [one.deliverable.key for one in sorted(sent, key=lambda one: one.id)] == [
            one["id"] for _title, deliverables, _folder in asked for one in deliverables
        ]
