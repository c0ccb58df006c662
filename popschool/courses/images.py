"""Images of a course made light: re-encoded, so that nothing of the author's file is served, within the budget."""

import io
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

BUDGET = 40_000
WIDEST, TALLEST = 1280, 4000
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
SMOOTH = 1  # Lanczos
WIDTHS = (1280, 1024, 800, 640)
QUALITIES = (82, 72, 60, 48)
TYPES = {"WEBP": "image/webp", "PNG": "image/png"}
EXTENSIONS = {
    "image/webp": "webp", "image/png": "png", "application/zip": "zip", "application/octet-stream": "bin",
    "video/mp4": "mp4", "video/webm": "webm", "text/vtt": "vtt",
}  # fmt: skip


Drawing = Any


class ImageUnreadable(ValueError):
    """The file is not an image that we can open."""


@dataclass(frozen=True)
class Picture:
    """One image as its author gave it."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Encoded:
    """An image ready to be served."""

    data: bytes
    media_type: str
    width: int
    height: int

    @property
    def hash(self) -> str:
        return sha256(self.data).hexdigest()


def encode_job(given: Picture) -> tuple[str, Encoded | None]:
    """Return the path of an image with what it became; None when it cannot be opened."""
    try:
        return given.path, encode(given.path, given.data)
    except ImageUnreadable:
        return given.path, None


def encode(path: str, data: bytes) -> Encoded:
    """Return the lightest faithful image within the budget, or the lightest there is. Raises ImageUnreadable."""
    from PIL import Image, ImageOps  # heavy, and only for commits that bring images

    try:
        drawn = _drawn(data) if path.lower().endswith(".svg") else data
        with Image.open(io.BytesIO(drawn), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ImageUnreadable("too many pixels")
            opened.load()
            picture = ImageOps.exif_transpose(opened)
            picture = picture.convert("RGBA" if _is_clear(picture) else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError) as error:
        raise ImageUnreadable(str(error)[:200]) from error
    return _lightest(picture)


def _lightest(picture: Drawing) -> Encoded:
    """Try the best first: exact when flat colours allow it, then smaller steps of quality and width."""
    best = None
    for width in WIDTHS:
        sized = _sized(picture, width)
        for options in [{"lossless": True, "method": 4}, *({"quality": quality, "method": 4} for quality in QUALITIES)]:
            if options.get("lossless") and sized.width * sized.height > 400_000:
                continue
            made = _saved(sized, options)
            if best is None or len(made.data) < len(best.data):
                best = made
            if len(made.data) <= BUDGET:
                return made
        if picture.width <= width // 2:
            break
    return best


def _sized(picture: Drawing, width: int) -> Drawing:
    copy = picture.copy()
    copy.thumbnail((min(width, WIDEST), TALLEST), SMOOTH)
    return copy


def _saved(picture: Drawing, options: dict) -> Encoded:
    out = io.BytesIO()
    picture.save(out, "WEBP", **options)
    return Encoded(out.getvalue(), TYPES["WEBP"], picture.width, picture.height)


def _is_clear(picture: Drawing) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _drawn(data: bytes) -> bytes:
    """Draw an SVG as a PNG. It may name no file and no address: it is refused before it is drawn."""
    import typst  # 34 MB that only drawings need

    text = data.decode("utf-8", "replace")
    if re.search(r"<!ENTITY|<!DOCTYPE[^>]*\[|<(?:\w+:)?(?:script|foreignObject)\b", text, re.IGNORECASE):
        raise ImageUnreadable("active content")
    if re.search(r"""(?:href|src)\s*=\s*["'](?!#|data:image/(?:png|jpeg|gif|webp);)|url\(\s*["']?(?!#)""", text):
        raise ImageUnreadable("points to another file")
    if "<svg" not in text:
        raise ImageUnreadable("not an image")
    source = (
        b'#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image(bytes(sys.inputs.svg), format: "svg")'
    )
    try:
        return typst.compile(source, format="png", ppi=144, sys_inputs={"svg": text}, ignore_system_fonts=False)
    except Exception as error:  # typst has one error for all that an author's drawing may break
        raise ImageUnreadable(str(error)[:200]) from error
