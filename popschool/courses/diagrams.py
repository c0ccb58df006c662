"""Diagrams of a page, and their twins: what stands just below, to be opened, and says in words what is drawn."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from popschool.courses.lines import Line

ALONE = re.compile(r'^\s*!\[((?:[^\[\]\\]|\\.){1,2000})\]\(\s*<?([^\s<>)]+)>?(?:\s+(?:"[^"]*"|\'[^\']*\'))?\s*\)\s*$')
TWIN = ("<details", "???")
DRAWN = ".svg"
DIAGRAMS = frozenset(["schema", "diagramme", "graphique", "courbe", "organigramme", "frise", "arborescence"])
PICTURES = frozenset(
    ["dessin", "illustration", "photo", "photographie", "portrait", "logo", "icone", "embleme", "capture"]
)
FIRST_WORD = re.compile(r"[^\W\d_]+")


def without_twin(lines: Sequence[Line]) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and address of each diagram that has no twin below it.

    A drawing (SVG) is a diagram unless its words begin by saying that it is only a picture; another image is one when
    its words begin by saying so.
    """
    texts = [line.text.strip() for line in lines]
    for rank, line in enumerate(lines):
        found = ALONE.match(line.text) if "](" in line.text else None
        if not found or rank and texts[rank - 1] or "://" in found[2] or not _is_diagram(found[1], found[2]):
            continue
        below = next((text for text in texts[rank + 1 :] if text), "")
        if not below.lower().startswith(TWIN):
            yield line.number, line.text.index("!") + 1, found[2]


def _is_diagram(words: str, address: str) -> bool:
    found = FIRST_WORD.search(unicodedata.normalize("NFD", words.casefold()).encode("ascii", "ignore").decode())
    first = found[0] if found else ""
    return first in DIAGRAMS or address.lower().endswith(DRAWN) and first not in PICTURES
