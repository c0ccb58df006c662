"""Signale, the street reports of Valombre, mended: one commit and one test for each fault."""

import logging
import os
from pathlib import Path

import base as acces
from flask import Flask, abort, g, redirect, render_template, request, url_for

CHEMIN = Path(__file__).parent / "signale.db"
journal = logging.getLogger("signale")
EN_TETES = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def creer(chemin=CHEMIN, https=True):
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000

    def base():
        if "base" not in g:
            g.base = acces.ouvrir(chemin)
        return g.base

    @app.teardown_appcontext
    def fermer_la_base(_erreur):
        if "base" in g:
            g.pop("base").close()

    def est_agent():
        """When in doubt, no: an error here becomes an error page, never a right."""
        jeton = request.cookies.get("session")
        return bool(jeton) and acces.est_ouverte(base(), jeton)

    @app.after_request
    def proteger(reponse):
        reponse.headers.update(EN_TETES)
        return reponse

    @app.get("/")
    def accueil():
        return render_template("accueil.html", signalements=acces.ouverts(base()))

    @app.post("/signalements")
    def signaler():
        tailles = {"lieu": 80, "texte": 200, "contact": 30}
        champs = {nom: request.form.get(nom, "").strip() for nom in tailles}
        gravite = request.form.get("gravite")
        if gravite not in ("1", "2", "3") or any(not 1 <= len(champs[nom]) <= tailles[nom] for nom in tailles):
            abort(400)
        numero = acces.signaler(base(), champs["lieu"], champs["texte"], int(gravite), champs["contact"])
        journal.info("signalement %s", numero)
        return redirect(url_for("accueil"), code=303)

    @app.get("/chercher")
    def chercher():
        mot = request.args.get("mot", "")
        return render_template("chercher.html", mot=mot, trouves=acces.chercher(base(), mot))

    @app.get("/signalements/<int:numero>/contact")
    def contact(numero):
        if not est_agent():
            abort(403)
        trouve = (acces.contact(base(), numero) if numero < 2**63 else None) or abort(404)
        journal.info("contact lu, signalement %s", numero)
        return render_template("contact.html", trouve=trouve)

    @app.get("/connexion")
    def connexion():
        return render_template("connexion.html", erreur="")

    @app.post("/connexion")
    def se_connecter():
        identifiant, mot_de_passe = request.form.get("identifiant", ""), request.form.get("mot_de_passe", "")
        agent = acces.reconnaitre(base(), identifiant, mot_de_passe)
        if agent is None:
            # The name typed may be a password, typed in the wrong field: it stays out of the log.
            journal.warning("connexion refusée depuis %s", request.remote_addr)
            return render_template("connexion.html", erreur="Identifiant ou mot de passe incorrect."), 401
        reponse = redirect(url_for("tableau"), code=303)
        journal.info("connexion de l'agent %s", agent["id"])
        jeton = acces.ouvrir_session(base(), agent["id"])
        reponse.set_cookie("session", jeton, httponly=True, secure=https, samesite="Lax")
        return reponse

    @app.get("/agents/tableau")
    def tableau():
        if not est_agent():
            abort(403)
        return render_template("tableau.html", signalements=acces.ouverts(base()))

    @app.post("/signalements/<int:numero>/fermer")
    def fermer(numero):
        if not est_agent():
            abort(403)
        if numero < 2**63:
            acces.fermer(base(), numero)
        return redirect(url_for("tableau"), code=303)

    phrases = {
        400: "Il manque une information, ou elle est mal écrite.",
        403: "Cette page est réservée aux agents.",
        404: "Cette page n'existe pas.",
        500: "Une erreur chez nous. Réessayez dans un moment.",
    }

    def dire(statut):
        return lambda _erreur: (render_template("erreur.html", titre=phrases[statut]), statut)

    for statut in phrases:
        app.register_error_handler(statut, dire(statut))

    return app


if __name__ == "__main__":
    if not CHEMIN.exists():
        neuve = acces.ouvrir(CHEMIN)
        acces.preparer(neuve)
        acces.creer_agent(neuve, "agent", os.environ["SIGNALE_MOT_DE_PASSE"])
        acces.signaler(neuve, "Rue des Tilleuls", "Un trou dans la chaussée", 2, "01 99 00 20 01")
        acces.signaler(neuve, "Quai du Canal", "Le lampadaire 14 est éteint", 1, "01 99 00 20 02")
    creer(https=False).run(host="127.0.0.1", port=5000)
