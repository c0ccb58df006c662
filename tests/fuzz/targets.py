"""What comes from outside, made up by chance, and what must hold of it: a strategy and a check for each kind."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import html5lib
from hypothesis import strategies as st

from popschool import spreadsheets
from popschool.courses.documents import read_facts
from popschool.markdown import MATH_TAGS, TAGS, render
from popschool.projects import rules_files
from popschool.review import files
from popschool.schools import roster

RUNS = re.compile(r"^\s*(?:javascript|vbscript|data|file)\s*:", re.IGNORECASE)
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset"}
PIECES = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<math><mtext><style>",
    "</style>", "<a href='javascript:alert(1)'>", "<a href=\"JaVaScRiPt&#58;alert(1)\">", "<iframe srcdoc='<script>'>",
    "<details open ontoggle=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<!--", "-->",
    "<template>", "<form><input name=body>", "[x](javascript:alert(1))", "[x](//evil.example)", "![x](x \"'onload=a\")",
    "[x]: javascript:alert(1) 'y'", "<javascript:alert(1)>", "$\\text{<img src=x onerror=alert(1)>}$",
    "$$\\href{javascript:alert(1)}{x}$$", "`<script>`", "```html\n<script>alert(1)</script>\n```", "~~~", "    ",
    "| a | b |\n|---|---|\n| <script> | x |", "> [!NOTE]\n> ", "!!! note\n    ", "??? hint \"<b onclick=x>\"\n    ",
    "- [ ] ", "1. ", "[^1]", "[^1]: <script>", "*[HTML]: \"><script>", "{: onclick=alert(1) }", "# ", "## ",
    "\n\n", "\t",
    "\0", "\u202e", "\ufeff", "&#x6A;avascript:", "&lt;script&gt;", "]]>", "<![CDATA[", "<?php ",
    "\U000f0000", "é", "===",
]  # fmt: skip
SIGNS = st.text(st.characters(codec="utf-8"), max_size=12)
MARKDOWN = st.lists(st.sampled_from(PIECES) | SIGNS, max_size=30).map("".join)
FIELDS = [
    "---\n", "id: ", "title: ", "kind: ", "order: ", "competences:\n  - ",
    "deliverables:\n  - id: a\n    asks: ", "&a ",
    "*a", "<<: *a", "!!python/object:os.system ", "{", "}", "[", "]", "\n", "  ", ": ", "- ", "|\n  ",
    ">\n  ", "'", '"',
    "2027-03-08", "1e999", "0x7f", "~", "yes", "\t", "? ", "# ", "%YAML 1.2\n", "...\n",
]  # fmt: skip
FRONT_MATTER = st.lists(st.sampled_from(FIELDS) | SIGNS, max_size=40).map("".join)
NAMES = st.sampled_from(sorted(rules_files.TYPES)) | st.sampled_from([".docm", ".exe", "", ".tar.gz", "/../x.png"])
CELLS = st.text(st.sampled_from("=+-@\t\r\n\0;,\"' aé1") | st.characters(codec="utf-8"), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6)


def check_markdown(text: str) -> None:
    """Nothing that runs, loads from elsewhere or hides is left of a page, as a browser reads it."""
    page = render(text)
    allowed = {*TAGS, *MATH_TAGS, "svg", "html", "head", "body", "tbody"}
    read = html5lib.parse(page.html, namespaceHTMLElements=False)
    for node in (one for one in read.iter() if isinstance(one.tag, str)):
        tag = node.tag.rpartition("}")[2]
        assert tag in allowed, tag
        for full, value in node.attrib.items():
            named = str(full).rpartition("}")[2].lower()
            assert not named.startswith("on") and named not in ("style", "srcdoc"), (tag, named)
            assert named not in ADDRESSES or not RUNS.match(value), (tag, named, value)


def check_front_matter(text: str) -> None:
    """A page and a programme are read, or what is wrong is said with its line."""
    for path, data in (("a.md", f"---\n{text}\n---\n# T\n".encode()), ("programme.yml", text.encode())):
        facts = read_facts(path, data)
        assert all(one[0] >= 1 and all(one[2:4]) for one in facts["problems"])


def check_upload(given: tuple[str, bytes]) -> None:
    """A file is kept under a safe name and type, or refused for a reason."""
    sent, data = given
    clean = rules_files.clean_name(sent)
    assert clean and not set(clean) & set('/\\<>:"|?*\0\r\n') and len(clean) <= rules_files.LONGEST_NAME
    assert clean.strip(".") and rules_files.clean_name(clean) == clean
    try:
        kind = rules_files.check_file(clean, data, len(data))
    except (rules_files.FileRefused, rules_files.FileTooHeavy):
        return
    assert kind not in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml")


def archive(entries: list[tuple[str, bytes]], places: list[tuple[int, int]], ending: str) -> tuple[str, bytes]:
    """Return a zip with these entries, some of its bytes changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, (name, content) in enumerate(entries):
            packed.writestr(f"{number}{name}", content)
    data = bytearray(out.getvalue())
    for place, value in places:
        data[place % len(data)] = value
    return f"a{ending}", bytes(data)


def check_roster(data: bytes) -> None:
    """A roster is read, or refused with what is wrong and where."""
    try:
        found = roster.read_roster(roster.decode(data))
    except roster.RosterRefused as refused:
        assert refused.problems
        return
    assert all(one.message for one in found.problems)


def check_reviews(data: bytes) -> None:
    """A file of reviews is read, or refused with its lines."""
    with NamedTemporaryFile(suffix=".csv") as file:
        file.write(data)
        file.flush()
        for columns in (("person", "team"), ("role", "reviewer", "deliverable", "score")):
            try:
                files.read_table(Path(file.name), columns)
            except files.FileRefused as refused:
                assert refused.problems


def check_spreadsheet(rows: list[list[str]]) -> None:
    """What is written is read back as it was, but for the mark before what a spreadsheet would take for a formula."""
    said = spreadsheets.as_csv(["a", "b"], rows).decode("utf-8-sig")
    if "\0" in said:  # Python's own reader takes no zero byte
        return
    read = list(csv.reader(io.StringIO(said, newline=""), delimiter=";"))[1:]
    assert len(read) == len(rows)
    for cells, given in zip(read, rows, strict=True):
        for cell, one in zip(cells, given, strict=True):
            assert cell in (one, f"'{one}") and not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


ENTRIES = st.lists(st.tuples(st.text(st.sampled_from("../\\ab:\0é"), max_size=9), st.binary(max_size=60)), max_size=4)
ARCHIVES = st.builds(
    archive, ENTRIES, st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6), NAMES
)
STARTS = st.sampled_from(
    [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-", b"PK\x03\x04", b"MZ", b"<svg onload=a>", b"RIFF"]
)
UPLOADS = ARCHIVES | st.tuples(
    st.builds(str.__add__, st.text(max_size=30), NAMES), st.builds(bytes.__add__, STARTS, st.binary(max_size=300))
)
LINES = st.lists(
    st.lists(CELLS | st.sampled_from(["prénom", "nom", "person", "team", "score"]), max_size=5), max_size=6
)
TABLES = st.binary(max_size=300) | LINES.map(lambda rows: "\n".join(";".join(row) for row in rows).encode())
TARGETS: dict[str, tuple[st.SearchStrategy, Callable[[Any], None]]] = {
    "markdown": (MARKDOWN, check_markdown),
    "front matter": (FRONT_MATTER, check_front_matter),
    "uploads": (UPLOADS, check_upload),
    "rosters": (TABLES, check_roster),
    "reviews": (TABLES, check_reviews),
    "spreadsheets": (ROWS, check_spreadsheet),
}
