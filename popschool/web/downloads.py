"""Files that people sent, given back safely: never shown as a page of ours."""

from typing import BinaryIO

from flask import send_file
from werkzeug.wrappers import Response


def given_back(content: BinaryIO, media_type: str, name: str, is_picture: bool) -> Response:
    """Give one file back: a picture as a picture, anything else as a download."""
    response = send_file(
        content,
        mimetype=media_type if is_picture else "application/octet-stream",
        as_attachment=not is_picture,
        download_name=name,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
