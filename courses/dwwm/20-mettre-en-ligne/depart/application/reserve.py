"""La Réserve : la liste des objets à prêter. Tout ce qui change d'un poste à l'autre vient de l'environnement."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from flask import Flask, jsonify, render_template_string

PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>La Réserve</title>
</head>
<body>
<h1>La Réserve</h1>
<p>{{ objets | length }} objets à emprunter.</p>
<ul>
{% for objet in objets %}<li>{{ objet["nom"] }} ({{ objet["rayon"] }})</li>
{% endfor %}</ul>
</body>
</html>
"""


def ouvrir(chemin):
    connexion = sqlite3.connect(chemin)
    connexion.row_factory = sqlite3.Row
    connexion.execute("PRAGMA foreign_keys = ON")
    return connexion


def preparer(chemin):
    """Crée la base une seule fois, même si deux processus démarrent ensemble. Celle qui est là n'est pas touchée."""
    if Path(chemin).exists():
        return
    schema = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    provisoire = f"{chemin}.{os.getpid()}"
    with closing(ouvrir(provisoire)) as connexion:
        connexion.executescript(schema)
    with suppress(FileExistsError):
        os.link(provisoire, chemin)  # elle apparaît d'un coup, et un seul processus y arrive
    os.unlink(provisoire)


def creer_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["RESERVE_SECRET"]
    chemin = os.environ["RESERVE_BASE"]
    preparer(chemin)

    @app.get("/")
    def accueil():
        with closing(ouvrir(chemin)) as connexion:
            objets = connexion.execute("SELECT nom, rayon FROM objet ORDER BY nom").fetchall()
        return render_template_string(PAGE, objets=objets)

    @app.get("/sante")
    def sante():
        """Dit si l'application répond et si elle lit sa base."""
        with closing(ouvrir(chemin)) as connexion:
            objets = connexion.execute("SELECT count(*) FROM objet").fetchone()[0]
        return jsonify(etat="bon", objets=objets)

    return app
