"""The margin of a page: boxes that stay ticked, and a way to ask for help at each step."""

import re

import pytest
from sqlalchemy import select

from popschool.courses import sync
from popschool.courses.models import Page, Programme, Project
from popschool.db import db
from popschool.messages.models import Notice
from popschool.projects.models_help import Checklist, HelpRequest, HelpTurn
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import make_assignment, make_cohort, make_learner, make_manager, make_source, make_trainer

LESSON = """# Le HTML

Avant.

## Un tableau

- [ ] lire **tout**
- [ ] écrire
- [x] déjà fait

## Une image

Du texte.
"""
PLACE = "p-un-tableau"


@pytest.fixture
def cohort(app, tmp_path):
    repository = Repository(tmp_path / "cours")
    brief = project(body="2. Écrivez.\n")
    simple = "# Le HTML\n\n- [ ] en simple\n"
    files = {"web/p01/projet.md": brief, "web/p01/01-html.md": LESSON, "web/p01/01-html.simple.md": simple}
    repository.commit(web_course(**files))
    source = make_source(name="web", url=repository.url, is_local=True)
    db.session.commit()
    outcome = sync.synchronise(source, NOW)
    assert outcome.outcome == "published", outcome.problems
    found = make_cohort(programme=db.session.scalar(select(Programme)))
    db.session.commit()
    return found


@pytest.fixture
def lesson(cohort):
    return db.session.scalar(select(Page.id).where(Page.key == "p01/01-html"))


def boxes(text):
    """Return each box of a page: its words, its key, whether it is ticked."""
    found = re.findall(r'name="done" value="(\w+)" id="[^"]*"( checked)?><label[^>]*>(.*?)</label>', text)
    return {re.sub(r"<[^>]*>", "", words): (key, bool(ticked)) for key, ticked, words in found}


def tick(client, page_id, text, *wanted, **headers):
    found = boxes(text)
    data = {"shown": " ".join(key for key, _ in found.values()), "done": [found[words][0] for words in wanted]}
    return client.post(f"/pages/{page_id}/ticks", data=data | {"back": f"/pages/{page_id}"}, **headers)


def ask(client, page_id, anchor=PLACE, words=""):
    return client.post(f"/help/ask?page={page_id}&at={anchor}", data={"words": words})


def requests():
    return db.session.scalars(select(HelpRequest).order_by(HelpRequest.id)).all()


def told():
    return [(one.person_id, one.title) for one in db.session.scalars(select(Notice).order_by(Notice.id))]


# boxes


def test_boxes_stay_ticked_for_one_person_alone(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    before = client.get(f"/pages/{lesson}").text
    assert {words: ticked for words, (_, ticked) in boxes(before).items()} == {"lire tout": False, "écrire": False}

    answer = tick(client, lesson, before, "lire tout")

    assert answer.headers["Location"].startswith(f"/pages/{lesson}")
    after = client.get(f"/pages/{lesson}").text
    assert {words: ticked for words, (_, ticked) in boxes(after).items()} == {"lire tout": True, "écrire": False}
    assert "Vos coches sont gardées." in after
    log_in(make_learner(cohort=cohort))
    assert not any(ticked for _, ticked in boxes(client.get(f"/pages/{lesson}").text).values())


def test_a_box_can_be_unticked(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    text = client.get(f"/pages/{lesson}").text
    tick(client, lesson, text, "lire tout", "écrire")
    tick(client, lesson, text, "écrire")

    assert [words for words, (_, ticked) in boxes(client.get(f"/pages/{lesson}").text).items() if ticked] == ["écrire"]


def test_the_boxes_of_another_version_of_the_page_stay_as_they_were(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    tick(client, lesson, client.get(f"/pages/{lesson}").text, "écrire")
    simple = client.get(f"/pages/{lesson}?version=simple").text
    tick(client, lesson, simple, "en simple")

    assert boxes(client.get(f"/pages/{lesson}").text)["écrire"][1]
    assert boxes(client.get(f"/pages/{lesson}?version=simple").text)["en simple"][1]


def test_only_boxes_that_were_shown_are_kept(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))

    client.post(f"/pages/{lesson}/ticks", data={"shown": "aaaa", "done": ["aaaa", "bbbb"]})

    assert db.session.scalar(select(Checklist.done)) == ["aaaa"]


def test_with_scripts_the_page_does_not_move(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))

    answer = tick(client, lesson, client.get(f"/pages/{lesson}").text, headers={"Accept": "application/json"})

    assert answer.status_code == 204


def test_a_form_of_boxes_comes_back_to_our_pages_only(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))

    answer = client.post(f"/pages/{lesson}/ticks", data={"back": "https://example.com/pages/1"})

    assert answer.headers["Location"].startswith("/pages/")


