"""What a person reads of an answer: its words, without tags, with ordinary spaces and apostrophes."""

import html
import re

from werkzeug.test import TestResponse

HIDDEN = re.compile(r"<(script|style|svg|head)\b.*?</\1>", re.DOTALL)


def shown(answer: TestResponse | str) -> str:
    """Return the words of a page on one line."""
    text = answer if isinstance(answer, str) else answer.text
    bare = html.unescape(re.sub(r"<[^>]+>", " ", HIDDEN.sub(" ", text))).replace("’", "'")
    return re.sub(r"\s+([.,])", r"\1", re.sub(r"\s+", " ", bare)).strip()


def field(answer: TestResponse | str, name: str) -> str:
    """Return the value that a page gives to one of its hidden fields."""
    text = answer if isinstance(answer, str) else answer.text
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', text)
    assert found, f"no field {name}"
    value = re.search(r'\bvalue="([^"]*)"', found[0])
    return html.unescape(value[1]) if value else ""
