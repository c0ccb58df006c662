"""What a browser keeps by itself for going back: nothing of who has left."""

from collections.abc import Iterator
from shutil import which

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import PATIENCE
from tests.journeys import lap, scenes
from tests.journeys.hands import Hands

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])
HANDLE = "Adresse mail, téléphone ou numéro"


@pytest.fixture
def scene(town):
    return scenes.a_school_at_work(town)


@pytest.fixture
def keeper(browser: Browser) -> Iterator[Page]:
    """A window of a browser that keeps its last pages whole, for going back; the one of most tests keeps none."""
    path = which("chromium")
    if path is None:
        pytest.skip("only the whole Chromium keeps pages for going back")
    kept = ["--disable-back-forward-cache"]
    whole = browser.browser_type.launch(
        executable_path=path, timeout=PATIENCE, args=["--no-sandbox", "--disable-gpu"], ignore_default_args=kept
    )
    yield whole.new_page(locale="fr-FR")
    whole.close()


def go_back(hands: Hands) -> str:
    """Return the text of the page of before, however the browser finds it again."""
    began = hands.page.evaluate("performance.timeOrigin")
    hands.page.go_back(wait_until="commit")
    hands.page.wait_for_function(
        "(began) => performance.timeOrigin !== began && document.readyState === 'complete'", arg=began
    )
    return hands.page.locator("body").inner_text()


@pytest.mark.parametrize("way", ["Me déconnecter", "Me déconnecter partout"])
@pytest.mark.parametrize("is_shared", [False, True])
def test_going_back_after_leaving_shows_nothing_of_who_was_here(town, keeper, scene, way, is_shared):
    learner = Hands(keeper, town.address)
    learner.open("/sign-in/password")
    if is_shared:
        learner.page.get_by_role("checkbox").first.check()
    learner.write(HANDLE, scene.learner.mail)
    learner.write("Mot de passe", lap.PASSWORD)
    learner.press("Me connecter")
    learner.is_at("Aujourd'hui")
    learner.open("/account")
    if way == "Me déconnecter":
        learner.follow(way)
    learner.press(way)

    for _ in range(3):
        text = go_back(learner)
        assert scene.learner.name not in text and scene.learner.mail not in text, learner.path
