"""S'inscrire à une sortie des Foulées du Canal. Tout marche sans script : c'est le point de départ.

Aucune donnée de personne : un dossard, une distance.
python3 course.py
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask, redirect, render_template, request, url_for

SORTIE = "mardi-canal"


def ouvrir(chemin):
    connexion = sqlite3.connect(chemin)
    connexion.row_factory = sqlite3.Row
    return connexion


def lire(formulaire):
    """Rend les valeurs et les erreurs, champ par champ."""
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
    return valeurs, erreurs


def creer_app(chemin):
    app = Flask(__name__)
    schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    with closing(ouvrir(chemin)) as connexion:
        connexion.executescript(schema)

    @app.get("/")
    def accueil():
        return render_template("inscription.html", valeurs={}, erreurs={})

    @app.post("/")
    def inscrire():
        valeurs, erreurs = lire(request.form)
        if erreurs:
            return render_template("inscription.html", valeurs=request.form, erreurs=erreurs), 400
        with closing(ouvrir(chemin)) as connexion, connexion:
            connexion.execute(
                "INSERT INTO inscription (sortie, dossard, distance) VALUES (?, ?, ?)",
                [SORTIE, valeurs["dossard"], valeurs["distance"]],
            )
        return redirect(url_for("merci"), 303)

    @app.get("/merci")
    def merci():
        return render_template("merci.html")

    return app


if __name__ == "__main__":
    creer_app(os.environ.get("COURSE_BASE", "course.db")).run(port=8000)
