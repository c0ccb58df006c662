"""A page as a validator and a reader see it: its tree, and what is wrong with it.

html5lib says what the HTML standard forbids; the checks below say what inclusion.md and visual.md ask on top.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib

# html5lib is older than the standard, which now lets a comment hold two dashes.
PERMITTED = {"unexpected-char-in-comment"}
FORBIDDEN_NAMES = {"cliquez ici", "voir", "lien", "ici"}
FORBIDDEN_PLACES = ("à droite", "à gauche", "ci-contre", "ci-dessous", "ci-dessus", "en rouge", "en vert")
FORBIDDEN_ELEMENTS = {"iframe", "style", "font", "center", "marquee", "object", "embed", "base"}
FIELDS = {"input", "select", "textarea"}
NOT_FIELDS = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "for", "form", "list")
CHILDREN = {
    "ul": {"li"}, "ol": {"li"}, "tr": {"td", "th"}, "select": {"option", "optgroup"},
    "dl": {"dt", "dd", "div"}, "table": {"caption", "colgroup", "thead", "tbody", "tfoot"},
}  # fmt: skip
PARENTS = {"li": {"ul", "ol"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "summary": {"details"}, "legend": {"fieldset"}}
PRESSED = {"a", "button", "select", "textarea", "input", "summary"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
INSIDE_TEXT = {
    "a", "abbr", "b", "bdi", "br", "button", "cite", "code", "data", "del", "dfn", "em", "i", "img", "input", "ins",
    "kbd", "label", "mark", "math", "q", "s", "samp", "select", "small", "span", "strong", "sub", "sup", "svg",
    "textarea", "time", "u", "var", "wbr",
}  # fmt: skip
ONLY_TEXT_INSIDE = {"p", "span", "button", "label", "dt", "legend", "small", "b", *HEADINGS}


class Html:
    """One page, read."""

    def __init__(self, text: str):
        self.text = text
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(text)
        for one in self.elements():
            one.tag = one.tag.rsplit("}", 1)[-1]
        self.errors = [f"line {line}: {code}" for (line, _column), code, _ in parser.errors if code not in PERMITTED]

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: parent for parent in self.root.iter() for child in parent}

    @cached_property
    def main(self) -> Element:
        return next(self.root.iter("main"))

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(one.get("id") for one in self.elements() if one.get("id") is not None)

    @property
    def title(self) -> str:
        return squeezed(next(self.root.iter("title")))

    def elements(self, *names: str) -> Iterator[Element]:
        return (one for one in self.root.iter() if isinstance(one.tag, str) and (not names or one.tag in names))

    def is_course(self, one: Element) -> bool:
        """Say whether this stands in what an author wrote: their captions are their own."""
        return any(above.tag == "article" for above in self.above(one))

    def above(self, one: Element) -> Iterator[Element]:
        while one in self.parents:
            one = self.parents[one]
            yield one

    def name(self, one: Element) -> str:
        """Return what a screen reader says of a link or a button: its label, or its words and its images' texts."""
        if one.get("aria-labelledby"):
            wanted = one.get("aria-labelledby").split()
            return " ".join(squeezed(other) for other in self.elements() if other.get("id") in wanted)
        return one.get("aria-label") or squeezed(one, images=True)

    def problems(self) -> list[str]:
        """Return everything that is wrong with this page."""
        return [*self.errors, *(problem for check in CHECKS for problem in check(self))]


def filled(form: Element, press: str = "", **given: object) -> dict[str, object]:
    """Return what a browser sends of a form: what is there already, the first choice of each group, each box that must
    be ticked, and what is given.
    """
    sent: dict[str, object] = {}
    for one in form.iter():
        name, kind = one.get("name"), one.get("type", "text")
        if not name or (one.tag == "button" and name != press):
            continue
        if one.tag == "select":
            options = list(one.iter("option"))
            chosen = next((option for option in options if "selected" in option.attrib), *options[:1])
            sent[name] = chosen.get("value", "")
        elif one.tag == "textarea":
            sent[name] = one.text or ""
        elif one.tag == "input" and kind in ("radio", "checkbox"):
            must = "required" in one.attrib if kind == "checkbox" else name not in sent
            if "checked" in one.attrib or must:
                sent[name] = one.get("value", "y")
        elif one.tag in ("input", "button") and kind != "file":
            sent[name] = one.get("value", "")
    return sent | given