def test_the_staff_see_boxes_that_nobody_ticks(cohort, lesson, client, log_in):
    log_in(make_trainer(cohort=cohort))
    text = client.get(f"/pages/{lesson}").text

    assert "À faire : " in text and 'name="done"' not in text and "/help/ask" not in text
    assert client.post(f"/pages/{lesson}/ticks", data={}).status_code == 403


def test_a_learner_of_another_cohort_has_no_margin(cohort, lesson, client, log_in):
    log_in(make_learner())

    assert client.post(f"/pages/{lesson}/ticks", data={}).status_code == 404
    assert client.get(f"/help/ask?page={lesson}&at={PLACE}").status_code == 404


# help


def test_each_part_of_a_lesson_and_each_step_of_a_project_has_a_way_to_ask(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    project_id = db.session.scalar(select(Project.id).where(Project.key == "p01"))
    assignment = make_assignment(cohort=cohort, project_id=project_id)
    db.session.commit()

    lines = re.findall(r"/help/ask\?page=(\d+)&amp;at=([\w-]*)", client.get(f"/pages/{lesson}").text)
    steps = re.findall(r"/help/ask\?page=\d+&amp;at=([\w-]*)", client.get("/courses/web/p01").text)
    again = re.findall(r"/help/ask\?page=\d+&amp;at=([\w-]*)", client.get(f"/assignments/{assignment.id}").text)

    assert lines == [(str(lesson), "p-un-tableau"), (str(lesson), "p-une-image")]
    assert steps == again == ["etape-1", "etape-2"]


def test_a_learner_asks_and_their_trainers_are_told_the_place(cohort, lesson, client, log_in):
    trainer, other = make_trainer(cohort=cohort), make_trainer()
    learner = log_in(make_learner(cohort=cohort))
    assert "Le HTML, «\u00a0Un tableau\u00a0»" in client.get(f"/help/ask?page={lesson}&at={PLACE}").text

    answer = ask(client, lesson, words="Rien ne s'affiche.")

    [request] = requests()
    assert (request.place_name, request.words) == ("Le HTML, «\u00a0Un tableau\u00a0»", "Rien ne s'affiche.")
    assert told() == [(trainer.id, f"{learner.name} demande de l'aide")]
    shown = client.get(answer.headers["Location"]).text
    assert "La prochaine demande" in shown
    assert "Aide demandée" in client.get(f"/pages/{lesson}").text
    log_in(other)
    assert learner.name not in client.get("/help/queue").text


def test_a_step_is_named_by_its_number(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))
    brief = db.session.scalar(select(Page.id).where(Page.key == "p01/projet"))

    ask(client, brief, "etape-2")

    assert requests()[0].place_name == "La page, étape 2"


def test_asking_twice_at_the_same_place_is_asking_once(cohort, lesson, client, log_in):
    make_trainer(cohort=cohort)
    log_in(make_learner(cohort=cohort))

    first, second = ask(client, lesson), ask(client, lesson)
    ask(client, lesson, "p-une-image")

    assert first.headers["Location"] == second.headers["Location"]
    assert len(requests()) == 2 and len(told()) == 2


