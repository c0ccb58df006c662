"""The HTML of every page, and of every form sent empty."""

import re

import pytest

from tests.web.examples import NOBODY, names_of
from tests.web.network import Network
from tests.web.pages import FORBIDDEN_PLACES, Html
from tests.web.reading import own_words

PAGES = names_of(lambda example: example.is_page)
TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
SAME_PAGE = {"attendance.sign_by_link": "attendance.sign"}  # the same act, by a link that was sent


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_valid_and_told_to_everybody(name, network):
    assert network.seen(name).html.problems() == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_never_says_where_or_in_which_colour(name, network):
    words = f" {own_words(network.seen(name, is_marked=True).html.root).casefold()} "
    assert [place for place in FORBIDDEN_PLACES if place in words] == []


def test_every_title_names_one_page(network):
    titles = {}
    for name in PAGES:
        if network.example(name).answers == 200:  # a link that is dead is dead alike
            titles[name] = " ".join(TITLE.search(network.seen(name).data.decode())[1].split())

    of_title: dict[str, set[str]] = {}
    for name, title in titles.items():
        page = SAME_PAGE.get(name, name.split(",")[0])
        of_title.setdefault(title, set()).add(page.replace("reports.link_", "reports.door_"))  # one page, two ways in
    assert {title: names for title, names in of_title.items() if len(names) > 1} == {}


def test_errors_are_pages_too(network):
    client = network.client("learner of the cohort")
    answers = [
        client.get("/no-such-page"),
        client.get("/network"),
        client.post("/help"),
        network.client(NOBODY).post("/account/password"),
    ]

    assert [answer.status_code for answer in answers] == [404, 403, 405, 401]
    for answer in answers:
        assert Html(answer.text).problems() == []


def test_errors_are_in_the_language_that_was_wished_even_where_the_page_is_not(network):
    client = network.client("learner of the cohort")
    client.set_cookie("comfort", "language=ar")
    answers = [client.get("/no-such-page"), client.get("/network"), network.client(NOBODY).get("/account")]
    told = [Html(answer.text) for answer in answers[:2]]

    assert [answer.status_code for answer in answers] == [404, 403, 302]
    for page in told:
        assert (page.root.get("lang"), page.root.get("dir")) == ("ar", "rtl")
        assert "Cette page" not in page.text
        assert [problem for problem in page.problems() if problem != "html has no language"] == []


def left_empty(page: Html) -> dict[str, str]:
    """Return what a browser sends when nobody filled in the first form: what is hidden, and its first button."""
    form = next(one for one in page.main.iter("form") if one.get("method") == "post")
    hidden = {one.get("name"): one.get("value", "") for one in form.iter("input") if one.get("type") == "hidden"}
    pressed = next((one for one in form.iter("button") if one.get("name")), None)
    return hidden | ({pressed.get("name"): pressed.get("value", "")} if pressed is not None else {})


def posted(network: Network, name: str) -> bool:
    endpoint = network.example(name).endpoint
    return any("POST" in rule.methods for rule in network.app.url_map.iter_rules(endpoint))


@pytest.mark.parametrize("name", PAGES)
def test_a_form_sent_empty_says_what_to_correct(name, network):
    example = network.example(name)
    if not posted(network, name):
        return

    shown = network.seen(name).html
    if not any(one.get("method") == "post" for one in shown.main.iter("form")):
        return  # there is nothing to send today
    with network.undone():
        client = network.client(example.visitor)
        shown = Html(network.visit(example, client=client).text)
        answer = client.post(network.address(example), data=left_empty(shown))

    if answer.status_code == 302:
        return  # nothing had to be filled in
    assert answer.status_code == example.answers
    page = Html(answer.text)
    assert page.problems() == []
    if any(one.get("class") == "errors" for one in page.root.iter("section")):
        assert page.title.startswith(("Erreur : ", "Error: "))


SOUND = (
    '<!doctype html><html lang="fr"><head><title>Aide – Pop School</title></head><body>'
    '<a href="#contenu">Aller au contenu</a><main id="contenu"><h1>Aide</h1>{}</main></body></html>'
)


@pytest.mark.parametrize(
    "broken",
    [
        "<p>Bon<b>jour</p>",
        '<p id="a">1</p><p id="a">2</p>',
        '<p aria-describedby="nulle-part">1</p>',
        '<a href="#nulle-part">La suite</a>',
        "<h3>Trop bas</h3>",
        "<h1>Deux</h1>",
        "<h2></h2>",
        '<input name="mail">',
        '<form method="post"><label for="m">Mail</label><input id="m"></form>',
        '<label><input type="radio" name="r">Un</label><label><input type="radio" name="r">Deux</label>',
        "<fieldset><p>Choisissez</p></fieldset>",
        '<a href="/aide"></a>',
        '<a href="/aide">Cliquez ici</a>',
        "<a>Rien</a>",
        '<a href="/aide" target="_blank">Aide</a>',
        '<img src="/a.png" width="1" height="1">',
        '<img src="/a.png" alt="Un">',
        "<svg></svg>",
        "<table><tbody><tr><td>1</td></tr></tbody></table>",
        "<table><caption>Un</caption><tbody><tr><th>1</th></tr></tbody></table>",
        '<table><caption>Un</caption><tr><th scope="colgroup" colspan="2">1</th></tr></table>',
        '<figure><img src="/a.png" alt="Un" width="1" height="1"><figcaption>Un</figcaption></figure>',
        '<p style="color:red">1</p>',
        '<p onclick="go()">1</p>',
        "<script>go()</script>",
        '<p tabindex="2">1</p>',
        "<ul><p>1</p></ul>",
        "<li>1</li>",
        "<h2><ul><li>1</li></ul></h2>",
        '<a href="/a"><button>1</button></a>',
    ],
)
def test_what_is_wrong_in_a_page_is_seen(broken):
    assert Html(SOUND.format("<p>Bonjour.</p>")).problems() == []
    assert Html(SOUND.format(broken)).problems() != []


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (' lang="fr"', ""),
        ("Aide – Pop School", "Aide"),
        ("<main", "<div"),
        ('<a href="#contenu">Aller au contenu</a>', ""),
    ],
)
def test_what_is_wrong_around_a_page_is_seen(what, instead):
    broken = SOUND.format("<p>Bonjour.</p>").replace(what, instead)

    assert Html(broken).problems() != []
