"""What somebody was writing when their session ended: it waits in their own browser, and comes back on the same page.

One sealed cookie, for that page only, for an hour, and never what is secret. A longer text stands on the page itself.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, after_this_request, current_app, flash, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from popschool.web import visitor

COOKIE = "kept"
HOUR = 3600
LARGEST = 3800
SECRET_WORDS = ("password", "secret", "token", "code", "csrf", "phrase")


def init_app(app: Flask) -> None:
    """Keep what was typed each time a form is sent by somebody who must sign in again."""

    @app.after_request
    def keep(response: Response) -> Response:
        is_turned_away = request.method == "POST" and response.status_code in (302, 303) and visitor.person() is None
        if is_turned_away and not (request.endpoint or "").startswith(("auth.", "web.")):
            write(response)
        return response


def typed() -> list[tuple[str, str]]:
    """Return what was typed in the form being sent, without what is secret."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if value and not any(word in name.lower() for word in SECRET_WORDS)
    ]


def page_to_reopen() -> str:
    """Return the address to come back to after signing in: this one if it can be read, or the one it was sent from."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    try:
        current_app.url_map.bind("").match(request.path, method="GET")
    except HTTPException:
        return urlsplit(request.referrer or "").path or "/"
    return request.path


def write(response: Response) -> None:
    """Put what was typed in a cookie of the page that will be reopened, if it is short enough."""
    sealed = _sealer().dumps(typed())
    if typed() and len(sealed) <= LARGEST:
        response.set_cookie(
            COOKIE, sealed, max_age=HOUR, path=page_to_reopen(), httponly=True, samesite="Lax", secure=request.is_secure
        )


def take() -> MultiDict | None:
    """Return what waits for this page, once, to somebody who is signed in."""
    sealed = request.cookies.get(COOKIE)
    if not sealed or request.method != "GET" or visitor.person() is None:
        return None
    path = request.path

    @after_this_request
    def forget(response: Response) -> Response:
        response.delete_cookie(COOKIE, path=path)
        return response

    try:
        found = MultiDict(_sealer().loads(sealed, max_age=HOUR))
    except BadData:
        return None
    flash(_("Votre texte est revenu. Il n'est pas encore envoyé."), "quiet")
    return found


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt="kept")
