"""Items of lists that a reader does something with: boxes to tick, and steps where one may ask for help.

A page is rendered once for everybody, so what is a person's own is put in later, at marks that are comments: without it
the page reads as it is. `filled` is how a web page puts it in; it needs nothing of Markdown.
"""

import html
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

TASK = re.compile(r"^\s*\[([ xX])\]\s+")
BLOCK = re.compile(r"<(?:ul|ol|dl|p|pre|div|table|blockquote|details|figure|h\d)\b")
FIRST_PARAGRAPH = re.compile(r"^\s*<p>(.*?)</p>", re.DOTALL)
BOX = '<span aria-hidden="true">{}</span> <span class="out">{}</span>'
TICK = re.compile(r"<!--tick:(\w+)-->.*?<!--/-->(.*?)<!--/tick-->", re.DOTALL)
ANCHOR, STEP = "p-", "etape-"
KEEP, HERE = "<!--keep-->", re.compile(r"<!--here:([\w-]+)-->")


def filled(page: str, tick: Callable[[str, str], str], keep: str, here: Callable[[str], str]) -> str:
    """Put what is a person's own in a page.

    `tick` makes a box of its key and its words; `keep` follows each list of boxes; `here` follows a step, whose anchor
    it is given.
    """
    page = TICK.sub(lambda found: tick(found[1], found[2]), page)
    return HERE.sub(lambda found: here(found[1]), page.replace(KEEP, keep))


def ticks_in(page: str) -> list[str]:
    """Return the keys of the boxes of a page."""
    return [found[1] for found in TICK.finditer(page)]


class Marks:
    """The part of the pass that meets lists. `_push`, `_inner`, `_kept`, `_id` and the stack are the writer's."""

    def _open_ul(self, tag: str, given: dict[str, str]) -> None:
        self._push(tag, f"<ul{self._kept(tag, given)}>", "</ul>", kind="list")

    def _open_ol(self, tag: str, given: dict[str, str]) -> None:
        is_steps = self.section[0].endswith("étapes") and not self._inside()
        look = ' class="steps"' if is_steps else ""
        self._push(
            tag,
            f"<ol{look}{self._kept(tag, given)}>",
            "</ol>",
            kind="list",
            facts={"steps": is_steps and not self.step},
        )

    def _open_li(self, tag: str, given: dict[str, str]) -> None:
        written = given.get("id", "")
        parent = self.stack[-1].facts if self.stack else {}
        own, facts = "", {}
        if written.startswith("fn:"):
            own = self._id(f"note:{note_name(written.partition(':')[2])}")
        elif parent.get("steps"):
            self.steps += 1
            facts["here"] = f"{STEP}{self.steps}"
            own = self._id(facts["here"])
        self._push(tag, f"<li{own}{self._kept(tag, given)}>", "</li>", kind="item", facts=facts)

    def _begin_step(self, anchor: str, level: int) -> None:
        """Note that a third-level heading begins a step."""
        if level == 3 and self.section[0].endswith("étapes"):
            self.step = anchor

    def _end_step(self) -> None:
        if self.step:
            self.out.append(f"<!--here:{self.step}-->")
            self.step = ""

    def _begin_item(self, item: Any, text: str) -> str:
        """Take the box off the first words of an item."""
        item.facts["begun"] = True
        found = TASK.match(text)
        if found is None:
            return text
        item.facts["task"] = "done" if found[1] != " " else "to do"
        return text[found.end() :]

    def _close_item(self, opened: Any) -> None:
        task, here = opened.facts.get("task"), opened.facts.get("here")
        if task:
            inner = self._inner(opened)
            self.out[-1] = self.out[-1].replace("<li", '<li class="task"', 1)
            self.out.append(BOX.format("☑", "Fait : ") + inner if task == "done" else self._tick(inner))
            for above in reversed(self.stack):
                if above.kind == "list":
                    above.facts["ticks"] = above.facts.get("ticks") or task != "done"
                    break
        self.out.append((f"<!--here:{here}-->" if here else "") + opened.closing)

    def _close_list(self, opened: Any) -> None:
        self.out.append(opened.closing)
        if opened.facts.get("ticks"):
            outer = next((above for above in reversed(self.stack) if above.kind == "list"), None)
            if outer is None:
                self.out.append(KEEP)
            else:
                outer.facts["ticks"] = True

    def _tick(self, inner: str) -> str:
        """Mark a box: its key is that of its words, so that it is known again wherever it stands."""
        paragraph = FIRST_PARAGRAPH.match(inner)
        block = BLOCK.search(inner)
        if paragraph:
            label, rest = paragraph[1], inner[paragraph.end() :]
        else:
            label, rest = (inner[: block.start()], inner[block.start() :]) if block else (inner, "")
        said = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", label))).strip()
        key = sha256(said.encode()).hexdigest()[:10]
        while key in self.ticks:
            key = sha256(key.encode()).hexdigest()[:10]
        self.ticks.add(key)
        return f"<!--tick:{key}-->{BOX.format('☐', 'À faire : ')}<!--/-->{label.strip()}<!--/tick-->{rest}"


def note_name(written: str) -> str:
    """Return a footnote's name as it stands in an anchor."""
    return re.sub(r"[^\w-]", "-", written)[:60]
