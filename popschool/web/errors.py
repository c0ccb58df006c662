"""Answers when something is not possible: a page with a way out and a phone number, or JSON when that was asked."""

import errno
from contextlib import suppress
from http import HTTPStatus

import structlog
from flask import Flask, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from popschool.errors import RuleBroken
from popschool.server import READ_TO_REFUSE
from popschool.storage import StoreAway
from popschool.web import languages, posted, problems, wording

HOMES = ("portal.home", "portal.today", "auth.sign_in", "web.help_page")
PIECE = 1_000_000
SECONDS_TO_WAIT = 60
NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
PROGRAMS = "/api/"
log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Answer every error, ours and theirs."""
    app.register_error_handler(CSRFError, csrf_failed)
    app.register_error_handler(RuleBroken, rule_broken)
    app.register_error_handler(HTTPException, http_error)
    for away in (OperationalError, InterfaceError, StoreAway):
        app.register_error_handler(away, out_of_reach)
    app.register_error_handler(Exception, our_mistake)


def exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def words(status: int) -> tuple[str, str]:
    """Return what happened, then what to do."""
    return {
        400: (_("Cette demande n'est pas complète"), _("Revenez à la page d'avant, puis recommencez.")),
        401: (_("Connectez-vous pour continuer"), _("Cette page est pour les personnes connectées.")),
        403: (
            _("Cette page n'est pas pour vous"),
            _(
                "Vous êtes bien connecté ou connectée. Mais c'est une autre personne qui fait cela. "
                "Demandez à votre équipe de formation ou appelez l'école."
            ),
        ),
        404: (
            _("Cette page n'existe pas"),
            _("L'adresse a changé, ou il manque une lettre. Votre travail n'a pas bougé."),
        ),
        405: (_("Cette page ne s'ouvre pas comme cela"), _("Revenez à la page d'avant, puis utilisez son bouton.")),
        413: (
            _("Ce que vous envoyez est trop lourd"),
            _("Envoyez un fichier plus petit ou collez un lien. Votre travail n'est pas encore envoyé."),
        ),
        429: (
            _("Il y a eu trop d'essais"),
            _("Attendez un quart d'heure, puis essayez encore. Si c'est pressé, appelez l'école."),
        ),
        500: (
            _("Le site a un problème"),
            _("Ce n'est pas votre faute. Ce problème est noté. Attendez un peu, puis réessayez."),
        ),
        503: (
            _("Le site se repose un instant"),
            _("Ce qui était reçu est gardé. Réessayez dans quelques minutes."),
        ),
    }.get(
        status,
        (_("Cette page ne peut pas s'ouvrir"), _("Revenez à la page d'avant, puis recommencez.")),
    )


def http_error(error: HTTPException) -> Response | HTTPException:
    """Answer an HTTP error; one that is a redirection goes through as it is."""
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, problems.Refusal):
        return error.answer()
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        _read_to_the_end()
    response = answer(error.code)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _read_to_the_end() -> None:
    """Take what is too heavy, within reason: a browser that is still sending would never read the answer."""
    left = request.content_length or 0
    if left > READ_TO_REFUSE * current_app.config["MAX_CONTENT_LENGTH"]:
        return
    sent = request.environ["wsgi.input"]
    while left > 0 and (piece := sent.read(min(left, PIECE))):
        left -= len(piece)


def rule_broken(fact: RuleBroken) -> Response:
    """Answer a refusal met outside of a form: 403 when the person may not, 409 otherwise."""
    status = HTTPStatus.FORBIDDEN if type(fact).__name__ == "NotAllowed" else HTTPStatus.CONFLICT
    if status == HTTPStatus.FORBIDDEN and type(fact) not in wording.WORDS:
        return answer(status)
    with languages.of_whoever_asks():
        title, text = _("Ce n'est pas possible maintenant"), wording.sentence(fact)
    return answer(status, title, text)


def our_mistake(error: Exception) -> Response:
    """Log our own mistake, and say that it is ours."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return out_of_reach(error)
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    log.error("our mistake", exc_info=error)
    return answer(500)


def out_of_reach(error: Exception) -> Response:
    """Say that what keeps everything is away for a while; what was typed is given back, to be sent again."""
    log.error("out of reach", exc_info=error)
    typed: list[tuple[str, str]] = []
    with suppress(OSError):  # what was sent could not even be read to its end
        if not wants_json() and not posted.is_foreign():
            typed = [(name, value) for name, value in posted.typed() if value]
    if typed:
        g.without_database = True
        g.pop("comfort", None)
        g.pop("contact", None)
        with languages.of_whoever_asks():
            title = _("Le site n'a pas pu garder ce que vous envoyez")
            lead = _("Ce que vous avez écrit est encore là. Attendez un peu, puis envoyez-le de nouveau.")
            if request.files:
                lead += " " + _("Les fichiers sont à choisir de nouveau.")
        response = _given_back(HTTPStatus.SERVICE_UNAVAILABLE, typed, title=title, lead=lead)
    else:
        response = answer(HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = str(SECONDS_TO_WAIT)
    return response


def csrf_failed(error: CSRFError) -> Response:
    """Give back what was typed, with a button that sends it again with a fresh token.

    A form that another site made is never given back: sent again from here, it would look like one of ours.
    """
    if wants_json() or posted.is_foreign():
        return answer(400)
    typed = [(name, value) for name, value in posted.typed() if value]
    return _given_back(400, typed)


def _given_back(status: int, typed: list[tuple[str, str]], **words: str) -> Response:
    address, texts = request.full_path.rstrip("?"), posted.texts(typed)
    with languages.of_whoever_asks():
        html = render_template("web/expired.html", typed=typed, texts=texts, address=address, **words)
    return _page(status, html)


def answer(status: int, title: str = "", text: str = "") -> Response:
    """Return the page of an error, or its JSON."""
    if status >= 500:
        g.without_database = True
        g.pop("comfort", None)
        g.pop("contact", None)
    if request.path.startswith(PROGRAMS):
        return problems.answer(status, title, text)
    with languages.of_whoever_asks():
        return _said(status, title, text)


def _said(status: int, title: str, text: str) -> Response:
    if not title:
        title, text = words(status)
    if wants_json():
        response = jsonify(error={"status": status, "title": title, "text": text})
        response.status_code = status
        return response
    home = next((endpoint for endpoint in HOMES if exists(endpoint)), "")
    return _page(status, render_template("web/error.html", status=status, title=title, text=text, home=home))


def wants_json() -> bool:
    """Say whether a program is asking rather than a browser."""
    if request.path.startswith(PROGRAMS):
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def _page(status: int, html: str) -> Response:
    return Response(html, status=status, mimetype="text/html", headers={"Cache-Control": "no-store"})
