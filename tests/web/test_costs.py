"""What a page costs: statements to the database, whatever the size of the network, and bytes to a phone."""

import gzip
import re

import pytest

from popschool.web.assets import STATIC, gathered, minify_js
from tests.web.examples import WEIGHTS, names_of
from tests.web.network import at_its_day

PAGES = names_of(lambda example: example.is_page)
READ = names_of(lambda example: example.form is None)
STYLE, SCRIPT = 8_000, 5_000


@pytest.mark.parametrize("name", READ)
def test_a_page_asks_the_database_a_few_questions(name, network):
    seen = network.seen(name)

    assert len(seen.statements) <= network.example(name).queries, "\n".join(seen.statements)


@pytest.mark.parametrize("name", READ)
def test_a_page_costs_the_same_however_large_the_network(name, small_network, network, large_network):
    networks = {"1 school": small_network, "15 schools": network, "3,000 learners": large_network}
    with at_its_day():
        seen = {size: one.seen(name) for size, one in networks.items()}

    counts = {size: (one.status, len(one.statements)) for size, one in seen.items()}
    assert len(set(counts.values())) == 1, counts


# Ten times as many people in a school: one page more of a list, and what it names.
MORE_ROWS = 60
A_WHOLE_FILE = "a file or a paper that has all of them"
READ_WHOLE = {
    "completion.report_line": "who is on which line of the form follows from rules: the school's places of a year",
    "completion.network_report_line, of a school": "the same, of one school",
    "reports.school_board, narrowed": "a choice that nothing is kept of: its cohorts are counted again",
    "portal.api.read_programme": "one is let in by any of the cohorts that follow it: their ids are read",
    "reports.gen": "all that is declared of a year's groups, to be copied",
    "reports.gen_table": A_WHOLE_FILE,
}


@pytest.mark.parametrize("name", READ)
def test_a_page_reads_no_more_rows_however_full_its_school(name, network, large_network):
    with at_its_day():
        few, many = network.seen(name).rows, large_network.seen(name).rows

    if name in READ_WHOLE:
        assert many > few + MORE_ROWS, "it no longer needs to be explained"
    else:
        assert many <= few + MORE_ROWS


def weight(content: bytes) -> int:
    """Return the bytes that travel, gzip level 6."""
    return len(gzip.compress(content, 6, mtime=0))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_weighs_no_more_than_its_kind_may(name, network):
    seen = network.seen(name)

    assert weight(seen.data) <= WEIGHTS[network.example(name).kind]
    assert len([one for one in seen.html.elements("link") if one.get("rel") == "stylesheet"]) == 1
    assert len(list(seen.html.elements("script"))) <= 1


def test_the_stylesheet_and_the_script_fit_their_budgets():
    assert weight(gathered()["style.css"].plain) <= STYLE
    assert weight(gathered()["script.js"].plain) <= SCRIPT


@pytest.mark.parametrize("path", sorted(STATIC.glob("**/*.js")), ids=lambda one: one.name)
def test_what_is_removed_from_a_script_leaves_its_texts_as_they_are(path):
    quoted = re.compile(r"""(["'`])((?:(?!\1).)*?)\1""")
    code = "\n".join(line for line in path.read_text().splitlines() if not line.strip().startswith("//"))

    assert quoted.findall(minify_js(code)) == quoted.findall(code)


def test_a_first_page_is_three_requests_and_the_next_is_one(network):
    page = network.visit(network.example("portal.today"))

    asked = {name for name in (asset.name for asset in gathered().values()) if f"/static/{name}" in page.text}
    assert len(asked) == 3  # with the page itself: four, cold
    client, short = network.client("learner of the cohort"), {"Accept-Encoding": "br, gzip"}
    for name in asked:
        answer = client.get(f"/static/{name}", headers=short)
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "br"
    assert client.get("/today", headers=short).headers["Content-Encoding"] == "br"
