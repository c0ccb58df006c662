"""Tables for spreadsheets: CSV as French ones read it, and XLSX. No cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"


def safe(cell: object) -> str:
    """Return a cell that no spreadsheet will take for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _french(cell: object) -> str:
    """Return a number with its decimal comma, anything else made safe."""
    if isinstance(cell, float):
        return f"{cell:.2f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(cell) if isinstance(cell, int) else safe(cell)


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table with semicolons and decimal commas, in UTF-8 with its mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([safe(head) for head in heads])
    for row in rows:
        writer.writerow([_french(cell) for cell in row])
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def as_xlsx(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook of one sheet, its first row repeated and frozen; rows are written as they come."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.set_column(0, len(heads) - 1, 16)
        sheet.write_row(0, 0, heads, book.add_format({"bold": True, "text_wrap": True}))
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, [cell.isoformat() if isinstance(cell, date) else cell for cell in row])
    return out.getvalue()
