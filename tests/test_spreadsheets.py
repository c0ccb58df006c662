"""Tables as files: what a spreadsheet reads back is what was said, in each form, and never a formula."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from popschool.rules_tables import Column, Kind
from popschool.spreadsheets import FORMULA, FileForm, Table, write

COLUMNS = (
    Column("name", "Nom"),
    Column("count", "Nombre", Kind.WHOLE),
    Column("hours", "Heures", Kind.HUNDREDTHS),
    Column("rate", "Taux", Kind.TENTHS),
    Column("day", "Jour", Kind.DAY),
    Column("moment", "Moment", Kind.MOMENT),
)
AT = datetime(2027, 3, 27, 9, 5, 7, tzinfo=UTC)
ROWS = [
    ("=1+1", 3, Decimal("1740.30"), Decimal("93.5"), date(2027, 3, 27), AT),
    ("Zoé <&> \x01\ud800", 0, 0.5, None, None, None),
    (None, -2, None, 0, date(1999, 12, 31), None),
]
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def made(form, rows=ROWS, columns=COLUMNS, title="Heures : mars / avril"):
    out = io.BytesIO()
    assert write(Table(title, columns, iter(rows)), form, out) == len(rows)
    return out.getvalue()


def ods_lines(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].filename == "mimetype" and archive.infolist()[0].compress_type == 0
        return etree.fromstring(archive.read("content.xml")).find(f".//{TABLE}table")


def read_back(form, content):
    """Return the rows of a file without its headings, as texts."""
    if form is FileForm.CSV:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
        return rows[1:]
    if form is FileForm.XLSX:
        book = openpyxl.load_workbook(io.BytesIO(content))
        return [[cell or "" for cell in row] for row in book.active.iter_rows(min_row=2, values_only=True)]
    return [["\n".join(cell.itertext()) for cell in row] for row in ods_lines(content).findall(f"{TABLE}table-row")]


def test_csv_is_as_french_offices_read_it():
    text = made(FileForm.CSV, [ROWS[0], ROWS[2]]).decode("utf-8-sig")

    assert text.splitlines() == [
        "Nom;Nombre;Heures;Taux;Jour;Moment",
        "'=1+1;3;1740,30;93,5;27/03/2027;27/03/2027 09:05:07",
        ";-2;;0,0;31/12/1999;",
    ]
    assert made(FileForm.CSV).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("form", FileForm)
def test_letters_that_no_file_can_hold_are_left_out(form):
    assert read_back(form, made(form, [ROWS[1]]))[0][0].startswith("Zoé <&> ")


def test_xlsx_keeps_types_and_marks_its_headings():
    book = openpyxl.load_workbook(io.BytesIO(made(FileForm.XLSX, [ROWS[0], ROWS[2]])))
    sheet = book.active

    assert [cell.value for cell in sheet[2]] == [
        "=1+1", 3, 1740.3, 93.5, datetime(2027, 3, 27), datetime(2027, 3, 27, 9, 5, 7)
    ]  # fmt: skip
    assert sheet["A2"].data_type == "s" and sheet["E2"].number_format == "dd/mm/yyyy"
    assert [cell.value for cell in sheet[3]] == [None, -2, None, 0, datetime(1999, 12, 31), None]
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.auto_filter.ref) == ("B2", "$1:$1", "A1:F3")
    assert book.defined_names["ColumnTitle"].attr_text == f"'{sheet.title}'!$A$1"
    assert sheet.title == "Heures - mars - avril" and sheet["C2"].number_format == "0.00"


def test_ods_keeps_types_and_marks_its_headings():
    sheet = ods_lines(made(FileForm.ODS))
    heads = sheet.find(f"{TABLE}table-header-rows/{TABLE}table-row")
    first, second, _third = sheet.findall(f"{TABLE}table-row")

    assert ["".join(cell.itertext()) for cell in heads] == [one.head for one in COLUMNS]
    assert [cell.get(f"{OFFICE}value-type") for cell in first] == ["string", "float", "float", "float", "date", "date"]
    assert [cell.get(f"{OFFICE}value") for cell in first][1:4] == ["3", "1740.30", "93.5"]
    assert first[4].get(f"{OFFICE}date-value") == "2027-03-27"
    assert first[5].get(f"{OFFICE}date-value") == "2027-03-27T09:05:07"
    assert [cell.get(f"{OFFICE}value-type") for cell in second] == ["string", "float", "float", None, None, None]
    assert "".join(second[0].itertext()) == "Zoé <&> "


@pytest.mark.parametrize("form", FileForm)
@given(start=st.sampled_from(FORMULA), rest=st.text("ab1(;\"'", max_size=8))
def test_no_text_is_taken_for_a_formula(form, start, rest):
    """Whatever begins a formula is text in each form: marked where there are no types, typed where there are."""
    content = made(form, [(start + rest,)], [Column("name", "Nom")])

    if form is FileForm.CSV:
        assert read_back(form, content) == [["'" + start + rest]]
    elif form is FileForm.XLSX:
        cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
        assert cell.data_type == "s"
    else:
        cell = ods_lines(content).find(f"{TABLE}table-row/{TABLE}table-cell")
        assert cell.get(f"{OFFICE}value-type") == "string"
        assert cell.get(f"{TABLE}formula") is None


@pytest.mark.parametrize("form", FileForm)
def test_a_table_without_rows_has_its_headings(form):
    assert read_back(form, made(form, [])) in ([], [[""] * 6])


@pytest.mark.parametrize("form", FileForm)
def test_a_row_of_the_wrong_length_is_our_own_mistake(form):
    with pytest.raises(ValueError, match=r"zip\(\)"):
        made(form, [("too", "short")])
