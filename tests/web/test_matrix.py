"""Every page in a real browser: light, dark, 320 × 256, forced colours, scripts off.

axe runs its whole set of rules once a page, in the light; in the other modes, the rules that a mode can change. Each
page is measured too: nothing overflows sideways, and everything that is pressed is 44 × 44 pixels. By default one page
in six goes through the slower modes, and its form refused; POPSCHOOL_FULL_MATRIX=1 (`make matrix`) sends them all.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import waitress
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext

from tests.browsers import PATIENCE
from tests.processes import SECONDS
from tests.web.browser import COLOURS, DESKTOP, LAYOUT, NARROW, Sight, measured, problems
from tests.web.examples import LEARNER, MANAGER, Example, names_of
from tests.web.incompletes import EXPLAINED, Explained
from tests.web.network import Network

pytestmark = pytest.mark.browser
IS_FULL = os.environ.get("POPSCHOOL_FULL_MATRIX") == "1"
SAMPLE = 6
PAGES = names_of(lambda example: example.is_page)
SOME_PAGES = PAGES if IS_FULL else PAGES[::SAMPLE]
ERRORS = {"not found": "/no-such-page", "forbidden": "/network", "not that way": "/messages/read"}


@pytest.fixture(scope="session")
def address(shared_network: Network) -> Iterator[str]:
    """Serve the network, as its users meet it."""
    server = waitress.create_server(shared_network.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(SECONDS)


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(bypass_csp=True, locale="fr-FR", reduced_motion="reduce")
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@contextmanager
def opened(context: BrowserContext, client: FlaskClient, address: str, path: str) -> Iterator[Sight]:
    """Open a page in a browser that has this client's cookie."""
    context.clear_cookies()
    kept = client.get_cookie("popschool")
    if kept is not None:
        context.add_cookies([{"name": "popschool", "value": kept.value, "url": address}])
    page = context.new_page()
    try:
        yield Sight(page, address + path)
    finally:
        page.close()


@contextmanager
def shown(network: Network, context: BrowserContext, address: str, example: Example) -> Iterator[Sight]:
    """Open an example as its visitor, after what it arranges."""
    with network.undone():
        client = network.client(example.visitor)
        if example.arrange is not None:
            example.arrange(client)
        with opened(context, client, address, network.address(example)) as sight:
            yield sight


def lines(*found: str) -> str:
    """Return what was found, a line each: easy to read when it fails."""
    return "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_in_the_light_in_the_dark_and_on_a_narrow_screen(name, network, context, address):
    with shown(network, context, address, network.example(name)) as sight:
        sight.size(*DESKTOP)
        sight.load()
        found = {"light": problems(sight.axe())}
        sight.page.emulate_media(color_scheme="dark")
        found["dark"] = problems(sight.axe(COLOURS))
        sight.page.emulate_media(color_scheme="light")
        found["measures"] = measured(sight)
        sight.size(*NARROW)
        found["narrow"] = problems(sight.axe(LAYOUT))

    assert lines(*(f"{mode}: {one}" for mode, wrong in found.items() for one in wrong)) == ""


@pytest.mark.parametrize("name", SOME_PAGES)
def test_a_page_is_for_everybody_without_scripts(name, network, context, address):
    with shown(network, context, address, network.example(name)) as sight:
        sight.size(*DESKTOP)
        sight.load_without_scripts()

        assert lines(*problems(sight.axe())) == ""


@pytest.mark.parametrize("name", SOME_PAGES)
def test_a_page_is_for_everybody_in_forced_colours(name, network, context, address):
    with shown(network, context, address, network.example(name)) as sight:
        sight.size(*DESKTOP)
        sight.page.emulate_media(forced_colors="active")
        sight.load()

        assert lines(*problems(sight.axe(COLOURS), is_forced=True)) == ""


