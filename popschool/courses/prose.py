"""How easy a page's French is to read, sentence by sentence and whole. Never more than advice."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from popschool.courses import rules
from popschool.courses.lines import Line

LONGEST_SENTENCE, FEWEST_IN_SENTENCE, HARDEST_SENTENCE = 30, 10, 50
FEWEST_ON_PAGE, HARDEST_PAGE, AIM = 60, 60, 80
MOST_SENTENCES = 5
FRENCH = (
    *("le", "la", "les", "l", "un", "une", "des", "de", "du", "d", "et", "est", "sont", "vous", "votre", "vos", "que"),
    *("qui", "dans", "pour", "sur", "avec", "ce", "cette", "ces", "ne", "pas", "il", "elle", "en", "au", "aux", "par"),
    *("se", "s", "c", "j", "n", "ou", "où", "plus", "à"),
)
FOREIGN = (
    *("the", "of", "and", "to", "is", "you", "for", "that", "it", "with", "are", "this", "your", "el", "los", "las"),
    *("del", "con", "y", "por", "para", "der", "die", "das", "und", "ist", "nicht", "ein", "mit", "auf", "não", "uma"),
    *("os", "do", "da", "em", "il", "che", "di", "gli", "della", "sono"),
)
WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile(r"[a-zà-öø-ÿœ]")
SHORTEST_HARD = 45  # characters: ten words are never shorter, and most sentences are
WEAK = re.compile(
    r"ici|là|voir|lien|plus|suite|page|lire|cliquez|cliqu(?:ez|er) ici|par ici|voir (?:ici|le lien)|(?:ce|le) lien"
    r"|cette page"
    r"|(?:en )?savoir plus|lire (?:la suite|plus)|voir plus|plus d infos?|plus d informations?"
    r"|here|link|more|see|click(?: here)?|this (?:link|page)|(?:read|learn|see) more"
)
NOT_PROSE = ("|", "#", "$$", "!!!", "*[", "{", "+++", "???")
DEFINES = re.compile(r"\[[^\]]+\]:")
MARKER = re.compile(r"^\s*(?:>\s?)*\s*(?:(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|:\s+)?")
STARTS_ITEM = re.compile(r"^\s*(?:>\s?)*\s*(?:[-*+]|\d{1,9}[.)]|:)\s")
HIDDEN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|\]\([^)]*\)|\]\[[^\]]*\]|<[^>]*>|https?://\S+|\[\^[^\]]*\]")
MAY_HIDE = re.compile(r"[`\]<]|://")
SENTENCE_END = re.compile(r"[.!?:;…]+[»\"”)*_]*(?=\s|$)")
SIGNS = re.compile(r"[*_~\[\]|]")


class Sentence(NamedTuple):
    """One sentence as it is read, where it starts."""

    line: int
    column: int
    text: str


class Advice(NamedTuple):
    line: int
    column: int
    message: str
    mend: str


def reading_advice(lines: Iterable[Line], first_line: int = 1) -> Iterator[Advice]:
    """Say which sentences are hard to read, and how easy the whole page is. Silent about other languages."""
    sentences = list(sentences_of(lines))
    text = "\n".join(one.text for one in sentences)
    if not is_french(text):
        return
    hard = [(one, words) for one in sentences if (words := _what_is_hard(one.text))]
    for one, words in hard[:MOST_SENTENCES]:
        yield Advice(one.line, one.column, words, "Coupez-la en deux, avec des mots de tous les jours.")
    ease = rules.reading_ease(text) if len(text.split()) >= FEWEST_ON_PAGE else None
    if ease is not None and ease < HARDEST_PAGE:
        more = f" {len(hard)} phrases sont difficiles." if len(hard) > MOST_SENTENCES else ""
        words = f"Cette page est difficile à lire. Lisibilité mesurée : {ease:.0f}. Visée : {AIM}.{more}"
        yield Advice(first_line, 1, words, "Écrivez des phrases courtes et des mots de tous les jours.")


def page_ease(lines: Iterable[Line]) -> float | None:
    """Return how easy a page in French is to read; None for other languages and for too few words."""
    text = "\n".join(one.text for one in sentences_of(lines))
    return rules.reading_ease(text) if is_french(text) else None


def is_french(text: str) -> bool:
    """Say whether a text may be French: Latin letters, and not more small words of another language."""
    counts = Counter(WORD.findall(text.lower()))
    latin = sum(count for word, count in counts.items() if LATIN.match(word))
    french, foreign = (sum(counts[word] for word in small) for small in (FRENCH, FOREIGN))
    return foreign <= french and 2 * latin >= counts.total()


def is_weak(words: str) -> bool:
    """Say whether a link's words, read alone, say nothing of where it leads: "ici", "cliquez ici", a bare address."""
    plain = re.sub(r"[^\w]+", " ", words.lower()).strip()
    return WEAK.fullmatch(plain) is not None or re.match(r"https?://", words.strip(), re.IGNORECASE) is not None


def sentences_of(lines: Iterable[Line]) -> Iterator[Sentence]:
    """Yield the sentences of paragraphs and items, wherever their lines are cut."""
    paragraph: list[tuple[int, str]] = []
    for line in lines:
        bare = line.text.lstrip("> ")
        is_prose = bool(bare.strip()) and not bare.startswith(NOT_PROSE)
        if paragraph and (not is_prose or STARTS_ITEM.match(line.text)):
            yield from _cut(paragraph)
            paragraph = []
        if is_prose and not (bare[0] == "[" and DEFINES.match(bare)):
            paragraph.append((line.number, _masked(line.text)))
    if paragraph:
        yield from _cut(paragraph)


def _masked(line: str) -> str:
    """Blank what is not read as French, and keep every place."""
    marker = MARKER.match(line)
    line = " " * marker.end() + line[marker.end() :]
    return HIDDEN.sub(lambda found: " " * len(found[0]), line) if MAY_HIDE.search(line) else line


def _cut(paragraph: list[tuple[int, str]]) -> Iterator[Sentence]:
    starts, length = [], 0
    for _, text in paragraph:
        starts.append(length)
        length += len(text) + 1
    joined = " ".join(text for _, text in paragraph)
    begin = 0
    for end in [*(found.end() for found in SENTENCE_END.finditer(joined)), len(joined)]:
        written = joined[begin:end]
        text = re.sub(r"\s+", " ", SIGNS.sub("", written)).strip()
        if rules.LETTER.search(text):
            offset = begin + len(written) - len(written.lstrip())
            rank = bisect_right(starts, offset) - 1
            yield Sentence(paragraph[rank][0], offset - starts[rank] + 1, text)
        begin = end


def _what_is_hard(sentence: str) -> str:
    if len(sentence) < SHORTEST_HARD:
        return ""
    count = sum(1 for word in rules.WORD_BREAK.split(sentence) if rules.LETTER.search(word))
    if count > LONGEST_SENTENCE:
        return f"Phrase difficile à lire : {count} mots."
    if count < FEWEST_IN_SENTENCE:
        return ""
    ease = rules.reading_ease(re.sub(r"[.!?:;\n]", " ", sentence))
    if ease is None or ease >= HARDEST_SENTENCE:
        return ""
    return f"Phrase difficile à lire : {count} mots, souvent longs. Lisibilité mesurée : {ease:.0f}."
