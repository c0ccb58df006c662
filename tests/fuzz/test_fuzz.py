"""Some of what chance can send, at each run; an hour of it with `make fuzz`. Cleaned pages are opened in a browser."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from popschool.markdown import render
from tests.fuzz.guided import NAMES
from tests.fuzz.targets import PIECES, TARGETS

TRIES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_from_outside_is_taken_or_refused_as_it_should(name):
    strategy, check = TARGETS[name]

    @settings(max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(value=strategy)
    def attempt(value: st.DataObject) -> None:
        check(value)

    attempt()


def test_those_that_are_led_by_the_code_are_the_same():
    assert tuple(TARGETS) == NAMES


@pytest.mark.browser
def test_no_page_of_an_author_runs_anything_in_a_browser(browser):
    """Without a policy to stop it: what is left of hostile pages calls nobody, and opens nothing."""
    chance = random.Random(4711)
    texts = [*PIECES, *("".join(chance.choices(PIECES, k=12)) for _ in range(150))]
    page, heard = browser.new_page(), []
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith("about:") else None)
    page.set_content("".join(f"<section>{render(text).html}</section>" for text in texts), wait_until="load")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate("document.querySelectorAll('*').forEach(one => ['click', 'mouseover', 'focus'].forEach("
                  "kind => one.tagName !== 'A' && one.dispatchEvent(new Event(kind))))")  # fmt: skip
    page.wait_for_timeout(200)

    assert heard == []
    assert page.locator("section").count() == len(texts)
    assert page.evaluate("document.scripts.length") == 0
    page.close()


def test_an_anchor_that_is_said_twice_warns_nobody():
    TARGETS["front matter"][1]("a: &a 1\nb: &a 2\n")
