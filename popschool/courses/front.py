"""A Markdown file cut in two: its front matter, and its body."""

import re


def body_of(data: bytes) -> str:
    """Return the Markdown of a file, without its front matter."""
    return split_front(data.decode("utf-8-sig", "replace"))[1]


def split_front(text: str) -> tuple[str | None, str, int]:
    """Return the front matter, the body, and the line of the file where the body begins.

    Three pluses, another tool's way, also set a front matter apart.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    mark = text[:4]
    if mark not in ("---\n", "+++\n"):
        return None, text, 1
    end = re.search(r"^(---|\.\.\.)[ \t]*$" if mark == "---\n" else r"^\+\+\+[ \t]*$", text[4:], re.MULTILINE)
    if end is None:
        return None, text, 1
    front = text[4 : 4 + end.start()]
    return front, text[4 + end.end() :].removeprefix("\n"), front.count("\n") + 3


def title_in(front: str) -> str:
    """Return the title that a front matter gives, whichever tool it was written for; empty without one."""
    found = re.search(r"^title\s*[:=]\s*(\S.*?)\s*$", front, re.MULTILINE)
    return found[1].strip("\"'")[:200] if found else ""
