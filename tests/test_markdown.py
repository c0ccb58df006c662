"""Pages made from Markdown: what authors may write, and what nobody may smuggle in."""

import re

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from popschool.markdown import MATH_TAGS, TAGS, Image, render, sanitize, sanitize_formula
from popschool.markdown_marks import filled, ticks_in


def page(text, **resolvers):
    return render(text, **resolvers)


def html(text, **resolvers):
    return page(text, **resolvers).html


def picture(src):
    return Image(f"/media/{src}", 640, 360)


def test_the_first_heading_is_the_title_and_leaves_the_body():
    found = page("# Le menu\n\nBonjour.\n\n## Étape 1\n\nTexte.")

    assert found.title == "Le menu"
    assert [(part.id, part.title) for part in found.sections] == [("", ""), ("p-étape-1", "Étape 1")]
    assert "<h1" not in found.html


def test_headings_never_jump_a_level():
    found = page("# T\n\n#### Profond\n\n## Deux\n\n##### Cinq\n\n### Trois")

    assert [level for level, _, _ in found.headings] == [1, 2, 2, 3, 3]


def test_a_second_first_level_heading_moves_all_down():
    found = page("# Titre\n\n# Un\n\n## Un et demi\n\n# Deux")

    assert [(level, title) for level, _, title in found.headings[1:]] == [(2, "Un"), (3, "Un et demi"), (2, "Deux")]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Les étapes", "les-étapes"),
        ("Étape 1 : la page", "étape-1--la-page"),
        ("`menu.js` et **liste**", "menujs-et-liste"),
        ("Ça bloque ?", "ça-bloque-"),
    ],
)
def test_anchors_are_those_of_a_forge(heading, anchor):
    assert page(f"# T\n\n## {heading}").headings[1][1].rstrip() == anchor.rstrip()


def test_the_same_heading_twice_gets_a_number():
    assert [anchor for _, anchor, _ in page("# T\n\n## A\n\n## A").headings] == ["t", "a", "a-1"]


def test_a_heading_never_takes_an_anchor_of_the_page():
    assert '<h2 id="p-aide">' in html("# T\n\n## Aide\n\n[plus](#aide)")
    assert 'href="#p-aide"' in html("# T\n\n## Aide\n\n[plus](#aide)")


def test_code_has_four_colours_and_is_not_read_as_french():
    found = html('```js\nconst a = "b"; // c\nlet n = 12;\n```')

    assert '<pre lang="en"><code><span class="k">const</span>' in found
    assert '<span class="s">"b"</span>' in found
    assert '<span class="c">// c</span>' in found
    assert '<span class="n">12</span>' in found
    assert 'class="w"' not in found and "highlight" not in found


def test_a_table_says_its_headings_on_a_phone():
    found = html("| Plat | Prix |\n|---|--:|\n| Soupe | 4 |")

    assert (
        '<th scope="col" role="columnheader">Plat</th><th scope="col" role="columnheader" class="num">Prix</th>'
        in found
    )
    assert '<td role="cell" data-l="Plat">Soupe</td><td role="cell" class="num" data-l="Prix">4</td>' in found
    assert "style=" not in found


def test_a_cell_of_several_pieces_stays_in_one_piece_on_a_phone():
    found = html("| Mot | JS |\n|---|---|\n| et | `a`, `b` |")

    assert '<td role="cell" data-l="Mot">et</td>' in found
    assert '<td role="cell" data-l="JS"><div><code>a</code>, <code>b</code></div></td>' in found


def test_an_image_alone_with_a_title_is_a_figure():
    assert html('![Une carte](menu.png "La carte")', image=picture) == (
        '<figure role="figure" aria-label="La carte">'
        '<img src="/media/menu.png" width="640" height="360" alt="Une carte" loading="lazy">'
        "<figcaption>La carte</figcaption></figure>"
    )


def test_an_image_without_a_file_leaves_its_words():
    found = page("![Une carte](ailleurs.png)")

    assert "<img" not in found.html and "Une carte" in found.html
    assert len(found.problems) == 1


def test_an_image_from_elsewhere_is_never_loaded():
    assert "<img" not in html("![a](https://example.org/a.png) ![b](//example.org/b.png)", image=picture)


def test_links_between_pages_are_resolved_and_outside_ones_guarded():
    found = html("[a](../b.md) [c](https://example.org) [d](mailto:x@example.org)", link=lambda href: "/courses/b")

    assert '<a href="/courses/b">a</a>' in found
    assert '<a href="https://example.org" rel="noopener">c</a>' in found
    assert '<a href="mailto:x@example.org">d</a>' in found
    assert "target" not in found


