"""Le planning, en pages et en JSON : les deux disent la même chose, par les mêmes règles."""

import os
from datetime import UTC, datetime
from secrets import compare_digest, token_hex
from zoneinfo import ZoneInfo

import magasin
from flask import Flask, g, jsonify, redirect, render_template, request, session, url_for
from regles import Refus

PARIS = ZoneInfo("Europe/Paris")


def creer_app(adresse=None, secret=None, horloge=lambda: datetime.now(UTC)):
    app = Flask(__name__)
    app.config["SECRET_KEY"] = secret or os.environ["PLANNING_SECRET"]
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    adresse = adresse or os.environ["PLANNING_BASE"]

    def base():
        if "base" not in g:
            g.base = magasin.ouvrir(adresse)
        return g.base

    @app.teardown_appcontext
    def fermer(_erreur):
        if "base" in g:
            g.pop("base").close()

    @app.template_filter("heure")
    def heure(moment):
        return moment.astimezone(PARIS).strftime("%d/%m à %H h %M")

    def jeton():
        if "jeton" not in session:
            session["jeton"] = token_hex(16)
        return session["jeton"]

    @app.get("/sante")
    def sante():
        base().execute("SELECT 1")
        return jsonify(etat="bon")

    @app.get("/")
    def accueil(message="", code="", etat=200):
        lignes = magasin.creneaux(base(), horloge())
        page = render_template("planning.html", creneaux=lignes, jeton=jeton(), message=message, code=code)
        return page, etat

    @app.get("/api/creneaux")
    def liste():
        lignes = magasin.creneaux(base(), horloge())
        return jsonify(
            [
                {
                    "id": ligne["id"],
                    "titre": ligne["titre"],
                    "debut": ligne["debut"].isoformat(),
                    "fin": ligne["fin"].isoformat(),
                    "restantes": ligne["places"] - ligne["prises"],
                }
                for ligne in lignes
            ]
        )

    @app.post("/creneaux/<int:numero>/inscription")
    def inscrire(numero):
        if not compare_digest(request.form.get("jeton", ""), session.get("jeton", "-")):
            return accueil("La page a vieilli. Recommencez, rien n'est perdu.", request.form.get("code", ""), 400)
        code = request.form.get("code", "").strip().lower()
        try:
            magasin.inscrire(base(), numero, code, horloge())
        except Refus as refus:
            return accueil(str(refus), code, 409)
        return redirect(url_for("accueil"), 303)

    return app
