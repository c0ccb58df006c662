"""Quizzes: answered as often as one likes, on pages that never hold the answers; and what trainers learn from them."""

import re

import pytest
from sqlalchemy import func, select

from popschool.courses import sync
from popschool.courses.models import Page, PageVersion, Programme, Quiz, Source
from popschool.db import db
from popschool.projects.models_quizzes import QuizAnswer, QuizAttempt
from tests.conftest import NOW
from tests.courses.repositories import Repository, web_course
from tests.factories import make_author, make_cohort, make_learner, make_source, make_trainer
from tests.shown import shown

QUIZ = """---
title: Le HTML
---
Prenez votre temps.

## Quelle balise donne le titre ?
<!-- id: titre -->

- [x] `<h1>`
  > Secret : un seul par page.
- [ ] `<big>`
  > Secret : elle n'existe plus.

## Que faut-il à une image ?
<!-- id: image -->

- [x] Une adresse
- [x] Un texte
- [ ] Une couleur

## Dans quel ordre ?
<!-- id: ordre -->

1. Lire
2. Écrire
3. Montrer

> Secret : on montre tôt.

## Quel attribut ?
<!-- id: alt -->

Votre réponse : ____

- [x] alt

## Où est l'erreur ?
<!-- id: erreur -->

```html
<h1>Menu</h2>
<p>Soupe</p>
```

- [x] Ligne 1
- [ ] Ligne 2
"""


