"""A Markdown file cut in two: its front matter, and its body."""

import re


def body_of(data: bytes) -> str:
    """Return the Markdown of a file, without its front matter."""
    return split_front(data.decode("utf-8-sig", "replace"))[1]


def split_front(text: str) -> tuple[str | None, str, int]:
    """Return the front matter, the body, and the line of the file where the body begins."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.startswith("---\n"):
        return None, text, 1
    end = re.search(r"^(---|\.\.\.)[ \t]*$", text[4:], re.MULTILINE)
    if end is None:
        return None, text, 1
    front = text[4 : 4 + end.start()]
    return front, text[4 + end.end() :].removeprefix("\n"), front.count("\n") + 3
