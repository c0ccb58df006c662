"""A document as a PDF: the words that it was kept with, in the frame of every paper of the house."""

from collections.abc import Mapping
from typing import Any

from popschool import pdf
from popschool.completion.models_papers import Document
from popschool.completion.rules_papers import in_fours

TEMPLATE = "completion/papers/document.typ"


def check_address(base_url: str, code: str) -> str:
    """Return the address at which one who holds the paper checks it."""
    return f"{base_url}/check/{in_fours(code)}"


def draw(document: Document, content: Mapping[str, Any], base_url: str) -> bytes:
    """Return the document as a PDF. The same document gives the same bytes."""
    address = check_address(base_url, document.code)
    return pdf.make(
        TEMPLATE,
        {
            "title": f"{content['kind']} {document.number}",
            "kind": content["kind"],
            "number": document.number,
            "dated": content["dated"],
            "network": content["network"],
            "school": content["school"],
            "fingerprint": document.hash,
            "check": {"address": address, "square": pdf.square(address)},
            "heading": content["heading"],
            "flipped": content.get("flipped", False),
            "blocks": content["blocks"],
        },
        document.issued_at,
    )
