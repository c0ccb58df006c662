"""Files that people sent, given back safely: never shown as a page."""

from flask import abort, send_file
from werkzeug.wrappers import Response

from popschool import storage
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects.models import Submission, SubmissionFile
from popschool.projects.routes_base import bp, require_seen
from popschool.projects.rules_files import PICTURES


@bp.get("/submissions/<int:submission_id>/files/<int:file_id>")
@guards.asks(Action.SEE_SUBMISSION)
def file(submission_id: int, file_id: int) -> Response:
    """Give one file back: a picture as a picture, anything else as a download."""
    submission = db.get_or_404(Submission, submission_id)
    require_seen(submission)
    found = db.get_or_404(SubmissionFile, file_id)
    if found.submission_id != submission.id:
        abort(404)
    try:
        content = storage.open(found.hash)
    except storage.FileMissing:
        abort(404)
    is_picture = found.media_type in PICTURES
    response = send_file(
        content,
        mimetype=found.media_type if is_picture else "application/octet-stream",
        as_attachment=not is_picture,
        download_name=found.name,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