def test_a_link_that_leads_nowhere_stays_as_words():
    found = page("[la page](rien.md)")

    assert found.html == "<p>la page</p>"
    assert found.problems


def test_tasks_are_read_as_words():
    found = html("- [ ] lire\n- [x] écrire")

    assert "À faire : </span><!--/-->lire<" in found
    assert "Fait : </span>écrire" in found
    assert "<input" not in found


@pytest.mark.parametrize("text", ["!!! note\n    Bonjour", "> [!NOTE]\n> Bonjour"])
def test_notes_are_written_both_ways(text):
    assert html(text).replace("\n", "") == '<div class="note"><p><b>À savoir</b></p><p>Bonjour</p></div>'


@pytest.mark.parametrize(
    "text", ['??? "Indice"\n    **Cherchez**', "<details>\n<summary>Indice</summary>\n\n**Cherchez**\n\n</details>"]
)
def test_hints_open_on_demand(text):
    found = html(text).replace("\n", "")

    assert found == "<details><summary>Indice</summary><p><strong>Cherchez</strong></p></details>"


def test_notes_at_the_foot_can_be_reached_both_ways():
    found = page("# T\n\n## A\n\nTexte[^1].\n\n[^1]: La note.")

    assert 'id="appel:1"' in found.html and 'href="#note:1"' in found.html
    assert 'id="note:1"' in found.html and 'href="#appel:1"' in found.html
    assert found.sections[-1].title == "Notes"


def test_formulas_become_mathml():
    found = html("On a $a^2$.\n\n$$\n\\frac{1}{2}\n$$")

    assert '<math aria-label="a^2" display="inline">' in found
    assert "<mfrac>" in found and '<div class="formula">' in found


def test_definitions_and_abbreviations_are_kept():
    found = html("Balise\n:   Un mot.\n\nDu HTML.\n\n*[HTML]: Un langage")

    assert "<dt>Balise</dt><dd>Un mot.</dd>" in found.replace("\n", "")
    assert '<abbr title="Un langage">HTML</abbr>' in found


def test_words_are_struck_out():
    assert html("Un ~~deux~~ trois") == "<p>Un <del>deux</del> trois</p>"


def test_steps_of_a_brief_look_like_steps():
    assert '<ol class="steps">' in html("## Les étapes\n\n1. Un\n2. Deux")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt&colon;alert(1))",
    "[a](java\tscript:alert(1))",
    "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    '<a href="//evil.example">a</a>',
    "<iframe src='https://example.org'></iframe>",
    "<form action='https://example.org'><input name=a><button>b</button></form>",
    "<style>*{display:none}</style>",
    "<p style='position:fixed;background:url(https://example.org)'>a</p>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<details ontoggle=alert(1) open><summary>a</summary></details>",
    "<a id=contenu name=csrf_token>a</a>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<object data=x></object><embed src=x>",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\href{javascript:alert(1)}{x}$",
    "<span class=arithmatex>\ue000<img src=x onerror=alert(1)>\ue001</span>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<li>seul</li><td>seul</td><dt>seul</dt><summary>seul</summary>",
    "<x-custom onclick=alert(1)>a</x-custom>",
    "<a href='https://example.org' target=_blank onclick=alert(1)>a</a>",
    '![a](x.png"onerror="alert(1))',
    "<!-- --><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    '*[a]: " onmouseover=alert(1)\n\na',
]
SAFE_TAGS = {"html", "head", "body"} | (TAGS - {"h1"}) | MATH_TAGS
SAFE_ATTRIBUTES = re.compile(
    "href|rel|lang|dir|class|id|title|alt|src|width|height|loading|open|start|colspan|rowspan|scope|data-l|role"
    "|aria-hidden|aria-label|display|stretchy|fence|form|mathvariant"
)


def assert_harmless(found):
    for element in html5lib.parse(found, treebuilder="etree", namespaceHTMLElements=False).iter():
        name = str(element.tag).rpartition("}")[2]
        assert name in SAFE_TAGS, name
        for attribute, value in element.attrib.items():
            assert SAFE_ATTRIBUTES.fullmatch(attribute), attribute
            if attribute in ("href", "src"):
                assert value.startswith(("http://", "https://", "mailto:", "tel:", "#", "/ok")), value
            if attribute == "id":
                assert value.startswith(("p-", "note:", "appel:")), value


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_pages_are_harmless(text):
    assert_harmless(html(text, link=lambda href: "/ok", image=lambda src: Image("/ok", 1, 1)))
    assert_harmless(html(f"# T\n\n## A\n\n- {text}\n\n> {text}\n", link=lambda href: "/ok"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)), max_size=6).map("\n".join))
