"""La même inscription, pour un mauvais réseau. Sans script, tout marche encore : ce sont les mêmes lignes."""

import os
import re
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask, jsonify, redirect, render_template, request, url_for

SORTIE = "mardi-canal"
MERCI = "C'est noté. À mardi !"


def ouvrir(chemin):
    connexion = sqlite3.connect(chemin)
    connexion.row_factory = sqlite3.Row
    return connexion


def lire(formulaire):
    """Rend les valeurs et les erreurs, champ par champ : les mêmes pour la page et pour le script."""
    valeurs, erreurs = {}, {}
    dossard = formulaire.get("dossard", "").strip()
    if not dossard.isascii() or not dossard.isdigit() or not 1 <= int(dossard) <= 999:
        erreurs["dossard"] = "Écrivez un numéro de dossard, de 1 à 999."
    else:
        valeurs["dossard"] = int(dossard)
    if formulaire.get("distance") not in ("5", "10"):
        erreurs["distance"] = "Choisissez 5 ou 10 kilomètres."
    else:
        valeurs["distance"] = int(formulaire["distance"])
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,64}", formulaire.get("envoi", "")):
        erreurs["envoi"] = "La page a vieilli. Rechargez-la, puis recommencez."
    else:
        valeurs["envoi"] = formulaire["envoi"]
    return valeurs, erreurs


def ecrire(connexion, valeurs):
    """Écrit une fois. Le même envoi, répété, donne la même réponse sans nouvelle ligne."""
    with connexion:
        deja = connexion.execute("SELECT 1 FROM inscription WHERE envoi = ?", [valeurs["envoi"]]).fetchone()
        if deja:
            return {}
        try:
            connexion.execute(
                "INSERT INTO inscription (envoi, sortie, dossard, distance) VALUES (?, ?, ?, ?)",
                [valeurs["envoi"], SORTIE, valeurs["dossard"], valeurs["distance"]],
            )
        except sqlite3.IntegrityError:
            # Le même envoi est passé entre les deux lignes, ou ce dossard est déjà pris.
            deja = connexion.execute("SELECT 1 FROM inscription WHERE envoi = ?", [valeurs["envoi"]]).fetchone()
            return {} if deja else {"dossard": "Ce dossard est déjà inscrit à cette sortie."}
    return {}


def creer_app(chemin, attente=15):
    app = Flask(__name__)
    schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    with closing(ouvrir(chemin)) as connexion:
        connexion.executescript(schema)

    def page(valeurs, erreurs, etat=200):
        # Un numéro neuf pour un formulaire neuf ; le même tant que la personne corrige.
        envoi = valeurs.get("envoi") or secrets.token_urlsafe(16)
        gabarit = render_template("inscription.html", valeurs=valeurs, erreurs=erreurs, envoi=envoi, attente=attente)
        return gabarit, etat

    @app.get("/")
    def accueil():
        return page({}, {})

    @app.post("/")
    def inscrire():
        valeurs, erreurs = lire(request.form)
        if not erreurs:
            with closing(ouvrir(chemin)) as connexion:
                erreurs = ecrire(connexion, valeurs)
        if request.accept_mimetypes.best == "application/json":
            return (jsonify(erreurs=erreurs), 400) if erreurs else jsonify(message=MERCI)
        if erreurs:
            return page(request.form, erreurs, 400)
        return redirect(url_for("merci"), 303)

    @app.get("/merci")
    def merci():
        return render_template("merci.html", message=MERCI)

    return app


if __name__ == "__main__":
    creer_app(os.environ.get("COURSE_BASE", "course.db")).run(port=8000)