def test_a_trainer_takes_the_oldest_and_says_how_it_ended(cohort, lesson, client, log_in):
    trainer = make_trainer(cohort=cohort)
    learner = log_in(make_learner(cohort=cohort))
    place = ask(client, lesson, words="Au secours").headers["Location"]
    assert 'data-poll="20"' in client.get(place).text
    log_in(trainer)
    queue = client.get("/help/queue").text
    assert 'data-poll="20"' in queue
    assert f"{learner.name} attend depuis" in queue and "Au secours" in queue and "personne encore" in queue

    client.post(f"{place}/take")
    assert trainer.name in client.get("/help/queue").text
    client.post(f"{place}/answer", data={"how": "message", "words": "Fermez la balise."})

    log_in(learner)
    shown = client.get(place).text
    assert 'data-poll="0"' in shown  # what is asked for again ends with the request, and the page says so by itself
    assert "Cette demande est finie" in shown and "Fermez la balise." in shown and "par message" in shown
    assert [title for person, title in told() if person == learner.id] == [
        f"{trainer.name} vient vous aider",
        f"{trainer.name} vous a répondu",
    ]
    assert [turn.turn for turn in db.session.scalars(select(HelpTurn).order_by(HelpTurn.id))] == ["taken", "answered"]
    assert f"at={PLACE}" in client.get(f"/pages/{lesson}").text


def test_an_answer_by_message_needs_its_words_and_keeps_the_choice(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]
    log_in(make_trainer(cohort=cohort))

    answer = client.post(f"{place}/answer", data={"how": "message", "words": " "})

    assert "Écrivez votre message" in answer.text and 'value="message" checked' in answer.text
    assert requests()[0].ended_at is None


def test_two_trainers_do_not_go_to_the_same_person(cohort, lesson, client, log_in):
    first, second = make_trainer(cohort=cohort), make_trainer(cohort=cohort)
    log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]
    log_in(first)
    client.post(f"{place}/take")
    log_in(second)

    answer = client.post(f"{place}/take", follow_redirects=True)

    assert f"{first.name} s" in answer.text and "déjà de cette demande" in answer.text
    assert requests()[0].taken_by_id == first.id


def test_a_trainer_who_cannot_go_gives_the_request_back(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]
    log_in(make_trainer(cohort=cohort))
    client.post(f"{place}/take")

    client.post(f"{place}/give-back")

    assert requests()[0].taken_by_id is None
    assert "personne encore" in client.get("/help/queue").text


def test_somebody_who_found_leaves_the_queue(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]

    answer = client.post(f"{place}/found", follow_redirects=True)

    assert "Cette demande est finie" in answer.text
    assert client.post(f"{place}/found").status_code == 409
    log_in(make_trainer(cohort=cohort))
    queue = client.get("/help/queue").text
    assert "Personne n" in queue and "a trouvé" in queue


def test_one_knows_how_many_people_are_before(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    ask(client, lesson)
    log_in(make_learner(cohort=cohort))

    assert "1 personne est avant" in client.get(ask(client, lesson).headers["Location"]).text


def test_a_request_is_its_persons_and_their_teams(cohort, lesson, client, log_in):
    log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]
    log_in(make_learner(cohort=cohort))

    assert client.get(place).status_code == 404
    assert client.post(f"{place}/found").status_code == 404
    assert client.post(f"{place}/take").status_code == 404
    log_in(make_learner())
    assert client.get(place).status_code == 404


def test_a_manager_sees_the_queue_of_their_school_and_does_not_take(cohort, lesson, client, log_in):
    learner = log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]
    log_in(make_manager(school=cohort.school))

    assert learner.name in client.get("/help/queue").text
    assert client.post(f"{place}/take").status_code == 403


def test_pages_with_a_margin_cost_few_queries(cohort, lesson, client, log_in, queries):
    log_in(make_learner(cohort=cohort))
    place = ask(client, lesson).headers["Location"]
    tick(client, lesson, client.get(f"/pages/{lesson}").text, "écrire")

    def cost(address):
        client.get(address)
        with queries() as seen:
            client.get(address)
        return len([one for one in seen if one.startswith("SELECT")])

    assert cost(f"/pages/{lesson}") <= 6
    assert cost("/courses/web/p01/01-html") <= 6
    assert cost(place) <= 8
    log_in(make_trainer(cohort=cohort))
    for _ in range(3):
        log_in(make_learner(cohort=cohort))
        ask(client, lesson)
    log_in(make_trainer(cohort=cohort))
    assert cost("/help/queue") <= 8