def squeezed(one: Element, images: bool = False) -> str:
    """Return the words of an element, one space between them."""
    parts = []

    def walk(element: Element) -> None:
        if not isinstance(element.tag, str) or element.get("aria-hidden") == "true":
            return
        if images and element.tag == "img":
            parts.append(element.get("alt") or "")
        parts.append(element.text or "")
        for child in element:
            walk(child)
            parts.append(child.tail or "")

    walk(one)
    return " ".join("".join(parts).split())


def _tag(one: Element) -> str:
    what = one.get("id") or one.get("name") or one.get("href") or squeezed(one)[:40]
    return f"<{one.tag} {what}>"


def ids_are_unique(page: Html) -> Iterator[str]:
    for name, count in page.ids.items():
        if count > 1:
            yield f"the id {name} is there {count} times"
        if not name.strip() or re.search(r"\s", name):
            yield f"the id {name!r} is not an id"


def references_lead_somewhere(page: Html) -> Iterator[str]:
    for one in page.elements():
        for attribute in REFERENCES:
            if attribute == "form" and one.tag == "form":
                continue
            for name in (one.get(attribute) or "").split():
                if name not in page.ids:
                    yield f"{_tag(one)}: {attribute} names {name}, which is not there"
        href = one.get("href") or ""
        if one.tag == "a" and href.startswith("#") and href[1:] not in page.ids:
            yield f"{_tag(one)}: leads to {href}, which is not there"


def headings_are_in_order(page: Html) -> Iterator[str]:
    headings = list(page.elements(*HEADINGS))
    firsts = [one for one in headings if one.tag == "h1"]
    if len(firsts) != 1:
        yield f"{len(firsts)} headings of level 1"
    level = 0
    for one in (one for main in page.elements("main") for one in main.iter()):
        if one in headings:
            if int(one.tag[1]) > level + 1 and not (level == 0 and one.tag == "h2"):
                yield f"{_tag(one)}: level {one.tag[1]} after level {level}"
            level = int(one.tag[1])
            if not squeezed(one):
                yield f"{_tag(one)}: an empty heading"


def page_says_what_it_is(page: Html) -> Iterator[str]:
    html = next(page.elements("html"))
    if html.get("lang") not in ("fr", "en"):
        yield "html has no language"
    if not re.fullmatch(r"(Erreur : |Error: )?[^–]*\S[^–]* – \S.*", page.title):
        yield f"the title {page.title!r} is not “page – section – school”"
    page_name, _dash, rest = page.title.partition(" – ")
    if page_name == rest.partition(" – ")[0]:
        yield f"the title {page.title!r} says its section twice"
    if len(list(page.elements("main"))) != 1:
        yield "not exactly one main"
    first = next(page.elements("a"), None)
    if first is None or first.get("href") != "#contenu":
        yield "the first link does not skip to the content"


def fields_have_labels(page: Html) -> Iterator[str]:
    labelled = {one.get("for") for one in page.elements("label")}
    for one in page.elements(*FIELDS):
        if one.get("type") in NOT_FIELDS:
            continue
        wrapped = any(above.tag == "label" for above in page.above(one))
        if not (one.get("id") in labelled or wrapped or one.get("aria-label") or one.get("aria-labelledby")):
            yield f"{_tag(one)}: a field without a label"
        if one.get("type") == "radio" and not any(above.tag == "fieldset" for above in page.above(one)):
            others = [other for other in page.elements("input") if other.get("name") == one.get("name")]
            if len(others) > 1:
                yield f"{_tag(one)}: a choice outside of a fieldset"
    for one in page.elements("fieldset"):
        if len(one) == 0 or one[0].tag != "legend" or not squeezed(one[0]):
            yield f"{_tag(one)}: a group without a legend"
    for one in page.elements("form"):
        fields = [field for field in one.iter() if field.tag in FIELDS and field.get("type") not in NOT_FIELDS]
        is_checked = one.get("method", "get").lower() == "post" or any("required" in field.attrib for field in fields)
        if fields and is_checked and "novalidate" not in one.attrib:
            yield f"{_tag(one)}: a form that the browser validates in its own words"


