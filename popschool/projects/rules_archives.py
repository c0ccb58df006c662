"""Zip archives, and the office documents that are zips: looked into in memory, never unpacked to a folder.

Sizes are counted while reading, since an archive may lie about them; what is read is bounded, whatever is packed in it.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

ZIP, EMPTY_ZIP, ENTRY = b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02"
MOST_ENTRIES, DEEPEST = 5_000, 3
LARGEST_UNPACKED, LARGEST_INNER = 100_000_000, 20_000_000
LARGEST_RATIO, SMALL = 200, 10_000_000
AT_ONCE = 1 << 18
READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
MACROS = ("vbaproject.bin", "script-lc.xml")
# What an office document always holds, by the ending of its name.
HOLDS = {
    **dict.fromkeys((".docx", ".xlsx", ".pptx"), "[Content_Types].xml"),
    **dict.fromkeys((".odt", ".ods", ".odp"), "content.xml"),
}
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip


class Wrong(StrEnum):
    """What is wrong with an archive."""

    DAMAGED = "damaged"
    LOCKED = "locked"
    OUTSIDE = "outside"
    CROWDED = "crowded"
    SWOLLEN = "swollen"
    MACRO = "macro"
    CONTENT = "content"


class _Found(Exception):
    """Something wrong, found on the way."""

    def __init__(self, wrong: Wrong):
        super().__init__(wrong)
        self.wrong = wrong


@dataclass
class _Read:
    """What has been read so far, of an archive and of those inside it."""

    entries: int = 0
    size: int = 0


def is_archive(data: bytes) -> bool:
    return data.startswith((ZIP, EMPTY_ZIP))


def wrong_with(data: bytes, ending: str) -> Wrong | None:
    """Say what is wrong with an archive, whole in memory; None when it may be kept. `ending` is that of its name."""
    try:
        names = _look_into(data, _Read(), DEEPEST)
    except _Found as found:
        return found.wrong
    except UNREADABLE:
        return Wrong.DAMAGED
    return Wrong.CONTENT if HOLDS.get(ending, "") not in {"", *names} else None


def _look_into(data: bytes, read: _Read, deepest: int) -> list[str]:
    """Return the names inside, once every entry was read to its end. Raises _Found, or one of UNREADABLE."""
    if deepest == 0:
        raise _Found(Wrong.SWOLLEN)
    # Counted before the list is made: a list of a million names is a weight in itself.
    if data.count(ENTRY) > 4 * MOST_ENTRIES:
        raise _Found(Wrong.CROWDED)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = archive.infolist()
        read.entries += len(entries)
        if read.entries > MOST_ENTRIES:
            raise _Found(Wrong.CROWDED)
        for entry in entries:
            _check_entry(entry)
        for entry in entries:
            inner = _read_entry(archive, entry, read)
            if inner is not None:
                _look_into(inner, read, deepest - 1)
    return [entry.filename for entry in entries]


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Look at what an entry says of itself, before anything of it is read."""
    if entry.flag_bits & 1:
        raise _Found(Wrong.LOCKED)
    if _leads_outside(entry.orig_filename) or stat.S_ISLNK(entry.external_attr >> 16):
        raise _Found(Wrong.OUTSIDE)
    if entry.filename.rpartition("/")[2].lower() in MACROS:
        raise _Found(Wrong.MACRO)
    if entry.compress_type not in READABLE:
        raise _Found(Wrong.DAMAGED)
    if entry.file_size > SMALL and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
        raise _Found(Wrong.SWOLLEN)


def _leads_outside(name: str) -> bool:
    r"""Say whether a name would be written elsewhere than in the folder where an archive is unpacked.

    >>> [_leads_outside(name) for name in ("../a", "/a", "C:\\a", "a/../../b", "a/b..c")]
    [True, True, True, True, False]
    """
    return bool(re.match(r"[\\/]|[A-Za-z]:", name)) or "\0" in name or ".." in re.split(r"[\\/]", name)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, read: _Read) -> bytes | None:
    """Read an entry to its real end; return it when it is an archive too."""
    said, real, kept = entry.file_size, 0, bytearray()
    is_inner = None
    for part in _parts(archive, entry):
        real, read.size = real + len(part), read.size + len(part)
        if real > said or read.size > LARGEST_UNPACKED:
            raise _Found(Wrong.SWOLLEN)
        if is_inner is None:
            is_inner = part.startswith(ZIP)
        if is_inner:
            kept += part
            if len(kept) > LARGEST_INNER:
                raise _Found(Wrong.SWOLLEN)
    return bytes(kept) if is_inner else None


def _parts(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Read an entry piece by piece, one byte further than it says: one that is longer than said is found out."""
    entry.file_size += 1
    with archive.open(entry) as opened:
        while part := opened.read(AT_ONCE):
            yield part
