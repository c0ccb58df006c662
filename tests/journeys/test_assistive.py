"""What assistive technologies are told of what scripts add: read from the browser's own accessibility tree (RGAA 7.1).

A script that takes away a name, a role, a state, or the announcement of what changed, fails here.
"""

import itertools

import pytest
from playwright.sync_api import Page

from popschool.markdown_videos import Video, player
from popschool.web.assets import gathered
from tests.journeys import scenes
from tests.journeys.test_comfort import VOICE

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])
# Notes what live places say, as the browser tells it: a place that comes with its words is one that nobody hears.
EARS = """
window.heard = [];
const live = "[role=status],[role=alert],[aria-live=polite],[aria-live=assertive]";
const known = new WeakSet();
new MutationObserver((changes) => {
  const told = new Set();
  changes.forEach((change) => {
    const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
    const place = at && at.closest(live);
    if (place && known.has(place)) told.add(place);
  });
  document.querySelectorAll(live).forEach((place) => known.add(place));
  told.forEach((place) => place.textContent.trim() && heard.push(place.textContent.trim()));
}).observe(document, { childList: true, characterData: true, subtree: true });
"""


def tree(page: Page) -> list[dict]:
    """Return the nodes of the full accessibility tree: role, name, description, and properties by name."""
    session = page.context.new_cdp_session(page)
    try:
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    finally:
        session.detach()
    return [
        {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        | {part: node.get(part, {}).get("value", "") for part in ("role", "name", "description")}
        for node in nodes
        if not node["ignored"]
    ]


def told(page: Page, role: str, name: str) -> dict:
    """Return the one node of a role and a name; a name may be the beginning of one."""
    found = [node for node in tree(page) if node["role"] == role and node["name"].startswith(name)]
    assert len(found) == 1, (role, name, [(node["role"], node["name"]) for node in tree(page) if node["role"] == role])
    return found[0]


def heard(page: Page, words: str) -> None:
    page.wait_for_function("(words) => heard.some((one) => one.includes(words))", arg=words)


def test_whoever_signs_in_is_told_what_is_shown_and_what_is_wrong(town, arrive):
    page = arrive(town).page
    page.goto(f"{town.address}/sign-in/password")

    show = page.get_by_role("button", name="Afficher")
    show.focus()
    assert told(page, "button", "Afficher")["focused"]
    page.keyboard.press("Space")
    assert told(page, "button", "Cacher")["focused"]
    page.keyboard.press("Space")
    told(page, "button", "Afficher")
    page.get_by_role("button", name="Me connecter").press("Enter")
    page.locator(".errors").wait_for()

    alert = next(node for node in tree(page) if node["role"] == "alert")
    assert alert["name"] and alert["focused"]
    field = next(node for node in tree(page) if node["role"] == "textbox" and node.get("invalid") == "true")
    assert field["name"] and field["description"] and field["required"]


def test_a_project_says_what_unfolds_what_is_ticked_and_what_is_read_aloud(town, arrive):
    scene = scenes.a_school_at_work(town)
    hands = arrive(town)
    page = hands.page
    page.add_init_script(VOICE)
    page.add_init_script(EARS)
    scenes.sign_in(hands, scene.learner)
    hands.open(f"/assignments/{scene.assignment}")

    listen = page.get_by_role("button", name="Écouter la page")
    listen.focus()
    page.evaluate("window.isSlow = true")
    page.keyboard.press("Enter")
    assert told(page, "button", "Arrêter la lecture")["focused"]
    page.keyboard.press("Enter")
    told(page, "button", "Écouter la page")
    box = page.locator("input[form=ticks]").first
    if box.count():
        name = box.evaluate("box => box.labels.length ? box.labels[0].textContent.trim() : box.ariaLabel")
        box.press("Space")
        assert told(page, "checkbox", name)["checked"] == "true"
        heard(page, page.locator("#ticks").get_attribute("data-kept"))


def test_a_form_tells_what_a_file_weighs_and_that_there_is_no_network(town, arrive):
    scene = scenes.a_school_at_work(town)
    hands = arrive(town)
    page = hands.page
    page.add_init_script(EARS)
    scenes.sign_in(hands, scene.learner)
    hands.open(f"/deliverables/{scene.deliverable}/submit")

    page.locator("input[type=file]").first.set_input_files(
        {"name": "menu.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4" + b"0" * 1_200_000}
    )
    heard(page, "Ce fichier pèse 1,2")

    page = arrive(town).page
    page.add_init_script(EARS)
    page.goto(f"{town.address}/sign-in/password")
    page.get_by_label("Mot de passe").fill("un mot de passe")
    page.context.set_offline(True)
    page.get_by_role("button", name="Me connecter").press("Enter")
    heard(page, page.locator("script[data-offline]").get_attribute("data-offline"))
    assert [node for node in tree(page) if node["role"] == "alert"]


def test_what_is_asked_for_again_is_told_where_it_stands(town, arrive):
    page, turns = arrive(town).page, itertools.count()
    page.add_init_script(EARS)
    script = gathered()["script.js"].plain.decode()

    def answer(route):
        words = "Votre demande attend." if next(turns) < 1 else "Une personne arrive."
        body = f'<main><div data-poll="1" aria-live="polite"><p>{words}</p></div></main><script>{script}</script>'
        route.fulfill(body=f'<!doctype html><html lang="fr"><meta charset="utf-8">{body}', content_type="text/html")

    page.route("**/asked-again", answer)
    page.goto(f"{town.address}/asked-again")

    heard(page, "Une personne arrive.")
    assert [node for node in tree(page) if node.get("live") == "polite"]


def test_a_video_has_a_name_and_a_player_whose_parts_have_theirs(town, arrive):
    page = arrive(town).page
    video = Video("/menu.mp4", "video/mp4", 18_000_000, "/menu.vtt", 240, ("Le café change son menu.",))
    shown = f'<!doctype html><html lang="fr"><meta charset="utf-8"><main>{player(video, "Le café", "Un menu")}</main>'
    page.route("**/shown", lambda route: route.fulfill(body=shown, content_type="text/html"))
    page.goto(f"{town.address}/shown")

    assert told(page, "Video", "Le café")
    parts = [node for node in tree(page) if node["role"] in {"button", "slider"}]
    assert len(parts) >= 2 and all(node["name"] for node in parts)
    unfold = told(page, "DisclosureTriangle", "Lire ce que dit la vidéo")
    assert unfold["expanded"] is False
    page.locator("summary").press("Enter")
    assert told(page, "DisclosureTriangle", "Lire ce que dit la vidéo")["expanded"] is True
