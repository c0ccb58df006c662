"""A page is read aloud by the phone, each part in its own language."""

import pytest

from tests.journeys import scenes

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])
# A voice that ends each sentence at once, and remembers it.
VOICE = """
window.spoken = [];
Object.defineProperty(window, "speechSynthesis", { value: {
  cancel() {},
  speak(one) {
    spoken.push([one.lang, one.text]);
    if (!window.isSlow) setTimeout(one.onend);
  },
} });
"""


def test_a_learner_listens_to_a_project(town, arrive):
    scene = scenes.a_school_at_work(town)
    learner = arrive(town, phone=True)
    learner.page.add_init_script(VOICE)
    scenes.sign_in(learner, scene.learner)
    learner.open(f"/assignments/{scene.assignment}")

    learner.touch(learner.button("Écouter la page"))

    learner.button("Écouter la page").wait_for()
    spoken = learner.page.evaluate("spoken")
    assert ["fr", "Le café change son menu."] in spoken
    assert not any("Écouter" in text or "Tous les projets" in text for _language, text in spoken)
    learner.page.evaluate("window.isSlow = true")
    learner.touch(learner.button("Écouter la page"))
    learner.touch(learner.button("Arrêter la lecture"))
    learner.button("Écouter la page").wait_for()


def test_a_short_page_offers_it_only_to_who_asked(town, arrive):
    visitor = arrive(town)
    visitor.page.add_init_script(VOICE)
    visitor.open("/help")
    assert visitor.button("Écouter la page").count() == 0
    visitor.open("/comfort")
    visitor.choose("Le proposer sur toutes les pages", of="Écouter une page : le téléphone la lit à voix haute")
    visitor.press("Garder mes réglages")

    visitor.open("/help")

    visitor.touch(visitor.button("Écouter la page"))
    visitor.button("Écouter la page").wait_for()
    assert visitor.page.evaluate("spoken.length") > 3