@pytest.fixture
def repository(app, tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def cohort(repository):
    """A cohort whose project has a quiz."""
    repository.commit(web_course(**{"web/p01/quiz.md": QUIZ, "web/p01/quiz.simple.md": QUIZ.replace("Prenez", "Ayez")}))
    source = make_source(name="web", url=repository.url, is_local=True)
    db.session.commit()
    outcome = sync.synchronise(source, NOW)
    assert outcome.outcome == "published", outcome.problems
    found = make_cohort(programme=db.session.scalar(select(Programme)))
    db.session.commit()
    return found


@pytest.fixture
def address(cohort):
    return f"/quizzes/{page_id()}"


def page_id():
    return db.session.scalar(select(Page.id).where(Page.key == "p01/quiz"))


def questions():
    return {one["id"]: one for one in db.session.scalar(select(Quiz.questions).limit(1))}


def key(question, text):
    return next(one["key"] for one in questions()[question]["answers"] if one["text"] == text)


def everything(client, address, **changes):
    """Return a form with every answer right, as this page asks for it."""
    page = client.get(address).text
    given = {name: re.search(f'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("quiz", "attempt")}
    given |= {
        "q-titre": key("titre", "<h1>"),
        "q-image": [key("image", "Une adresse"), key("image", "Un texte")],
        **{f"q-ordre-{key('ordre', text)}": rank for rank, text in enumerate(("Lire", "Écrire", "Montrer"), 1)},
        "q-alt": "ALT.",
        "q-erreur": "1",
    }
    return given | changes


def attempts():
    return db.session.scalars(select(QuizAttempt).order_by(QuizAttempt.id)).all()


def test_a_course_page_that_is_a_quiz_leads_to_its_questions(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))

    assert client.get("/courses/web/p01/quiz").headers["Location"].startswith(address)
    assert "/courses/web/p01/quiz" in client.get("/courses/web/p01").text


def test_nothing_says_what_is_right_before_an_attempt(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.get(address).text

    assert "Prenez votre temps." in text and "Quelle balise donne le titre" in text
    assert "Secret" not in text
    shown = [text.index(f">{words}</label>") for words in ("Lire", "Écrire", "Montrer")]
    assert shown != sorted(shown)
    assert not re.search(r"is_right|data-right|checked", text)


def test_a_learner_answers_and_reads_why(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = shown(client.post(address, data=everything(client, address), follow_redirects=True))

    assert "5 réponses justes sur 5" in text
    assert "Secret : un seul par page." in text
    assert "Secret : elle n" not in text
    [attempt] = attempts()
    assert (attempt.number, attempt.right, attempt.asked, attempt.cohort_id) == (1, 5, 5, cohort.id)


def test_what_is_not_right_yet_says_so_in_words_and_keeps_the_answer_for_later(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))
    given = everything(client, address, **{"q-titre": key("titre", "<big>"), "q-image": key("image", "Un texte")})
    given["q-alt"] = "<script>"

    text = client.post(address, data=given, follow_redirects=True).text

    assert "2 réponses justes sur 5" in text
    assert "à revoir" in text and "en partie" in text
    assert "Secret : elle n" in shown(text)
    assert "«\u00a0&lt;script&gt;\u00a0»" in text
    assert "La bonne réponse" in text


def test_a_question_may_be_left(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.post(address, data=everything(client, address, **{"q-alt": " "}), follow_redirects=True).text

    assert "sans réponse" in text and "4 réponses justes sur 5" in text


def test_an_attempt_without_any_answer_is_refused(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))
    page = everything(client, address)

    answer = client.post(address, data={name: page[name] for name in ("quiz", "attempt")})

    assert answer.status_code == 200 and "Répondez à une question au moins" in answer.text
    assert attempts() == []


@pytest.mark.parametrize("numbers", [("1", "1", "2"), ("1", "", "2"), ("1", "2", "9"), ("1", "2", "deux")])
def test_an_order_that_is_no_order_is_refused_with_what_was_typed(cohort, address, client, log_in, numbers):
    log_in(make_learner(cohort=cohort))
    changes = {f"q-ordre-{key('ordre', text)}": number
               for text, number in zip(("Lire", "Écrire", "Montrer"), numbers, strict=True)}  # fmt: skip

    text = client.post(address, data=everything(client, address, **changes, **{"q-alt": "mon texte"})).text

    assert "Il y a " in text and "à corriger" in text
    assert 'value="mon texte"' in text
    assert f'value="{key("titre", "<h1>")}" checked' in text
    assert attempts() == []


def test_each_attempt_stays(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))
    client.post(address, data=everything(client, address, **{"q-erreur": "2"}))
    client.post(address, data=everything(client, address))

    assert [(one.number, one.right) for one in attempts()] == [(1, 4), (2, 5)]
    text = client.get(address).text
    assert text.index("Essai 2") < text.index("Essai 1")
    assert "checked" not in text


def test_a_second_click_finds_the_first_ones_attempt(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))
    given = everything(client, address)

    first, second = client.post(address, data=given), client.post(address, data=given)

    assert first.headers["Location"] == second.headers["Location"]
    assert len(attempts()) == 1


def test_an_attempt_is_marked_by_the_questions_that_were_read(cohort, address, client, log_in, repository):
    log_in(make_learner(cohort=cohort))
    given = everything(client, address)
    repository.commit({"web/p01/quiz.md": QUIZ.replace("- [x] alt", "- [x] autre")})
    source = db.session.scalar(select(Source))
    sync.synchronise(source, NOW)
    cohort.revision_id = source.live_revision_id
    db.session.commit()

    answer = client.post(address, data=given, follow_redirects=True)
    assert "5 réponses justes sur 5" in answer.text

    again = client.post(address, data=everything(client, address), follow_redirects=True)
    assert "4 réponses justes sur 5" in again.text
    first = client.get(f"/quiz-attempts/{attempts()[0].id}")
    assert "5 réponses justes sur 5" in first.text


def test_a_quiz_that_is_not_of_this_page_is_not_answered(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))

    answer = client.post(address, data=everything(client, address, quiz="0" * 64))

    assert "vient de changer" in answer.text
    assert attempts() == []


