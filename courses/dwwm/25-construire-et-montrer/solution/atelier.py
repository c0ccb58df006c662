"""La première ligne entière de La Roue Libre : de la page à la base, en service dès le deuxième jour."""

import os
from datetime import UTC, datetime
from secrets import compare_digest, token_hex
from zoneinfo import ZoneInfo

import importer
import journal
import psycopg
from flask import Flask, g, redirect, render_template, request, session, url_for
from psycopg.rows import dict_row
from werkzeug.exceptions import HTTPException

PARIS = ZoneInfo("Europe/Paris")
LIBRES = """
SELECT creneau.id, debut, count(*) FILTER (WHERE carte IS NULL) AS libres
FROM creneau JOIN place ON place.creneau_id = creneau.id
WHERE debut > %s GROUP BY creneau.id ORDER BY debut LIMIT 20
"""
PIECES = "SELECT nom, taille, quantite, compte_le FROM piece ORDER BY nom, taille"
BEAUCOUP = 10


def creer_app(adresse=None, secret=None, horloge=lambda: datetime.now(UTC)):
    app = Flask(__name__)
    app.config.update(SECRET_KEY=secret or os.environ["ATELIER_SECRET"], SESSION_COOKIE_SAMESITE="Lax")
    adresse = adresse or os.environ["ATELIER_BASE"]
    journal.brancher(app)

    def base():
        if "base" not in g:
            g.base = psycopg.connect(adresse, autocommit=True, row_factory=dict_row)
        return g.base

    @app.teardown_appcontext
    def fermer(_erreur):
        if "base" in g:
            g.pop("base").close()

    @app.after_request
    def proteger(reponse):
        reponse.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'; form-action 'self'"
        reponse.headers["X-Content-Type-Options"] = "nosniff"
        return reponse

    @app.errorhandler(Exception)
    def panne(erreur):
        if isinstance(erreur, HTTPException):
            return render_template("panne.html", titre="Cette page n'existe pas", numero=""), erreur.code
        return render_template("panne.html", titre="Une panne de notre côté", numero=journal.panne(erreur)), 500

    @app.template_filter("dire_jour")
    def dire_jour(moment):
        return moment.astimezone(PARIS).strftime("%d/%m à %H h %M")

    @app.template_filter("dire_stock")
    def dire_stock(quantite):
        """Un nombre compté en septembre ment en mars. « Il en reste peu » reste vrai."""
        return "Il n'en reste pas" if not quantite else "Il en reste peu" if quantite < BEAUCOUP else "Il y en a"

    def accueil(message="", carte="", etat=200):
        session.setdefault("jeton", token_hex(16))
        creneaux, pieces = base().execute(LIBRES, [horloge()]).fetchall(), base().execute(PIECES).fetchall()
        page = render_template(
            "atelier.html", creneaux=creneaux, pieces=pieces, message=message, carte=carte, jeton=session["jeton"]
        )
        return page, etat

    app.add_url_rule("/", "accueil", accueil)

    @app.post("/creneaux/<int:numero>")
    def venir(numero):
        carte = request.form.get("carte", "").strip()
        if not compare_digest(request.form.get("jeton", ""), session.get("jeton", "-")):
            return accueil("La page a vieilli. Recommencez, rien n'est perdu.", carte, 400)
        if not (carte.isascii() and carte.isdigit() and 1 <= int(carte) <= 9999):
            return accueil("Écrivez le numéro de votre carte, en chiffres.", carte, 400)
        try:
            place = importer.donner(base(), numero, int(carte))
        except psycopg.errors.UniqueViolation:
            return accueil("Cette carte a déjà une place sur ce créneau.", carte, 409)
        if place is None:
            return accueil("Ce créneau est complet. Choisissez-en un autre.", carte, 409)
        return redirect(url_for("accueil"), 303)

    return app
