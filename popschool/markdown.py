"""Markdown to clean HTML. `sanitize` is the one place where HTML is cleaned, and the only caller of bleach and nh3.

Order: Markdown, then cleaning, then one pass that gives the page its headings, links, images and tables, and only then
the formulas, which are built here and cleaned on their own. None of it is for a web request: a page is rendered once.
"""

import html
import re
from collections.abc import Callable

import bleach
import markdown
import nh3
from latex2mathml.converter import convert as convert_formula
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.admonition import AdmonitionExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.md_in_html import MarkdownInHtmlExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import SimpleTagInlineProcessor
from pymdownx.arithmatex import ArithmatexExtension
from pymdownx.details import DetailsExtension
from pymdownx.highlight import HighlightExtension
from pymdownx.quotes import QuotesExtension
from pymdownx.superfences import SuperFencesCodeExtension

from popschool.markdown_page import Image, Rendered, Section
from popschool.markdown_pass import SCHEMES, rewrite
from popschool.markdown_videos import Video

__all__ = ["Image", "Rendered", "Section", "Video", "render", "sanitize", "sanitize_formula"]

MATH_OPEN, MATH_CLOSE = "\ue000", "\ue001"
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
LONGEST_FORMULA = 2_000


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


INLINE = _names(
    "a abbr b bdi bdo br cite code del dfn em i img ins kbd mark q s samp small span strong sub sup u var wbr"
)
BLOCK = _names(
    "blockquote caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre summary"
    " table tbody td tfoot th thead tr ul"
)
TAGS = INLINE | BLOCK
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir"},
    "a": {"href", "class"},
    "abbr": {"title"},
    "code": {"class"},
    "details": {"open"},
    "div": {"class"},
    "img": {"src", "alt", "title"},
    "li": {"id"},
    "ol": {"start"},
    "p": {"class"},
    "span": {"class"},
    "sup": {"id"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
}
MATH_TAGS = _names(
    "math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle"
    " msub msubsup msup mtable mtd mtext mtr munder munderover"
)
MATH_ATTRIBUTES = {
    "*": {"mathvariant", "stretchy", "fence", "form", "separator", "accent", "accentunder", "minsize", "maxsize"},
    "math": {"display"},
    "mfrac": {"linethickness"},
    "mo": {"lspace", "rspace", "largeop", "movablelimits"},
    "mspace": {"width"},
    "mtable": {"columnalign", "rowspacing", "columnspacing"},
    "mtd": {"columnalign"},
    "mpadded": {"width", "height", "depth"},
}


class Struck(Extension):
    """Two tildes on each side strike a text out, as on a forge."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"(~~)(?!\s)(.+?)(?<!\s)~~", "del"), "struck", 65)


# Classes rather than names: a name is looked for among everything installed, which takes longer than a page.
EXTENSIONS: list[tuple[type[Extension], dict]] = [
    (AbbrExtension, {}),
    (AdmonitionExtension, {}),
    (DefListExtension, {}),
    (FootnoteExtension, {}),
    (MarkdownInHtmlExtension, {}),
    (SaneListExtension, {}),
    (TableExtension, {"use_align_attribute": True}),
    (
        ArithmatexExtension,
        {
            "generic": True,
            "smart_dollar": True,
            "tex_inline_wrap": [MATH_OPEN, MATH_CLOSE],
            "tex_block_wrap": [MATH_OPEN, MATH_CLOSE],
        },
    ),
    (DetailsExtension, {}),
    (HighlightExtension, {"use_pygments": False, "guess_lang": False}),
    (QuotesExtension, {"callouts": True}),
    (SuperFencesCodeExtension, {}),
    (Struck, {}),
]
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
DETAILS = re.compile(r"^(\s{0,3}<details)\b(?![^>]*\bmarkdown=)", re.IGNORECASE)
FORMULA = re.compile(
    rf'<(span|div) class="arithmatex">([^{MATH_OPEN}<]*){MATH_OPEN}([^{MATH_CLOSE}<]*){MATH_CLOSE}\s*</\1>'
)

Resolver = Callable[[str], str | None]
ImageResolver = Callable[[str], Image | Video | None]


def render(text: str, *, link: Resolver = lambda href: None, image: ImageResolver = lambda src: None) -> Rendered:
    """Return the page made from Markdown.

    `link` and `image` answer for what is written in the text as a relative address; None leaves it out, and says so.
    """
    body = _cleaner().convert(_prepared(text))
    page = rewrite(sanitize(body), link=link, image=image)
    sections = tuple(
        Section(section.id, section.title, FORMULA.sub(_formula, section.html)) for section in page.sections
    )
    plain = html.unescape(re.sub(r"<[^>]*>", " ", " ".join(f"{part.title} {part.html}" for part in sections)))
    return Rendered(
        title=page.title,
        sections=sections,
        headings=tuple(page.headings),
        text=PRIVATE_USE.sub("", re.sub(r"\s+", " ", plain)).strip(),
        problems=tuple(page.problems),
    )


def sanitize(dirty: str) -> str:
    """Return HTML with nothing that runs, loads or hides: bleach first, then nh3 on what is left."""
    once = bleach.clean(
        dirty,
        tags=TAGS,
        attributes={tag: sorted(names) for tag, names in ATTRIBUTES.items()},
        protocols=SCHEMES,
        strip=True,
        strip_comments=True,
    )
    return nh3.clean(
        once,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel=None,
        strip_comments=True,
    )


def sanitize_formula(dirty: str) -> str:
    """Return MathML with nothing but MathML: the converter lets HTML and links through."""
    return nh3.clean(
        dirty,
        tags=set(MATH_TAGS),
        attributes={tag: set(names) for tag, names in MATH_ATTRIBUTES.items()},
        link_rel=None,
        strip_comments=True,
    )


def _cleaner() -> markdown.Markdown:
    """Return a fresh converter: one is not safe to share, and footnotes of one page would show in the next."""
    return markdown.Markdown(extensions=[make(**given) for make, given in EXTENSIONS], output_format="html")


def _prepared(text: str) -> str:
    """Drop private-use characters, and let Markdown work inside <details>, as it does on a forge."""
    text = PRIVATE_USE.sub("", text.replace("\x00", ""))
    lines, fence = [], ""
    for line in text.splitlines():
        found = FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1][0] == fence[0] and len(found[1]) >= len(fence):
            fence = ""
        lines.append(line if fence else DETAILS.sub(r'\1 markdown="1"', line))
    return "\n".join(lines)


def _formula(found: re.Match[str]) -> str:
    tag, tex = found[1], html.unescape(found[3]).strip()
    written = html.escape(tex)
    if len(tex) > LONGEST_FORMULA:
        return f"<code>{written}</code>"
    try:
        math = sanitize_formula(convert_formula(tex, display="block" if tag == "div" else "inline"))
    except Exception:  # whatever an author's formula breaks in the converter, the reader still gets it as it was typed
        return f"<code>{written}</code>"
    if not math.startswith("<math"):
        return f"<code>{written}</code>"
    named = math.replace("<math", f'<math aria-label="{written}"', 1)
    return f'<div class="formula">{named}</div>' if tag == "div" else named
