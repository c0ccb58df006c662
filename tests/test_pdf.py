"""Documents are tagged, dated, the same for the same data, and say every letter; only jobs make them."""

import io
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pikepdf
import pytest

from popschool import pdf
from tests.processes import ROOT
from tests.test_architecture import House

MADE_AT = datetime(2027, 3, 12, 16, 4, tzinfo=UTC)
FRAME = {
    "title": "Essai 1",
    "kind": "Essai",
    "number": "1",
    "dated": "établi le 12 mars 2027",
    "school": "École",
    "network": "Réseau",
    "fingerprint": "9c41e07b22d85f16" * 4,
    "check": {"address": "https://example.org/verify/1", "square": pdf.square("https://example.org/verify/1")},
}
TEMPLATE = '#import "/papers/document.typ": *\n#show: paper\n= Essai\n#data.said\n'


@pytest.fixture
def template(monkeypatch, tmp_path):
    """A template beside the style of the house, in a copy of the package."""
    for name in ("papers", "fonts", "web/static"):
        shutil.copytree(pdf.PACKAGE / name, tmp_path / name)
    (tmp_path / "essai.typ").write_text(TEMPLATE)
    monkeypatch.setattr(pdf, "PACKAGE", tmp_path)
    return "essai.typ"


def make(template, said, *attachments):
    return pdf.make(template, FRAME | {"said": said}, MADE_AT, attachments)


def text_of(data):
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()


def test_a_document_is_tagged_and_says_its_language_and_standards(template):
    with pikepdf.open(io.BytesIO(make(template, "Bonjour"))) as made:
        about = made.open_metadata()

        assert made.Root.MarkInfo.Marked
        assert str(made.Root.Lang) == "fr-FR"
        assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("3", "A")
        assert about["pdfuaid:part"] == "1"
        assert about["dc:title"] == "Essai 1"


def test_the_same_data_and_moment_give_the_same_bytes(template):
    assert make(template, "Bonjour") == make(template, "Bonjour")
    assert make(template, "Bonjour") != make(template, "Bonsoir")


def test_data_is_never_markup(template):
    said = text_of(make(template, '#panic("no") *gras* $x^2$ @toi <img> \\ #data.title'))

    assert '#panic("no") *gras* $x^2$ @toi <img> \\ #data.title' in said


@pytest.mark.parametrize(
    "name", ["Nadège O’Brien-Łukaszewska", "Đặng Thị Hồng", "Șerban Țăran", "Çağla İnce", "Ɓúbakar Ŋgom", "Ольга"]
)
def test_names_of_many_languages_are_drawn_whole(template, name):
    assert name in text_of(make(template, name))


def test_a_letter_that_our_font_lacks_is_shown_as_a_square_and_kept_in_the_attachment(template):
    made = make(
        template,
        "فاطمة et 👩\u200d💻",
        pdf.Attachment("preuve.json", '{"nom": "فاطمة"}', "application/json", "La preuve"),
    )

    assert "\u25a1" * 5 + " et \u25a1" in text_of(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.attachments["preuve.json"].get_file().read_bytes() == '{"nom": "فاطمة"}'.encode()
        assert opened.Root.AF[0].AFRelationship == "/Data"


def test_a_mark_that_cannot_be_drawn_is_dropped_rather_than_its_letter():
    assert pdf.drawable("e\u0301") == "é"
    assert pdf.drawable("ﬁ Ａ") == "ﬁ A"
    assert pdf.drawable({"a": ["\U000e0041x\u20e3", 1, None]}) == {"a": ["x", 1, None]}


def test_its_fonts_are_its_own(template, tmp_path):
    (tmp_path / "made.pdf").write_bytes(make(template, "Bonjour"))

    said = subprocess.run(["pdffonts", tmp_path / "made.pdf"], capture_output=True, text=True, check=True).stdout

    fonts = [line.split() for line in said.splitlines()[2:]]
    assert {line[0].partition("+")[2] for line in fonts} <= {"Carlito", "Carlito-Bold"}
    assert all(line[-5:-2] == ["yes", "yes", "yes"] for line in fonts)


def reached_from(house, start):
    """Return every file that one imports, however long the way."""
    seen, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        for target, _line in house.known(module):
            if target.name not in seen:
                seen.add(target.name)
                waiting.append(target)
    return seen


def test_no_page_makes_a_document():
    house = House.built()
    pages = [module for module in house.modules.values() if module.own_name.split("_")[0] in ("routes", "shell")]

    assert len(pages) > 20
    assert [page.path for page in pages if reached_from(house, page) & {"popschool.pdf", "popschool.seal"}] == []


def test_serving_pages_loads_neither_the_compiler_nor_the_seal(tmp_path):
    code = "import sys, app; app.create_app(); print([n for n in ('typst', 'pyhanko') if n in sys.modules])"
    environ = {"PATH": "/usr/bin", "POPSCHOOL_DATA_DIR": str(tmp_path)}

    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"
