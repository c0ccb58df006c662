"""A whole file as an archive: a table for each part, the papers, and two indexes, for people and for spreadsheets."""

import hashlib
import html
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, BinaryIO

from popschool.reports.whole_file import file_of
from popschool.reports.whole_file_part import Part
from popschool.spreadsheets import as_csv

# A fixed moment: the same facts make the same archive.
ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)
HEADS = ("fichier", "contenu", "lignes", "octets", "empreinte SHA-256")
STYLE = (
    "body{font:1.05rem/1.5 sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#25182c}"
    "table{border-collapse:collapse;width:100%;margin:0 0 2rem}caption{text-align:left;font-weight:700;padding:.5rem 0}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #6c6175;overflow-wrap:anywhere}"
    "@media(max-width:48rem){table{display:block;overflow-x:auto}}"
)


def write(out: BinaryIO, title: str, said: str, parts: Iterable[Part], note: Callable[[int], None]) -> None:
    """Write an archive part after part, and come back to its start. `note` is told how many parts are done."""
    index: list[tuple[str, str, Any, int, str]] = []
    shown: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes, about: str, lines: Any = "") -> None:
            kind = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, ZIP_MOMENT), content, kind)
            index.append((name, about, lines, len(content), hashlib.sha256(content).hexdigest()))

        for done, part in enumerate(parts, 1):
            rows = [tuple(_cell(cell) for cell in row) for row in part.rows]
            add(f"{part.key}.csv", as_csv(part.heads, rows), part.title, len(rows))
            for name, kept in part.files:
                content = file_of(kept)
                if content is not None:
                    add(name, content, part.title)
            shown.append(_table(part.title, part.heads, rows))
            note(done)
        contents = "".join(f'<tr><td><a href="{name}">{name}</a></td>{_cells(rest)}</tr>' for name, *rest in index)
        page = _page(title, said, contents, "".join(shown))
        archive.writestr(zipfile.ZipInfo("index.html", ZIP_MOMENT), page.encode(), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("index.csv", ZIP_MOMENT), as_csv(HEADS, index), zipfile.ZIP_DEFLATED)
    out.seek(0)


def _cell(cell: Any) -> Any:
    """Return a value as a spreadsheet of a French office reads it."""
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) and not isinstance(cell, datetime) else cell


def _said(cell: Any) -> str:
    text = f"{cell:.2f}".rstrip("0").rstrip(".").replace(".", ",") if isinstance(cell, float) else str(cell)
    return html.escape(text)


def _cells(cells: Iterable[Any]) -> str:
    return "".join(f"<td>{_said(cell)}</td>" for cell in cells)


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    top = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><caption>{html.escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _page(title: str, said: str, contents: str, tables: str) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><h1>{html.escape(title)}</h1>"
        f"<p>{html.escape(said)}</p><table><caption>Les fichiers de ce dossier, avec leur empreinte</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{contents}</tbody></table>{tables}</body></html>"
    )