def links_and_buttons_have_names(page: Html) -> Iterator[str]:
    for one in page.elements("a", "button", "summary"):
        name = page.name(one)
        if not name:
            yield f"{_tag(one)}: without a name"
        if name.casefold().strip(" .…:") in FORBIDDEN_NAMES:
            yield f"{_tag(one)}: the name “{name}” says nothing alone"
        if one.tag == "a" and not one.get("href"):
            yield f"{_tag(one)}: a link that leads nowhere"
        if one.get("target"):
            yield f"{_tag(one)}: opens another window"


def pictures_are_told(page: Html) -> Iterator[str]:
    for one in page.elements("img"):
        if one.get("alt") is None:
            yield f"<img {one.get('src')}>: without an alternative"
        was_sent = one.get("src", "").startswith("/submissions/")  # it has the size that it has
        if not (one.get("width") and one.get("height")) and not was_sent:
            yield f"<img {one.get('src')}>: without its size"
    for one in page.elements("svg"):
        hidden = one.get("aria-hidden") == "true" or any(a.get("aria-hidden") == "true" for a in page.above(one))
        named = one.get("role") == "img" and (one.get("aria-label") or one.get("aria-labelledby"))
        titled = one.get("role") == "img" and any(child.tag == "title" for child in one.iter())
        if not (hidden or named or titled):
            yield f"<svg class={one.get('class')}>: neither hidden nor named"


def tables_are_told(page: Html) -> Iterator[str]:
    for one in page.elements("table"):
        if one.get("role") == "presentation":
            yield "a table for the layout"
        if not page.is_course(one) and (one.find("caption") is None or not squeezed(one.find("caption"))):
            yield f"{_tag(one)}: a table without a caption"
        for head in one.iter("th"):
            if not head.get("scope"):
                yield f"{_tag(head)}: a head without a scope"
        if any(head.get("scope") == "colgroup" for head in one.iter("th")) and not one.get("aria-describedby"):
            yield f"{_tag(one)}: heads over several columns, and nothing that says how to read them"
    for one in page.elements("figure"):
        if one.find("figcaption") is not None and one.find("img") is not None and not one.get("aria-label"):
            yield f"{_tag(one)}: a picture that is not named by its caption"


def nothing_is_inline(page: Html) -> Iterator[str]:
    for one in page.elements():
        if one.tag in FORBIDDEN_ELEMENTS:
            yield f"<{one.tag}> is not for our pages"
        if one.tag == "script" and not one.get("src"):
            yield "a script inside the page"
        for attribute in one.attrib:
            if attribute == "style" or attribute.startswith("on"):
                yield f"{_tag(one)}: the attribute {attribute}"
        if int(one.get("tabindex", "0")) > 0:
            yield f"{_tag(one)}: an order of its own for the keyboard"


def elements_stand_where_they_may(page: Html) -> Iterator[str]:
    for one in page.elements():
        allowed = CHILDREN.get(one.tag)
        for child in one:
            if not isinstance(child.tag, str):
                continue
            if allowed and child.tag not in allowed and child.tag not in ("script", "template"):
                yield f"<{child.tag}> inside <{one.tag}>"
            allowed_here = INSIDE_TEXT | HEADINGS if one.tag == "legend" else INSIDE_TEXT
            if one.tag in ONLY_TEXT_INSIDE and child.tag not in allowed_here:
                yield f"<{child.tag}> inside <{one.tag}>"
        parent = page.parents.get(one)
        if one.tag in PARENTS and (parent is None or parent.tag not in PARENTS[one.tag]):
            yield f"<{one.tag}> inside <{parent.tag if parent is not None else '?'}>"
        if one.tag in PRESSED and any(above.tag in ("a", "button", "summary") for above in page.above(one)):
            yield f"{_tag(one)}: pressed inside something pressed"


CHECKS = (
    ids_are_unique,
    references_lead_somewhere,
    headings_are_in_order,
    page_says_what_it_is,
    fields_have_labels,
    links_and_buttons_have_names,
    pictures_are_told,
    tables_are_told,
    nothing_is_inline,
    elements_stand_where_they_may,
)
