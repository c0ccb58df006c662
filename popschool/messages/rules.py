"""How a message is written so that it weighs little, says nothing personal on a locked phone, and holds one link."""

import re
from dataclasses import dataclass

LONGEST_SMS = 160
LONGEST_BODY = 6_000


@dataclass(frozen=True)
class Piece:
    """A part of a line: plain text, or the address of a page of ours."""

    text: str
    is_link: bool


def pieces(text: str, base_url: str) -> list[list[list[Piece]]]:
    """Cut a text into paragraphs, lines and pieces, so that a page can show it with its link.

    Only an address of ours is a link: a text may quote what somebody else wrote.
    """
    address = re.compile(rf"({re.escape(base_url)}/[^\s<>\"]*[^\s<>\".,;:!?)])")
    return [
        [
            [Piece(part, bool(address.fullmatch(part))) for part in address.split(line) if part]
            for line in paragraph.splitlines()
        ]
        for paragraph in re.split(r"\n\s*\n", text.strip())
        if paragraph
    ]


def mail_text(hello: str, title: str, body: str, link: str, sign: str) -> str:
    """Return a mail: who is greeted, what happened, one link, who writes."""
    said = title if title.endswith((".", "!", "?")) else f"{title}."
    return "\n\n".join(part for part in (hello, said, body.strip()[:LONGEST_BODY], link, sign) if part) + "\n"


def sms_text(sentence: str, link: str, home: str) -> str:
    """Return an SMS with its link whole: to the page, or to the list of messages when the page's is too long."""
    wanted = f"{sentence} {link or home}"
    return wanted if len(wanted) <= LONGEST_SMS else f"{sentence} {home}"
