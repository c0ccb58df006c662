"""What a program is told when something is not possible: "problem details" (RFC 9457), in plain words."""

import json
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

MEDIA_TYPE = "application/problem+json"


def words(status: int) -> tuple[str, str]:
    """Return what happened, then what to do, said to whoever writes the program."""
    return {
        400: (_("Demande mal écrite"), _("Corrigez la demande. La liste « errors » dit où.")),
        401: (_("Clé d'accès absente ou inconnue"), _("Envoyez l'en-tête « Authorization: Bearer » avec votre clé.")),
        403: (_("Ce n'est pas permis"), _("Vos droits ou ceux de la clé ne vont pas jusque-là. Voyez votre école.")),
        404: (_("Introuvable"), _("Cette adresse n'existe pas ou elle n'est pas à vous.")),
        405: (_("Méthode refusée"), _("L'en-tête « Allow » dit comment appeler cette adresse.")),
        409: (_("Ce n'est pas possible maintenant"), _("Lisez de nouveau l'état, puis recommencez.")),
        413: (_("Envoi trop lourd"), _("Envoyez moins à la fois.")),
        415: (_("Format refusé"), _("Envoyez du JSON, avec l'en-tête « Content-Type: application/json ».")),
        429: (_("Trop de demandes"), _("Attendez le nombre de secondes de l'en-tête « Retry-After ».")),
        500: (_("Le site a un problème"), _("Ce n'est pas votre faute. Ce problème est noté. Réessayez plus tard.")),
        503: (_("Le site se repose un instant"), _("Réessayez dans quelques minutes.")),
    }.get(status, (_("Ce n'est pas possible"), _("Vérifiez la demande, puis recommencez.")))


class Refusal(HTTPException):
    """A refusal to a program. Each of `errors` says where, "parameter" or "pointer", and what, "detail"."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.code, self.detail, self.errors, self.headers = status, detail, errors, headers or {}

    def answer(self) -> Response:
        return answer(self.code, detail=self.detail, errors=self.errors, headers=self.headers)


def answer(
    status: int,
    title: str = "",
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem; without words of its own, those of its status."""
    usual_title, usual_detail = words(status)
    said = {"type": "about:blank", "title": title or usual_title, "status": status, "detail": detail or usual_detail}
    if errors:
        said["errors"] = list(errors)
    response = Response(json.dumps(said, ensure_ascii=False), status=status, mimetype=MEDIA_TYPE)
    response.headers.update({"Cache-Control": "no-store"} | dict(headers or {}))
    return response
