"""What a form may be sent that nobody means: each page must answer it, and never with a mistake of ours."""

import io
import re
from html import unescape

HOSTILE = {
    "nothing": lambda name: "",
    "blanks": lambda name: " \u00a0\t\n",
    "far too long": lambda name: "é" * 20_000,
    "zero bytes": lambda name: "a\0b",
    "an injection": lambda name: "'; DROP TABLE person; --",
    "a script": lambda name: "<script>alert(1)</script>",
    "a huge number": lambda name: "9" * 40,
    "a negative number": lambda name: "-1",
    "a date before all others": lambda name: "01/01/0001",
    "signs of every kind": lambda name: "\U0001f600\u202e\ufffe\u0378\U0001d518",
    "a file": lambda name: (io.BytesIO(b"\x89PNG\r\n\x1a\n\0"), "image.png"),
}


def fields(page: str) -> set[str]:
    """Return the names of everything that a page's forms send."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return {unescape(name) for name in re.findall(r'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"', main)} - {
        "csrf_token"
    }


def hostile_answers(client, address: str):
    """Send each kind of bad input to a page's own fields, then what is no form at all; give what each got."""
    names = fields(client.get(address).text) or {"sure"}
    for kind, value in HOSTILE.items():
        yield kind, client.post(address, data={name: value(name) for name in names})
    yield "json", client.post(address, json={name: {"a": [1]} for name in names})
    yield "a list in json", client.post(address, json=["a"])
    yield "no form", client.post(address, data=b"\xff\xfe\x00%%%", content_type="application/x-www-form-urlencoded")
    yield "a broken form", client.post(address, data=b"--x\r\nnothing", content_type="multipart/form-data; boundary=x")
    yield "fields said twice", client.post(address, data={name: ["a", "b"] for name in names})
