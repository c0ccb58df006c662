"""The lines of a Markdown body that are written for readers: code and comments are blanked, places stay."""

import re
from collections.abc import Iterator
from typing import NamedTuple

FENCE = re.compile(r"^\s*(?:>\s?)*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})\s*(\S*)")
CONTAINER = re.compile(r"^\s*(?:[-*+]\s|\d{1,9}[.)]\s|!!!|\?\?\?|\[\^|:\s|///)")
OPENS, CLOSES = "<!--", "-->"


class Line(NamedTuple):
    """One line: its number in the file, what is left to read of it, and whether it opens code without a language."""

    number: int
    text: str
    is_bare_fence: bool = False


def readable(body: str, first_line: int = 1) -> Iterator[Line]:
    """Yield every line in order; those that hold no text for readers are empty."""
    fence, in_comment, in_container, before_is_blank, in_code = "", False, False, True, False
    for number, line in enumerate(body.split("\n"), first_line):
        found = None if in_comment else FENCE.match(line)
        if fence:
            if found and found[1][0] == fence[0] and len(found[1]) >= len(fence) and not found[2]:
                fence = ""
            yield Line(number, "")
            continue
        if found and not (found[1][0] == "`" and "`" in line[found.end(1) :]):
            fence, in_code = found[1], False
            yield Line(number, "", is_bare_fence=not found[2])
            before_is_blank = False
            continue
        text, in_comment = _without_comments(line, in_comment)
        is_indented = text.startswith(("    ", "\t"))
        if text.strip() and not is_indented:
            in_container = CONTAINER.match(text) is not None or in_container and text[0] == " "
        in_code = bool(text.strip()) and is_indented and not in_container and (before_is_blank or in_code)
        before_is_blank = not text.strip()
        yield Line(number, "" if in_code else text)


def _without_comments(line: str, in_comment: bool) -> tuple[str, bool]:
    """Blank what stands inside a comment, and say whether one is still open at the end of the line."""
    if not in_comment and OPENS not in line:
        return line, False
    kept, position = [], 0
    while position < len(line):
        mark = CLOSES if in_comment else OPENS
        found = line.find(mark, position)
        end = len(line) if found < 0 else found + len(mark)
        kept.append(" " * (end - position) if in_comment else line[position : end if found < 0 else found])
        if found >= 0:
            kept.append("" if in_comment else " " * len(mark))
            in_comment = not in_comment
        position = end
    return "".join(kept), in_comment