@pytest.mark.parametrize("name", SOME_PAGES)
def test_a_refused_form_is_for_everybody(name, network, context, address):
    example = network.example(name)
    with shown(network, context, address, example) as sight:
        sight.load_without_scripts()
        forms = sight.page.locator("main form[method=post]:has(button:visible)")
        if forms.count() == 0:
            return  # nothing can be sent
        sight.press_empty(forms.first)
        if sight.page.locator("main .errors").count() == 0:
            return  # nothing had to be filled in

        sight.size(*DESKTOP)
        found = problems(sight.axe()) + measured(sight)

    assert lines(*found) == ""


@pytest.mark.parametrize("what", ERRORS)
def test_an_error_is_for_everybody(what, network, context, address):
    with opened(context, network.client(LEARNER), address, ERRORS[what]) as sight:
        sight.size(*DESKTOP)
        sight.load()

        assert lines(*problems(sight.axe()), *measured(sight)) == ""


@pytest.mark.parametrize("name", ["projects.submit", "projects.assignment", "attendance.sign", "web.comfort_page"])
def test_a_page_in_arabic_is_for_everybody_on_a_narrow_screen(name, network, context, address):
    with shown(network, context, address, network.example(name)) as sight:
        context.add_cookies([{"name": "comfort", "value": "language=ar", "url": address}])
        sight.size(*NARROW)
        sight.load()
        root = sight.page.locator("html[lang=ar][dir=rtl]")
        assert root.count() == 1
        found = problems(sight.axe()) + measured(sight)

    assert lines(*found) == ""


def test_a_page_that_nobody_can_read_is_seen(network, context, address):
    with shown(network, context, address, network.example("portal.today")) as sight:
        sight.load()
        sight.page.evaluate(
            "document.querySelector('main').innerHTML = '<h1>Ici</h1><h4>Trop bas</h4><p style=\"color:#ccc\">Pâle</p>"
            '<p style="color:#666">Gris</p>'
            '<a href="/" style="display:block;width:9px;height:9px">x</a><p style="width:2000px">Large</p>\''
        )
        found = problems(sight.axe())
        measures = measured(sight)

    assert {one.split(":")[0] for one in found} >= {"heading-order", "color-contrast", "color-contrast-enhanced"}
    assert any("too small" in one for one in measures)
    assert any("overflows" in one for one in measures)


def test_what_axe_could_not_decide_fails_unless_it_is_explained(network):
    node = {
        "html": "<kbd>←</kbd>",
        "target": ["kbd"],
        "any": [{"message": "It contains only non-text characters"}],
        "all": [],
        "none": [],
    }
    found = {"violations": [], "incomplete": [{"id": "color-contrast", "nodes": [node]}]}
    other = {"violations": [], "incomplete": [{"id": "no-such-rule", "nodes": [node]}]}

    assert problems(found) == []
    assert problems(other) != []
    assert all(isinstance(one, Explained) and len(one.reason) > 20 for one in EXPLAINED)


def test_a_sheet_leads_to_papers_works_and_back(network, context, address):
    """The chain of proof, clicked: sheet, certificate, competences, work, booklet, and the sheet again."""
    facts = network.facts
    place = facts.share.enrolment_id
    with network.undone():
        client = network.client(MANAGER)
        made = f"/enrolments/{place}/papers/booklet?first=2027-03-01&last=2027-03-07"
        seen = re.search(r'name="seen" type="hidden" value="(\w+)"', client.get(made).text)
        assert client.post(made, data={"seen": seen[1]} if seen else {}).status_code == 302
        with opened(context, client, address, f"/sheets/{facts.sheet.id}") as sight:
            sight.load()
            page = sight.page

            def follow(pattern: str) -> None:
                page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
                with page.expect_navigation():
                    page.locator("main a").filter(visible=True).and_(page.locator(f"a[href{pattern}]")).first.click()

            follow(f'="/sheets/{facts.sheet.id}/papers"')
            follow(f'="/documents/{facts.document.id}"')
            assert facts.document.number in page.title()
            follow(f'="/people/{facts.learner.id}/competences"')
            follow('^="/submissions/"')
            follow('$="/papers"')
            follow('^="/documents/"')
            assert "Livret de compétences" in page.title()
            follow(f'="/sheets/{facts.sheet.id}"')
            assert page.url == sight.url
