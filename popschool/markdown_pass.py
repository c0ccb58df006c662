"""One pass over clean HTML: headings in order, links and images resolved, tables and notes made readable for everybody.

It reads what `markdown.sanitize` gives: well-formed, attributes in double quotes, no comment, no script. Anchors get a
prefix, so that a heading "Aide" never takes the place of the page's own.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from popschool.markdown_code import colour
from popschool.markdown_marks import ANCHOR, Marks, note_name
from popschool.markdown_page import Image, Section
from popschool.markdown_tables import Tables, words
from popschool.markdown_videos import Video, facts_of, player
from popschool.typography import french

TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[^\s=>"/]+(?:="[^"]*")?)*)\s*/?>')
ATTRIBUTE = re.compile(r'([^\s=>"/]+)(?:="([^"]*)")?')
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LANGUAGE = re.compile(r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$")
SUMMARY = re.compile(r"\s*<summary")
VOID = frozenset({"br", "hr", "img", "wbr"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
PARENTS = {
    "li": {"ul", "ol"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "figcaption": {"figure"},
    "caption": {"table"},
    "summary": {"details"},
}
CODE_TAGS = frozenset({"pre", "code", "kbd", "samp"})
FORMULA_BEGINS = "\ue000"
LIST_PARENTS = {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr"}
NOTES = {"tip": "good", "success": "good", "hint": "good", "warning": "warn", "caution": "warn", "danger": "warn"}
NOTE_TITLES = {
    "Note": "À savoir",
    "Tip": "Astuce",
    "Hint": "Indice",
    "Important": "Important",
    "Warning": "Attention",
    "Caution": "Prudence",
    "Danger": "Danger",
    "Info": "À savoir",
    "Success": "Bravo",
    "Example": "Exemple",
}
SHORTS = "Les mots courts de cette page"
NO_WORDS = "Image sans description"
KEPT_ATTRIBUTES = {"ol": ("start",), "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan")}


@dataclass
class Pass:
    """What one pass found."""

    title: str = ""
    sections: list[Section] = field(default_factory=list)
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Open:
    """An element that is open: its name, what closes it, and where its content starts in the output."""

    tag: str
    closing: str
    start: int
    kind: str = ""
    facts: dict = field(default_factory=dict)


def slug(title: str, taken: set[str]) -> str:
    """Return the anchor that a forge gives to this heading; a number is added when it is taken."""
    base = re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", title).strip().lower()).replace(" ", "-")
    found, number = base, 0
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    taken.add(found)
    return found


def rewrite(clean: str, *, link: Callable[[str], str | None], image: Callable[[str], Image | None]) -> Pass:
    """Return the page cut in sections, its title taken out."""
    writer = _Writer(link, image, shifts=len(re.findall(r"<h1[ >]", clean)) > 1)
    position = 0
    for token in TOKEN.finditer(clean):
        if token.start() > position:
            writer.text(clean[position : token.start()])
        position = token.end()
        closes, tag, attributes = token.groups()
        if closes:
            writer.close(tag)
        else:
            given = {name: value or "" for name, value in ATTRIBUTE.findall(attributes)}
            writer.open(tag, given, SUMMARY.match(clean, position) is not None)
    if position < len(clean):
        writer.text(clean[position:])
    writer.end_section()
    writer.say_shorts()
    return writer.page


class _Writer(Tables, Marks):
    """Writes the page while its tokens pass by."""

    def __init__(self, link: Callable, image: Callable, shifts: bool):
        self.link, self.image, self.shifts = link, image, shifts
        self.page = Pass()
        self.out: list[str] = []
        self.stack: list[Open] = []
        self.ids: set[str] = set()
        self.slugs: set[str] = set()
        self.section = ("", "")
        self.level = 1
        self.seen_heading = False
        self.steps, self.step = 0, ""
        self.ticks: set[str] = set()
        self.shorts: dict[str, str] = {}

    # what passes by

    def text(self, text: str) -> None:
        parent = self.stack[-1].tag if self.stack else ""
        if parent in LIST_PARENTS:
            return  # stray words between items: no list may hold them
        item = self.stack[-1] if parent == "li" else self.stack[-2] if parent == "p" and len(self.stack) > 1 else None
        if item and item.tag == "li" and not item.facts.get("begun") and text.strip():
            text = self._begin_item(item, text)
        self.out.append(text if self._is_literal(text) else french(text))

    def _is_literal(self, text: str) -> bool:
        """Say whether a text must stay as it was typed: code, a formula, a heading without its anchor yet."""
        return FORMULA_BEGINS in text or any(
            opened.tag in CODE_TAGS or opened.kind == "heading" for opened in self.stack
        )

    def open(self, tag: str, given: dict[str, str], summary_follows: bool) -> None:
        parent = self.stack[-1].tag if self.stack else ""
        if tag in PARENTS and parent not in PARENTS[tag]:
            return self._push(tag, "", "")
        if tag in HEADINGS:
            return self._push(tag, "", "", kind="heading", facts={"top": not self._inside()})
        maker = getattr(self, f"_open_{tag}", None)
        if maker:
            return maker(tag, given)
        if tag in VOID:
            self.out.append(f"<{tag}>")
            return None
        self._push(tag, f"<{tag}{self._kept(tag, given)}>", f"</{tag}>")
        if tag == "details" and not summary_follows:
            self.out.append("<summary>Plus de détails</summary>")
        return None

    def close(self, tag: str) -> None:
        while self.stack:
            opened = self.stack.pop()
            closer = getattr(self, f"_close_{opened.kind}", None) if opened.kind else None
            if closer:
                closer(opened)
            else:
                self.out.append(opened.closing)
            if opened.tag == tag:
                return

    def end_section(self) -> None:
        while self.stack:
            self.close(self.stack[-1].tag)
        self._end_step()
        body = "".join(self.out).strip()
        if body or self.section[1]:
            self.page.sections.append(Section(*self.section, body))
        self.out = []

    def say_shorts(self) -> None:
        """Say what the abbreviations of the page mean, in words: a finger finds no title, and a printer none."""
        if self.shorts:
            said = "".join(f"<dt>{word}</dt><dd>{french(meaning)}</dd>" for word, meaning in self.shorts.items())
            anchor = ANCHOR + slug(SHORTS, self.slugs)
            self.page.sections.append(Section(anchor, SHORTS, f'<dl class="shorts">{said}</dl>'))

    # pieces

    def _push(self, tag: str, opening: str, closing: str, kind: str = "", facts: dict | None = None) -> None:
        self.out.append(opening)
        self.stack.append(Open(tag, closing, len(self.out), kind, facts or {}))

    def _inside(self) -> bool:
        return any(opened.closing or opened.kind for opened in self.stack)

    def _inner(self, opened: Open) -> str:
        inner = "".join(self.out[opened.start :])
        del self.out[opened.start :]
        return inner

    def _kept(self, tag: str, given: dict[str, str]) -> str:
        kept = ""
        if LANGUAGE.match(given.get("lang", "")):
            kept += f' lang="{given["lang"]}"'
        if given.get("dir") in ("ltr", "rtl", "auto"):
            kept += f' dir="{given["dir"]}"'
        for name in KEPT_ATTRIBUTES.get(tag, ()):
            if re.fullmatch(r"\d{1,4}", given.get(name, "")) and int(given[name]) > 0:
                kept += f' {name}="{int(given[name])}"'
        if tag == "abbr" and given.get("title"):
            kept += f' title="{given["title"]}"'
        if tag == "details" and "open" in given:
            kept += " open"
        if tag == "details" and self._is_under_figure():
            kept += ' class="said"'
        return kept

    def _is_under_figure(self) -> bool:
        """Say whether a figure has just ended: what opens then is its twin in words, on paper too."""
        return next((piece for piece in reversed(self.out) if piece.strip()), "").endswith("</figure>")

    def _id(self, wanted: str) -> str:
        if wanted in self.ids:
            return ""
        self.ids.add(wanted)
        return f' id="{wanted}"'

    # headings

    def _close_heading(self, opened: Open) -> None:
        inner = self._inner(opened)
        title = words(inner)
        if not title:
            return
        anchor = slug(title, self.slugs)
        first, self.seen_heading = not self.seen_heading, True
        level = HEADINGS[opened.tag]
        if first:
            self.page.title = title
            if level == 1:
                self.page.headings.append((1, anchor, title))
                return
        level += 1 if self.shifts else 0
        level = min(max(level, 2 if opened.facts["top"] else 3), self.level + 1, 6)
        if level == 2 and not opened.facts["top"]:
            self.out.append(f"<p><b>{french(inner)}</b></p>")
            return
        self.level = level
        self.page.headings.append((level, anchor, title))
        if level <= 3:
            self._end_step()
        if level == 2:
            self.end_section()
            self.section = (ANCHOR + anchor, french(title))
        else:
            self._begin_step(ANCHOR + anchor, level)
            self.out.append(f'<h{level} id="{ANCHOR}{html.escape(anchor)}">{french(inner)}</h{level}>')

    def _open_abbr(self, tag: str, given: dict[str, str]) -> None:
        self._push(tag, f"<abbr{self._kept(tag, given)}>", "</abbr>", kind="short", facts=given)

    def _close_short(self, opened: Open) -> None:
        inner = self._inner(opened)
        if opened.facts.get("title") and words(inner):
            self.shorts.setdefault(html.escape(words(inner)), opened.facts["title"])
        self.out.append(f"{inner}{opened.closing}")

    # links and images

    def _open_a(self, tag: str, given: dict[str, str]) -> None:
        written = html.unescape(given.get("href", "")).strip()
        kind = given.get("class", "")
        if written.startswith("#fn"):
            return self._open_note_link(written, kind)
        target = self._target(written)
        if target is None:
            return self._push(tag, "", "")
        outside = ' rel="noopener"' if re.match(r"https?:", target, re.IGNORECASE) else ""
        opening = f'<a href="{html.escape(target)}"{outside}{self._kept(tag, given)}>'
        return self._push(tag, "", "</a>", kind="link", facts={"opening": opening})

    def _target(self, written: str) -> str | None:
        if not written or written.startswith(("//", "\\", "/\\")):
            return None
        if written.startswith("#"):
            return f"#{ANCHOR}{unquote(written[1:])}" if len(written) > 1 else None
        if SCHEME.match(written):
            return written
        found = self.link(written)
        if found is None:
            self.page.problems.append(f"Le lien « {written[:200]} » ne mène nulle part.")
        return found

    def _open_note_link(self, written: str, kind: str) -> None:
        name = note_name(written.partition(":")[2])
        if kind == "footnote-backref":
            opening = f'<a href="#appel:{name}" role="doc-backlink"><span class="out">Retour au texte</span> '
            self._push("a", f'{opening}<span aria-hidden="true">', "</span></a>")
        else:
            self._push("a", f'<a href="#note:{name}" role="doc-noteref"><span class="out">Note </span>', "</a>")

    def _close_link(self, opened: Open) -> None:
        inner = self._inner(opened)
        if words(inner) or re.search(r'alt="[^"]', inner):
            self.out.append(f"{opened.facts['opening']}{inner}</a>")

    def _open_img(self, tag: str, given: dict[str, str]) -> None:
        written, alt = html.unescape(given.get("src", "")).strip(), given.get("alt", "").strip() or NO_WORDS
        is_relative = not SCHEME.match(written) and not written.startswith(("//", "\\", "/\\"))
        found = self.image(written) if written and is_relative else None
        if found is None:
            self.page.problems.append(f"L'image « {written[:200]} » n'est pas dans les fichiers du cours.")
            self.out.append(alt)
            return
        caption = given.get("title", "")
        if isinstance(found, Video):
            return self._put_video(found, alt, caption)
        size = f'width="{found.width}" height="{found.height}" ' if found.width and found.height else ""
        self.out.append(f'<img src="{html.escape(found.url)}" {size}alt="{alt}" loading="lazy">')
        if self.stack and self.stack[-1].tag == "p" and len(self.out) == self.stack[-1].start + 1:
            self.stack[-1].facts |= {"caption": caption, "image": len(self.out)}

    def _put_video(self, video: Video, alt: str, caption: str) -> None:
        """Write a link to a video; it becomes a player when it is all that its paragraph holds."""
        facts = facts_of(video)
        self.out.append(f'<a href="{html.escape(video.url)}">{alt} ({facts})</a>')
        if self.stack and self.stack[-1].tag == "p" and len(self.out) == self.stack[-1].start + 1:
            self.stack[-1].facts |= {"image": len(self.out), "player": player(video, alt, caption or alt)}

    def _open_p(self, tag: str, given: dict[str, str]) -> None:
        if given.get("class") == "admonition-title":
            self._push(tag, "", "", kind="note_title")
        else:
            self._push(tag, "", f"<p{self._kept(tag, given)}>", kind="paragraph")

    def _close_paragraph(self, opened: Open) -> None:
        alone = len(self.out) == opened.facts.get("image", -1)
        caption = opened.facts.get("caption", "")
        inner = self._inner(opened).strip()
        if alone and "player" in opened.facts:
            self.out.append(opened.facts["player"])
        elif alone and caption:
            # The RGAA (1.9) asks that a figure be named by its caption, for whoever hears the page.
            opening = f'<figure role="figure" aria-label="{caption}">'
            self.out.append(f"{opening}{inner}<figcaption>{caption}</figcaption></figure>")
        elif inner:
            self.out.append(f"{opened.closing}{inner}</p>")

    # notes

    def _open_div(self, tag: str, given: dict[str, str]) -> None:
        names = given.get("class", "").split()
        if "admonition" in names:
            look = next((NOTES[name] for name in names if name in NOTES), "")
            self._push(tag, f'<div class="note{f" note--{look}" if look else ""}">', "</div>")
        elif "footnote" in names and not self._inside():
            self.end_section()
            self.section = (ANCHOR + slug("notes", self.slugs), "Notes")
            self._push(tag, "", "", facts={"footnotes": True})
        elif "arithmatex" in names:
            self._push(tag, '<div class="arithmatex">', "</div>")
        else:
            self._push(tag, f"<div{self._kept(tag, given)}>", "</div>")

    def _open_hr(self, tag: str, given: dict[str, str]) -> None:
        if not (self.stack and self.stack[-1].facts.get("footnotes")):
            self.out.append("<hr>")

    def _close_note_title(self, opened: Open) -> None:
        inner = self._inner(opened).strip()
        self.out.append(f"<p><b>{NOTE_TITLES.get(inner, inner)}</b></p>")

    def _open_sup(self, tag: str, given: dict[str, str]) -> None:
        written = given.get("id", "")
        own = self._id(f"appel:{note_name(written.partition(':')[2])}") if written.startswith("fnref:") else ""
        self._push(tag, f"<sup{own}>", "</sup>")

    # code

    def _open_pre(self, tag: str, given: dict[str, str]) -> None:
        self._push(tag, '<pre lang="en">', "</pre>")

    def _open_code(self, tag: str, given: dict[str, str]) -> None:
        language = given.get("class", "").removeprefix("language-")
        if language and self.stack and self.stack[-1].tag == "pre":
            self._push(tag, "<code>", "</code>", kind="code", facts={"language": language})
        else:
            self._push(tag, "<code>", "</code>")

    def _close_code(self, opened: Open) -> None:
        inner = self._inner(opened)
        self.out.append(inner if "<" in inner else colour(html.unescape(inner), opened.facts["language"]))
        self.out.append("</code>")

    def _open_span(self, tag: str, given: dict[str, str]) -> None:
        name, kept = given.get("class", ""), self._kept(tag, given)
        if name == "arithmatex":
            return self._push(tag, '<span class="arithmatex">', "</span>")
        return self._push(tag, f"<span{kept}>", "</span>") if kept else self._push(tag, "", "")
