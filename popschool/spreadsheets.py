"""Tables that leave as files: CSV as French offices read it, XLSX and ODS, from one description of their columns.

Rows are written as they come: a file of a hundred thousand lines is never in memory. Numbers and days keep their type.
No cell is ever taken for a formula: text stays text in XLSX and ODS, and CSV, which has no types, marks it.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from popschool.rules_tables import DIGITS, Column, Kind

# What begins a formula in one spreadsheet or another: its sign, as East Asian keyboards write it too, or what comes
# before it and is then dropped.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BYTE_ORDER_MARK = "\ufeff"
SHEET_NAME = 31
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))
# What XML cannot say, even escaped.
NOT_IN_XML = dict.fromkeys([*(code for code in range(32) if code not in (9, 10, 13)), 0xFFFE, 0xFFFF])
NOT_IN_XML |= dict.fromkeys(range(0xD800, 0xE000))
EPOCH = (1980, 1, 1, 0, 0, 0)


class FileForm(StrEnum):
    """The forms of a file for spreadsheets; the value is its extension."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"


MEDIA_TYPES = {
    FileForm.CSV: "text/csv",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileForm.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True)
class Table:
    """A table: its columns, and rows with a cell for each. An unknown cell is None, and stays empty: never 0."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]

    @property
    def heads(self) -> list[str]:
        return [one.head for one in self.columns]


def safe(cell: object) -> str:
    """Return a cell that no spreadsheet will take for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def said(cell: Any, kind: Kind = Kind.TEXT) -> str:
    """Return a cell as a French reader writes it: decimal commas, days as 27/03/2027, nothing for what is unknown."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}" if kind is not Kind.DAY else f"{cell:%d/%m/%Y}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, int | float | Decimal):
        if kind in DIGITS:
            return f"{cell:.{DIGITS[kind]}f}".replace(".", ",")
        return str(cell) if isinstance(cell, int) else f"{cell:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(cell)


def _french(cell: Any, kind: Kind = Kind.TEXT) -> str:
    return safe(cell) if isinstance(cell, str) else said(cell, kind)


def write(table: Table, form: FileForm, out: BinaryIO) -> int:
    """Write a table as a file, and return how many rows it has. `out` stays open, at its end."""
    return WRITERS[form](table, out)


def _write_csv(table: Table, out: BinaryIO) -> int:
    count = 0
    text = io.TextIOWrapper(out, "utf-8", "replace", newline="", write_through=True)
    try:
        text.write(BYTE_ORDER_MARK)
        writer = csv.writer(text, delimiter=";")
        writer.writerow([safe(head) for head in table.heads])
        kinds = [one.kind for one in table.columns]
        for row in table.rows:
            writer.writerow([_french(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
            count += 1
    finally:
        text.detach()
    return count


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a small table with semicolons and decimal commas, in UTF-8 with its mark."""
    out = io.BytesIO()
    _write_csv(Table("", [Column(head, head) for head in heads], rows), out)
    return out.getvalue()


def _write_xlsx(table: Table, out: BinaryIO) -> int:
    """Write a workbook of one sheet. Its first row is frozen, repeated on paper, and named for screen readers."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "remove_timezone": True}  # fmt: skip
    count = 0
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": table.title, "created": datetime(*EPOCH)})
        name = _sheet_name(table.title)
        sheet = book.add_worksheet(name)
        looks = {kind: book.add_format({"num_format": look}) for kind, look in LOOKS.items()}
        for place, one in enumerate(table.columns):
            sheet.set_column(place, place, max(12, min(len(one.head) + 2, 28)), looks.get(one.kind))
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        # The name by which screen readers know where the headings are.
        book.define_name("ColumnTitle", f"='{name}'!$A$1")
        bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        for place, head in enumerate(table.heads):
            sheet.write_string(0, place, head, bold)
        places = range(len(table.columns))
        for count, row in enumerate(table.rows, 1):
            for place, cell in zip(places, row, strict=True):
                if cell is not None and cell != "":
                    _xlsx_cell(sheet, count, place, cell, looks)
        sheet.autofilter(0, 0, max(count, 1), len(table.columns) - 1)
    return count


LOOKS = {Kind.DAY: "dd/mm/yyyy", Kind.MOMENT: "dd/mm/yyyy hh:mm:ss", Kind.HUNDREDTHS: "0.00", Kind.TENTHS: "0.0"}


def _xlsx_cell(sheet: Any, line: int, place: int, cell: Any, looks: dict[Kind, Any]) -> None:
    """A cell of a day needs its look; the others take their column's."""
    if isinstance(cell, bool):
        sheet.write_string(line, place, said(cell))
    elif isinstance(cell, int | float | Decimal):
        sheet.write_number(line, place, cell)
    elif isinstance(cell, date):
        look = looks[Kind.MOMENT if isinstance(cell, datetime) else Kind.DAY]
        sheet.write_datetime(line, place, cell, look)
    else:
        sheet.write_string(line, place, _plain(str(cell)))


