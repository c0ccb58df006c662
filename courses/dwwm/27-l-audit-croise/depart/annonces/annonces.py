"""Les petites annonces de l'atelier : une application d'entraînement. Elle a des fautes, à vous de les trouver.

python3 annonces.py, puis http://127.0.0.1:8000
Ne la mettez jamais en ligne.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask, redirect, render_template, request, session, url_for

VELOS = ["Vélo de ville", "Vélo pliant", "Roue de 28", "Selle", "Garde-boue", "Porte-bagages", "Remorque"]


def ouvrir(chemin):
    connexion = sqlite3.connect(chemin)
    connexion.row_factory = sqlite3.Row
    return connexion


def remplir(chemin, combien=300):
    with closing(ouvrir(chemin)) as base, base:
        base.executescript(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        if not base.execute("SELECT count(*) FROM annonce").fetchone()[0]:
            lignes = [(1 + n % 40, f"{VELOS[n % len(VELOS)]} n° {n}", 500 + 10 * n) for n in range(combien)]
            base.executemany("INSERT INTO annonce (carte, titre, prix) VALUES (?, ?, ?)", lignes)


def creer_app(chemin):
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "entrainement"
    remplir(chemin)

    @app.get("/")
    def liste():
        with closing(ouvrir(chemin)) as base:
            annonces = base.execute("SELECT * FROM annonce ORDER BY id DESC").fetchall()
        return render_template("liste.html", annonces=annonces, carte=session.get("carte"))

    @app.post("/entrer")
    def entrer():
        session["carte"] = int(request.form["carte"])
        return redirect(url_for("liste"), 303)

    @app.post("/annonces")
    def deposer():
        valeurs = [session["carte"], request.form["titre"], int(float(request.form["prix"]) * 100)]
        with closing(ouvrir(chemin)) as base, base:
            base.execute("INSERT INTO annonce (carte, titre, prix) VALUES (?, ?, ?)", valeurs)
        return redirect(url_for("liste"), 303)

    @app.post("/annonces/<int:numero>/effacer")
    def effacer(numero):
        with closing(ouvrir(chemin)) as base, base:
            base.execute("DELETE FROM annonce WHERE id = ?", [numero])
        return redirect(url_for("liste"), 303)

    return app


if __name__ == "__main__":
    creer_app("annonces.db").run(port=8000)
