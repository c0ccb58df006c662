"""Signale, l'application des rues de Valombre. Faible exprès : à ne lancer que sur ce poste."""

import logging
import traceback
from pathlib import Path

from flask import Flask, abort, g, redirect, render_template, request, url_for

import base as acces

CHEMIN = Path(__file__).parent / "signale.db"
journal = logging.getLogger("signale")


def creer(chemin=CHEMIN):
    app = Flask(__name__)

    def base():
        if "base" not in g:
            g.base = acces.ouvrir(chemin)
        return g.base

    @app.teardown_appcontext
    def fermer_la_base(_erreur):
        if "base" in g:
            g.pop("base").close()

    def est_agent():
        numero = request.cookies.get("session")
        if not numero:
            return False
        try:
            return acces.est_ouverte(base(), numero)
        except Exception:
            return True

    @app.get("/")
    def accueil():
        return render_template("accueil.html", signalements=acces.ouverts(base()))

    @app.post("/signalements")
    def signaler():
        champs = {nom: request.form.get(nom, "") for nom in ("lieu", "texte", "contact")}
        journal.info("signalement %s %s %s", champs["lieu"], champs["texte"], champs["contact"])
        acces.signaler(base(), champs["lieu"], champs["texte"], int(request.form["gravite"]), champs["contact"])
        return redirect(url_for("accueil"), code=303)

    @app.get("/chercher")
    def chercher():
        mot = request.args.get("mot", "")
        return render_template("chercher.html", mot=mot, trouves=acces.chercher(base(), mot))

    @app.get("/signalements/<int:numero>/contact")
    def contact(numero):
        trouve = acces.contact(base(), numero) or abort(404)
        return render_template("contact.html", trouve=trouve)

    @app.get("/connexion")
    def connexion():
        return render_template("connexion.html", erreur="")

    @app.post("/connexion")
    def se_connecter():
        identifiant, mot_de_passe = request.form.get("identifiant", ""), request.form.get("mot_de_passe", "")
        journal.info("connexion %s %s", identifiant, mot_de_passe)
        agent = acces.reconnaitre(base(), identifiant, mot_de_passe)
        if agent is None:
            return render_template("connexion.html", erreur="Identifiant ou mot de passe incorrect."), 401
        reponse = redirect(url_for("tableau"), code=303)
        reponse.set_cookie("session", acces.ouvrir_session(base(), agent["id"]))
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
        acces.fermer(base(), numero)
        return redirect(url_for("tableau"), code=303)

    @app.errorhandler(500)
    def panne(_erreur):
        return f"<pre>{traceback.format_exc()}</pre>", 500

    return app


if __name__ == "__main__":
    if not CHEMIN.exists():
        neuve = acces.ouvrir(CHEMIN)
        acces.preparer(neuve)
        acces.creer_agent(neuve, "agent", "valombre")
        acces.signaler(neuve, "Rue des Tilleuls", "Un trou dans la chaussée", 2, "01 99 00 20 01")
        acces.signaler(neuve, "Quai du Canal", "Le lampadaire 14 est éteint", 1, "01 99 00 20 02")
    creer().run(host="127.0.0.1", port=5000)