def test_a_quiz_has_a_simple_version(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.get(f"{address}?version=simple").text

    assert "Ayez votre temps." in text and 'class="pair"' in text


def test_the_staff_try_a_quiz_and_nothing_is_kept(cohort, address, client, log_in):
    log_in(make_author())

    answer = client.post(address, data=everything(client, address))

    assert "5 réponses justes sur 5" in answer.text and "ne sont pas gardées" in answer.text
    assert attempts() == []


def test_only_those_who_read_the_course_see_its_quiz(cohort, address, client, log_in):
    log_in(make_learner())

    assert client.get(address).status_code == 404
    assert client.post(address, data={"q-titre": "x"}).status_code == 404


def test_an_attempt_is_read_by_its_person_and_their_team(cohort, address, client, log_in):
    log_in(make_learner(cohort=cohort))
    client.post(address, data=everything(client, address))
    place = f"/quiz-attempts/{attempts()[0].id}"

    assert "Votre réponse" in client.get(place).text
    log_in(make_trainer(cohort=cohort))
    assert "Sa réponse" in client.get(place).text
    log_in(make_learner(cohort=cohort))
    assert client.get(place).status_code == 404
    log_in(make_learner())
    assert client.get(place).status_code == 404


def test_a_trainer_sees_who_tried_and_what_is_missed_most(cohort, address, client, log_in):
    one, other, idle = (make_learner(cohort=cohort) for _ in range(3))
    for person, changes in ((one, {"q-erreur": "2"}), (other, {"q-erreur": "2", "q-alt": "title"})):
        log_in(person)
        client.post(address, data=everything(client, address, **changes))
    client.post(address, data=everything(client, address))
    log_in(make_trainer(cohort=cohort))

    listed = client.get(f"/cohorts/{cohort.id}/quizzes").text
    results = client.get(f"/cohorts/{cohort.id}/quizzes/{page_id()}").text

    assert "Le HTML" in listed and "La page" in listed
    assert re.search(r"La question à reprendre ensemble.*?Où est l.*?erreur", results, re.DOTALL)
    assert "pour 2 personnes sur 2" in results
    assert "2 personnes sur 3" in results
    assert idle.name in results and "pas encore" in results
    assert "3 sur 5" in results and "5 sur 5" in results


def test_learners_do_not_see_the_results_of_their_cohort(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))

    assert client.get(f"/cohorts/{cohort.id}/quizzes").status_code == 403
    assert client.get(f"/cohorts/{cohort.id}/quizzes/{page_id()}").status_code == 403
    log_in(make_trainer())
    assert client.get(f"/cohorts/{cohort.id}/quizzes").status_code == 404


def test_quiz_pages_cost_few_queries(cohort, address, client, log_in, queries):
    learner = log_in(make_learner(cohort=cohort))
    client.post(address, data=everything(client, address))
    attempt = attempts()[0].id

    def cost(place):
        client.get(place)
        with queries() as seen:
            client.get(place)
        return len([one for one in seen if one.startswith("SELECT")])

    assert cost(address) <= 6
    assert cost(f"/quiz-attempts/{attempt}") <= 6
    log_in(make_trainer(cohort=cohort))
    assert cost(f"/cohorts/{cohort.id}/quizzes") <= 8
    assert cost(f"/cohorts/{cohort.id}/quizzes/{page_id()}") <= 8
    assert learner.id


def test_a_few_words_changed_in_a_quiz_are_published_by_the_short_way(cohort, repository):
    repository.commit({"web/p01/quiz.md": QUIZ.replace("Une couleur", "Une odeur")})

    outcome = sync.synchronise(db.session.scalar(select(Source)), NOW)

    assert outcome.outcome == "published" and outcome.blobs_read == 2
    live = db.session.scalar(select(PageVersion).where(PageVersion.page_id == page_id(), PageVersion.since == 2))
    texts = [one["text"] for one in db.session.get(Quiz, live.rendered_hash).questions[1]["answers"]]
    assert "Une odeur" in texts and "Une couleur" not in texts


def test_a_broken_quiz_is_refused_with_its_line(cohort, repository):
    repository.commit({"web/p01/quiz.md": QUIZ.replace("- [x] alt", "- [ ] alt")})

    outcome = sync.synchronise(db.session.scalar(select(Source)), NOW)

    assert outcome.outcome == "refused"
    assert [(one["path"], one["line"]) for one in outcome.problems if one["level"] == "error"] == [
        ("web/p01/quiz.md", 30)
    ]


def test_the_same_text_as_a_lesson_is_another_page(cohort, repository):
    repository.commit({"web/p01/le-quiz.md": QUIZ})

    outcome = sync.synchronise(db.session.scalar(select(Source)), NOW)

    assert outcome.outcome == "published"
    roles = dict(db.session.execute(select(Page.key, PageVersion.role).join(PageVersion)).all())
    assert roles["p01/le-quiz"] == "lesson" and roles["p01/quiz"] == "quiz"
    same = PageVersion.path.in_(("web/p01/quiz.md", "web/p01/le-quiz.md"))
    assert db.session.scalar(select(func.count(func.distinct(PageVersion.rendered_hash))).where(same)) == 2


def test_a_repository_that_knows_nothing_of_popschool_has_no_quiz(app, tmp_path):
    repository = Repository(tmp_path / "libre")
    repository.commit({"README.md": "# Cours\n", "quiz.md": "# Un mot\n\nPas de question ici.\n"})
    source = make_source(name="libre", url=repository.url, is_local=True)
    db.session.commit()

    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "published" and outcome.problems == []
    assert set(db.session.scalars(select(PageVersion.role))) == {"brief", "lesson"}
    assert db.session.scalar(select(func.count()).select_from(QuizAnswer)) == 0
