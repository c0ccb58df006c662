"""Words as they are looked for: no accents, no capitals, no plural; and the passage where they stand.

The same words go in the index and come from the question, so that both databases find the same pages.
"""

import re
from collections.abc import Sequence

WORD = re.compile(r"[^\W_]+")
# One sign for one sign, so that a place in a folded text is the same place in the text itself.
FOLD = str.maketrans("àâäáãåçéèêëíìîïñóòôöõúùûüýÿ’", "aaaaaaceeeeiiiinooooouuuuyy'")
LONG = {"œ": "oe", "æ": "ae"}
SMALL = frozenset((
    "a", "au", "aux", "ce", "ces", "cette", "comment", "d", "dans", "de", "des", "du", "elle", "elles", "en", "est",
    "et", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "leurs", "ma", "mes", "mon", "n", "ne", "nous",
    "on", "ou", "par", "pas", "pour", "qu", "que", "quel", "quelle", "qui", "s", "sa", "se", "ses", "si", "son",
    "sont", "sur", "ta", "te", "tes", "ton", "tu", "un", "une", "vos", "votre", "vous", "y",
))  # fmt: skip
SHORTEST_PREFIX, MOST_WORDS, LONGEST_QUESTION = 2, 8, 100
BEFORE, PASSAGE, NEAR = 60, 220, 1_000


def fold(text: str) -> str:
    """Return a text in small letters without accents, as long as it was."""
    lower = text.lower()
    return (lower if len(lower) == len(text) else text).translate(FOLD)


def index_words(text: str) -> str:
    """Return the words of a text as they go in the index."""
    return " ".join(map(_stem, _words(text)))


def _words(text: str) -> list[str]:
    folded = fold(text)
    for sign, letters in LONG.items():
        folded = folded.replace(sign, letters)
    return WORD.findall(folded)


def asked_words(question: str) -> list[str]:
    """Return what a question looks for: its words, the small ones left out unless there is nothing else."""
    words = _words(question[:LONGEST_QUESTION])
    kept = [word for word in words if word not in SMALL] or words
    return list(dict.fromkeys(map(_stem, kept)))[:MOST_WORDS]


def passage(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """Return a piece of a text around the first word found, in parts; True for those that were looked for."""
    pattern = _pattern(words) if words else None
    # Most words that are found stand early: a long text is not folded whole for them.
    first = pattern and (pattern.search(fold(text[:NEAR])) or pattern.search(fold(text)))
    start = max(first.start() - BEFORE, 0) if first else 0
    if start:
        start = text.find(" ", start, first.start()) + 1 or start
    end = min(start + PASSAGE, len(text))
    if end < len(text):
        end = text.rfind(" ", start + 1, end) if " " in text[start + 1 : end] else end
    before, after = [("… ", False)] if start else [], [(" …", False)] if end < len(text) else []
    return [*before, *_parts(text[start:end], pattern), *after]


def marked(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """Return a whole title in parts; True for those that were looked for."""
    return _parts(text, _pattern(words) if words else None)


def _parts(text: str, pattern: re.Pattern | None) -> list[tuple[str, bool]]:
    parts, place = [], 0
    for found in pattern.finditer(fold(text)) if pattern else ():
        if found.start() > place:
            parts.append((text[place : found.start()], False))
        parts.append((text[found.start() : found.end()], True))
        place = found.end()
    return [*parts, (text[place:], False)] if place < len(text) else parts


def _pattern(words: Sequence[str]) -> re.Pattern:
    """Return what finds these words, and longer words that begin like the last one, in a folded text."""
    kinds = [re.escape(word).replace("oe", "(?:oe|œ)").replace("ae", "(?:ae|æ)") for word in words]
    endings = [r"[sx]?"] * (len(kinds) - 1) + [r"[^\W_]*"]
    return re.compile(r"(?<![^\W_])(?:" + "|".join(map("".join, zip(kinds, endings, strict=True))) + r")(?![^\W_])")


def _stem(word: str) -> str:
    """Take a plural off: what is left may be no word, but it is the same for both."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" and not word.endswith("ss") else word
