"""La commande du jour, avec une base. La page des produits marche déjà."""

from pathlib import Path

import commandes
from flask import Flask, g, render_template

CHEMIN = Path(__file__).parent / "fournil.db"


def creer(chemin=CHEMIN):
    app = Flask(__name__)

    def base():
        """Ouvre la base une fois par demande."""
        if "base" not in g:
            g.base = commandes.ouvrir(chemin)
        return g.base

    @app.teardown_appcontext
    def fermer(_erreur):
        if "base" in g:
            g.pop("base").close()

    @app.get("/")
    def accueil():
        return render_template("accueil.html", produits=commandes.produits(base()))

    # À vous : commander, recu, jour. Les gabarits de P14 vous servent de modèle.
    return app


if __name__ == "__main__":
    creer().run(host="127.0.0.1", port=5000)
