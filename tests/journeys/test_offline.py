"""A learner without network: the pages of the moment open, what is written waits on the phone and leaves later."""

import pytest

from popschool.db import db
from popschool.projects.models import Draft
from tests.conftest import NOW
from tests.journeys import lap, scenes

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])
TEXT = "Ma page dit les horaires.\nJ'ai testé sur mon téléphone."
LEFT = """Promise.all([caches.keys(), indexedDB.databases(), navigator.serviceWorker.getRegistrations()])
    .then(([names, bases, workers]) => [names, bases.map((one) => one.name), workers.length, {...localStorage}])"""


@pytest.fixture
def scene(town):
    return scenes.a_school_at_work(town, asks=("text",))


@pytest.fixture
def learner(town, arrive, scene):
    """A learner at home, whose phone has finished keeping the pages of the day."""
    found = arrive(town, phone=True)
    scenes.sign_in(found, scene.learner)
    scenes.wait_until_kept(found.page, "/phone/mark")
    return found


def draft(town, scene) -> str:
    with town.records():
        found = db.session.query(Draft).filter_by(deliverable_id=scene.deliverable).one_or_none()
        return found.text.replace("\r", "") if found else ""


@pytest.mark.parametrize("is_known", [True, False])
def test_a_project_is_read_and_worked_on_with_no_network(town, scene, learner, is_known):
    with town.cut_off(learner.page) if is_known else town.network.cut():
        learner.open("/")
        learner.is_at("Aujourd'hui")
        learner.sees("Pas de réseau. Vous lisez la page gardée sur ce téléphone")
        learner.open(f"/assignments/{scene.assignment}")
        learner.sees("Le café change son menu.")
        scenes.write_with_no_network(learner, scene.deliverable, TEXT)
        context = learner.page.context
        learner.page.close()  # the browser is closed before anything was sent
        learner.page = context.new_page()
        learner.open("/competences")
        learner.is_at("Ce qui est sur ce téléphone")
        learner.sees("Qu'est-ce que vous envoyez ?", "Aujourd'hui", "Le menu du jour")
        assert draft(town, scene) == ""

    learner.sees("Rien n'attend sur ce téléphone.", "Ce que vous aviez écrit est parti")
    assert draft(town, scene) == TEXT


def test_two_texts_of_one_draft_are_both_shown(town, scene, learner):
    with town.cut_off(learner.page):
        scenes.write_with_no_network(learner, scene.deliverable, TEXT)
        with town.records():
            db.session.add(
                Draft(
                    deliverable_id=scene.deliverable, person_id=scene.learner.id, school_id=scene.school,
                    text="Écrit à l'école.", updated_at=NOW,
                )
            )  # fmt: skip
    learner.sees("Ce que vous aviez écrit ici n'est pas parti")
    learner.open("/phone")
    learner.sees("Écrit à l'école.", "Ma page dit les horaires.")
    assert draft(town, scene) == "Écrit à l'école."

    learner.touch(learner.button("Garder celui de ce téléphone"))

    scenes.wait_until_sent(learner.page)
    assert draft(town, scene) == TEXT


def test_what_waits_while_the_session_is_over_says_so_and_leaves_after_signing_in(town, scene, learner):
    with town.cut_off(learner.page):
        scenes.write_with_no_network(learner, scene.deliverable, TEXT)
        with town.records():
            db.session.get(scenes.Account, scene.learner.id).session_token = "ended elsewhere"
    learner.sees("Connectez-vous de nouveau. Votre texte est gardé.")
    assert draft(town, scene) == ""

    scenes.sign_in(learner, scene.learner)

    scenes.wait_until_sent(learner.page)
    assert draft(town, scene) == TEXT


def test_signing_out_erases_what_the_phone_keeps(town, scene, learner):
    with town.cut_off(learner.page):
        scenes.write_with_no_network(learner, scene.deliverable, TEXT)
        learner.open("/phone")
    scenes.wait_until_sent(learner.page)
    learner.open("/sign-out")
    learner.press("Me déconnecter")

    names, bases, _workers, texts = learner.page.evaluate(LEFT)
    assert (names, bases, texts) == ([], [], {})
    with town.network.cut(), pytest.raises(Exception, match="ERR_"):
        learner.open("/today")


def test_a_shared_device_keeps_nothing(town, arrive, scene):
    learner = arrive(town, phone=True)
    learner.open("/sign-in/password")
    learner.write("Adresse mail, téléphone ou numéro", scene.learner.mail)
    learner.write("Mot de passe", lap.PASSWORD)
    learner.page.get_by_label("Cet appareil est partagé").check(force=True)
    learner.press("Me connecter")
    learner.open(f"/deliverables/{scene.deliverable}/submit")
    learner.write("Votre texte", TEXT)
    learner.open("/today")
    learner.open("/phone")

    learner.sees("Rien n'est gardé ici.")
    assert learner.page.evaluate(LEFT) == [[], [], 0, {}]
    assert [one["name"] for one in learner.page.context.cookies() if one["expires"] != -1] == []
