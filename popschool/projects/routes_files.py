"""Files that people sent, given back safely: never shown as a page."""

from flask import abort
from werkzeug.wrappers import Response

from popschool import storage
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects.models import Submission, SubmissionFile
from popschool.projects.routes_base import bp, require_seen
from popschool.projects.rules_files import PICTURES
from popschool.web.downloads import given_back


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
    return given_back(content, found.media_type, found.name, found.media_type in PICTURES)
