"""Videos of a course: captions beside them are required, and give their words to read."""

import pytest
from sqlalchemy import select

from popschool.courses import rules, sync, videos
from popschool.courses.build import MemoryShelf, build
from popschool.courses.models import Asset
from popschool.courses.preview import make_preview
from popschool.courses.trees import FolderTree
from popschool.db import db
from tests.conftest import NOW
from tests.courses.repositories import Repository, web_course
from tests.factories import make_source, save

MP4 = b"\0\0\0\x18ftypisom" + bytes(1_800_000)
VTT = """WEBVTT

1
00:01.000 --> 00:03.000
On pose le <b>clavier</b>.

00:03.000 --> 00:05.500 align:start
On ouvre le terminal.

00:12.000 --> 00:58.000
Et voilà.
"""
ADDRESS = "/courses/{}/p01/01-html"
PAGE = '# Le HTML\n\n![Une personne ouvre un terminal](img/terminal.mp4 "Ouvrir un terminal")\n'


def made(folder, **files):
    """Build a folder that has these files; `web/p01/01-html.md` shows the video."""
    for path, content in (web_course() | {"web/p01/01-html.md": PAGE} | files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return build(FolderTree(folder), "web", "Web", {}, MemoryShelf())


def problems(found):
    return [(one.path, one.line, one.level, one.message) for one in found.problems if one.level == "error"]


def test_captions_are_words_to_read_in_paragraphs():
    read = videos.read_captions(VTT.encode())

    assert read.paragraphs == ("On pose le clavier. On ouvre le terminal.", "Et voilà.")
    assert read.seconds == 58


@pytest.mark.parametrize(
    "data", [b"", b"1\n00:00", b"WEBVTT\n\n", "WEBVTT\n\né".encode("latin-1"), b"WEBVTT\n\n00:00.000 --> 00:01.000\n"]
)
def test_captions_without_words_are_refused(data):
    with pytest.raises(videos.CaptionsUnreadable):
        videos.read_captions(data)


def test_a_video_is_shown_with_its_captions_its_words_and_its_weight(tmp_path):
    files = {"web/p01/img/terminal.mp4": MP4, "web/p01/img/terminal.vtt": VTT}
    found = made(tmp_path, **files)
    client = make_preview(tmp_path).test_client()

    page = client.get(ADDRESS.format(rules.slug(tmp_path.name))).text

    assert problems(found) == []
    assert '<video controls preload="none"' in page and '<track kind="captions"' in page
    assert "Ouvrir un terminal (vidéo, 1\u00a0min, 1,8\u00a0Mo)" in page.replace("\u202f", "\u00a0")
    assert "<p>On pose le clavier. On ouvre le terminal.</p><p>Et voilà.</p>" in page
    assert 'aria-label="Une personne ouvre un terminal"' in page


def test_a_video_without_captions_is_an_error_at_its_line(tmp_path):
    found = made(tmp_path, **{"web/p01/img/terminal.mp4": MP4})

    assert problems(found) == [
        ("web/p01/01-html.md", 3, "error", "La vidéo « img/terminal.mp4 » n'a pas de sous-titres.")
    ]


def test_a_video_that_no_phone_plays_is_an_error(tmp_path):
    found = made(tmp_path, **{"web/p01/img/terminal.mp4": b"RIFF", "web/p01/img/terminal.vtt": VTT})

    assert problems(found) == [("web/p01/img/terminal.mp4", 1, "error", "Cette vidéo ne s'ouvre pas sur un téléphone.")]


def test_captions_that_do_not_read_are_an_error(tmp_path):
    found = made(tmp_path, **{"web/p01/img/terminal.mp4": MP4, "web/p01/img/terminal.vtt": "Bonjour"})

    assert [one[0] for one in problems(found)] == ["web/p01/img/terminal.vtt"]


def test_a_translation_has_captions_of_its_language(tmp_path):
    english = VTT.replace("Et voilà", "Done")
    files = {
        "web/p01/img/terminal.mp4": MP4,
        "web/p01/img/terminal.vtt": VTT,
        "web/p01/img/terminal.en.vtt": english,
        "web/p01/01-html.en.md": PAGE,
    }
    made(tmp_path, **files)
    client = make_preview(tmp_path).test_client()
    address = ADDRESS.format(rules.slug(tmp_path.name))

    assert "Done." in client.get(f"{address}?version=en").text
    assert "Done." not in client.get(address).text


def test_a_video_in_a_sentence_is_a_link(tmp_path):
    files = {"web/p01/img/terminal.mp4": MP4, "web/p01/img/terminal.vtt": VTT}
    made(tmp_path, **files, **{"web/p01/01-html.md": PAGE.replace("\n![", "\nVoyez ![")})
    client = make_preview(tmp_path).test_client()

    page = client.get(ADDRESS.format(rules.slug(tmp_path.name))).text

    assert "<video" not in page and ".mp4" in page


def test_a_video_is_served_by_pieces(app, client, tmp_path):
    repository = Repository(tmp_path / "cours")
    repository.commit(
        web_course(**{"web/p01/img/terminal.mp4": MP4, "web/p01/img/terminal.vtt": VTT, "web/p01/01-html.md": PAGE})
    )
    source = make_source(name="web", title="Web", url=repository.url, is_local=True, branch="main")
    save()
    assert sync.synchronise(source, NOW).outcome == "published"
    asset = db.session.scalar(select(Asset).where(Asset.media_type == "video/mp4"))

    answer = client.get(f"/media/{asset.hash}.mp4", headers={"Range": "bytes=4-11"})

    assert (answer.status_code, answer.data) == (206, b"ftypisom")
    assert answer.headers["Content-Range"] == f"bytes 4-11/{len(MP4)}"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert client.get(f"/media/{asset.hash}.mp4").data == MP4
    assert client.get(f"/media/{asset.hash}.mp4", headers={"If-None-Match": f'"{asset.hash}"'}).status_code == 304
