"""How easily a page reads: the Kandel-Moles score of its own words, as inclusion.md section 3 says.

A page's own words are those that `gettext` gave it. While `marking_own_words` holds, each of them stands between two
private characters, and each value put into them between two others; names, titles, and what people wrote are outside.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch
from xml.etree.ElementTree import Element

from jinja2.environment import create_cache

from popschool.web import languages
from popschool.web.compiled import KeptTemplates
from popschool.web.templating import PageEnvironment

OWN, OWN_END, VALUE, VALUE_END = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS = re.compile(f"[{OWN}{OWN_END}{VALUE}{VALUE_END}]")
VARIABLE = re.compile(r"%\(\w+\)[sd]|%[sd]")
LINES = {
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "label",
    "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td",
    "textarea", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
DEMONSTRATION = "demo"  # the sentence that a demonstration adds to every page
SAID_AGAIN = "out"  # what is beside, said again to a screen reader
UNREAD = {"svg", "script", "style", "template", "math"}
_compiled: dict[tuple[int, str], Any] = {}
VOWELS = "aeiouyàâäéèêëîïôöùûüœæ"


@dataclass(frozen=True)
class Reading:
    """What was counted, and the score: 100 is very easy, 0 very hard."""

    sentences: int
    words: int
    syllables: int

    @property
    def score(self) -> float:
        return 207 - 1.015 * self.words_per_sentence - 73.6 * self.syllables / max(1, self.words)

    @property
    def words_per_sentence(self) -> float:
        return self.words / max(1, self.sentences)


def read(text: str) -> Reading:
    """Count the sentences, words and syllables of a text."""
    sentences = [words for words in (words_of(one) for one in re.split(r"[.!?:;\n]+", text)) if words]
    words = [word for one in sentences for word in one]
    return Reading(len(sentences), len(words), sum(map(syllables, words)))


def words_of(sentence: str) -> list[str]:
    """Split on spaces, apostrophes, hyphens and middle dots; leave out numbers and what has no letter."""
    parts = re.split(r"[\s'’\-‑·]+", sentence)
    return [part for part in parts if re.search(r"[^\W\d_]", part) and not re.search(r"\d", part)]


def syllables(word: str) -> int:
    """Count groups of vowels, without a final mute -e or -es after a consonant when there are several; at least 1."""
    bare = re.sub(r"[^\w]", "", word.casefold())
    groups = len(re.findall(f"[{VOWELS}]+", bare))
    if groups > 1 and re.search(f"[^{VOWELS}]es?$", bare):
        groups -= 1
    return max(1, groups)


class _Marked:
    """Translations that mark what they give."""

    def __init__(self, translations: Any):
        self._translations = translations

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._translations, name)
        if not name.endswith("gettext"):
            return found
        return lambda *given: f"{OWN}{VARIABLE.sub(lambda one: VALUE + one[0] + VALUE_END, found(*given))}{OWN_END}"


@contextmanager
def marking_own_words() -> Iterator[None]:
    """Let every text of ours be marked in the pages made meanwhile."""
    plain = languages.Typeset.get_translations
    with (
        patch.object(languages.Typeset, "get_translations", lambda domain: _Marked(plain(domain))),
        patch.object(PageEnvironment, "cache", property(_marked_templates)),
        patch.object(KeptTemplates, "load_bytecode"),
        patch.object(KeptTemplates, "dump_bytecode"),
    ):
        yield


def _marked_templates(environment: PageEnvironment) -> Any:
    """Templates hold their texts: those compiled meanwhile are kept apart."""
    return _compiled.setdefault((id(environment), languages.code()), create_cache(400))


def own_words(one: Element) -> str:
    """Return the marked words of an element, a line for each block, without what is put into them.

    A line is there once: a list of 25 is not harder to read than a list of one.
    """
    lines = (" ".join(line.split()) for line in _kept("".join(_text(one))).split("\n"))
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _text(one: Element) -> Iterator[str]:
    if not isinstance(one.tag, str) or one.tag in UNREAD or one.get("class") in (DEMONSTRATION, SAID_AGAIN):
        return
    edge = "\n" if one.tag in LINES else ""
    yield edge
    yield " ".join((one.text or "").split("\n"))
    for child in one:
        yield from _text(child)
        yield " ".join((child.tail or "").split("\n"))
    yield edge


def _kept(text: str) -> str:
    """Keep what stands between the marks of our words, and not between those of a value, however they are nested."""
    kept, inside = [], []
    for part in re.split(f"({MARKS.pattern})", text):
        if part in (OWN, VALUE):
            inside.append(part)
        elif part in (OWN_END, VALUE_END):
            inside = inside[:-1]
        elif inside and inside[-1] == OWN:
            kept.append(part)
        else:
            kept.append("\n" if "\n" in part else " ")
    return "".join(kept)


def visible(text: str) -> str:
    """Return a page without its marks."""
    return MARKS.sub("", text)