def _sheet_name(title: str) -> str:
    return title.translate(NOT_IN_SHEET_NAMES)[:SHEET_NAME].strip() or "Feuille"


ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODS_TYPE.decode()}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
ODS_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{where}:1.0"'
    for name, where in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"), ("meta", "meta"),
    )
)  # fmt: skip
ODS_SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
_DAY = '<number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
_DAY += '<number:text>/</number:text><number:year number:style="long"/>'
_TIME = '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
_TIME += '<number:minutes number:style="long"/><number:text>:</number:text><number:seconds number:style="long"/>'
ODS_STYLES = (
    f'<number:date-style style:name="nday">{_DAY}</number:date-style>'
    f'<number:date-style style:name="nmoment">{_DAY}{_TIME}</number:date-style>'
    + "".join(
        f'<number:number-style style:name="n{kind}"><number:number number:decimal-places="{digits}" '
        f'number:min-decimal-places="{digits}" number:min-integer-digits="1"/></number:number-style>'
        for kind, digits in DIGITS.items()
    )
    + "".join(
        f'<style:style style:name="{kind}" style:family="table-cell" style:data-style-name="n{kind}"/>'
        for kind in Kind
        if kind is not Kind.TEXT
    )
    + '<style:style style:name="head" style:family="table-cell"><style:text-properties fo:font-weight="bold"/>'
    "</style:style>"
)


def _write_ods(table: Table, out: BinaryIO) -> int:
    """Write a sheet whose first row is said to be its headings: it repeats on paper, and screen readers know it."""
    count = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # By its norm, the type comes first and is not compressed.
        archive.writestr(zipfile.ZipInfo("mimetype", EPOCH), ODS_TYPE, zipfile.ZIP_STORED)
        archive.writestr(zipfile.ZipInfo("META-INF/manifest.xml", EPOCH), ODS_MANIFEST, zipfile.ZIP_DEFLATED)
        meta = (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-meta {ODS_SPACES}><office:meta>'
            f"<dc:title>{_xml(table.title)}</dc:title><dc:language>fr-FR</dc:language></office:meta>"
            "</office:document-meta>"
        )
        archive.writestr(zipfile.ZipInfo("meta.xml", EPOCH), meta, zipfile.ZIP_DEFLATED)
        content = zipfile.ZipInfo("content.xml", EPOCH)
        content.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(content, "w", force_zip64=True) as part:
            for piece in _ods_pieces(table):
                part.write(piece.encode())
                count += 1
    # The first piece opens the sheet, the last one closes it.
    return count - 2


def _ods_pieces(table: Table) -> Iterator[str]:
    """Yield the sheet: its opening with the headings, each row, its end."""
    heads = "".join(_ods_text(head, ' table:style-name="head"') for head in table.heads)
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODS_SPACES}>'
        f"<office:automatic-styles>{ODS_STYLES}</office:automatic-styles><office:body><office:spreadsheet>"
        f"<table:table table:name={quoteattr(_sheet_name(_plain(table.title)))}>"
        f'<table:table-column table:number-columns-repeated="{len(table.columns)}"/>'
        f"<table:table-header-rows><table:table-row>{heads}</table:table-row></table:table-header-rows>"
    )
    kinds = [one.kind for one in table.columns]
    for row in table.rows:
        cells = "".join(_ods_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True))
        yield f"<table:table-row>{cells}</table:table-row>"
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _plain(text: str) -> str:
    return text.translate(NOT_IN_XML)


def _xml(text: str) -> str:
    return escape(_plain(text))


def _ods_text(text: str, style: str = "") -> str:
    lines = "".join(f"<text:p>{line}</text:p>" for line in _xml(text).splitlines())
    return f'<table:table-cell{style} office:value-type="string">{lines}</table:table-cell>'


def _ods_cell(cell: Any, kind: Kind) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        style = f' table:style-name="{kind}"' if kind in DIGITS else ""
        value = f'office:value-type="float" office:value="{cell}"'
        return f"<table:table-cell{style} {value}><text:p>{said(cell, kind)}</text:p></table:table-cell>"
    if isinstance(cell, date):
        is_moment = isinstance(cell, datetime)
        value = cell.replace(tzinfo=None, microsecond=0).isoformat() if is_moment else cell.isoformat()
        return (
            f'<table:table-cell table:style-name="{Kind.MOMENT if is_moment else Kind.DAY}" office:value-type="date" '
            f'office:date-value="{value}"><text:p>{said(cell)}</text:p></table:table-cell>'
        )
    return _ods_text(said(cell))


WRITERS: dict[FileForm, Callable[[Table, BinaryIO], int]] = {
    FileForm.CSV: _write_csv, FileForm.XLSX: _write_xlsx, FileForm.ODS: _write_ods,
}  # fmt: skip
