"""The blocks of code in a course page, and what their authors say of them in the comment just above.

`<!-- code: run -->` and its kin are described in docs/authoring.md, "Code that is checked".
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from popschool.courses.rules import is_hidden
from popschool.places import courses_folder

COURSES = courses_folder()
KINDS = ("run", "file", "fragment", "output", "faux")
OPENS = re.compile(r"^(\s*)(`{3,}|~{3,})\s*([\w+-]*)")
MARK = re.compile(r"^\s*<!--\s*code:\s*(.*?)\s*-->\s*$")
ENGINES = {"postgresql": ("postgresql",), "both": ("sqlite", "postgresql")}
ELISION = re.compile(r"^\s*(?:#|//|--|/\*|<!--)?\s*…\s*(?:\*/|-->)?\s*$")


@dataclass(frozen=True)
class Fence:
    """One block of code. `path` is the file that it names or opens first; `said`, what faulty code must say."""

    page: Path
    line: int
    language: str
    code: str
    kind: str = ""
    path: str = ""
    inside: str = ""
    said: str = ""
    engines: tuple[str, ...] = ("sqlite",)

    def __str__(self) -> str:
        return f"{self.page.relative_to(COURSES)}:{self.line}"

    @property
    def project(self) -> Path:
        """The folder of the project that the page belongs to."""
        return next(folder for folder in self.page.parents if (folder / "projet.md").exists() or folder == COURSES)

    def named(self) -> Path:
        """Return the file that the fence names, in its own project."""
        found = (self.project / self.path).resolve()
        assert self.path and found.is_relative_to(self.project), f"{self}: name a file of the project"
        assert found.is_file(), f"{self}: there is no {self.path}"
        return found


def pages() -> list[Path]:
    """Return every page of the shipped courses.

    Starter files are no pages, nor what is written for authors, nor what tools leave in folders of theirs.
    """
    found = [path.relative_to(COURSES) for path in COURSES.rglob("*/*.md")]
    return sorted(COURSES / path for path in found if "depart" not in path.parts and not is_hidden(path.as_posix()))


def projects() -> list[Path]:
    return sorted(path.parent for path in COURSES.rglob("projet.md"))


def fences(page: Path) -> list[Fence]:
    """Return the blocks of code of a page, in order."""
    return list(_read(page, page.read_text().split("\n")))


def _read(page: Path, lines: list[str]):
    number, above = 0, ""
    while number < len(lines):
        opened = OPENS.match(lines[number])
        if opened is None:
            above = lines[number] if lines[number].strip() else above
            number += 1
            continue
        start = number + 1
        number = start
        while number < len(lines) and lines[number].strip() != opened[2]:
            number += 1
        code = textwrap.dedent("\n".join(line.removeprefix(opened[1]) for line in lines[start:number])) + "\n"
        mark = MARK.match(above)
        yield _marked(Fence(page, start, opened[3].lower(), code), mark[1] if mark else "")
        number, above = number + 1, ""


def _marked(fence: Fence, words: str) -> Fence:
    """Read `faux with depart/page.html NaN`: a kind, its options, then what is said."""
    kind, _, rest = words.partition(" ")
    found = {"kind": kind}
    if kind in ("file", "fragment"):
        return _with(fence, found | {"path": rest.strip()})
    while rest:
        word, _, after = rest.strip().partition(" ")
        if word in ENGINES:
            found["engines"], rest = ENGINES[word], after
        elif word in ("with", "in", "of"):
            value, _, rest = after.strip().partition(" ")
            found["inside" if word == "in" else "path"] = value
        else:
            break
    return _with(fence, found | {"said": rest.strip()})


def _with(fence: Fence, found: dict) -> Fence:
    return Fence(**(fence.__dict__ | found))


def pieces(code: str) -> list[list[str]]:
    """Cut a fragment at its lines of three dots: what stands between is left out."""
    found: list[list[str]] = [[]]
    for line in textwrap.dedent(code).rstrip("\n").split("\n"):
        if ELISION.match(line):
            found.append([])
        else:
            found[-1].append(line)
    return [piece for piece in found if any(line.strip() for line in piece)]


def is_fragment(code: str, whole: str) -> bool:
    """Say whether the pieces of a fragment are whole lines of a text, in order, wherever its margin is."""
    lines, at = whole.rstrip("\n").split("\n"), 0
    for piece in pieces(code):
        wanted = _bare(piece)
        found = next((n for n in range(at, len(lines)) if _bare(lines[n : n + len(piece)]) == wanted), None)
        if found is None:
            return False
        at = found + len(piece)
    return True


def _bare(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in textwrap.dedent("\n".join(lines)).strip("\n").split("\n")]


def looks_like(said: str, expected: str) -> bool:
    """Compare an output with the one that is printed: three dots stand for whatever changes."""
    parts = []
    for line in expected.rstrip().split("\n"):
        wanted = re.escape(line.rstrip()).replace("…", "[^\n]*") + "\n"
        parts.append(r"(?:[^\n]*\n)*?" if line.strip() == "…" else wanted)
    plain = "".join(f"{line.rstrip()}\n" for line in said.rstrip().split("\n"))
    return re.fullmatch("".join(parts), plain) is not None