def test_whatever_is_mixed_stays_harmless(text):
    assert_harmless(html(text, link=lambda href: "/ok", image=lambda src: Image("/ok", 1, 1)))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>\"'=/ ascriptonerimg&;#x:\\\n-", max_size=120))
def test_cleaning_twice_changes_nothing(dirty):
    assert sanitize(sanitize(dirty)) == sanitize(dirty)


def test_formulas_are_cleaned_on_their_own():
    assert sanitize_formula('<math><mtext><img src="x" onerror="a"></mtext><mi href="javascript:a">x</mi></math>') == (
        "<math><mtext></mtext><mi>x</mi></math>"
    )


def test_words_are_kept_for_search():
    assert page("# T\n\n## A\n\nUn *mot* &amp; `code`.").text == "A Un mot & code ."


def test_a_box_is_known_by_its_words_wherever_it_stands():
    first, second = ticks_in(html("- [ ] lire **tout**\n- [ ] écrire"))

    assert ticks_in(html("Avant.\n\n- [ ] écrire\n- [x] fait\n- [ ] lire tout")) == [second, first]
    assert len(set(ticks_in(html("- [ ] lire\n- [ ] lire")))) == 2


def test_steps_may_be_headings_too():
    found = html("## Les étapes\n\n### Étape 1 : lire\n\nUn.\n\n### Étape 2\n\n1. a\n\n## Aide\n\n### Autre\n\nDeux.")

    assert "<p>Un.</p><!--here:p-étape-1--lire--><h3" in found.replace("\n", "")
    assert found.count("<!--here:") == 2
    assert found.index("<!--here:p-étape-2-->") < found.index("Aide")


def test_what_is_a_persons_own_is_put_in_a_page_that_everybody_reads():
    page = html("## Les étapes\n\n1. Un\n2. Deux\n\n## Suite\n\n- [ ] lire\n\n    - [ ] dedans\n")

    put = filled(page, lambda key, words: f"[{words}]", "(keep)", lambda anchor: f"({anchor})")

    assert '<li id="etape-1">Un(etape-1)</li>' in put and "(etape-2)" in put
    assert "[lire]" in put and ">[dedans]</li>" in put
    assert put.count("(keep)") == 1 and put.endswith("(keep)")
    assert "<!--" not in put


def test_the_spaces_of_french_are_held_but_for_code_and_formulas():
    text = "Dites « oui » : `a ? b : c`, **vraiment** ! $a ; b$\n\n```sh\ntest a ; b ?\n```\n\n- Et là ?"

    found = html(f"# T\n\n## Prêt ?\n\n{text}")

    assert "Dites «\u00a0oui\u00a0»\u00a0:" in found and "</strong>\u202f!" in found and "Et là\u202f?" in found
    assert ">Prêt\u202f?</h2>" in found
    assert "<code>a ? b : c</code>" in found and "test a ; b ?" in re.sub("<[^>]+>", "", found)
    assert "a ; b" in re.search(r'<math aria-label="([^"]*)"', found)[1]


def test_held_spaces_move_no_anchor():
    assert [anchor for _, anchor, _ in page("# T\n\n## Ça bloque ?\n\n### Et après : la suite").headings] == [
        "t", "ça-bloque-", "et-après--la-suite",
    ]  # fmt: skip
    assert page("# T\n\n## Ça bloque ?").text.startswith("Ça bloque ?")


def test_a_table_is_named_by_the_heading_above_it():
    page = render("# Le menu\n\n## Les prix d'été\n\n| Plat | Prix |\n|---|---|\n| Soupe | 3 |\n")

    assert '<table class="cards" role="table"><caption class="out">Les prix d&#x27;été</caption>' in page.html


def test_a_table_keeps_the_caption_that_it_was_given():
    page = render("# Le menu\n\n<table><caption>Horaires</caption><tr><td>9 h</td></tr></table>\n")

    assert page.html.count("<caption") == 1
    assert "<caption>Horaires</caption>" in page.html


def test_a_caption_outside_a_table_is_only_words():
    assert "<caption" not in render("# Le menu\n\n<caption>Horaires</caption>\n").html
