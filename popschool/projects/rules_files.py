"""Which files are safe to keep, under which name and which type."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from popschool.errors import RuleBroken
from popschool.projects.rules_archives import EMPTY_ZIP, ZIP, is_archive, wrong_with

MEGABYTE = 1_000_000
LARGEST_FILE, MOST_FILES, LARGEST_WHOLE = 10 * MEGABYTE, 10, 30 * MEGABYTE
LONGEST_NAME, LONGEST_ENDING = 120, 20
RESERVED = frozenset('<>:"|?*')
UNNAMED = "fichier"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
PLAIN = "text/plain"
ANYTHING = "application/octet-stream"

EXECUTABLE = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
EXECUTABLE_NAMES = frozenset(
    ".exe .msi .scr .com .bat .cmd .dll .apk .jar .vbs .vbe .wsf .hta .ps1 .lnk .dmg .app .pkg .deb .rpm".split()  # noqa: SIM905
)
MACRO_NAMES = frozenset(".docm .dotm .xlsm .xltm .xlsb .xlam .pptm .potm .ppsm .ppam".split())  # noqa: SIM905
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACRO_IN_OLE = "_VBA_PROJECT".encode("utf-16-le")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
TEXT_SAMPLE = 8192

Sign = tuple[int, bytes]
MOVIE: tuple[tuple[Sign, ...], ...] = tuple(((4, box),) for box in (b"ftyp", b"moov", b"mdat", b"wide", b"free"))
OFFICE: tuple[tuple[Sign, ...], ...] = (((0, ZIP),),)
# What the first bytes of each kind are: one of these ways, each a list of (place, bytes) that must all be there.
SIGNATURES: Mapping[str, tuple[tuple[Sign, ...], ...]] = {
    ".png": (((0, b"\x89PNG\r\n\x1a\n"),),),
    ".jpg": (((0, b"\xff\xd8\xff"),),),
    ".jpeg": (((0, b"\xff\xd8\xff"),),),
    ".gif": (((0, b"GIF87a"),), ((0, b"GIF89a"),)),
    ".webp": (((0, b"RIFF"), (8, b"WEBP")),),
    ".heic": (((4, b"ftyp"),),),
    ".pdf": (((0, b"%PDF-"),), ((0, b"\xef\xbb\xbf%PDF-"),)),
    ".zip": (((0, ZIP),), ((0, EMPTY_ZIP),)),
    ".docx": OFFICE,
    ".xlsx": OFFICE,
    ".pptx": OFFICE,
    ".odt": OFFICE,
    ".ods": OFFICE,
    ".odp": OFFICE,
    ".mp4": MOVIE,
    ".m4a": MOVIE,
    ".mov": MOVIE,
    ".webm": (((0, b"\x1aE\xdf\xa3"),),),
    ".mp3": (((0, b"ID3"),), *(((0, bytes((0xFF, second))),) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3))),
    ".ogg": (((0, b"OggS"),),),
    ".wav": (((0, b"RIFF"), (8, b"WAVE")),),
}
TYPES: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    **dict.fromkeys(".txt .md .css .js .ts .py .json .sql .csv .html .htm .svg .xml .yml .yaml".split(), PLAIN),  # noqa: SIM905
}


@dataclass
class FileTooHeavy(RuleBroken):
    """One file, or all of them together when `name` is empty, weigh too much; in bytes."""

    name: str
    size: int
    most: int


@dataclass
class TooManyFiles(RuleBroken):
    """More files than one deliverable takes."""

    most: int


@dataclass
class FileRefused(RuleBroken):
    """A file that could harm, or that is not what its name says.

    `reason` is executable, macro, content, empty or harmful; for an archive, what `rules_archives` finds wrong too.
    """

    name: str
    reason: str


def clean_name(name: str) -> str:
    """Return a file name without folders, reserved or invisible signs, at most 120 long, its ending kept.

    >>> clean_name("../../photo de l'écran.png")
    "photo de l'écran.png"
    """
    bare = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    bare = re.sub(r"\s+", " ", "".join(sign for sign in bare if _is_shown(sign))).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    if dot and len(ending) <= LONGEST_ENDING:
        return f"{stem[: LONGEST_NAME - 1 - len(ending)].rstrip(' .')}.{ending}"
    return bare[:LONGEST_NAME].strip(" .") or UNNAMED


def _is_shown(sign: str) -> bool:
    """Say whether a sign may stand in a name: a mark that turns the reading order, or that nobody sees, may not."""
    return sign.isspace() or (sign not in RESERVED and unicodedata.category(sign)[0] != "C")


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that no other file has: phones call every picture the same.

    >>> free_name("image.jpg", ["image.jpg"])
    'image (2).jpg'
    """
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    found, number = name, 1
    while found in taken:
        number += 1
        mark = f" ({number})"
        found = f"{stem[: LONGEST_NAME - len(mark) - len(dot + ending)]}{mark}{dot}{ending}"
    return found


def ending_of(name: str) -> str:
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return found[0].lower() if found else ""


def check_file(name: str, data: bytes, size: int) -> str:
    """Return the type under which a file is kept. Raises FileRefused or FileTooHeavy.

    `data` may stop before the end of what is too heavy anyway; `size` is the real one.
    """
    if size > LARGEST_FILE:
        raise FileTooHeavy(name, size, LARGEST_FILE)
    if size == 0:
        raise FileRefused(name, "empty")
    ending = ending_of(name)
    if ending in EXECUTABLE_NAMES or data.startswith(EXECUTABLE):
        raise FileRefused(name, "executable")
    if ending in MACRO_NAMES or (data.startswith(OLE) and MACRO_IN_OLE in data):
        raise FileRefused(name, "macro")
    if not _is_what_it_says(ending, data):
        raise FileRefused(name, "content")
    wrong = wrong_with(data, ending) if is_archive(data) else None
    if wrong is not None:
        raise FileRefused(name, str(wrong))
    return TYPES.get(ending, ANYTHING)


def _is_what_it_says(ending: str, data: bytes) -> bool:
    expected = SIGNATURES.get(ending)
    if expected is not None:
        return any(all(data.startswith(sign, place) for place, sign in way) for way in expected)
    if TYPES.get(ending) == PLAIN:
        return data.startswith(UTF_16) or b"\0" not in data[:TEXT_SAMPLE]
    return True


def check_files(sizes: Sequence[int]) -> None:
    """Raises TooManyFiles or FileTooHeavy for all of a deliverable's files together."""
    if len(sizes) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    if sum(sizes) > LARGEST_WHOLE:
        raise FileTooHeavy("", sum(sizes), LARGEST_WHOLE)
