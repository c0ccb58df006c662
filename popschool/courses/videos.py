"""Videos of a course: what a file holds, and the captions beside it, which are its text to read as well."""

import re
from dataclasses import dataclass

TYPES = {".mp4": "video/mp4", ".webm": "video/webm"}
CAPTIONS, CAPTIONS_TYPE = ".vtt", "text/vtt"
TIMES = re.compile(r"^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.\d{3}\s+-->\s+(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.\d{3}")
TAG = re.compile(r"<[^>]*>")
PAUSE_SECONDS = 3


class VideoUnreadable(ValueError):
    """The file is not a video that a phone plays."""


class CaptionsUnreadable(ValueError):
    """The file is not captions in WebVTT, with words in them."""


@dataclass(frozen=True)
class Captions:
    """What captions say, in paragraphs, and when the last one ends."""

    paragraphs: tuple[str, ...]
    seconds: int


def type_of(path: str) -> str | None:
    """Return the media type that a file's name promises; None when it is not a video's."""
    return next((kind for ending, kind in TYPES.items() if path.lower().endswith(ending)), None)


def check(path: str, data: bytes) -> str:
    """Return the media type of a video, seen in its first bytes. Raises VideoUnreadable."""
    found = "video/mp4" if data[4:8] == b"ftyp" else "video/webm" if data[:4] == b"\x1a\x45\xdf\xa3" else None
    if found is None or found != type_of(path):
        raise VideoUnreadable(path)
    return found


def read_captions(data: bytes) -> Captions:
    """Return the words of captions in WebVTT; a new paragraph begins after a pause. Raises CaptionsUnreadable."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise CaptionsUnreadable("not UTF-8") from error
    if not text.startswith("WEBVTT"):
        raise CaptionsUnreadable("no WEBVTT")
    paragraphs: list[list[str]] = []
    end = 0
    for block in text.split("\n\n"):
        lines = block.strip().split("\n")
        at = next((number for number, line in enumerate(lines[:2]) if TIMES.match(line)), None)
        if at is None:
            continue
        hours, minutes, seconds, *last = (int(part or 0) for part in TIMES.match(lines[at]).groups())
        words = " ".join(TAG.sub("", line).strip() for line in lines[at + 1 :]).strip()
        if words and (not paragraphs or hours * 3600 + minutes * 60 + seconds - end >= PAUSE_SECONDS):
            paragraphs.append([])
        if words and (not paragraphs[-1] or paragraphs[-1][-1] != words):
            paragraphs[-1].append(words)
        end = max(end, last[0] * 3600 + last[1] * 60 + last[2])
    if not paragraphs:
        raise CaptionsUnreadable("no words")
    return Captions(tuple(" ".join(lines) for lines in paragraphs), end)
