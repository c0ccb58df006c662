"""Documents as PDF/A-3a and PDF/UA-1, made by typst from a template of ours and data that is never markup.

Only jobs make them: the compiler is heavy, and a page never waits for it. `papers/document.typ` is the style that every
document shares. The same data and moment give the same bytes.
"""

import json
import struct
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
FONTS = PACKAGE / "fonts"
STANDARDS = ["a-3a", "ua-1"]
# Drawn from other glyphs when the font has none of its own.
ALWAYS_DRAWN = frozenset("\n\t\u00a0\u2011")
UNKNOWN = "\u25a1"


@dataclass(frozen=True)
class Attachment:
    """A text file that travels inside a document, such as the evidence of what it says."""

    name: str
    text: str
    media_type: str
    description: str


def make(template: str, data: Mapping[str, Any], made_at: datetime, attachments: Sequence[Attachment] = ()) -> bytes:
    """Return the document that a template of the package makes of `data`, dated `made_at`.

    The template reads its data with `#let data = json(bytes(sys.inputs.data))`. A letter that our font cannot draw
    becomes the same one without its marks, or an empty square; attachments keep it as it was.
    """
    import typst  # 34 MB that only jobs need

    given = drawable(dict(data)) | {
        "attachments": [
            {"name": one.name, "media_type": one.media_type, "description": one.description} for one in attachments
        ]
    }
    inputs = {"data": json.dumps(given, ensure_ascii=False)}
    inputs |= {f"attachment-{number}": one.text for number, one in enumerate(attachments)}
    made = typst.compile(
        str(PACKAGE / template),
        format="pdf",
        root=str(PACKAGE),
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards=STANDARDS,
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def square(address: str) -> str:
    """Return the QR code of an address as an SVG, for a template to draw."""
    import segno

    picture = BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()


def drawable(value: Any) -> Any:
    """Return the same value with only letters that our font can draw, whatever holds them."""
    if isinstance(value, str):
        return "".join(_drawn(unicodedata.normalize("NFC", value)))
    if isinstance(value, Mapping):
        return {key: drawable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [drawable(one) for one in value]
    return value


def _drawn(text: str) -> Iterator[str]:
    known = letters()
    for char in text:
        if char in known:
            yield char
            continue
        plain = unicodedata.normalize("NFKD", char)
        kept = "".join(one for one in plain if one in known and not unicodedata.combining(one))
        if kept:
            yield kept
        elif unicodedata.category(char)[0] not in "CM":
            yield UNKNOWN


@lru_cache(maxsize=1)
def letters() -> frozenset[str]:
    """Return the characters that every one of our fonts can draw."""
    drawn = [_letters_of(path.read_bytes()) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset.intersection(*drawn) | ALWAYS_DRAWN


def _letters_of(font: bytes) -> frozenset[str]:
    """Return the characters of a TrueType font, from its map of Unicode's first plane ("cmap", format 4)."""
    tables = struct.unpack(">H", font[4:6])[0]
    records = (font[12 + 16 * number : 28 + 16 * number] for number in range(tables))
    start = next(struct.unpack(">I", record[8:12])[0] for record in records if record[:4] == b"cmap")
    count = struct.unpack(">H", font[start + 2 : start + 4])[0]
    for number in range(count):
        at = start + struct.unpack(">I", font[start + 8 + 8 * number : start + 12 + 8 * number])[0]
        if struct.unpack(">H", font[at : at + 2])[0] == 4:
            size = struct.unpack(">H", font[at + 6 : at + 8])[0] // 2
            last = struct.unpack(f">{size}H", font[at + 14 : at + 14 + 2 * size])
            first = struct.unpack(f">{size}H", font[at + 16 + 2 * size : at + 16 + 4 * size])
            spans = zip(first, last, strict=True)
            return frozenset(chr(code) for low, high in spans for code in range(low, high + 1) if code != 0xFFFF)
    raise ValueError("the font has no map of its characters")
