"""What readers would see change in a page: its blocks compared, then the words inside those that changed.

Pure. HTML is that of `markdown.render`: clean, and cut in sections.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
BLOCK = re.compile(
    r"</?(?:p|li|ul|ol|h[1-6]|div|tr|table|pre|dl|dt|dd|figure|figcaption|blockquote|details|summary)\b[^>]*>"
)
IMAGE = re.compile(r'<img\b[^>]*?\balt="([^"]*)"[^>]*>')
TAG = re.compile(r"<[^>]*>")
WORDS = re.compile(r"\s+|[^\s]+")
ALIKE = 0.4
MOST_BLOCKS = 3_000


@dataclass(frozen=True)
class Part:
    """Some words in a row: the same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Block:
    """A paragraph, an item or a line of code, and what happens to its words."""

    kind: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Difference:
    """The blocks that change, each with the block before it when that one stays; how many words come and go."""

    blocks: tuple[Block, ...]
    added: int
    removed: int

    def __bool__(self) -> bool:
        return any(block.kind != SAME for block in self.blocks)


def blocks_of(sections: Iterable[Mapping]) -> list[str]:
    """Return a page as the texts that a reader reads one after the other."""
    found = []
    for section in sections:
        if section["title"]:
            found.append(section["title"])
        marked = IMAGE.sub(lambda image: f" [image : {image[1]}] ", section["html"])
        for piece in BLOCK.split(marked):
            lines = html.unescape(TAG.sub("", piece)).split("\n")
            found += [line for line in (re.sub(r"\s+", " ", line).strip() for line in lines) if line]
    return found[:MOST_BLOCKS]


def compare(before: Sequence[str], after: Sequence[str]) -> Difference:
    """Return what changes between two pages, block by block and word by word."""
    blocks, last = [], None
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what == "equal":
            last = before[end - 1]
            continue
        if last is not None:
            blocks.append(Block(SAME, (Part(SAME, last),)))
            last = None
        blocks += _paired(before[start:end], after[new_start:new_end])
    added, removed = (
        sum(len(part.text.split()) for block in blocks for part in block.parts if part.kind == kind)
        for kind in (ADDED, REMOVED)
    )
    return Difference(tuple(blocks), added, removed)


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a passage that was rewritten: one that still looks like the old one is compared with it."""
    rest = list(before)
    for new in after:
        near = next((rank for rank, old in enumerate(rest) if _are_alike(old, new)), None)
        if near is None:
            yield Block(ADDED, (Part(ADDED, new),))
            continue
        for gone in rest[:near]:
            yield Block(REMOVED, (Part(REMOVED, gone),))
        yield Block(CHANGED, tuple(_words(rest[near], new)))
        rest = rest[near + 1 :]
    for gone in rest:
        yield Block(REMOVED, (Part(REMOVED, gone),))


def _are_alike(old: str, new: str) -> bool:
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _words(old: str, new: str) -> Iterator[Part]:
    first, second = WORDS.findall(old), WORDS.findall(new)
    for what, start, end, new_start, new_end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if what == "equal":
            yield Part(SAME, "".join(first[start:end]))
            continue
        if end > start:
            yield Part(REMOVED, "".join(first[start:end]))
        if new_end > new_start:
            yield Part(ADDED, "".join(second[new_start:new_end]))


def lines_of(title: str, summary: str, hours: int, data: Mapping) -> list[str]:
    """Return what a project's file says, as the lines that a learner reads."""
    found = [title, summary, f"{hours} h" if hours else ""]
    found += [f"{aim['id']}, niveau {aim['level']}" for aim in data.get("competences", ())]
    found += [f"{one['title']}. {one['hint']}".strip() for one in data.get("deliverables", ())]
    found += [one["text"] for one in data.get("criteria", ())]
    found += [f"{word} : {meaning}" for word, meaning in (data.get("words") or {}).items()]
    found += [", ".join(data["marks"])] if data.get("marks") else []
    return [line for line in found if line]
