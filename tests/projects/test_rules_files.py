"""Which files are kept, under which name and which type."""

import io
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from popschool.projects import rules_files as rules

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ELF, PE = b"\x7fELF" + bytes(40), b"MZ" + bytes(40)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, f"Contenu de {name}")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("photo.png", PNG, "image/png"),
        ("PHOTO.PNG", PNG, "image/png"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        ("anim.gif", b"GIF89a....", "image/gif"),
        ("photo.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic", "image/heic"),
        ("rapport.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("page.html", HTML, "text/plain"),
        ("dessin.svg", SVG, "text/plain"),
        ("style.css", "body { color: #1d3557 } /* é */".encode(), "text/plain"),
        ("tableur.csv", "\ufeffnom;prix".encode("utf-16"), "text/plain"),
        ("projet.zip", archive("index.html"), "application/zip"),
        ("vide.zip", b"PK\x05\x06" + bytes(18), "application/zip"),
        ("rapport.docx", archive("[Content_Types].xml", "word/document.xml"), WORD),
        ("voix.m4a", b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        ("voix.mp3", b"ID3\x04", "audio/mpeg"),
        ("écran.mov", b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        ("écran.webm", b"\x1aE\xdf\xa3....", "video/webm"),
        ("son.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        ("sans-ending", b"n'importe quoi", "application/octet-stream"),
        ("ancien.doc", OLE + bytes(600), "application/octet-stream"),
    ],
)
def test_a_file_is_kept_under_its_type(name, data, expected):
    assert rules.check_file(name, data, len(data)) == expected


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("photo.png", HTML, "content"),
        ("photo.png", SVG, "content"),
        ("photo.jpg", PNG, "content"),
        ("photo.webp", b"RIFF\x00\x00\x00\x00WAVEfmt ", "content"),
        ("rapport.pdf", HTML, "content"),
        ("projet.zip", b"Rar!\x1a\x07", "content"),
        ("rapport.docx", HTML, "content"),
        ("film.mp4", HTML, "content"),
        ("notes.txt", PNG, "content"),
        ("page.html", PNG, "content"),
        ("jeu.exe", PE, "executable"),
        ("jeu.exe", b"rien de connu", "executable"),
        ("photo.png.exe", PNG, "executable"),
        ("photo.png", PE, "executable"),
        ("photo.png", ELF, "executable"),
        ("sans-ending", ELF, "executable"),
        ("appli.apk", archive("classes.dex"), "executable"),
        ("Setup.MSI", OLE, "executable"),
        ("lancer.bat", b"@echo off", "executable"),
        ("rapport.docm", archive("word/document.xml"), "macro"),
        ("rapport.docx", archive("word/document.xml", "word/vbaProject.bin"), "macro"),
        ("rapport.zip", archive("word/vbaProject.bin"), "macro"),
        ("rapport.odt", archive("content.xml", "Basic/script-lc.xml"), "macro"),
        ("tableau.xls", OLE + bytes(500) + "_VBA_PROJECT_CUR".encode("utf-16-le"), "macro"),
        ("vide.txt", b"", "empty"),
    ],
)
def test_a_file_that_could_harm_or_lies_about_itself_is_refused(name, data, reason):
    with pytest.raises(rules.FileRefused) as refused:
        rules.check_file(name, data, len(data))

    assert (refused.value.name, refused.value.reason) == (name, reason)


@given(st.binary(min_size=1, max_size=200), st.sampled_from(sorted(rules.PICTURES)))
def test_what_is_shown_as_a_picture_begins_as_one(data, kind):
    ending = next(one for one, found in rules.TYPES.items() if found == kind)
    signs = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8", "image/webp": b"RIFF"}
    try:
        found = rules.check_file(f"photo{ending}", data, len(data))
    except rules.FileRefused:
        return
    assert found == kind
    assert data.startswith(signs[kind])


def test_neither_html_nor_svg_is_ever_a_picture():
    for ending in (".html", ".htm", ".svg", ".xml"):
        assert rules.TYPES[ending] not in rules.PICTURES


@pytest.mark.parametrize(("size", "is_kept"), [(10_000_000, True), (10_000_001, False), (24_000_000, False)])
def test_a_file_weighs_ten_megabytes_at_most(size, is_kept):
    if is_kept:
        assert rules.check_file("film.webm", b"\x1aE\xdf\xa3", size) == "video/webm"
    else:
        with pytest.raises(rules.FileTooHeavy) as refused:
            rules.check_file("film.webm", b"\x1aE\xdf\xa3", size)
        assert (refused.value.size, refused.value.most) == (size, 10_000_000)


@pytest.mark.parametrize(
    ("sizes", "refusal"),
    [
        ([1] * 10, None),
        ([1] * 11, rules.TooManyFiles),
        ([10_000_000] * 3, None),
        ([10_000_000] * 3 + [1], rules.FileTooHeavy),
    ],
)
def test_files_together_have_a_count_and_a_weight(sizes, refusal):
    if refusal is None:
        rules.check_files(sizes)
    else:
        with pytest.raises(refusal):
            rules.check_files(sizes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\moi\\photo.png", "photo.png"),
        ("photo\n.png", "photo.png"),
        ("photo\r\nSet-Cookie: a=b.png", "photo Set-Cookie a=b.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("in\u200bvisible\ufeff.txt", "invisible.txt"),
        ("nul\x00.png", "nul.png"),
        ("e\u0301cran.png", "écran.png"),
        ('<b>"a|b?*":.png', "bab.png"),
        ("   photo.png   ", "photo.png"),
        ("...", "fichier"),
        ("", "fichier"),
        ("/", "fichier"),
        (".htaccess", "htaccess"),
        ("sans fin", "sans fin"),
        ("a" * 300 + ".png", "a" * 116 + ".png"),
        ("photo." + "b" * 300, "photo." + "b" * 114),
        ("photo.exe. . .", "photo.exe"),
        ("photo .png", "photo.png"),
        ("été à la mer.png", "été à la mer.png"),
    ],
)
def test_a_name_is_kept_without_what_could_deceive(name, expected):
    assert rules.clean_name(name) == expected


@given(st.text())
@example("a." + "b" * 21)
@example(" . . .a. ")
@example("\u202e.")
def test_every_name_becomes_one_that_is_safe(name):
    cleaned = rules.clean_name(name)

    assert 1 <= len(cleaned) <= 120
    assert cleaned == cleaned.strip(" .")
    assert not set(cleaned) & set('/\\<>:"|?*\n\r\0\u202e')
    assert rules.clean_name(cleaned) == cleaned


@given(st.text(), st.sampled_from([".png", ".exe", ".DOCM"]))
def test_a_name_keeps_its_ending(name, ending):
    assert rules.ending_of(rules.clean_name(f"{name}a{ending}")) == ending.lower()


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("image.jpg", [], "image.jpg"),
        ("image.jpg", ["image.jpg"], "image (2).jpg"),
        ("image.jpg", ["image.jpg", "image (2).jpg"], "image (3).jpg"),
        ("image", ["image"], "image (2)"),
    ],
)
def test_two_pictures_with_one_name_are_both_kept(name, taken, expected):
    assert rules.free_name(name, taken) == expected


@given(st.text(min_size=1), st.integers(1, 30))
def test_a_free_name_is_free_and_no_longer_than_a_name_may_be(name, others):
    taken: list[str] = []
    for _ in range(others):
        taken.append(rules.free_name(rules.clean_name(name), taken))

    assert len(set(taken)) == others
    assert all(len(one) <= 120 for one in taken)
