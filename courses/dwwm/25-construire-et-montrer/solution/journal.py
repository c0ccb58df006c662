"""Le journal : de quoi comprendre une panne, sans savoir qui est venu.

Pas d'adresse, pas de numéro de carte, pas de texte tapé. La route est écrite avec ses trous : /creneaux/<int:numero>.
"""

import json
import logging
import time
from secrets import token_hex

from flask import g, request

JOURNAL = logging.getLogger("atelier")


def brancher(app):
    @app.before_request
    def commencer():
        g.numero, g.debut = token_hex(4), time.monotonic()

    @app.after_request
    def finir(reponse):
        ecrire("demande", statut=reponse.status_code, ms=round(1000 * (time.monotonic() - g.debut)))
        return reponse


def ecrire(quoi, **faits):
    route = request.url_rule.rule if request.url_rule else "(inconnue)"
    JOURNAL.info(json.dumps({"quoi": quoi, "numero": g.numero, "methode": request.method, "route": route} | faits))


def panne(erreur):
    """Écrit le nom et le lieu de l'erreur, jamais son message : un message contient parfois une donnée."""
    suite = erreur.__traceback__
    while suite and suite.tb_next:
        suite = suite.tb_next
    lieu = f"{suite.tb_frame.f_code.co_name}:{suite.tb_lineno}" if suite else "?"
    ecrire("panne", erreur=type(erreur).__name__, lieu=lieu)
    return g.numero
