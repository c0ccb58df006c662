"""A table sent as a file for spreadsheets: whoever sends one has asked who may, and written down who took it."""

import tempfile
from collections.abc import Callable

from flask import Response, abort, send_file

from popschool.spreadsheets import MEDIA_TYPES, FileForm, Table, write

IN_MEMORY = 1_000_000


def form_named(text: str) -> FileForm:
    """Return the form of file that an address asks for; 404 for another word."""
    return FileForm(text) if text in list(FileForm) else abort(404)


def sent(table: Table, form: FileForm, name: str, note: Callable[[int], None] | None = None) -> Response:
    """Return a table as a file. It lies on the disk while it is long, and `note` is told how many rows it has."""
    out = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the answer closes it, once it is sent
    rows = write(table, form, out)
    out.seek(0)
    if note is not None:
        note(rows)
    return send_file(out, mimetype=MEDIA_TYPES[form], as_attachment=True, download_name=f"{name}.{form}", max_age=0)
