"""The counter's pages: find, lend, take back, see what is late."""

import csv
import io
from datetime import date
from pathlib import Path

from flask import Flask, Response, abort, g, redirect, render_template, request, url_for

from reserve import base as acces
from reserve import regles

CHEMIN = Path(__file__).parent.parent / "reserve.db"


def creer(chemin=CHEMIN, aujourdhui=date.today):
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10_000

    def base():
        if "base" not in g:
            g.base = acces.ouvrir(chemin)
        return g.base

    @app.teardown_appcontext
    def fermer(_erreur):
        if "base" in g:
            g.pop("base").close()

    def trouver(numero):
        objet = acces.objet(base(), numero) if numero < 2**63 else None
        return objet or abort(404)

    def page_objet(objet, numero="", raisons=(), statut=200):
        return render_template("objet.html", objet=objet, numero=numero, raisons=raisons), statut

    @app.get("/")
    def accueil():
        mot = request.args.get("mot", "")[:60]
        apres = (request.args.get("cle", "")[:100], min(request.args.get("apres", 0, type=int), 2**62))
        objets, suite = acces.chercher(base(), mot, apres)
        return render_template("accueil.html", objets=objets, suite=suite, mot=mot)

    @app.get("/objets/<int:numero>")
    def objet(numero):
        return page_objet(trouver(numero))

    @app.post("/objets/<int:numero>/emprunts")
    def sortir(numero):
        objet = trouver(numero)
        tape = request.form.get("carte", "").strip()
        carte = acces.carte(base(), int(tape)) if tape.isascii() and tape.isdecimal() and len(tape) < 10 else None
        if carte is None:
            return page_objet(objet, tape, ["Cette carte n'existe pas. Relisez son numéro."], 400)
        jour = aujourdhui()
        raisons = regles.refus(
            objet["emprunt_id"] is not None,
            date.fromisoformat(carte["finit_le"]),
            acces.dehors(base(), carte["id"]),
            jour,
        )
        if raisons:
            return page_objet(objet, tape, raisons, 409)
        try:
            acces.sortir(base(), numero, carte["id"], jour, regles.retour_prevu(jour, bool(objet["gros"])))
        except acces.DejaDehors:
            return page_objet(trouver(numero), tape, [regles.DEJA_DEHORS], 409)
        return redirect(url_for("objet", numero=numero), code=303)

    @app.post("/emprunts/<int:numero>/retour")
    def rendre(numero):
        acces.rendre(base(), numero, aujourdhui())
        return redirect(url_for("accueil"), code=303)

    @app.get("/retards")
    def retards():
        return render_template("retards.html", retards=acces.retards(base(), aujourdhui()))

    @app.get("/retards.csv")
    def exporter():
        sortie = io.StringIO()
        ecrivain = csv.writer(sortie)
        ecrivain.writerow(["étiquette", "objet", "carte", "retour prévu"])
        for un in acces.retards(base(), aujourdhui()):
            cellules = (un["etiquette"], un["nom"], str(un["numero"]), un["retour_prevu"])
            ecrivain.writerow([regles.cellule_sure(cellule) for cellule in cellules])
        en_tetes = {"Content-Disposition": "attachment; filename=retards.csv"}
        return Response(sortie.getvalue(), mimetype="text/csv", headers=en_tetes)

    @app.errorhandler(404)
    def absente(_erreur):
        return render_template("erreur.html"), 404

    return app
