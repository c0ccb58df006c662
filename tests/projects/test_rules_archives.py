"""Archives that may be kept, and those that would harm whoever opens them."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.projects import rules_archives as rules
from popschool.projects.rules_archives import Wrong, wrong_with


def archive(entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def locked():
    """As a tool that asks for a password writes it: a bit in both heads of the entry."""
    data = bytearray(archive({"secret.txt": "x"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at] |= 1
    return bytes(data)


def link():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        entry = zipfile.ZipInfo("ailleurs")
        entry.external_attr = 0o120777 << 16
        made.writestr(entry, "/etc/passwd")
    return out.getvalue()


def lying():
    """It says one byte, with the sum of that byte, and holds two million."""
    content = b"a" * 2_000_000
    data = bytearray(archive({"a.txt": content}))
    for mark, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = data.index(mark) + place
        data[at : at + 4] = struct.pack("<I", zlib.crc32(b"a"))
        data[at + 8 : at + 12] = struct.pack("<I", 1)
    return bytes(data)


def nested(times, content="fin"):
    data = archive({"fin.txt": content})
    for _ in range(times):
        data = archive({"encore.zip": data})
    return data


def quine_like(many=12):
    """Each of its archives is small, and all of them together unpack to more than is allowed."""
    inner = archive({"zeros": bytes(9_900_000)})
    return archive({f"{number}.zip": inner for number in range(many)}, zipfile.ZIP_STORED)


SOUND = archive({"site/index.html": "<h1>Bonjour</h1>", "site/img/a..b.png": b"\x89PNG", "site/": ""})


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (SOUND, ".zip"),
        (rules.EMPTY_ZIP + bytes(18), ".zip"),
        (archive({"a.txt": "b"}, zipfile.ZIP_STORED), ".zip"),
        (archive({"a.txt": "b"}, zipfile.ZIP_BZIP2), ".zip"),
        (SOUND, ".epub"),
        (nested(2), ".zip"),
        (archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), ".docx"),
        (archive({"mimetype": "x", "content.xml": "<office/>"}), ".odt"),
    ],
)
def test_an_archive_of_work_is_kept(data, ending):
    assert wrong_with(data, ending) is None


@pytest.mark.parametrize(
    ("data", "ending", "expected"),
    [
        (b"PK\x03\x04" + bytes(200), ".zip", Wrong.DAMAGED),
        (SOUND[:-30], ".zip", Wrong.DAMAGED),
        (archive({"a": "bravo"}, zipfile.ZIP_STORED).replace(b"bravo", b"cravo"), ".zip", Wrong.DAMAGED),
        (archive({"a": "b"}, zipfile.ZIP_LZMA), ".zip", Wrong.DAMAGED),
        (locked(), ".zip", Wrong.LOCKED),
        (archive({"../../.bashrc": "x"}), ".zip", Wrong.OUTSIDE),
        (archive({"/etc/passwd": "x"}), ".zip", Wrong.OUTSIDE),
        (archive({"C:\\boot.ini": "x"}), ".zip", Wrong.OUTSIDE),
        (archive({"a\\..\\..\\b": "x"}), ".zip", Wrong.OUTSIDE),
        (link(), ".zip", Wrong.OUTSIDE),
        (archive({f"{number}": "" for number in range(5_001)}), ".zip", Wrong.CROWDED),
        (archive({"zeros": bytes(90_000_000)}), ".zip", Wrong.SWOLLEN),
        (lying(), ".zip", Wrong.DAMAGED),
        (quine_like(), ".zip", Wrong.SWOLLEN),
        (nested(3), ".zip", Wrong.SWOLLEN),
        (archive({"word/vbaProject.bin": "x"}), ".docx", Wrong.MACRO),
        (archive({"rapport.docx": archive({"word/vbaProject.bin": "x"})}), ".zip", Wrong.MACRO),
        (archive({"Basic/Standard/script-lc.xml": "x"}), ".odt", Wrong.MACRO),
        (SOUND, ".docx", Wrong.CONTENT),
        (SOUND, ".ods", Wrong.CONTENT),
    ],
)
def test_an_archive_that_would_harm_is_refused_with_its_reason(data, ending, expected):
    assert wrong_with(data, ending) is expected


def test_a_million_names_are_refused_before_they_are_listed():
    entry = b"PK\x01\x02" + bytes(42)
    data = rules.ZIP + entry * 200_000 + b"PK\x05\x06" + bytes(18)
    tracemalloc.start()

    assert wrong_with(data, ".zip") is Wrong.CROWDED

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1_000_000


@given(st.binary(max_size=300), st.integers(0, len(SOUND) - 1))
def test_bytes_by_chance_are_answered_and_never_break(noise, place):
    data = SOUND[:place] + noise + SOUND[place + len(noise) :]

    assert wrong_with(rules.ZIP + noise, ".zip") is not None
    assert wrong_with(data, ".zip") in {None, *Wrong}
